"""The examples of the CommonMark specification, and of GFM's extensions.

They come from a package that tests itself with them: ``make test`` puts its
source archive into ``build/commonmark``; none of its text lies in this project.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

ARCHIVES = Path(__file__).parent.parent / "build" / "commonmark"
COMMONMARK = "tests/test_cmark_spec/commonmark.json"
EXTENSIONS = ("tables.md", "strikethrough.md", "strikethrough_single_tilde.md")


def read_examples() -> list[dict[str, Any]]:
    """Read all examples, each with `markdown`, `html` and its number as `example`.

    Returns:
        The examples, or nothing where the archive is not there.
    """
    text = _read_member(COMMONMARK)
    examples: list[dict[str, Any]] = json.loads(text) if text else []
    return examples


def read_extension_examples() -> list[tuple[str, str]]:
    """Read the pages with tables and strikethrough, each with its title; GFM's own are among them.

    Returns:
        The pages, or nothing where the archive is not there.
    """
    texts = [_read_member(f"tests/test_port/fixtures/{name}") for name in EXTENSIONS]
    return [page for text in texts if text for page in _split_pages(text)]


def _split_pages(text: str) -> list[tuple[str, str]]:
    """Split a file of titles, pages and their HTML, each followed by a line with a dot."""
    parts = ("\n" + text).split("\n.\n")
    return [
        (title.strip().replace("\n", " "), page + "\n")
        for title, page in zip(parts[::3], parts[1::3], strict=False)
    ]


def _read_member(name: str) -> str | None:
    for path in sorted(ARCHIVES.glob("markdown_it_py-*.tar.gz")):
        with tarfile.open(path) as archive:
            member = next(member for member in archive.getnames() if member.endswith(name))
            content = archive.extractfile(member)
            assert content is not None
            return content.read().decode()
    return None
