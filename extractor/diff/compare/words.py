"""Word-level marks between two texts, and how alike texts are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.diff.changes import Segment
from extractor.diff.compare.matching import Pair, Sketch, align, sketch_shingles

# Scripts written without spaces count character by character; ASCII, general and
# fullwidth punctuation stand alone; combining marks and joiners stay in their word.
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
_PUNCTUATION = r"!-/:-@\[-^`{-~\u2010-\u2027\u2030-\u205e\u3001-\u303f\uff01-\uff0f\uff1a-\uff20"
_WORD = (
    rf"\d+(?:[.,]\d+)*|[{_SPACELESS}][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u3099\u309a]*"
    rf"|[^\s{_SPACELESS}{_PUNCTUATION}]+|\S"
)
_WORDS = re.compile(_WORD)
_TOKENS = re.compile(rf"({_WORD})(\s*)")
_LINES = re.compile(r"([^\n]+)(\n*)")

_LONG = 2_000_000
"""Code points above which texts are compared line by line."""
_SHARED = 0.25
"""Least share of common text that makes marks easier to read than two whole texts."""


def mark_words(before: str, after: str) -> list[Segment]:
    """Show which words of a text changed.

    Returns:
        Segments in reading order. Those not ``added`` spell `before`, those
        not ``removed`` spell `after`.

    >>> [(s.op, s.text) for s in mark_words("3-7 mild days", "3-8 days")]
    [('same', '3-'), ('removed', '7 mild'), ('added', '8'), ('same', ' days')]
    """
    old, new = _split_tokens(before), _split_tokens(after)
    pairs = align([word for word, _ in old], [word for word, _ in new])
    segments = _merge(_mark_tokens(old, new, pairs))
    shared = sum(len(s.text.strip()) for s in segments if s.op == "same")
    if shared < _SHARED * max(len(before), len(after)):
        segments = _merge([("removed", before), ("added", after)])
    return segments


def _split_tokens(text: str) -> list[tuple[str, str]]:
    """Split into (word, white space after it); leading white space has an empty word."""
    start = len(text) - len(text.lstrip())
    head = [("", text[:start])] if start else []
    pattern = _LINES if len(text) > _LONG else _TOKENS
    return head + [(m[1], m[2]) for m in pattern.finditer(text, start)]


def _mark_tokens(
    old: list[tuple[str, str]], new: list[tuple[str, str]], pairs: list[Pair]
) -> Iterator[tuple[str, str]]:
    """Yield (op, text) along the aligned words."""
    a = b = 0
    for i, j in [*pairs, (len(old), len(new))]:
        yield from _mark_replaced(_join(old[a:i]), _join(new[b:j]))
        if i < len(old):
            yield "same", old[i][0]
            yield from _mark_replaced(old[i][1], new[j][1])
        a, b = i + 1, j + 1


def _mark_replaced(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Yield a replaced run; white space that ends both is no part of the replacement."""
    common = 0
    while (
        common < min(len(before), len(after))
        and before[-1 - common] == after[-1 - common]
        and before[-1 - common].isspace()
    ):
        common += 1
    yield "removed", before[: len(before) - common]
    yield "added", after[: len(after) - common]
    yield "same", after[len(after) - common :]


def _join(tokens: list[tuple[str, str]]) -> str:
    return "".join(word + space for word, space in tokens)


def _merge(marks: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> list[Segment]:
    """Join neighbours of one op; within a run of changes, removed text comes first."""
    merged: list[Segment] = []
    same = removed = added = ""
    for op, text in marks:
        if op == "removed":
            removed += text
        elif op == "added":
            added += text
        elif text:
            if removed or added:
                merged += _pack(same, removed, added)
                same = removed = added = ""
            same += text
    return merged + _pack(same, removed, added)


def _pack(same: str, removed: str, added: str) -> list[Segment]:
    marks = (("same", same), ("removed", removed), ("added", added))
    return [Segment(op, text) for op, text in marks if text]  # type: ignore[arg-type]


def sketch_letters(text: str) -> Sketch:
    """Sketch a short text (an item, a heading, a paragraph) by its runs of three letters."""
    padded = f" {' '.join(text.casefold().split())} "
    return sketch_shingles({padded[k : k + 3] for k in range(len(padded) - 2)})


def sketch_words(text: str) -> Sketch:
    """Sketch a long text (a section, a page) by its runs of three words."""
    words = _WORDS.findall(text.casefold())
    if len(words) < 3:
        return sketch_shingles(set(words))
    return sketch_shingles({" ".join(words[k : k + 3]) for k in range(len(words) - 2)})
