"""Which pages of OLD and NEW are counterparts, and what is different about each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import msgspec

from extractor.diff.changes import Change, DocumentDiff, DocumentKind
from extractor.diff.compare.documents import compare_documents, compare_records, compare_rejects
from extractor.diff.compare.matching import Matching, Sketch
from extractor.diff.compare.meaning import reduce_meaning, reduce_value, write_words
from extractor.diff.compare.spots import is_telling
from extractor.diff.compare.words import sketch_words
from extractor.diff.sides import PageState, Side, SideError
from extractor.model import Document

_RENAMED = 0.5
"""Share of runs of three words in common from which a page is another one renamed."""


class ComparedPage(NamedTuple):
    """A page, what both sides have of it, and what is different.

    Attributes:
        diff: What is different.
        old: What OLD has; None when added.
        new: What NEW has; None when removed.
    """

    diff: DocumentDiff
    old: PageState | None
    new: PageState | None


class _Names(NamedTuple):
    """Counterparts by path; None where a side has none."""

    old: str | None
    new: str | None
    renamed: bool = False


def compare_sides(old: Side, new: Side) -> Iterator[ComparedPage]:
    """Compare every page of two sides, one at a time, in order of path.

    A page without a counterpart of its path is looked for under another: first
    one of the same content, then one that is mostly the same.

    Raises:
        SideError: If one side is a single page and the other is not, or a page can't be read.
    """
    if old.single != new.single:
        raise SideError("a single page can only be compared with a single page")
    names = [_Names(old.paths[0], new.paths[0])] if old.single else pair_paths(old, new)
    for pair in names:
        before = old.read(pair.old) if pair.old is not None else PageState()
        after = new.read(pair.new) if pair.new is not None else PageState()
        page = _compare_states(pair, _see(before, old, new), _see(after, new, old))
        if page:
            yield page


def _see(state: PageState, own: Side, other: Side) -> PageState:
    """Leave out of a page what only one of the sides can know."""
    rejects, records = (
        own.has_rejects and other.has_rejects,
        own.has_records and other.has_records,
    )
    return PageState(
        document=state.document,
        reject=state.reject if rejects else None,
        records=state.records if records else {},
        source=state.source,
    )


def pair_paths(old: Side, new: Side) -> list[_Names]:
    """Pair the paths of two sides, renamed pages included, in order of path."""
    shared = set(old.paths) & set(new.paths)
    gone = [path for path in old.paths if path not in shared]
    come = [path for path in new.paths if path not in shared]
    names = [_Names(path, path) for path in shared]
    names += _pair_renamed(old, gone, new, come)
    return sorted(names, key=lambda pair: (pair.new or pair.old or "", pair.old or ""))


def _pair_renamed(old: Side, gone: list[str], new: Side, come: list[str]) -> Iterator[_Names]:
    """Pair the pages whose path only one side has, by content."""
    matching = Matching(len(gone), len(come))
    if gone and come:
        before, after = _read_prints(old, gone), _read_prints(new, come)
        matching.pair_equal([p.named for p in before], [p.named for p in after])
        matching.pair_equal([p.content for p in before], [p.content for p in after])
        matching.pair_alike([p.sketch for p in before], [p.sketch for p in after], _RENAMED)
    for i, j in matching.list_merged():
        lost, found = None if i is None else gone[i], None if j is None else come[j]
        yield _Names(lost, found, renamed=lost is not None and found is not None)


class _Print(NamedTuple):
    """What a page is recognised by under another path; all None if it has no words."""

    content: bytes | None
    named: tuple[bytes, str] | None
    sketch: Sketch | None


def _read_prints(side: Side, paths: Iterable[str]) -> list[_Print]:
    return [_take_print(path, side.read(path)) for path in paths]


def _take_print(path: str, state: PageState) -> _Print:
    document = _decode(path, state.document)
    if document is None:
        return _Print(None, None, None)
    parts = [f"{s.heading or ''} {write_words(s)}" for s in document.sections]
    text = " ".join([document.title or "", *parts])
    if not is_telling(text.strip()):
        return _Print(None, None, None)
    meaning = repr([reduce_value(document.metadata), reduce_meaning(document.sections)])
    content = blake2b(meaning.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return _Print(content, (content, PurePosixPath(path).name), sketch_words(text))


def _decode(path: str, data: bytes | None) -> Document | None:
    """Decode a document.

    Raises:
        SideError: If it is not one.
    """
    try:
        return Document.from_json(data) if data is not None else None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SideError(f"{path}: not a document that this extractor wrote: {error}") from error


def _compare_states(names: _Names, old: PageState, new: PageState) -> ComparedPage | None:
    """Compare what two sides have of a page; None if neither has anything."""
    was_there, is_there = _is_extracted(old), _is_extracted(new)
    if not (was_there or is_there or old.reject or new.reject):
        return None
    path = names.new if names.new is not None else names.old or ""
    before, after = _decode_pair(path, old, new)
    changes = [*compare_rejects(old.reject, new.reject)]
    if before and after and before is not after:
        changes += compare_documents(before, after)
    if was_there and is_there:
        changes += _compare_all_records(path, old.records, new.records)
    shown = after or before
    diff = DocumentDiff(
        kind=_name_kind(was_there, is_there, names.renamed, changes),
        path=path,
        old_path=names.old if names.renamed else None,
        title=shown.title if shown else None,
        changes=changes,
    )
    return ComparedPage(diff, old if names.old else None, new if names.new else None)


def _is_extracted(state: PageState) -> bool:
    return state.document is not None or bool(state.records)


def _decode_pair(
    path: str, old: PageState, new: PageState
) -> tuple[Document | None, Document | None]:
    """Decode the documents of both sides, once if they are the same bytes."""
    after = _decode(path, new.document)
    if old.document == new.document:
        return after, after
    return _decode(path, old.document), after


def _compare_all_records(
    path: str, old: dict[str, bytes], new: dict[str, bytes]
) -> Iterator[Change]:
    for schema in sorted({*old, *new}):
        if old.get(schema) != new.get(schema):
            before = _decode_record(path, old.get(schema))
            yield from compare_records(schema, before, _decode_record(path, new.get(schema)))


def _decode_record(path: str, data: bytes | None) -> dict[str, Any]:
    try:
        return msgspec.json.decode(data, type=dict[str, Any]) if data is not None else {}
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SideError(f"{path}: not a record that this extractor wrote: {error}") from error


def _name_kind(
    was_there: bool, is_there: bool, renamed: bool, changes: list[Change]
) -> DocumentKind:
    if was_there != is_there:
        return "added" if is_there else "removed"
    if renamed:
        return "renamed"
    return "changed" if changes else "same"
