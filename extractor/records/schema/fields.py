"""A record schema compiled into fields: what each property is, and where it is found.

A property may be described in several places at once: by itself, behind `$ref`,
in `allOf`, in the one branch of `anyOf` or `oneOf` that is not null. The first
to say something wins, and properties are gathered from all of them. So a file
of one's own can annotate the schema of someone else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from functools import lru_cache
from typing import Any, Literal

from extractor.pointers import parse_pointer, render_pointer
from extractor.records.schema.annotations import KEYWORD, AnnotationReader, ExtractRule
from extractor.records.schema.patterns import PatternSet
from extractor.records.schema.problems import SchemaProblem
from extractor.records.schema.references import Bundle, Location, Schema, look_up

FieldKind = Literal["scalar", "list", "object"]
Shape = Literal["scalar", "object", "list of scalar", "list of list", "list of object"]
Layers = Sequence[tuple[Location, Schema]]

UNSET: Any = object()
"""No value at all, where None is a value."""

SECTIONS = "sections"
"""What a list of objects takes by default when its properties say where they stand."""

NAMES = "names"
"""What an object takes by default: entries and rows whose label is a property's name."""

TAKE_SHAPES: dict[str, frozenset[Shape]] = {
    "items": frozenset({"scalar", "list of scalar", "list of object"}),
    "definitions": frozenset({"list of scalar", "list of object", "object"}),
    "text": frozenset({"scalar", "list of scalar"}),
    "first": frozenset({"scalar", "list of scalar"}),
    "lead": frozenset({"scalar", "list of scalar"}),
    "quotes": frozenset({"scalar", "list of scalar"}),
    "callouts": frozenset({"scalar", "list of scalar"}),
    "table": frozenset({"list of object", "list of list", "object"}),
    "links": frozenset({"scalar", "list of scalar", "list of object"}),
    "code": frozenset({"scalar", "list of scalar", "list of object"}),
    "heading": frozenset({"scalar", "list of scalar", "list of object"}),
    SECTIONS: frozenset({"list of object"}),
    NAMES: frozenset({"object"}),
}
"""What each take gives without `match`; with it, every take gives texts to search."""

LINK_NAMES = ("text", "url", "title")
"""Properties of an object made from a link."""

CODE_NAMES = ("text", "code", "language")
"""Properties of an object made from a code block."""

ITEM_NAMES = ("term", "marker", "checked", "links", "images")
"""Properties of an object made from an entry, besides the one for its text."""

MAX_LEVELS = 64
"""Fields within one another."""

MAX_LAYERS = 200_000
"""Schemas looked at for all fields together; the same one counts for each field anew."""

MAX_FIELDS = 5_000
"""Fields of a schema at most. Definitions that refer to one another multiply."""


@dataclass(slots=True)
class Field:
    """A place in the record.

    Attributes:
        location: Where in the schema it is described first.
        token: Its step in a JSON pointer, `/name`.
        kind: Whether it is one value, a list, or an object.
        shape: The kind; of a list also its entries' kind.
        types: JSON Schema types it may have; none means any.
        format: Format of a string.
        names: How a column or label may call it, without case and punctuation.
        rules: Where its value is found, to be tried in turn.
        annotations: Where in the schema these were annotated.
        fields: Properties of an object.
        required: Those of them that must be there.
        entry: What a list is made of.
        text_name: The property that an entry's text fills.
        default: Value if nothing is found, or UNSET.
        is_filled: Whether the page is asked for it, or for something in it.
    """

    location: Location
    token: str
    kind: FieldKind
    shape: Shape
    types: tuple[str, ...]
    format: str | None = None
    names: frozenset[str] = frozenset()
    rules: tuple[ExtractRule, ...] = ()
    annotations: tuple[Location, ...] = ()
    fields: dict[str, Field] = dataclass_field(default_factory=dict)
    required: frozenset[str] = frozenset()
    entry: Field | None = None
    text_name: str | None = None
    default: Any = UNSET
    is_filled: bool = False


@dataclass(frozen=True, slots=True)
class CompiledSchema:
    """The fields of a record schema.

    Attributes:
        root: The record itself.
        headings: Every regex for headings.
        texts: Every regex for texts.
        problems: What keeps the schema from being used.
    """

    root: Field
    headings: PatternSet
    texts: PatternSet
    problems: list[SchemaProblem]


