"""Records: what each annotation takes, how it is coerced, where it stands, what is wrong."""

from __future__ import annotations

import html
import json
import pickle
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator
from pytest_regressions.file_regression import FileRegressionFixture
from strategies import Page, pages

from extractor.cli.schema import command
from extractor.model import PageRejected, Span
from extractor.pipeline import extract
from extractor.records.record import (
    Record,
    RecordSchema,
    RecordSchemaError,
    lint_schema,
    render_error,
)
from extractor.records.schema.patterns import MAX_SET_PROGRAM, PatternSet
from extractor.schema.document import document_schema
from extractor.spans import without_spans

ROOT = Path(__file__).parent.parent
SCHEMAS = sorted(path for path in (ROOT / "schemas").glob("*.json") if "document" not in path.name)
SHARED_PAGE = ROOT.parent / "shared" / "pages" / "ipl-photorejuvenation.md"

STRING = {"type": "string"}
STRINGS = {"type": "array", "items": STRING}


def make_schema(properties: dict[str, Any], **more: Any) -> RecordSchema:
    return RecordSchema.load({"type": "object", "properties": properties, **more})


def fill(page: str, properties: dict[str, Any], **more: Any) -> Record:
    data = page.encode()
    return make_schema(properties, **more).fill(extract(data, "p.md"), data)


def take(page: str, schema: dict[str, Any], **annotation: Any) -> Any:
    """Fill a single property; None if there is nothing to fill it with."""
    record = fill(page, {"x": {**schema, "x-extract": annotation}})
    return record.record.get("x")


def objects(*names: str, **schemas: Any) -> dict[str, Any]:
    """Describe a list of objects."""
    properties = {**{name: {} for name in names}, **schemas}
    return {"type": "array", "items": {"type": "object", "properties": properties}}


def slice_page(data: bytes | str, span: Span) -> str:
    raw = data.encode() if isinstance(data, str) else data
    return raw[span.start : span.end].decode()


def render(record: Record) -> list[str]:
    return [render_error(record.path, error) for error in record.errors]


# --- front matter and the document --------------------------------------------------------

FRONT = """---
title: Mill
tags: grain, water,  wheels
count: "12"
author: {name: Ann, towns: [Ely, Ripon]}
when: 2024-05-01T10:00:00
empty:
---
# The mill

Text.
"""


@pytest.mark.parametrize(
    ("path", "schema", "value"),
    [
        ("title", STRING, "Mill"),
        ("author.name", STRING, "Ann"),
        ("author.towns", STRINGS, ["Ely", "Ripon"]),
        ("author.towns.1", STRING, "Ripon"),
        ("tags", STRINGS, ["grain", "water", "wheels"]),
        ("title", STRINGS, ["Mill"]),
        ("count", {"type": "integer"}, 12),
        ("when", {"type": "string", "format": "date"}, "2024-05-01"),
        ("author", {"type": "object"}, {"name": "Ann", "towns": ["Ely", "Ripon"]}),
        ("author", {}, {"name": "Ann", "towns": ["Ely", "Ripon"]}),
        ("author.zip", STRING, None),
        ("author.towns.2", STRING, None),
        ("empty", STRING, None),
        ("missing.deep", STRING, None),
    ],
)
def test_front_matter(path: str, schema: dict[str, Any], value: Any) -> None:
    assert take(FRONT, schema, metadata=path) == value


def test_a_key_with_dots_is_found_as_written() -> None:
    assert take("---\nog.title: T\nog: {title: U}\n---\n", STRING, metadata="og.title") == "T"


def test_null_in_front_matter_is_null_where_null_may_be() -> None:
    record = fill(FRONT, {"x": {"type": ["string", "null"], "x-extract": {"metadata": "empty"}}})
    assert record.record == {"x": None}


def test_front_matter_may_be_searched() -> None:
    assert take(FRONT, {"type": "integer"}, metadata="when", match="^(\\d+)-") == 2024
    assert take(FRONT, STRINGS, metadata="author.towns", match="^.") == ["E", "R"]


def test_document_title_and_path() -> None:
    assert take(FRONT, STRING, document="title") == "Mill"
    assert take("# The mill\n", STRING, document="title") == "The mill"
    assert take("Text.\n", STRING, document="title") is None
    assert take(FRONT, STRING, document="path") == "p.md"
    assert take(FRONT, STRING, document="path", match="\\.(.*)$") == "md"


# --- sections -----------------------------------------------------------------------------

NESTED = """# Page

- top

## Side effects

- one

### Rare

- two

## Other side effects

- three

## Опис

1. чотири
"""


@pytest.mark.parametrize(
    ("annotation", "items"),
    [
        ({"section": "side effects"}, ["one", "two", "three"]),
        ({"section": "^SIDE EFFECTS$"}, ["one", "two"]),
        ({"section": "rare"}, ["two"]),
        ({"section": ["rare", "^other"]}, ["two", "three"]),
        ({"section": ["rare", "side effects"]}, ["one", "two", "three"]),
        ({"section": "опис"}, ["чотири"]),
        ({"section": "page"}, ["top", "one", "two", "three", "чотири"]),
        ({"type": "steps"}, ["чотири"]),
        ({"type": ["steps", "list"], "section": "e"}, ["top", "one", "two", "three", "чотири"]),
        ({"type": "steps", "section": "side"}, None),
        ({"type": "list", "section": "^side"}, ["one", "two"]),
        ({"type": "steps", "section": "page"}, ["чотири"]),
        ({"section": "nowhere"}, None),
        ({"take": "items"}, ["top", "one", "two", "three", "чотири"]),
    ],
)
def test_sections_are_picked_by_heading_and_type(
    annotation: dict[str, Any], items: list[str] | None
) -> None:
    assert take(NESTED, STRINGS, **annotation) == items


def test_headings_are_compared_as_composed_letters() -> None:
    decomposed = "# Cafe\u0301\n\n- x\n"
    assert take(decomposed, STRINGS, section="café") == ["x"]
    assert take("# Café\n\n- x\n", STRINGS, section="cafe\u0301") == ["x"]


# --- takes --------------------------------------------------------------------------------

RICH = """# Loom

First *paragraph*
of two lines.

Second with [a link](l.md "T").

## Parts

What you need:

- **Frame:** of oak

  It must be dry.
- reed
  - steel
  - brass
- [x] shuttle

> Wise words.
>
> - quoted item

| Name | Size (cm) |
| ---- | --------- |
| beam | 120       |
| heddle |         |

```sh
make loom
```

[^n]: A note.

See[^n] <https://e.x/>.
"""


