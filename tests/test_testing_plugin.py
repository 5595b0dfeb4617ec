"""The pytest plugin, run the way its users run it: in a pytest of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[1]
PAGE = "# Garden\n\n**Soil:** light\n\n**Water:** little\n"
TEST = 'def test_pages(pages_regression):\n    pages_regression.check("pages")\n'


@pytest.fixture
def team(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A team's repository: two pages and a test."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    if not entry_points(group="pytest11", name="extractor"):
        monkeypatch.setenv("PYTEST_ADDOPTS", "-p extractor.pytest_plugin")
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    write(pytester.path / "pages" / "a.md", PAGE)
    write(pytester.path / "pages" / "deep" / "b.md", PAGE.replace("Garden", "Pond"))
    pytester.makepyfile(test_docs=TEST)
    return pytester


@pytest.fixture
def accepted(team: pytest.Pytester) -> Path:
    """The folder with the accepted documents of both pages."""
    team.runpytest().assert_outcomes(failed=1)
    folder = team.path / "test_docs" / "test_pages"
    assert list_files(folder) == ["a.md.json", "deep/b.md.json"]
    return folder


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="")


def list_files(folder: Path) -> list[str]:
    return sorted(f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file())


def fail(team: pytest.Pytester, *options: str) -> str:
    """Run the test, which fails, and give what it says."""
    result = team.runpytest(*options)
    result.assert_outcomes(failed=1)
    return result.stdout.str()


def test_missing_expectations_fail_once_and_are_written(
    team: pytest.Pytester, accepted: Path
) -> None:
    team.runpytest().assert_outcomes(passed=1)
    document = json.loads((accepted / "a.md.json").read_bytes())
    assert document["source"]["path"] == "a.md"
    assert document["title"] == "Garden"
    assert "span" not in document["sections"][0]
    assert (accepted / "a.md.json").read_bytes().endswith(b"\n")


def test_every_missing_expectation_is_named(team: pytest.Pytester) -> None:
    output = fail(team)
    assert "a.md: " in output
    assert "deep/b.md: " in output


def test_change_of_meaning_is_told_in_words(team: pytest.Pytester, accepted: Path) -> None:
    write(team.path / "pages" / "a.md", PAGE.replace("light", "heavy"))
    before = (accepted / "a.md.json").read_bytes()
    output = fail(team)
    assert "a.md: not as accepted in" in output
    assert "Soil" in output
    assert "[-light-]{+heavy+}  (line 3)" in output
    assert "b.md" not in output
    assert (accepted / "a.md.json").read_bytes() == before


def test_what_does_not_change_the_meaning_passes(team: pytest.Pytester, accepted: Path) -> None:
    moved = PAGE.replace("\n\n", "\n\n\n\n").replace("\n", "\r\n")
    (team.path / "pages" / "a.md").write_bytes(moved.encode("utf-16"))
    team.runpytest().assert_outcomes(passed=1)


def test_new_damage_fails_though_it_is_repaired(team: pytest.Pytester, accepted: Path) -> None:
    write(team.path / "pages" / "a.md", PAGE.replace("**Soil:**", "\\*\\* Soil:\\*\\*"))
    assert "escaped-label" in fail(team)


def test_orphaned_expectation_fails(team: pytest.Pytester, accepted: Path) -> None:
    (team.path / "pages" / "deep" / "b.md").unlink()
    output = fail(team)
    assert "b.md.json: there is no page for this accepted document" in output
    assert (accepted / "deep" / "b.md.json").exists()


def test_force_regen_accepts_and_fails(team: pytest.Pytester, accepted: Path) -> None:
    write(team.path / "pages" / "a.md", PAGE.replace("light", "heavy"))
    (team.path / "pages" / "deep" / "b.md").unlink()
    output = fail(team, "--force-regen")
    assert "--force-regen set, regenerating file" in output
    assert "b.md.json: removed" in output
    assert "heavy" in (accepted / "a.md.json").read_text(encoding="utf-8")
    team.runpytest().assert_outcomes(passed=1)
    assert list_files(accepted) == ["a.md.json"]


def test_regen_all_accepts_and_passes(team: pytest.Pytester, accepted: Path) -> None:
    write(team.path / "pages" / "a.md", PAGE.replace("light", "heavy"))
    write(team.path / "pages" / "c.md", PAGE)
    (team.path / "pages" / "deep" / "b.md").unlink()
    team.runpytest("--regen-all").assert_outcomes(passed=1)
    team.runpytest().assert_outcomes(passed=1)
    assert list_files(accepted) == ["a.md.json", "c.md.json"]


@pytest.mark.parametrize("option", ["--force-regen", "--regen-all"])
def test_regenerating_is_refused_in_ci(
    team: pytest.Pytester, accepted: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setenv("CI", "true")
    write(team.path / "pages" / "a.md", PAGE.replace("light", "heavy"))
    assert "not regenerated where CI is set" in fail(team, option)
    assert "heavy" not in (accepted / "a.md.json").read_text(encoding="utf-8")


def test_nothing_is_written_in_ci(team: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "1")
    assert "deep/b.md: there is no accepted document" in fail(team)
    assert not (team.path / "test_docs").exists()


def test_ci_that_is_off_is_no_ci(team: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "false")
    fail(team)
    team.runpytest().assert_outcomes(passed=1)


def test_rejected_page_fails(team: pytest.Pytester, accepted: Path) -> None:
    write(team.path / "pages" / "a.md", "---\ntitle: [x\n---\n")
    output = fail(team)
    assert "a.md:2: " in output
    assert "(invalid-front-matter): the page gives no document" in output
    assert "there is no page" not in output


def test_difference_without_words_is_shown_as_json(team: pytest.Pytester, accepted: Path) -> None:
    """Whatever the comparison by meaning may overlook, the test must not."""
    write(team.path / "pages" / "a.md", PAGE.replace("light", "heavy"))
    team.makeconftest(
        """
        import sys
        import pytest
        import extractor.diff

        @pytest.fixture(autouse=True)
        def overlook(monkeypatch):
            # pytester forgets modules that a run imported: the package's attribute may be old.
            diff = sys.modules["extractor.diff"]
            monkeypatch.setattr(diff, "compare_documents", lambda old, new: [])
        """
    )
    output = fail(team)
    assert '"text": "light"' in output
    assert '"text": "heavy"' in output


def test_damaged_expectation_fails(team: pytest.Pytester, accepted: Path) -> None:
    write(accepted / "a.md.json", "{}")
    assert "a.md.json is no document" in fail(team)


def test_configuration_names_sources_and_repair(
    team: pytest.Pytester, accepted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        team.path / "extractor.toml",
        'sources = ["pages"]\n[[overrides]]\npaths = ["pages/a.md"]\nrepair = false\n',
    )
    damaged = PAGE.replace("**Soil:**", "\\*\\* Soil:\\*\\*")
    write(team.path / "pages" / "a.md", damaged)
    write(team.path / "pages" / "deep" / "b.md", damaged)
    team.makepyfile(test_docs="def test_pages(pages_regression):\n    pages_regression.check()\n")
    fail(team, "--force-regen")
    monkeypatch.chdir(team.path / "pages")
    team.runpytest(team.path).assert_outcomes(passed=1)
    rules = [
        [found["rule"] for found in json.loads((accepted / name).read_bytes())["diagnostics"]]
        for name in ("a.md.json", "deep/b.md.json")
    ]
    assert rules == [[], ["escaped-label"]]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('check("nowhere")', "nowhere"),
        ("check()", "no sources"),
        ('check("pages"); pages_regression.check("pages")', "once in a test"),
    ],
)
def test_wrong_use_is_an_error(
    team: pytest.Pytester, accepted: Path, body: str, words: str
) -> None:
    team.makepyfile(test_docs=f"def test_pages(pages_regression):\n    pages_regression.{body}\n")
    assert words in fail(team)


def test_parametrized_tests_have_folders_of_their_own(team: pytest.Pytester) -> None:
    team.makepyfile(
        test_docs="""
        import pytest

        @pytest.mark.parametrize("name", ["a.md", "deep"])
        def test_pages(pages_regression, name):
            pages_regression.check(f"pages/{name}")
        """
    )
    team.runpytest().assert_outcomes(failed=2)
    assert list_files(team.path / "test_docs") == [
        "test_pages_a_md_/a.md.json",
        "test_pages_deep_/b.md.json",
    ]
    team.runpytest().assert_outcomes(passed=2)


def test_missing_pytest_regressions_is_said_where_it_is_needed(
    team: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.makepyfile(
        test_other="def test_other():\n    pass\n",
        conftest="import sys\nsys.modules['pytest_regressions'] = None\n",
    )
    result = team.runpytest_subprocess("-p", "no:regressions", "-p", "no:datadir")
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(["*pip install 'extractor[[]testing[]]'*"])


def test_plugin_is_light() -> None:
    heavy = ("pandas", "pyarrow", "mistune", "msgspec", "pytest_regressions", "click", "yaml")
    code = (
        "import pytest, sys; before = set(sys.modules); import extractor.pytest_plugin;"
        "print(sorted(set(sys.modules) - before))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "extractor.pytest_plugin" in result.stdout
    for name in heavy:
        assert f"'{name}'" not in result.stdout


def test_entry_point_leads_to_the_plugin() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["entry-points"]["pytest11"] == {
        "extractor": "extractor.pytest_plugin"
    }
