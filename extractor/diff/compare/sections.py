"""Differences between the sections of two pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator

from extractor.diff.changes import Change, ChangeKind, Place
from extractor.diff.compare.blocks import compare_blocks, compare_references
from extractor.diff.compare.matching import Matching, Pair, Sketch, find_increasing
from extractor.diff.compare.meaning import reduce_meaning, write_words
from extractor.diff.compare.spots import (
    Difference,
    Spot,
    is_telling,
    loosen,
    make_change,
    name_block,
)
from extractor.diff.compare.words import sketch_letters, sketch_words
from extractor.model import Section

_SAME_PLACE = 0.3
"""Likeness from which a section is the one that stood at the same place before."""
_ANYWHERE = 0.5
"""Likeness from which a section is the same wherever it stands."""
_START = 500
"""Code points of a section that are compared letter by letter."""


class _Outline:
    """The sections of one page and the tree they form.

    The page's title, where it is a heading, is no level of the tree: adding or
    rewording it moves nothing.
    """

    def __init__(self, sections: list[Section], root: int | None) -> None:
        self.sections = sections
        self.root = root
        index = {section.id: k for k, section in enumerate(sections)}
        self.parents = [self._find_parent(section, index) for section in sections]
        self.paths = [self._path(section) for section in sections]
        self.contents = [reduce_meaning(s) if s.blocks else None for s in sections]
        self.ranks = self._rank()

    def _find_parent(self, section: Section, index: dict[str, int]) -> int:
        """Return the position of the parent, -1 at the top of the tree, -2 for the title."""
        if index[section.id] == self.root:
            return -2
        parent = -1 if section.parent is None else index.get(section.parent, -1)
        return -1 if parent == self.root else parent

    def _rank(self) -> list[int]:
        """Number the sections among their siblings, from 1."""
        counts: Counter[int] = Counter()
        ranks = []
        for parent in self.parents:
            counts[parent] += 1
            ranks.append(counts[parent])
        return ranks

    def _path(self, section: Section) -> Hashable:
        """Return what is the same for a section of the same place in the tree."""
        headings = section.path if self.root is None else section.path[1:]
        return (section.level == 0, *headings)

    def name(self, k: int) -> str:
        """Name a section by its headings, the page's title left out."""
        section = self.sections[k]
        headings = section.path[1:] if self.root is not None else section.path
        return " › ".join(headings or [section.heading or section.id])

    def sketch_free(
        self, partners: list[int | None], sketch: Callable[[Section], Sketch]
    ) -> list[Sketch | None]:
        """Sketch the sections that have no counterpart yet."""
        pairs = zip(self.sections, partners, strict=True)
        return [sketch(section) if partner is None else None for section, partner in pairs]


def _sketch_text(section: Section) -> Sketch:
    return sketch_words(f"{section.heading or ''} {write_words(section)}")


def _sketch_start(section: Section) -> Sketch:
    """Sketch a section by letters, which tell more of a short text than words do."""
    return sketch_letters(f"{section.heading or ''} {write_words(section)}"[:_START])


def _sketch_heading(section: Section) -> Sketch:
    return sketch_letters(section.heading or "")


def _outline(old: list[Section], new: list[Section]) -> tuple[_Outline, _Outline]:
    """Find the trees of two pages.

    A single level-1 heading at the top is the title, unless the other page has
    level-1 headings of which none is.
    """
    roots = _find_root(old), _find_root(new)
    for sections, root in zip((old, new), roots, strict=True):
        if root is None and any(section.level == 1 for section in sections):
            roots = None, None
    return _Outline(old, roots[0]), _Outline(new, roots[1])


def _find_root(sections: list[Section]) -> int | None:
    """Return the position of the only level-1 section, if it is the first with a heading."""
    tops = [k for k, section in enumerate(sections) if section.level == 1]
    first = next((k for k, section in enumerate(sections) if section.level), None)
    return first if tops == [first] else None


