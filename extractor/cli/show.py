"""``extractor show``: a page as a tree, on the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from extractor.limits import DEFAULT_SECONDS
from extractor.model import (
    Block,
    Code,
    Definitions,
    Diagnostic,
    Document,
    Figure,
    Footnote,
    Html,
    Item,
    List,
    PageRejected,
    Paragraph,
    Quote,
    Rule,
    Section,
    Span,
    Table,
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

_BOXES = {True: "[x] ", False: "[ ] ", None: ""}
_UNCUT = 1_000_000  # Columns where nobody sees a margin: in a pipe or a file.

Pieces = list[tuple[str, str]]


@dataclass
class Branch:
    """A line of the tree, and what hangs under it.

    Attributes:
        pieces: Name of a look, and text.
        span: Where it stands in the file; None for what stands nowhere.
        children: In page order.
    """

    pieces: Pieces
    span: Span | None = None
    children: list[Branch] = field(default_factory=list)


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
        click.echo(str(rejected), err=True)
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


# --- a document as a tree -----------------------------------------------------------------


def build_tree(document: Document) -> Branch:
    """Lay a document out as a tree, every diagnostic under the smallest part it stands in."""
    root = Branch([("heading", document.source.path), ("text", _quote(document.title))])
    root.children += [_show_value(key, value) for key, value in document.metadata.items()]
    branches: dict[str | None, Branch] = {None: root}
    for section in document.sections:
        branches[section.id] = _show_section(section)
        branches[section.parent].children.append(branches[section.id])
    homes = [_find_home(root, diagnostic.span) for diagnostic in document.diagnostics]
    for home, diagnostic in reversed(list(zip(homes, document.diagnostics, strict=True))):
        home.children.insert(0, _show_diagnostic(diagnostic))
    return root


def _find_home(branch: Branch, span: Span | None) -> Branch:
    """Find the smallest part of the page that a span lies in."""
    for child in branch.children:
        if span and child.span and child.span.start <= span.start and span.end <= child.span.end:
            return _find_home(child, span)
    return branch


def _quote(title: str | None) -> str:
    return "" if title is None else f"“{title}”"


def _show_value(key: str, value: object) -> Branch:
    return Branch([("kind", f"{key}:"), ("text", json.dumps(value, ensure_ascii=False))])


def _show_section(section: Section) -> Branch:
    heading = f"{'#' * section.level} {section.heading or section.id}".strip()
    pieces = [("heading", heading), ("kind", section.type), ("place", _place(section.span))]
    return Branch(pieces, section.span, [_show_block(block) for block in section.blocks])


def _show_diagnostic(found: Diagnostic) -> Branch:
    pieces: Pieces = [(found.severity, f"! {found.code} {found.rule}")]
    if found.before is not None and found.after is not None:
        pieces.append(("text", f"{found.before} → {found.after}"))
    else:
        pieces.append(("text", found.message))
    return Branch([*pieces, ("place", _place(found.span))])


def _place(span: Span | None) -> str:
    if span is None:
        return ""
    return f":{span.line}" if span.line == span.end_line else f":{span.line}-{span.end_line}"


def _show_block(block: Block) -> Branch:
    name, describe = _BLOCKS[type(block)]
    lead = getattr(block, "lead", None)
    pieces = [("kind", name), ("text", describe(block)), ("term", f"{lead}:" if lead else "")]
    if isinstance(block, Paragraph):
        pieces += _show_images(block)
    return Branch(pieces, block.span, list(_show_inner(block)))


def _show_inner(block: Block) -> Iterator[Branch]:
    match block:
        case List(ordered=True, start=start):
            numbers = enumerate(block.items, start or 0)
            yield from (_show_item(item, f"{number}.") for number, item in numbers)
        case List() | Definitions():
            yield from (_show_item(item, "-") for item in block.items)
        case Table():
            yield from (_show_row(row, look) for row, look in _list_rows(block))
        case Quote() | Footnote():
            yield from map(_show_block, block.blocks)


def _show_item(item: Item, mark: str) -> Branch:
    term = "" if item.term is None else f"{item.term}:"
    pieces = [("kind", f"{mark} {_BOXES[item.checked]}".rstrip()), ("term", term)]
    children = [_show_block(block) for block in item.blocks]
    return Branch([*pieces, ("text", item.text), *_show_images(item)], item.span, children)


def _show_images(holder: Item | Paragraph) -> Pieces:
    return [("kind", f"(image {image.url})") for image in holder.images]


def _list_rows(table: Table) -> Iterator[tuple[Sequence[str], str]]:
    yield table.columns, "term"
    yield from ((row, "text") for row in table.rows)


def _show_row(row: Sequence[str], look: str) -> Branch:
    return Branch([(look, " | ".join(row))])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


_BLOCKS: dict[type, tuple[str, Callable[..., str]]] = {
    Paragraph: ("paragraph", lambda block: block.text),
    Definitions: ("definitions", lambda block: ""),
    List: ("list", lambda block: ""),
    Table: ("table", lambda block: f"{len(block.columns)} × {_count(len(block.rows), 'row')}"),
    Quote: ("quote", lambda block: block.alert or ""),
    Code: ("code", lambda block: " ".join(filter(None, [block.language, block.text]))),
    Figure: ("image", lambda block: f"{block.alt} ({block.url})"),
    Html: ("html", lambda block: block.text),
    Footnote: ("footnote", lambda block: block.label),
    Rule: ("rule", lambda block: ""),
}
"""What each block is called here, and what stands behind its name."""


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
