"""The examples of the CommonMark specification, from a package that tests itself with them.

``make test`` puts that package's source archive into ``build/commonmark``; none
of its text lies in this project.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

ARCHIVES = Path(__file__).parent.parent / "build" / "commonmark"
MEMBER = "tests/test_cmark_spec/commonmark.json"


def read_examples() -> list[dict[str, Any]]:
    """Read all examples, each with `markdown`, `html` and its number as `example`.

    Returns:
        The examples, or nothing where the archive is not there.
    """
    for path in sorted(ARCHIVES.glob("markdown_it_py-*.tar.gz")):
        with tarfile.open(path) as archive:
            name = next(name for name in archive.getnames() if name.endswith(MEMBER))
            content = archive.extractfile(name)
            assert content is not None
            examples: list[dict[str, Any]] = json.load(content)
            return examples
    return []