def compile_schema(bundle: Bundle) -> CompiledSchema:
    """Compile a schema; problems are returned, not raised."""
    compiler = _Compiler(bundle)
    root = compiler.compile_root()
    reader = compiler.reader
    problems = [*bundle.problems, *reader.problems, *compiler.problems]
    return CompiledSchema(root, reader.headings, reader.texts, problems)


@lru_cache(maxsize=4096)  # columns and labels are the same on most pages
def fold_name(name: str) -> str:
    """Write a name without case, spaces and punctuation, in any script.

    >>> fold_name("Serving size (g)") == fold_name("serving_size_g")
    True
    """
    return "".join(letter for letter in name.casefold() if letter.isalnum())


class _Compiler:
    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._count = 0
        self._level = 0
        self._layers = 0
        self._is_too_deep = False
        self.reader = AnnotationReader()
        self.problems: list[SchemaProblem] = []

    def compile_root(self) -> Field:
        root = self._compile([()], "", frozenset())
        if root.kind != "object":
            self.problems.append(SchemaProblem("", "a record schema describes an object"))
        if self._count > MAX_FIELDS:
            self.problems.append(SchemaProblem("", f"describes more than {MAX_FIELDS} values"))
        if self._layers > MAX_LAYERS:
            message = f"takes more than {MAX_LAYERS:,} steps to read"
            self.problems.append(SchemaProblem("", message))
        if self._is_too_deep:
            message = f"describes more than {MAX_LEVELS} levels of values"
            self.problems.append(SchemaProblem("", message))
        _settle_takes(root)
        return root

    def _compile(self, places: Sequence[Location], name: str, above: frozenset[Location]) -> Field:
        """Compile what is described at several places into one field.

        Args:
            places: Where it is described.
            name: The property's name; a list's entries have the list's.
            above: The places of all fields around it.
        """
        self._count += 1
        layers = list(self._iter_layers(places, set()))
        here = frozenset(location for location, _ in layers)
        types = _find_types(layers)
        if not layers or here & above or self._is_exhausted():
            # A schema that contains itself is filled once, not for ever.
            return _make_field(places[0], name, types, {}, None)
        around = above | here
        self._level += 1
        fields = {
            key: self._compile(found, key, around)
            for key, found in _gather_properties(layers).items()
        }
        entries = [(*place, "items") for place, layer in layers if "items" in layer]
        entry = self._compile(entries, name, around) if entries else None
        self._level -= 1
        field = _make_field(layers[0][0], name, types, fields, entry)
        self._fill_in(field, name, layers)
        return field

    def _is_exhausted(self) -> bool:
        self._is_too_deep |= self._level >= MAX_LEVELS
        return self._is_too_deep or self._count > MAX_FIELDS or self._layers > MAX_LAYERS

    def _fill_in(self, field: Field, name: str, layers: Layers) -> None:
        """Add what is said about the field besides its type and parts."""
        field.format = _find_first(layers, "format", None)
        field.names = frozenset({fold_name(name), fold_name(_find_first(layers, "title", ""))})
        field.names -= {""}
        field.required = frozenset(key for _, layer in layers for key in layer.get("required", ()))
        field.annotations = tuple(place for place, layer in layers if KEYWORD in layer)
        field.rules = self._read_rules(layers)
        if field.entry is not None:
            _move_up(field, field.entry)
        parts = field.fields.values()
        field.is_filled = bool(field.annotations) or any(part.is_filled for part in parts)
        # A constant that is looked for nowhere can only be itself.
        constant = UNSET if field.is_filled else _find_first(layers, "const", UNSET)
        field.default = _find_first(layers, "default", constant)
        field.text_name = _find_text_name(field.fields)

    def _read_rules(self, layers: Layers) -> tuple[ExtractRule, ...]:
        for place, layer in layers:
            if KEYWORD in layer:
                pointer = self._bundle.locate((*place, KEYWORD))
                return self.reader.read_rules(layer[KEYWORD], pointer)
        return ()

    def _iter_layers(
        self, places: Iterable[Location], seen: set[Location]
    ) -> Iterator[tuple[Location, Schema]]:
        """Yield every schema that describes the same value, the nearest first."""
        for place in places:
            schema = look_up(self._bundle.schema, place)
            if place in seen or not isinstance(schema, dict):
                continue
            seen.add(place)
            self._layers += 1
            yield place, schema
            if isinstance(reference := schema.get("$ref"), str):
                target = tuple(parse_pointer(reference.removeprefix("#")))
                yield from self._iter_layers([target], seen)
            parts = range(len(schema.get("allOf", ())))
            yield from self._iter_layers([(*place, "allOf", str(n)) for n in parts], seen)
            yield from self._iter_layers(_find_only_branch(place, schema), seen)


