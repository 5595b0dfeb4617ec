"""Symbolic links that lead out of the folder in which pages are looked for."""

from __future__ import annotations

import os

_NAMED = 3  # Links that a note names.


class Links:
    """What is done with such links, and which were met.

    A link within the folder is followed in any case, and so is what the caller names
    outright. One that leads out is not, unless asked for: whoever may put a file into a
    folder of pages could otherwise have any file of this machine extracted.

    Attributes:
        follow: Whether they are followed.
        left: Those that were not, in the order they were met.
    """

    def __init__(self, *, follow: bool = False) -> None:
        """Follow all links, or only those that stay in their folder."""
        self.follow = follow
        self.left: list[str] = []
        self._real: dict[str, str] = {}

    def may_follow(self, place: str, tree: str) -> bool:
        """Decide about a page or folder, and take note of it if it is left alone.

        Args:
            place: Its path; it, or a folder above it, may be a link.
            tree: The folder listed, with no links left in its path.
        """
        if self.follow or is_within(os.path.realpath(place), tree):
            return True
        self.left.append(place)
        return False

    def may_follow_match(self, place: str, tree: str) -> bool:
        """Decide as `may_follow`, faster where many places share their folders."""
        if self.follow:
            return True
        folder, _, name = place.rpartition("/")
        folder = folder or ("/" if place.startswith("/") else ".")
        if folder not in self._real:
            self._real[folder] = os.path.realpath(folder)
        real = self._real[folder]
        if is_within(real, tree) and not os.path.islink(f"{real}/{name}"):  # noqa: PTH114
            return True
        return self.may_follow(place, tree)

    def describe(self) -> list[str]:
        """Say what was left out, in at most one sentence."""
        if not self.left:
            return []
        names = ", ".join(self.left[:_NAMED])
        more = len(self.left) - _NAMED
        names += f" and {more:,} more" if more > 0 else ""
        what = "A link leads" if len(self.left) == 1 else f"{len(self.left):,} links lead"
        one = "was" if len(self.left) == 1 else "were"
        return [
            f"{what} out of the folder of the pages and {one} not followed: {names}. "
            "--follow-links follows them."
        ]


def is_within(place: str, folder: str) -> bool:
    """Tell whether a path without links is a folder or below it."""
    return place == folder or place.startswith(os.path.join(folder, ""))  # noqa: PTH118
