"""The configuration file: where it is found, what it refuses, who beats whom."""

import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from extractor.cli import cli
from extractor.config.loading import ConfigError, Settings, choose_rules, load_config
from extractor.config.overrides import Override
from extractor.diagnostics.rules import CODES
from extractor.diagnostics.selection import UnknownRuleError, select_rules, split_selectors
from extractor.model import Document

ALL = frozenset(CODES)
REPAIRS = frozenset(code for code in CODES if code.startswith("EX2"))


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


# Selectors


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        (["EX"], [], ALL),
        ([], [], frozenset()),
        (["EX2"], [], REPAIRS),
        (["escaped-label"], [], {"EX203"}),
        (["ex203"], [], {"EX203"}),
        (["Escaped-Label"], [], {"EX203"}),
        (["EX"], ["EX2"], ALL - REPAIRS),
        (["EX2"], ["EX203"], REPAIRS - {"EX203"}),
        (["EX203"], ["EX2"], {"EX203"}),
        (["escaped-label"], ["EX2"], {"EX203"}),
        (["EX2"], ["EX2"], set()),
        (["EX203"], ["escaped-label"], set()),
        (["EX203"], ["EX"], {"EX203"}),
        (["EX20"], ["EX2", "EX203"], {c for c in REPAIRS if c.startswith("EX20")} - {"EX203"}),
    ],
)
def test_more_exact_selector_wins(
    select: list[str], ignore: list[str], expected: frozenset[str]
) -> None:
    assert select_rules(select, ignore) == expected
    assert select_rules(reversed(select), reversed(ignore)) == expected


@pytest.mark.parametrize(
    ("selector", "suggestion"),
    [
        ("escaped-labels", "escaped-label"),
        ("EX2003", "EX203"),
        ("mojibak", "mojibake"),
        ("quite-else", None),
        ("", None),
        ("E", None),
    ],
)
def test_unknown_selector_is_refused_with_a_suggestion(
    selector: str, suggestion: str | None
) -> None:
    with pytest.raises(UnknownRuleError) as caught:
        select_rules([selector])
    assert caught.value.suggestion == suggestion
    with pytest.raises(UnknownRuleError):
        select_rules(["EX"], [selector])


def test_selectors_are_split_at_commas() -> None:
    assert split_selectors(["EX1,EX2 , mojibake", "", "EX301,"]) == (
        "EX1",
        "EX2",
        "mojibake",
        "EX301",
    )


# Finding the file


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    config = load_config(tmp_path)
    assert config.file is None
    assert config.root == tmp_path
    assert config.settings.sources == ()
    assert choose_rules(config, "a.md").reported == ALL
    assert choose_rules(config, "a.md").repair


def test_all_keys_are_read(tmp_path: Path) -> None:
    write(
        tmp_path / "extractor.toml",
        """
        sources = ["pages", "more/*.md"]
        out = "out"
        schemas = ["recipe.schema.json"]
        formats = ["json", "parquet"]
        select = ["EX"]
        ignore = ["EX301"]
        repair = true
        spans = false
        jobs = 2
        time-limit = 5

        [[overrides]]
        paths = ["drafts/**"]
        select = ["EX1"]
        ignore = ["mojibake"]
        repair = false
        """,
    )
    settings = load_config(tmp_path).settings
    assert settings.sources == ("pages", "more/*.md")
    assert settings.out == "out"
    assert settings.schemas == ("recipe.schema.json",)
    assert settings.formats == ("json", "parquet")
    assert settings.spans is False
    assert settings.jobs == 2
    assert settings.time_limit == 5.0
    assert settings.overrides[0].repair is False


def test_nearest_file_wins_and_own_file_beats_the_project_file(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool.extractor]\nout = 'far'\n")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert load_config(inner).settings.out == str(tmp_path / "far")

    write(tmp_path / "a" / "pyproject.toml", "[tool.other]\nx = 1\n")
    assert load_config(inner).file == tmp_path / "pyproject.toml"

    write(tmp_path / "a" / "pyproject.toml", "[tool.extractor]\n")
    assert load_config(inner).file == tmp_path / "a" / "pyproject.toml"

    write(tmp_path / "a" / "extractor.toml", "out = 'own'\n")
    assert load_config(inner).settings.out == str(tmp_path / "a" / "own")


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    root = tmp_path / "odd [name]"
    write(
        root / "extractor.toml",
        'sources = ["pages", "*.md", "/abs", "s3://bucket/x", "-", "[1].md"]\n'
        'out = "memory://out"\nschemas = ["s.json"]\n',
    )
    write(root / "[1].md", "")
    inner = root / "deep"
    inner.mkdir()
    settings = load_config(inner).settings
    pattern = str(tmp_path / "odd [[]name]" / "*.md")
    assert settings.sources == (
        str(root / "pages"),
        pattern,
        "/abs",
        "s3://bucket/x",
        "-",
        str(root / "[1].md"),
    )
    assert settings.out == "memory://out"
    assert settings.schemas == (str(root / "s.json"),)
    assert load_config(root).settings.sources[0] == "pages"


