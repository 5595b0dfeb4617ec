"""``extractor run``: many pages into a folder."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType

import click
from click.core import ParameterSource
from msgspec.structs import replace

from extractor.cli.configuration import ConfiguredCommand, follow_links_option, get_config
from extractor.cli.printing import print_text
from extractor.cli.progress import open_progress
from extractor.cli.summary import render_summary
from extractor.config.options import PageOptions
from extractor.limits import DEFAULT_SECONDS
from extractor.run.batch import Request, run_batch
from extractor.run.engines import EngineError, count_cores
from extractor.run.outcome import Outcome
from extractor.run.outputs import DEFAULT_FORMATS, FORMATS, PART_FORMATS, OutputError
from extractor.run.settings import RunSettings, SchemaFile
from extractor.run.state import LockedError
from extractor.storage.pages import SourceError
from extractor.tables.columns import TABLES
from extractor.tables.duckdb import MissingExtraError

_INTERRUPTED = 128 + signal.SIGINT  # What shells give for a command that an interrupt ended.


class RunError(click.ClickException):
    """What keeps a run from being made."""

    exit_code = 2


class FormatList(click.ParamType[tuple[str, ...]]):
    """Formats, separated by commas."""

    name = "formats"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split and check."""
        if isinstance(value, tuple):
            return value
        names = [name.strip() for name in str(value).split(",")]
        for name in names:
            if name not in FORMATS:
                self.fail(f"{name!r} is none of {', '.join(FORMATS)}", param, ctx)
        return tuple(name for name in FORMATS if name in names)


@click.command(
    cls=ConfiguredCommand, short_help="Extract pages into a folder of JSON, tables and records."
)
@click.argument("sources", metavar="SRC...", nargs=-1)
@click.option("--out", metavar="DIR", required=True, help="Folder to write to.")
@click.option(
    "--schema",
    "schemas",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Record schema to fill from every page; may be given again.",
)
@click.option(
    "--format",
    "formats",
    type=FormatList(),
    default=",".join(DEFAULT_FORMATS),
    show_default=True,
    help=f"Some of {', '.join(FORMATS)}.",
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Worker processes; as many as there are cores by default.",
)
@click.option(
    "--time-limit",
    metavar="S",
    type=click.FloatRange(min=0, min_open=True),
    default=DEFAULT_SECONDS,
    show_default=True,
    help="Seconds a page may take.",
)
@click.option("--fresh", is_flag=True, help="Extract every page, also those that did not change.")
@click.option(
    "--repair/--no-repair",
    default=True,
    help="Read damaged markup as what was meant, or leave it as it is.",
)
@click.option(
    "--spans/--no-spans", default=True, help="Say where in the page things stand, or leave it out."
)
@click.option(
    "--report", is_flag=True, help="Write report.html too: every page beside what came of it."
)
@click.option(
    "--engine",
    type=click.Choice(["local", "dask"]),
    default="local",
    show_default=True,
    help="Work on this machine, or on a Dask cluster.",
)
@click.option("--scheduler", metavar="ADDR", help="Dask scheduler; a local cluster by default.")
@follow_links_option
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.pass_context
def command(
    ctx: click.Context,
    sources: tuple[str, ...],
    out: str,
    schemas: tuple[Path, ...],
    formats: tuple[str, ...],
    jobs: int | None,
    time_limit: float,
    fresh: bool,
    repair: bool,
    spans: bool,
    report: bool,
    engine: str,
    scheduler: str | None,
    follow_links: bool,
    quiet: bool,
) -> None:
    """Extract pages into a folder of JSON, tables and records.

    SRC is a Markdown file, a folder, a glob pattern in quotes, a URL (s3://...), or - for
    standard input. Pages that did not change since the last run into DIR are not extracted again.
    What is not said here, extractor.toml or [tool.extractor] in pyproject.toml may say.
    """
    _check_choices(engine, scheduler, report=report, spans=spans)
    page = replace(_configure_repair(ctx, repair), spans=spans, time_limit=time_limit)
    request = Request(
        sources=sources,
        out=out,
        formats=(*_choose_formats(ctx, engine, formats), *(["report"] if report else [])),
        settings=RunSettings(page, _read_schemas(schemas)),
        jobs=jobs or count_cores(),
        fresh=fresh,
        follow_links=follow_links,
    )
    start = time.monotonic()
    with _explain_errors(), _interrupt_on_termination():
        outcome = _ENGINES[engine](request, scheduler, quiet)
    if not quiet:
        print_text(render_summary(outcome, out, time.monotonic() - start))
    sys.exit(0 if outcome.is_clean else 1)


