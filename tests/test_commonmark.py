"""The examples of CommonMark and GFM have the structure that reference parsers give them."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import pytest
from commonmark_examples import read_examples, read_extension_examples
from hypothesis import assume, example, given
from hypothesis import strategies as st
from reference import describe_nodes, describe_reference, do_references_agree, read_github

from extractor.markdown.inlines import read_inlines
from extractor.markdown.parser import parse_markdown

EXAMPLES = read_examples()
PAGES = read_extension_examples()

DEPARTURES = {
    602: "its URL has a space in it: no autolink of CommonMark, but a bare URL of GFM",
    606: "a backslash makes an address of no autolink of CommonMark, but a bare one of GFM",
    608: "spaces in angle brackets: no autolink of CommonMark, but a bare URL of GFM",
    611: "a bare URL, which is a link in GFM",
    612: "a bare address, which is a link in GFM",
}
"""Examples that are read otherwise, all of them for GFM's autolinks."""

pytestmark = pytest.mark.skipif(not EXAMPLES, reason="the archive with the examples is not there")


def _read_page(markdown: str) -> Any:
    return describe_nodes(parse_markdown(markdown.removesuffix("\n").split("\n")))


@pytest.mark.parametrize("case", EXAMPLES, ids=lambda case: str(case["example"]))
def test_examples_have_the_structure_of_the_reference(case: dict[str, Any]) -> None:
    is_same = _read_page(case["markdown"]) == describe_reference(case["markdown"])
    # A departure that is none any more is to be taken off the list.
    assert is_same == (case["example"] not in DEPARTURES)


@pytest.mark.parametrize(("title", "page"), PAGES, ids=[title for title, _ in PAGES])
def test_tables_and_strikethrough_have_it_too(title: str, page: str) -> None:
    if not do_references_agree(page):
        pytest.skip("the two references differ")
    assert _read_page(page) == describe_reference(page)


# --- autolinks ----------------------------------------------------------------------------

PIECES = (
    *("a", "é", "水", " ", " ", "https://", "http://", "ftp://", "www.a", "a.b", "x.test", "/c"),
    *("*", "**", "_", "~", "(", ")", "()", ".", ",", ";", ":", "!", "'", '"', "?q=1&b", "&x;", "-"),
    *("m@x.test", "@", "mailto:", "`", "[", "]", "](u)", "<b>", "。"),
)


class _Links(HTMLParser):
    """Collects the targets of links from the HTML of GitHub's parser."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.urls.append(unquote(dict(attrs).get("href") or ""))


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=9).map("".join))
@example("https://a.b/(c)) x")
@example("https://a.b/x&y; and &z")
@example("*https://a.b/c*")
@example("_m@x.test_ -")
@example("m@x.test-")
@example("[https://a.b] https://a.b/[c](u)")
@example("xhttp://a.b 水https://a.b 水www.a.b")
@example("mailto:m@x.test.")
def test_bare_links_are_github_s(text: str) -> None:
    page = f"x {text}\n"
    # GitHub's parser cuts hosts of other than ASCII letters into bytes, and puzzles over two `@`.
    assume("_" not in text or text.isascii())
    assume(text.replace("@x.test", "", 1).count("@") < 1)
    found = [
        unquote(link.url)
        for node in parse_markdown([*page.split("\n")])
        for link in read_inlines(node.inlines).links
    ]
    links = _Links()
    links.feed(read_github(page))
    assert found == links.urls