# Refusing


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('sorces = ["x"]', ["`sorces`", "did you mean `sources`?"]),
        ("timelimit = 3", ["`timelimit`", "`time-limit`"]),
        ("zzz = 3", ["`zzz`", "known are sources, out"]),
        ('[[overrides]]\npaths = ["x"]\nrepairs = true', ["`overrides.repairs`", "`repair`"]),
        ("[[overrides]]\nrepair = true", ["`overrides[0]`", "paths"]),
        ("[[overrides]]\npaths = []", ["`overrides[0].paths`"]),
        ('sources = "pages"', ["`sources`", "expected `array`, got `str`"]),
        ('formats = ["xml"]', ["`formats[0]`", "xml"]),
        ("jobs = 0", ["`jobs`"]),
        ("time-limit = -1", ["`time-limit`"]),
        ('select = ["EX999"]', ["EX999"]),
        ('ignore = ["mojibak"]', ["mojibak", "did you mean `mojibake`?"]),
        ('[[overrides]]\npaths = ["x"]\nignore = ["nope"]', ["nope"]),
        ("overrides = 3", ["`overrides`"]),
        ("sources = }", ["line 1"]),
    ],
)
def test_mistakes_name_file_and_key(tmp_path: Path, text: str, words: list[str]) -> None:
    file = write(tmp_path / "extractor.toml", text)
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{file}: ")
    for word in words:
        assert word in message


def test_tool_table_of_the_wrong_type_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool]\nextractor = 3\n")
    with pytest.raises(ConfigError, match="expected `object`"):
        load_config(tmp_path)


def test_undecodable_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "extractor.toml").write_bytes(b"out = '\xff'")
    with pytest.raises(ConfigError, match=r"extractor\.toml"):
        load_config(tmp_path)


# Choosing


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("drafts/**", "drafts/a.md", True),
        ("drafts/**", "drafts/a/b.md", True),
        ("drafts/", "drafts/a/b.md", True),
        ("drafts/**", "a/drafts/b.md", False),
        ("**/drafts/**", "a/drafts/b.md", True),
        ("**/drafts/**", "drafts/b.md", True),
        ("drafts/*.md", "drafts/a/b.md", False),
        ("*.draft.md", "a/b/c.draft.md", True),
        ("./a.md", "a.md", True),
        ("a?.md", "x/ab.md", True),
        ("[ab].md", "c.md", False),
        ("A.md", "a.md", False),
        ("*", "a/b.md", True),
    ],
)
def test_override_globs(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pattern: str,
    path: str,
    covered: bool,
) -> None:
    write(tmp_path / "extractor.toml", f'[[overrides]]\npaths = ["{pattern}"]\nrepair = false\n')
    config = load_config(tmp_path)
    assert choose_rules(config, tmp_path / path).repair is not covered
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    assert choose_rules(config, f"../{path}").repair is not covered


def test_overrides_never_reach_urls_and_files_elsewhere(tmp_path: Path) -> None:
    write(tmp_path / "a" / "extractor.toml", '[[overrides]]\npaths = ["*"]\nrepair = false\n')
    config = load_config(tmp_path / "a")
    assert not choose_rules(config, tmp_path / "a" / "x.md").repair
    assert choose_rules(config, tmp_path / "x.md").repair
    assert choose_rules(config, "s3://bucket/x.md").repair


def test_command_line_beats_overrides_beat_the_file(tmp_path: Path) -> None:
    write(
        tmp_path / "extractor.toml",
        """
        select = ["EX2", "EX3"]
        ignore = ["EX203"]
        repair = false
        [[overrides]]
        paths = ["a/"]
        ignore = ["EX3"]
        repair = true
        [[overrides]]
        paths = ["a/b/"]
        select = ["EX1"]
        """,
    )
    config = load_config(tmp_path)
    top, middle, deep = (tmp_path / name for name in ("x.md", "a/x.md", "a/b/x.md"))
    chosen = select_rules(["EX2", "EX3"], ["EX203"])
    assert choose_rules(config, top).reported == chosen
    assert choose_rules(config, middle).reported == chosen - select_rules(["EX3"])
    assert choose_rules(config, deep).reported == select_rules(["EX1"])
    assert [choose_rules(config, page).repair for page in (top, middle, deep)] == [
        False,
        True,
        True,
    ]
    # `ignore` alone takes away, even what the file selects more exactly
    assert choose_rules(config, top, ignore=["EX2"]).reported == select_rules(["EX3"])
    # `select` puts the file's choice aside
    assert choose_rules(config, deep, select=["EX203"]).reported == {"EX203"}
    assert choose_rules(config, top, select=["EX2"], ignore=["EX203"]).reported == (
        REPAIRS - {"EX203"}
    )