@pytest.mark.parametrize(
    ("name", "schema", "value"),
    [
        (
            "items",
            STRINGS,
            ["Frame: of oak\nIt must be dry.", "reed\nsteel\nbrass", "shuttle", "quoted item"],
        ),
        ("items", STRING, "Frame: of oak\nIt must be dry."),
        ("definitions", STRINGS, ["Frame: of oak\nIt must be dry."]),
        ("first", STRING, "See ."),
        ("lead", STRING, "What you need"),
        ("lead", STRINGS, ["What you need"]),
        ("quotes", STRING, "Wise words.\nquoted item"),
        ("quotes", STRINGS, ["Wise words.\nquoted item"]),
        ("code", STRING, "make loom"),
        ("code", STRINGS, ["make loom"]),
        ("heading", STRING, "Parts"),
        ("heading", STRINGS, ["Parts"]),
        ("table", {"type": "array", "items": STRINGS}, [["beam", "120"], ["heddle", ""]]),
        ("links", STRING, "https://e.x/"),
        ("links", STRINGS, ["https://e.x/"]),
    ],
)
def test_takes(name: str, schema: dict[str, Any], value: Any) -> None:
    page = RICH.replace("See[^n] <https://e.x/>.", "See[^n] [.](https://e.x/)")
    assert take(page, schema, section="parts", take=name) == value


def test_text_is_everything_to_read_block_by_block() -> None:
    text = take(RICH, STRING, section="parts", take="text")
    assert text.split("\n\n") == [
        "What you need:\nFrame: of oak\nIt must be dry.\nreed\nsteel\nbrass\nshuttle",
        "Wise words.\nquoted item",
        "Name\tSize (cm)\nbeam\t120\nheddle\t",
        "make loom",
        "See https://e.x/.",
    ]


def test_text_of_a_list_is_a_text_for_each_paragraph_entry_and_row() -> None:
    page = "# A\n\none\n\ntwo\n\n- three\n\n## B\n\n| c |\n| - |\n| d |\n"
    assert take(page, STRINGS, section="a", take="text") == [
        "one", "two", "three", "B", "c", "d",
    ]  # fmt: skip
    assert take(page, STRING, section="a") == "one\n\ntwo\n\nthree\n\nB\n\nc\nd"


def test_first_is_the_first_paragraph_and_a_list_of_it_is_parted_by_commas() -> None:
    assert take(RICH, STRING, take="first") == "First paragraph of two lines."
    assert take("# Tags\n\n- x\n\na, b,c\n", STRINGS, section="tags", take="first") == [
        "a", "b", "c",
    ]  # fmt: skip


def test_each_section_has_a_heading_to_take() -> None:
    assert take(RICH, STRINGS, take="heading") == ["Loom", "Parts"]
    assert take(RICH, STRINGS, section="loom", take="heading") == ["Loom"]


@pytest.mark.parametrize(
    ("annotation", "schema", "value"),
    [
        (
            {"section": "parts"},
            objects("term", "description"),
            [{"term": "Frame", "description": "of oak\nIt must be dry."}],
        ),
        (
            {"section": "parts"},
            objects("effect", "term"),
            [{"effect": "of oak\nIt must be dry.", "term": "Frame"}],
        ),
        (
            {"take": "items"},
            objects("term", "text", checked={"type": "boolean"}),
            [
                {"term": "Frame", "text": "of oak\nIt must be dry."},
                {"text": "reed\nsteel\nbrass"},
                {"text": "shuttle", "checked": True},
                {"text": "quoted item"},
            ],
        ),
        (
            {"section": "parts"},
            objects("name", size={"title": "Size (cm)", "type": "integer"}),
            [{"name": "beam", "size": 120}, {"name": "heddle"}],
        ),
        ({"take": "table"}, objects("size_cm"), [{"size_cm": "120"}, {}]),
        ({"take": "table"}, objects("colour"), []),
        (
            {"take": "links"},
            objects("text", "url", "title"),
            [
                {"text": "a link", "url": "l.md", "title": "T"},
                {"text": "https://e.x/", "url": "https://e.x/"},
            ],
        ),
        ({"take": "code"}, objects("code", "language"), [{"code": "make loom", "language": "sh"}]),
    ],
)
def test_lists_of_objects(annotation: dict[str, Any], schema: Any, value: Any) -> None:
    assert take(RICH, schema, **annotation) == value


def test_links_and_images_of_an_entry() -> None:
    page = "- **A:** see [b](b.md) ![c](c.png)\n"
    whole = objects("term", "text", links=STRINGS, images=objects("url", "alt"))
    assert take(page, whole) == [
        {"term": "A", "text": "see b", "links": ["b.md"], "images": [{"url": "c.png", "alt": "c"}]}
    ]


def test_an_entry_with_a_nested_list_fills_a_list() -> None:
    page = "- **Colours:**\n  - red\n  - blue\n- **Sizes:** S, M\n"
    assert take(page, objects("term", values=STRINGS)) == [
        {"term": "Colours", "values": ["red", "blue"]},
        {"term": "Sizes", "values": ["S", "M"]},
    ]


QUESTIONS = """# Help

**Why?**

Because.

## How?

Like this:

1. so

### Really?

[Yes](y.md).

### Note

Careful.
"""


def test_a_list_of_objects_that_say_where_they_stand_has_one_for_each_section() -> None:
    answer = {
        "question": {"type": "string", "x-extract": {"take": "heading"}},
        "answer": {"type": "string", "x-extract": {"take": "text"}},
        "links": {**STRINGS, "x-extract": {"take": "links"}},
    }
    assert take(QUESTIONS, objects(**answer), type="question") == [
        {"question": "Why?", "answer": "Because.", "links": []},
        {"question": "How?", "answer": "Like this:\nso\n\nNote\n\nCareful.", "links": []},
        {"question": "Really?", "answer": "Yes.", "links": ["y.md"]},
    ]


def test_an_annotation_within_an_entry_looks_in_the_entry() -> None:
    dose = {"type": "integer", "x-extract": {"match": "(\\d+) mg"}}
    page = "- **A:** 5 mg a day\n- **B:** none\n\n10 mg\n"
    assert take(page, objects("term", "text", dose=dose)) == [
        {"term": "A", "text": "5 mg a day", "dose": 5},
        {"term": "B", "text": "none"},
    ]
    table = "| name | note |\n| - | - |\n| A | 5 mg |\n| B | x |\n"
    assert take(table, objects("name", dose=dose), take="table") == [
        {"name": "A", "dose": 5}, {"name": "B"},
    ]  # fmt: skip


