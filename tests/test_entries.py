"""Labels in one paragraph: the short way and the long way read the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.labels.paragraphs import LabelledParagraph, _read_clean, read_pieces
from extractor.markdown.atoms import locate_atoms
from extractor.markdown.parser import parse_markdown

TERMS = st.sampled_from(["Fuel", "Zweiter Gang", "Вага", "重量", "10", "Size (cm)", "a b, c", "x"])
CLOSERS = st.sampled_from([":** ", "：** ", "**: ", "** - ", "** — ", "**： ", ":**  "])
RESTS = st.lists(
    st.sampled_from(
        [
            "oak",
            "*soft* wood",
            "`code: x`",
            "[link](u)",
            "![i](u)",
            "5 * 3",
            "\u200b7",
            "a: b",
            "—",
            "<i>x</i>",
            "~~y~~",
        ]
    ),
    min_size=1,
    max_size=4,
).map(" ".join)


@given(TERMS, CLOSERS, RESTS)
def test_the_short_way_reads_what_the_long_way_reads(term: str, closer: str, rest: str) -> None:
    source = f"**{term}{closer}{rest}"
    [node] = parse_markdown([source])
    clean = _read_clean(node.text, node.inlines)
    if clean:
        atoms = locate_atoms(node.inlines, node.text)
        [piece] = LabelledParagraph(node.text, atoms, True, True, False).pieces()
        assert clean._replace(label=piece.label) == piece
        assert clean.label.text == clean.term


def test_the_short_way_is_taken() -> None:
    [node] = parse_markdown(["**Fuel:** dry *birch*"])
    clean = _read_clean(node.text, node.inlines)
    assert clean
    assert (clean.term, clean.content.text) == ("Fuel", "dry birch")


def test_a_token_of_an_unknown_kind_is_a_bug_and_no_paragraph_without_labels() -> None:
    with pytest.raises(KeyError):
        read_pieces("**Fuel** : dry", [{"type": "strange", "raw": "**Fuel** : dry"}])


def test_tokens_that_the_parser_rewrote_give_no_label() -> None:
    [piece] = read_pieces("**Fuel** : dry", [{"type": "text", "raw": "another text"}])
    assert (piece.term, piece.content.text) == (None, "another text")
