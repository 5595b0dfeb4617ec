"""Documents of the former version, read as those of today."""

from __future__ import annotations

from typing import Any

FORMER = "document/1"
"""The version that is still read: by `Document.from_json`, and so by `extractor diff`."""

_NEW: dict[str, dict[str, Any]] = {
    "definitions": {"links": [], "images": []},
    "list": {"links": [], "images": []},
    "table": {"links": [], "images": []},
    "code": {"info": None},
}
"""What each type of block has that it did not have, and what it is where nobody noted it."""


def is_former(data: bytes | str) -> bool:
    """Tell whether JSON text is a document of the former version, by how it begins."""
    start = data[:60] if isinstance(data, str) else bytes(data[:60]).decode("utf-8", "replace")
    return f'"{FORMER}"' in start


def upgrade(document: dict[str, Any], schema: str) -> dict[str, Any]:
    """Make today's document of a former one, in place.

    Args:
        document: As it was decoded from JSON.
        schema: The name of today's version.
    """
    document["schema"] = schema
    for section in document.get("sections", ()):
        section |= {"attributes": {}, "links": [], "images": []}
        _upgrade_blocks(section["blocks"])
    return document


def _upgrade_blocks(blocks: list[dict[str, Any]]) -> None:
    for block in blocks:
        block |= _NEW.get(block["type"], {})
        if block["type"] == "quote" and (kind := block.pop("alert", None)):
            block |= {"type": "callout", "kind": kind, "title": None, "folded": None}
        _upgrade_blocks(block.get("blocks", []))
        for item in block.get("items", ()):
            item["marker"] = None
            _upgrade_blocks(item["blocks"])
