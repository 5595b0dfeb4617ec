"""``extractor diff``: what is different in meaning, and where."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import click

from extractor.cli.configuration import read_config
from extractor.diff import (
    ComparedPage,
    Counts,
    DocumentDiff,
    Side,
    SideError,
    compare_sides,
    open_side,
    start_counts,
)


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "html"]),
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
        _PRINTERS[form](compare_sides(before, after), counts, before, after)
    except SideError as error:
        raise click.UsageError(str(error)) from error
    ctx.exit(1 if counts.different else 0)


def _take_diffs(pages: Iterator[ComparedPage]) -> Iterator[DocumentDiff]:
    return (page.diff for page in pages)


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


def _print_text(pages: Iterator[ComparedPage], counts: Counts, old: Side, new: Side) -> None:
    from extractor.diff.render.text import render_text

    if sys.stdout.isatty():
        print_colours(_take_diffs(pages), counts)
    else:
        for line in render_text(_take_diffs(pages), counts):
            click.echo(line)


def _print_json(pages: Iterator[ComparedPage], counts: Counts, old: Side, new: Side) -> None:
    from extractor.diff.render.json import render_json

    for piece in render_json(_take_diffs(pages), counts, old.name, new.name):
        click.echo(piece)


def _print_markdown(pages: Iterator[ComparedPage], counts: Counts, old: Side, new: Side) -> None:
    from extractor.diff.render.markdown import render_markdown

    for line in render_markdown(_take_diffs(pages), counts):
        click.echo(line)


def _print_html(pages: Iterator[ComparedPage], counts: Counts, old: Side, new: Side) -> None:
    from extractor.diff.render.html import render_html

    render_html(pages, counts, old.name, new.name, sys.stdout.buffer)


_PRINTERS: dict[str, Callable[[Iterator[ComparedPage], Counts, Side, Side], None]] = {
    "text": _print_text,
    "json": _print_json,
    "markdown": _print_markdown,
    "html": _print_html,
}
