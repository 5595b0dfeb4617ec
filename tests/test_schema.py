"""The document schema: its print, its strictness, its places, its two validators."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from extractor.model import (
    Block,
    Code,
    Definitions,
    Diagnostic,
    Document,
    Figure,
    Footnote,
    Html,
    Image,
    Item,
    Link,
    List,
    Paragraph,
    Quote,
    Rule,
    Section,
    SourceInfo,
    Span,
    Table,
)
from extractor.schema.document import check_document, document_schema
from extractor.schema.validation import Validator

PRINTED = Path(__file__).parent.parent / "schemas" / "document.schema.json"
HERE = Span(3, 4, 10, 20)


def build_document() -> Document:
    """Return a document with every type of block, and each optional part once."""
    item = Item(
        "term", "(1)", "text", True, [Link("a", "b", None)], [Image("a", "b", "c")], [], HERE
    )
    blocks: list[Block] = [
        Paragraph("text", [Link("a", "b", "c")], [Image("a", "b", None)], HERE),
        Definitions("lead", [item], HERE),
        List(True, 3, None, [Item(None, None, "text", None, [], [], [Rule()])], HERE),
        Table(None, ["a"], ["left"], [["b"]], HERE),
        Quote("note", [Quote(None, [Code(None, "x", HERE)])], Span(7, 9, 30, 50)),
        Figure("a", "b", None, HERE),
        Html("<p>", HERE),
        Footnote("1", [Rule(HERE)], HERE),
    ]
    return Document(
        schema="document/1",
        source=SourceInfo("a/b.md", "0" * 64, 50, 9, "utf-8"),
        metadata={"any": [{"thing": None, "ratio": float("inf")}]},
        title=None,
        sections=[Section("preamble", None, 0, None, [], "definitions", blocks, HERE)],
        diagnostics=[Diagnostic("EX203", "r", "note", "m", HERE, None, None, "after")],
    )


def as_json(document: Document) -> Any:
    return msgspec.to_builtins(document)


def find_schemas(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every part of the schema that says something of its own to a reader."""
    for part in (schema, *schema["$defs"].values()):
        yield part
        for name, inner in part["properties"].items():
            if part["title"] != "Block":
                yield {"name": name, **inner}


def test_print_is_the_schema_of_the_types() -> None:
    printed = json.dumps(document_schema(), indent=2, ensure_ascii=False) + "\n"
    assert PRINTED.read_text(encoding="utf-8") == printed


def test_schema_is_a_schema_with_words_for_its_readers() -> None:
    schema = document_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"]
    for part in find_schemas(schema):
        assert part["title"]
        assert part["description"].endswith("."), part


def test_schema_keeps_away_from_what_validators_read_differently() -> None:
    text = json.dumps(document_schema())
    for shunned in ('"format"', "\\d", '$"', '"oneOf"', '"anyOf"'):
        assert shunned not in text.replace('"$', "")


def test_schema_handed_out_is_a_copy() -> None:
    document_schema()["properties"].clear()
    assert document_schema()["properties"]


def test_every_block_is_valid() -> None:
    assert check_document(build_document()) == []


def test_span_may_be_left_out_of_the_tree_but_is_never_null() -> None:
    value = as_json(build_document())
    validator = Validator(document_schema())
    del value["sections"][0]["span"]
    del value["sections"][0]["blocks"][0]["span"]
    del value["sections"][0]["blocks"][1]["items"][0]["span"]
    assert validator.is_valid(value)
    value["sections"][0]["span"] = None
    assert [(v.path, v.keyword) for v in validator.explain(value)] == [
        (("sections", 0, "span"), "type")
    ]


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        (("sections", 0, "blocks", 0, "type"), "para", [("type", "enum")]),
        (("sections", 0, "blocks", 0, "txt"), "x", [("txt", "additionalProperties")]),
        (("sections", 0, "blocks", 0), None, [(0, "type")]),
        (("sections", 0, "blocks", 2, "items", 0, "blocks", 0), {}, [("type", "required")]),
        (("sections", 0, "blocks", 4, "blocks", 0, "blocks", 0, "text"), 1, [("text", "type")]),
        (("sections", 0, "blocks", 3, "rows", 0, 0), 1, [(0, "type")]),
        (("sections", 0, "blocks", 3, "align", 0), "middle", [(0, "enum")]),
        (("diagnostics", 0, "code"), "EX2034", [("code", "maxLength")]),
        (("diagnostics", 0, "span"), "x", [("span", "type")]),
        (("source", "bytes"), -1, [("bytes", "minimum")]),
        (("schema",), "document/2", [("schema", "const")]),
        (("diagnostics", 0, "code"), "\ud800", [("code", "pattern")]),
    ],
)
def test_an_error_names_its_exact_place(
    place: tuple[str | int, ...], value: Any, expected: list[tuple[str | int, str]]
) -> None:
    document = as_json(build_document())
    parent = document
    for part in place[:-1]:
        parent = parent[part]
    parent[place[-1]] = value
    violations = Validator(document_schema()).explain(document)
    assert [(v.path[-1], v.keyword) for v in violations] == expected
    for violation in violations:
        assert violation.path[: len(place) - 1] == place[:-1]


