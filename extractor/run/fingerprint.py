"""A hash of all that decides about results besides the pages."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path

import msgspec
from msgspec.structs import replace

from extractor.run.settings import RunSettings
from extractor.version import __version__

_LIBRARIES = (
    "chardet",
    "ftfy",
    "jsonschema-rs",
    "mistune",
    "python-frontmatter",
    "pyyaml",
)
"""Other versions of these may read a page in another way."""


def fingerprint_settings(settings: RunSettings) -> str:
    """Hash all that decides about results besides the pages: settings, code, libraries.

    The time limit is not part of it: pages that overran are tried again anyway.
    """
    parts = (
        __version__,
        _hash_code(),
        platform.python_version_tuple()[:2],  # with its tables of Unicode
        [metadata.version(library) for library in _LIBRARIES],
        replace(settings, page=replace(settings.page, time_limit=None)),
    )
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


@cache
def _hash_code() -> str:
    """Hash this package, so that whoever works on it sees what they changed."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
