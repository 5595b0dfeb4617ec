"""``extractor diff``: what is different in meaning, and where."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from extractor.cli.configuration import read_config
from extractor.diff import (
    Counts,
    DocumentDiff,
    SideError,
    compare_sides,
    open_side,
    start_counts,
)
from extractor.diff.render.formats import WRITERS


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(WRITERS)),
    default="text",
    show_default=True,
    help="How differences are printed.",
)
@click.pass_context
def command(ctx: click.Context, old: str, new: str, form: str) -> None:
    """Compare two extractions by what they mean.

    OLD and NEW are output folders, files of documents (documents.jsonl or one
    document's JSON), or pages: a folder of pages is extracted on the fly and
    compared with what was accepted, by the repair and the time limit of the
    configuration. Places in the file don't count.

    Exit codes: 0 the same, 1 different, 2 wrong usage.
    """
    counts = start_counts()
    try:
        options = read_config(ctx).page_options
        before, after = open_side(old, options), open_side(new, options)
        pages = compare_sides(before, after)
        if form == "text" and sys.stdout.isatty():
            print_colours((page.diff for page in pages), counts)
        else:
            WRITERS[form](pages, counts, before, after, sys.stdout)
    except SideError as error:
        raise click.UsageError(str(error)) from error
    ctx.exit(1 if counts.different else 0)


def print_colours(diffs: Iterator[DocumentDiff], counts: Counts) -> None:
    """Print a comparison on the terminal, in colours where it has them."""
    from rich.console import Console
    from rich.text import Text

    from extractor.diff.render.text import STYLES, list_lines, write_plain

    console = Console(highlight=False, soft_wrap=True)
    for line in list_lines(diffs, counts):
        if console.no_color or console.color_system is None:
            console.print(Text(write_plain(line)))
        else:
            console.print(Text.assemble(*((piece.text, STYLES[piece.style]) for piece in line)))
