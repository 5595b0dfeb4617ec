"""Emphasis, strong emphasis and strikethrough (CommonMark 6.2; GFM 6.5).

Delimiter runs are paired in one pass, as the appendix of CommonMark has it, and
the tokens between them nested in a second.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from extractor.markdown.lines import Token

_PIECES = re.compile(r"\*+|_+|~+|[^*_~]+")
_MARKERS = re.compile(r"[*_~]")
_OBJECT = "*"
"""What stands for code, HTML, links and images beside a run: all of them end in punctuation."""


class DelimiterRun:
    """A run of one delimiter.

    Attributes:
        sign: The delimiter.
        count: How many are still to be paired.
        length: How many there were.
        opens: Whether the run can open emphasis.
        closes: Whether it can close some.
        opened: Widths of what it opens, innermost first.
        closed: Widths of what it closes, innermost first.
    """

    __slots__ = ("closed", "closes", "count", "length", "opened", "opens", "order", "sign")

    def __init__(self, text: str, before: str, after: str) -> None:
        self.sign = text[0]
        self.count = self.length = len(text)
        self.order = 0
        self.opened: list[int] = []
        self.closed: list[int] = []
        self.opens, self.closes = _find_sides(text, before, after)


def _find_sides(text: str, before: str, after: str) -> tuple[bool, bool]:
    """Tell whether a run between two characters can open and close (CommonMark 6.2)."""
    left, right = _classify(before), _classify(after)
    is_left = right == "letter" or (right == "sign" and left != "letter")
    is_right = left == "letter" or (left == "sign" and right != "letter")
    if text[0] == "*" or text == "~~":
        return is_left, is_right
    if text[0] == "~" and len(text) > 2:
        return False, False
    # Within a word, `_` is a letter; and a single `~` means "to" or "about" (2~3 hours).
    return is_left and left != "letter", is_right and right != "letter"


@cache
def _classify(char: str) -> str:
    if char.isspace():
        return "space"
    return "sign" if unicodedata.category(char)[0] in "PS" else "letter"


def pair_runs(runs: Iterable[DelimiterRun]) -> None:
    """Note in each run what it opens and closes."""
    stack: list[DelimiterRun] = []
    bottoms: dict[tuple[str, bool, int], int] = {}
    for order, run in enumerate(runs):
        run.order = order
        key = (run.sign, run.opens, run.length % 3)
        while run.closes and run.count:
            place = _find_opener(stack, run, bottoms.get(key, 0))
            if place is None:
                bottoms[key] = order
                break
            _pair(stack, place, run)
        if run.opens and run.count:
            stack.append(run)


def _find_opener(stack: Sequence[DelimiterRun], closer: DelimiterRun, bottom: int) -> int | None:
    for place in range(len(stack) - 1, -1, -1):
        opener = stack[place]
        if opener.order < bottom:
            return None
        if opener.sign == closer.sign and _fits(opener, closer):
            return place
    return None


def _fits(opener: DelimiterRun, closer: DelimiterRun) -> bool:
    """Tell whether two runs pair, by the rule of three."""
    if closer.sign == "~" or not (opener.closes or closer.opens):
        return True
    return (opener.length + closer.length) % 3 != 0 or not (opener.length % 3 or closer.length % 3)


def _pair(stack: list[DelimiterRun], place: int, closer: DelimiterRun) -> None:
    opener = stack[place]
    del stack[place + 1 :]
    if closer.sign == "~" and opener.count != closer.count:
        # Neither of the two pairs any more.
        stack.pop()
        closer.opens = closer.closes = False
        return
    width = min(opener.count, closer.count, 2)
    opener.opened.append(width)
    closer.closed.append(width)
    opener.count -= width
    closer.count -= width
    if not opener.count:
        stack.pop()


# --- tokens -------------------------------------------------------------------------------


def nest_emphasis(tokens: Sequence[Token], limit: int) -> list[Token]:
    """Pair the delimiters in a line of tokens, and nest what stands between them.

    Args:
        tokens: As mistune gives them, delimiters still text; escapes have `_emphasis` false.
        limit: How deep emphasis may be nested; what is deeper stays text.
    """
    if not any(map(_has_marker, tokens)):
        return _merge(tokens)
    pieces = list(_split(tokens))
    pair_runs(piece for piece in pieces if isinstance(piece, DelimiterRun))
    return _Nest(limit).build(pieces)


def _has_marker(token: Token) -> bool:
    return (
        token["type"] == "text"
        and token.get("_emphasis", True)
        and _MARKERS.search(token["raw"]) is not None
    )


def _split(tokens: Sequence[Token]) -> Iterator[Token | DelimiterRun]:
    """Split text at delimiter runs."""
    joined = _join(tokens)
    edges = ["\n", *map(_edge_after, joined)]
    afters = [*map(_edge_before, joined[1:]), "\n"]
    for token, before, after in zip(joined, edges, afters, strict=False):
        if not _has_marker(token):
            yield token
            continue
        texts = _PIECES.findall(token["raw"])
        for number, text in enumerate(texts):
            if text[0] not in "*_~":
                yield {"type": "text", "raw": text}
            else:
                left = texts[number - 1][-1] if number else before
                right = texts[number + 1][0] if number + 1 < len(texts) else after
                yield DelimiterRun(text, left, right)


def _join(tokens: Sequence[Token]) -> list[Token]:
    """Join text that stands together in the source."""
    joined: list[Token] = []
    for token in tokens:
        is_text = token["type"] == "text" and token.get("_emphasis", True)
        if is_text and joined and joined[-1].get("_open"):
            joined[-1]["raw"] += token["raw"]
        elif is_text:
            joined.append({"type": "text", "raw": token["raw"], "_open": True})
        else:
            joined.append(token)
    return joined


def _edge_before(token: Token) -> str:
    """Give the character that a token begins with, as far as a run beside it is concerned."""
    if token["type"] == "text":
        return str(token["raw"][:1]) or "\n"
    if token["type"] == "link" and token.get("bare"):
        return str(token["children"][0]["raw"][0])
    return "\n" if token["type"] in ("softbreak", "linebreak") else _OBJECT


def _edge_after(token: Token) -> str:
    if token["type"] == "text":
        return str(token["raw"][-1:]) or "\n"
    if token["type"] == "link" and token.get("bare"):
        return str(token["children"][-1]["raw"][-1])
    return "\n" if token["type"] in ("softbreak", "linebreak") else _OBJECT


_KINDS = {1: "emphasis", 2: "strong"}


class _Nest:
    """Builds the tree of tokens from left to right."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._levels: list[list[Token]] = [[]]
        # Of what is open; an empty kind is text, for it would lie too deep.
        self._kinds: list[str] = []

    def build(self, pieces: Iterable[Token | DelimiterRun]) -> list[Token]:
        for piece in pieces:
            if not isinstance(piece, DelimiterRun):
                self._levels[-1].append(piece)
                continue
            for width in piece.closed:
                self._close(piece.sign * width)
            if piece.count:
                self._add_text(piece.sign * piece.count)
            for width in reversed(piece.opened):
                self._open(piece.sign * width)
        return _merge(self._levels[0])

    def _add_text(self, raw: str) -> None:
        self._levels[-1].append({"type": "text", "raw": raw})

    def _open(self, mark: str) -> None:
        if len(self._levels) > self._limit:
            self._add_text(mark)
            self._kinds.append("")
        else:
            self._levels.append([])
            self._kinds.append("strikethrough" if mark[0] == "~" else _KINDS[len(mark)])

    def _close(self, mark: str) -> None:
        kind = self._kinds.pop()
        if not kind:
            self._add_text(mark)
            return
        token: Token = {"type": kind, "children": _merge(self._levels.pop())}
        if mark == "~":
            token["width"] = 1
        self._levels[-1].append(token)


def _merge(tokens: Iterable[Token]) -> list[Token]:
    """Join text, but for what only together would be an entity; drop what only this pass needs."""
    merged: list[Token] = []
    is_open = False
    for token in tokens:
        if token["type"] != "text":
            merged.append(_strip(token))
            is_open = False
            continue
        raw = token["raw"]
        # An escaped `&` or `;` makes no entity with its neighbours.
        is_apart = not token.get("_emphasis", True) and ("&" in raw or ";" in raw)
        if is_open and not is_apart:
            merged[-1]["raw"] += raw
        elif raw:
            merged.append({"type": "text", "raw": raw})
        is_open = not is_apart and bool(merged) and merged[-1]["type"] == "text"
    return merged


def _strip(token: Token) -> Token:
    if "_autolink" not in token:
        return token
    return {name: value for name, value in token.items() if name != "_autolink"}
