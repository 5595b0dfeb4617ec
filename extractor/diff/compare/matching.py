"""Which entries of two sequences are counterparts, in near-linear time.

`align` finds common entries in order (patience diff: entries that occur once on
both sides anchor the rest). A `Matching` pairs entries in any order, pass by
pass: by equal keys, then by likeness. Nothing here compares everything with
everything: ten thousand items on each side stay cheap.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from heapq import nsmallest
from typing import TypeAlias
from zlib import crc32

Pair: TypeAlias = tuple[int, int]
Range: TypeAlias = tuple[int, int, int, int]
Sketch: TypeAlias = frozenset[int]

_SMALL_GAP = 20_000
"""Largest product of lengths that is left to difflib, which may be quadratic."""
_DEEPEST = 40
"""How often a gap is searched for new anchors within it."""
_SKETCH_SIZE = 128
"""Hashes kept of a text: enough to tell a likeness of 0.5 from 0.4 nine times in ten."""
_COMMON = 64
"""A hash in more entries than this says nothing about which of them is meant."""
_CANDIDATES = 8
"""How many of the likeliest counterparts are looked at closely."""


def align(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Pair]:
    """Pair equal entries of two sequences without crossing.

    Returns:
        Pairs of positions, increasing on both sides.

    >>> align("abcd", "xbdd")
    [(1, 1), (3, 3)]
    """
    pairs: list[Pair] = []
    ranges: list[tuple[Range, int]] = [((0, len(old), 0, len(new)), 0)]
    while ranges:
        whole, depth = ranges.pop()
        rest = _trim(old, new, whole, pairs)
        anchors = _find_anchors(old, new, rest) if depth < _DEEPEST else []
        if anchors:
            pairs += anchors
            ranges += [(gap, depth + 1) for gap in _gaps_between(anchors, rest)]
        else:
            pairs += _align_small(old, new, rest)
    return sorted(pairs)


def _trim(
    old: Sequence[Hashable], new: Sequence[Hashable], whole: Range, pairs: list[Pair]
) -> Range:
    """Pair the common head and tail of a range; return what is left of it."""
    a, a_end, b, b_end = whole
    while a < a_end and b < b_end and old[a] == new[b]:
        pairs.append((a, b))
        a, b = a + 1, b + 1
    while a < a_end and b < b_end and old[a_end - 1] == new[b_end - 1]:
        a_end, b_end = a_end - 1, b_end - 1
        pairs.append((a_end, b_end))
    return a, a_end, b, b_end


def _find_anchors(old: Sequence[Hashable], new: Sequence[Hashable], rest: Range) -> list[Pair]:
    """Pair the entries that occur exactly once on both sides, without crossing."""
    a, a_end, b, b_end = rest
    if a == a_end or b == b_end:
        return []
    old_counts, new_counts = Counter(old[a:a_end]), Counter(new[b:b_end])
    places = {entry: j for j, entry in enumerate(new[b:b_end], b) if new_counts[entry] == 1}
    pairs = [
        (i, places[entry])
        for i, entry in enumerate(old[a:a_end], a)
        if old_counts[entry] == 1 and entry in places
    ]
    return [pairs[k] for k in find_increasing([j for _, j in pairs])]


def _gaps_between(anchors: list[Pair], rest: Range) -> Iterator[Range]:
    """Yield what lies before, between and after the anchors, where both sides have something."""
    a, a_end, b, b_end = rest
    for i, j in [*anchors, (a_end, b_end)]:
        if a < i and b < j:
            yield a, i, b, j
        a, b = i + 1, j + 1


def _align_small(old: Sequence[Hashable], new: Sequence[Hashable], rest: Range) -> list[Pair]:
    """Align a short range by difflib; leave a long one without anchors alone."""
    a, a_end, b, b_end = rest
    if not 0 < (a_end - a) * (b_end - b) <= _SMALL_GAP:
        return []
    matcher = SequenceMatcher(None, old[a:a_end], new[b:b_end], autojunk=False)
    return [
        (a + block.a + k, b + block.b + k)
        for block in matcher.get_matching_blocks()
        for k in range(block.size)
    ]


def find_increasing(values: Sequence[int]) -> list[int]:
    """Find the positions of a longest increasing subsequence of distinct `values`.

    >>> find_increasing([3, 0, 1, 4, 2])
    [1, 2, 4]
    """
    tails: list[int] = []
    tail_values: list[int] = []
    before: list[int] = []
    for position, value in enumerate(values):
        rank = bisect_left(tail_values, value)
        before.append(tails[rank - 1] if rank else -1)
        tails[rank : rank + 1] = [position]
        tail_values[rank : rank + 1] = [value]
    found = [tails[-1]] if tails else []
    while found and before[found[-1]] >= 0:
        found.append(before[found[-1]])
    return found[::-1]


def sketch_shingles(shingles: set[str]) -> Sketch:
    """Reduce a set of strings to a fixed number of hashes (a bottom-k MinHash sketch)."""
    hashes = {crc32(shingle.encode("utf-8", "surrogatepass")) for shingle in shingles}
    return frozenset(nsmallest(_SKETCH_SIZE, hashes) if len(hashes) > _SKETCH_SIZE else hashes)


def measure_likeness(old: Sketch, new: Sketch) -> float:
    """Estimate which share of their shingles two texts have in common, 0 to 1."""
    union = nsmallest(_SKETCH_SIZE, old | new)
    return sum(h in old and h in new for h in union) / len(union) if union else 0.0


class Matching:
    """Pairs of positions in two sequences; each position has one counterpart or none.

    Attributes:
        new_of: Position in the new sequence, or None, for each old one.
        old_of: Position in the old sequence, or None, for each new one.
    """

    def __init__(self, old_count: int, new_count: int) -> None:
        """Start with nothing paired."""
        self.new_of: list[int | None] = [None] * old_count
        self.old_of: list[int | None] = [None] * new_count

    @property
    def complete(self) -> bool:
        """Whether one of the sides has nothing left to pair."""
        return None not in self.new_of or None not in self.old_of

    def pair(self, i: int, j: int) -> None:
        """Make old `i` and new `j` counterparts."""
        self.new_of[i], self.old_of[j] = j, i

    def pair_in_order(self, old_keys: Sequence[Hashable], new_keys: Sequence[Hashable]) -> None:
        """Pair equal entries that kept their order; for a matching that is still empty."""
        for i, j in align(old_keys, new_keys):
            self.pair(i, j)

    def pair_equal(
        self, old_keys: Sequence[Hashable | None], new_keys: Sequence[Hashable | None]
    ) -> None:
        """Pair free entries of equal key, the first with the first; None is no key."""
        waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
        for i in reversed(self._free(self.new_of)):
            if old_keys[i] is not None:
                waiting[old_keys[i]].append(i)
        for j in self._free(self.old_of):
            key = new_keys[j]
            if key is not None and waiting.get(key):
                self.pair(waiting[key].pop(), j)

    def pair_neighbours(
        self, old: Sequence[Sketch | None], new: Sequence[Sketch | None], at_least: float
    ) -> None:
        """Pair free entries that follow the same counterparts and are alike.

        Entries without a sketch are passed over: that is how to pair some only.
        """
        waiting = _group_by_anchor(self.new_of, self.new_of)
        own = _group_by_anchor(self.old_of, range(len(self.old_of)))
        for anchor, js in own.items():
            lost = [(i, sketch) for i in waiting.get(anchor, []) if (sketch := old[i])]
            found = [(j, sketch) for j in js if (sketch := new[j])]
            for (i, first), (j, second) in zip(lost, found, strict=False):
                if measure_likeness(first, second) >= at_least:
                    self.pair(i, j)

    def pair_alike(
        self, old: Sequence[Sketch | None], new: Sequence[Sketch | None], at_least: float
    ) -> None:
        """Pair free entries that are alike, wherever they stand, the most alike first."""
        found = []
        index = _index_sketches(old, self._free(self.new_of))
        for j in self._free(self.old_of):
            sketch = new[j] or frozenset()
            votes = Counter(i for h in sketch for i in index.get(h, ()))
            for i in nsmallest(_CANDIDATES, votes, key=lambda i: (-votes[i], i)):
                likeness = measure_likeness(old[i] or frozenset(), sketch)
                if likeness >= at_least:
                    found.append((-likeness, abs(i - j), i, j))
        for _, _, i, j in sorted(found):
            if self.new_of[i] is None and self.old_of[j] is None:
                self.pair(i, j)

    def list_merged(self) -> list[tuple[int | None, int | None]]:
        """List all entries in reading order.

        Returns:
            New positions in order, each with its old one; what has no
            counterpart follows the entry it used to follow.
        """
        gone = _group_by_anchor(self.new_of, self.new_of)
        rows: list[tuple[int | None, int | None]] = [(i, None) for i in gone.get(-1, [])]
        for j, i in enumerate(self.old_of):
            rows.append((i, j))
            if i is not None:
                rows += [(lost, None) for lost in gone.get(j, [])]
        return rows

    def list_displaced(self) -> list[Pair]:
        """List the fewest pairs that would have to move to restore the old order."""
        pairs = [(i, j) for j, i in enumerate(self.old_of) if i is not None]
        kept = set(find_increasing([i for i, _ in pairs]))
        return [pair for k, pair in enumerate(pairs) if k not in kept]

    @staticmethod
    def _free(partners: list[int | None]) -> list[int]:
        """List the positions that have no counterpart."""
        return [position for position, partner in enumerate(partners) if partner is None]


def _group_by_anchor(
    partners: Sequence[int | None], names: Sequence[int | None]
) -> dict[int, list[int]]:
    """Group the positions without a counterpart by the paired entry before them (-1: none)."""
    groups: dict[int, list[int]] = {}
    anchor = -1
    for position, partner in enumerate(partners):
        name = names[position]
        if partner is None:
            groups.setdefault(anchor, []).append(position)
        elif name is not None:
            anchor = name
    return groups


def _index_sketches(sketches: Sequence[Sketch | None], free: list[int]) -> dict[int, list[int]]:
    """Map each telling hash to the positions whose sketch holds it."""
    index: defaultdict[int, list[int]] = defaultdict(list)
    for i in free:
        for h in sketches[i] or ():
            index[h].append(i)
    return {h: where for h, where in index.items() if len(where) <= _COMMON}
