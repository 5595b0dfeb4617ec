"""Changes in the making: where two counterparts stand, and parts that may have moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import msgspec

from extractor.diff.changes import Change, ChangeKind, Place, Segment, What
from extractor.diff.compare.meaning import name_part, reduce_meaning, write_words
from extractor.diff.compare.words import mark_words
from extractor.model import Block, Item
from extractor.pointers import extend_pointer

_TELLING = 8
"""Code points from which on a text is hardly the same by chance."""
_REWORDED = ("changed", "renamed")
"""The kinds of change whose texts are compared word by word."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where two counterparts stand; a side is None for what is added or removed.

    Attributes:
        section: Id of the section.
        name: The way there in a reader's words.
        old: Place in the old document.
        new: Place in the new document.
    """

    section: str | None
    name: str
    old: Place | None
    new: Place | None

    def step(
        self, field: str, index: tuple[int | None, int | None], parts: tuple[Any, Any]
    ) -> Spot:
        """Go down to an entry of a list field; a side without an index has no place."""
        (i, j), (old, new) = index, parts
        return replace(self, old=_step(self.old, field, i, old), new=_step(self.new, field, j, new))

    def into(self, field: str) -> Spot:
        """Go down to a field of the same part."""
        old = self.old and Place(extend_pointer(self.old.pointer, field), self.old.line)
        new = self.new and Place(extend_pointer(self.new.pointer, field), self.new.line)
        return replace(self, old=old, new=new)

    def named(self, name: str) -> Spot:
        """Add a name to the way."""
        return replace(self, name=f"{self.name} › {name}" if self.name else name)


def _step(place: Place | None, field: str, index: int | None, part: Any) -> Place | None:
    if place is None or index is None:
        return None
    span = getattr(part, "span", None)
    line = place.line if span is None else span.line
    return Place(extend_pointer(place.pointer, field, index), line)


def make_change(
    kind: ChangeKind, what: What, spot: Spot, before: Any, after: Any, field: str | None = None
) -> Change:
    """Make a change at `spot`; a text that changed gets word-level marks."""
    place = spot.into(field) if field else spot
    segments: list[Segment] = []
    if kind in _REWORDED and isinstance(before, str) and isinstance(after, str):
        segments = mark_words(before, after)
    return Change(
        kind=kind,
        what=what,
        name=spot.name,
        field=field,
        section=spot.section,
        schema=None,
        old=place.old,
        new=place.new,
        before=before,
        after=after,
        segments=segments,
    )


@dataclass(slots=True, eq=False)
class Loose:
    """A part that is on one side only, unless it turns up elsewhere on the other.

    Attributes:
        change: What to say if it does not.
        key: What to recognise it by; None if that would be chance.
        within: The block it is an entry of, which then speaks for it.
        counterpart: Where it turned up.
    """

    change: Change
    key: Hashable | None
    within: Loose | None = None
    counterpart: Loose | None = None


Difference: TypeAlias = Change | Loose


def loosen(part: Block | Item, what: What, spot: Spot, within: Loose | None = None) -> list[Loose]:
    """Report a part that is on one side only, and the entries that come with it."""
    text = write_words(part)
    if spot.new is None:
        change = make_change("removed", what, spot, text, None)
    else:
        change = make_change("added", what, spot, None, text)
    loose = Loose(change, reduce_meaning(part) if is_telling(text) else None, within)
    found = [loose]
    for k, item in enumerate(getattr(part, "items", ())):
        index = (k, None) if spot.new is None else (None, k)
        down = spot.step("items", index, (item, item)).named(name_part(item))
        found += loosen(item, name_entry(part), down, loose)
    return found


def name_block(block: Block) -> What:
    """Say what a block is."""
    what: What = block.__struct_config__.tag  # type: ignore[assignment]
    return what


def name_entry(block: Block | Item) -> What:
    """Say what the entries of a block are."""
    return "definition" if block.__struct_config__.tag == "definitions" else "item"


def is_telling(text: str) -> bool:
    """Tell whether a text is long enough to be recognised by."""
    return len(text) >= _TELLING


def settle_findings(findings: Iterable[Difference]) -> list[Change]:
    """Turn findings into changes; what was lost here and found there has moved."""
    listed = list(findings)
    loose = [finding for finding in listed if isinstance(finding, Loose)]
    _pair_loose([entry for entry in loose if entry.within is None])
    _pair_loose([entry for entry in loose if not (entry.within and entry.within.counterpart)])
    changes: list[Change] = []
    for finding in listed:
        changes += [finding] if isinstance(finding, Change) else _settle(finding)
    return changes


def _pair_loose(entries: list[Loose]) -> None:
    """Pair lost and found parts of the same meaning, the first with the first."""
    lost: defaultdict[Hashable, list[Loose]] = defaultdict(list)
    for entry in reversed(entries):
        if entry.key is not None and entry.counterpart is None and entry.change.new is None:
            lost[entry.key].append(entry)
    for entry in entries:
        if entry.counterpart is None and entry.change.old is None and lost.get(entry.key):
            entry.counterpart = lost[entry.key].pop()
            entry.counterpart.counterpart = entry


def _settle(loose: Loose) -> list[Change]:
    """Say what became of a part: moved (said once, where it is now), gone, or new."""
    other = loose.counterpart
    if other is None:
        return [loose.change] if loose.within is None else []
    if loose.change.new is None:
        return []
    moved = msgspec.structs.replace(
        loose.change,
        kind="moved",
        old=other.change.old,
        before=other.change.name,
        after=loose.change.name,
    )
    return [moved]
