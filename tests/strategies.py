"""Pages for property tests: every construct, nested, in odd scripts and on odd disks.

Blocks are drawn as lists of lines, and containers indent the lines of what they
hold, so that any construct can stand in any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

Lines = list[str]

WORDS = (
    *("mill", "water", "Boot", "9", "2024", "x1", "don't", "co-op", "e.g.", "3.5"),
    *("Größe", "naïve", "Žluťoučký", "вода", "їжак", "Ёлка", "ώρα", "水", "浅漬け", "밀가루"),
    *("שלום", "مرحبا", "می\u200cخواهم", "हिन्दी", "বাংলা", "ไทย", "\U0001f9c0", "\U00020000"),
    *("snake_case", "a*b", "2**3", "C:", "https://x.example/a_b", "[x", "y]", "`", "<", "&", "~"),
)
"""Words of many scripts, some with characters that mean something elsewhere."""

PLAIN_WORDS = WORDS[:28]
"""The words without any character that Markdown could take for markup."""

ALERTS = ("NOTE", "tip", "IMPORTANT", "Warning", "CAUTION")


@dataclass(frozen=True)
class Page:
    """A page as bytes.

    Attributes:
        data: The file.
        body: Its body as text with LF line ends, without front matter.
    """

    data: bytes
    body: str

    def __repr__(self) -> str:
        return f"Page({self.data!r})"


@cache
def words(*, plain: bool = True) -> SearchStrategy[str]:
    return st.sampled_from(PLAIN_WORDS if plain else WORDS)


@cache
def runs(*, plain: bool = True, most: int = 5) -> SearchStrategy[str]:
    """Words with spaces between them."""
    return st.lists(words(plain=plain), min_size=1, max_size=most).map(" ".join)


@cache
@st.composite
def inline(draw: DrawFn, *, images: bool = True) -> str:
    """A line of running text with markup."""
    return " ".join(draw(st.lists(pieces(images=images), min_size=1, max_size=4)))


PIECES = (
    *("{text}", "{any}", "*{text}*", "**{text}**", "_{text}_", "***{text}***"),
    *("~~{text}~~", "`{text}`", "``{text} ` {other}``"),
    *("[{text}](u.md)", '[{text}](</ä b> "{other}")', "[{text}][ref]"),
    *("[*{text}* {other}](<u>)", "<https://x.example/a?b=c>", "<kbd>{text}</kbd>"),
    *("https://x.example/{other}?q=1, www.x.example and m.x@x.example",),
    *("(https://x.example/a_(b)) *https://x.example* {other}",),
    *("{text} <!-- c --> {other}", "{text}~{other}, ~{text}~"),
    *("{text} &amp; &copy; &#x41; {other}", r"{text} \* {other} \[ \\"),
    *("{text}[^note]", "{text}<br>{other}"),
)
IMAGES = ('![{text}](i.png "{other}")', "[![{text}](i.png)](l.md)")


@cache
@st.composite
def pieces(draw: DrawFn, *, images: bool) -> str:
    form: str = draw(st.sampled_from(PIECES + IMAGES if images else PIECES))
    fields = {"text": runs(most=3), "other": words(), "any": runs(plain=False, most=3)}
    # Only what stands in the form is drawn: draws are what the laws spend most of their time on.
    return form.format_map({n: draw(field) for n, field in fields.items() if f"{{{n}}}" in form})


@cache
@st.composite
def paragraphs(draw: DrawFn) -> Lines:
    lines = draw(st.lists(inline(), min_size=1, max_size=3))
    ends = st.sampled_from(["", "", "  ", "\\", "<br>", " "])
    return [line + draw(ends) for line in lines[:-1]] + [lines[-1]]


MARKERS = ("(1) ", "[2] ", "1.1 ", "A. ", "（1）", "一、", "✅ ", "★★★ ", "🇫🇷 ", ":no_entry: ")
"""What stands before labels."""


@cache
@st.composite
def labels(draw: DrawFn, *, damaged: bool = False) -> str:
    """A label, with markers and separator, ready for its description."""
    term = draw(runs(most=3))
    sound = [
        f"**{term}:** ",
        f"**{term}**: ",
        f"**{term}** - ",
        f"**{term}** — ",
        f"__{term}:__ ",
        f"***{term}:*** ",
        f"<b>{term}:</b> ",
    ]
    broken = [
        rf"\*\* {term}:\*\* ",
        rf"\*\*{term}:\*\* ",
        rf"**{term}:\*\* ",
        rf"\*\*{term}:** ",
        rf"\\\*\\\*{term}:\\\*\\\* ",
        f"** {term}:** ",
        f"**{term}: **",
        f"**{term}:**",
        f"**{term}：**",
        f"**{term}: ",
        f"*{term}:** ",
        f"&ast;&ast;{term}:&ast;&ast; ",
        f"**{term}:&#x20;**",
    ]
    return draw(st.sampled_from(broken if damaged else sound))


MOJIBAKE = (
    "PrÃ©nom",
    "â€“",
    "â€¢",
    "OutilsÂ\u00a0",
    "æœ¨å‹º",
    "ðŸ“§",
    "d√©colletage",
    "Ã°Å¸Å½Å¾Ã¯Â¸Â",
)


@cache
@st.composite
def damage(draw: DrawFn, *, garbled: bool = True) -> Lines:
    """Damage of whole lines: escaped blocks, damaged bold, letters of a wrong encoding."""
    text, other = draw(runs(most=3)), draw(runs(most=2))
    forms: list[Lines] = [
        [rf"\## {text}", "", other],
        [rf"\## \*\*{text}\*\*", ""],
        [rf"\* {word}" for word in (text, other, "c")],
        [rf"\> {text}"],
        [f"## ** {text} **", ""],
        [f"** {text} **"],
        [f"＊＊{text}＊＊", f"- {other}"],
        [f"| ** {text} ** | b |", "|---|---|", rf"| \*\* {other} \*\* | c |"],
        [f"{text}**木勺很轻，**也耐用。"],
        [f"- **50%**的人{text}"],
    ]
    if garbled:
        word = st.sampled_from(MOJIBAKE)
        forms += [
            [f"- **{draw(word)}:** {draw(word)} {text}"],
            [f"## {draw(word)} {text}"],
            [f"**{text}**{draw(word)}: {other}"],
            [f"** {draw(word)}:** {other}"],
        ]
    return draw(st.sampled_from(forms))


@cache
@st.composite
def entries(draw: DrawFn, *, damaged: bool = False) -> Lines:
    """Labelled entries, as paragraphs, as lines of one, or as items of a list."""
    count = draw(st.integers(1, 3))
    marks = st.sampled_from(["", "", "", *MARKERS])
    lines = [
        draw(marks) + draw(labels(damaged=damaged and draw(st.booleans()))) for _ in range(count)
    ]
    lines = [line + draw(st.one_of(inline(images=False), st.just(""))) for line in lines]
    form = draw(st.sampled_from(["paragraphs", "lines", "breaks", "items", "steps"]))
    if form == "items":
        return [f"- {line}" for line in lines]
    if form == "steps":
        return [f"{number}. {line}" for number, line in enumerate(lines, 1)]
    if form == "paragraphs":
        return join_blocks([[line] for line in lines])
    return [line + ("  " if form == "breaks" else "") for line in lines]


@cache
@st.composite
def headings(draw: DrawFn) -> Lines:
    text = draw(inline(images=False))
    level = draw(st.integers(1, 6))
    form = draw(st.sampled_from(["atx", "closed", "setext", "bold", "question"]))
    return {
        "atx": ["#" * level + " " + text],
        "closed": ["#" * level + f" {text} " + "#" * level],
        "setext": [text, "===" if level == 1 else "---"],
        "bold": [f"**{draw(runs())}**"],
        "question": [f"_**{draw(runs())}?**_"],
    }[form]


@cache
@st.composite
def tables(draw: DrawFn) -> Lines:
    width = draw(st.integers(1, 3))
    cell = st.one_of(runs(most=2), runs(most=1).map("**{}**".format), st.just("`x`"), st.just(""))
    row = st.lists(cell, min_size=width, max_size=width).map(lambda c: "| " + " | ".join(c) + " |")
    delimiter = st.sampled_from(["---", ":--", "--:", ":-:"])
    rule = "| " + " | ".join(draw(delimiter) for _ in range(width)) + " |"
    # GFM: a row needs no bar.
    bare = runs(most=2).filter(lambda line: line[0].isalpha())
    # And what follows without a blank line is one, too.
    return [draw(row), rule, *draw(st.lists(st.one_of(row, row, bare), max_size=3)), ""]


@cache
@st.composite
def code(draw: DrawFn) -> Lines:
    content = draw(st.lists(runs(plain=False), max_size=3))
    if draw(st.booleans()) and content:
        return ["    " + line.replace("`", "'") for line in content]
    fence = draw(st.sampled_from(["```", "~~~~"]))
    indents = st.sampled_from(["", "", "  ", "\t", "   \t"])
    content = [draw(indents) + line for line in content]
    return [fence + draw(st.sampled_from(["", "py", "sh x=1", 'py title="x"'])), *content, fence]


@cache
@st.composite
def html(draw: DrawFn) -> Lines:
    text = draw(runs())
    return draw(
        st.sampled_from(
            [
                ["<div>", text, "</div>"],
                [f"<!-- {text} -->"],
                [f"<p><b>{text}</b></p>"],
                ["<details>", "", text, "", "</details>"],
                [f'<Card title="{text}" />'],
                [f'<a id="x"></a><img alt="{text}">'],
            ]
        )
    )


@cache
def leads() -> SearchStrategy[Lines]:
    return runs().flatmap(lambda text: st.sampled_from([[f"{text}:"], [f"**{text}:**"]]))


def inner_headings() -> SearchStrategy[Lines]:
    return inline(images=False).map(lambda text: [f"### {text}"])


@cache
def simple_blocks() -> SearchStrategy[Lines]:
    figure = runs().map(lambda text: [f'![{text}](f.png "t")'])
    rule = st.sampled_from([["***"], ["- - -"], ["___"]])
    usual = (paragraphs(), entries(), tables(), code(), html(), leads())
    return st.one_of(*usual, inner_headings(), figure, rule)


@cache
@st.composite
def lists(draw: DrawFn, inner: SearchStrategy[Lines], *, tabs: bool = False) -> Lines:
    """A list; how wide a tab is depends on the column, so it stands only at a line's begin."""
    marker = draw(st.sampled_from(["-", "*", "+", "1.", "7)"]))
    gap = "\t" if tabs else draw(st.sampled_from([" ", "  "]))
    indent = "\t" if gap == "\t" else " " * len(marker + gap)
    loose = draw(st.booleans())
    lines: Lines = []
    for _ in range(draw(st.integers(1, 3))):
        box = draw(st.sampled_from(["", "", "[ ] ", "[x] "])) if marker in "-*+" else ""
        blocks = [draw(inner) for _ in range(draw(st.integers(1, 2)))]
        blocks[0] = [box + draw(inline())] if box else blocks[0]
        item = join_blocks(blocks)
        lines += [marker + gap + item[0]] + [indent + line if line else "" for line in item[1:]]
        lines += [""] if loose else []
    return lines


