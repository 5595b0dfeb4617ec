"""Nodes to sections: headings, pseudo-headings, slugs, types."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from extractor.markdown.inlines import read_inlines
from extractor.markdown.parser import Node
from extractor.model import Block, Image, List, Section, SectionType, Span
from extractor.sizes import check_sections
from extractor.spans import cover
from extractor.structure.blocks import build_blocks
from extractor.structure.headings import mark_headings
from extractor.structure.page import Page

PREAMBLE = "preamble"
"""Id of the section before any heading."""

QUESTION_MARKS = tuple("?？؟;՞፧⁇⁈⸮꘏꛷")
"""Question marks of all scripts; `;` is U+037E, the Greek one."""


def build_sections(nodes: Sequence[Node], page: Page) -> list[Section]:
    """Build the sections of a page, flat and in page order.

    Args:
        nodes: The page's top-level nodes.
        page: Where they stand; findings are noted there.
    """
    outline = _SectionTree(page)
    sections = [outline.build(draft) for draft in _divide(mark_headings(nodes, page))]
    links = sum([line.count("[") for line in page.places.lines])
    if page.limit.may_be_passed(max(links, len(sections))):
        check_sections(sections, page.limit)
    return _cover_subsections(sections)


def _cover_subsections(sections: list[Section]) -> list[Section]:
    """Let every section end where its last subsection does."""
    ends: dict[str | None, Span | None] = {}
    for section in reversed(sections):
        ends.setdefault(section.parent, ends.setdefault(section.id, section.span))
    return [replace(section, span=cover(section.span, ends[section.id])) for section in sections]


# --- drafts ---------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """A heading and the nodes under it."""

    heading: Node | None
    nodes: list[Node] = field(default_factory=list)


def _divide(nodes: Iterable[Node]) -> Iterator[_Draft]:
    draft = _Draft(None)
    for node in nodes:
        if node.type != "heading":
            draft.nodes.append(node)
            continue
        if draft.heading or draft.nodes:
            yield draft
        draft = _Draft(node)
    if draft.heading or draft.nodes:
        yield draft


# --- the tree -------------------------------------------------------------------------------


class _SectionTree:
    """Knows which section encloses the next one, and which slugs are taken."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._slugs: dict[str, int] = {PREAMBLE: 0}
        self._open: list[Section] = []
        self._real: list[Section] = []

    def build(self, draft: _Draft) -> Section:
        blocks = build_blocks(draft.nodes, self._page)
        if draft.heading is None:
            span = _cover_all(None, blocks)
            kind = classify(None, blocks)
            return Section(PREAMBLE, None, 0, None, [], kind, {}, [], [], blocks, span)
        heading, links, images = read_inlines(draft.heading.inlines)
        level, parents = self._enclose(draft.heading)
        parent = parents[-1] if parents else None
        attributes = draft.heading.attrs.get("attributes") or {}
        section = Section(
            id=self._name(attributes.get("id"), heading, images),
            parent=parent.id if parent else None,
            level=level,
            heading=heading,
            path=[*parent.path, heading] if parent else [heading],
            type=classify(heading, blocks),
            attributes=attributes,
            links=links,
            images=images,
            blocks=blocks,
            span=_cover_all(self._page.span(draft.heading), blocks),
        )
        self._real = parents if draft.heading.attrs["level"] == 0 else [*parents, section]
        return section

    def _enclose(self, heading: Node) -> tuple[int, list[Section]]:
        """Give a heading's level and the sections around it; a pseudo-heading encloses none."""
        level = heading.attrs["level"]
        if not level:
            enclosing = self._real[-1].level if self._real else 0
            return min(enclosing + 1, 6), self._real
        return level, [section for section in self._real if section.level < level]

    def _name(self, own: object, heading: str, images: Sequence[Image]) -> str:
        """Give a section an id: its own, else a slug; where there is only an image, of its alt."""
        words = heading or " ".join([image.alt for image in images])
        base = slug = own if isinstance(own, str) else slugify(words) or "section"
        while slug in self._slugs:
            self._slugs[base] = self._slugs.get(base, 0) + 1
            slug = f"{base}-{self._slugs[base]}"
        self._slugs[slug] = 0
        return slug


def slugify(heading: str) -> str:
    """Make the anchor GitHub makes of a heading.

    >>> slugify("What's new, doc?")
    'whats-new-doc'
    """
    text = heading.strip().lower()
    if text.isascii():
        return _NO_WORD.sub("", text).replace(" ", "-")
    return "".join([c for c in text if c in " -_" or _is_word(c)]).replace(" ", "-")


_NO_WORD = re.compile(r"[^\w -]", re.ASCII)


def _is_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char)[0] == "M"


def _cover_all(heading: Span | None, blocks: Sequence[Block]) -> Span | None:
    spans = [heading] if heading else []
    spans += [block.span for block in (*blocks[:1], *blocks[-1:]) if block.span]
    return cover(spans[0], spans[-1]) if spans else None


_ASKS = re.compile("[" + "".join(QUESTION_MARKS) + "]")
_SHORTCODE = re.compile(r"\s:[\w+-]+:$")
_QUOTES = "\"'”’»›“‘「」『』"


def is_question(heading: str) -> bool:
    """Tell whether a heading asks; closing quotes and emoji may stand after the mark.

    >>> is_question("“Is it open?” 🤔"), is_question("Ask!")
    (True, False)
    """
    if not _ASKS.search(heading):
        return False
    text = _SHORTCODE.sub("", heading.rstrip())
    end = len(text)
    while end and (text[end - 1] in _QUOTES or text[end - 1].isspace() or _is_emoji(text[end - 1])):
        end -= 1
    return text.endswith(QUESTION_MARKS, 0, end)


def _is_emoji(char: str) -> bool:
    return char in "\ufe0f\u200d\u20e3" or unicodedata.category(char) in ("So", "Sk")


def classify(heading: str | None, blocks: Sequence[Block]) -> SectionType:
    """Tell a section's type from its heading and its own blocks."""
    kinds = {_name_kind(block) for block in blocks}
    return next(name for name, fits in _TYPES if fits(heading or "", kinds))


def _name_kind(block: Block) -> str:
    if isinstance(block, List):
        return "steps" if block.ordered else "list"
    return type(block).__name__.lower()


_Test = Callable[[str, set[str]], bool]


def _hold(kind: str) -> _Test:
    return lambda _, kinds: kind in kinds


def _are_all(kind: str) -> _Test:
    return lambda _, kinds: kinds == {kind}


_TYPES: tuple[tuple[SectionType, _Test], ...] = (
    ("question", lambda heading, _: is_question(heading)),
    ("empty", lambda _, kinds: not kinds),
    ("definitions", _hold("definitions")),
    ("steps", _hold("steps")),
    ("list", _hold("list")),
    ("table", _hold("table")),
    ("code", _are_all("code")),
    ("quote", _are_all("quote")),
    ("prose", lambda *_: True),
)
"""The types of a section: the first one that fits its heading and the kinds of its blocks."""