def _check_choices(engine: str, scheduler: str | None, *, report: bool, spans: bool) -> None:
    """Refuse options that exclude each other."""
    if scheduler is not None and engine != "dask":
        raise RunError("--scheduler goes with --engine dask")
    if report and (engine == "dask" or not spans):
        raise RunError("--report goes with the local engine, and with spans")


def _choose_formats(ctx: click.Context, engine: str, formats: tuple[str, ...]) -> tuple[str, ...]:
    """Check that an engine writes some formats; what it writes by default may differ."""
    if engine == "local" or set(formats) <= set(PART_FORMATS):
        return formats
    if ctx.get_parameter_source("formats") is ParameterSource.DEFAULT:
        return PART_FORMATS
    raise RunError(f"--engine dask writes {' and '.join(PART_FORMATS)} only")


def _run_batch(request: Request, _scheduler: str | None, quiet: bool) -> Outcome:
    """Run on this machine; an interrupt ends this process, and says how to go on."""
    try:
        with closing(open_progress(quiet=quiet)) as progress:
            return run_batch(request, progress.show)
    except KeyboardInterrupt:
        again = "the same command without --fresh" if request.fresh else "the same command"
        print_text(f"Stopped. What was done is kept: {again} goes on from there.", err=True)
        sys.exit(_INTERRUPTED)


def _run_cluster(request: Request, scheduler: str | None, quiet: bool) -> Outcome:
    """Run on a cluster; an interrupt ends this process."""
    from extractor.run.cluster import run_cluster

    try:
        with closing(open_progress(quiet=quiet)) as progress:
            return run_cluster(request, progress.show, scheduler=scheduler)
    except KeyboardInterrupt:
        print_text("Stopped. On a cluster, the next run starts from the beginning.", err=True)
        sys.exit(_INTERRUPTED)


_ENGINES: dict[str, Callable[[Request, str | None, bool], Outcome]] = {
    "local": _run_batch,
    "dask": _run_cluster,
}


@contextmanager
def _interrupt_on_termination() -> Iterator[None]:
    """Treat a request to terminate as an interrupt from the keyboard."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    handler = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, handler)


@contextmanager
def _explain_errors() -> Iterator[None]:
    """Turn what keeps a run from being made into a message and exit code 2."""
    try:
        yield
    except (SourceError, LockedError, OutputError, EngineError, MissingExtraError) as error:
        raise RunError(str(error)) from error


def _configure_repair(ctx: click.Context, repair: bool) -> PageOptions:
    """Take the options of pages from the configuration, unless the command line speaks for all."""
    options = replace(get_config(ctx).page_options, repair=repair)
    if ctx.get_parameter_source("repair") is ParameterSource.COMMANDLINE:
        return replace(options, repair_rules=())
    return options


def _read_schemas(files: Iterable[Path]) -> tuple[SchemaFile, ...]:
    """Read record schemas; each brings along whatever it refers to."""
    if not files:
        return ()
    from extractor.records.record import RecordSchema, RecordSchemaError

    taken = set(TABLES)
    schemas = []
    for file in files:
        try:
            schema = RecordSchema.load(file)
        except RecordSchemaError as error:
            raise RunError(str(error)) from error
        tables = {name: tuple(columns) for name, columns in schema.tables.items()}
        if doubled := sorted(taken & set(tables)):
            raise RunError(f"{file}: there is already a table named {doubled[0]}")
        taken |= set(tables)
        schemas.append(SchemaFile(schema.name, schema.to_json().encode(), tables))
    return tuple(schemas)
