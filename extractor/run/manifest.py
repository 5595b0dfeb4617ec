"""The manifest: counts, versions, hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from extractor.model import SCHEMA_NAME
from extractor.run.results import Tally
from extractor.run.settings import RunSettings
from extractor.version import __version__

MANIFEST = "manifest.json"


DATABASE = "extractor.duckdb"


def describe_run(settings: RunSettings, tally: Tally) -> dict[str, Any]:
    """Give what a manifest says of a run, short of its files.

    Nothing in it depends on the clock, the machine or the number of workers.
    """
    return {
        "versions": {"extractor": __version__, "document": SCHEMA_NAME},
        "options": {"repair": settings.page.repair, "spans": settings.page.spans},
        "schemas": {
            schema.name: hashlib.sha256(schema.text).hexdigest() for schema in settings.schemas
        },
        "counts": msgspec.to_builtins(tally),
    }


def render_manifest(manifest: Mapping[str, Any]) -> str:
    """Write a manifest as JSON, its keys sorted."""
    return json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def describe_file(file: Path) -> dict[str, Any] | None:
    """Give what a manifest says of a file: its size and hash."""
    # DuckDB gives every file a random identity: its bytes are never those of another run.
    if file.name == DATABASE:
        return None
    with file.open("rb") as opened:
        sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    return {"bytes": file.stat().st_size, "sha256": sha256}


def read_outputs(manifest: Path) -> list[str]:
    """Read which outputs a former run left; none if there is no telling."""
    try:
        return list(json.loads(manifest.read_bytes())["outputs"])
    except (OSError, ValueError, LookupError, TypeError):
        return []
