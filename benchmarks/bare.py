"""Bare mistune, what the extractor is measured against.

``python -m benchmarks.bare FOLDER`` prints the seconds that parsing alone takes.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mistune

_FRONT_MATTER = re.compile(r"---\n.*?\n---\n", re.DOTALL)


def make_parser() -> Callable[[str], Any]:
    """Make mistune's own parser to its syntax tree, with the plugins that the contract names."""
    plugins = ["table", "task_lists", "strikethrough", "footnotes", "def_list"]
    return mistune.create_markdown(renderer=None, plugins=plugins)


def cut_front_matter(text: str) -> str:
    """Give the body of a page."""
    found = _FRONT_MATTER.match(text)
    return text[found.end() :] if found else text


def measure_parsing(folder: Path) -> float:
    """Parse every page under a folder, one by one; give the seconds without reading files."""
    parse = make_parser()
    seconds = 0.0
    for file in folder.rglob("*.md"):
        body = cut_front_matter(file.read_bytes().decode())
        start = time.perf_counter()
        parse(body)
        seconds += time.perf_counter() - start
    return seconds


if __name__ == "__main__":
    print(measure_parsing(Path(sys.argv[1])))