def _make_field(
    location: Location,
    name: str,
    types: tuple[str, ...],
    fields: dict[str, Field],
    entry: Field | None,
) -> Field:
    kind: FieldKind = "scalar"
    shape: Shape = "scalar"
    if "array" in types or (not types and entry):
        kind, shape = "list", "list of scalar"
        if entry is not None:
            shape = _LIST_SHAPES[entry.kind]
    elif "object" in types or (not types and fields):
        kind = shape = "object"
    token = render_pointer((name,))
    return Field(location, token, kind, shape, types, fields=fields, entry=entry)


_LIST_SHAPES: dict[FieldKind, Shape] = {
    "scalar": "list of scalar",
    "list": "list of list",
    "object": "list of object",
}


def _move_up(field: Field, entry: Field) -> None:
    """Let an annotation on a list's entries count for the list, if that has none itself."""
    if not field.annotations:
        field.rules, field.annotations = entry.rules, entry.annotations
    entry.rules, entry.annotations = (), ()
    entry.is_filled = any(part.is_filled for part in entry.fields.values())


def _settle_takes(field: Field) -> None:
    """Choose what each rule takes where it doesn't say, now that all types are known."""
    field.rules = tuple(replace(rule, take=_choose_take(rule, field)) for rule in field.rules)
    for part in field.fields.values():
        _settle_takes(part)
    if field.entry is not None:
        _settle_takes(field.entry)


def _choose_take(rule: ExtractRule, field: Field) -> str | None:
    if rule.take or rule.metadata or rule.document:
        return rule.take
    if rule.match:
        return "text"
    if field.shape == "list of object" and field.entry:
        return _choose_object_take(field.entry)
    return _DEFAULT_TAKES[field.shape]


_DEFAULT_TAKES: dict[Shape, str] = {
    "scalar": "text",
    "object": NAMES,
    "list of scalar": "items",
    "list of list": "table",
}


def _choose_object_take(entry: Field) -> str:
    if "term" in entry.fields and not entry.fields["term"].rules:
        return "definitions"
    return SECTIONS if entry.is_filled else "table"


def _find_only_branch(place: Location, schema: Schema) -> Iterator[Location]:
    """Yield the branch of anyOf and oneOf that is not null, if there is just one."""
    for keyword in ("anyOf", "oneOf"):
        branches = [
            (*place, keyword, str(number))
            for number, branch in enumerate(schema.get(keyword, ()))
            if branch != {"type": "null"}
        ]
        if len(branches) == 1:
            yield branches[0]


def _find_first(layers: Layers, keyword: str, otherwise: Any) -> Any:
    return next((layer[keyword] for _, layer in layers if keyword in layer), otherwise)


def _gather_properties(layers: Layers) -> dict[str, list[Location]]:
    found: dict[str, list[Location]] = {}
    for place, layer in layers:
        for name in layer.get("properties", ()):
            found.setdefault(name, []).append((*place, "properties", name))
    return found


def _find_text_name(fields: dict[str, Field]) -> str | None:
    """Choose the property for an entry's text: by name, else the first without a source."""
    for name in ("description", "text"):
        if name in fields and not fields[name].is_filled:
            return name
    free = (
        name
        for name, field in fields.items()
        if name not in ITEM_NAMES and not field.is_filled and field.default is UNSET
    )
    return next(free, None)


_VALUE_TYPES = {
    bool: "boolean", int: "integer", float: "number", str: "string", list: "array",
    dict: "object", type(None): "null",
}  # fmt: skip


def _find_types(layers: Layers) -> tuple[str, ...]:
    """Return the types a value may have, those of `anyOf` and `oneOf` included."""
    declared = _find_first(layers, "type", ())
    types = [declared] if isinstance(declared, str) else [*declared]
    branches = [b for _, layer in layers for k in ("anyOf", "oneOf") for b in layer.get(k, ())]
    if not types:
        types = [_VALUE_TYPES[type(value)] for value in _find_values(layers)]
    if not types:
        inner = [b.get("type") for b in branches if isinstance(b, dict)]
        types = [name for name in inner if isinstance(name, str)]
    elif {"type": "null"} in branches:
        types.append("null")
    return tuple(dict.fromkeys(types))


def _find_values(layers: Layers) -> list[Any]:
    """Return the values that `enum` or `const` allow."""
    constant = _find_first(layers, "const", UNSET)
    values: list[Any] = _find_first(layers, "enum", [])
    return [constant] if constant is not UNSET else values
