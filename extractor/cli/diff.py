"""``extractor diff``: what is different in meaning, and where."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click
from click.core import ParameterSource

from extractor.cli.configuration import follow_links_option, read_config
from extractor.cli.printing import print_json, print_text
from extractor.diff import (
    Counts,
    DocumentDiff,
    SideError,
    compare_sides,
    open_side,
    start_counts,
)
from extractor.diff.render.formats import RENDERERS
from extractor.diff.render.html import render_html
from extractor.storage.pages import Links
from extractor.wording import reveal


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option(
    "--format",
    "form",
    type=click.Choice([*RENDERERS, "html"]),
    default="text",
    show_default=True,
    help="How differences are printed.",
)
@follow_links_option
@click.pass_context
def command(ctx: click.Context, old: str, new: str, form: str, follow_links: bool) -> None:
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
        links = Links(follow=_choose_follow(ctx, follow_links))
        before, after = open_side(old, options, links), open_side(new, options, links)
        pages = compare_sides(before, after)
        if form == "html":
            render_html(pages, counts, before.name, after.name, sys.stdout.buffer)
        elif form == "text" and sys.stdout.isatty():
            print_colours((page.diff for page in pages), counts)
        else:
            printer = print_json if form == "json" else print_text
            for line in RENDERERS[form](pages, counts, before, after):
                printer(line)
    except SideError as error:
        raise click.UsageError(str(error)) from error
    ctx.exit(1 if counts.different else 0)


def _choose_follow(ctx: click.Context, follow_links: bool) -> bool:
    """Let the configuration decide about links unless the command line does."""
    configured = read_config(ctx).settings.follow_links
    named = ctx.get_parameter_source("follow_links") is ParameterSource.COMMANDLINE
    return follow_links if named else bool(configured)


def print_colours(diffs: Iterator[DocumentDiff], counts: Counts) -> None:
    """Print a comparison on the terminal, in colours where it has them."""
    from rich.console import Console
    from rich.text import Text

    from extractor.diff.render.text import STYLES, list_lines, write_plain

    console = Console(highlight=False, soft_wrap=True)
    for line in list_lines(diffs, counts):
        if console.no_color or console.color_system is None:
            console.print(Text(reveal(write_plain(line))))
        else:
            pieces = ((reveal(piece.text), STYLES[piece.style]) for piece in line)
            console.print(Text.assemble(*pieces))
