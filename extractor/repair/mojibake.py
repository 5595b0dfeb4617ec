"""Text that was decoded with the wrong encoding and saved: the door to ftfy.

Only ftfy's encoding repair is used, and only where its own badness test says
so: its defaults changed 10 % of the lines of a clean book (quotes, widths),
the encoding repair alone none of 950,000.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"\S+")

_AROUND = 7
"""Code points that a bad sequence reaches beyond what is suspect in it."""

# ftfy's test costs a microsecond a character, more than parsing. What it calls bad holds one of
# these: accented Latin, C1 controls, punctuation, symbols, a few letters; two of them side by
# side, or one beside a Greek or Cyrillic letter, or one of a few that are bad before a space.
# Only such neighbourhoods are worth its time.
_SUSPECT = (
    "[\x80-\u024f\u02b0-\u02ff\u0384\u0385\u0402\u0490\u0491\u2000-\u25ff\uf8ff\ufb01\ufb02\ufffd]"
)
_BESIDE = "[\u0370-\u04ff]"
_SUSPECTS = re.compile(
    f"{_SUSPECT}(?:{_SUSPECT}|(?={_BESIDE})|(?<={_BESIDE}.)|(?<=[\x80-\x9f\xc2\xc3\u0152\u0153\u0402]))"
    f"(?:.{{0,{_AROUND}}}{_SUSPECT})*"
)


def find_mender(text: str) -> Mender | None:
    """Make a mender for a page that shows mojibake; None for the others, at little cost."""
    if text.isascii():
        return None
    around = {
        text[max(match.start() - _AROUND, 0) : match.end() + _AROUND]
        for match in _SUSPECTS.finditer(text)
    }
    if not around:
        return None
    # Loading ftfy takes longer than reading a page: not for pages that can't need it.
    from ftfy.badness import is_bad

    return Mender() if is_bad("\n".join(sorted(around))) else None


class Mender:
    """Mends the text of one page."""

    def mend(self, text: str) -> tuple[str, list[tuple[str, str]]]:
        """Mend text line by line.

        Returns:
            The text, and for each word changed what it was and what it is.
        """
        if text.isascii():
            return text, []
        changes: list[tuple[str, str]] = []
        lines = [self._mend_line(line, changes) for line in text.split("\n")]
        return "\n".join(lines), changes

    def _mend_line(self, line: str, changes: list[tuple[str, str]]) -> str:
        from ftfy.badness import is_bad

        # Nothing is left of what replacement characters stand for. A megabyte of them, which
        # NULs are read as, takes ftfy over a second.
        if line.replace("\ufffd", "").isascii() or not is_bad(line):
            return line
        mended = _repair(line)
        before, after = line.split(), mended.split()
        # Clean dashes or curly quotes on a line block its repair: then word by word.
        if mended == line or len(before) != len(after):
            mended = _WORD.sub(lambda word: _repair(word[0]), line)
            after = mended.split()
        if len(before) != len(after):
            return line
        changes += [(old, new) for old, new in zip(before, after, strict=True) if old != new]
        return mended


def _repair(text: str) -> str:
    """Repair the encoding of text, if that makes it better."""
    from ftfy import fix_encoding
    from ftfy.badness import is_bad

    if not is_bad(text):
        return text
    mended = fix_encoding(text)
    return text if is_bad(mended) else mended