@cache
@st.composite
def quotes(draw: DrawFn, inner: SearchStrategy[Lines]) -> Lines:
    blocks = [draw(inner) for _ in range(draw(st.integers(1, 2)))]
    lines = join_blocks(blocks)
    if draw(st.booleans()):
        # A number behind the marker's line would be text to mistune, and a list to a reader.
        gap = [""] if lines[0][:1] == "7" or draw(st.booleans()) else []
        lines = [f"[!{draw(st.sampled_from(ALERTS))}]", *gap, *lines]
    mark = draw(st.sampled_from(["> ", ">"]))
    return [mark + line if line else ">" for line in lines]


@cache
@st.composite
def definition_lists(draw: DrawFn, inner: SearchStrategy[Lines]) -> Lines:
    lines: Lines = []
    for _ in range(draw(st.integers(1, 2))):
        lines.append(draw(runs(most=2)))
        for _ in range(draw(st.integers(1, 2))):
            body = [draw(inline())]
            if draw(st.booleans()):
                body += ["", *draw(inner)]
            lines += [f": {body[0]}"] + ["    " + line if line else "" for line in body[1:]]
        lines.append("")
    return lines


@cache
def nested_blocks() -> SearchStrategy[Lines]:
    """Blocks within blocks; a definition list holds everything but another one."""
    inner = st.recursive(
        simple_blocks(), lambda inner: st.one_of(lists(inner), quotes(inner)), max_leaves=5
    )
    definitions = definition_lists(inner)
    tabbed = lists(inner, tabs=True)
    return st.one_of(inner, inner, tabbed, definitions, lists(definitions), quotes(definitions))


