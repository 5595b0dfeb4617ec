"""Systems without what only POSIX has: everything can be imported, and a run runs.

Such a system is made of this one by a module that every Python process of a test loads first.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

SYSTEM = """
import multiprocessing, os, signal, sys

class Missing:
    names = {"crypt", "fcntl", "grp", "pty", "pwd", "readline", "resource", "syslog", "termios"}

    def find_spec(self, name, *_):
        if name in self.names:
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Missing())
for name in Missing.names & set(sys.modules):
    del sys.modules[name]
for name in dir(signal):
    if name in ("alarm", "setitimer", "getitimer", "pthread_sigmask", "sigwait") or (
        # Those that are left are Windows' own, and one by which the tests' own workers end.
        name.startswith(("SIG", "ITIMER")) and name not in (
            "SIG_DFL", "SIG_IGN", "SIGABRT", "SIGFPE", "SIGILL", "SIGINT", "SIGSEGV", "SIGTERM",
            "SIGKILL",
        )
    ):
        delattr(signal, name)
for name in (
    "O_ASYNC", "chown", "fork", "forkpty", "getpgid", "getpgrp", "killpg", "mkfifo",
    "register_at_fork", "sched_getaffinity", "setpgid", "setsid",
):
    delattr(os, name)
multiprocessing.get_all_start_methods = lambda: ["spawn"]
"""

PAGES = """
import hashlib, time
from extractor.pipeline import extract as extract_page

def extract(text, path, *, repair=True, max_result=None):
    if b"!sleep" in text:
        time.sleep(600)
    if b"!stuck" in text:  # in C, where no thread of this process gets a turn
        hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
    return extract_page(text, path, repair=repair)
"""

HANGING = {17: "!sleep", 41: "!stuck"}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("system")
    (folder / "sitecustomize.py").write_text(SYSTEM)
    (folder / "slow_pages.py").write_text(PAGES)
    return folder


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(50):
        text = HANGING.get(number, f"# Page {number}\n\n**Label:** {number}\n")
        (folder / f"{number:02}.md").write_text(text)
    return folder


def start(system: Path | None, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(entry) for entry in (system, ROOT) if entry)
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=100,
    )


def run_script(system: Path, folder: Path, text: str) -> str:
    """Run a script as a file, for workers that are started anew load it."""
    file = folder / "script.py"
    file.write_text(text)
    done = start(system, file)
    assert done.returncode == 0, done.stderr
    return done.stdout


IMPORT = """
import importlib, pkgutil, signal, extractor
assert not hasattr(signal, "SIGALRM")
names = [found.name for found in pkgutil.walk_packages(extractor.__path__, "extractor.")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""


def test_every_module_can_be_imported(system: Path, tmp_path: Path) -> None:
    files = [file for file in (ROOT / "extractor").rglob("*.py") if file.name != "__init__.py"]
    assert int(run_script(system, tmp_path, IMPORT)) > len(files)


def test_a_module_of_posix_cant(system: Path) -> None:
    """See that the system above is what it is meant to be."""
    for text in (
        "import fcntl",
        "import resource",
        "import os; os.fork",
        "import signal; signal.alarm",
    ):
        assert start(system, "-c", text).returncode == 1


def read_outputs(out: Path) -> dict[str, bytes]:
    return {
        file.relative_to(out).as_posix(): file.read_bytes()
        for file in sorted(out.rglob("*"))
        if file.is_file() and ".extractor" not in file.parts
    }


def test_a_run_writes_what_it_writes_elsewhere(system: Path, pages: Path, tmp_path: Path) -> None:
    for number in HANGING:
        (pages / f"{number:02}.md").unlink()
    for name, on in (("there", system), ("here", None), ("there", system)):
        done = start(
            on, "-m", "extractor", "run", pages, "--out", tmp_path / name,
            "--format", "json,jsonl,csv,parquet", "--report", "--jobs", "2",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert read_outputs(tmp_path / "there") == read_outputs(tmp_path / "here")


RUN = """
from functools import partial
from extractor.run.batch import Request, run_batch
from extractor.config.options import PageOptions
from extractor.run.settings import RunSettings

if __name__ == "__main__":
    settings = RunSettings(PageOptions(time_limit=1.0), extract="slow_pages:extract")
    request = Request(
        sources=({pages!r},), out={out!r}, formats=("json", "csv"), settings=settings, jobs=2
    )
    outcome = run_batch(request)
    for rejects in outcome.rejects.values():
        for reject in rejects:
            print(reject.path, reject.rule)
    print(outcome.tally.documents)
"""


def test_a_page_that_hangs_costs_its_worker(system: Path, pages: Path, tmp_path: Path) -> None:
    script = RUN.format(pages=str(pages), out=str(tmp_path / "out"))
    assert run_script(system, tmp_path, script).splitlines() == [
        "17.md time-limit",
        "41.md time-limit",
        "48",
    ]


MANY = """
from functools import partial
from extractor import Document, extract_file, extract_many, library

if __name__ == "__main__":
    library.RunSettings = partial(library.RunSettings, extract="slow_pages:extract")
    results = list(extract_many({pages!r}, jobs=2, time_limit=1.0))
    rejects = [result for result in results if type(result) is not Document]
    print(*[f"{{reject.path}} {{reject.rule}}" for reject in rejects])
    print(len(results))
    print(extract_file({pages!r} + "/03.md", time_limit=5.0).title)
"""


def test_the_library_gives_a_reject_for_it(system: Path, pages: Path, tmp_path: Path) -> None:
    out = run_script(system, tmp_path, MANY.format(pages=str(pages))).splitlines()
    assert out == ["17.md time-limit 41.md time-limit", "50", "Page 3"]


CHECK = ("# Page\n\n\\*\\*Label:\\*\\* text\n", "# Page\n\n**Label:** text\n")


def test_pages_can_be_fixed(system: Path, tmp_path: Path) -> None:
    before, after = CHECK
    page = tmp_path / "page.md"
    page.write_text(before)
    done = start(system, "-m", "extractor", "check", page, "--fix")
    assert done.returncode == 0, done.stderr
    assert page.read_text() == after
