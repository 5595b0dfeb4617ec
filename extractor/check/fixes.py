"""Fixes pages: writes what a diagnostic says was meant over what is damaged.

A diagnostic offers a fix when it has `before` and `after` and the bytes at
its span are `before`. A fix is safe when the page, extracted again, gives
the same document, and no diagnostic but the fixed ones is gone or new: every
edit here has passed that test.
"""

from __future__ import annotations

import difflib
import os
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from extractor.model import Diagnostic, Document
from extractor.pipeline import extract
from extractor.spans import without_spans
from extractor.storage.files import FileChangedError, remove_leftovers, replace_file

MAX_TRIALS = 64
"""How often a page is extracted to find the edits that are safe."""

UNSAFE = "the page would be read differently"
"""Why an edit that failed the test is withheld."""


class FixError(Exception):
    """A page that can't be written back; the message says why."""


class Edit(Struct, frozen=True):
    """New bytes for a stretch of a file.

    Attributes:
        start: Offset of the first byte to go.
        end: Offset after the last byte to go.
        content: What stands there afterwards.
        diagnostic: What is fixed.
    """

    start: int
    end: int
    content: bytes
    diagnostic: Diagnostic


class Withheld(Struct, frozen=True):
    """A fix that was not made, and why."""

    diagnostic: Diagnostic
    reason: str


class Fix(Struct, frozen=True):
    """A page as it is after its fixes.

    Attributes:
        data: The bytes of the page.
        document: What is extracted from them.
        fixed: The diagnostics that are gone, in the order they were fixed.
        withheld: The fixes offered that were not made.
    """

    data: bytes
    document: Document
    fixed: tuple[Diagnostic, ...] = ()
    withheld: tuple[Withheld, ...] = ()


def fix_page(data: bytes, document: Document, codes: frozenset[str], *, repair: bool = True) -> Fix:
    """Make every safe fix of a page.

    Overlapping fixes are made one after the other. The result is a fixed
    point: fixing it again changes nothing.

    Args:
        data: The bytes of the page.
        document: What was extracted from them.
        codes: Codes of the rules whose diagnostics are fixed.
        repair: Whether the document was extracted with repairs.
    """
    fix = Fix(data, document)
    # Ends, since each round leaves fewer diagnostics than it found.
    while (step := _fix_once(fix.data, fix.document, codes, repair)).fixed:
        fix = replace(step, fixed=fix.fixed + step.fixed)
    return replace(fix, withheld=step.withheld)


def find_fixable(
    data: bytes, document: Document, codes: frozenset[str], *, repair: bool = True
) -> frozenset[Diagnostic]:
    """Find the diagnostics that `fix_page` fixes in its first round.

    Args:
        data: The bytes of the page.
        document: What was extracted from them.
        codes: Codes of the rules in question.
        repair: Whether the document was extracted with repairs.
    """
    return frozenset(_fix_once(data, document, codes, repair).fixed)


def write_page(file: Path, before: bytes, after: bytes) -> None:
    """Replace a file by a new one, all at once, keeping its mode and owner.

    A file with several names (hard links) is left alone: a new file under one of them would
    part it from the others, and to write into the old one may leave half a page after a kill.

    Args:
        file: The page; of a symbolic link, its target is replaced.
        before: The bytes that were read from it.
        after: The bytes to be there.

    Raises:
        FixError: If the file has changed since, has several names, or can't be written.
    """
    try:
        target = Path(os.path.realpath(file))
        names = target.stat().st_nlink
        if names > 1:
            raise FixError(f"the file has {names} names (hard links), and a new file only one")
        if not os.access(target, os.W_OK):
            raise FixError("the file is read-only")
        replace_file(target, before, after)
    except FileChangedError:
        raise FixError("the file changed while it was checked") from None
    except OSError as error:
        raise FixError(f"the file can't be written: {error.strerror}") from error


def remove_unfinished(files: Iterable[Path]) -> None:
    """Remove what fixes that were killed left beside some pages, whichever page it was for."""
    # Beside the target of a link, for there `write_page` writes.
    for folder in {Path(os.path.realpath(file)).parent for file in files}:
        remove_leftovers(folder)


def render_diff(path: str, before: bytes, after: bytes, encoding: str) -> bytes:
    """Show an edited page as a unified diff.

    The lines are the bytes of the file, so that ``patch`` and ``git apply``
    take it. Where a patch has no lines, in UTF-16 or -32 and at bare carriage
    returns, it is made for reading: in UTF-8 with line feeds.

    Args:
        path: Name of the page in the header.
        before: The page as it is.
        after: The page as it would be.
        encoding: Its codec.
    """
    if encoding.startswith(("utf-16", "utf-32")) or re.search(rb"\r(?!\n)", before):
        before, after = (
            _unify_ends(data.decode(encoding, "replace")).encode() for data in (before, after)
        )
    names = (os.fsencode(f"a/{path}"), os.fsencode(f"b/{path}"))
    lines = difflib.diff_bytes(
        difflib.unified_diff, _split_lines(before), _split_lines(after), *names
    )
    return b"".join(lines)


