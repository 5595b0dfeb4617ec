"""Settings that hold for some pages only."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Annotated

from msgspec import Meta, Struct

Glob = Annotated[str, Meta(min_length=1)]


class Override(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other settings for some pages.

    Attributes:
        paths: Globs against the page's path from the folder of the file; one
            without a slash is matched against the name alone, one that ends
            in a slash against all within.
        select: Rules reported of these pages, instead of the general ones.
        ignore: Rules not reported of these pages.
        repair: Whether damaged markup is read as what was meant.
    """

    paths: Annotated[tuple[Glob, ...], Meta(min_length=1)]
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    repair: bool | None = None


class RepairRule(Struct, frozen=True):
    """Whether some pages are repaired.

    Attributes:
        root: Folder that the paths start from, absolute.
        paths: As in `Override`.
        repair: Whether damaged markup is read as what was meant.
    """

    root: str
    paths: tuple[str, ...]
    repair: bool


def decide_repair(path: str | Path, rules: Sequence[RepairRule], default: bool) -> bool:
    """Decide whether a page is repaired: the last rule for it counts.

    Args:
        path: The page's file, absolute or relative to the working directory; or its URL.
        rules: What overrides say.
        default: What holds without any.
    """
    for rule in reversed(rules):
        if covers(rule.paths, rule.root, str(path)):
            return rule.repair
    return default


def covers(patterns: Sequence[str], root: str, path: str) -> bool:
    """Tell whether one of an override's globs is meant for a page."""
    if "://" in path:
        return False
    file = Path(os.path.abspath(path))  # noqa: PTH100 - `..` must go, links must stay
    if not file.is_relative_to(root):
        return False
    parts = PurePosixPath(file.relative_to(root).as_posix()).parts
    return any(_matches(parts, pattern) for pattern in patterns)


def _matches(parts: tuple[str, ...], pattern: str) -> bool:
    """Match a path against a glob; one without a slash means the name alone.

    >>> _matches(("drafts", "a", "b.md"), "drafts/"), _matches(("a", "b.md"), "*.md")
    (True, True)
    """
    wanted = PurePosixPath(f"{pattern}**" if pattern.endswith("/") else pattern).parts
    return _match_parts(parts, wanted if "/" in pattern else ("**", *wanted))


def _match_parts(parts: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    if not parts or not wanted:
        return not parts and not wanted
    if wanted[0] == "**":
        return (
            len(wanted) == 1 or _match_parts(parts, wanted[1:]) or _match_parts(parts[1:], wanted)
        )
    return fnmatchcase(parts[0], wanted[0]) and _match_parts(parts[1:], wanted[1:])
