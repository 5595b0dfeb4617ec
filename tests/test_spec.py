"""Run the literate cases of tests/spec: see the README there for how to write one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from extractor.diagnostics.rules import CODES
from extractor.model import Diagnostic, PageRejected
from extractor.pipeline import extract

SPEC = Path(__file__).parent / "spec"
FENCE = re.compile(
    r"(?P<marker>`{3,})(?P<word>markdown|json|diagnostics|reject)(?P<options>[^`]*)$"
)
EXPECTED = re.compile(
    r"(?P<line>\d+|-|\*): (?:(?P<code>EX\d{3}) )?(?P<rule>[a-z-]+)"
    r"(?: \| (?P<before>.*?) \| (?P<after>.*))?$"
)
LINE_ENDS = {"crlf": "\r\n", "cr": "\r"}
ENCODINGS = {"bom": "utf-8-sig", "utf-16": "utf-16", "cp1251": "cp1251"}

OUTSIDE_A_PAGE = {"lone-surrogate", "unreadable-file"}
"""Rules of the first hundreds that no bytes of a page can cause."""


@dataclass
class Fence:
    """A fence of a case: the words behind its name, and its text."""

    options: set[str]
    text: str


@dataclass
class Case:
    """A case: its title, `file.md: heading`, and its fences by name."""

    title: str
    fences: dict[str, Fence] = field(default_factory=dict)

    @property
    def page(self) -> bytes:
        """The page as it would lie on disk."""
        fence = self.fences["markdown"]
        if "binary" in fence.options:
            return bytes.fromhex(fence.text)
        text = fence.text.replace("␀", "\0") if "nul" in fence.options else fence.text
        for option in fence.options & LINE_ENDS.keys():
            text = text.replace("\n", LINE_ENDS[option])
        encoding = next((ENCODINGS[o] for o in fence.options & ENCODINGS.keys()), "utf-8")
        return text.encode(encoding)


def read_cases(path: Path) -> Iterator[Case]:
    case: Case | None = None
    lines = iter(path.read_text(encoding="utf-8").split("\n"))
    for line in lines:
        if line.startswith("## "):
            case = Case(f"{path.name}: {line[3:]}")
            yield case
        elif opened := FENCE.match(line):
            assert case is not None, f"{path.name}: a fence before the first case"
            body = takewhile(opened["marker"].__ne__, lines)
            case.fences[opened["word"]] = Fence(set(opened["options"].split()), "\n".join(body))


CASES = [case for path in sorted(SPEC.glob("[!R]*.md")) for case in read_cases(path)]


def expected_lines(case: Case, word: str) -> list[dict[str, str | None]]:
    lines = case.fences[word].text.splitlines() if word in case.fences else []
    matches = [EXPECTED.match(line) for line in lines]
    assert all(matches), f"{case.title}: unreadable line among {lines}"
    return [match.groupdict() for match in matches if match]


def is_as_expected(expected: dict[str, str | None], found: dict[str, str | None]) -> bool:
    return all(
        value is None or (name == "line" and value == "*") or value == found[name]
        for name, value in expected.items()
    )


def describe(diagnostic: Diagnostic) -> dict[str, str | None]:
    line = "-" if diagnostic.span is None else str(diagnostic.span.line)
    return {
        "line": line,
        "code": diagnostic.code,
        "rule": diagnostic.rule,
        "before": diagnostic.before,
        "after": diagnostic.after,
    }


def check_subset(expected: Any, found: Any, place: str) -> None:
    """Hold `found` against `expected`: named keys only, lists complete."""
    if isinstance(expected, dict):
        assert isinstance(found, dict), f"{place}: expected an object, found {found!r}"
        for key, value in expected.items():
            assert key in found, f"{place}: no {key!r} among {sorted(found)}"
            check_subset(value, found[key], f"{place}/{key}")
    elif isinstance(expected, list) and expected and isinstance(expected[0], dict):
        assert isinstance(found, list), f"{place}: expected a list, found {found!r}"
        assert len(found) == len(expected), f"{place}: {json.dumps(found, ensure_ascii=False)}"
        for index, value in enumerate(expected):
            check_subset(value, found[index], f"{place}/{index}")
    else:
        assert found == expected, place


def check_diagnostics(case: Case, found: list[Diagnostic]) -> None:
    described = [describe(diagnostic) for diagnostic in found]
    expected = expected_lines(case, "diagnostics")
    at_least = expected and "at-least" in case.fences["diagnostics"].options
    rest = iter(described)
    for line in expected:
        assert any(is_as_expected(line, one) for one in rest), f"no {line} in {described}"
    assert at_least or len(described) == len(expected), described


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_case(case: Case) -> None:
    repair = "no-repair" not in case.fences["markdown"].options
    if "reject" in case.fences:
        with pytest.raises(PageRejected) as caught:
            extract(case.page, "page.md", repair=repair)
        reject = caught.value.reject
        line = "-" if reject.line is None else str(reject.line)
        [expected] = expected_lines(case, "reject")
        assert is_as_expected(expected | {"code": None}, {"line": line, "rule": reject.rule})
        return
    document = extract(case.page, "page.md", repair=repair)
    check_diagnostics(case, document.diagnostics)
    if "json" in case.fences:
        check_subset(json.loads(case.fences["json"].text), json.loads(document.to_json()), "")


def test_every_case_expects_something() -> None:
    poor = [case.title for case in CASES if not case.fences.keys() - {"markdown"}]
    assert not poor


def test_titles_are_unique() -> None:
    titles = [case.title for case in CASES]
    assert len(set(titles)) == len(titles)


def test_every_rule_of_a_page_has_a_case() -> None:
    shown = {
        line["rule"]
        for case in CASES
        for word in ("diagnostics", "reject")
        for line in expected_lines(case, word)
    }
    of_pages = {rule.name for code, rule in CODES.items() if code < "EX400"} - OUTSIDE_A_PAGE
    assert sorted(of_pages - shown) == []