def join_blocks(blocks: list[Lines]) -> Lines:
    lines = [line for block in blocks for line in (*block, "")]
    while lines and not lines[-1]:
        lines.pop()
    return lines or [""]


@cache
@st.composite
def bodies(draw: DrawFn, *, damaged: bool = False, garbled: bool = True) -> str:
    """The body of a page, with LF line ends, its link references and footnotes at the end."""
    block = [headings(), nested_blocks()]
    if damaged:
        block += [entries(damaged=True), damage(garbled=garbled)]
    blocks = draw(st.lists(st.one_of(block), max_size=6))
    lines: Lines = []
    for one in blocks:
        # Now and then without a blank line between two blocks.
        lines += [*one, *([""] if draw(st.integers(0, 9)) else [])]
    if draw(st.booleans()):
        lines += ["", "See[^note] [ref].", "", "[ref]: r.md 'R'", ""]
        lines += [f"[^note]: {draw(runs())}", "", f"    {draw(runs())}"]
    return "\n".join(lines)


FRONT_MATTER = (
    "---\ntitle: Mill: water\ntags: [a, b]\n---\n",
    "---\n---\n",
    '+++\ntitle = "Mill"\n+++\n',
    '{"title": "Mill"}\n',
)


@cache
@st.composite
def pages(draw: DrawFn, *, damaged: bool = False, garbled: bool = True) -> Page:
    """A page as it may lie on disk: any line end, front matter or none, BOM or none."""
    body = draw(bodies(damaged=damaged, garbled=garbled))
    front = draw(st.sampled_from(["", "", *FRONT_MATTER]))
    if not front:
        # What begins like front matter would be read as such.
        body = body if not body.startswith(("---", "+++", "{")) else f"\n{body}"
    text = (front + body).replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n", "\r"])))
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16"]))
    return Page(text.encode(encoding), body)


SYNTAX = (
    *"#*_-+>`~[]()!<>:|\\&;\n\n\n\t  01.x",
    *("**", "\\*\\*", "- ", "1. ", "> ", "    ", "```", "---\n", "| a |\n| - |\n", "[^1]"),
    *("[^1]: ", "<b>", "</b>", "<div>", "&ast;", "&#x20;", "\r\n", "\r", "\0", "\ufeff"),
    *("\u200b", "\u00a0", "Ã©", "√©", "：", "＊＊", "\x0b", "\x0c", "\x85", "\u2028"),
    *("\U0001f9c0", "\ud800"),
)
"""Scraps of Markdown and of what breaks readers of it."""


@cache
def scraps() -> SearchStrategy[str]:
    """Text that is mostly syntax."""
    return st.lists(st.sampled_from(SYNTAX), max_size=60).map("".join)