def test_rejects_are_hidden_by_ignoring_not_by_selecting(tmp_path: Path) -> None:
    write(tmp_path / "extractor.toml", 'select = ["EX203"]\nignore = ["EX108"]\n')
    config = load_config(tmp_path)
    assert choose_rules(config, "a.md").rejects == ALL - {"EX108"}
    assert choose_rules(config, "a.md", ["EX301"]).rejects == ALL
    assert choose_rules(config, "a.md", [], ["EX104"]).rejects == ALL - {"EX104", "EX108"}


# Documentation


def test_documented_example_is_read_and_every_key_is_documented(tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "docs" / "configuration.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    write(tmp_path / "extractor.toml", example)
    assert load_config(tmp_path).settings.sources == ("pages", "more/**/*.md")
    for kind in (Settings, Override):
        for field in msgspec.structs.fields(kind):
            assert f"`{field.encode_name}`" in text


# The commands


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration and two damaged pages; the working directory is below it."""
    damaged = "# A\n\n\\*\\* Old:\\*\\* b\n"
    write(tmp_path / "pages" / "a.md", damaged)
    write(tmp_path / "pages" / "raw" / "b.md", damaged)
    write(
        tmp_path / "extractor.toml",
        """
        sources = ["pages"]
        out = "out"
        formats = ["jsonl", "json"]
        spans = false
        jobs = 1
        [[overrides]]
        paths = ["raw/*.md", "pages/raw/"]
        repair = false
        """,
    )
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    return tmp_path


def run(*args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(cli, args)
    assert result.exit_code == code, result.output
    return result


def read_rules(out: Path) -> dict[str, list[str]]:
    """Give the rules of every page's diagnostics."""
    documents = map(Document.from_json, (out / "documents.jsonl").read_bytes().splitlines())
    return {
        document.source.path: [found.rule for found in document.diagnostics]
        for document in documents
    }


@pytest.mark.parametrize("args", [(), ("run",)])
def test_run_without_arguments_does_what_the_file_says(
    project: Path, args: tuple[str, ...]
) -> None:
    run(*args)
    out = project / "out"
    assert read_rules(out) == {"a.md": ["escaped-label"], "raw/b.md": []}
    assert (out / "documents" / "a.md.json").exists()
    assert not (out / "tables").exists()
    document = Document.from_json((out / "documents.jsonl").read_bytes().splitlines()[0])
    assert document.sections[0].span is None


def test_command_line_of_run_beats_the_file(project: Path) -> None:
    run("run", "../pages/a.md", "--out", "here", "--format", "jsonl", "--spans")
    out = project / "inner" / "here"
    assert read_rules(out) == {"a.md": ["escaped-label"]}
    assert not (out / "documents").exists()
    document = Document.from_json((out / "documents.jsonl").read_bytes().splitlines()[0])
    assert document.sections[0].span is not None
    assert not (project / "out").exists()


@pytest.mark.parametrize(
    ("option", "rules"), [("--repair", ["escaped-label"]), ("--no-repair", [])]
)
def test_repair_on_the_command_line_beats_overrides(
    project: Path, option: str, rules: list[str]
) -> None:
    run("run", option)
    assert read_rules(project / "out") == {"a.md": rules, "raw/b.md": rules}


def test_changed_override_is_noticed_by_the_next_run(project: Path) -> None:
    run("run")
    file = project / "extractor.toml"
    file.write_text(file.read_text("utf-8").replace("pages/raw/", "pages/a.md"), "utf-8")
    run("run")
    assert read_rules(project / "out") == {"a.md": [], "raw/b.md": ["escaped-label"]}


def test_without_sources_help_is_shown(project: Path) -> None:
    write(project / "extractor.toml", "")
    assert "Commands:" in run(code=2).output
    assert "Missing argument 'SRC...'" in run("run", "--out", "x", code=2).output


@pytest.mark.parametrize("args", [(), ("run",), ("check",)])
def test_broken_file_is_wrong_usage(project: Path, args: tuple[str, ...]) -> None:
    write(project / "extractor.toml", "sorces = []")
    assert "did you mean `sources`?" in run(*args, code=2).output


@pytest.mark.parametrize("args", [("--help",), ("--version",), ("diff", "--help")])
def test_broken_file_does_not_stop_other_commands(project: Path, args: tuple[str, ...]) -> None:
    write(project / "extractor.toml", "sorces = []")
    run(*args)