def test_sections_within_the_sections_of_the_object_around() -> None:
    page = "# A\n\n## Tools\n\n- x\n\n# B\n\n## Tools\n\n- y\n"
    tools = {**STRINGS, "x-extract": {"section": "tools"}}
    inner = {"type": "object", "properties": {"tools": tools}}
    record = fill(page, {"b": {**inner, "x-extract": {"section": "^b$"}}, "all": tools})
    assert record.record == {"b": {"tools": ["y"]}, "all": ["x", "y"]}


FACTS = """## Job

**Location:** Ely
**Salary:** 40-50

| Hours  | 38     |
| ------ | ------ |
| Skills | C, SQL |
"""


def test_an_object_is_filled_from_labels_and_two_column_tables() -> None:
    properties = {
        "location": STRING,
        "skills": STRINGS,
        "hours": {"type": "integer"},
        "pay": {"title": "Salary", "type": "string"},
        "missing": STRING,
    }
    job = {"type": "object", "properties": properties}
    whole = {"location": "Ely", "skills": ["C", "SQL"], "hours": 38, "pay": "40-50"}
    assert take(FACTS, job, section="job") == whole
    assert take(FACTS, job, take="table") == {"hours": 38, "skills": ["C", "SQL"]}
    assert take(FACTS, job, take="definitions") == {"location": "Ely", "pay": "40-50"}
    assert take("# Job\n\n**Other:** x\n", job, section="job") is None


# --- match --------------------------------------------------------------------------------

COURSE = """# Course

It takes 3-7 visits. Or 9-12 visits.

Pay 5 €, then 6 €.
"""


def test_match() -> None:
    span = {"type": "object", "properties": {"min": {"type": "integer"}, "max": {}}}
    groups = "(?P<min>\\d+)-(?P<max>\\d+)"
    integers = {"type": "array", "items": {"type": "integer"}}
    assert take(COURSE, {"type": "integer"}, match="(\\d+) €") == 5
    assert take(COURSE, integers, match="(\\d+) €") == [5, 6]
    assert take(COURSE, STRING, match="\\d €") == "5 €"
    assert take(COURSE, STRING, match="[$](\\d)") is None
    assert take(COURSE, integers, match="[$](\\d)") == []
    assert take(COURSE, span, match=groups) == {"min": 3, "max": "7"}
    ranges = {"type": "array", "items": span}
    assert take(COURSE, ranges, match=groups) == [
        {"min": 3, "max": "7"}, {"min": 9, "max": "12"},
    ]  # fmt: skip
    assert take(COURSE, span, match="(?P<min>a)(?P<max>b)") is None


def test_a_group_that_took_no_part_fills_nothing() -> None:
    span = {"type": "object", "properties": {"min": {"type": "integer"}, "max": {}}}
    assert take(COURSE, span, match="Pay (?P<min>\\d)(?P<max>x)?") == {"min": 5}
    assert take(COURSE, STRING, match="Pay(x)?|(3)") is None


def test_matches_in_every_script_and_empty_ones() -> None:
    page = "Вага 5 кг, ціна ۷ €, 水 9 年\n"
    assert take(page, STRINGS, match="\\pL+ (\\p{Nd}+ \\pL*)") == ["5 кг", "۷", "9 年"]
    assert take(page, STRINGS, match="[яю]*") == []


def test_match_searches_what_take_gives() -> None:
    page = "# Release v2.1\n\n- fixed #12 and #13\n\nSee #99.\n"
    integers = {"type": "array", "items": {"type": "integer"}}
    assert take(page, STRING, take="heading", match="v([\\d.]+)") == "2.1"
    assert take(page, integers, take="items", match="#(\\d+)") == [12, 13]
    assert take(page, integers, match="#(\\d+)") == [12, 13, 99]


def test_parts_of_an_object_may_be_matched_apart() -> None:
    days = {"type": "integer"}
    interval = {
        "type": "object",
        "properties": {"min": days},
        "x-extract": {"match": "Pay (?P<min>\\d)"},
    }
    visits = {"type": "object", "properties": {"min": days, "interval": interval}}
    assert take(COURSE, visits, match="(?P<min>\\d+)-") == {"min": 3, "interval": {"min": 5}}


def test_no_regex_hangs_a_run() -> None:
    page = f"# {'a' * 50_000}!\n\n{'a' * 50_000}!\n"
    assert take(page, STRING, section="^(a+)+$", take="first") is None
    assert take(page, STRING, match="^(a|aa)+$") is None


def test_no_pattern_of_the_schema_hangs_a_run() -> None:
    schema = {**STRING, "pattern": "^(?=a)(a|aa)+$", "x-extract": {"take": "first"}}
    record = fill(f"{'a' * 5_000}!\n", {"x": schema})
    assert [error.pointer for error in record.errors] == ["/x"]


def test_many_large_regexes_are_searched_one_by_one() -> None:
    patterns = PatternSet(ignore_case=True)
    for number in range(6):
        patterns.add("(?:a{300}b{300})" * 2 + f"{number}")
    number, pattern = patterns.add("needle")
    assert pattern.size * 6 < MAX_SET_PROGRAM
    assert patterns.search("NEEDLE") == {number}
    assert patterns.search("a" * 300 + "b" * 300 + "a" * 300 + "b" * 300 + "4") == {4}


# --- alternatives, defaults, constants ----------------------------------------------------


def test_rules_are_tried_in_turn() -> None:
    rules = [{"metadata": "summary"}, {"section": "none"}, {"take": "first"}]
    schema = {"x": {"type": "string", "x-extract": rules}}
    assert fill("---\nsummary: S\n---\nText\n", schema).record == {"x": "S"}
    assert fill("---\nother: S\n---\nText\n", schema).record == {"x": "Text"}
    empty = {"x": {**STRINGS, "x-extract": [{"section": "a"}, {"section": "b"}]}}
    assert fill("# A\n\n# B\n\n- x\n", empty).record == {"x": ["x"]}
    assert fill("# A\n\n# B\n", empty).record == {"x": []}


def test_defaults_and_constants() -> None:
    properties: dict[str, Any] = {
        "tags": {**STRINGS, "default": ["none"], "x-extract": {"metadata": "tags"}},
        "kind": {"const": "treatment"},
        "looked": {"const": "x", "x-extract": {"metadata": "looked"}},
        "plain": {"default": 5},
        "nested": {
            "type": "object",
            "properties": {
                "a": {"type": "string", "x-extract": {"metadata": "a"}},
                "b": {"default": 1},
            },
        },
    }
    record = fill("Text\n", properties).record
    assert record == {"tags": ["none"], "kind": "treatment", "plain": 5}
    found = fill("---\na: x\ntags: y\n---\n", properties, required=["nested"])
    assert found.record["nested"] == {"a": "x", "b": 1}
    assert found.record["tags"] == ["y"]
    missing = fill("Text\n", properties, required=["nested"])
    assert missing.record["nested"] == {"b": 1}
    again = fill("Text\n", properties)
    record["tags"].append("changed")
    assert again.record["tags"] == ["none"]


