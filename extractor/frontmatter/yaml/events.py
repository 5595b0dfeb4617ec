"""YAML to JSON values, event by event: the one door to PyYAML.

Loading YAML is where a page can do harm: PyYAML's loader recurses in C (about
30,000 nested brackets end the process), lets 420 bytes of merge keys work for 16 s,
hands out sets, bytes and recursive lists, and keeps the last of two equal keys in
silence. Here the parser's events are read one by one, so that depth and size are
known before anything is built, and each value is made a JSON value at once.

Plain scalars are read as the core schema of YAML 1.2 (10.3) has it, but never at
the cost of what is written:

- ``null``, ``~`` and nothing are null; ``true`` and ``false`` (also ``True``,
  ``TRUE``) are booleans. ``yes``, ``no``, ``on``, ``off`` are text: Norway is a country.
- ``12``, ``-1.5``, ``.5``, ``1.5e3``, ``0x1F``, ``0o17`` are numbers. ``01234``,
  ``+4930123``, ``1_000``, ``1e3``, ``12:30`` and ``1.`` stay text: they are post codes,
  telephone numbers, hashes and times, and a number would not give them back.
- Dates and times are text: ``2024-01-05``; a date with a time of day is brought into
  the form of ISO 8601. An impossible one stays as it is written.

Keys are text. ``<<`` merges mappings as YAML 1.1 has it: own keys win, then the
first of several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple, cast

import yaml
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
    MAX_DEPTH,
    MAX_SIZE,
    NODE_SIZE,
    TextRange,
    Unreadable,
    ValueProblem,
    parse_float,
    parse_integer,
)
from extractor.pointers import make_pointer

_TAG = "tag:yaml.org,2002:"
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+|0o[0-7]+")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]|[ \t]+)"
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]*))?)?"
    r"(?:[ \t]*(?:([Zz])|([-+])([01]?[0-9]|2[0-3])(?::?([0-5][0-9]))?))?"
)
_MAX_SLOW = 65_536  # Code points; PyYAML's own parser takes 5 µs for each.
_MAX_COLONS = 100  # Each is one more reading, up to the next.
_LONE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_OTHER_BREAKS = "\x85\u2028\u2029"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BARE = r"""(?:[^\s"'#\[\]{}>|*&!%@`,?:-]|[?:-]\S)"""  # What a plain scalar may begin with.
_BARE_ENTRY = re.compile(rf"(?>{_BARE}[^\n]*?:[ \t]+)(?={_BARE})")
_COMMENT = re.compile(r"[ \t]#")
_COLON = re.compile(r":(?:[ \t]|$)")


def read_yaml(text: str) -> tuple[Any, list[ValueProblem]]:
    """Read one YAML document.

    A top-level line that YAML refuses for an unquoted colon is read as the string
    it was meant to be, with a problem ``unquoted-colon``.

    Raises:
        Unreadable: If it is invalid or unsafe.
    """
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        reason = f"YAML does not allow the character U+{ord(forbidden[0]):04X}"
        raise Unreadable("invalid-front-matter", reason, text.count("\n", 0, forbidden.start()))
    try:
        return _read(text)
    except _ColonFound as error:
        return _read_colons(text, error)


def find_places(text: str) -> dict[tuple[str | int, ...], TextRange]:
    """Find where each value of a YAML document stands that `read_yaml` has read.

    Returns:
        The places by the keys and positions from the top; empty if it takes `read_yaml`'s
        leniency to read it.
    """
    text = text.translate({ord(other): shield for other, shield in _choose_shields(text).items()})
    try:
        root = yaml.compose(text, Loader=_choose_loader(text))
    except (yaml.YAMLError, Unreadable):
        return {}
    return dict(_iter_places(root, (), set()))


def _iter_places(
    node: yaml.Node | None, path: tuple[str | int, ...], seen: set[int]
) -> Iterator[tuple[tuple[str | int, ...], TextRange]]:
    """Yield the place of a value and of those in it; what an alias repeats is not opened again."""
    if path and node is not None:
        start, end = node.start_mark, node.end_mark
        yield path, TextRange(start.line, start.column, end.line, end.column)
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield from _iter_places(value, (*path, key.value), seen)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _iter_places(value, (*path, number), seen)


class _ColonFound(Unreadable):
    """YAML met a second colon and a space on a line."""


def _read(text: str) -> tuple[Any, list[ValueProblem]]:
    reader = _Reader(text)
    try:
        return reader.read(), reader.problems
    except yaml.MarkedYAMLError as error:
        raise _explain(error, text) from None


def _explain(error: yaml.MarkedYAMLError, text: str) -> Unreadable:
    """Say what is wrong; if that is at the end of the text, where the unclosed thing begins."""
    mark = error.problem_mark or error.context_mark
    last = text.rstrip().count("\n")
    if mark and mark.line > last and error.context_mark:
        mark = error.context_mark
    problem = error.problem or error.context or "it can't be parsed"
    kind = _ColonFound if problem.startswith("mapping values are not allowed") else Unreadable
    reason = f"it is not valid YAML: {problem}"
    return kind("invalid-front-matter", reason, min(mark.line, last) if mark else None)


def _read_colons(text: str, error: _ColonFound) -> tuple[Any, list[ValueProblem]]:
    """Read a text again and again, each time with the value quoted that YAML stopped at.

    What is inside a longer string or a list is never touched this way, because YAML
    does not stop there.
    """
    lines = text.split("\n")
    found: list[ValueProblem] = []
    while len(found) < _MAX_COLONS and error.line is not None:
        line = lines[error.line]
        colon = _find_colon(line)
        if colon is None:
            break
        key, start, end = colon
        before, after = line[start:end], _write_quoted(line[start:end])
        place = TextRange(error.line, start, error.line, end)
        found.append(
            ValueProblem("unquoted-colon", None, make_pointer([key]), place, before, after)
        )
        lines[error.line] = line[:start] + after + line[end:]
        try:
            values, problems = _read("\n".join(lines))
        except _ColonFound as another:
            error = another
        else:
            return values, found + problems
    raise error


def _find_colon(line: str) -> tuple[str, int, int] | None:
    """Find the key and the columns of a bare value with a colon in it."""
    entry = _BARE_ENTRY.match(line)
    if entry is None:
        return None
    start = entry.end()
    comment = _COMMENT.search(line, start)
    value = line[start : comment.start() if comment else None].rstrip(" \t")
    if not _COLON.search(value):
        return None
    key = entry[0].rstrip(" \t").removesuffix(":").rstrip(" \t")
    return key, start, start + len(value)


def _write_quoted(value: str) -> str:
    r"""Write a string as YAML would have it: in single quotes if it holds none.

    >>> _write_quoted("Stove: care"), _write_quoted("it's: x")
    ("'Stove: care'", '"it\'s: x"')
    """
    if "'" in value and '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"


_Start = ScalarEvent | CollectionStartEvent


class _Anchor(NamedTuple):
    """A value that aliases may repeat, and what each repetition costs."""

    value: Any
    size: int
    height: int


class _Reader:
    """Builds JSON values from events, within the limits.

    Attributes:
        problems: What was odd, in the order of the text.
    """

    def __init__(self, text: str) -> None:
        """Prepare to read `text`."""
        self.problems: list[ValueProblem] = []
        shields = _choose_shields(text)
        self._restore = {ord(shield): other for other, shield in shields.items()}
        text = text.translate({ord(other): shield for other, shield in shields.items()})
        self._events: Iterator[Any] = yaml.parse(text, Loader=_choose_loader(text))
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

    def _value(self, event: AliasEvent | _Start) -> Any:
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

    def _build(self, event: _Start) -> Any:
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

    def _key(self, event: AliasEvent | _Start) -> str:
        """Read a key as text: as it is written, but null, true and false as JSON has them."""
        if isinstance(event, ScalarEvent) and event.anchor is None and event.tag is None:
            self._grow(len(event.value) + NODE_SIZE, event)
            text = self._text(event.value, event)
            word = _WORDS.get(text, text) if event.implicit[0] else text
        else:
            word = self._value(event)
        if isinstance(word, dict | list):
            reason = "a key is itself a list or mapping; quote values that begin with { or ["
            raise Unreadable("invalid-front-matter", reason, _place(event).line)
        return _KEY_WORDS[word] if word is None or word is True or word is False else str(word)

    def _merge(self, value: Any, merged: dict[str, Any], event: NodeEvent) -> bool:
        """Merge what stands behind ``<<``; False if it can't be merged."""
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            self._odd(event, "A `<<` without a mapping behind it was read as an ordinary key.")
            return False
        for source in sources:
            for key, item in source.items():
                merged.setdefault(key, item)
        return True

    def _scalar(self, event: ScalarEvent) -> Any:
        text = self._text(event.value, event)
        tag = event.tag
        if tag is None:
            return self._plain(text, event) if event.implicit[0] else text
        kind = tag.removeprefix(_TAG)
        if kind in ("str", "!"):
            return text
        if kind == "binary":
            self._odd(event, "Binary data was read as the Base64 text that it is written in.")
            return "".join(text.split())
        return self._typed(tag, text, event)

    def _plain(self, text: str, event: ScalarEvent) -> Any:
        if text in _WORDS:
            return _WORDS[text]
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
        if text.isascii() or not _LONE.search(text):
            return text
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        if _LONE.search(text):
            self._odd(event, "Half of a surrogate pair was read as U+FFFD.")
        return _LONE.sub("\ufffd", text)

    def _odd(self, event: NodeEvent, message: str) -> None:
        self._note("odd-value", event, message)

    def _note(self, rule: str, event: NodeEvent, message: str | None) -> None:
        self.problems.append(ValueProblem(rule, message, make_pointer(self._path), _place(event)))


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


def resolve_number(text: str) -> int | float | str | None:
    """Read a plain scalar that begins like a number or a date.

    Returns:
        The number; the text itself, or its ISO 8601 form, if it is none; None if
        it is a number for which JSON has no room: infinite, or beyond 64 bits.

    >>> resolve_number("12"), resolve_number("01234"), resolve_number("2024-01-05 9:30:00 Z")
    (12, '01234', '2024-01-05T09:30:00Z')
    """
    if _INTEGER.fullmatch(text):
        return parse_integer(text)
    if _FLOAT.fullmatch(text):
        return parse_float(text)
    if _NOT_FINITE.fullmatch(text):
        return None
    date_time = _DATE_TIME.fullmatch(text)
    return _write_iso(date_time) if date_time else text


def _write_iso(match: re.Match[str]) -> str:
    """Write a date and time as ISO 8601, or as it stands if there is no such time."""
    year, month, day, hour, minute, second, fraction, utc, sign, ahead, rest = match.groups()
    try:
        datetime(  # noqa: DTZ001 - only asked whether it exists
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0)
        )
    except ValueError:
        return match[0]
    zone = "Z" if utc else f"{sign}{ahead:0>2}:{rest or '00'}" if sign else ""
    seconds = f":{second}" if second else ""
    seconds += f".{fraction}" if fraction else ""
    return f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute}{seconds}{zone}"


def _choose_loader(text: str) -> Any:
    r"""Take libyaml's parser, 16 times as fast, where it will do.

    It refuses surrogates in escapes (``"\ud83d\ude00"``, JSON's way of writing an
    emoji), which the parser in Python lets through.

    Raises:
        Unreadable: If the slow parser would have too much to do.
    """
    escape = _SURROGATE_ESCAPE.search(text)
    if escape is None:
        return getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if len(text) > _MAX_SLOW:
        reason = f"it is longer than {_MAX_SLOW} characters and has surrogates as escapes"
        raise Unreadable("unsafe-front-matter", reason, text.count("\n", 0, escape.start()))
    return yaml.SafeLoader


def _choose_shields(text: str) -> dict[str, str]:
    """Choose unused characters to stand for NEL, LS and PS while YAML is parsed.

    YAML 1.1 ends lines there; YAML 1.2 (5.4), Markdown and editors do not.
    """
    if not any(mark in text for mark in _OTHER_BREAKS):
        return {}
    seen = set(text)
    private = chain(range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE))
    free = (chr(code) for code in private if chr(code) not in seen)
    return dict(zip(_OTHER_BREAKS, free, strict=False))
