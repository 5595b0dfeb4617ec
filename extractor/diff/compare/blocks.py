"""Differences between the blocks of two sections, down to cells and links."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

from extractor.diff.changes import ChangeKind, What
from extractor.diff.compare.matching import Matching, Sketch
from extractor.diff.compare.meaning import PLACES, name_part, reduce_meaning, shorten, write_words
from extractor.diff.compare.spots import (
    Difference,
    Spot,
    is_telling,
    loosen,
    make_change,
    name_block,
    name_entry,
)
from extractor.diff.compare.tables import compare_grids
from extractor.diff.compare.words import sketch_letters
from extractor.model import Block, Image, Item, Link

_SAME_PLACE = 0.25
"""Likeness from which a part is the one that stood at the same place before."""
_ANYWHERE = 0.5
"""Likeness from which a part is the same wherever it stands."""
_OTHER_TYPE = 0.4
"""Likeness from which a block at the same place is the old one in another guise."""

_CONTENT = ("text", "items", "rows", "blocks", "url")
"""The fields that hold what a block is about; blocks of two types may share one."""


def compare_blocks(old: list[Block], new: list[Block], spot: Spot) -> Iterator[Difference]:
    """Yield the differences between two lists of blocks.

    Args:
        old: Blocks of one parent in the old document.
        new: Blocks of its counterpart.
        spot: Where the parents stand.
    """
    if not old and not new:
        return
    matching = match_blocks(old, new)
    for i, j in matching.list_merged():
        before, after = _pick(old, i), _pick(new, j)
        place = _name_block(spot.step("blocks", (i, j), (before, after)), after or before)
        if before is not None and after is not None:
            yield from _compare_block(before, after, place)
        else:
            block = before or after
            yield from loosen(block, name_block(block), place)
    yield from _report_blocks_order(matching, old, new, spot)


def _pick(parts: Sequence[Any], index: int | None) -> Any:
    return None if index is None else parts[index]


def _name_block(spot: Spot, block: Any) -> Spot:
    """Add a block's lead to the way; other blocks show themselves by their text."""
    lead = getattr(block, "lead", None)
    return spot.named(shorten(lead, 40)) if lead else spot


def match_blocks(old: list[Block], new: list[Block]) -> Matching:
    """Pair the blocks of two parents.

    Equal ones first, then those at the same place that are alike, then those
    that are alike anywhere, and last those that became another type.
    """
    matching = Matching(len(old), len(new))
    _pair_same(matching, old, new)
    if matching.complete:
        return matching
    old_leads, new_leads = _list_leads(old), _list_leads(new)
    matching.pair_equal(old_leads, new_leads)
    before, after = _sketch_free(old, matching.new_of), _sketch_free(new, matching.old_of)
    types = sorted({_tag(block) for block in (*old, *new)})
    for tag in types:
        own = _keep_type(old, before, tag), _keep_type(new, after, tag)
        matching.pair_neighbours(*own, _SAME_PLACE)
        matching.pair_alike(*own, _ANYWHERE)
    matching.pair_neighbours(before, after, _OTHER_TYPE)
    return matching


def _pair_same(matching: Matching, old: Sequence[Any], new: Sequence[Any]) -> None:
    """Pair parts of equal meaning: in order, then wherever they are if that tells."""
    old_keys, new_keys = [reduce_meaning(p) for p in old], [reduce_meaning(p) for p in new]
    matching.pair_in_order(old_keys, new_keys)
    if matching.complete:
        return
    matching.pair_equal(
        _keep_telling(old_keys, old, matching.new_of),
        _keep_telling(new_keys, new, matching.old_of),
    )


def _keep_telling(
    keys: Sequence[Hashable], parts: Sequence[Any], partners: list[int | None]
) -> list[Hashable | None]:
    """Keep the keys of free parts that are hardly the same by chance."""
    triples = zip(keys, parts, partners, strict=True)
    return [
        key if partner is None and is_telling(write_words(part)) else None
        for key, part, partner in triples
    ]


def _list_leads(blocks: list[Block]) -> list[tuple[str, str] | None]:
    leads = (getattr(block, "lead", None) for block in blocks)
    return [(_tag(b), lead) if lead else None for b, lead in zip(blocks, leads, strict=True)]


def _tag(block: Any) -> str:
    return str(block.__struct_config__.tag)


def _sketch_free(parts: Sequence[Any], partners: list[int | None]) -> list[Sketch | None]:
    """Sketch the parts that have no counterpart yet."""
    return [
        sketch_letters(write_words(part)) if partner is None else None
        for part, partner in zip(parts, partners, strict=True)
    ]


def _keep_type(blocks: list[Block], sketches: list[Sketch | None], tag: str) -> list[Sketch | None]:
    pairs = zip(blocks, sketches, strict=True)
    return [sketch if _tag(block) == tag else None for block, sketch in pairs]


def _compare_block(old: Block, new: Block, spot: Spot) -> Iterator[Difference]:
    """Yield the differences between two counterparts."""
    what = name_block(new)
    if type(old) is type(new):
        yield from _compare_fields(old, new, spot, what)
        return
    yield make_change("retyped", what, spot, _tag(old), _tag(new), "type")
    if any(hasattr(old, field) and hasattr(new, field) for field in _CONTENT):
        yield from _compare_fields(old, new, spot, what)
    elif write_words(old) != write_words(new):
        yield make_change("changed", what, spot, write_words(old), write_words(new))


