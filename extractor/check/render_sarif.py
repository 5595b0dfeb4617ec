"""Findings as SARIF 2.1.0, for code scanning services and editors.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0,
Errata 01; the section numbers below are its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from extractor.check.findings import Finding, Summary, describe
from extractor.diagnostics.rules import CODES, RuleInfo
from extractor.version import __version__

SCHEMA_URI = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

BASE = "%SRCROOT%"
"""Stands for the folder that relative paths start from (3.14.14)."""

_INDEX = {code: index for index, code in enumerate(CODES)}


def render_sarif(findings: Iterable[Finding], summary: Summary) -> Iterator[str]:
    """Render findings as a SARIF log with one run, piece by piece.

    Args:
        findings: In the order to print; they are not kept.
        summary: Read when the findings are all there.
    """
    head = {"$schema": SCHEMA_URI, "version": "2.1.0"}
    yield f'{_print(head)[:-1]},"runs":[{_print(_describe_run())[:-1]},"results":['
    encodings: dict[str, str] = {}
    for index, finding in enumerate(findings):
        if finding.encoding not in (None, "utf-8"):
            encodings[finding.path] = finding.encoding
        yield (",\n" if index else "\n") + _print(_describe_result(finding))
    tail = {
        "artifacts": [_describe_artifact(path, codec) for path, codec in encodings.items()],
        "properties": {"pages": summary.pages, "rejected": summary.rejected},
    }
    yield f"\n],{_print(tail)[1:]}]}}\n"


def _describe_run() -> dict[str, Any]:
    """Describe tool and conventions (3.14)."""
    driver = {
        "name": "extractor",
        "version": __version__,
        "rules": [_describe_rule(rule) for rule in CODES.values()],
    }
    return {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "defaultEncoding": "utf-8",
        "originalUriBaseIds": {
            BASE: {"description": {"text": "The folder that the paths of the pages start from."}}
        },
    }


def _describe_rule(rule: RuleInfo) -> dict[str, Any]:
    """Describe a rule (3.49)."""
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.help},
        "help": {"text": rule.help, "markdown": rule.help},
        "defaultConfiguration": {"level": rule.severity},
    }


def _describe_result(finding: Finding) -> dict[str, Any]:
    """Describe a finding (3.27)."""
    location = {"artifactLocation": _locate_artifact(finding.path)}
    region = _describe_region(finding)
    result = {
        "ruleId": finding.code,
        "ruleIndex": _INDEX[finding.code],
        "level": finding.severity,
        "message": {"text": describe(finding)},
        "locations": [{"physicalLocation": location | ({"region": region} if region else {})}],
        "partialFingerprints": {"extractorFinding/v1": finding.fingerprint},
    }
    if finding.fixable:
        result["fixes"] = [_describe_fix(finding, region)]
    if finding.pointer is not None:
        result["properties"] = {"pointer": finding.pointer}
    return result


def _describe_region(finding: Finding) -> dict[str, Any]:
    """Describe a place by lines and columns and by bytes (3.30), {} if there is none."""
    if finding.line is None:
        return {}
    if finding.start is None or finding.end is None:
        return {"startLine": finding.line}
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
        "byteOffset": finding.start,
        "byteLength": finding.end - finding.start,
    }
    return region | ({"snippet": {"text": finding.before}} if finding.before is not None else {})


def _describe_fix(finding: Finding, region: dict[str, Any]) -> dict[str, Any]:
    """Describe a repair (3.55): what is deleted, and what is written in its place."""
    deleted = {name: value for name, value in region.items() if name != "snippet"}
    replacement = {"deletedRegion": deleted, "insertedContent": {"text": finding.after}}
    return {
        "description": {"text": "Write what was meant."},
        "artifactChanges": [
            {
                "artifactLocation": _locate_artifact(finding.path),
                "replacements": [replacement],
            }
        ],
    }


def _describe_artifact(path: str, encoding: str) -> dict[str, Any]:
    """Describe a file whose encoding is not the default one (3.24)."""
    return {"location": _locate_artifact(path), "encoding": encoding}


def _locate_artifact(path: str) -> dict[str, str]:
    """Give a file's URI, relative ones with their base (3.4)."""
    if "://" in path:
        return {"uri": quote(path, safe=":/%")}
    if path.startswith("/"):
        return {"uri": f"file://{quote(path)}"}
    return {"uri": quote(path), "uriBaseId": BASE}


def _print(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
