"""The formats of findings, one file each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from extractor.check.findings import Finding, Summary
from extractor.check.render_github import render_github
from extractor.check.render_json import render_json
from extractor.check.render_sarif import render_sarif
from extractor.check.render_text import render_text

RENDERERS: dict[str, Callable[[Iterable[Finding], Summary], Iterator[str]]] = {
    "text": render_text,
    "json": render_json,
    "sarif": render_sarif,
    "github": render_github,
}
"""By the name of the format; each reads the summary when the findings are all there."""
