"""Whole runs, in processes of their own: start-up, workers, memory, engines."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.generator import LARGEST, write_pages
from benchmarks.measure import (
    EXTRACTOR,
    Figure,
    Settings,
    Usage,
    compare_commands,
    run_command,
)

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
    one, two = (_run(pages, out, jobs=jobs, fresh=True) for jobs in (1, 2))
    unchanged = median(_run(pages, out, jobs=2).seconds for _ in range(settings.rounds))
    yield Figure("fresh run, one job", settings.run_pages / one.seconds, "pages/s")
    yield Figure("fresh run, two jobs", settings.run_pages / two.seconds, "pages/s")
    yield Figure("two jobs / one", one.seconds / two.seconds, least=1.8)
    yield Figure("processor time of two jobs / one", two.processor / one.processor)
    yield Figure("unchanged run", settings.run_pages / unchanged, "pages/s")
    yield Figure("unchanged run / fresh run", two.seconds / unchanged, least=30)


def measure_throughput(settings: Settings) -> Iterator[Figure]:
    """Compare a whole run at two jobs, JSONL and Parquet written, with bare parsing on one core."""
    pages = _provide_pages(settings, settings.run_pages)
    out = settings.space / "throughput"
    runs, bare = [], []
    for _ in range(2):
        runs.append(_run(pages, out, jobs=2, formats="jsonl,parquet", fresh=True))
        bare.append(_parse_bare(pages))
    seconds = median(run.seconds for run in runs)
    processor = median(run.processor for run in runs)
    parsing = median(times[0] for times in bare)
    yield Figure("bare mistune parse, one core", settings.run_pages / parsing, "pages/s")
    yield Figure("whole run, two jobs", settings.run_pages / seconds, "pages/s")
    yield Figure("whole run / bare parse", parsing / seconds, least=1)
    # Two cores have twice the time of one: above 2, the aim can't be reached on them.
    share = processor / median(times[1] for times in bare)
    yield Figure("processor time of the run / of the parse", share, most=2)


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
    out = settings.space / "local"
    local = _run(pages, out, jobs=2, formats="jsonl,parquet", fresh=True).seconds
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
) -> Usage:
    return run_command(_command(pages, out, jobs, formats, fresh=fresh))


def _command(pages: Path, out: Path, jobs: int, formats: str, *, fresh: bool) -> tuple[str, ...]:
    command = (*EXTRACTOR, "run", str(pages), "--out", str(out), "--jobs", str(jobs))
    options = ("--format", formats, "--quiet", *(["--fresh"] if fresh else []))
    return (*command, *options)


def _parse_bare(pages: Path) -> tuple[float, float]:
    """Parse the pages in a process of its own; give its seconds and its processor seconds."""
    command = [sys.executable, "-m", "benchmarks.bare", str(pages)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    seconds, processor = map(float, printed.split())
    return seconds, processor
