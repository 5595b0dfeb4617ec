"""YAML values: what each becomes, and what would do harm."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from extractor.frontmatter.values import MAX_DEPTH, TextRange, Unreadable, ValueProblem
from extractor.frontmatter.yaml import parsers
from extractor.frontmatter.yaml.reading import read_yaml

ATOMS = st.sampled_from(
    [
        *("a", "b: ", "- ", ": ", "? ", "[", "]", "{", "}", ", ", "&x ", "*x", "<<: ", "'", '"'),
        *("!!set ", "!!str ", "!foo ", "!!binary ", "!!int ", "!!null ", "!!omap ", "!!merge "),
        *("1", "0x1F", "-1.5", ".nan", "true", "null", "~", "2024-01-05 10:00:00", "9" * 20),
        *("#", " # ", "%", "@", "`", "\t", "\\", "!", "*", "&", "=", "--- ", "...", "|", ">-"),
        *("key: val", "k2: a: b", "\\u0041", "\\ud83d", "\\ude00", "é", "😀", "\u2028", "\x85"),
        *("\n", "\n  ", "\n    ", "|\n", "\ud7ff", "\ufeff", "\x07"),
    ]
)


def value_of(text: str) -> Any:
    """Give the value of one plain scalar or flow collection, which must not be odd."""
    values, problems = read_yaml(f"a: {text}\n")
    assert problems == []
    return values["a"]


def odd_value_of(text: str) -> tuple[Any, str]:
    """Give a value that must be reported as odd, with its message."""
    values, problems = read_yaml(f"a: {text}\n")
    (problem,) = problems
    assert (problem.rule, problem.pointer) == ("odd-value", "/a")
    assert problem.place == TextRange(0, 3, 0, 3 + len(text))
    assert problem.message is not None
    return values["a"], problem.message


def refusal_of(text: str) -> tuple[str, int | None]:
    with pytest.raises(Unreadable) as caught:
        read_yaml(text)
    return caught.value.rule, caught.value.line


# Scalars


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("NULL", None),
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-12", -12),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("0x1F", 31),
        ("0o17", 15),
        ("-1.5", -1.5),
        (".5", 0.5),
        ("1.5e3", 1500.0),
        ("1.10", 1.1),
    ],
)
def test_words_and_numbers_of_yaml_1_2(text: str, value: object) -> None:
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        *("yes", "no", "on", "off", "Yes", "y", "n", "tRUE", "=", "nan", "inf"),
        *("01234", "00", "-01", "+4930123", "1_000", "1e3", "1234e56", "12:30", "12:30:45", "1."),
        *("0b101", "0x", "1.2.3", "--", "1-2", "٣", "１２", "0o8", "+.5", "01.5"),
        *("2024-01-05", "2024-02-30", "2024-1-5", "2024-13-01 10:00:00", "2024-01-05 25:00:00"),
        *("2024-01-05T10:00:60", "2024-01-05 10:00:00 +24:00", "2024-01"),
    ],
)
def test_what_a_number_would_not_give_back_stays_as_written(text: str) -> None:
    assert value_of(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-01-05T10:00:00Z", "2024-01-05T10:00:00Z"),
        ("2024-01-05 10:00:00", "2024-01-05T10:00:00"),
        ("2024-1-5 9:30:00", "2024-01-05T09:30:00"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14T21:59:43.10-05:00"),
        ("2001-12-14 21:59:43. -5", "2001-12-14T21:59:43-05:00"),
        ("2024-01-05 10:00:00 +0200", "2024-01-05T10:00:00+02:00"),
        ("2024-01-05 10:00", "2024-01-05T10:00"),
        ("2024-02-29 10:00:00 z", "2024-02-29T10:00:00Z"),
    ],
)
def test_times_are_brought_into_iso_8601(text: str, value: str) -> None:
    assert value_of(text) == value
    assert value_of(f'"{text}"') == text


@pytest.mark.parametrize(
    "text",
    [
        *(".nan", ".NaN", ".inf", "-.inf", "+.INF", "1.0e999"),
        *("9223372036854775808", "-9223372036854775809", "9" * 5000, "0x" + "f" * 5000),
    ],
)
def test_numbers_that_json_has_no_room_for(text: str) -> None:
    value, message = odd_value_of(text)
    assert value == text
    assert "number" in message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!!str 12", "12"),
        ("! 12", "12"),
        ("!!int '12'", 12),
        ("!!float 1", 1.0),
        ("!!bool true", True),
        ("!!null ''", None),
        ("!!timestamp 2024-01-05 10:00:00", "2024-01-05T10:00:00"),
        ("!!seq [1]", [1]),
        ("!!map {b: 1}", {"b": 1}),
        ("!!omap [b: 1, c: 2]", [{"b": 1}, {"c": 2}]),
    ],
)
def test_standard_tags_are_obeyed(text: str, value: object) -> None:
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!!binary aGVs bG8=", "aGVsbG8="),
        ("!!int x", "x"),
        ("!!bool 1", "1"),
        ("!env HOME", "HOME"),
        ("!!python/name:os.system x", "x"),
    ],
)
def test_odd_scalars_are_read_as_strings(text: str, value: str) -> None:
    assert odd_value_of(text)[0] == value


@pytest.mark.parametrize(
    ("text", "value", "message"),
    [
        ("!!set {b, c}", ["b", "c"], "A set was read as a list."),
        ("!ruby/object {b: 1}", {"b": 1}, "The type `!ruby/object` was left out of account."),
        (
            "!!python/object/apply:os.system [ls]",
            ["ls"],
            "The type `!!python/object/apply:os.system` was left out of account.",
        ),
    ],
)
def test_odd_collections_are_reported(text: str, value: object, message: str) -> None:
    values, (problem,) = read_yaml(f"a: {text}")
    assert values == {"a": value}
    assert (problem.rule, problem.message) == ("odd-value", message)


def test_surrogates_are_joined_or_replaced() -> None:
    values, (problem,) = read_yaml('a: "\\ud83d\\ude00"\nb: "\\ud800!"\nc: \\ud800\n')
    assert values == {"a": "😀", "b": "\ufffd!", "c": "\\ud800"}
    assert (problem.rule, problem.pointer, problem.place) == (
        "odd-value",
        "/b",
        TextRange(1, 3, 1, 12),
    )


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029"])
def test_only_lf_ends_a_line(mark: str) -> None:
    values, (problem,) = read_yaml(f"a: x{mark}y\nb: '{mark}{mark}'\nb: \ue000\n")
    assert values == {"a": f"x{mark}y", "b": "\ue000"}
    assert (problem.rule, problem.place) == ("duplicate-key", TextRange(2, 0, 2, 1))


# Keys


def test_keys_become_strings() -> None:
    text = "1: a\n1.10: b\ntrue: c\nNull: d\n~ : e\nyes: f\n2024-01-05: g\n01: h\n'2': i\n"
    values, problems = read_yaml(text)
    assert values == dict(
        zip(["1", "1.10", "true", "null", "yes", "2024-01-05", "01", "2"], "abcefghi", strict=True)
    )
    assert [(problem.rule, problem.place) for problem in problems] == [
        ("duplicate-key", TextRange(4, 0, 4, 1))
    ]


@pytest.mark.parametrize("text", ["? [a]\n: b", "{{ a }}: b", "a: {{ b }}", "b: &x [1]\n*x : c"])
def test_a_list_or_mapping_is_no_key(text: str) -> None:
    assert refusal_of(text)[0] == "invalid-front-matter"


@pytest.mark.parametrize("text", ["&x a: 1\n*x : 2", "!!str 1: a\n1: b", "a: 1\n'a': 2"])
def test_equal_keys_are_found_however_they_are_written(text: str) -> None:
    values, (problem,) = read_yaml(text)
    assert len(values) == 1
    assert (problem.rule, problem.place and problem.place.line) == ("duplicate-key", 1)


def test_duplicate_keys_inside_are_reported_with_their_pointer() -> None:
    values, (problem,) = read_yaml("a:\n  - b/c: {d: 1, d: 2}\n")
    assert values == {"a": [{"b/c": {"d": 2}}]}
    assert problem == ValueProblem("duplicate-key", None, "/a/0/b~1c/d", TextRange(1, 16, 1, 17))


# Aliases and merges


def test_aliases_repeat_values() -> None:
    assert read_yaml("a: &x [1]\nb: *x\nc: {d: *x}\n") == (
        {"a": [1], "b": [1], "c": {"d": [1]}},
        [],
    )


def test_an_unknown_alias_is_invalid() -> None:
    assert refusal_of("a: 1\nb: *x\n") == ("invalid-front-matter", 1)


def test_a_value_inside_itself_becomes_null() -> None:
    values, (problem,) = read_yaml("a: &x {b: [*x]}\n")
    assert values == {"a": {"b": [None]}}
    assert (problem.rule, problem.pointer) == ("odd-value", "/a/b/0")


def test_merges_fill_in_what_is_missing() -> None:
    text = "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  c: 5\n  <<: [*x, *y]\nw: {<<: *x, a: 6}\n"
    values, problems = read_yaml(text)
    assert values["z"] == {"a": 1, "b": 2, "c": 5}
    assert values["w"] == {"a": 6, "b": 2}
    assert problems == []


@pytest.mark.parametrize("text", ["<<: 5", "<<: [1]", "<<: text"])
def test_a_merge_of_no_mapping_is_an_ordinary_key(text: str) -> None:
    values, (problem,) = read_yaml(text)
    assert list(values) == ["<<"]
    assert problem.rule == "odd-value"


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    assert read_yaml("x: &x {a: 1}\ny: {'<<': *x}\n")[0]["y"] == {"<<": {"a": 1}}


# What would do harm


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 1_000_000,
        "a: " + "{b: " * 250_000,
        "a:\n" + "- " * 500_000,
        "a: b\n" + "? " * 400_000,
        "a: " + "[\n" * 500_000,
        "\n".join(" " * depth + "a:" for depth in range(1000)),
        "a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH,
        "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200))]),
    ],
    ids=["lists", "mappings", "dashes", "keys", "lines", "indents", "just-too-deep", "aliases"],
)
def test_depth_is_refused_before_it_is_reached(text: str) -> None:
    assert refusal_of(text)[0] == "unsafe-front-matter"


def test_depth_within_the_limit_is_read() -> None:
    text = "a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    assert msgspec.json.encode(read_yaml(text)[0]).count(b"[") == MAX_DEPTH - 1


def make_bomb(first: str, rest: str) -> str:
    lines = [f"a0: &a0 {first}"]
    lines += [f"a{n}: &a{n} {rest}".replace("*", f"*a{n - 1}") for n in range(1, 12)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        make_bomb("[x, x, x, x, x, x, x, x, x]", "[*, *, *, *, *, *, *, *, *]"),
        make_bomb("{x: 1}", "{<<: [*, *, *, *, *, *, *, *, *]}"),
        "s: &s " + "x" * 100_000 + "\nl: [" + "*s," * 10_000 + "]",
    ],
    ids=["billion-laughs", "merge-keys", "long-string"],
)
def test_alias_bombs_are_refused(text: str) -> None:
    assert refusal_of(text)[0] == "unsafe-front-matter"


@pytest.mark.parametrize(
    "text",
    [
        "a: b: c" + " " * 900_000 + "x",
        "a" + ": " * 400_000 + "x",
        "a: b: " + " #" * 400_000,
        'a: "' + "x " * 500_000,
        "a: b\n" + "\n" * 1_000_000,
        'a: "' + "\\ud83d\\ude00" * 80_000 + '"',
        "\n".join(f"k{n}: a: b" for n in range(20_000)),
    ],
    ids=["spaces", "colons", "comments", "open", "blank", "surrogates", "repairs"],
)
def test_long_texts_take_linear_time(text: str) -> None:
    with suppress(Unreadable):  # The suite's time-out is the assertion.
        msgspec.json.encode(read_yaml(text)[0])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [c\n", 1),
        ("a: 1\nb: [c\nd: e\n\n\n", 2),
        ('a: "b\nc: d\n', 0),
        ("a: 1\n\tb: 2\n", 1),
        ("a: 1\nb: @c\n", 1),
        ("a: 1\n b: 2\n", 1),
        ("a: \u2028\nb: [\n", 1),
        ("a: 1\nb: \x07\n", 1),
        ("a: 1\nb: \ufffe\n", 1),
        ("a: 1\n--- b\n", 1),
        ("a: !<x\n", 0),
        ("%YAML 1.2\na: 1", 1),
    ],
)
def test_invalid_yaml_is_refused_with_its_line(text: str, line: int) -> None:
    assert refusal_of(text) == ("invalid-front-matter", line)


# Colons


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("title: Stove: care", "Stove: care"),
        ("title:  Stove: care  ", "Stove: care"),
        ("title: Stove:", "Stove:"),
        ("title: A: B: C # note", "A: B: C"),
        ("my title: it's: so", "it's: so"),
        ('title: it\'s: "so"', 'it\'s: "so"'),
        ("title: C:\\new: x's", "C:\\new: x's"),
        ("title: -x: y", "-x: y"),
        ("título: é: 😀", "é: 😀"),
    ],
)
def test_a_bare_value_with_a_colon_is_a_string(line: str, value: str) -> None:
    values, (problem,) = read_yaml(f"\na: 1\n{line}\nb: 2\n")
    key = line.partition(":")[0]
    assert values == {"a": 1, key: value, "b": 2}
    column = line.index(value)
    assert problem.rule == "unquoted-colon"
    assert problem.pointer == f"/{key}"
    assert problem.place == TextRange(2, column, 2, column + len(value))
    assert problem.before == value
    assert read_yaml(f"a: {problem.after}") == ({"a": value}, [])


@pytest.mark.parametrize(
    "text",
    [
        'a: "b": c',
        "a: 'b': c",
        "a: [b: c: d]: e",
        "a: *b: c",
        "a: - b: c",
        "a:\n  b: c: d",
        "- a: b: c",
        "a: b: c\n  d",
        "a: b: c\nd: @e",
    ],
)
def test_other_colons_are_invalid(text: str) -> None:
    assert refusal_of(text)[0] == "invalid-front-matter"


def test_lines_inside_a_value_are_not_repaired() -> None:
    text = 'a: "x\nb: c: d"\ne: f: g\nh: |\n  i: j: k\n'
    values, (problem,) = read_yaml(text)
    assert values == {"a": "x b: c: d", "e": "f: g", "h": "i: j: k\n"}
    assert problem.pointer == "/e"


# Laws


@given(st.lists(ATOMS, max_size=14).map("".join))
def test_any_text_gives_json_or_is_refused(text: str) -> None:
    try:
        values, problems = read_yaml(text)
    except Unreadable as refused:
        line = refused.line
        assert line is None or 0 <= line <= text.count("\n")
        return
    assert msgspec.json.decode(msgspec.json.encode(values)) == values
    for problem in problems:
        assert problem.place is not None
        assert problem.place.end_line <= text.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        "a: [1, 'b', \"c\", {d: e}]\nf: |\n  g\n  h\ni: >-\n  j\n  k\n",
        "a: &x {b: 1}\nc: {<<: *x}\nd: *x\n",
        "a: Stove: care\nb: .nan\nb: !!set {c}\n",
        "a: x\u2028y\nb: 😀é\nc: 2024-01-05 10:00\n",
        "# c\n\na: b # d\n",
    ],
)
def test_both_parsers_agree(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = read_yaml(text)
    monkeypatch.setattr(parsers, "choose_loader", lambda _: yaml.SafeLoader)
    assert read_yaml(text) == fast
