"""What is read without mistune is read as mistune reads it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mistune import BlockParser, BlockState

from extractor.markdown.fast_inlines import read_quickly
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


# --- lists ------------------------------------------------------------------------------

LINES = (
    *("a", "word two", "é", "水", "(", "`b`", "**b**", "", "", " ", "\x0b"),
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


class PlainParser(BlockParser):
    def __init__(self) -> None:
        super().__init__()
        self.list_rules = self.block_quote_rules = list(self.rules)


def _describe_token(token: dict[str, Any]) -> list[Any]:
    """Give a token of mistune's as far as a node has the same."""
    attrs = token.get("attrs", {})
    about = {name: attrs[name] for name in ("ordered", "start") if name in attrs}
    if "children" in token:
        return [token["type"], about, _describe_tokens(token["children"])]
    text = token.get("text", token.get("raw", ""))
    return [token["type"], about, text.strip(" \r\n\t\f") if "text" in token else text]


def _describe_tokens(tokens: list[dict[str, Any]]) -> list[Any]:
    return [_describe_token(token) for token in tokens if not _is_void(token)]


def _is_void(token: dict[str, Any]) -> bool:
    """Tell whether no node is made of a token: blank lines, and text or code without words."""
    is_text = "text" in token or token.get("style") == "indent"
    words = token.get("text", token.get("raw", ""))
    return token["type"] == "blank_line" or (is_text and not words.strip())


def _describe_node(node: Node) -> list[Any]:
    about = {name: node.attrs[name] for name in ("ordered", "start") if name in node.attrs}
    if node.type in ("list", "list_item", "block_quote"):
        return [node.type, about, [_describe_node(child) for child in node.children]]
    return [node.type, about, node.text]


@given(st.lists(st.tuples(st.sampled_from(INDENTS), st.sampled_from(LINES)), max_size=10))
@example([("", "- a"), ("", ""), ("", "# b"), ("", "- c")])
@example([("", "-"), ("", ""), ("  ", "a")])
@example([("", "1. a"), ("", "2) b"), ("", "c")])
@example([("", "- a"), ("", "> b"), ("", "- c")])
def test_lists_are_mistune_s(drawn: list[tuple[str, str]]) -> None:
    lines = [indent + line for indent, line in drawn]
    state = BlockState()
    state.process("\n".join(lines) + "\n")
    PlainParser().parse(state)
    expected = _describe_tokens(state.tokens)
    assert [_describe_node(node) for node in parse_markdown(lines)] == expected


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
