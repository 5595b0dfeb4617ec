"""The reader of a YAML document: JSON values from the parser's events, within the limits."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from yaml.error import Mark
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from extractor.frontmatter.values import (
    LONE_SURROGATE,
    MAX_DEPTH,
    MAX_SIZE,
    NODE_SIZE,
    TextRange,
    Unreadable,
    ValueProblem,
)
from extractor.frontmatter.yaml.comments import find_hidden, has_comments
from extractor.frontmatter.yaml.parsers import choose_shields, parse_events
from extractor.frontmatter.yaml.scalars import WORDS, resolve_number
from extractor.pointers import render_pointer

_TAG = "tag:yaml.org,2002:"
Start = ScalarEvent | CollectionStartEvent
"""What a value that is no alias begins with."""


class _Anchor(NamedTuple):
    """A value that aliases may repeat, and what each repetition costs."""

    value: Any
    size: int
    height: int


class EventReader:
    """Builds JSON values from events, within the limits.

    Attributes:
        problems: What was odd, in the order of the text.
    """

    def __init__(self, text: str) -> None:
        """Prepare to read `text`."""
        self.problems: list[ValueProblem] = []
        shields = choose_shields(text)
        self._restore = {ord(shield): other for other, shield in shields.items()}
        text = text.translate({ord(other): shield for other, shield in shields.items()})
        self._source = text
        self._has_comments = has_comments(text)
        self._events = parse_events(text)
        self._anchors: dict[str, _Anchor | None] = {}
        self._path: list[str] = []
        self._depth = self._peak = self._size = 0

    def read(self) -> Any:
        """Read the one document.

        Raises:
            Unreadable: If it is unsafe, or more than YAML.
            yaml.MarkedYAMLError: If it is not YAML.
        """
        next(self._events)
        if isinstance(next(self._events), StreamEndEvent):
            return None
        value = self._value(next(self._events))
        next(self._events)
        event = next(self._events)
        if isinstance(event, DocumentStartEvent):
            reason = "a second YAML document begins in it"
            raise Unreadable("invalid-front-matter", reason, _place(event).line)
        return value

    def _value(self, event: AliasEvent | Start) -> Any:
        """Build a value from its first event on."""
        if isinstance(event, AliasEvent):
            return self._alias(event)
        anchor = event.anchor
        if anchor is None:
            return self._build(event)
        self._anchors[anchor] = None
        size, peak, self._peak = self._size, self._peak, self._depth
        value = self._build(event)
        self._anchors[anchor] = _Anchor(value, self._size - size, self._peak - self._depth)
        self._peak = max(peak, self._peak)
        return value

    def _build(self, event: Start) -> Any:
        if isinstance(event, ScalarEvent):
            self._grow(len(event.value) + NODE_SIZE, event)
            return self._scalar(event)
        self._grow(NODE_SIZE, event)
        self._descend(1, event)
        value = self._mapping() if isinstance(event, MappingStartEvent) else self._sequence()
        self._depth -= 1
        return self._tagged(event, event.tag, value) if event.tag else value

    def _alias(self, event: AliasEvent) -> Any:
        if event.anchor not in self._anchors:
            reason = f"it is not valid YAML: there is no anchor &{event.anchor}"
            raise Unreadable("invalid-front-matter", reason, _place(event).line)
        anchor = self._anchors[event.anchor]
        if anchor is None:
            self._odd(event, "An alias to the value that it stands in was read as null.")
            return None
        self._grow(anchor.size + NODE_SIZE, event)
        self._descend(anchor.height, event)
        self._depth -= anchor.height
        return anchor.value

    def _grow(self, size: int, event: NodeEvent) -> None:
        self._size += size
        if self._size > MAX_SIZE:
            reason = "it holds too much, its aliases written out"
            raise Unreadable("unsafe-front-matter", reason, _place(event).line)

    def _descend(self, levels: int, event: NodeEvent) -> None:
        self._depth += levels
        self._peak = max(self._peak, self._depth)
        if self._depth > MAX_DEPTH:
            reason = f"it is nested more than {MAX_DEPTH} levels deep"
            raise Unreadable("unsafe-front-matter", reason, _place(event).line)

    def _sequence(self) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            self._path.append(str(len(values)))
            values.append(self._value(event))
            self._path.pop()
        return values

    def _mapping(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._key(event)
            self._path.append(key)
            value = self._value(next(self._events))
            if not (_is_merge(event) and self._merge(value, merged, event)):
                if key in values:
                    self._note("duplicate-key", event, None)
                values[key] = value
            self._path.pop()
        return {**merged, **values} if merged else values

    def _key(self, event: AliasEvent | Start) -> str:
        """Read a key as text: as it is written, but null, true and false as JSON has them."""
        if isinstance(event, ScalarEvent) and event.anchor is None and event.tag is None:
            self._grow(len(event.value) + NODE_SIZE, event)
            text = self._text(event.value, event)
            word = WORDS.get(text, text) if event.implicit[0] else text
        else:
            word = self._value(event)
        if isinstance(word, dict | list):
            reason = "a key is itself a list or mapping; quote values that begin with { or ["
            raise Unreadable("invalid-front-matter", reason, _place(event).line)
        return _KEY_WORDS[word] if word is None or word is True or word is False else str(word)

    def _merge(self, value: Any, merged: dict[str, Any], event: NodeEvent) -> bool:
        """Merge what stands after ``<<``; False if it can't be merged."""
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            self._odd(event, "A `<<` without a mapping after it was read as an ordinary key.")
            return False
        for source in sources:
            for key, item in source.items():
                merged.setdefault(key, item)
        return True

    def _scalar(self, event: ScalarEvent) -> Any:
        text = self._text(event.value, event)
        tag = event.tag
        if tag is None:
            return self._bare(text, event) if event.implicit[0] else text
        kind = tag.removeprefix(_TAG)
        if kind in ("str", "!"):
            return text
        if kind == "binary":
            self._odd(event, "Binary data was read as the Base64 text that it is written in.")
            return "".join(text.split())
        return self._typed(tag, text, event)

    def _bare(self, text: str, event: ScalarEvent) -> Any:
        """Read a scalar without quotes or a tag."""
        value = self._plain(text, event)
        if self._has_comments and (not text or isinstance(value, str)):
            self._note_hidden(text, cast(Mark, event.end_mark))
        return value

    def _note_hidden(self, value: str, mark: Mark) -> None:
        found = find_hidden(self._source, mark.index, value)
        if found is not None:
            start, end = mark.column + found[0], mark.column + found[1]
            place = TextRange(mark.line, start, mark.line, end)
            pointer = render_pointer(self._path)
            self.problems.append(ValueProblem("hidden-by-comment", None, pointer, place))

    def _plain(self, text: str, event: ScalarEvent) -> Any:
        if text in WORDS:
            return WORDS[text]
        if text[0] not in "-+.0123456789":
            return text
        value = resolve_number(text)
        if value is None:
            self._odd(event, "A number that JSON has no room for was read as a string.")
            return text
        return value

    def _typed(self, tag: str, text: str, event: ScalarEvent) -> Any:
        """Read a scalar whose tag names its type."""
        kind = tag.removeprefix(_TAG)
        value = self._plain(text, event)
        if kind == "float" and type(value) is int:
            return float(value)
        expected = _TYPES.get(kind)
        if expected is None or not isinstance(value, expected):
            self._odd(event, f"A value of type `{_name(tag)}` was read as a string.")
            return text
        return value

    def _tagged(self, event: NodeEvent, tag: str, value: Any) -> Any:
        """Give a list or mapping the JSON form of its tag."""
        kind = tag.removeprefix(_TAG)
        if kind == "set" and isinstance(value, dict):
            self._odd(event, "A set was read as a list.")
            return list(value)
        if kind not in ("!", "map", "seq", "omap", "pairs"):
            self._odd(event, f"The type `{_name(tag)}` was left out of account.")
        return value

    def _text(self, text: str, event: NodeEvent) -> str:
        if self._restore:
            text = text.translate(self._restore)
        if text.isascii() or not LONE_SURROGATE.search(text):
            return text
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        if LONE_SURROGATE.search(text):
            self._odd(event, "Half of a surrogate pair was read as U+FFFD.")
        return LONE_SURROGATE.sub("\ufffd", text)

    def _odd(self, event: NodeEvent, message: str) -> None:
        self._note("odd-value", event, message)

    def _note(self, rule: str, event: NodeEvent, message: str | None) -> None:
        self.problems.append(ValueProblem(rule, message, render_pointer(self._path), _place(event)))


_KEY_WORDS = {None: "null", True: "true", False: "false"}
_TYPES: dict[str, type] = {
    "int": int,
    "float": float,
    "bool": bool,
    "null": type(None),
    "timestamp": str,
}


def _place(event: Event) -> TextRange:
    start, end = cast(Mark, event.start_mark), cast(Mark, event.end_mark)
    return TextRange(start.line, start.column, end.line, end.column)


def _name(tag: str) -> str:
    """Write a tag as it is written in a page."""
    return tag.replace(_TAG, "!!")


def _is_merge(event: NodeEvent) -> bool:
    if not isinstance(event, ScalarEvent) or event.value != "<<":
        return False
    return event.tag == _TAG + "merge" or (event.tag is None and event.implicit[0])
