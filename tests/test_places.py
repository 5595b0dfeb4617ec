"""Where front matter values stand: in every format, for every kind of value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extractor.frontmatter.detection import read_front_matter
from extractor.frontmatter.toml import read_toml
from extractor.frontmatter.yaml.reading import read_yaml
from extractor.model import PageRejected
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


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["k", "key two", "é"]), VALUES, min_size=1), st.booleans())
@example({"k": "a: b"}, True)
@example({"k": {"a": "x: y"}, "é": "z: 1"}, False)
def test_yaml_that_is_plain_text_is_what_stands_at_its_place(values: Any, is_block: bool) -> None:
    write = write_block if is_block else partial(write_flow, colon=": ")
    lines = [f"{key}: {write(value)}" for key, value in values.items()]
    check_law("\n".join(["---", *lines, "---"]), read_yaml_value)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["k", "l.m", '"é"']), VALUES, min_size=1))
@example({"k": "'q'", "l.m": [{"a": '"é😀"'}]})
def test_toml_that_is_plain_text_is_what_stands_at_its_place(values: Any) -> None:
    lines = [f"{key} = {write_flow(value, ' = ')}" for key, value in values.items()]
    check_law("\n".join(["+++", *lines, "+++"]), read_toml_value)


def check_law(page: str, read: Callable[[str], Any]) -> None:
    """Hold every scalar against its place: its very text, or what is read as it."""
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
        if not isinstance(value, str) or " ".join(found.split()) != " ".join(value.split()):
            assert read(found) == value, path


def read_yaml_value(text: str) -> Any:
    return read_yaml(f"x: {text}")[0]["x"]


def read_toml_value(text: str) -> Any:
    return read_toml(f"x = {text}")[0]["x"]


STATEMENTS = st.sampled_from(
    [
        *(
            "[a]",
            "[a.b]",
            "[ a . c ] # c",
            "[[d]]",
            "[[d.e]]",
            "[d.f]",
            "[[d.g.h]]",
            "['i j'.\"k\\tl\"]",
        ),
        *("K = 1", "K.x = 'a'", "K . 'y z' = [1, [2.5, 'b']] # c", "m.K = {n.o = true, p = {}}"),
        *('K = """\nq\\\n  r"" #"""', "K = '''s]'''", "K = 1979-05-27 07:32:00", "K = inf"),
        *("K = [\n  1, # ]\n  {t = [ ]},\n]", "# K = 1", ""),
    ]
)


@settings(deadline=None)
@given(st.lists(STATEMENTS, max_size=10))
@example(["[[d]]", "K = 1", "[[d.e]]", "K = 2", "[d.f]", "[[d]]", "[[d.e]]", "[[d.e]]", "K = 3"])
@example(["[a.b]", "K = 1", "[a]", "m.K = 2", "m.K = {n.o = 'x'}", "[a.c]"])
def test_what_stands_at_a_place_in_toml_has_its_value(statements: list[str]) -> None:
    lines = [line.replace("K", f"k{number}") for number, line in enumerate(statements)]
    text = "\n".join(["+++", "first = 0", *lines, "+++", ""])
    source = read_source(text, "p.md")
    try:
        front = read_front_matter(source)
    except PageRejected:
        return
    for path, value in iter_scalars(front.metadata):
        found = slice_page(source, text.encode(), path)
        assert read_toml_value(found) == value, path


def iter_values(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every value with its path, objects and lists too."""
    yield path, value
    parts = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, part in parts:
        yield from iter_values(part, (*path, key))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text('aé😀"\\{}[],: \n', max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('ab."{', max_size=2), inner)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(
    st.dictionaries(st.text("ab", min_size=1), JSON_VALUES, min_size=1, max_size=4),
    st.sampled_from([None, 0, 2]),
    st.sampled_from(["", ";;;", "-;;;"]),
)
@example({"a": {"b": [1, {"a": "x"}]}, "b": "{"}, 2, "-;;;")
def test_what_stands_at_a_place_in_json_is_its_value(
    values: Any, indent: int | None, form: str
) -> None:
    text = json.dumps(values, indent=indent)
    if form:
        # Between semicolons the object may do without its brackets.
        text = f";;;\n{text[1:-1] if form[0] == '-' else text}\n;;;"
    source = read_source(text, "p.md")
    front = read_front_matter(source)
    assert front.metadata == values
    for path, value in iter_values(values):
        if path:
            assert json.loads(slice_page(source, text.encode(), path)) == value, path