def test_errors_are_sorted_and_carry_the_nearest_line() -> None:
    document = build_document()
    quote = Quote("zap", [List(True, None, None, ["x"])], Span(7, 9, 30, 50))  # type: ignore[arg-type,list-item]
    broken = [*document.sections[0].blocks, *[Rule()] * 3, quote]
    section = msgspec.structs.replace(document.sections[0], blocks=broken, level=9)
    errors = check_document(msgspec.structs.replace(document, sections=[section]))
    assert [(error.pointer, error.line) for error in errors] == [
        ("/sections/0/blocks/11/alert", 7),
        ("/sections/0/blocks/11/blocks/0/items/0", 7),
        ("/sections/0/level", 3),
    ]


def test_nesting_far_deeper_than_the_parser_allows_is_checked() -> None:
    deep: Quote | Paragraph = Paragraph(3, [], [])  # type: ignore[arg-type]
    for _ in range(50):
        deep = Quote(None, [deep])
    section = msgspec.structs.replace(build_document().sections[0], blocks=[deep])
    errors = check_document(msgspec.structs.replace(build_document(), sections=[section]))
    assert [error.pointer for error in errors] == ["/sections/0" + "/blocks/0" * 51 + "/text"]


def list_places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in pairs:
            yield from list_places(part, (*path, key))


PLACES = [place for place in list_places(as_json(build_document())) if place]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-2, 7)
    | st.just(1.0)
    | st.just(2.5)
    | (st.sampled_from(["", "x", "note", "list", "rule", "EX203", "EX203\n", "EX٢٠٣", "0" * 64]))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["type", "text", "span", "line", "a"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def mutate(document: Any, place: tuple[str | int, ...], action: str, value: Any) -> None:
    """Change `document` at `place`, where an earlier change left it standing."""
    parent = document
    try:
        for part in place[:-1]:
            parent = parent[part]
        change(parent, place[-1], action, value)
    except (KeyError, IndexError, TypeError):
        return


def change(parent: Any, key: str | int, action: str, value: Any) -> None:
    match action:
        case "replace":
            parent[key] = value
        case "remove":
            del parent[key]
        case "add" if isinstance(parent, dict):
            parent["extra"] = value
        case "add":
            parent.append(value)


MUTATIONS = st.lists(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(["replace", "remove", "add"]), VALUES),
    min_size=1,
    max_size=2,
)
EXPLAINING = Draft202012Validator(document_schema())
DECIDING = jsonschema_rs.Draft202012Validator(document_schema())


@settings(deadline=None)
@given(MUTATIONS)
def test_both_validators_give_the_same_verdict(mutations: list[Any]) -> None:
    document = as_json(build_document())
    for place, action, value in mutations:
        mutate(document, place, action, value)
    assert EXPLAINING.is_valid(document) == DECIDING.is_valid(document)
    violations = Validator(document_schema()).explain(document)
    assert bool(violations) != DECIDING.is_valid(document)
    assert {violation.path for violation in violations} >= {
        tuple(error.absolute_path)
        for error in EXPLAINING.iter_errors(document)
        if error.validator not in ("required", "additionalProperties")
    }
