"""Which rules count: codes, prefixes and names turned into a set of rules.

A selector is a code (``EX203``), the beginning of one (``EX2``, ``EX``) or the
name of a rule (``escaped-label``). The more exact selector wins, and of two
equally exact ones the one that ignores, as in ruff's rule selection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from extractor.diagnostics.rules import CODES, RULES
from extractor.wording import find_similar

EVERYTHING = ("EX",)
"""The selection when nothing is selected."""


class UnknownRuleError(ValueError):
    """A selector that names no rule.

    Attributes:
        selector: The selector as given.
        suggestion: The name, code or prefix that is most like it, if any is.
    """

    def __init__(self, selector: str) -> None:
        """Look for what `selector` may have meant."""
        self.selector = selector
        self.suggestion = find_similar(selector.strip(), [*RULES, *CODES, *_prefixes()])
        hint = f"; did you mean `{self.suggestion}`?" if self.suggestion else ""
        super().__init__(f"no rule is called `{selector}`{hint}")


def select_rules(select: Iterable[str] = EVERYTHING, ignore: Iterable[str] = ()) -> frozenset[str]:
    """Give the codes of the rules that are selected and not ignored.

    Args:
        select: Selectors; none of them means no rule.
        ignore: Selectors.

    Raises:
        UnknownRuleError: If a selector names no rule.

    >>> sorted(select_rules(["EX2"], ["EX20", "mojibake"]))
    ['EX210', 'EX211']
    >>> sorted(select_rules(["mojibake"], ["EX2"]))
    ['EX209']
    """
    ranked = sorted(
        [(*_resolve(selector), True) for selector in select]
        + [(*_resolve(selector), False) for selector in ignore],
        key=lambda entry: (entry[0], not entry[2]),
    )
    chosen: set[str] = set()
    for _, codes, wanted in ranked:
        chosen = chosen | codes if wanted else chosen - codes
    return frozenset(chosen)


def split_selectors(values: Iterable[str]) -> tuple[str, ...]:
    """Take values apart at their commas, as in ``--select EX2,mojibake``.

    >>> split_selectors(["EX2, mojibake", "EX301"])
    ('EX2', 'mojibake', 'EX301')
    """
    parts = (part.strip() for value in values for part in value.split(","))
    return tuple(part for part in parts if part)


def _resolve(selector: str) -> tuple[int, frozenset[str]]:
    """Give a selector's exactness (characters of the code) and its codes."""
    word = _normalize(selector)
    if word in RULES:
        word = RULES[word].code
    codes = frozenset(code for code in CODES if code.startswith(word))
    if not codes or not word:
        raise UnknownRuleError(selector)
    return len(word), codes


def _normalize(selector: str) -> str:
    """Write codes in capitals, names in small letters."""
    word = selector.strip().lower()
    return word.upper() if re.fullmatch("ex[0-9]*", word) else word


def _prefixes() -> set[str]:
    return {code[:length] for code in CODES for length in (3, 4)}
