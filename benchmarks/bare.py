"""Bare mistune, what the extractor is measured against.

``python -m benchmarks.bare FOLDER`` prints the seconds that parsing alone takes, and
its processor seconds.
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


def measure_parsing(folder: Path) -> tuple[float, float]:
    """Parse every page under a folder, one by one, the reading of files not counted.

    Returns:
        The seconds, and the processor seconds.
    """
    parse = make_parser()
    seconds = processor = 0.0
    for file in folder.rglob("*.md"):
        body = cut_front_matter(file.read_bytes().decode())
        start, processor_start = time.perf_counter(), time.process_time()
        parse(body)
        seconds += time.perf_counter() - start
        processor += time.process_time() - processor_start
    return seconds, processor


if __name__ == "__main__":
    print(*measure_parsing(Path(sys.argv[1])))
