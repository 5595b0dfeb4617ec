"""``extractor diff``: what is different in meaning, and where."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import click
from click.core import ParameterSource

from extractor.cli.configuration import follow_links_option, read_config
from extractor.cli.printing import print_json, print_text
from extractor.config.loading import list_repair_rules
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
from extractor.run.settings import RunSettings
from extractor.storage.pages import Links
from extractor.wording import reveal


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
        settings = _read_settings(ctx)
        links = Links(follow=_choose_follow(ctx, follow_links))
        before, after = open_side(old, settings, links), open_side(new, settings, links)
        _PRINTERS[form](compare_sides(before, after), counts, before, after)
    except SideError as error:
        raise click.UsageError(str(error)) from error
    ctx.exit(1 if counts.different else 0)


def _choose_follow(ctx: click.Context, follow_links: bool) -> bool:
    """Let the configuration decide about links unless the command line does."""
    configured = read_config(ctx).settings.follow_links
    named = ctx.get_parameter_source("follow_links") is ParameterSource.COMMANDLINE
    return follow_links if named else bool(configured)


def _read_settings(ctx: click.Context) -> RunSettings:
    """Read how pages are extracted from the configuration."""
    config = read_config(ctx)
    return RunSettings(
        repair=config.repair,
        repair_rules=list_repair_rules(config),
        time_limit=config.time_limit,
    )


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
            console.print(Text(reveal(write_plain(line))))
        else:
            pieces = ((reveal(piece.text), STYLES[piece.style]) for piece in line)
            console.print(Text.assemble(*pieces))


def _print_text(pages: Iterator[ComparedPage], counts: Counts, old: Side, new: Side) -> None:
    from extractor.diff.render.text import render_text

    if sys.stdout.isatty():
        print_colours(_take_diffs(pages), counts)
    else:
        for line in render_text(_take_diffs(pages), counts):
            print_text(line)


def _print_json(pages: Iterator[ComparedPage], counts: Counts, old: Side, new: Side) -> None:
    from extractor.diff.render.json import render_json

    for piece in render_json(_take_diffs(pages), counts, old.name, new.name):
        print_json(piece)


def _print_markdown(pages: Iterator[ComparedPage], counts: Counts, old: Side, new: Side) -> None:
    from extractor.diff.render.markdown import render_markdown

    for line in render_markdown(_take_diffs(pages), counts):
        print_text(line)


def _print_html(pages: Iterator[ComparedPage], counts: Counts, old: Side, new: Side) -> None:
    from extractor.diff.render.html import render_html

    render_html(pages, counts, old.name, new.name, sys.stdout.buffer)


_PRINTERS: dict[str, Callable[[Iterator[ComparedPage], Counts, Side, Side], None]] = {
    "text": _print_text,
    "json": _print_json,
    "markdown": _print_markdown,
    "html": _print_html,
}