def compare_sections(old: list[Section], new: list[Section]) -> Iterator[Difference]:
    """Yield the differences between the sections of two pages, in page order."""
    before, after = _outline(old, new)
    matching = _match_outlines(before, after)
    moved = _list_moved(before, after, matching)
    for i, j in matching.list_merged():
        if i is not None and j is not None:
            yield from _compare_section(before, after, (i, j), moved.get(j))
        elif i is not None:
            yield from _report_one_sided(before, i, "old")
        elif j is not None:
            yield from _report_one_sided(after, j, "new")


def _match_outlines(old: _Outline, new: _Outline) -> Matching:
    """Pair the sections of two pages, the surest signs first."""
    matching = Matching(len(old.sections), len(new.sections))
    whole = [list(zip(o.paths, o.contents, strict=True)) for o in (old, new)]
    matching.pair_in_order(*whole)
    if matching.complete:
        return matching
    matching.pair_equal(*(_keep_filled(o, keys) for o, keys in zip((old, new), whole, strict=True)))
    matching.pair_equal(_keep_single(old.paths), _keep_single(new.paths))
    matching.pair_equal(_list_headed_contents(old), _list_headed_contents(new))
    _pair_alike(matching, old, new, _sketch_text)
    matching.pair_equal(old.paths, new.paths)
    matching.pair_equal([s.id for s in old.sections], [s.id for s in new.sections])
    matching.pair_equal(_list_headings(old), _list_headings(new))
    matching.pair_equal(_list_telling(old), _list_telling(new))
    _pair_parents(matching, old, new)
    _pair_alike(matching, old, new, _sketch_start)
    _pair_neighbours(matching, old, new, _sketch_text)
    _pair_neighbours(matching, old, new, _sketch_heading)
    return matching


def _keep_filled(outline: _Outline, keys: list[tuple[Hashable, Hashable]]) -> list[Hashable]:
    return [key if s.blocks else None for s, key in zip(outline.sections, keys, strict=True)]


def _keep_single(paths: list[Hashable]) -> list[Hashable | None]:
    """Keep the paths that only one section of the page has."""
    counts = Counter(paths)
    return [path if counts[path] == 1 else None for path in paths]


def _list_headed_contents(outline: _Outline) -> list[Hashable | None]:
    pairs = zip(outline.sections, outline.contents, strict=True)
    return [(section.heading, content) if section.blocks else None for section, content in pairs]


def _list_headings(outline: _Outline) -> list[str | None]:
    return [s.heading.casefold() if s.heading else None for s in outline.sections]


def _list_telling(outline: _Outline) -> list[Hashable | None]:
    pairs = zip(outline.sections, outline.contents, strict=True)
    return [content if is_telling(write_words(section)) else None for section, content in pairs]


def _pair_alike(
    matching: Matching, old: _Outline, new: _Outline, sketch: Callable[[Section], Sketch]
) -> None:
    """Pair sections that are alike, wherever they stand."""
    before = old.sketch_free(matching.new_of, sketch)
    matching.pair_alike(before, new.sketch_free(matching.old_of, sketch), _ANYWHERE)


def _pair_parents(matching: Matching, old: _Outline, new: _Outline) -> None:
    """Pair the parents of counterparts, from the leaves up."""
    for i in reversed(range(len(old.sections))):
        j = matching.new_of[i]
        if j is not None:
            above, below = old.parents[i], new.parents[j]
            if min(above, below) >= 0 and matching.new_of[above] is matching.old_of[below] is None:
                matching.pair(above, below)


def _pair_neighbours(
    matching: Matching, old: _Outline, new: _Outline, sketch: Callable[[Section], Sketch]
) -> None:
    """Pair sections at the same place that are alike."""
    before = old.sketch_free(matching.new_of, sketch)
    matching.pair_neighbours(before, new.sketch_free(matching.old_of, sketch), _SAME_PLACE)


