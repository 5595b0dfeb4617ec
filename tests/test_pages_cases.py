"""Hold whole small pages against what they should become.

The pages lie beside this project and may be missing; the expectations are its own, one a
line in `cases/pages_expected.jsonl`, with the keys

- `document`, `sections`, `blocks` (those of the page's only section): as in `tests/spec`, the
  keys that are written here are compared, and a list must be complete;
- `entries`: every labelled item of the page, as `[term, text]`;
- `diagnostics`: all of them as `LINE rule`, `*` for any; none where the key is missing;
- `rules`: in their place, which rules there are, at whatever line and how often;
- `reject`, `message`: of a page that can't become a document, and words of why;
- `records`: a schema, and the record and errors that it gives; `tables`: rows of tables;
- `page`: the page, where the case only describes one;
- `either`: expectations of which one must hold, besides the rest; `note`: why.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_spec import check_subset

from extractor.model import Document, PageRejected
from extractor.pipeline import extract
from extractor.records.record import RecordSchema
from extractor.tables.columns import TABLES
from extractor.tables.rows import table_rows

TESTS = Path(__file__).parent
PAGES = TESTS.parent.parent / "shared" / "cases" / "pages.jsonl"
EXPECTED = TESTS / "cases" / "pages_expected.jsonl"

KEYS = {
    "id", "document", "sections", "blocks", "entries", "diagnostics", "rules", "reject",
    "message", "records", "tables", "page", "either", "note",
}  # fmt: skip
"""The keys of an expectation: another one would be checked by nothing."""

Expectation = dict[str, Any]


def read_lines(path: Path) -> dict[str, dict[str, Any]]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    cases = {line["id"]: line for line in lines}
    assert len(cases) == len(lines), f"{path.name}: an id stands twice"
    return cases


CASES = read_lines(PAGES) if PAGES.exists() else {}
EXPECTATIONS = read_lines(EXPECTED)


def fits(line: str, rule: str, expected: str) -> bool:
    wanted_line, wanted_rule = expected.split(" ")
    return wanted_line in ("*", line) and wanted_rule in ("*", rule)


def check_diagnostics(expected: Expectation, document: Document) -> None:
    if "rules" in expected:
        assert sorted({found.rule for found in document.diagnostics}) == expected["rules"]
        return
    found = [("-" if d.span is None else str(d.span.line), d.rule) for d in document.diagnostics]
    wanted = expected.get("diagnostics", [])
    assert len(found) == len(wanted), found
    assert all(fits(*one, want) for one, want in zip(found, wanted, strict=True)), found


def find_entries(value: Any) -> list[list[str]]:
    """List the labelled items of a document's JSON, in page order."""
    if isinstance(value, list):
        return [entry for part in value for entry in find_entries(part)]
    if not isinstance(value, dict):
        return []
    own = [[value["term"], value["text"]]] if value.get("term") else []
    return own + [entry for part in value.values() for entry in find_entries(part)]


def check_document(expected: Expectation, document: Document) -> None:
    found = json.loads(document.to_json())
    check_subset(expected.get("document", {}), found, "")
    if "sections" in expected:
        check_subset(expected["sections"], found["sections"], "/sections")
    if "blocks" in expected:
        assert len(found["sections"]) == 1, found["sections"]
        check_subset(expected["blocks"], found["sections"][0]["blocks"], "/blocks")
    if "entries" in expected:
        assert find_entries(found["sections"]) == expected["entries"]
    for name, rows in expected.get("tables", {}).items():
        columns = [column for column, _ in TABLES[name]]
        named = [dict(zip(columns, row, strict=True)) for row in table_rows(document)[name]]
        check_subset(rows, named, f"/{name}")


def check_record(expected: Expectation, document: Document, page: bytes) -> None:
    filled = RecordSchema.load(expected["schema"]).fill(document, page)
    check_subset(expected.get("record", {}), filled.record, "/record")
    errors = [{"pointer": e.pointer, "message": e.message, "line": e.line} for e in filled.errors]
    assert errors == expected["errors"]


def check_reject(expected: Expectation, page: bytes) -> None:
    with pytest.raises(PageRejected) as caught:
        extract(page, "page.md")
    reject = caught.value.reject
    assert fits(str(reject.line), reject.rule, expected["reject"]), reject
    assert expected.get("message", "") in reject.message


def check_page(expected: Expectation, page: bytes) -> None:
    if "reject" in expected:
        check_reject(expected, page)
        return
    document = extract(page, "page.md")
    check_document(expected, document)
    check_diagnostics(expected, document)
    if "records" in expected:
        check_record(expected["records"], document, page)


def check_alternatives(expected: Expectation, page: bytes) -> None:
    """Check the expectation, with one or another of its alternatives if it has any."""
    problems = []
    for alternative in expected.get("either", [{}]):
        whole = {**expected, **alternative}
        assert not whole.keys() - KEYS
        try:
            check_page(whole, page)
        except AssertionError as problem:
            problems.append(str(problem))
        else:
            return
    raise AssertionError("\n".join(problems))


@pytest.mark.skipif(not CASES, reason=f"{PAGES} is not there")
@pytest.mark.parametrize("name", sorted(CASES.keys() | EXPECTATIONS.keys()))
def test_page(name: str) -> None:
    assert name in EXPECTATIONS, "nothing says what is expected of this page"
    assert name in CASES, "no page is of this name"
    expected = EXPECTATIONS[name]
    check_alternatives(expected, expected.get("page", CASES[name]["markdown"]).encode())


def test_every_expectation_says_something() -> None:
    poor = [name for name, expected in EXPECTATIONS.items() if not expected.keys() - {"id", "note"}]
    assert not poor


def test_a_page_that_is_read_otherwise_is_seen() -> None:
    page = b"**Saw** cuts\n"
    wrong: list[Expectation] = [
        {"entries": [["Saw", "cuts"]]},
        {"blocks": [{"type": "list"}]},
        {"document": {"title": "Saw"}},
        {"diagnostics": ["1 spaced-label"]},
        {"rules": ["spaced-label"]},
        {"either": [{"rules": ["mojibake"]}, {"diagnostics": ["1 *"]}]},
        {"tables": {"links": [{"url": "x"}]}},
    ]
    for expected in wrong:
        with pytest.raises(AssertionError):
            check_alternatives(expected, page)
