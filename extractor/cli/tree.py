"""A document as a tree for the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from extractor.model import (
    Block,
    Callout,
    Code,
    Definitions,
    Diagnostic,
    Document,
    Figure,
    Footnote,
    Heading,
    Html,
    Item,
    List,
    Paragraph,
    Quote,
    Rule,
    Section,
    Span,
    Table,
)
from extractor.wording import count

_BOXES = {True: "[x] ", False: "[ ] ", None: ""}


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
        case Quote() | Callout() | Footnote():
            yield from map(_show_block, block.blocks)


def _show_item(item: Item, mark: str) -> Branch:
    term = "" if item.term is None else f"{item.term}:"
    pieces = [
        ("kind", f"{mark} {_BOXES[item.checked]}".rstrip()),
        ("kind", item.marker or ""),
        ("term", term),
    ]
    children = [_show_block(block) for block in item.blocks]
    return Branch([*pieces, ("text", item.text), *_show_images(item)], item.span, children)


def _show_images(holder: Item | Paragraph) -> Pieces:
    return [("kind", f"(image {image.url})") for image in holder.images]


def _list_rows(table: Table) -> Iterator[tuple[Sequence[str], str]]:
    yield table.columns, "term"
    yield from ((row, "text") for row in table.rows)


def _show_row(row: Sequence[str], look: str) -> Branch:
    return Branch([(look, " | ".join(row))])


_BLOCKS: dict[type, tuple[str, Callable[..., str]]] = {
    Paragraph: ("paragraph", lambda block: block.text),
    Definitions: ("definitions", lambda block: ""),
    List: ("list", lambda block: ""),
    Table: ("table", lambda block: f"{len(block.columns)} × {count(len(block.rows), 'row')}"),
    Heading: ("heading", lambda block: f"{'#' * block.level} {block.text}"),
    Quote: ("quote", lambda block: ""),
    Callout: ("callout", lambda block: " ".join(filter(None, [block.kind, block.title]))),
    Code: ("code", lambda block: " ".join(filter(None, [block.language, block.text]))),
    Figure: ("image", lambda block: f"{block.alt} ({block.url})"),
    Html: ("html", lambda block: block.text),
    Footnote: ("footnote", lambda block: block.label),
    Rule: ("rule", lambda block: ""),
}
"""What each block is called here, and what stands after its name."""
