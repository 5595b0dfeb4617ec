"""The one door to the JSON Schema validators.

jsonschema-rs gives the verdict: 0.03 ms where jsonschema takes 59 ms (a page
of 150 nodes, ten block types). jsonschema explains what the verdict was about,
and is imported only then. Where the two read the specification differently,
in `pattern` and `format`, the explaining one asks the deciding one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from msgspec import Struct

from extractor.pointers import render_pointer
from extractor.wording import inflect

if TYPE_CHECKING:
    import jsonschema_rs

DIALECT = "https://json-schema.org/draft/2020-12/schema"
"""The only dialect of JSON Schema spoken here."""

PATTERN_BACKTRACKS = 100_000
"""Steps a `pattern` with look-around or back references may take on one value
(about 5 ms); a value that needs more does not match. Other patterns are linear."""

MAX_ALTERNATIVES = 20_000
"""Times that alternatives (`anyOf`, `oneOf`) are looked into to explain what is wrong with one
value, half a millisecond each; one that needs more is explained in the words of jsonschema-rs."""

JsonPath = tuple[str | int, ...]
"""Keys and positions from the root of a value down to a part of it."""

Failure = Any
"""A ValidationError of jsonschema, whose attributes are all typed as perhaps unset."""


class SchemaError(Struct, frozen=True):
    """What is wrong with a value, and where.

    Attributes:
        pointer: JSON pointer (RFC 6901) into the value; "" is the whole of it.
        message: What was expected and what was found.
        line: Line in the page it came from, 1-based; None where there is none.
    """

    pointer: str
    message: str
    line: int | None


class Violation(NamedTuple):
    """A broken rule of a schema.

    Attributes:
        path: Where in the value; for a missing property, where it would stand.
        keyword: The keyword of the schema that was broken.
        message: What was expected and what was found.
    """

    path: JsonPath
    keyword: str
    message: str


class Validator:
    """A compiled schema of JSON Schema 2020-12.

    The schema must stand on its own: every `$ref` in it is a fragment.
    `format` and `pattern` are checked as jsonschema-rs reads them.
    """

    def __init__(self, schema: dict[str, Any]) -> None:
        """Compile nothing yet: the first value does."""
        self._schema = schema

    @cached_property
    def _compiled(self) -> jsonschema_rs.Draft202012Validator:
        return _compile(self._schema)

    def is_valid(self, value: Any) -> bool:
        """Tell whether `value`, made of plain JSON types, fits the schema."""
        return _fits(self._compiled, value)

    def find_flaw(self) -> tuple[str, str] | None:
        """Compile the schema; give the place and the reason if it can't be, else None."""
        try:
            self._compiled  # noqa: B018 - compiled on first use
        except ValueError as error:
            place = render_pointer(getattr(error, "instance_path", ()))
            return place, str(getattr(error, "message", error))
        return None

    def explain(self, value: Any) -> list[Violation]:
        """List everything that is wrong with `value`, sorted by place."""
        if self.is_valid(value):
            return []
        try:
            found = {
                violation
                for error in _iter_errors(self._schema, value)
                for violation in _describe_error(error)
            }
        except _TooManyAlternativesError:
            found = set()
        return sorted(found or self._explain_bare(value), key=_violation_order)

    def _explain_bare(self, value: Any) -> set[Violation]:
        """Ask the deciding validator, should the explaining one find nothing."""
        surrogates = set(_find_surrogates(value, ()))
        return surrogates or {
            Violation(tuple(error.instance_path), error.kind.name, error.message)
            for error in self._compiled.iter_errors(value)
        }


def check_schema(schema: Any) -> list[Violation]:
    """List what keeps `schema` from being JSON Schema 2020-12, sorted by place."""
    from jsonschema import Draft202012Validator

    return Validator(dict(Draft202012Validator.META_SCHEMA)).explain(schema)