def _compare_fields(old: Any, new: Any, spot: Spot, what: What) -> Iterator[Difference]:
    """Yield the differences between the fields that two parts share."""
    for field in old.__struct_fields__:
        if field in PLACES or field not in new.__struct_fields__:
            continue
        before, after = getattr(old, field), getattr(new, field)
        compare = _COMPARISONS.get(field)
        if compare:
            yield from compare(old, new, spot)
        elif before != after:
            kind: ChangeKind = "renamed" if field == "term" and before and after else "changed"
            yield make_change(kind, what, spot, before, after, field)


def _compare_nested(old: Any, new: Any, spot: Spot) -> Iterator[Difference]:
    return compare_blocks(old.blocks, new.blocks, spot)


def _compare_items(old: Any, new: Any, spot: Spot) -> Iterator[Difference]:
    """Yield the differences between the entries of two lists or definitions."""
    what = name_entry(new)
    matching = match_items(old.items, new.items)
    for i, j in matching.list_merged():
        before, after = _pick(old.items, i), _pick(new.items, j)
        place = spot.step("items", (i, j), (before, after)).named(name_part(after or before))
        if before is not None and after is not None:
            yield from _compare_fields(before, after, place, what)
        else:
            entry = name_entry(old) if after is None else what
            yield from loosen(before or after, entry, place)
    yield from _report_order(matching, old.items, new.items, spot, what, "items")


def match_items(old: list[Item], new: list[Item]) -> Matching:
    """Pair the entries of two blocks: by meaning, term, text, then likeness."""
    matching = Matching(len(old), len(new))
    _pair_same(matching, old, new)
    if matching.complete:
        return matching
    matching.pair_equal([_fold(item.term) for item in old], [_fold(item.term) for item in new])
    matching.pair_equal([_key_text(item) for item in old], [_key_text(item) for item in new])
    before, after = _sketch_free(old, matching.new_of), _sketch_free(new, matching.old_of)
    matching.pair_neighbours(before, after, _SAME_PLACE)
    matching.pair_alike(before, after, _ANYWHERE)
    return matching


def _fold(term: str | None) -> str | None:
    """Fold case and spaces, so that a term that only changed those is the same."""
    return " ".join(term.casefold().split()) if term else None


def _key_text(item: Item) -> str | None:
    return item.text if is_telling(item.text) else None


def _report_blocks_order(
    matching: Matching, old: list[Block], new: list[Block], spot: Spot
) -> Iterator[Difference]:
    """Yield one change for all blocks that stand in another order, called after the first."""
    displaced = matching.list_displaced()
    if displaced:
        what = name_block(new[displaced[0][1]])
        yield from _report_order(matching, old, new, spot, what, "blocks")


def _report_order(
    matching: Matching, old: Sequence[Any], new: Sequence[Any], spot: Spot, what: What, field: str
) -> Iterator[Difference]:
    """Yield one change for all entries that stand in another order."""
    displaced = matching.list_displaced()
    if displaced:
        before = [name_part(old[i]) for i, _ in sorted(displaced)]
        after = [name_part(new[j]) for _, j in displaced]
        yield make_change("reordered", what, spot, before, after, field)


def _compare_links(old: Any, new: Any, spot: Spot) -> Iterator[Difference]:
    return compare_references(old.links, new.links, spot, "link", "links")


def _compare_images(old: Any, new: Any, spot: Spot) -> Iterator[Difference]:
    return compare_references(old.images, new.images, spot, "image", "images")


def compare_references(
    old: Sequence[Link | Image], new: Sequence[Link | Image], spot: Spot, what: What, field: str
) -> Iterator[Difference]:
    """Yield the differences between links or images.

    Args:
        old: Those of the old part.
        new: Those of its counterpart.
        spot: Where the parts stand.
        what: What they are called.
        field: The field they stand in.
    """
    if old == new:
        return
    matching = Matching(len(old), len(new))
    for key in (reduce_meaning, _reference_words, _reference_url):
        matching.pair_equal([key(r) for r in old], [key(r) for r in new])
    for i, j in matching.list_merged():
        before, after = _pick(old, i), _pick(new, j)
        place = spot.step(field, (i, j), (before, after))
        place = place.named(_reference_words(after or before) or (after or before).url)
        if before is None:
            yield make_change("added", what, place, None, after.url)
        elif after is None:
            yield make_change("removed", what, place, before.url, None)
        else:
            yield from _compare_fields(before, after, place, what)
    displaced = matching.list_displaced()
    if displaced:
        urls = [old[i].url for i, _ in sorted(displaced)], [new[j].url for _, j in displaced]
        yield make_change("reordered", what, spot, *urls, field)


def _reference_words(reference: Link | Image) -> str | None:
    words = reference.text if isinstance(reference, Link) else reference.alt
    return words or None


def _reference_url(reference: Link | Image) -> str:
    return reference.url


def _compare_table(old: Any, new: Any, spot: Spot) -> Iterator[Difference]:
    return compare_grids(old, new, spot)


def _skip(old: Any, new: Any, spot: Spot) -> Iterator[Difference]:
    """Leave a field to the comparison of the field it belongs to."""
    return iter(())


_COMPARISONS: dict[str, Callable[[Any, Any, Spot], Iterator[Difference]]] = {
    "blocks": _compare_nested,
    "items": _compare_items,
    "links": _compare_links,
    "images": _compare_images,
    "columns": _compare_table,
    "align": _skip,
    "rows": _skip,
}
"""How the fields are compared that are not single values."""
