"""The command line of the benchmarks."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console
from rich.table import Table

from benchmarks import growth, runs, stages
from benchmarks.measure import Figure, MeasureError, Settings

PARTS: dict[str, Callable[[Settings], Iterator[Figure]]] = {
    "speed": stages.measure_speed,
    "startup": runs.measure_startup,
    "records": stages.measure_records,
    "tables": stages.measure_tables,
    "jobs": runs.measure_jobs,
    "throughput": runs.measure_throughput,
    "memory": runs.measure_memory,
    "dask": runs.measure_dask,
    "growth": growth.measure_growth,
}


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(list(PARTS)))
@click.option("--pages", default=400, show_default=True, help="Pages extracted one by one.")
@click.option("--rounds", default=5, show_default=True, help="Repetitions; the median counts.")
@click.option("--run-pages", default=10_000, show_default=True, help="Pages of a whole run.")
@click.option(
    "--memory-pages",
    default="1000,10000,100000",
    show_default=True,
    help="Pages of the runs whose memory is compared.",
)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Your own pages, in UTF-8, in place of generated ones where they go one by one.",
)
def main(
    parts: tuple[str, ...],
    pages: int,
    rounds: int,
    run_pages: int,
    memory_pages: str,
    folder: Path | None,
) -> None:
    """Measure PARTS, by default all of them, and print each figure beside its aim."""
    console = Console()
    console.print(f"Python {platform.python_version()}, {platform.machine()}")
    counts = [int(count) for count in memory_pages.split(",")]
    with TemporaryDirectory(prefix="benchmarks-") as space:
        settings = Settings(pages, rounds, run_pages, counts, folder, Path(space))
        for part in parts or PARTS:
            with console.status(f"measuring {part}"):
                table = _measure_part(part, settings)
            console.print(table)


def _measure_part(part: str, settings: Settings) -> Table:
    """Measure one part; one that can't be says why, and the others go on."""
    table = Table("", "figure", "aim", "", title=part, title_justify="left", min_width=78)
    try:
        for figure in PARTS[part](settings):
            table.add_row(figure.name, _render_value(figure), figure.aim, _render_mark(figure))
    except (ImportError, MeasureError) as error:
        table.add_row(f"not measured: {error}")
    return table


def _render_value(figure: Figure) -> str:
    digits = 2 if figure.value < 10 else 0
    return f"{figure.value:,.{digits}f} {figure.unit}"


def _render_mark(figure: Figure) -> str:
    return {None: "", True: "[green]reached[/]", False: "[red]missed[/]"}[figure.reached]


if __name__ == "__main__":
    main()