def describe(value: Any) -> str:
    """Name a JSON value in a message, shortened.

    >>> describe("three"), describe([1, 2]), describe(None)
    ('"three"', 'a list of 2', 'null')
    """
    match value:
        case dict():
            return "an object"
        case list():
            return f"a list of {len(value)}"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:56]}…{text[-1]}"


def _compile(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(
        schema,
        validate_formats=True,
        pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=PATTERN_BACKTRACKS),
        retriever=_refuse,
    )


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is not fetched: a schema must stand on its own")


def _find_surrogates(value: Any, path: JsonPath) -> Iterator[Violation]:
    """Find the strings that are no Unicode text (RFC 8259, 8.2)."""
    match value:
        case str() if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            yield Violation(path, "type", "expected Unicode text, found a lone surrogate")
        case dict():
            for key, part in value.items():
                yield from _find_surrogates(part, (*path, key))
        case list():
            for number, part in enumerate(value):
                yield from _find_surrogates(part, (*path, number))


def _fits(compiled: jsonschema_rs.Draft202012Validator, value: Any) -> bool:
    try:
        return compiled.is_valid(value)
    except UnicodeEncodeError:
        return False  # a lone surrogate


@cache
def _probe(keyword: str, argument: str) -> Callable[[Any], bool]:
    """Compile a schema of one keyword, to ask the deciding validator about it."""
    return partial(_fits, _compile({keyword: argument}))


class _TooManyAlternativesError(Exception):
    """Ends an explanation that would take too long."""


_looks: ContextVar[int] = ContextVar("looks", default=0)  # into alternatives, so far


def _iter_errors(schema: dict[str, Any], value: Any) -> Iterator[Failure]:
    # Unlike the default, this registry never fetches anything.
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

    checker = _explaining_class()(schema, registry=REGISTRY)
    _looks.set(0)
    yield from checker.iter_errors(value)


def _count_looks(check: Callable[..., Any]) -> Callable[..., Iterator[Failure]]:
    """Let a keyword's check end the explanation when there were too many of its kind."""

    def count(*arguments: Any) -> Iterator[Failure]:
        _looks.set(_looks.get() + 1)
        if _looks.get() > MAX_ALTERNATIVES:
            raise _TooManyAlternativesError
        yield from check(*arguments) or ()

    return count


@cache
def _explaining_class() -> Any:
    from jsonschema import Draft202012Validator, ValidationError, validators

    def check_string(keyword: str) -> Callable[..., Iterator[Failure]]:
        def check(_: Any, argument: str, value: Any, __: Any) -> Iterator[Failure]:
            if isinstance(value, str) and not _probe(keyword, argument)(value):
                yield ValidationError(f"{value!r} does not fit {argument!r}")

        return check

    def check_pattern_properties(
        validator: Any, patterns: Mapping[str, Any], value: Any, _: Any
    ) -> Iterator[Failure]:
        if not isinstance(value, dict):
            return
        for pattern, subschema in patterns.items():
            for key, part in value.items():
                if _probe("pattern", pattern)(key):
                    yield from validator.descend(part, subschema, path=key, schema_path=pattern)

    own = {
        "anyOf": _count_looks(Draft202012Validator.VALIDATORS["anyOf"]),
        "oneOf": _count_looks(Draft202012Validator.VALIDATORS["oneOf"]),
        "format": check_string("format"),
        "pattern": check_string("pattern"),
        "patternProperties": check_pattern_properties,
    }
    return validators.extend(Draft202012Validator, own)  # type: ignore[no-untyped-call]


def _violation_order(violation: Violation) -> tuple[Any, ...]:
    """Sort positions as numbers, keys as text, and what is outside first."""
    place = tuple(
        (0, part, "") if isinstance(part, int) else (1, 0, part) for part in violation.path
    )
    return place, violation.keyword, violation.message


