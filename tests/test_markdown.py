"""Blocks are read as reference parsers read them, and what is read quickly as what is not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from reference import describe_nodes, describe_reference, do_references_agree

from extractor.markdown.atoms import locate_atoms, read_atoms
from extractor.markdown.emphasis import DelimiterRun, pair_runs
from extractor.markdown.fast_inlines import read_quickly
from extractor.markdown.inlines import _TokenReader, read_inlines, read_plain
from extractor.markdown.lazy import Tip
from extractor.markdown.parser import Node, parse_inline, parse_markdown

# --- inline content ---------------------------------------------------------------------

PIECES = (
    *(
        "a",
        "é",
        "水",
        "9",
        "_",
        "*",
        "**",
        "`",
        "[",
        "](",
        ")",
        "!",
        "<",
        "&",
        ";",
        "~~",
        "\\",
        ".",
    ),
    *(
        "(",
        " ",
        "  ",
        "\n",
        " \n",
        "\n  ",
        "\u00a0",
        "**b**",
        "*e*",
        "`c`",
        "` c `",
        "x_y",
        "&amp;",
    ),
    *("[t](u)", "![i](u)", "**水**", "**a `b` c**", "**[t](u):**"),
    "[`c`](https://x.example/a?b=c&d=e_f)",
)


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map("".join))
@example("**a:**b")
@example("a**“b”**c")
@example("`` a` ``")
@example("&!b;")
@example("[a `b](u) c`")
@example("*a [b*](u)*")
@example("![^1](u)")
def test_quick_reading_is_mistune_s(text: str) -> None:
    text = text.strip(" \r\n\t\f")
    tokens = read_quickly(text)
    if text and tokens is not None:
        assert tokens == parse_inline(text)


@pytest.mark.parametrize(
    "text",
    [
        "Words, in short!",
        "**Label:** text",
        "**水**水",
        "*one* and **two**",
        "a snake_case name",
        "`code` with [a link](https://x.example/?a=b&c=d)",
        "[`code`](u)",
        "**a [link](u)**",
        "![image](u.png)",
        "one\ntwo",
    ],
)
def test_usual_text_takes_no_mistune(text: str) -> None:
    assert read_quickly(text)


@pytest.mark.parametrize("text", ["a\\*b", "<b>", "a  \nb", "**a", "[a]", "_a_", "***a***", "[^1]"])
def test_the_rest_does(text: str) -> None:
    assert read_quickly(text) is None


SCRAPS = (
    *PIECES,
    *(
        "https://x.test/a",
        "www.x.test",
        "m@x.test",
        "\\*",
        "\\&",
        "&#65;",
        "&copyx;",
        "<b>",
        "</b>",
    ),
    *("<i class='x'>", "<br>", "<!-- c -->", "~", "<https://y.test>", "ी", "“", "[^1]"),
)


@given(st.lists(st.sampled_from(SCRAPS), min_size=1, max_size=12).map("".join))
@example("a <b> - <!-- c --> *d*")
@example("https://x.test/a&amp;b\\*c")
@example("\\_m@x.test")
def test_tokens_laid_onto_their_source_say_the_same(text: str) -> None:
    text = text.strip(" \r\n\t\f")
    tokens = parse_inline(text)
    assert read_atoms(locate_atoms(tokens, text)) == read_inlines(tokens)


# --- lists ------------------------------------------------------------------------------

LINES = (
    *("a", "word two", "é", "水", "(", "`b`", "**b**", "", "", " "),
    *("- b", "* b", "+ b", "-", "-  ", "  -  b", "-     b", "-\tb", "\t- b", "  \tb"),
    *(
        "1. b",
        "1.  \tb",
        "2) b",
        "7. b",
        "٣. b",
        "123456789. b",
        "1234567890. b",
        "- - b",
        "- 1. b",
    ),
    *("# b", "---", "***", "```", "~~~", "<div>", "==="),
)
INDENTS = ("", "", "", " ", "  ", "   ", "    ", "     ", "\t", " \t")


def _agrees(lines: list[str]) -> None:
    page = "\n".join(lines) + "\n"
    assume(do_references_agree(page))
    assert describe_nodes(parse_markdown(lines)) == describe_reference(page)


@given(st.lists(st.tuples(st.sampled_from(INDENTS), st.sampled_from(LINES)), max_size=10))
@example([("", "- a"), ("", ""), ("", "# b"), ("", "- c")])
@example([("", "-"), ("", ""), ("  ", "a")])
@example([("", "1. a"), ("", "2) b"), ("", "c")])
@example([("", "- a"), ("", "> b"), ("", "- c")])
@example([("", "-  "), ("", ""), ("  ", "- b")])
@example([("", "- b"), ("", "==="), ("", "a")])
@example([("", "-    a"), ("   ", "- b"), ("  ", "# b")])
def test_lists_are_as_the_reference_has_them(drawn: list[tuple[str, str]]) -> None:
    _agrees([indent + line for indent, line in drawn])


QUOTE_LINES = (
    *("a", "b c", "", "- b", "1. b", "-", "# b", "***", "===", "```", "<div>", "<b>", "<!-- c -->"),
    *("|a|b|", "|-|-|", "    c"),
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "> ", ">", "> > ", "> - ", "- > "]), st.sampled_from(QUOTE_LINES)
        ),
        max_size=8,
    )
)
@example([("> ", "a"), ("", "# b")])
@example([("> ", "# b"), ("", "a")])
@example([("> - ", "```"), ("", "a")])
@example([("> ", "|a|b|"), ("", "|-|-|")])
def test_quotes_are_as_the_reference_has_them(drawn: list[tuple[str, str]]) -> None:
    _agrees([mark + line for mark, line in drawn])


def _number_items(nodes: list[Node]) -> list[tuple[int, int]]:
    return [(child.line, child.end_line) for node in nodes for child in node.children]


@pytest.mark.parametrize(
    ("lines", "items"),
    [
        (["- a", "- b", "", "- c"], [(1, 1), (2, 2), (4, 4)]),
        (["text", "", "- a", "b", "  c", "", "  d", "- e"], [(3, 7), (8, 8)]),
        (["-", "  a", "- b"], [(1, 2), (3, 3)]),
        (["-", "", "a"], [(1, 1)]),
        (["- - a", "  - b", "- c"], [(1, 2), (3, 3)]),
        (["- a", "", "", "b"], [(1, 1)]),
    ],
)
def test_items_know_their_lines(lines: list[str], items: list[tuple[int, int]]) -> None:
    nodes = [node for node in parse_markdown(lines) if node.type == "list"]
    assert _number_items(nodes) == items


# --- every block ------------------------------------------------------------------------

OPENINGS = (
    *("", "", "> ", "- ", "* ", "1. ", "7) ", "-", "7)", ": ", "# ", "| ", "   ", "    "),
    *("> > ", "> - ", "> 7) ", "> : ", "- > ", "- 7) ", "1. > ", ": > ", "   > ", "  7) "),
    *("[^1]: ", "[^1]: > ", "===", "---", "<div>"),
)


def _find_words(node: Node) -> list[str]:
    return re.findall(r"w\d+", node.text + str(node.attrs.get("rows"))) + [
        word for child in node.children for word in _find_words(child)
    ]


def _check_order(nodes: list[Node], first: int, last: int) -> None:
    for node in nodes:
        assert first <= node.line <= node.end_line <= last
        _check_order(list(node.children), node.line, node.end_line)
        first = node.end_line


@given(st.lists(st.tuples(st.sampled_from(OPENINGS), st.booleans()), min_size=1, max_size=8))
@example([("", True), ("> ", True), ("7) ", True)])
@example([("", True), ("> : ", True), ("-", False)])
@example([("- ", True), ("> ", True), ("7) ", True), ("", True)])
def test_words_stand_once_and_in_order(drawn: list[tuple[str, bool]]) -> None:
    lines = [opening + f"w{n}" * has_word for n, (opening, has_word) in enumerate(drawn)]
    nodes = parse_markdown(lines)
    assert [word for node in nodes for word in _find_words(node)] == re.findall(
        r"w\d+", " ".join(lines)
    )
    _check_order(nodes, 1, len(lines))


# --- linear time ------------------------------------------------------------------------


def _count_calls(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> list[int]:
    """Count the calls of a method from now on, in a list of one number."""
    count = [0]
    method = getattr(owner, name)

    def counted(*args: Any) -> Any:
        count[0] += 1
        return method(*args)

    monkeypatch.setattr(owner, name, counted)
    return count


@pytest.mark.parametrize("depth", [5, 10, 19])
def test_nested_images_are_read_once_a_level(depth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = parse_inline("![a" * depth + "](b)" * depth)
    count = _count_calls(monkeypatch, _TokenReader, "read")
    assert read_plain(tokens) == "a" * depth
    assert count[0] == depth + 1
    [image] = read_inlines(tokens).images
    assert image.alt == "a" * depth
    assert count[0] == 2 * (depth + 1)


@pytest.mark.parametrize("line", ["> a\nb\n", "> *a*\n*b*\n", "> - a\nb\n> \n", "- a\n*b*\n"])
def test_lazy_lines_are_looked_at_once(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    count = _count_calls(monkeypatch, Tip, "_read_line")
    lines = (line * 200).split("\n")
    parse_markdown(lines)
    assert count[0] <= len(lines)


def test_runs_without_a_partner_are_passed_over_once() -> None:
    steps = 0

    class Stepped(DelimiterRun):
        @property
        def order(self) -> int:
            nonlocal steps
            steps += 1
            return self._order

        @order.setter
        def order(self, value: int) -> None:
            self._order = value

    runs = [Stepped(sign, " ", "a") for sign in ("_", "**", "~~") * 300]
    runs += [Stepped(sign, "a", " ") for sign in ("*", "__", "~") * 300]
    pair_runs(runs)
    assert steps <= 20 * len(runs)