def _fix_once(data: bytes, document: Document, codes: frozenset[str], repair: bool) -> Fix:
    """Make the safe fixes that do not overlap."""
    edits, withheld = _offer_edits(data, document, codes)
    chosen = _drop_overlaps(edits)
    trial = _Trial(Fix(data, document), repair)
    safe = set(trial.keep_safe(chosen))
    unsafe = tuple(Withheld(edit.diagnostic, UNSAFE) for edit in chosen if edit not in safe)
    return replace(trial.best, withheld=(*withheld, *unsafe))


def _offer_edits(
    data: bytes, document: Document, codes: frozenset[str]
) -> tuple[list[Edit], list[Withheld]]:
    """Collect the fixes that the diagnostics of a page offer."""
    edits, withheld = [], []
    for diagnostic in document.diagnostics:
        if diagnostic.code not in codes:
            continue
        try:
            edit = _make_edit(data, diagnostic, document.source.encoding)
        except UnicodeEncodeError as error:
            reason = f"{document.source.encoding} can't hold {error.object[error.start]!r}"
            withheld.append(Withheld(diagnostic, reason))
        else:
            edits += [edit] if edit else []
    return edits, withheld


def _make_edit(data: bytes, diagnostic: Diagnostic, encoding: str) -> Edit | None:
    """Give the edit that a diagnostic offers, if it does.

    Raises:
        UnicodeEncodeError: If the encoding of the page can't hold it.
    """
    span, before, after = diagnostic.span, diagnostic.before, diagnostic.after
    if span is None or before is None or after is None or before == after:
        return None
    found = data[span.start : span.end].decode(encoding, "replace")
    if _unify_ends(found) != _unify_ends(before):
        return None
    end = "\r\n" if "\r\n" in found else "\r" if "\r" in found else "\n"
    content = _unify_ends(after).replace("\n", end).encode(encoding)
    return Edit(span.start, span.end, content, diagnostic)


def _unify_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _drop_overlaps(edits: Iterable[Edit]) -> list[Edit]:
    """Keep the first of edits that share bytes; the others wait for the next round."""
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end, edit.diagnostic.code)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


class _Trial:
    """Tries edits on one page.

    Attributes:
        best: The page with the edits last found safe.
    """

    def __init__(self, origin: Fix, repair: bool) -> None:
        self.best = origin
        self._origin = origin
        self._repair = repair
        self._left = MAX_TRIALS

    def keep_safe(self, edits: Sequence[Edit]) -> list[Edit]:
        """Find the edits that are safe together, by halving those that are not."""
        if not edits or self._apply(edits):
            return list(edits)
        middle = len(edits) // 2
        halves = (edits[:middle], edits[middle:]) if middle else ()
        safe = [edit for half in halves for edit in self.keep_safe(half)]
        if safe and self._apply(safe):
            return safe
        self.best = self._origin
        return []

    def _apply(self, edits: Sequence[Edit]) -> bool:
        """Extract the page with edits, and tell whether the document is the same."""
        self._left -= 1
        if self._left < 0:
            return False
        data = _apply_edits(self._origin.data, edits)
        before = self._origin.document
        try:
            after = extract(data, before.source.path, repair=self._repair)
        except Exception:  # a rejected page, or a bug of ours: either way no fix
            return False
        if same := _is_same(before, after, edits):
            self.best = Fix(data, after, tuple(edit.diagnostic for edit in edits))
        return same


def _apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Replace stretches of bytes; `edits` are sorted and disjoint."""
    parts, place = [], 0
    for edit in edits:
        parts += [data[place : edit.start], edit.content]
        place = edit.end
    return b"".join([*parts, data[place:]])


def _is_same(before: Document, after: Document, edits: Sequence[Edit]) -> bool:
    """Compare two documents but for spans, hash, size and what the edits fix.

    Diagnostics that share bytes with an edit may be gone with it.
    """
    fixed = {edit.diagnostic for edit in edits}
    may_stay = [entry for entry in before.diagnostics if entry not in fixed]
    must_stay = [entry for entry in may_stay if not _touches(entry, edits)]
    left = _count(after.diagnostics)
    return _count(must_stay) <= left <= _count(may_stay) and _strip(before) == _strip(after)


def _touches(diagnostic: Diagnostic, edits: Sequence[Edit]) -> bool:
    """Tell whether a diagnostic shares bytes with one of sorted, disjoint edits."""
    span = diagnostic.span
    if span is None:
        return False
    index = bisect_right(edits, span.start, key=lambda edit: edit.end)
    return index < len(edits) and edits[index].start < span.end


def _count(diagnostics: Iterable[Diagnostic]) -> Counter[Diagnostic]:
    """Count diagnostics that are the same but for their places."""
    return Counter(replace(diagnostic, span=None) for diagnostic in diagnostics)


def _strip(document: Document) -> Document:
    source = replace(document.source, sha256="", bytes=0)
    return replace(without_spans(document), source=source, diagnostics=[])


def _split_lines(data: bytes) -> list[bytes]:
    """Split at line feeds; a last line without one says so, as `diff` does."""
    *lines, last = data.split(b"\n")
    ended = [line + b"\n" for line in lines]
    return [*ended, last + b"\n\\ No newline at end of file\n"] if last else ended
