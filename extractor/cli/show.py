"""``extractor show``: a page as a tree, on the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from extractor.cli.printing import print_text
from extractor.cli.tree import Branch, build_tree
from extractor.limits import DEFAULT_SECONDS
from extractor.model import (
    PageRejected,
)
from extractor.pipeline import extract
from extractor.storage.pages import PageFile, SourceError, find_pages, read_page
from extractor.wording import reveal

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

_STYLES = {
    "heading": "bold cyan",
    "kind": "dim",
    "term": "bold",
    "text": "",
    "place": "dim",
    "error": "bold red",
    "warning": "yellow",
    "note": "blue",
}
"""The looks of the parts of a line, in rich's words."""

_UNCUT = 1_000_000  # Columns where nobody sees a margin: in a pipe or a file.


@click.command("show", short_help="Show a page as a tree.")
@click.argument("file", metavar="FILE")
@click.pass_context
def command(ctx: click.Context, file: str) -> None:
    """Show a page as a tree: sections, blocks, terms, and what was repaired.

    FILE is a page on this machine, a URL, or - for standard input.

    Exit codes: 0, 1 if the page was rejected, 2 if there is no such page.
    """
    page = _find_page(file)
    try:
        document = extract(read_page(page), page.path, time_limit=DEFAULT_SECONDS)
    except PageRejected as rejected:
        print_text(str(rejected), err=True)
        ctx.exit(1)
    _print_tree(build_tree(document))


def _find_page(file: str) -> PageFile:
    try:
        pages = find_pages([file])
    except SourceError as error:
        raise click.UsageError(str(error)) from error
    if len(pages) > 1:
        raise click.UsageError(f"{file} holds {len(pages)} pages; name one of them.")
    return pages[0]


# --- the tree on the terminal -------------------------------------------------------------


def _print_tree(root: Branch) -> None:
    from rich.console import Console
    from rich.tree import Tree

    # A page may hold what the terminal's encoding does not.
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    console = Console(width=None if sys.stdout.isatty() else _UNCUT, highlight=False)
    tree = Tree(_draw(root), guide_style="dim")
    _hang(root, tree)
    console.print(tree, no_wrap=True, overflow="ellipsis", crop=False)


def _hang(branch: Branch, tree: Tree) -> None:
    for child in branch.children:
        _hang(child, tree.add(_draw(child)))


def _draw(branch: Branch) -> Text:
    from rich.text import Text

    text = Text(no_wrap=True, overflow="ellipsis")
    for look, piece in branch.pieces:
        if piece:
            text.append(" " if text else "")
            text.append(reveal(piece), _STYLES[look])
    return text
