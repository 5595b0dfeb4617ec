"""The accepted extraction of the samples, and the page this project began with."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from extractor.cli import cli
from extractor.model import Definitions, Document, Item, List, Section, SectionType
from extractor.pipeline import extract
from extractor.schema.document import check_document
from extractor.tables.frames import to_frames

ROOT = Path(__file__).parent.parent
OUTPUTS = ROOT / "outputs"
SHARED_PAGE = ROOT.parent / "shared" / "pages" / "ipl-photorejuvenation.md"
OWN_PAGE = ROOT / "samples" / "treatments" / "carbon-peel.md"


def list_runs() -> list[list[str]]:
    """Give the arguments of every `extractor run` that `make run` makes."""
    plan = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", "run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line for line in plan.stdout.splitlines() if "extractor run" in line]
    return [shlex.split(line)[1:] for line in lines]


def list_files(folder: Path) -> dict[str, bytes]:
    """Read all files below a folder but the state of the runs that wrote it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".extractor" not in path.parts
    }


def test_outputs_are_reproduced_byte_for_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    runs = list_runs()
    assert runs
    for arguments in runs:
        moved = [str(tmp_path / a) if a.startswith("outputs") else a for a in arguments]
        result = CliRunner().invoke(cli, [*moved, "--quiet"])
        assert result.exit_code == 0, result.output
    accepted, found = list_files(OUTPUTS), list_files(tmp_path / "outputs")
    assert sorted(found) == sorted(accepted)
    assert [path for path, data in found.items() if data != accepted[path]] == []


def test_samples_are_many_and_of_many_kinds() -> None:
    pages = sorted((ROOT / "samples").rglob("*.md"))
    assert len(pages) >= 14
    documents = [extract(page.read_bytes(), page.name) for page in pages]
    types = {section.type for document in documents for section in document.sections}
    assert types == set(get_args(SectionType))
    rules = {found.rule for document in documents for found in document.diagnostics}
    assert rules >= {"escaped-label", "escaped-markup", "mojibake", "legacy-encoding"}


def test_damaged_bytes_survived_the_version_control() -> None:
    crlf = (ROOT / "samples" / "howto" / "piano-care.md").read_bytes()
    assert crlf.startswith(b"\xef\xbb\xbf---\r\n")
    assert crlf.count(b"\r\n") == crlf.count(b"\n")
    legacy = (ROOT / "samples" / "legacy" / "radio-club.ru.md").read_bytes()
    assert legacy.decode("cp1251").count("Кружок") == 2


# --- the page this project began with -----------------------------------------------------


@pytest.fixture(scope="module")
def document() -> Document:
    if not SHARED_PAGE.exists():
        pytest.skip(f"{SHARED_PAGE} is not there")
    return extract(SHARED_PAGE.read_bytes(), SHARED_PAGE.name)


def find_section(document: Document, word: str) -> Section:
    return next(s for s in document.sections if word in (s.heading or ""))


def find_list(section: Section) -> List:
    return next(block for block in section.blocks if isinstance(block, List))


def find_entries(section: Section) -> list[Item]:
    return next(block for block in section.blocks if isinstance(block, Definitions)).items


def find_escaped(document: Document) -> list[tuple[int, str | None, str | None]]:
    escaped = [d for d in document.diagnostics if d.rule == "escaped-label"]
    return [(d.span.line, d.before, d.after) for d in escaped if d.span]


def test_the_page_has_five_indications(document: Document) -> None:
    section = find_section(document, "Indications")
    assert section.type == "definitions"
    assert [item.term for item in find_entries(section)] == [
        "Pigment spots and freckles",
        "Vascular defects (such as couperosis, vascular stars and rosacea)",
        "Acne and post-acne",
        "Wrinkles",
        "Scars, scars and stretch marks",
    ]


def test_the_page_has_two_escaped_labels(document: Document) -> None:
    assert find_escaped(document) == [
        (25, r"\*\* Acne and post-acne:\*\*", "**Acne and post-acne:**"),
        (27, r"\*\* Wrinkles:\*\*", "**Wrinkles:**"),
    ]


def test_the_page_has_steps_benefits_and_contraindications(document: Document) -> None:
    steps = find_section(document, "Sequence")
    assert steps.type == "steps"
    assert find_list(steps).lead == "The IPL procedure involves several steps"
    assert len(find_list(steps).items) == 2
    benefits = find_list(find_section(document, "Benefits"))
    assert (benefits.lead, len(benefits.items)) == ("The benefits of phototherapy include", 4)
    against = find_list(find_section(document, "Contraindications"))
    assert against.lead is not None
    assert against.lead.endswith("direct contraindications")
    assert len(against.items) == 6


def test_the_page_has_a_question(document: Document) -> None:
    section = find_section(document, "photoaging")
    assert (section.heading, section.type) == ("What is photoaging of the skin?", "question")


def test_the_page_is_mended(document: Document) -> None:
    mended = [d for d in document.diagnostics if d.rule == "mojibake"]
    assert [(d.before, d.after) for d in mended] == [("d√©colletage", "décolletage")]
    assert "décolletage" in document.to_json()
    assert "√©" not in document.to_json().replace("d√©colletage", "", 1)


def test_the_page_keeps_its_front_matter(document: Document) -> None:
    assert list(document.metadata) == [
        *("title", "description", "thumb_image", "hero_image", "tags"),
    ]


def test_the_page_is_valid_and_fills_the_tables(document: Document) -> None:
    assert check_document(document) == []
    frames = to_frames([document])
    assert len(frames["documents"]) == 1
    assert len(frames["items"]) == 5 + 2 + 4 + 6
    assert set(frames["diagnostics"]["rule"]) == {"escaped-label", "mojibake", "pseudo-heading"}


def test_the_own_page_has_the_same_structure(document: Document) -> None:
    own = extract(OWN_PAGE.read_bytes(), OWN_PAGE.name)
    assert [s.type for s in own.sections] == [s.type for s in document.sections]
    assert [d.rule for d in own.diagnostics] == [d.rule for d in document.diagnostics]
    assert [d.span.line for d in own.diagnostics if d.rule == "escaped-label" and d.span] == [
        25,
        27,
    ]