def _list_moved(old: _Outline, new: _Outline, matching: Matching) -> dict[int, Pair]:
    """Find the sections that changed their parent, or their place among its children.

    Returns:
        Old and new position among all sections of the page, by new position.
    """
    moved: dict[int, Pair] = {}
    families: dict[int, list[Pair]] = {}
    for j, i in enumerate(matching.old_of):
        if i is None:
            continue
        above = old.parents[i]
        if (matching.new_of[above] if above >= 0 else above) == new.parents[j]:
            families.setdefault(new.parents[j], []).append((i, j))
        else:
            moved[j] = (i, j)
    for pairs in families.values():
        moved.update({j: (i, j) for i, j in _list_displaced(pairs)})
    return moved


def _list_displaced(pairs: list[Pair]) -> list[Pair]:
    kept = set(find_increasing([i for i, _ in pairs]))
    return [pair for k, pair in enumerate(pairs) if k not in kept]


def _compare_section(
    old: _Outline, new: _Outline, pair: Pair, moved: Pair | None
) -> Iterator[Difference]:
    """Yield the differences between two counterparts: heading, place, type, blocks."""
    before, after = old.sections[pair[0]], new.sections[pair[1]]
    spot = _locate(new, pair[1], before, pair)
    if before.heading != after.heading:
        kind: ChangeKind = "renamed" if before.heading and after.heading else "changed"
        yield make_change(kind, "section", spot, before.heading, after.heading, "heading")
    elif before.id != after.id:
        yield make_change("changed", "section", spot, before.id, after.id, "id")
    if moved:
        yield _report_moved(old, new, moved, spot)
    elif before.level != after.level:
        yield make_change("changed", "section", spot, before.level, after.level, "level")
    if before.type != after.type:
        yield make_change("retyped", "section", spot, before.type, after.type, "type")
    if before.attributes != after.attributes:
        yield make_change(
            "changed", "section", spot, before.attributes, after.attributes, "attributes"
        )
    yield from compare_references(before.links, after.links, spot, "link", "links")
    yield from compare_references(before.images, after.images, spot, "image", "images")
    if old.contents[pair[0]] != new.contents[pair[1]]:
        yield from compare_blocks(before.blocks, after.blocks, spot)


def _report_moved(old: _Outline, new: _Outline, pair: Pair, spot: Spot) -> Change:
    """Say under which parent a section is now, or at which place among its siblings."""
    i, j = pair
    above, below = _name_parent(old, i), _name_parent(new, j)
    if above != below:
        return make_change("moved", "section", spot, above, below, "parent")
    return make_change("moved", "section", spot, old.ranks[i], new.ranks[j])


def _name_parent(outline: _Outline, k: int) -> str | None:
    parent = outline.parents[k]
    return outline.name(parent) if parent >= 0 else None


def _report_one_sided(outline: _Outline, k: int, side: str) -> Iterator[Difference]:
    """Yield a section that only one page has, and its blocks one by one."""
    section = outline.sections[k]
    place = Place(f"/sections/{k}", section.span.line if section.span else None)
    if side == "old":
        spot = Spot(section.id, outline.name(k), place, None)
        yield make_change("removed", "section", spot, section.heading, None)
    else:
        spot = Spot(section.id, outline.name(k), None, place)
        yield make_change("added", "section", spot, None, section.heading)
    for n, block in enumerate(section.blocks):
        index = (n, None) if side == "old" else (None, n)
        yield from loosen(block, name_block(block), spot.step("blocks", index, (block, block)))


def _locate(new: _Outline, j: int, before: Section, pair: Pair) -> Spot:
    after = new.sections[j]
    old_line = before.span.line if before.span else None
    new_line = after.span.line if after.span else None
    return Spot(
        after.id,
        new.name(j),
        Place(f"/sections/{pair[0]}", old_line),
        Place(f"/sections/{j}", new_line),
    )
