"""What strangers wrote is shown, not obeyed: by a terminal, or by GitHub reading a log."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from extractor.cli import cli
from extractor.cli.printing import escape_json
from extractor.wording import reveal, reveal_lines

CLI = Path(__file__).parent.parent / "extractor" / "cli"
ESCAPE = "\x1b[31m\x9b2J\x07"
COMMAND = "::error title=x::gotcha"
HOSTILE = f"{ESCAPE} a ##[error]b"

pytest_plugins = ["pytester"]

OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069]")
COMMANDS = re.compile(r"^\s*::[a-z-]+[^:\n]*::|##\[[a-z-]+\]", re.M)


def call(*arguments: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli, arguments, input=stdin, env=env)


def assert_harmless(text: str) -> None:
    assert OBEYED.search(text) is None
    assert COMMANDS.search(text) is None


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    return path


class TestReveal:
    @pytest.mark.parametrize(
        "text", [COMMAND, f"  {COMMAND}", f"\t{COMMAND}", "::group::x", "x ##[group]y", "##[a b=c]"]
    )
    def test_commands_are_none_any_more(self, text: str) -> None:
        assert COMMANDS.search(reveal(text)) is None
        assert reveal(reveal(text)) == reveal(text)

    @pytest.mark.parametrize(
        "text",
        [
            "a::b::c",
            ":: note",
            ":::note",
            "::",
            "std::vector",
            "::before",
            "## [link](x)",
            "##[",
            "##[]",
            "##[1]",
            "😀 naïve — “text”",
            "C:\\x1b",
        ],
    )
    def test_other_text_stays(self, text: str) -> None:
        assert reveal(text) == text

    def test_lines_stay_lines(self) -> None:
        assert reveal_lines(f"a\n{COMMAND}\r\nb\x1b") == (f"a\n\\x3a{COMMAND[1:]}\\r\nb\\x1b")

    def test_json_means_the_same(self) -> None:
        value = [HOSTILE, COMMAND, "\u2028\u202e\ufeff", "é"]
        text = json.dumps(value, ensure_ascii=False)
        assert json.loads(escape_json(text)) == value
        assert_harmless(escape_json(text))
        assert "é" in escape_json(text)


class TestCommands:
    def test_run(self, folder: Path) -> None:
        write(folder, "in/good.md", f"---\ntitle: [{HOSTILE}\n---\n")
        write(folder, f"in/{COMMAND}.md", "---\na: [\n---\n")
        write(folder, "in/::error::x.md", "---\na: [\n---\n")
        schema = {"type": "object", "properties": {HOSTILE: {"type": "string"}}}
        schema["required"] = [HOSTILE]
        write(folder, "s.json", json.dumps(schema))
        write(folder, "in/b.md", "text\n")
        done = call("run", "in", "--out", "out", "--jobs", "1", "--schema", "s.json")
        assert done.exit_code == 1
        assert "invalid-front-matter" in done.output
        assert_harmless(done.output)

    def test_show(self, folder: Path) -> None:
        write(folder, "::error::x.md", f"# {HOSTILE}\n\n{COMMAND}\n\n- {HOSTILE}\n")
        done = call("show", "::error::x.md")
        assert done.exit_code == 0
        assert "\\x1b[31m" in done.output
        assert_harmless(done.output)
        write(folder, "::error::y.md", "---\na: [\n---\n")
        assert_harmless(call("show", "::error::y.md").output)

    @pytest.mark.parametrize("form", ["text", "json", "sarif"])
    def test_check(self, folder: Path, form: str) -> None:
        write(folder, "::error::x.md", f"\\*\\* A{HOSTILE}:\\*\\* b\n")
        write(folder, "b\x1b[1m.md", "x")
        done = call("check", ".", "--format", form)
        assert done.exit_code == 1
        assert_harmless(done.output)

    def test_check_for_github_gives_its_own_commands_only(self, folder: Path) -> None:
        write(folder, "::error::x,y.md", f"\\*\\* A{HOSTILE}:\\*\\* b\n\n::warning::c\n")
        write(folder, "in\n::stop-commands::k/a.md", "\\*\\* A:\\*\\* b\n")
        lines = call("check", ".", "--format", "github").stdout.splitlines()
        assert "file=%3A%3Aerror%3A%3Ax%2Cy.md," in lines[0]
        assert len(lines) == call("check", ".", "--format", "text").stdout.count("\n")
        for line in lines:
            assert re.match(r"::(error|warning) file=[^,]*,line=\d+,[^:]*::[^\x1b]*$", line)

    def test_check_diff(self, folder: Path) -> None:
        damaged = "\\*\\* Label:\\*\\* text\n"
        write(folder, "a.md", f"{ESCAPE}\n\n{COMMAND}\n{damaged}")
        done = call("check", "a.md", "--diff")
        assert OBEYED.search(done.stdout) is None
        assert "\\x1b[31m\\x9b2J\\x07" in done.stdout
        log = call("check", "a.md", "--diff", env={"GITHUB_ACTIONS": "true"}).stdout
        assert_harmless(log)

    def test_a_patch_of_a_page_without_them_is_a_patch(self, folder: Path) -> None:
        page = write(
            folder, "a.md", ":::note\n\tcode\r\n\u202bעברית\u202c\n\\*\\* Label:\\*\\* text\n"
        )
        patch = CliRunner().invoke(cli, ["check", "a.md", "--diff"], env={"GITHUB_ACTIONS": "1"})
        before = page.read_bytes()
        done = subprocess.run(["git", "apply"], input=patch.stdout_bytes, cwd=folder, check=False)
        assert done.returncode == 0
        assert page.read_bytes() != before

    @pytest.mark.parametrize("form", ["text", "json", "markdown"])
    def test_diff(self, folder: Path, form: str) -> None:
        write(folder, "old/::error::x.md", "# Title\n\ntext\n")
        write(folder, "new/::error::x.md", f"# {HOSTILE}\n\n{COMMAND}\n\n- {HOSTILE}\n")
        done = call("diff", "old", "new", "--format", form)
        assert done.exit_code == 1
        assert_harmless(done.output)

    @pytest.mark.parametrize(
        "arguments",
        [
            ["check", f"{ESCAPE}\n{COMMAND}"],
            ["run", f"{ESCAPE}\n{COMMAND}", "--out", "out"],
            ["show", f"{ESCAPE}\n{COMMAND}"],
            ["diff", f"{ESCAPE}\n{COMMAND}", "x"],
            ["schema", f"{ESCAPE}\n{COMMAND}"],
            ["rule", f"{ESCAPE}\n{COMMAND}"],
            [f"{ESCAPE}\n{COMMAND}"],
            ["check", f"--{ESCAPE}\n{COMMAND}"],
            ["run", "x", "--out", "y", "--schema", f"{ESCAPE}\n{COMMAND}"],
        ],
    )
    @pytest.mark.usefixtures("folder")
    def test_errors(self, arguments: list[str]) -> None:
        done = call(*arguments)
        assert done.exit_code == 2
        assert "\\x1b" in done.output
        assert_harmless(done.output)

    def test_schemas(self, folder: Path) -> None:
        schema = {
            "type": "object",
            "properties": {
                HOSTILE: {"type": "string", "x-extract": {HOSTILE: 1, "section": f"({HOSTILE}"}},
                COMMAND: {"$ref": f"{COMMAND}\n{COMMAND}"},
            },
        }
        write(folder, "::error::x.json", json.dumps(schema))
        done = call("schema", "::error::x.json")
        assert done.exit_code == 1
        assert_harmless(done.output)
        write(folder, "in/a.md", "text\n")
        done = call("run", "in", "--out", "out", "--schema", "::error::x.json")
        assert done.exit_code == 2
        assert_harmless(done.output)


def test_the_pytest_plugin(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    write(pytester.path, "pages/::error::x.md", f"# A{HOSTILE}\n")
    write(pytester.path, "pages/b.md", f"---\na: [ {HOSTILE}\n---\n")
    pytester.makepyfile("def test_pages(pages_regression):\n    pages_regression.check('pages')\n")
    monkeypatch.setenv("CI", "true")
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    output = "\n".join(done.outlines)
    assert "there is no accepted document" in output
    assert_harmless(output)


@pytest.mark.parametrize("file", sorted(CLI.glob("*.py")), ids=lambda file: file.name)
def test_everything_goes_through_one_door(file: Path) -> None:
    calls = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }
    if file.name != "printing.py":
        assert not calls & {"click.echo", "click.secho", "print", "sys.stdout.write"}