# --- coercion -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        ("12", {"type": "integer"}, 12),
        ("+12", {"type": "integer"}, 12),
        ("−12", {"type": "integer"}, -12),
        ("12 000", {"type": "integer"}, 12000),
        ("12\u202f000\u00a0000", {"type": "integer"}, 12_000_000),
        ("1,200", {"type": "integer"}, "1,200"),
        ("12.5", {"type": "integer"}, "12.5"),
        ("three", {"type": "integer"}, "three"),
        ("٣٤", {"type": "integer"}, 34),
        ("9" * 19, {"type": "integer"}, "9" * 19),
        ("9" * 5000, {"type": "integer"}, "9" * 5000),
        ("12.5", {"type": "number"}, 12.5),
        ("12,5", {"type": "number"}, 12.5),
        ("1,250", {"type": "number"}, "1,250"),
        ("12", {"type": "number"}, 12),
        ("1e3", {"type": "number"}, 1000.0),
        ("1e999", {"type": "number"}, "1e999"),
        ("nan", {"type": "number"}, "nan"),
        ("Yes", {"type": "boolean"}, True),
        ("off", {"type": "boolean"}, False),
        ("1", {"type": "boolean"}, "1"),
        ("2024-05-01", {"type": "string", "format": "date"}, "2024-05-01"),
        ("1.5.2024", {"type": "string", "format": "date"}, "2024-05-01"),
        ("2024/5/1", {"type": "string", "format": "date"}, "2024-05-01"),
        ("1st of May, 2024", {"type": "string", "format": "date"}, "2024-05-01"),
        ("Sept. 3, 2024", {"type": "string", "format": "date"}, "2024-09-03"),
        ("05/01/2024", {"type": "string", "format": "date"}, "05/01/2024"),
        ("31.02.2024", {"type": "string", "format": "date"}, "31.02.2024"),
        ("12", {"type": ["integer", "string"]}, 12),
        ("twelve", {"type": ["integer", "string"]}, "twelve"),
        ("12", {"type": ["string", "integer"]}, "12"),
        ("12", {"enum": [1, 12]}, 12),
        ("12", {"const": 12}, 12),
        ("12", {"anyOf": [{"type": "integer"}, {"type": "null"}]}, 12),
        ("12", {"oneOf": [{"type": "integer"}, {"type": "boolean"}]}, 12),
        ("12", {}, "12"),
    ],
)
def test_coercion_of_text(text: str, schema: dict[str, Any], value: Any) -> None:
    result = take(f"# {text}\n", schema, take="heading")
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("value", "schema", "coerced"),
    [
        (12, STRING, "12"),
        (1.5, STRING, 1.5),
        (True, STRING, True),
        (3.0, {"type": "integer"}, 3),
        (True, {"type": "integer"}, True),
        (2024, STRINGS, ["2024"]),
        (["1", "x", None], {"type": "array", "items": {"type": "integer"}}, [1, "x", None]),
        ("1, 2", {"type": "array", "items": {"type": "integer"}}, [1, 2]),
        ("a, b", {"type": "array"}, ["a", "b"]),
        ({"a": "1"}, {"type": "object", "properties": {"a": {"type": "integer"}}}, {"a": 1}),
        ("text", {"type": "object", "properties": {}}, "text"),
    ],
)
def test_coercion_of_front_matter(value: Any, schema: dict[str, Any], coerced: Any) -> None:
    page = "---\n" + json.dumps({"v": value}) + "\n---\n"
    assert take(page, schema, metadata="v") == coerced


def test_what_can_not_be_coerced_is_reported_where_it_stands() -> None:
    page = "# A\n\nIt takes three days.\n"
    days = {"type": "integer", "x-extract": {"match": "takes (\\w+)"}}
    record = fill(page, {"days": days})
    assert record.record == {"days": "three"}
    assert render(record) == ['p.md:3: /days: expected an integer, found "three"']


# --- references ---------------------------------------------------------------------------


def write_schema(folder: Path, name: str, schema: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(schema), encoding="utf-8")
    return path


def test_annotations_are_found_behind_references(tmp_path: Path) -> None:
    write_schema(
        tmp_path,
        "parts/common.json",
        {
            "$id": "https://acme.example/common.json",
            "$defs": {
                "tags": {"$anchor": "tags", "type": "array", "items": {"$ref": "#/$defs/word"}},
                "word": {"type": "string", "x-extract": {"metadata": "word"}},
            },
        },
    )
    main = {
        "$id": "https://acme.example/main.json",
        "type": "object",
        "properties": {
            "tags": {"$ref": "parts/common.json#tags", "x-extract": {"metadata": "tags"}},
            "word": {"$ref": "parts/common.json#/$defs/word"},
            "same": {"$ref": "https://acme.example/parts/common.json#/%24defs/word"},
            "title": {"$ref": "#/$defs/title"},
            "all": {"allOf": [{"$ref": "#/$defs/title"}, {"maxLength": 3}]},
        },
        "$defs": {"title": {"type": "string", "x-extract": {"document": "title"}}},
    }
    schema = RecordSchema.load(write_schema(tmp_path, "main.schema.json", main))
    page = "---\ntags: a, b\nword: w\n---\n# Title\n"
    record = schema.fill(extract(page, "p.md"), page)
    assert record.schema == "main"
    assert record.record == {
        "tags": ["a", "b"], "word": "w", "same": "w", "title": "Title", "all": "Title",
    }  # fmt: skip
    assert render(record) == ["p.md:5: /all: expected at most 3 characters, found 5"]
    copied = RecordSchema.parse("main", schema.to_json())
    assert copied.fill(extract(page, "p.md"), page) == record


def test_a_schema_of_someone_else_can_be_annotated_from_outside(tmp_path: Path) -> None:
    write_schema(
        tmp_path,
        "base.json",
        {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}},
    )
    own = {"$ref": "base.json", "properties": {"a": {"x-extract": {"metadata": "a"}}}}
    schema = RecordSchema.load(write_schema(tmp_path, "own.json", own))
    assert schema.fill(extract("---\na: '5'\n---\n")).record == {"a": 5}


def test_files_may_refer_to_one_another(tmp_path: Path) -> None:
    write_schema(tmp_path, "b.json", {"properties": {"t": {"$ref": "a.json#/$defs/t"}}})
    title = {"type": "string", "x-extract": {"document": "title"}}
    main = {"properties": {"b": {"$ref": "b.json"}}, "$defs": {"t": title}}
    schema = RecordSchema.load(write_schema(tmp_path, "a.json", main))
    assert schema.fill(extract("# T\n")).record == {"b": {"t": "T"}}


