"""``extractor run`` as a process: what it prints, how it ends, and what can end it."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import click
import pytest
from bad_pages import EXTRACT
from click.testing import CliRunner, Result

from extractor.cli import COMMANDS, LazyGroup, cli
from extractor.cli.progress import Lines
from extractor.run.results import Tally
from extractor.run.settings import RunSettings

BAD_PAGES = str(Path(__file__).with_name("bad_pages.py"))
ROOT = str(Path(__file__).parents[1])
TIMEOUT = 60.0


def write_pages(folder: Path, count: int, text: str = "# Page {0}\n\n**Label:** {0}\n") -> Path:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"{number:05}.md").write_text(text.format(number))
    return folder


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["run", *map(str, arguments)])


class Starter:
    """Starts runs, whose pages may do harm, as processes of sessions of their own."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[str]] = []

    def __call__(
        self, *arguments: str | Path, limit: Callable[[], None] | None = None, **environment: str
    ) -> subprocess.Popen[str]:
        def prepare() -> None:
            # A shell starts its background jobs, tests among them, with SIGINT ignored.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            if limit:
                limit()

        process = subprocess.Popen(
            [sys.executable, BAD_PAGES, "run", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": ROOT} | environment,
            start_new_session=True,
            preexec_fn=prepare,
        )
        self.processes.append(process)
        return process


@pytest.fixture
def start() -> Iterator[Starter]:
    starter = Starter()
    yield starter
    for process in starter.processes:
        # Its workers may live on when a process is dead, and hold its pipes open.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture(autouse=True)
def _same_extraction_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs in this process go on from those of processes that were started."""
    monkeypatch.setattr("extractor.cli.run.RunSettings", partial(RunSettings, extract=EXTRACT))


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, error = process.communicate(timeout=TIMEOUT)
    return process.returncode, out, error


def read_folder(out: Path) -> dict[str, bytes]:
    return {
        file.relative_to(out).as_posix(): file.read_bytes()
        for file in sorted(out.rglob("*"))
        if file.is_file() and ".extractor" not in file.parts
    }


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class TestCommandLine:
    def test_all_is_well(self, tmp_path: Path) -> None:
        pages = write_pages(tmp_path / "pages", 3)
        result = run(pages, "--out", tmp_path / "out", "--format", "jsonl")
        assert result.exit_code == 0
        assert "3 pages" in result.stdout
        assert str(tmp_path / "out") in result.stdout
        assert (tmp_path / "out/documents.jsonl").exists()

    @pytest.mark.parametrize("out", ["pages", "."])
    def test_outputs_among_the_sources_are_wrong_usage(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
    ) -> None:
        write_pages(tmp_path / "pages", 1)
        monkeypatch.chdir(tmp_path)
        result = run("pages", "--out", out)
        assert result.exit_code == 2
        assert f"{out}: holds the page pages/00000.md" in result.stderr
        assert sorted(entry.name for entry in tmp_path.rglob("*")) == ["00000.md", "pages"]

    def test_a_reject_is_named_and_gives_1(self, tmp_path: Path) -> None:
        pages = write_pages(tmp_path / "pages", 3)
        (pages / "bad.md").write_text("---\na: [\n---\n")
        result = run(pages, "--out", tmp_path / "out")
        assert result.exit_code == 1
        assert "1 invalid-front-matter" in result.stdout
        assert "bad.md:" in result.stdout
        assert run(pages, "--out", tmp_path / "out").exit_code == 1

    def test_json_and_csv_are_the_default(self, tmp_path: Path) -> None:
        run(write_pages(tmp_path / "pages", 1), "--out", tmp_path / "out")
        suffixes = {Path(name).suffix for name in read_folder(tmp_path / "out")}
        assert suffixes == {".json", ".jsonl", ".csv"}
        assert not (tmp_path / "out/documents.jsonl").exists()

    def test_quiet_prints_nothing(self, tmp_path: Path) -> None:
        pages = write_pages(tmp_path / "pages", 1)
        result = run(pages, "--out", tmp_path / "out", "--quiet")
        assert (result.exit_code, result.output) == (0, "")

    def test_repairs_are_summed_up(self, tmp_path: Path) -> None:
        text = "\\*\\*Acne:\\*\\* text\n\n**Other:** text\n"
        pages = write_pages(tmp_path / "pages", 2, text)
        assert "2 escaped-label" in run(pages, "--out", tmp_path / "out").stdout
        result = run(pages, "--out", tmp_path / "out", "--no-repair")
        assert "Repairs" not in result.stdout

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ([], "SRC"),
            (["{pages}"], "--out"),
            (["{pages}", "--out", "{out}", "--format", "json,xml"], "xml"),
            (["{pages}", "--out", "{out}", "--jobs", "0"], "--jobs"),
            (["{pages}", "--out", "{out}", "--time-limit", "0"], "--time-limit"),
            (["{pages}", "--out", "{out}", "--schema", "nowhere.json"], "nowhere.json"),
            (["{pages}/nowhere", "--out", "{out}"], "nowhere"),
            (["{pages}", "--out", "{pages}/00000.md"], "00000.md"),
            (["{pages}", "{pages}", "--out", "{out}"], "00000.md"),
            (["{pages}", "--out", "{out}", "--report", "--no-spans"], "--report"),
            (["{pages}", "--out", "{out}", "--scheduler", "tcp://localhost:1"], "--engine dask"),
        ],
    )
    def test_wrong_usage_gives_2_and_a_reason(
        self, tmp_path: Path, arguments: list[str], words: str
    ) -> None:
        pages = write_pages(tmp_path / "pages", 1)
        filled = [word.format(pages=pages, out=tmp_path / "out") for word in arguments]
        result = run(*filled)
        assert result.exit_code == 2
        assert words in result.stderr
        assert not (tmp_path / "out").exists()

    def test_a_report_is_written_when_asked_for(self, tmp_path: Path) -> None:
        pages = write_pages(tmp_path / "pages", 1)
        assert run(pages, "--out", tmp_path / "out", "--report").exit_code == 0
        assert (tmp_path / "out/report.html").exists()
        assert run(pages, "--out", tmp_path / "out").exit_code == 0
        assert not (tmp_path / "out/report.html").exists()

    def test_standard_input(self, tmp_path: Path) -> None:
        command = ["run", "-", "--out", str(tmp_path / "out"), "--format", "jsonl"]
        assert CliRunner().invoke(cli, command, input="# From a pipe\n").exit_code == 0
        document = json.loads((tmp_path / "out/documents.jsonl").read_bytes())
        assert (document["source"]["path"], document["title"]) == ("-", "From a pipe")

    def test_plain_lines_tell_how_far_it_is(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        clock = iter([0.0, 5.0, 11.0, 12.0])
        monkeypatch.setattr(time, "monotonic", lambda: next(clock))
        lines = Lines()
        for pages in (500, 1100, 1200):
            lines.show(Tally(pages=pages, rejects={"time-limit": 2}), 2200)
        assert capsys.readouterr().err == (
            "1,100 of 2,200 pages, 100 pages/s, 2 rejected, 11.0 s left\n"
        )


class TestHelp:
    def test_commands_are_listed_without_loading_them(self) -> None:
        code = (
            "import sys; from extractor.cli import cli; cli(['--help'], standalone_mode=False);"
            "print([m for m in sys.modules if m.startswith('extractor.')])"
        )
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.endswith("['extractor.version', 'extractor.cli']\n")
        assert all(f"  {name} " in done.stdout for name in COMMANDS)

    @pytest.mark.parametrize("name", COMMANDS)
    def test_the_list_says_what_the_commands_say(self, name: str) -> None:
        assert isinstance(cli, LazyGroup)
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        assert command.get_short_help_str(limit=200) == COMMANDS[name]


class TestKilled:
    """After SIGKILL at any moment, the same command ends with the outputs of a whole run."""

    @pytest.mark.slow
    def test_at_ten_random_moments(self, start: Starter, tmp_path: Path) -> None:
        pages = write_pages(tmp_path / "pages", 400, "!sleep 0.005\n\n# Page {0}\n")
        whole = start(pages, "--out", tmp_path / "whole", "--format", "json,jsonl,csv,parquet")
        begun = time.monotonic()
        assert finish(whole)[0] == 0
        took = time.monotonic() - begun
        chance = random.Random(7)
        command = (pages, "--out", tmp_path / "out", "--format", "json,jsonl,csv,parquet")
        endings = []
        for _ in range(10):
            process = start(*command, "--jobs", "2")
            time.sleep(chance.uniform(0.1, 0.6) * took)
            process.kill()
            endings.append(finish(process)[0])
        assert -signal.SIGKILL in endings
        assert run(*command).exit_code == 0
        assert read_folder(tmp_path / "out") == read_folder(tmp_path / "whole")

    @pytest.mark.parametrize("number", [1, 3, 7, 11])
    def test_between_any_two_renames(self, start: Starter, tmp_path: Path, number: int) -> None:
        pages = write_pages(tmp_path / "pages", 3)
        command = (pages, "--out", tmp_path / "out", "--format", "json,csv", "--jobs", "1")
        assert run(*command).exit_code == 0
        (pages / "00001.md").write_text("# Other\n")
        (pages / "00000.md").unlink()
        assert finish(start(*command, DIE_AT_RENAME=str(number)))[0] == -signal.SIGKILL
        assert run(*command).exit_code == 0
        assert run(pages, "--out", tmp_path / "whole").exit_code == 0
        assert read_folder(tmp_path / "out") == read_folder(tmp_path / "whole")

    def test_what_was_done_is_not_done_again(self, start: Starter, tmp_path: Path) -> None:
        pages = write_pages(tmp_path / "pages", 300)
        (pages / "99999.md").write_text("!stuck")
        command = (pages, "--out", tmp_path / "out", "--time-limit", "600", "--jobs", "1")
        process = start(*command)
        written = tmp_path / "out/documents/00200.md.json"
        wait_for(written.exists)
        process.kill()
        finish(process)
        (pages / "99999.md").unlink()
        result = run(*command)
        assert result.exit_code == 0
        assert "300 pages, " in result.stdout
        assert "of them as before" in result.stdout

    @pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
    @pytest.mark.parametrize(("text", "limit"), [("!swallow", "1"), ("!stuck", "600")])
    def test_no_process_is_left(
        self, start: Starter, tmp_path: Path, text: str, limit: str
    ) -> None:
        marker = tmp_path / "marker"
        pages = write_pages(tmp_path / "pages", 40, f"{text} {marker}")
        mark = uuid.uuid4().hex
        process = start(pages, "--out", tmp_path / "out", "--time-limit", limit, MARK=mark)
        wait_for(marker.exists)
        assert len(list(_find_processes(mark))) >= 3
        process.kill()
        finish(process)
        wait_for(lambda: not list(_find_processes(mark)))


def _find_processes(mark: str) -> Iterator[int]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue
        if mark.encode() in environment:
            yield int(folder.name)


class TestInterrupted:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_it_stops_keeps_what_is_done_and_says_how_to_go_on(
        self, start: Starter, tmp_path: Path, number: signal.Signals
    ) -> None:
        pages = write_pages(tmp_path / "pages", 200)
        (pages / "99999.md").write_text("!stuck")
        command = (pages, "--out", tmp_path / "out", "--time-limit", "600", "--jobs", "2")
        process = start(*command)
        wait_for((tmp_path / "out/documents/00100.md.json").exists)
        os.killpg(process.pid, number)
        # A worker that is not killed would take the 600 s.
        code, _, error = finish(process)
        assert code == 130
        assert "the same command" in error
        assert "Traceback" not in error
        assert not (tmp_path / "out/.extractor/aside").exists()
        (pages / "99999.md").write_text("# End")
        result = run(*command)
        assert result.exit_code == 0
        assert "of them as before" in result.stdout


class TestTwoRuns:
    def test_the_second_says_so_and_stops(self, start: Starter, tmp_path: Path) -> None:
        pages = write_pages(tmp_path / "pages", 1, "!stuck")
        command = (pages, "--out", tmp_path / "out", "--time-limit", "600")
        first = start(*command)
        holder = tmp_path / "out/.extractor/holder"
        wait_for(lambda: holder.exists() and holder.read_text() == str(first.pid))
        code, _, error = finish(start(*command))
        assert code == 2
        assert f"process {first.pid}" in error
        first.kill()
        finish(first)
        (pages / "00000.md").write_text("# Title")
        assert run(*command).exit_code == 0


class TestFullDisk:
    @pytest.mark.parametrize(
        ("form", "size"),
        [
            ("json", 40_000),
            ("jsonl", 300_000),
            ("csv", 300_000),
            ("parquet", 300_000),
            ("csv", 10_000),  # not even the state can be begun
        ],
    )
    def test_it_says_so_and_leaves_nothing_half_written(
        self, start: Starter, tmp_path: Path, form: str, size: int
    ) -> None:
        pages = write_big_pages(tmp_path / "pages", 40)
        command = (pages, "--out", tmp_path / "out", "--format", form)
        code, _, error = finish(start(*command, limit=partial(limit_files, size)))
        assert code == 2
        assert str(tmp_path / "out") in error
        assert "Traceback" not in error
        assert [name for name in read_folder(tmp_path / "out") if "documents/" not in name] == []
        for document in (tmp_path / "out").glob("documents/*.json"):
            json.loads(document.read_bytes())
        assert run(*command).exit_code == 0
        assert run(pages, "--out", tmp_path / "whole", "--format", form).exit_code == 0
        assert read_folder(tmp_path / "out") == read_folder(tmp_path / "whole")

    def test_what_stood_there_stays(self, start: Starter, tmp_path: Path) -> None:
        pages = write_pages(tmp_path / "pages", 2)
        command = (pages, "--out", tmp_path / "out", "--format", "jsonl")
        assert run(*command).exit_code == 0
        before = read_folder(tmp_path / "out")
        write_big_pages(pages, 40)
        assert finish(start(*command, limit=partial(limit_files, 300_000)))[0] == 2
        assert read_folder(tmp_path / "out") == before


def write_big_pages(folder: Path, count: int) -> Path:
    """Write pages of text that can't be compressed much."""
    chance = random.Random(3)
    write_pages(folder, count)
    for file in sorted(folder.iterdir()):
        file.write_text("".join(f"- {chance.randbytes(32).hex()}\n" for _ in range(200)))
    return folder


def limit_files(size: int) -> None:
    """Let no file grow beyond some bytes, as if the disk were full then."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


class TestPoisoned:
    HARM = ("!exit 1", "!signal SIGSEGV", "!raise", "---\na: [\n---", "!eat")

    @pytest.mark.slow
    def test_one_page_in_a_hundred_of_five_thousand(self, start: Starter, tmp_path: Path) -> None:
        pages = write_pages(tmp_path / "pages", 5_000)
        for number in range(0, 5_000, 100):
            (pages / f"{number:05}.md").write_text(self.HARM[number // 100 % len(self.HARM)])
        (pages / "02500.md").write_text("!swallow")
        command = (pages, "--out", tmp_path / "out", "--format", "jsonl", "--time-limit", "3")
        code, out, _ = finish(start(*command, "--jobs", "2"))
        assert code == 1
        lines = (tmp_path / "out/rejects.jsonl").read_text().splitlines()
        rejects = [json.loads(line) for line in lines]
        assert [reject["path"] for reject in rejects] == [
            f"{number:05}.md" for number in range(0, 5_000, 100)
        ]
        assert {reject["rule"] for reject in rejects} == {
            "worker-crash",
            "internal-error",
            "invalid-front-matter",
            "time-limit",
        }
        assert (tmp_path / "out/documents.jsonl").read_bytes().count(b"\n") == 4_950
        assert "29 worker-crash" in out
