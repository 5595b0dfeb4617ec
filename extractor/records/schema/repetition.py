"""Regexes that repeat a repetition, `(a+)+`, on which engines that backtrack never end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""(?P<open>\((?P<look>\?<?[=!])?(?:\?(?:P?<\w+>|[a-z-]*:|>))?)
    |(?P<close>\))
    |(?P<bar>\|)
    |(?P<edge>\^|\$|\\[bBAzZG])
    |(?P<atom>\\[pPx]\{[^}]*\}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.)""",
    re.VERBOSE | re.DOTALL,
)
_QUANTIFIER = re.compile(r"(?P<least>[*+?]|\{(?P<from>\d*)(?P<comma>,)?(?P<to>\d*)\})[?+]?")


@dataclass
class _Branch:
    """An alternative: whether anything stands in it once, and whether anything is repeated."""

    is_solid: bool = False
    repeats: bool = False


@dataclass
class _Group:
    """A group that is open, from an offset on."""

    start: int
    looks: bool = False
    branches: list[_Branch] = field(default_factory=lambda: [_Branch()])

    def is_hollow(self) -> bool:
        """Tell whether an alternative is nothing but repetitions and what may be left out."""
        return any(branch.repeats and not branch.is_solid for branch in self.branches)

    def is_solid(self) -> bool:
        return all(branch.is_solid for branch in self.branches)


def find_nested_repetition(source: str) -> str | None:
    r"""Find the first group that is repeated and holds nothing but repetitions.

    >>> find_nested_repetition(r"^(\w+\s?)*$"), find_nested_repetition(r"(?:\d+,)*\d+")
    ('(\\w+\\s?)*', None)
    """
    groups = [_Group(0)]
    position = 0
    while token := _TOKEN.match(source, position):
        position = token.end()
        if token["open"]:
            groups.append(_Group(token.start(), bool(token["look"])))
        elif token["bar"]:
            groups[-1].branches.append(_Branch())
        elif token["atom"] or (token["close"] and len(groups) > 1):
            group = groups.pop() if token["close"] else None
            least, is_open, position = _read_quantifier(source, position)
            if group and not group.looks and is_open and group.is_hollow():
                return source[group.start : position]
            if not (group and group.looks):
                _note(groups[-1].branches[-1], group, least, is_open)
    return None


def _note(branch: _Branch, group: _Group | None, least: int, is_open: bool) -> None:
    """Take note of a part of a branch: an atom, or a group."""
    if is_open or (group and group.is_hollow()):
        branch.repeats = True
    elif least and (group is None or group.is_solid()):
        branch.is_solid = True


def _read_quantifier(source: str, position: int) -> tuple[int, bool, int]:
    """Read how often something stands: at least, whether without end, and where it goes on."""
    found = _QUANTIFIER.match(source, position)
    if found is None or found["least"] == "{}":
        return 1, False, position
    sign = found["least"][0]
    if sign == "{":
        return int(found["from"] or 0), bool(found["comma"]) and not found["to"], found.end()
    return int(sign == "+"), sign in "*+", found.end()
