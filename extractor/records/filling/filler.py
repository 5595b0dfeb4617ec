"""A record filled from a document, field by field, with the place of every value."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from extractor.model import Paragraph, Span
from extractor.pointers import extend_pointer
from extractor.records.filling.coercion import coerce, coerce_text
from extractor.records.filling.objects import (
    ObjectDraft,
    RawValues,
    iter_entries,
    iter_labelled,
    read_content,
)
from extractor.records.filling.passages import (
    find_passages,
    iter_table_blocks,
    join_text,
    read_heading,
    take_passages,
)
from extractor.records.filling.places import PageLines
from extractor.records.filling.scopes import PageIndex, Passage, Scope, scope_entry
from extractor.records.schema.annotations import ExtractRule
from extractor.records.schema.fields import TAKE_SHAPES, UNSET, Field, fold_name
from extractor.records.schema.patterns import Match

Hit = tuple[Match, Span | None]
_NOTHING: RawValues = {}


class Search(NamedTuple):
    """An attempt to find a value, kept to explain why there is none.

    Attributes:
        rule: What was looked for.
        scope: Where it was looked for.
        found: The sections that were picked; None if there were none.
    """

    rule: ExtractRule
    scope: Scope
    found: Scope | None


class Filler:
    """Fills the fields of one record.

    Attributes:
        sources: Where each value stands, by its JSON pointer.
        holders: Where the objects and lists of the front matter stand, by their JSON
            pointer: an error in one names its line.
        searches: What was tried for each field with rules, by its JSON pointer; None if
            it is not to be kept.
    """

    def __init__(
        self, page: PageIndex, lines: PageLines | None, *, keep_searches: bool = False
    ) -> None:
        """Start with nothing filled.

        Args:
            page: The page.
            lines: The page's file, for the places of front matter values.
            keep_searches: Whether missing values are going to be explained.
        """
        self._page = page
        self._lines = lines
        self.sources: dict[str, Span] = {}
        self.holders: dict[str, Span] = {}
        self.searches: dict[str, list[Search]] | None = {} if keep_searches else None

    def fill_record(self, root: Field) -> dict[str, Any]:
        """Fill the record itself, from the whole page."""
        record, _ = self._build_object(root, self._page.whole, "", _NOTHING)
        return record

    # --- fields ---------------------------------------------------------------------------

    def _build_object(
        self, owner: Field, scope: Scope, pointer: str, given: RawValues
    ) -> tuple[dict[str, Any], bool]:
        """Fill the properties of an object.

        Returns:
            The object, and whether anything in it was found on the page.
        """
        values: dict[str, Any] = {}
        found = False
        for name, field in owner.fields.items():
            place = pointer + field.token
            value = UNSET
            if field.is_filled:
                value = self._fill_field(field, scope, place, required=name in owner.required)
            if value is UNSET and name in given:
                value = self._place(given[name], field, place)
            if value is not UNSET:
                found = True
            elif field.default is not UNSET:
                value = copy.deepcopy(field.default)
            if value is not UNSET:
                values[name] = value
        return values, found

    def _fill_field(self, field: Field, scope: Scope, place: str, *, required: bool) -> Any:
        """Try the field's rules in turn; without any, fill what is in it."""
        if not field.rules:
            if field.kind != "object":
                return UNSET
            value, found = self._build_object(field, scope, place, _NOTHING)
            return value if found or required else UNSET
        best: Any = UNSET
        for rule in field.rules:
            value = self._apply(rule, field, scope, place)
            if value is not UNSET and value != []:
                return value
            best = best if value is UNSET else value
        return best

    def _apply(self, rule: ExtractRule, field: Field, scope: Scope, place: str) -> Any:
        found: Scope | None = None
        if not rule.metadata and not rule.document:
            found = scope.narrow(rule)
        if self.searches is not None:
            self.searches.setdefault(place, []).append(Search(rule, scope, found))
        if rule.metadata:
            return self._take_metadata(rule, rule.metadata, field, scope, place)
        if rule.document:
            return self._take_document(rule, field, scope, place)
        if found is None or rule.take is None:
            return UNSET
        if rule.match:
            passages = find_passages(rule.take, found, rule.match_number)
            return self._match(rule, field, passages, found, place)
        if field.shape not in TAKE_SHAPES[rule.take]:
            return UNSET
        match field.kind:
            case "scalar":
                return self._take_scalar(rule.take, field, found, place)
            case "list":
                return self._take_list(rule.take, field, found, place)
        return self._take_object(rule.take, field, found, place)

    def _place(self, given: tuple[Any, Span | None], field: Field, place: str) -> Any:
        """Coerce a raw value and note where it stands."""
        raw, span = given
        value = coerce_text(raw, field) if isinstance(raw, str) else coerce(raw, field)
        if value is not UNSET and span is not None:
            self._note(place, value, span)
        return value

    def _note(self, place: str, value: Any, span: Span) -> None:
        """Note the span of a value, or of every part of it."""
        if isinstance(value, dict):
            for key, part in value.items():
                self._note(extend_pointer(place, key), part, span)
        elif isinstance(value, list):
            for number, part in enumerate(value):
                self.sources[extend_pointer(place, number)] = span
                self._note(extend_pointer(place, number), part, span)
        else:
            self.sources[place] = span

    # --- front matter and the document itself -----------------------------------------------

    def _take_metadata(
        self, rule: ExtractRule, path: tuple[str, ...], field: Field, scope: Scope, place: str
    ) -> Any:
        raw, keys = _look_up(self._page.document.metadata, path)
        if raw is UNSET:
            return UNSET
        if rule.match:
            texts = raw if isinstance(raw, list) else [raw]
            passages = [Passage(str(t), self._find_key(keys)) for t in texts if t is not None]
            return self._match(rule, field, passages, scope, place)
        value = coerce(raw, field)
        if value is not UNSET and self._lines is not None:
            self._note_metadata(place, value, raw, keys)
        return value

    def _find_key(self, keys: tuple[str | int, ...]) -> Span | None:
        return self._lines.find_metadata(keys) if self._lines else None

    def _note_metadata(self, place: str, value: Any, raw: Any, keys: tuple[str | int, ...]) -> None:
        span = self._find_key(keys)
        if span is None:
            return
        if isinstance(value, dict | list):
            self.holders[place] = span
        if isinstance(value, dict) and isinstance(raw, dict):
            for key, part in value.items():
                self._note_metadata(extend_pointer(place, key), part, raw.get(key), (*keys, key))
        elif isinstance(value, list) and isinstance(raw, list):
            for number, part in enumerate(value):
                if inner := self._find_key((*keys, number)):
                    self.sources[extend_pointer(place, number)] = inner
                self._note_metadata(
                    extend_pointer(place, number), part, raw[number], (*keys, number)
                )
        else:
            self._note(place, value, span)

    def _take_document(self, rule: ExtractRule, field: Field, scope: Scope, place: str) -> Any:
        document = self._page.document
        if rule.document == "path":
            passage = Passage(document.source.path, None)
        elif document.title is not None:
            passage = Passage(document.title, self._find_title(document.title))
        else:
            return UNSET
        if rule.match:
            return self._match(rule, field, [passage], scope, place)
        return self._place(passage, field, place)

    def _find_title(self, title: str) -> Span | None:
        if "title" in self._page.document.metadata:
            return self._find_key(("title",))
        for number, section in enumerate(self._page.sections):
            if section.level == 1 and section.heading == title:
                return read_heading(self._page, number).span
        return None

    # --- matches ----------------------------------------------------------------------------

    def _match(
        self, rule: ExtractRule, field: Field, passages: Iterable[Passage], scope: Scope, place: str
    ) -> Any:
        """Search texts: the first match fills a value or an object, every match a list."""
        hits = _iter_hits(rule, passages)
        if field.shape == "list of object":
            return self._build_entries(field, place, (self._open_hit(hit) for hit in hits))
        if field.kind == "object":
            given = next((_read_groups(hit) for hit in hits), _NOTHING)
            value, found = self._build_object(field, scope, place, given)
            return value if found else UNSET
        values = ((text, span) for match, span in hits if (text := match.read_value()) is not None)
        if field.kind == "list":
            return self._place_entries(values, field, place)
        first = next(values, None)
        return UNSET if first is None else self._place(first, field, place)

    def _open_hit(self, hit: Hit) -> ObjectDraft:
        match, span = hit
        text = Paragraph(match.read(0) or "", [], [], span)
        return ObjectDraft(_read_groups(hit), scope_entry(self._page, [text]), span)

    # --- scalars and lists ------------------------------------------------------------------

    def _take_scalar(self, take: str, field: Field, scope: Scope, place: str) -> Any:
        if take == "text":
            passage = join_text(scope)
        else:
            passage = next(iter(take_passages(take, scope)), None)
        return UNSET if passage is None else self._place(passage, field, place)

    def _take_list(self, take: str, field: Field, scope: Scope, place: str) -> Any:
        if field.shape == "list of object":
            return self._build_entries(
                field, place, iter_entries(take, field.entry or field, scope)
            )
        if field.shape == "list of list":
            return self._take_rows(field, scope, place)
        passages: list[tuple[Any, Span | None]] = list(take_passages(take, scope))
        if take == "first":
            # The one take with a single text: its commas part the entries.
            passages = [(part, span) for text, span in passages for part in coerce(text, field)]
        return self._place_entries(passages, field, place)

    def _take_rows(self, field: Field, scope: Scope, place: str) -> Any:
        rows: list[tuple[Any, Span | None]] = []
        for table in iter_table_blocks(scope):
            rows += zip(table.rows, self._page.cover_rows(table), strict=True)
        return self._place_entries(rows, field, place)

    def _place_entries(
        self, entries: Iterable[tuple[Any, Span | None]], field: Field, place: str
    ) -> list[Any]:
        values: list[Any] = []
        for raw, span in entries:
            here = extend_pointer(place, len(values))
            value = self._place((raw, span), field.entry, here) if field.entry else raw
            if span is not None:
                self.sources[here] = span
            values.append(value)
        return values

    def _build_entries(self, field: Field, place: str, entries: Iterable[ObjectDraft]) -> list[Any]:
        values: list[Any] = []
        for given, scope, span in entries:
            here = extend_pointer(place, len(values))
            if span is not None:
                self.sources[here] = span
            owner, inner = field.entry or field, scope or self._page.whole
            values.append(self._build_object(owner, inner, here, given)[0])
        return values

    # --- lists of objects, and objects --------------------------------------------------------

    def _take_object(self, take: str, field: Field, scope: Scope, place: str) -> Any:
        """Fill an object from entries and rows whose label is a property's name."""
        names = {name: key for key, part in field.fields.items() for name in part.names}
        given: dict[str, tuple[Any, Span | None]] = {}
        for label, content, span in iter_labelled(take, scope):
            key = names.get(fold_name(label))
            if key is not None and key not in given:
                given[key] = read_content(content, field.fields[key], scope), span
        value, found = self._build_object(field, scope, place, given)
        return value if found else UNSET


def _iter_hits(rule: ExtractRule, passages: Iterable[Passage]) -> Iterator[Hit]:
    if rule.match is not None:
        for text, span in passages:
            for match in rule.match.iter_matches(text):
                yield match, span


def _read_groups(hit: Hit) -> RawValues:
    match, span = hit
    return {name: (text, span) for name, text in match.read_groups().items()}


def _look_up(metadata: Any, path: tuple[str, ...]) -> tuple[Any, tuple[str | int, ...]]:
    """Return a front matter value with its path, positions in lists as numbers; or UNSET."""
    whole = ".".join(path)
    if whole in metadata:
        return metadata[whole], (whole,)  # a key may itself have dots
    value = metadata
    keys: list[str | int] = []
    for part in path:
        key: str | int = part
        if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            key = int(part)
            value = value[key]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return UNSET, ()
        keys.append(key)
    return value, tuple(keys)
