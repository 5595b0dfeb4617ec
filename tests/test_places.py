"""Where front matter values stand: in every format, for every kind of value."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extractor import extract
from extractor.frontmatter.detection import read_front_matter
from extractor.model import PageRejected
from extractor.records.record import Record, RecordSchema
from extractor.source.decoding import Source, read_source

Path = tuple[str | int, ...]

YAML = """\
# c
plain: two words  # c
quoted: 'it''s'
double: "a\\tb"
empty:
next:
  deep:   # c
    key: 1

  list:
    - a b
    - [c, "d", {e: f}]
    -
    - g: h
      i: j

  # c
flow: {k: [l, m: n], 'o': }
folded: >-
  p
  q

literal: |
  r

  s

multi: t
  u
indentless:
- v
- w # c
anchored: &x # c
  y: z
tagged: !!str 12
both: &s !!str ab
alias: *x
merged:
  <<: *x
  own: 1
? asked
: answered
last: end
"""
YAML_PLACES: dict[Path, str] = {
    ("plain",): "two words",
    ("quoted",): "'it''s'",
    ("double",): '"a\\tb"',
    ("empty",): "",
    ("next", "deep"): "key: 1",
    ("next", "deep", "key"): "1",
    ("next", "list", 0): "a b",
    ("next", "list", 1): '[c, "d", {e: f}]',
    ("next", "list", 1, 1): '"d"',
    ("next", "list", 1, 2): "{e: f}",
    ("next", "list", 1, 2, "e"): "f",
    ("next", "list", 2): "",
    ("next", "list", 3): "g: h\n      i: j",
    ("next", "list", 3, "i"): "j",
    ("flow",): "{k: [l, m: n], 'o': }",
    ("flow", "k"): "[l, m: n]",
    ("flow", "k", 1): "m: n",
    ("flow", "k", 1, "m"): "n",
    ("folded",): ">-\n  p\n  q",
    ("literal",): "|\n  r\n\n  s",
    ("multi",): "t\n  u",
    ("indentless",): "- v\n- w",
    ("indentless", 1): "w",
    ("anchored",): "y: z",
    ("tagged",): "12",
    ("both",): "ab",
    ("alias",): "y: z",
    ("alias", "y"): "z",
    ("merged",): "<<: *x\n  own: 1",
    ("merged", "y"): "z",
    ("merged", "own"): "1",
    ("asked",): "answered",
    ("last",): "end",
}

TOML = """\
# c
bare = 1_000 # c
"quoted key" = 'a # b'
'x.y'.z.deep = "c\\"d"
when = 1979-05-27 07:32:00
many = [ 1, "two, ]", # c
  [3], {four = 4},
]
text = \"\"\"
one ""
two\"\"\"\"
raw = '''it's
'''
inline = { a.b = 1, c = { d = [ ] } }

[table]
key = true

[table . "sub table"] # c
inner = 1.5

[[list]]
n = 1
  [list.part]
  m = 2
[[list]]
n = 3

