"""`extractor check` as its users see it: text, JSON, annotations, selections, repairs."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from extractor.check import inspection as checking
from extractor.check.findings import Finding, Summary, list_findings
from extractor.check.inspection import CheckOptions, check_pages, list_files
from extractor.cli import cli
from extractor.config.loading import load_config
from extractor.diagnostics.rules import CODES
from extractor.model import Document
from extractor.pipeline import extract
from extractor.storage.pages import PageFile

ROOT = Path(__file__).parents[1]

DAMAGED = "# Peel\n\n\\*\\* Acne:\\*\\* spots\n\n** Scars:** old\n\nthe d√©colletage\n"
MENDED = "# Peel\n\n**Acne:** spots\n\n**Scars:** old\n\nthe décolletage\n"
CLEAN = "# Clean\n\nNothing.\n"


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with pages in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    write(tmp_path / "pages" / "clean.md", CLEAN)
    write(tmp_path / "pages" / "b.md", DAMAGED)
    write(tmp_path / "pages" / "a" / "b.md", "---\ntitle: [x\n---\n")
    return tmp_path


def write(file: Path, text: str | bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def run(*args: str | Path, code: int = 1, stdin: bytes | None = None) -> Result:
    result = CliRunner().invoke(cli, ["check", *map(str, args)], input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def run_json(*args: str | Path, code: int = 1) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(run("--format", "json", *args, code=code).stdout)
    return log


# Text and exit codes


def test_findings_are_lines_sorted_by_path_and_place(pages: Path) -> None:
    result = run("pages")
    assert [line.split(": ")[:2] for line in result.stdout.splitlines()] == [
        ["pages/a/b.md:2:1", "EX104 invalid-front-matter"],
        ["pages/b.md:3:1", "EX203 escaped-label"],
        ["pages/b.md:5:1", "EX202 spaced-label"],
        ["pages/b.md:7:5", "EX209 mojibake"],
    ]
    assert "d√©colletage -> décolletage" in result.stdout
    assert result.stderr == (
        "3 pages: 4 findings (1 error, 3 warnings), 3 can be fixed with --fix.\n"
    )


def test_clean_pages_give_no_line(pages: Path) -> None:
    result = run("pages/clean.md", code=0)
    assert result.stdout == ""
    assert result.stderr == "1 page: clean.\n"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "Missing argument 'SRC...'"),
        (["nowhere"], "nowhere: no such file"),
        (["pages", "--select", "mojibak"], "did you mean `mojibake`?"),
        (["pages", "--ignore", "EX2,EX777"], "EX777"),
        (["pages", "--format", "xml"], "xml"),
        (["pages", "--fix", "--diff"], "--diff goes with neither"),
        (["pages", "--diff", "--format", "json"], "--diff goes with neither"),
        (["-", "--fix"], "--fix needs files on this machine"),
        (["memory://pages-to-fix/a.md", "--fix"], "--fix needs files on this machine"),
    ],
)
def test_wrong_usage(pages: Path, args: list[str], words: str) -> None:
    import fsspec

    fsspec.filesystem("memory").pipe("/pages-to-fix/a.md", DAMAGED.encode())
    result = run(*args, code=2)
    assert words in result.stderr
    assert result.stdout == ""


def test_control_characters_of_a_page_stay_off_the_terminal(pages: Path) -> None:
    write(pages / "x.md", "\\*\\* A\x1b[31m\u202eB:\\*\\* text\n")
    write(pages / "x\x1b[2J.md", "text\n")
    output = run("x.md", "x\x1b[2J.md").stdout
    assert "\\x1b[31m\\u202eB" in output
    assert "x\\x1b[2J.md:1:1: EX602 unsafe-name" in output
    assert not {"\x1b", "\u202e"} & set(output)


def test_standard_input_is_checked(pages: Path) -> None:
    assert run("-", stdin=DAMAGED.encode()).stdout.startswith("-:3:1: EX203")


def test_pages_of_the_same_name_and_pages_named_twice(pages: Path) -> None:
    write(pages / "other" / "b.md", DAMAGED)
    log = run_json("pages/b.md", "other/b.md", "./pages/../pages/b.md")
    assert log["summary"]["pages"] == 2
    assert {finding["path"] for finding in log["findings"]} == {"other/b.md", "pages/b.md"}


def test_pages_outside_have_absolute_names(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = pages / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    assert run("../pages/b.md").stdout.startswith(f"{pages}/pages/b.md:3:1: ")


def test_pages_behind_a_url_are_checked(pages: Path) -> None:
    import fsspec

    fsspec.filesystem("memory").pipe("/pages-to-check/a.md", DAMAGED.encode())
    assert run("memory://pages-to-check").stdout.startswith("memory://pages-to-check/a.md:3:1: ")


# Places


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_columns_are_code_points(encoding: str, end: str) -> None:
    text = "---\nt: x\n---\n# 𝒜\n\n\t- 𝒜\n\n- ☕é\n- 𝒜é **Old:**x, the d√©colletage d√©collet√©\n"
    data = text.replace("\n", end).encode(encoding)
    document = extract(data, "a.md")
    findings = list_findings(document, data, "a.md", frozenset(CODES))
    assert len(findings) >= 2
    lines = text.split("\n")
    for finding in findings:
        assert finding.line == finding.end_line
        assert finding.line is not None
        assert finding.column is not None
        assert finding.end_column is not None
        line = lines[finding.line - 1]
        assert line[finding.column - 1 : finding.end_column - 1] == finding.before


def test_columns_of_overlapping_findings() -> None:
    text = "éé \\*\\* d√©colletage:\\*\\* x\n"
    data = f"- {text}".encode()
    document = extract(data, "a.md")
    spans = [entry.span for entry in document.diagnostics]
    doubled = [*document.diagnostics, *document.diagnostics]
    document.diagnostics[:] = doubled
    findings = list_findings(document, data, "a.md", frozenset(CODES))
    assert len(findings) == 2 * len(spans)
    for finding in findings:
        assert finding.start is not None
        assert finding.column == len(data[: finding.start].decode()) + 1


# JSON


def test_json_is_documented_and_stable(pages: Path) -> None:
    log = run_json("pages")
    assert list(log) == ["format", "findings", "summary"]
    assert log["format"] == "check/1"
    assert log["summary"] == {
        "pages": 3,
        "rejected": 1,
        "findings": 4,
        "errors": 1,
        "warnings": 3,
        "notes": 0,
        "fixable": 3,
        "fixed": 0,
        "withheld": 0,
    }
    reject, finding, *_ = log["findings"]
    fingerprint = finding.pop("fingerprint")
    assert len(fingerprint) == 32
    assert finding == {
        "path": "pages/b.md",
        "line": 3,
        "column": 1,
        "end_line": 3,
        "end_column": 15,
        "start": 8,
        "end": 22,
        "code": "EX203",
        "rule": "escaped-label",
        "severity": "warning",
        "message": "A label with escaped markers was read as a label.",
        "pointer": None,
        "before": "\\*\\* Acne:\\*\\*",
        "after": "**Acne:**",
        "fixable": True,
        "rejected": False,
        "encoding": "utf-8",
    }
    assert reject["rejected"] is True
    assert (reject["line"], reject["column"], reject["start"]) == (2, 1, None)
    described = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")
    for name in (*finding, "fingerprint", *log["summary"]):
        assert f"`{name}`" in described


def test_json_of_nothing_is_json(pages: Path) -> None:
    log = run_json("pages/clean.md", code=0)
    assert log["findings"] == []
    assert log["summary"]["pages"] == 1


# GitHub


def test_annotations_are_escaped(pages: Path) -> None:
    write(pages / "a,b:c%d.md", "\\*\\* 100%, a:\\*\\* x\n")
    (line,) = run("a,b:c%d.md", "--format", "github").stdout.splitlines()
    properties, _, message = line.removeprefix("::warning ").partition("::")
    assert properties == (
        "file=a%2Cb%3Ac%25d.md,line=1,endLine=1,col=1,endColumn=18,title=EX203 escaped-label"
    )
    assert message.endswith("\\*\\* 100%25, a:\\*\\* -> **100%25, a:**")


def test_annotations_have_levels_and_columns_only_within_a_line(pages: Path) -> None:
    write(pages / "n.md", "# A\n\n**Head**\n\ntext\n")
    assert run("n.md", "--format", "github").stdout.startswith("::notice file=n.md,line=3,")
    assert run("pages/a", "--format", "github").stdout.startswith(
        "::error file=pages/a/b.md,line=2,title=EX104 invalid-front-matter::"
    )


@pytest.mark.parametrize("form", ["github", "sarif"])
def test_paths_start_at_the_workspace(
    pages: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(pages))
    monkeypatch.chdir(pages / "pages")
    output = run("b.md", "--format", form).stdout
    assert '"pages/b.md"' in output or "file=pages/b.md," in output
    assert run("b.md").stdout.startswith("b.md:3:1: ")


def test_sarif_is_printed(pages: Path) -> None:
    log = json.loads(run("pages", "--format", "sarif").stdout)
    assert [result["ruleId"] for result in log["runs"][0]["results"]] == [
        "EX104",
        "EX203",
        "EX202",
        "EX209",
    ]
    assert log["runs"][0]["properties"] == {"pages": 3, "rejected": 1}


# Selecting


@pytest.mark.parametrize(
    ("args", "codes"),
    [
        (["--select", "EX203"], ["EX104", "EX203"]),
        (["--select", "escaped-label,mojibake"], ["EX104", "EX203", "EX209"]),
        (["--select", "EX203", "--select", "EX202"], ["EX104", "EX203", "EX202"]),
        (["--ignore", "EX20"], ["EX104"]),
        (["--ignore", "EX1"], ["EX203", "EX202", "EX209"]),
        (["--select", "EX203", "--ignore", "EX"], ["EX203"]),
        (["--select", "EX301", "--ignore", "EX104"], []),
    ],
)
def test_select_and_ignore(pages: Path, args: list[str], codes: list[str]) -> None:
    log = run_json("pages", *args, code=1 if codes else 0)
    assert [finding["code"] for finding in log["findings"]] == codes


def test_configuration_gives_sources_and_rules(
    pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        pages / "extractor.toml",
        """
        sources = ["pages"]
        ignore = ["EX104"]
        [[overrides]]
        paths = ["pages/b.md"]
        ignore = ["EX203"]
        """,
    )
    monkeypatch.chdir(pages / "pages" / "a")
    found = [finding["code"] for finding in run_json()["findings"]]
    assert found == ["EX202", "EX209"]
    found = [finding["code"] for finding in run_json("--select", "EX203")["findings"]]
    assert sorted(found) == ["EX104", "EX203"]
    found = [finding["code"] for finding in run_json("--ignore", "EX209")["findings"]]
    assert found == ["EX202"]
    assert run_json("../clean.md", code=0)["summary"]["pages"] == 1


def test_override_can_turn_repair_off(pages: Path) -> None:
    write(pages / "extractor.toml", '[[overrides]]\npaths = ["b.md"]\nrepair = false\n')
    assert run_json("pages/b.md", code=0)["findings"] == []


def test_broken_configuration_is_wrong_usage(pages: Path) -> None:
    write(pages / "extractor.toml", "sorces = []\n")
    result = run("pages", code=2)
    assert "extractor.toml: unknown key `sorces`; did you mean `sources`?" in result.stderr


# Fixing


def test_fix_mends_and_reports_what_is_left(pages: Path) -> None:
    result = run("pages", "--fix")
    assert (pages / "pages" / "b.md").read_bytes() == MENDED.encode()
    assert result.stdout.splitlines() == [
        line for line in run("pages").stdout.splitlines() if "EX104" in line
    ]
    assert "1 finding (1 error), 3 fixed." in result.stderr


def test_fix_of_everything_leaves_nothing_to_report(pages: Path) -> None:
    run("pages/b.md", "--fix", code=0)
    before = (pages / "pages" / "b.md").stat()
    run("pages/b.md", "--fix", code=0)
    after = (pages / "pages" / "b.md").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_fix_mends_selected_rules_only(pages: Path) -> None:
    run("pages/b.md", "--fix", "--select", "mojibake", code=0)
    assert (pages / "pages" / "b.md").read_text("utf-8") == DAMAGED.replace("√©", "é")
    run("pages/b.md", "--fix", "--ignore", "escaped-label", code=0)
    assert (pages / "pages" / "b.md").read_text("utf-8") == MENDED.replace(
        "**Acne:**", "\\*\\* Acne:\\*\\*"
    )


def test_fix_says_what_it_withholds(pages: Path) -> None:
    write(pages / "x.md", "＊＊注意＊＊\n電源を切ってから作業してください。\n")
    result = run("x.md", "--fix")
    assert "x.md:1: EX203 escaped-label is not fixed: " in result.stderr
    assert "1 not fixed" in result.stderr
    assert "EX203" in result.stdout


def test_fix_that_can_not_be_written_is_reported(
    pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    result = run("pages/b.md", "--fix")
    assert result.stderr.count("is not fixed: the file is read-only") == 3
    assert "3 findings (3 warnings), 3 not fixed." in result.stderr
    assert (pages / "pages" / "b.md").read_bytes() == DAMAGED.encode()


def test_fix_counts_in_json(pages: Path) -> None:
    summary = run_json("pages", "--fix")["summary"]
    assert (summary["fixed"], summary["withheld"], summary["findings"]) == (3, 0, 1)


def test_diff_shows_and_writes_nothing(pages: Path) -> None:
    result = run("pages/b.md", "--diff")
    assert result.stdout.startswith("--- a/pages/b.md\n+++ b/pages/b.md\n@@ ")
    assert "-\\*\\* Acne:\\*\\* spots\n" in result.stdout
    assert "+**Acne:** spots\n" in result.stdout
    assert result.stderr == "1 page: clean, 3 to fix.\n"
    assert (pages / "pages" / "b.md").read_bytes() == DAMAGED.encode()


def test_diff_keeps_what_is_left_apart(pages: Path) -> None:
    result = run("pages/a", "--diff")
    assert result.stdout == ""
    assert "EX104" in result.stderr
    run("pages/clean.md", "--diff", code=0)


def test_diff_of_a_legacy_page_has_its_bytes(pages: Path) -> None:
    page = "# Сад\n\nЦветы растут в саду возле дома.\n\n\\*\\* Розы:\\*\\* красные и белые\n"
    write(pages / "x.md", page.encode("cp1251"))
    assert "+**Розы:** красные и белые\n".encode("cp1251") in run("x.md", "--diff").stdout_bytes


# Many pages, bad pages


def options(**changes: Any) -> CheckOptions:
    return CheckOptions(config=load_config(Path.cwd()), base=Path.cwd(), **changes)


def test_pages_are_read_one_at_a_time(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        write(pages / "many" / f"{number}.md", DAMAGED)
    opened: list[str] = []

    def read(page: PageFile) -> bytes:
        opened.append(page.path)
        return Path(page.location).read_bytes()

    monkeypatch.setattr(checking, "read_page", read)
    findings = check_pages(list_files(["many"], pages), options(), Summary())
    assert next(findings).path == "many/0.md"
    assert opened == ["0.md"]
    assert len(list(findings)) == 14
    assert opened == [f"{number}.md" for number in range(5)]


def test_printing_does_not_wait_for_the_last_page() -> None:
    from extractor.check.formats import RENDERERS

    def endless() -> Iterator[Finding]:
        while True:
            yield Finding(
                path="a.md",
                code="EX203",
                rule="escaped-label",
                severity="warning",
                message="m",
                fingerprint="f",
            )

    for render in RENDERERS.values():
        pieces = render(endless(), Summary())
        assert "a.md" in "".join(next(pieces) for _ in range(3))


def test_page_that_takes_too_long_is_a_finding(
    pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(data: bytes, path: str, *, repair: bool) -> Document:
        while path == "b.md" and b"Acne" in data:
            time.sleep(0.01)
        return extract(data, path, repair=repair)

    write(pages / "extractor.toml", "time-limit = 1.5\n")
    monkeypatch.setattr(checking, "extract", hang)
    codes = [finding["code"] for finding in run_json("pages")["findings"]]
    assert codes == ["EX104", "EX902"]


@pytest.mark.slow
def test_repairs_that_take_too_long_are_withheld(
    pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(*_: object, **__: object) -> None:
        while True:
            time.sleep(0.01)

    write(pages / "extractor.toml", "time-limit = 1.5\n")
    monkeypatch.setattr("extractor.check.fixes.extract", hang)
    summary = run_json("pages/b.md", "--fix")["summary"]
    assert (summary["fixed"], summary["withheld"], summary["findings"]) == (0, 3, 3)
    assert run_json("pages/b.md")["summary"]["fixable"] == 0
    assert (pages / "pages" / "b.md").read_bytes() == DAMAGED.encode()


def test_bug_on_a_page_is_a_finding(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(data: bytes, path: str, *, repair: bool) -> Document:
        if path == "b.md" and b"Acne" in data:
            raise RuntimeError("oh")
        return extract(data, path, repair=repair)

    monkeypatch.setattr(checking, "extract", fail)
    codes = [finding["code"] for finding in run_json("pages")["findings"]]
    assert codes == ["EX104", "EX901"]


def test_unreadable_page_is_a_finding(pages: Path) -> None:
    (pages / "pages" / "gone.md").symlink_to("nowhere.md")
    findings = run_json("pages")["findings"]
    (gone,) = (finding for finding in findings if finding["path"] == "pages/gone.md")
    assert (gone["code"], gone["line"]) == ("EX110", None)
    assert "pages/gone.md:1:1: EX110" in run("pages").stdout


def test_names_that_are_not_utf8_can_be_printed(pages: Path) -> None:
    import os

    name = os.fsdecode(b"odd-\xff.md")
    write(pages / name, DAMAGED)
    for form in ("text", "json", "sarif", "github"):
        run(".", "--format", form)
    run(".", "--fix")
    assert (pages / name).read_bytes() == MENDED.encode()


# Beside the command


def test_hooks_are_what_pre_commit_runs(pages: Path) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert [hook["id"] for hook in hooks] == ["extractor-check", "extractor-fix"]
    for hook, codes in zip(hooks, [["EX203", "EX202", "EX209"], []], strict=True):
        program, command, *args = hook["entry"].split()
        assert (program, command, hook["language"]) == ("extractor", "check", "python")
        log = run_json(*args, "pages/b.md", code=1 if codes else 0)
        assert [finding["code"] for finding in log["findings"]] == codes


def test_documented_workflows_are_yaml() -> None:
    text = (ROOT / "docs" / "check.md").read_text("utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert [sorted(map(str, yaml.safe_load(block))) for block in blocks] == [
        ["True", "jobs", "name"],  # `on` is a boolean in YAML 1.1, and fine for GitHub
        ["True", "jobs", "name"],
        ["repos"],
    ]