def _describe_error(error: Failure) -> Iterator[Violation]:
    """Turn an error of jsonschema into violations, with a place of its own each."""
    path, keyword = tuple(error.absolute_path), str(error.validator)
    if keyword == "required":
        # One error a name, but the name stands only in its message.
        missing = [name for name in error.validator_value if name not in error.instance]
        yield from (
            Violation((*path, name), keyword, "expected a value, found none") for name in missing
        )
        return
    if keyword == "additionalProperties" and error.validator_value is False:
        known = error.schema.get("properties", {})
        patterns = error.schema.get("patternProperties", {})
        yield from (
            Violation((*path, name), keyword, "unexpected property")
            for name in error.instance
            if name not in known and not any(_probe("pattern", p)(name) for p in patterns)
        )
        return
    message = _MESSAGES.get(keyword, _describe_other)(error)
    yield Violation(path, keyword, message)


def _describe_other(error: Failure) -> str:
    message = error.message
    return message if len(message) <= 200 else f"{message[:199]}…"


_TYPE_NAMES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
}

_FORMAT_NAMES = {
    "date": "a date (YYYY-MM-DD)",
    "date-time": "a date with time (YYYY-MM-DDThh:mm:ssZ)",
    "time": "a time (hh:mm:ssZ)",
    "email": "an e-mail address",
    "uri": "an absolute URL",
    "uri-reference": "a URL",
    "uuid": "a UUID",
}


def _describe_type(error: Failure) -> str:
    declared = error.validator_value
    names = [declared] if isinstance(declared, str) else declared
    return _expected(_join_words([_TYPE_NAMES.get(name, name) for name in names]), error)


def _describe_enum(error: Failure) -> str:
    return _expected(_join_words([describe(value) for value in error.validator_value]), error)


def _describe_format(error: Failure) -> str:
    name = error.validator_value
    return _expected(_FORMAT_NAMES.get(name, f"the format {name}"), error)


def _describe_length(few: str, unit: str) -> Callable[[Failure], str]:
    def describe_length(error: Failure) -> str:
        limit, found = error.validator_value, len(error.instance)
        return f"expected {few} {limit} {inflect(limit, unit)}, found {found or 'none'}"

    return describe_length


def _describe_limit(words: str) -> Callable[[Failure], str]:
    return lambda error: _expected(f"{words} {describe(error.validator_value)}", error)


def _describe_alternatives(error: Failure) -> str:
    """Say what the first failed alternative at the deepest place wanted."""
    deepest = max(error.context or [], key=lambda inner: len(inner.path), default=None)
    if deepest is None:
        return _expected("exactly one of the alternatives to fit", error)
    inner = next(_describe_error(deepest))
    place = render_pointer(inner.path[len(error.absolute_path) :])
    return f"fits none of the alternatives: {place + ': ' if place else ''}{inner.message}"


def _expected(what: str, error: Failure) -> str:
    return f"expected {what}, found {describe(error.instance)}"


def _join_words(words: Sequence[str]) -> str:
    *first, last = words or ["nothing"]
    return f"{', '.join(first)} or {last}" if first else last


_MESSAGES: dict[str, Callable[[Failure], str]] = {
    "type": _describe_type,
    "enum": _describe_enum,
    "const": _describe_limit("the value"),
    "format": _describe_format,
    "pattern": lambda error: _expected(f"text that matches /{error.validator_value}/", error),
    "minItems": _describe_length("at least", "item"),
    "maxItems": _describe_length("at most", "item"),
    "minLength": _describe_length("at least", "character"),
    "maxLength": _describe_length("at most", "character"),
    "minProperties": _describe_length("at least", "property"),
    "maxProperties": _describe_length("at most", "property"),
    "minimum": _describe_limit("at least"),
    "maximum": _describe_limit("at most"),
    "exclusiveMinimum": _describe_limit("more than"),
    "exclusiveMaximum": _describe_limit("less than"),
    "multipleOf": _describe_limit("a multiple of"),
    "uniqueItems": lambda _: "expected items that differ, found the same twice",
    "anyOf": _describe_alternatives,
    "oneOf": _describe_alternatives,
}
