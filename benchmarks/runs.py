"""Whole runs, in processes of their own: start-up, workers, memory, engines."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.generator import LARGEST, write_pages
from benchmarks.measure import EXTRACTOR, Figure, Settings, compare_commands, run_command

_SMALL = 2_000
"""Largest page of the memory runs, in bytes: their number matters there, not their size."""


def measure_startup(settings: Settings) -> Iterator[Figure]:
    """Compare `extractor --help` with importing click."""
    bare = (sys.executable, "-c", "import click")
    click, answer = compare_commands(3 * settings.rounds, bare, (*EXTRACTOR, "--help"))
    yield Figure("extractor --help", answer * 1000, "ms")
    yield Figure("extractor --help / python -c 'import click'", answer / click, most=1.5)


def measure_jobs(settings: Settings) -> Iterator[Figure]:
    """Compare two workers with one, and an unchanged run with a fresh one."""
    pages = _provide_pages(settings, settings.run_pages)
    out = settings.space / "jobs"
    seconds = {jobs: _run(pages, out, jobs=jobs, fresh=True) for jobs in (1, 2)}
    unchanged = median(_run(pages, out, jobs=2) for _ in range(settings.rounds))
    for jobs, time in seconds.items():
        yield Figure(f"fresh run, jobs: {jobs}", settings.run_pages / time, "pages/s")
    yield Figure("two jobs / one", seconds[1] / seconds[2], least=1.8)
    yield Figure("unchanged run", settings.run_pages / unchanged, "pages/s")
    yield Figure("unchanged run / fresh run", seconds[2] / unchanged, least=30)


def measure_throughput(settings: Settings) -> Iterator[Figure]:
    """Compare a whole run at two jobs, JSONL and Parquet written, with bare parsing on one core."""
    pages = _provide_pages(settings, settings.run_pages)
    runs, bare = [], []
    for _ in range(2):
        out = settings.space / "throughput"
        runs.append(_run(pages, out, jobs=2, formats="jsonl,parquet", fresh=True))
        bare.append(_parse_bare(pages))
    yield Figure("bare mistune parse, one core", settings.run_pages / median(bare), "pages/s")
    yield Figure("whole run, two jobs", settings.run_pages / median(runs), "pages/s")
    yield Figure("whole run / bare parse", median(bare) / median(runs), least=1)


def measure_memory(settings: Settings) -> Iterator[Figure]:
    """Compare the memory of runs over more and more pages."""
    base = 0.0
    for count in settings.memory_pages:
        pages = _provide_pages(settings, count, _SMALL)
        out = settings.space / "memory"
        used = run_command(_command(pages, out, 2, "jsonl,csv,parquet", fresh=True)).memory
        shutil.rmtree(out)
        base = base or used
        yield Figure(f"largest process, {count:,} pages", used, "MiB")
        if used is not base:
            name = f"{count:,} pages / {settings.memory_pages[0]:,}"
            yield Figure(name, used / base, most=1.2)


def measure_dask(settings: Settings) -> Iterator[Figure]:
    """Compare Dask, its local cluster started for the run, with the local engine."""
    import distributed  # noqa: F401  (says what is missing before anything is run)

    pages = _provide_pages(settings, settings.run_pages)
    local = _run(pages, settings.space / "local", jobs=2, formats="jsonl,parquet", fresh=True)
    command = _command(pages, settings.space / "dask", 2, "jsonl,parquet", fresh=True)
    dask = run_command((*command, "--engine", "dask")).seconds
    yield Figure("local engine", settings.run_pages / local, "pages/s")
    yield Figure("dask", settings.run_pages / dask, "pages/s")
    yield Figure("dask / local engine", local / dask)


def _provide_pages(settings: Settings, count: int, largest: int = LARGEST) -> Path:
    """Give a folder of so many pages, written once."""
    folder = settings.space / f"pages-{count}-{largest}"
    if not folder.exists():
        write_pages(folder, count, largest)
    return folder


def _run(
    pages: Path, out: Path, *, jobs: int, formats: str = "jsonl", fresh: bool = False
) -> float:
    return run_command(_command(pages, out, jobs, formats, fresh=fresh)).seconds


def _command(pages: Path, out: Path, jobs: int, formats: str, *, fresh: bool) -> tuple[str, ...]:
    command = (*EXTRACTOR, "run", str(pages), "--out", str(out), "--jobs", str(jobs))
    options = ("--format", formats, "--quiet", *(["--fresh"] if fresh else []))
    return (*command, *options)


def _parse_bare(pages: Path) -> float:
    command = [sys.executable, "-m", "benchmarks.bare", str(pages)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
