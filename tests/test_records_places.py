"""The line of an error about a front matter value."""

from __future__ import annotations

from typing import Any

import pytest

from extractor import extract
from extractor.records.record import Record, RecordSchema


def fill(page: str, properties: dict[str, Any]) -> Record:
    schema = RecordSchema("s", {"type": "object", "properties": properties})
    return schema.fill(extract(page), page)


@pytest.mark.parametrize(
    ("page", "line"),
    [
        ('{\n  "old": {"price": 1},\n  "new": {\n    "price": "x"\n  }\n}\n', 4),
        ('{"old": {"price": 1}, "new": {"price": "x"}}\n\nLong\n\npage\n', 1),
        ("+++\n[old]\nprice = 1\n[new]\nprice = 'x'\n+++\n", 5),
        ("---\nold: {price: 1}\nnew:\n  price: x\n---\n", 4),
    ],
)
def test_an_error_names_the_line_of_its_own_key(page: str, line: int) -> None:
    number = {"type": "integer"}
    record = fill(
        page,
        {
            "old": {**number, "x-extract": {"metadata": "old.price"}},
            "new": {**number, "x-extract": {"metadata": "new.price"}},
        },
    )
    assert [(error.pointer, error.line) for error in record.errors] == [("/new", line)]
    span = record.sources["/new"]
    assert page.encode()[span.start : span.end].decode().strip("'\"") == "x"


@pytest.mark.parametrize(
    ("page", "line"),
    [
        ("---\ntitle: t\nauthor:\n  name: x\n---\n", 4),
        ("---\ntitle: t\nauthor: {}\n---\n", 3),
        ("+++\ntitle = 't'\n\n[author]\nname = 'x'\n+++\n", 4),
        ('{\n"title": "t",\n"author": {\n"name": "x"\n}\n}\n', 3),
    ],
)
def test_an_error_on_an_object_names_its_line(page: str, line: int) -> None:
    author = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "mail": {"type": "string"}},
        "required": ["mail"],
        "x-extract": {"metadata": "author"},
    }
    record = fill(page, {"author": author})
    assert [error.line for error in record.errors] == [line]


def test_an_error_on_a_list_names_its_line() -> None:
    page = "---\ntitle: t\ntags: [a, b]\n---\n"
    tags = {"type": "array", "items": {"type": "string"}, "maxItems": 1}
    record = fill(page, {"tags": {**tags, "x-extract": {"metadata": "tags"}}})
    assert [error.line for error in record.errors] == [3]


def test_another_text_gives_no_places() -> None:
    title = {"type": "integer", "x-extract": {"metadata": "title"}}
    schema = RecordSchema("s", {"type": "object", "properties": {"title": title}})
    document = extract("---\ntitle: t\n---\n")
    assert schema.fill(document, "---\ntitle: t\n---\n").sources.keys() == {"/title"}
    assert schema.fill(document, "---\n\n\ntitle: t\n---\n").sources == {}
