"""Pages as reference parsers read them, in a form that our nodes can be put in too.

A skeleton is a list of blocks, each a tuple that begins with its kind. Text is
compared word by word, targets without their percent signs: how many spaces a
break makes, and how a URL is written out, is no matter of structure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from cmarkgfm import cmark
from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.tree import SyntaxTreeNode

from extractor.markdown.inlines import BREAK_TAG, read_inlines, read_plain
from extractor.markdown.parser import Node

Skeleton = list[Any]

# --- our nodes --------------------------------------------------------------------------


def describe_nodes(nodes: Sequence[Node]) -> Skeleton:
    """Give the skeleton of nodes."""
    return [_describe_node(node) for node in nodes]


def _describe_node(node: Node) -> tuple[Any, ...]:
    match node.type:
        case "heading":
            return ("heading", node.attrs["level"], *_describe_inlines(node.inlines))
        case "paragraph" | "block_text":
            return ("paragraph", *_describe_inlines(node.inlines))
        case "block_code":
            return ("code", node.attrs.get("info", ""), node.text.removesuffix("\n"))
        case "block_html":
            return ("html", node.text.strip("\n"))
        case "thematic_break":
            return ("rule",)
        case "table":
            return _describe_table_node(node)
        case "list":
            start = node.attrs.get("start", 1) if node.attrs["ordered"] else None
            return ("list", start, describe_nodes(node.children))
        case "list_item":
            return ("item", describe_nodes(node.children))
    return (node.type.removeprefix("block_"), describe_nodes(node.children))


def _describe_table_node(node: Node) -> tuple[Any, ...]:
    """Describe a table without what rows have beyond the header, which a reference drops."""
    rows, align = node.attrs["rows"], node.attrs["align"]
    width = len(rows[0])
    rows = [[*row[:width], *[[]] * (width - len(row))] for row in rows]
    cells = [[_squeeze(read_plain(cell)) for cell in row] for row in rows]
    return ("table", align[:width], cells)


def _describe_inlines(tokens: Sequence[Any]) -> tuple[Any, ...]:
    text, links, images = read_inlines(tokens)
    return (
        _squeeze(text),
        [(_squeeze(link.text), _decode(link.url), link.title or "") for link in links],
        [(_squeeze(image.alt), _decode(image.url), image.title or "") for image in images],
    )


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _decode(url: str) -> str:
    return unquote(url)


# --- markdown-it-py ---------------------------------------------------------------------


def _make_reference() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return parser


_REFERENCE = _make_reference()


def describe_reference(markdown: str) -> Skeleton:
    """Give the skeleton of a page as markdown-it-py reads it."""
    return _describe_trees(SyntaxTreeNode(_REFERENCE.parse(markdown)).children)


_TAG = re.compile(r"\s*<(/?\w+)[^>]*>\s*")


def do_references_agree(markdown: str) -> bool:
    """Tell whether markdown-it-py and GitHub's parser give a page the same tags and text.

    Where they differ, the specification is silent, or one of them has a bug.
    """
    html = _REFERENCE.render(markdown)
    github = read_github(markdown, ["table", "strikethrough"])
    return _strip_attributes(html) == _strip_attributes(github)


def read_github(markdown: str, extensions: Sequence[str] = ("table", "autolink")) -> str:
    """Give the HTML that GitHub's parser makes of a page."""
    options = cmark.Options.CMARK_OPT_UNSAFE
    if "footnotes" in extensions:
        options |= cmark.Options.CMARK_OPT_FOOTNOTES
    html: str = cmark.markdown_to_html_with_extensions(
        markdown, options, [name for name in extensions if name != "footnotes"]
    )
    return html


def _strip_attributes(html: str) -> str:
    return _TAG.sub(
        r"<\1>",
        html.replace("<tbody></tbody>", "").replace("<s>", "<del>").replace("</s>", "</del>"),
    ).strip()


def _describe_trees(trees: Sequence[SyntaxTreeNode]) -> Skeleton:
    return [found for tree in trees for found in [_describe_tree(tree)] if found]


def _describe_tree(tree: SyntaxTreeNode) -> tuple[Any, ...] | None:
    match tree.type:
        case "heading":
            return ("heading", int(tree.tag[1]), *_describe_content(tree.children[0]))
        case "paragraph":
            return _describe_paragraph(tree.children[0])
        case "fence" | "code_block":
            return ("code", unescapeAll(tree.info).strip(), tree.content.removesuffix("\n"))
        case "html_block":
            return ("html", tree.content.strip("\n"))
        case "hr":
            return ("rule",)
        case "table":
            return _describe_table(tree)
        case "bullet_list" | "ordered_list":
            start = tree.attrs.get("start", 1) if tree.type == "ordered_list" else None
            return ("list", start, _describe_trees(tree.children))
        case "list_item":
            return ("item", _describe_trees(tree.children))
        case "blockquote":
            return ("quote", _describe_trees(tree.children))
    raise ValueError(tree.type)


def _describe_paragraph(inline: SyntaxTreeNode) -> tuple[Any, ...] | None:
    """Describe a paragraph; one that holds nothing but tags is HTML (contract, section 2)."""
    if all(_is_mute(child) for child in inline.children):
        return ("html", inline.content) if inline.content else None
    return ("paragraph", *_describe_content(inline))


def _is_mute(tree: SyntaxTreeNode) -> bool:
    return tree.type in ("html_inline", "softbreak", "hardbreak") or (
        tree.type == "text" and not tree.content.strip()
    )


def _describe_table(tree: SyntaxTreeNode) -> tuple[Any, ...]:
    rows = [row for part in tree.children for row in part.children]
    styles = [str(cell.attrs.get("style", "")) for cell in rows[0].children]
    align = [style.removeprefix("text-align:") or None for style in styles]
    cells = [[_squeeze(_read_alt(cell.children)) for cell in row.children] for row in rows]
    return ("table", align, cells)


def _describe_content(inline: SyntaxTreeNode) -> tuple[Any, ...]:
    links: list[Any] = []
    images: list[Any] = []
    text = "".join(_read_content(inline.children, links, images))
    return (_squeeze(text), links, images)


def _read_content(
    trees: Sequence[SyntaxTreeNode], links: list[Any], images: list[Any]
) -> Iterator[str]:
    for tree in trees:
        if tree.type == "image":
            attrs = tree.attrs
            alt = _squeeze(_read_alt(tree.children))
            images.append((alt, _decode(str(attrs["src"])), str(attrs.get("title", ""))))
        elif tree.type == "link":
            text = "".join(_read_content(tree.children, links, images))
            attrs = tree.attrs
            links.append((_squeeze(text), _decode(str(attrs["href"])), str(attrs.get("title", ""))))
            yield text
        elif tree.is_nested or tree.children:
            yield from _read_content(tree.children, links, images)
        else:
            yield _read_leaf(tree)


def _read_alt(trees: Sequence[SyntaxTreeNode]) -> str:
    return "".join(
        _read_alt(tree.children) if tree.children else _read_leaf(tree) for tree in trees
    )


def _read_leaf(tree: SyntaxTreeNode) -> str:
    if tree.type in ("softbreak", "hardbreak"):
        return "\n"
    if tree.type == "html_inline":
        return "\n" if BREAK_TAG.match(tree.content) else ""
    return tree.content