[other]
price = 5
[table.late]
price = 6
[outer.inner]
a = 1
[outer]
b = 2
"""
TOML_PLACES: dict[Path, str] = {
    ("bare",): "1_000",
    ("quoted key",): "'a # b'",
    ("x.y",): '\'x.y\'.z.deep = "c\\"d"',
    ("x.y", "z", "deep"): '"c\\"d"',
    ("when",): "1979-05-27 07:32:00",
    ("many",): '[ 1, "two, ]", # c\n  [3], {four = 4},\n]',
    ("many", 1): '"two, ]"',
    ("many", 2): "[3]",
    ("many", 2, 0): "3",
    ("many", 3, "four"): "4",
    ("text",): '"""\none ""\ntwo""""',
    ("raw",): "'''it's\n'''",
    ("inline",): "{ a.b = 1, c = { d = [ ] } }",
    ("inline", "a"): "a.b = 1",
    ("inline", "a", "b"): "1",
    ("inline", "c", "d"): "[ ]",
    ("table",): '[table]\nkey = true\n\n[table . "sub table"] # c\ninner = 1.5',
    ("table", "key"): "true",
    ("table", "sub table", "inner"): "1.5",
    ("table", "late"): "[table.late]\nprice = 6",
    ("table", "late", "price"): "6",
    ("list",): "[[list]]\nn = 1\n  [list.part]\n  m = 2\n[[list]]\nn = 3",
    ("list", 0): "[[list]]\nn = 1\n  [list.part]\n  m = 2",
    ("list", 0, "part"): "[list.part]\n  m = 2",
    ("list", 0, "part", "m"): "2",
    ("list", 1): "[[list]]\nn = 3",
    ("list", 1, "n"): "3",
    ("other",): "[other]\nprice = 5",
    ("outer", "inner"): "[outer.inner]\na = 1",
    ("outer",): "[outer]\nb = 2",
}

JSON = """\
{ "price": 1, "a\\"b": {"price": [ true, {"deep" : null}, -1.5e3 ] },
  "price2": "{}",
  "twice": {"x": 1}, "twice": {"y": 2}
}
"""
JSON_PLACES: dict[Path, str] = {
    ("price",): "1",
    ('a"b',): '{"price": [ true, {"deep" : null}, -1.5e3 ] }',
    ('a"b', "price"): '[ true, {"deep" : null}, -1.5e3 ]',
    ('a"b', "price", 0): "true",
    ('a"b', "price", 1, "deep"): "null",
    ('a"b', "price", 2): "-1.5e3",
    ("price2",): '"{}"',
    ("twice", "y"): "2",
}

PAGES = {"yaml": f"---\n{YAML}---\n", "toml": f"+++\n{TOML}+++\n", "json": JSON}
PLACES = {"yaml": YAML_PLACES, "toml": TOML_PLACES, "json": JSON_PLACES}


def slice_page(source: Source, data: bytes, path: Path) -> str:
    """Give what the file holds at the place of a value, its line ends as LF."""
    places = read_front_matter(source).places
    assert places is not None
    span = places.find(path)
    assert 1 <= span.line <= span.end_line <= source.info.lines
    text = data[span.start : span.end].decode(source.info.encoding)
    assert text.replace("\r\n", "\n").count("\n") == span.end_line - span.line
    return text.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("encoding", "end"), [("utf-8", "\n"), ("utf-8-sig", "\r\n"), ("utf-16", "\n")]
)
@pytest.mark.parametrize("form", PAGES)
def test_every_value_has_its_place(form: str, encoding: str, end: str) -> None:
    data = ("\n" + PAGES[form] + "body").replace("\n", end).encode(encoding)
    source = read_source(data, "p.md")
    assert {path: slice_page(source, data, path) for path in PLACES[form]} == PLACES[form]


def iter_scalars(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from iter_scalars(part, (*path, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from iter_scalars(part, (*path, number))
    else:
        yield path, value


WORDS = st.text("aé😀 #:,[]{}&*!|>'\"%@`=.-0\\\u2028\x85", min_size=1, max_size=6)
VALUES = st.recursive(
    st.sampled_from(["1", "true", "'a b'", "'q'", '"é😀"', "2.5", "{}", "[]"]) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


def write_flow(value: Any, colon: str) -> str:
    """Write a value in brackets; scalars as they are."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}{colon}{write_flow(v, colon)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(write_flow(part, colon) for part in value) + "]"
    return str(value)


def write_block(value: Any, indent: str = "") -> str:
    """Write a value as YAML in blocks; scalars as they are."""
    if isinstance(value, dict) and value:
        return "".join(f"\n{indent}{k}: {write_block(v, indent + '  ')}" for k, v in value.items())
    if isinstance(value, list) and value:
        return "".join(f"\n{indent}- {write_block(part, indent + '  ')}" for part in value)
    return str(value)


@given(st.dictionaries(st.sampled_from(["k", "key two", "é"]), VALUES, min_size=1), st.booleans())
@example({"k": "a: b"}, True)
@example({"k": {"a": "x: y"}, "é": "z: 1"}, False)
def test_yaml_that_is_plain_text_is_what_stands_at_its_place(values: Any, is_block: bool) -> None:
    write = write_block if is_block else partial(write_flow, colon=": ")
    check_law("---\n" + "\n".join(f"{key}: {write(v)}" for key, v in values.items()) + "\n---\n")


@given(st.dictionaries(st.sampled_from(["k", "l.m", '"é"']), VALUES, min_size=1))
@example({"k": "'q'", "l.m": [{"a": '"é😀"'}]})
def test_toml_that_is_plain_text_is_what_stands_at_its_place(values: Any) -> None:
    check_law(
        "+++\n" + "\n".join(f"{k} = {write_flow(v, ' = ')}" for k, v in values.items()) + "\n+++\n"
    )


def check_law(page: str) -> None:
    """Hold every scalar against its place: its very text, or that text in quotes."""
    source = read_source(page, "p.md")
    try:
        front = read_front_matter(source)
    except PageRejected:
        return
    if front.places is None:
        return
    data = page.encode()
    for path, value in iter_scalars(front.metadata):
        found = slice_page(source, data, path)
        if isinstance(value, str) and found[:1] not in ("'", '"', "|", ">"):
            assert " ".join(found.split()) == " ".join(value.split()), path
        elif value is not None and not isinstance(value, str):
            assert found.lower().strip("+").startswith(str(value)[:1].lower()), path


# --- errors of records ----------------------------------------------------------------------


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