def test_a_schema_may_contain_itself() -> None:
    node = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "x-extract": {"document": "title"}},
            "child": {"$ref": "#/$defs/node"},
        },
    }
    schema = RecordSchema.load({"$ref": "#/$defs/node", "$defs": {"node": node}})
    assert schema.fill(extract("# T\n")).record == {"name": "T"}
    assert schema.tables == {
        "record": [
            ("path", "string"), ("valid", "boolean"), ("errors", "integer"),
            ("name", "string"), ("child", "string"),
        ]
    }  # fmt: skip


def test_definitions_that_multiply_are_refused() -> None:
    names = [f"n{number}" for number in range(9)]
    nodes = {
        name: {"type": "object", "properties": {n: {"$ref": f"#/$defs/{n}"} for n in names}}
        for name in names
    }
    with pytest.raises(RecordSchemaError, match="more than 5000 values"):
        RecordSchema.load({"$ref": "#/$defs/n0", "$defs": nodes})


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("https://example.org/x.json", "is remote, and nothing is fetched"),
        ("//example.org/x.json", "is remote"),
        ("urn:x:y", "is remote"),
        ("missing.json", "can't be read: No such file"),
        ("broken.json", "not JSON"),
        ("invalid.json", "no valid schema: /type"),
        ("fine.json#/$defs/x", "leads nowhere: there is no '$defs'"),
        ("fine.json#name", "leads nowhere: there is no 'name'"),
        ("#/properties/x/0", "leads nowhere: there is no '0'"),
    ],
)
def test_references_that_lead_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str, message: str
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    write_schema(tmp_path, "invalid.json", {"type": "strng"})
    write_schema(tmp_path, "fine.json", {})
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    path = write_schema(tmp_path, "a.json", {"properties": {"x": {"$ref": reference}}})
    with pytest.raises(RecordSchemaError) as caught:
        RecordSchema.load(path)
    [problem] = caught.value.problems
    assert problem.pointer == "/properties/x"
    assert message in problem.message
    assert str(caught.value).startswith(f"{path}: /properties/x: $ref '{reference}' ")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_schema_without_a_file_refers_to_none() -> None:
    with pytest.raises(RecordSchemaError, match="has no file it could lie beside"):
        make_schema({"x": {"$ref": "other.json"}})


# --- errors -------------------------------------------------------------------------------

CLINIC = """---
name: 5
---
# Peel

## Indications

None yet.

## Contraindications

Text only.

## Contraindications of old

- x
"""


def test_an_empty_list_is_told_with_its_section() -> None:
    schema = {**STRINGS, "minItems": 1, "x-extract": {"section": "^contraindications$"}}
    assert render(fill(CLINIC, {"contraindications": schema})) == [
        "p.md:10: /contraindications: expected at least 1 item, found none "
        '(section "Contraindications", lines 10-12)'
    ]


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (
            {"section": "dosage", "type": "steps"},
            "p.md:1: /x: expected a value, found none (no section whose heading matches /dosage/ "
            'and type is steps; headings: "Peel", "Indications", "Contraindications", '
            '"Contraindications of old")',
        ),
        (
            {"section": "indications", "match": "\\d+"},
            'p.md:6: /x: expected a value, found none (sections "Indications", lines 6-8 and '
            '"Contraindications", lines 10-12 and "Contraindications of old", lines 14-16, '
            "match /\\d+/)",
        ),
        (
            {"match": "\\d+"},
            "p.md:1: /x: expected a value, found none (the whole page, match /\\d+/)",
        ),
        (
            {"metadata": "author.name"},
            'p.md:1: /x: expected a value, found none (front matter "author.name"; there is name)',
        ),
    ],
)
def test_a_missing_value_points_to_where_it_was_looked_for(
    annotation: dict[str, Any], message: str
) -> None:
    properties = {
        "x": {"type": "string", "x-extract": annotation},
        "name": {"x-extract": {"metadata": "name"}},
    }
    assert render(fill(CLINIC, properties, required=["x"])) == [message]


def test_errors_within_entries_have_the_lines_of_the_entries() -> None:
    page = "# Parts\n\n| name | size |\n| - | - |\n| a | 1 |\n| b | x |\n|  | 3 |\n"
    entry = {
        "type": "object",
        "properties": {"name": STRING, "size": {"type": "integer", "maximum": 2}},
        "required": ["name"],
    }
    schema = {"type": "array", "items": entry, "x-extract": {"section": "parts"}}
    assert render(fill(page, {"parts": schema})) == [
        'p.md:6: /parts/1/size: expected an integer, found "x"',
        "p.md:7: /parts/2/name: expected a value, found none",
        "p.md:7: /parts/2/size: expected at most 2, found 3",
    ]


def test_all_errors_are_told_sorted_and_without_lines_for_documents_without_spans() -> None:
    properties = {
        name: {"type": "integer", "x-extract": {"metadata": name}} for name in ("b", "a", "c")
    }
    page = "---\nb: x\na: y\n---\n# A\n"
    schema = make_schema(properties, required=["c"])
    record = schema.fill(without_spans(extract(page, "p.md")), page)
    assert record.sources == {}
    assert render(record) == [
        'p.md: /a: expected an integer, found "y"',
        'p.md: /b: expected an integer, found "x"',
        'p.md: /c: expected a value, found none (front matter "c"; there is b, a)',
    ]
    assert not record.is_valid


def test_the_standard_keywords_work() -> None:
    properties = {
        "enum": {"enum": ["a", "b"], "x-extract": {"metadata": "v"}},
        "const": {"const": "a", "x-extract": {"metadata": "v"}},
        "pattern": {"pattern": "^\\d+$", "x-extract": {"metadata": "v"}},
        "format": {"type": "string", "format": "email", "x-extract": {"metadata": "v"}},
        "any": {"anyOf": [{"minLength": 3}, {"maxLength": 0}], "x-extract": {"metadata": "v"}},
        "unique": {**STRINGS, "uniqueItems": True, "x-extract": {"metadata": "l"}},
    }
    record = fill("---\nv: xx\nl: q, q\n---\n", properties, minProperties=9, required=["enum"])
    assert [(error.pointer, error.message) for error in record.errors] == [
        ("", "expected at least 9 properties, found 6"),
        ("/any", "fits none of the alternatives: expected at least 3 characters, found 2"),
        ("/const", 'expected the value "a", found "xx"'),
        ("/enum", 'expected "a" or "b", found "xx"'),
        ("/format", 'expected an e-mail address, found "xx"'),
        ("/pattern", 'expected text that matches /^\\d+$/, found "xx"'),
        ("/unique", "expected items that differ, found the same twice"),
    ]
    assert {error.line for error in record.errors[1:6]} == {2}


