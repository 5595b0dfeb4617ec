"""Fixing pages: only damaged bytes change, nothing is read differently, once is enough."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from extractor.check import fixes as fixing
from extractor.check.fixes import Fix, FixError, find_fixable, fix_page, render_diff, write_page
from extractor.cli import cli
from extractor.diagnostics.rules import CODES, report
from extractor.model import Document, Span
from extractor.pipeline import extract
from extractor.spans import without_spans

ALL = frozenset(CODES)

DAMAGED = """---
title: Peel
tags: [a, b]
---

# Peel ☕

## For whom

\\*\\* Acne:\\*\\* small spots
\\*\\*Scars:\\*\\* old ones

** Wrinkles:** fine lines

- **Redness: ** of the cheeks
- **Age spots:**brown ones

The neck and the d√©colletage.
"""

MENDED = """---
title: Peel
tags: [a, b]
---

# Peel ☕

## For whom

**Acne:** small spots
**Scars:** old ones

**Wrinkles:** fine lines

- **Redness:** of the cheeks
- **Age spots:** brown ones

The neck and the décolletage.
"""

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-32-le"]
BOMS = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff", "utf-32-le": b"\xff\xfe\0\0"}
LINE_ENDS = ["\n", "\r\n", "\r"]


def encode(text: str, encoding: str, end: str) -> bytes:
    return BOMS.get(encoding, b"") + text.replace("\n", end).encode(encoding)


def mend(data: bytes, codes: frozenset[str] = ALL, *, repair: bool = True) -> Fix:
    return fix_page(data, extract(data, "a.md", repair=repair), codes, repair=repair)


def meaning(document: Document) -> dict[str, object]:
    plain = without_spans(document)
    return {"metadata": plain.metadata, "title": plain.title, "sections": plain.sections}


# The bytes


@pytest.mark.parametrize("end", LINE_ENDS, ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_only_damaged_bytes_change(encoding: str, end: str) -> None:
    fix = mend(encode(DAMAGED, encoding, end))
    assert fix.data == encode(MENDED, encoding, end)
    assert fix.withheld == ()
    assert len(fix.fixed) == 6


@pytest.mark.parametrize("end", LINE_ENDS, ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_mending_twice_changes_nothing(encoding: str, end: str) -> None:
    first = mend(encode(DAMAGED, encoding, end))
    second = mend(first.data)
    assert second == Fix(first.data, first.document)


def test_document_stays_the_same() -> None:
    before = extract(DAMAGED, "a.md")
    fix = mend(DAMAGED.encode())
    assert fix.document == extract(fix.data, "a.md")
    assert meaning(fix.document) == meaning(before)
    assert fix.document.diagnostics == []
    assert set(fix.fixed) == set(before.diagnostics)


def test_mixed_line_ends_and_odd_characters_stay() -> None:
    page = "# A\r\n\nx\u2028y\x0cz\n\n\\*\\* Old:\\*\\* b\r\n\u2029no end\t"
    fix = mend(page.encode())
    assert fix.data.decode() == page.replace("\\*\\* Old:\\*\\*", "**Old:**")


def test_escaped_page_is_fixed_as_a_whole() -> None:
    page = (
        "\\# Minutes\n\n\\*\\*Date:\\*\\* Monday\n\n\\- one\n\\- two\n\n1\\. first\n2\\. second\n"
    )
    fix = mend(page.encode())
    assert fix.data.decode() == page.replace("\\", "")
    assert fix.document.diagnostics == []


def test_legacy_page_keeps_its_encoding() -> None:
    page = "# Сад\n\nЦветы растут в саду возле дома.\n\n\\*\\* Розы:\\*\\* красные и белые\n"
    fix = mend(page.encode("cp1251"))
    assert fix.data == page.replace("\\*\\* Розы:\\*\\*", "**Розы:**").encode("cp1251")
    assert [entry.rule for entry in fix.document.diagnostics] == ["legacy-encoding"]


def test_repair_that_the_encoding_lacks_is_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    page = "# Сад\n\nЦветы растут в саду возле дома.\n\nи cafe тоже\n"
    data = page.encode("cp1251")
    document = extract(data, "a.md")
    start = data.index(b"cafe")
    document.diagnostics.append(
        report("mojibake", Span(5, 5, start, start + 4), before="cafe", after="café")
    )
    fix = fix_page(data, document, ALL)
    assert fix.data == data
    (withheld,) = fix.withheld
    assert withheld.reason == "cp1251 can't hold 'é'"


# What is fixed


def test_only_chosen_rules_are_fixed() -> None:
    fix = mend(DAMAGED.encode(), frozenset({"EX209"}))
    assert fix.data.decode() == DAMAGED.replace("d√©colletage", "décolletage")
    assert {entry.code for entry in fix.document.diagnostics} >= {"EX202", "EX203", "EX204"}


def test_page_read_without_repairs_offers_none() -> None:
    assert mend(DAMAGED.encode(), repair=False).data == DAMAGED.encode()


@pytest.mark.parametrize(
    "change",
    [
        {"before": None},
        {"after": None},
        {"before": "other"},
        {"after": "Good"},
        {"span": None},
    ],
    ids=["no before", "no after", "other bytes", "no change", "no place"],
)
def test_diagnostic_that_does_not_fit_the_bytes_offers_no_edit(change: dict[str, None]) -> None:
    data = b"Good\n"
    document = extract(data, "a.md")
    entry = {"span": Span(1, 1, 0, 4), "before": "Good", "after": "Better"} | change
    span = entry.pop("span")
    document.diagnostics.append(report("mojibake", span, **entry))  # type: ignore[arg-type]
    assert fix_page(data, document, ALL) == Fix(data, document)
    assert find_fixable(data, document, ALL) == frozenset()


def test_edit_over_several_lines_takes_the_line_ends_of_the_page() -> None:
    data = b"# A\r\n\r\none\r\ntwo\r\n"
    document = extract(data, "a.md")
    start = data.index(b"one")
    span = Span(3, 4, start, start + 8)
    document.diagnostics.append(report("mojibake", span, before="one\ntwo", after="one\n two"))
    fix = fix_page(data, document, ALL)
    assert fix.data == b"# A\r\n\r\none\r\n two\r\n"


# Safety


Lie = Callable[..., tuple[bytes, Document]]


@pytest.fixture
def lie(monkeypatch: pytest.MonkeyPatch) -> Lie:
    """Give pages whose diagnostics offer edits of our own, as long as these are not made."""

    def make(page: str, *edits: tuple[str, str]) -> tuple[bytes, Document]:
        def extract_lying(data: bytes, path: str, *, repair: bool = True) -> Document:
            document = extract(data, path, repair=repair)
            for before, after in edits:
                start = data.find(before.encode())
                if start >= 0:
                    span = Span(1, 1, start, start + len(before.encode()))
                    entry = report("mojibake", span, before=before, after=after)
                    document.diagnostics.append(entry)
            return document

        monkeypatch.setattr(fixing, "extract", extract_lying)
        return page.encode(), extract_lying(page.encode(), "a.md")

    return make


def test_edit_that_changes_the_document_is_withheld(lie: Lie) -> None:
    data, document = lie("one two\n", ("two", "three"))
    fix = fix_page(data, document, ALL)
    assert fix.data == data
    assert [entry.diagnostic for entry in fix.withheld] == document.diagnostics
    assert find_fixable(data, document, ALL) == frozenset()


def test_safe_edits_are_made_beside_unsafe_ones(lie: Lie) -> None:
    data, document = lie(
        "a *b* c *d* e *f* g *h* i\n",
        ("*b*", "_b_"),
        ("*d*", "__D__"),
        ("*f*", "_f_"),
        ("*h*", "~~h"),
    )
    fix = fix_page(data, document, ALL)
    assert fix.data == b"a _b_ c *d* e _f_ g *h* i\n"
    assert [entry.before for entry in fix.fixed] == ["*b*", "*f*"]


def test_edit_that_brings_a_new_diagnostic_is_withheld(lie: Lie) -> None:
    data, document = lie("**Old:** b\n", ("**Old:**", "\\*\\* Old:\\*\\*"))
    assert fix_page(data, document, ALL).data == data


def test_edit_that_gets_the_page_rejected_is_withheld(lie: Lie) -> None:
    data, document = lie("---\na: b\n---\n\ntext\n", ("a: b", "a: [b"))
    assert fix_page(data, document, ALL).data == data


@pytest.mark.parametrize(("place", "fixed"), [((2, 5), True), ((6, 7), False)])
def test_edit_may_only_hide_diagnostics_it_touches(
    monkeypatch: pytest.MonkeyPatch, place: tuple[int, int], fixed: bool
) -> None:
    def extract_lying(data: bytes, path: str, *, repair: bool = True) -> Document:
        document = extract(data, path, repair=repair)
        if b"*b*" in data:
            edit = report("mojibake", Span(1, 1, 2, 5), before="*b*", after="_b_")
            other = report("ragged-table", Span(1, 1, *place))
            document.diagnostics.extend([edit, other])
        return document

    monkeypatch.setattr(fixing, "extract", extract_lying)
    data = b"a *b* c\n"
    fix = fix_page(data, extract_lying(data, "a.md"), ALL)
    assert fix.data == (b"a _b_ c\n" if fixed else data)


def test_overlapping_edits_are_made_one_after_the_other() -> None:
    # Whatever damages overlap, a page ends up with none that could still be fixed.
    page = "# A\n\n\\*\\* d√©colletage:\\*\\* the d√©colletage\n"
    fix = mend(page.encode())
    assert fix.data.decode() == "# A\n\n**décolletage:** the décolletage\n"
    assert fix.document.diagnostics == []


def test_first_of_overlapping_edits_wins(lie: Lie) -> None:
    data, document = lie("a *b* c\n", ("*b* c", "_b_ c"), ("*b*", "__b__"))
    assert fix_page(data, document, ALL).data == b"a _b_ c\n"


def test_number_of_trials_is_bounded(lie: Lie, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [f"*w{number:03}*" for number in range(200)]
    data, document = lie(" ".join(words) + "\n", *((word, word.upper()) for word in words))
    trials = []

    lying = vars(fixing)["extract"]

    def count(data: bytes, path: str, *, repair: bool) -> Document:
        trials.append(data)
        document: Document = lying(data, path, repair=repair)
        return document

    monkeypatch.setattr(fixing, "extract", count)
    fix = fix_page(data, document, ALL)
    assert len(trials) <= fixing.MAX_TRIALS
    assert fix.data == data
    assert len(fix.withheld) == 200


# Writing


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "page.md"
    file.write_bytes(b"old")
    return file


def test_writing_keeps_the_mode_and_leaves_nothing_behind(page: Path) -> None:
    page.chmod(0o640)
    write_page(page, b"old", b"new")
    assert page.read_bytes() == b"new"
    assert stat.S_IMODE(page.stat().st_mode) == 0o640
    assert os.listdir(page.parent) == ["page.md"]  # noqa: PTH208


def test_writing_goes_through_symbolic_links(page: Path) -> None:
    link = page.parent / "link.md"
    link.symlink_to(page.name)
    write_page(link, b"old", b"new")
    assert link.is_symlink()
    assert page.read_bytes() == b"new"


def test_file_that_changed_meanwhile_is_left_alone(page: Path) -> None:
    with pytest.raises(FixError, match="changed"):
        write_page(page, b"older", b"new")
    assert page.read_bytes() == b"old"


def test_file_that_vanished_is_reported(page: Path) -> None:
    page.unlink()
    with pytest.raises(FixError, match="No such file"):
        write_page(page, b"old", b"new")


def test_failed_write_leaves_the_page_and_no_litter(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(FixError, match="No space left"):
        write_page(page, b"old", b"new")
    assert page.read_bytes() == b"old"
    assert os.listdir(page.parent) == ["page.md"]  # noqa: PTH208


def test_file_that_changes_while_it_is_written_is_left_alone(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: page.write_bytes(b"newer"))
    with pytest.raises(FixError, match="changed"):
        write_page(page, b"old", b"new")
    assert page.read_bytes() == b"newer"
    assert os.listdir(page.parent) == ["page.md"]  # noqa: PTH208


def test_file_with_several_names_is_left_alone(page: Path) -> None:
    other = page.with_name("other.md")
    other.hardlink_to(page)
    with pytest.raises(FixError, match="2 names"):
        write_page(page, b"old", b"new")
    assert page.read_bytes() == b"old"
    other.unlink()
    write_page(page, b"old", b"new")
    assert page.read_bytes() == b"new"


@pytest.mark.parametrize("length", [100, 250, 255])
def test_long_names_are_written(tmp_path: Path, length: int) -> None:
    page = tmp_path / ("ü" * ((length - 3) // 2) + "x" * ((length - 3) % 2) + ".md")
    assert len(os.fsencode(page.name)) == length
    page.write_bytes(b"old")
    write_page(page, b"old", b"new")
    assert page.read_bytes() == b"new"


KILLED = """
import os, signal, sys
from extractor.cli import cli
os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
cli(["check", "--fix", *sys.argv[1:]])
"""


@pytest.mark.parametrize("through", ["pages", "link"])
def test_what_a_kill_leaves_is_removed_by_the_next_fix(tmp_path: Path, through: str) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (tmp_path / "link").mkdir()
    page, link = folder / "page.md", tmp_path / "link/page.md"
    page.write_text("\\*\\*Label:\\*\\* text\n")
    link.symlink_to(page)
    command = str(tmp_path / through / "page.md")
    done = subprocess.run([sys.executable, "-c", KILLED, command], check=False)
    assert done.returncode == -signal.SIGKILL
    assert page.read_text() == "\\*\\*Label:\\*\\* text\n"
    assert len(list(folder.iterdir())) == 2
    (folder / ".extractor-notes.part").write_text("mine")
    assert CliRunner().invoke(cli, ["check", command]).exit_code == 1
    assert len(list(folder.iterdir())) == 3
    assert CliRunner().invoke(cli, ["check", "--fix", command]).exit_code == 0
    assert page.read_text() == "**Label:** text\n"
    assert {file.name for file in folder.iterdir()} == {"page.md", ".extractor-notes.part"}


def test_read_only_file_is_left_alone(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everything
    with pytest.raises(FixError, match="read-only"):
        write_page(page, b"old", b"new")
    assert page.read_bytes() == b"old"


# Showing


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("tail", ["", "no end"])
def test_diff_is_a_patch(tmp_path: Path, encoding: str, end: str, tail: str) -> None:
    data = encode(DAMAGED + tail, encoding, end)
    fix = mend(data)
    (tmp_path / "a.md").write_bytes(data)
    patch = render_diff("a.md", data, fix.data, "utf-8")
    subprocess.run(["git", "apply", "-"], input=patch, cwd=tmp_path, check=True)
    assert (tmp_path / "a.md").read_bytes() == fix.data


def test_diff_of_the_last_line_says_that_it_has_no_end() -> None:
    patch = render_diff("a.md", b"x\n\\#", b"x\n#", "utf-8")
    assert patch.decode().splitlines() == [
        "--- a/a.md",
        "+++ b/a.md",
        "@@ -1,2 +1,2 @@",
        " x",
        "-\\#",
        "\\ No newline at end of file",
        "+#",
        "\\ No newline at end of file",
    ]


@pytest.mark.parametrize(("encoding", "end"), [("utf-16-le", "\n"), ("utf-8", "\r")])
def test_diff_without_lines_of_bytes_is_made_readable(encoding: str, end: str) -> None:
    data = encode(DAMAGED, encoding, end)
    patch = render_diff("a.md", data, mend(data).data, encoding).decode()
    assert "\r" not in patch
    assert "\0" not in patch
    assert "-\\*\\*Scars:\\*\\* old ones" in patch.split("\n")
    assert "+**Scars:** old ones" in patch.split("\n")