# --- sources ------------------------------------------------------------------------------

EVERYTHING: dict[str, Any] = {
    **{f"{name}_text": {"type": "string", "x-extract": {"take": name}}
       for name in ("items", "text", "first", "lead", "quotes", "code", "heading")},
    **{f"{name}_list": {**STRINGS, "x-extract": {"take": name}}
       for name in ("items", "definitions", "text", "lead", "quotes", "code", "heading")},
    "words": {**STRINGS, "x-extract": {"match": "\\pL+"}},
    "title": {"type": "string", "x-extract": {"document": "title"}},
    "definitions": {**objects("term", "text"), "x-extract": {"take": "definitions"}},
    "rows": {"type": "array", "items": STRINGS, "x-extract": {"take": "table"}},
    "links": {**objects("text"), "x-extract": {"take": "links"}},
    "tags": {**STRINGS, "x-extract": {"metadata": "tags"}},
    "sections": {
        **objects(
            head={"type": "string", "x-extract": {"take": "heading"}},
            body={"type": "string", "x-extract": {"take": "text"}},
        ),
        "x-extract": {"type": ["prose", "list", "table", "definitions", "question"]},
    },
}  # fmt: skip
EVERYTHING["sections"]["x-extract"] = {
    "type": ["prose", "list", "table", "definitions", "question"]
}


READ_ALL = make_schema(EVERYTHING)


def iter_values(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every scalar and every list entry with its pointer."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from iter_values(part, f"{pointer}/{key}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield f"{pointer}/{number}", part
            yield from iter_values(part, f"{pointer}/{number}")
    else:
        yield pointer, value


def squeeze(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def is_within(text: str, source: str) -> bool:
    """Tell whether every word of a text stands in the source, markup and entities in it or not."""
    known = squeeze(source), squeeze(html.unescape(source))
    words = (squeeze(word) for word in text.split())
    return all(word in known[0] or word in known[1] for word in words)


def check_sources(data: bytes, record: Record, encoding: str) -> None:
    values = dict(iter_values(record.record))
    assert record.sources.keys() == values.keys()
    for pointer, span in record.sources.items():
        assert 0 <= span.start <= span.end <= len(data)
        assert 1 <= span.line <= span.end_line
        source = data[span.start : span.end].decode(encoding)
        if isinstance(values[pointer], str):
            assert is_within(values[pointer], source), pointer


@pytest.mark.timeout(600)
@settings(
    deadline=None,
    max_examples=50,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(pages(damaged=True))
def test_the_place_of_a_string_contains_its_words(page: Page) -> None:
    try:
        document = extract(page.data, "p.md")
    except PageRejected:
        return
    record = READ_ALL.fill(document, page.data)
    check_sources(page.data, record, document.source.encoding)
    assert READ_ALL.fill(document).record == record.record


def test_rows_headings_and_front_matter_have_places_of_their_own() -> None:
    page = "---\ntags:\n  - a\n  - b c\n---\nTitle\n=====\n\n| x |\n| - |\n| y |\n| z |\n"
    record = fill(page, EVERYTHING)
    places = {pointer: slice_page(page, span) for pointer, span in record.sources.items()}
    assert places["/tags/1"] == "b c"
    assert places["/title"] == "Title\n====="
    assert places["/rows/1/0"] == "| z |"
    assert record.sources["/rows/1/0"].line == 12


def test_several_definitions_of_a_term_are_one_object() -> None:
    page = "Warp\n: along\n: lengthwise\n\n**Weft:** across\n\n**Weft:** sidewise\n"
    record = fill(page, {"x": {**objects("term", "text"), "x-extract": {}}})
    terms = [slice_page(page, record.sources[f"/x/{number}/term"]) for number in range(3)]
    assert terms[0].startswith("Warp\n: along")
    assert terms[1:] == ["**Weft:** across", "**Weft:** sidewise"]
    assert "lengthwise" in slice_page(page, record.sources["/x/0/text"])


def test_without_the_page_front_matter_has_no_places_and_rows_have_that_of_the_table() -> None:
    page = "---\ntags: [a]\n---\n| x |\n| - |\n| y |\n"
    schema = make_schema(EVERYTHING)
    sources = schema.fill(extract(page)).sources
    assert "/tags/0" not in sources
    assert slice_page(page, sources["/rows/0/0"]) == "| x |\n| - |\n| y |"


@pytest.mark.parametrize(
    ("page", "places"),
    [
        ("---\nt: >\n  a\n  b\n\nu: x\n---\n", {"/t": ">\n  a\n  b"}),
        ("---\nt: Stove: care\nu: x\n---\n", {"/t": "t: Stove: care"}),
        ("---\nx: {t: 5}\nt: 'a'\n---\n", {"/t": "'a'"}),
        ("+++\nx = 1\nt = 'a'\n[y]\nz = 2\n+++\n", {"/t": "t = 'a'"}),
        ('{\n"x": 1,\n"t": "a"\n}\n', {"/t": '"t": "a"'}),
        ("\n\n---\nt: a\n---\n", {"/t": "a"}),
        ("---\nb: &b {t: a}\n<<: *b\n---\n", {"/t": "b: &b {t: a}\n<<: *b"}),
        ("---\nu: x\nt: a b,  [c]: d:e  \n---\n", {"/t": "t: a b,  [c]: d:e"}),
        ("---\nu: 12:30\nt: a http://b.c/d,  [c] 5  \n---\n", {"/t": "a http://b.c/d,  [c] 5"}),
        ("---\nt: a b # c\n---\n", {"/t": "a b"}),
        ("---\nt: a\n  b\nu: c\n---\n", {"/t": "a\n  b"}),
        ("---\nr: &r [*r]\nt: a\n---\n", {"/t": "a"}),
        ("---\nt: a\u2028b\n---\n", {"/t": "a\u2028b"}),
    ],
)
def test_places_in_every_kind_of_front_matter(page: str, places: dict[str, str]) -> None:
    record = fill(page, {"t": {"type": "string", "x-extract": {"metadata": "t"}}})
    assert {pointer: slice_page(page, span) for pointer, span in record.sources.items()} == places


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_places_in_every_encoding(encoding: str, end: str) -> None:
    text = "---\ntags: [ä, б]\n---\n| ö |\n| - |\n| ж |\n"
    data = text.replace("\n", end).encode(encoding)
    document = extract(data, "p.md")
    record = make_schema(EVERYTHING).fill(document, data)
    codec = document.source.encoding
    found = {p: data[s.start : s.end].decode(codec) for p, s in record.sources.items()}
    assert found["/tags/1"] == "б"
    assert found["/rows/0/0"] == "| ж |"


# --- what comes out -----------------------------------------------------------------------


def test_the_json_of_a_record() -> None:
    record = fill("# T\n", {"t": {"type": "integer", "x-extract": {"document": "title"}}})
    assert record.to_json() == (
        '{"path":"p.md","schema":"record","record":{"t":"T"},'
        '"sources":{"/t":{"line":1,"end_line":1,"start":0,"end":3}},'
        '"errors":[{"pointer":"/t","message":"expected an integer, found \\"T\\"","line":1}]}'
    )
    assert json.loads(record.to_json(indent=2)) == json.loads(record.to_json())


def test_a_schema_survives_the_way_to_a_worker() -> None:
    schema = RecordSchema.load(SCHEMAS[0])
    copied = pickle.loads(pickle.dumps(schema))
    assert copied.name == schema.name
    assert copied.tables == schema.tables


def test_tables() -> None:
    page = "---\nmin: 3\nodd: [1, {a: b}]\nname/x: n\n---\n- **A:**\n  - p\n  - q\n- **B:** r\n"
    number = {"type": "integer", "x-extract": {"metadata": "min"}}
    properties = {
        "path": {"type": "string", "x-extract": {"document": "path"}},
        "size": {
            "type": "object",
            "properties": {"min": number, "word": {**number, "type": "string"}},
        },
        "size_min": {"type": ["number", "null"], "x-extract": {"metadata": "min"}},
        "odd": {"x-extract": {"metadata": "odd"}},
        "flag": {"type": "boolean", "x-extract": {"metadata": "min"}},
        "parts": {**objects("term", values=STRINGS), "x-extract": {"take": "definitions"}},
    }
    schema = make_schema(properties)
    data = page.encode()
    record = schema.fill(extract(data, "p.md"), data)
    assert schema.tables == {
        "record": [
            ("path", "string"), ("valid", "boolean"), ("errors", "integer"), ("path_2", "string"),
            ("size_min", "integer"), ("size_word", "string"), ("size_min_2", "number"),
            ("odd", "string"), ("flag", "boolean"),
        ],
        "record_parts": [
            ("path", "string"), ("position", "integer"), ("line", "integer"), ("term", "string"),
        ],
        "record_parts_values": [
            ("path", "string"), ("parts_position", "integer"), ("position", "integer"),
            ("line", "integer"), ("value", "string"),
        ],
    }  # fmt: skip
    assert schema.table_rows(record) == {
        "record": [("p.md", False, 1, "p.md", 3, "3", 3.0, '[1, {"a": "b"}]', None)],
        "record_parts": [("p.md", 1, 6, "A"), ("p.md", 2, 9, "B")],
        "record_parts_values": [
            ("p.md", 1, 1, 6, "p"), ("p.md", 1, 2, 6, "q"), ("p.md", 2, 1, 9, "r"),
        ],
    }  # fmt: skip
    for name, rows in schema.table_rows(record).items():
        assert {len(row) for row in rows} == {len(schema.tables[name])}


# --- lint ---------------------------------------------------------------------------------


def lint(tmp_path: Path, schema: Any) -> list[tuple[str, str]]:
    path = write_schema(tmp_path, "a.json", schema)
    return [(problem.pointer, problem.message) for problem in lint_schema(path)]


@pytest.mark.parametrize(
    ("schema", "annotation", "pointer", "message"),
    [
        (
            STRING,
            {"sectoin": "x"},
            "/sectoin",
            'unknown keyword "sectoin"; did you mean "section"?',
        ),
        (STRING, {"take": "itmes"}, "/take", 'unknown take "itmes"; did you mean "items"?'),
        (STRING, {"type": "step"}, "/type", 'unknown type "step"; did you mean "steps"?'),
        (
            STRING,
            {"document": "name"},
            "/document",
            'unknown document "name"; known are title, path',
        ),
        (STRING, {"section": "(a"}, "/section", "the regex /(a/ does not compile: missing ): (a"),
        (STRING, {"section": ["a", "[b"]}, "/section/1", "the regex /[b/ does not compile"),
        (STRING, {"match": "(?=a)b"}, "/match", "RE2 has no look-ahead"),
        (STRING, {"match": "(a)\\1"}, "/match", "RE2 has no back references"),
        (STRING, {"match": 5}, "/match", "must be a string that is not empty"),
        (STRING, {"section": []}, "/section", "must be a string that is not empty, or a list"),
        (STRING, {"metadata": "a..b"}, "/metadata", "must be keys joined by dots"),
        (STRING, {"metadata": "a", "take": "text"}, "", '"metadata" and "take" exclude each other'),
        (STRING, {"metadata": "a", "document": "path"}, "", "exclude each other"),
        (STRING, [], "", "is an empty list"),
        (STRING, "tags", "", "must be an object, or a list of objects"),
        (STRING, [{"take": "first"}, {"take": "frist"}], "/1/take", 'did you mean "first"?'),
        (STRING, {"take": "table"}, "/take", '"table" can\'t give a string; items, text, first'),
        (STRINGS, {"take": "table"}, "/take", '"table" can\'t give a list of strings'),
        (objects("a"), {"take": "lead"}, "/take", '"lead" can\'t give a list of objects'),
        ({"type": "object"}, {"take": "text"}, "/take", "can't give an object"),
        (
            {"type": "object", "properties": {"a": {}}},
            {"match": "(?P<b>x)"},
            "/match",
            'there is no property "b" for the group of that name',
        ),
        (objects("a"), {"match": "(x)"}, "/match", "needs named groups"),
    ],
)
def test_lint_of_an_annotation(
    tmp_path: Path, schema: dict[str, Any], annotation: Any, pointer: str, message: str
) -> None:
    [(place, text)] = lint(tmp_path, {"properties": {"x": {**schema, "x-extract": annotation}}})
    assert place == f"/properties/x/x-extract{pointer}"
    assert message in text


@pytest.mark.parametrize(
    ("schema", "pointer", "message"),
    [
        ({"type": "array"}, "", "a record schema describes an object"),
        ({"properties": {"a": {}}}, "", "every record will be empty"),
        ({"properties": {"a": {"type": "strng"}}}, "/properties/a/type", "not valid JSON Schema"),
        ({"properties": {"a": {"pattern": "("}}}, "/properties/a/pattern", "not valid JSON Schema"),
        (
            {"properties": {"a": {"x_extract": {}}, "b": {"x-extract": {"take": "text"}}}},
            "/properties/a/x_extract",
            'unknown keyword "x_extract"; did you mean "x-extract"?',
        ),
        (
            {
                "properties": {
                    "a": {"not": {"x-extract": {"take": "text"}}},
                    "b": {"x-extract": {"take": "text"}},
                }
            },
            "/properties/a/not/x-extract",
            "stands where no value is filled from",
        ),
        (
            {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "properties": {"b": {"x-extract": {"take": "text"}}},
            },
            "/$schema",
            "is read as JSON Schema 2020-12",
        ),
    ],
)
def test_lint_of_a_schema(tmp_path: Path, schema: Any, pointer: str, message: str) -> None:
    [(place, text)] = lint(tmp_path, schema)
    assert place == pointer
    assert message in text


def test_lint_finds_required_properties_that_nothing_fills(tmp_path: Path) -> None:
    taken = {"x-extract": {"take": "text"}}
    entry = objects("term", "text", "more", filled=taken)
    entry["items"]["required"] = ["term", "text", "more", "filled", "unknown"]
    schema = {
        "properties": {
            "a": {"type": "string"},
            "b": {"default": 1},
            "c": {"const": 1},
            "d": taken,
            "e": {"type": "object", "properties": {"f": taken, "g": {}}, "required": ["f", "g"]},
            "h": {**entry, "x-extract": {"take": "items"}},
        },
        "required": ["a", "b", "c", "d", "e", "h", "z"],
    }
    assert [pointer for pointer, _ in lint(tmp_path, schema)] == [
        "",
        "/properties/a",
        "/properties/e/properties/g",
        "/properties/h/items",
        "/properties/h/items/properties/more",
    ]


def test_lint_names_the_file_behind_a_reference(tmp_path: Path) -> None:
    write_schema(tmp_path, "b.json", {"$defs": {"x": {"x-extract": {"tak": "text"}}}})
    [(pointer, _)] = lint(tmp_path, {"properties": {"x": {"$ref": "b.json#/$defs/x"}}})
    assert pointer == "b.json#/$defs/x/x-extract/tak"


def test_what_only_lint_minds_does_not_stop_a_run(tmp_path: Path) -> None:
    schema = {"properties": {"a": {**STRING, "x-extract": {"take": "table"}}}, "required": ["a"]}
    path = write_schema(tmp_path, "a.json", schema)
    assert len(lint_schema(path)) == 1
    record = RecordSchema.load(path).fill(extract("| x |\n| - |\n| y |\n"))
    assert record.record == {}
    assert [error.pointer for error in record.errors] == ["/a"]


# --- the command and the schemas that come along ------------------------------------------


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(command, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_the_command_prints_the_document_schema() -> None:
    printed = json.dumps(document_schema(), indent=2, ensure_ascii=False) + "\n"
    assert run() == run("document") == (0, printed, "")


def test_the_command_lints(tmp_path: Path) -> None:
    sound = write_schema(tmp_path, "s.json", {"properties": {"a": {"x-extract": {"take": "text"}}}})
    assert run(str(sound)) == (0, f"{sound}: all is well\n", "")
    broken = write_schema(tmp_path, "b.json", {"properties": {"a": {"x-extract": {"tak": "text"}}}})
    code, output, _ = run(str(broken))
    assert code == 1
    assert output.startswith(f'{broken}: /properties/a/x-extract/tak: unknown keyword "tak"')


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "{}: can't be read: No such file or directory\n"),
        ('{\n "a": 1,\n}', "{}:3: not JSON: "),
        ("[]", "{}: a record schema is a JSON object\n"),
        ("[" * 100_000, "{}: nested too deeply\n"),
    ],
)
def test_the_command_refuses_what_is_no_schema(
    tmp_path: Path, content: str | None, message: str
) -> None:
    path = tmp_path / "x.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    code, output, errors = run(str(path))
    assert (code, output) == (2, "")
    assert errors.startswith(message.format(path))


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_the_schemas_that_come_along_are_sound(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"]
    assert schema["title"]
    assert schema["description"]
    for part in schema["properties"].values():
        assert part["title"]
        assert part["description"]
    assert lint_schema(path) == []


@pytest.mark.parametrize(
    ("schema", "pages"),
    [("treatment", "treatments"), ("recipe", "recipes"), ("faq", "faq")],
)
def test_the_samples_fill_their_schemas(
    schema: str, pages: str, file_regression: FileRegressionFixture
) -> None:
    loaded = RecordSchema.load(ROOT / "schemas" / f"{schema}.schema.json")
    paths = sorted((ROOT / "samples" / pages).glob("*.md"))
    records = []
    for path in paths:
        data = path.read_bytes()
        record = loaded.fill(extract(data, f"{pages}/{path.name}"), data)
        assert render(record) == []
        for field in loaded.schema["required"]:
            assert record.record[field]
        records.append(record.to_json(indent=2) + "\n")
    file_regression.check("".join(records), basename=schema, extension=".json", encoding="utf-8")


@pytest.mark.skipif(not SHARED_PAGE.exists(), reason="../shared is not here")
def test_the_page_everyone_reads() -> None:
    data = SHARED_PAGE.read_bytes()
    schema = RecordSchema.load(ROOT / "schemas" / "treatment.schema.json")
    record = schema.fill(extract(data, SHARED_PAGE.name), data)
    values, lines = record.record, {p: s.line for p, s in record.sources.items()}
    assert record.errors == []
    assert values["title"] == "IPL photorejuvenation"
    assert [entry["term"] for entry in values["indications"]] == [
        "Pigment spots and freckles",
        "Vascular defects (such as couperosis, vascular stars and rosacea)",
        "Acne and post-acne",
        "Wrinkles",
        "Scars, scars and stretch marks",
    ]
    assert values["indications"][2]["description"].startswith("Light pulses destroy")
    assert [lines[f"/indications/{n}/term"] for n in range(5)] == [21, 23, 25, 27, 29]
    assert [lines[f"/steps/{n}"] for n in range(len(values["steps"]))] == [37, 38]
    assert len(values["benefits"]) == 4
    assert len(values["contraindications"]) == 6
    assert values["relative_contraindications"] == ["a fresh tan on the skin area to be treated"]
    assert values["sessions"] == {"min": 3, "max": 7, "interval_days": {"min": 21, "max": 28}}
    assert lines["/sessions/interval_days/max"] == 46
    assert values["aftercare_days"] == 14
    assert values["images"] == {
        "thumb": "featured-product-1.jpeg", "hero": "fotoomolozhenie-ipl.JPG",
    }  # fmt: skip
    assert values["tags"] == ["FEATURED_PRODUCTS"]
    check_sources(data, record, "utf-8")
