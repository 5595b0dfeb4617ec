"""Pages of one construct each, as functions of how many there are of it.

Whatever a page repeats, twice as much of it may cost twice as much: a test counts the calls of
each, `python -m benchmarks growth` times them.
"""

from __future__ import annotations

from collections.abc import Callable

Page = str | bytes
Grow = Callable[[int], Page]
Write = Callable[[int], str]

_LABELS = ("Goal", "Tools", "Time", "Cost", "Risk")


def _repeat(piece: str, before: str = "", after: str = "") -> Write:
    return lambda n: before + piece * n + after


def _number(piece: str, before: str = "", after: str = "", between: str = "") -> Write:
    """Repeat a piece with the number of each copy where it has `{k}`."""
    return lambda n: before + between.join(piece.replace("{k}", str(k)) for k in range(n)) + after


def _nest(opener: str, text: str = "a", closer: str = "") -> Write:
    return lambda n: opener * n + text + closer * n + "\n"


def _indent(piece: str, width: int = 2) -> Write:
    """Nest lines by their indentation."""
    return lambda n: "".join(" " * (width * k) + piece for k in range(n))


def _widen(rows: int) -> Write:
    """Make a table of so many rows, and of n columns."""
    return lambda n: "\n".join(
        "|" + cell * n for cell in (" a |", "---|", *[" b |"] * rows)
    )  # fmt: skip


def _rag(n: int) -> str:
    """Make a table whose rows get longer by one cell each, up to a few."""
    return "| a | b | c |\n|---|---|---|\n" + "".join(
        "|" + " x |" * (k % 5) + "\n" for k in range(n)
    )


def _repeat_blocks(n: int) -> str:
    """Mix what a page usually has."""
    words = "## Part {k}\n\nSome *words* with a [link](a{k}.md).\n\n"
    return _number(words + "- **Goal:** one\n- two\n\n> said\n\n")(n)


INLINE: dict[str, tuple[int, Grow]] = {
    "words": (60, _repeat("some words of a line ")),
    "lines": (150, _repeat("a line of text\n")),
    "nested images": (500, _nest("![a", "", "](b)")),
    "nested links": (40, _nest("[a", "", "](b)")),
    "images": (80, _number("![a](b{k}.png) ")),
    "links": (80, _number("[a](b{k}) ")),
    "links with titles": (80, _number('[a](b{k} "title") ')),
    "emphasis": (100, _repeat("*a* ")),
    "nested emphasis": (60, _nest("*a ", "", " b*")),
    "nested strong": (60, _nest("**a ", "", " b**")),
    "openers": (150, _repeat("*a ")),
    "closers": (150, _repeat("a* ")),
    "openers of every kind": (80, _repeat("*a _b **c __d ~~e ")),
    "pairs of every kind": (24, _repeat("**a *b* c** ~~d~~ __e__ ")),
    "stars": (300, _repeat("*")),
    "stars with words": (300, _repeat("*", "a ", " b")),
    "escaped stars": (200, _repeat("\\*")),
    "escaped pairs": (60, _repeat("\\*\\*a\\*\\* b ")),
    "backslashes": (300, _repeat("\\", "a ")),
    "backticks": (200, _repeat("`", "a ")),
    "code": (100, _repeat("`a` ")),
    "backticks of every length": (20, lambda n: " ".join("`" * k for k in range(1, n)) + " a"),
    "opening brackets": (200, _repeat("[")),
    "closing brackets": (200, _repeat("a]")),
    "brackets": (100, _repeat("[a] ")),
    "brackets with labels": (100, _repeat("[a][b] ")),
    "brackets with parentheses": (100, _repeat("[a](")),
    "images begun": (100, _repeat("![")),
    "nested brackets": (60, _nest("[", "a", "]")),
    "parentheses": (160, _nest("[a](" + "(", "b", ")")),
    "angles": (200, _repeat("<")),
    "tags": (100, _repeat("<b>a</b> ")),
    "tags begun": (100, _repeat("<a b='c' ")),
    "comments begun": (100, _repeat("a <!-- ")),
    "declarations begun": (100, _repeat("a <!A <? <![CDATA[ ")),
    "mails": (100, _repeat("<a@b.example> ")),
    "bare URLs": (60, _number("see https://a.example/b{k}, ")),
    "a long URL": (400, _repeat("a.b/", "https://a.example/")),
    "a long mail": (300, _repeat("a.", after="@b.example")),
    "parentheses after a URL": (200, _repeat(")", "https://a.example/(")),
    "entities": (150, _repeat("&amp; ")),
    "ampersands": (300, _repeat("&")),
    "an entity's name": (300, _repeat("a", "&")),
    "hard breaks": (100, _repeat("a  \n")),
    "spaces above a break": (300, _repeat(" ", "a", "<br>b *c*\nd\n")),
    "spaces between words": (300, _repeat(" ", "a", "b\\\nc\n")),
    "spaces": (400, _repeat(" ", "a", "b")),
    "spaces at lines' ends": (400, _repeat(" ", "a", "\nb")),
    "tabs": (300, _repeat("\t", "a", "b")),
    "tildes": (200, _repeat("~", "a ")),
    "strikethrough": (100, _repeat("~~a~~ ")),
    "a long word": (2000, _repeat("a")),
    "letters beyond ASCII": (400, _repeat("éß中")),
    "NULs": (500, _repeat("\x00")),
    "NULs in words": (300, _repeat("a\x00 ")),
    "other control characters": (300, _repeat("\x01\x1b")),
    "zero width": (300, _repeat("\u200b\ufeff")),
}
"""Runs, brackets, spaces, characters: what stands within one paragraph."""

BLOCKS: dict[str, tuple[int, Grow]] = {
    "paragraphs": (60, _repeat("Some words.\n\n")),
    "usual pages": (8, _repeat_blocks),
    "blank lines": (400, _repeat("\n", "a", "b")),
    "lazy quotes": (80, _repeat("> a\nb\n\n")),
    "quotes": (80, _repeat("> a\n\n")),
    "quoted lines": (100, _repeat("> a\n")),
    "quoted blank lines": (100, _repeat("> a\n>\n")),
    "nested quotes": (30, _nest("> ")),
    "nested quotes by line": (15, lambda n: "".join("> " * k + "a\n\n" for k in range(n))),
    "nested lists on a line": (30, _nest("- ")),
    "nested lists": (20, _indent("- a\n")),
    "nested numbered lists": (20, _indent("1. a\n", 3)),
    "quotes and lists nested": (15, _nest("> - ")),
    "items": (80, _number("- item {k}\n")),
    "loose items": (60, _number("- item {k}\n\n")),
    "items with paragraphs": (40, _number("- item {k}\n\n  more\n\n")),
    "tasks": (60, _number("- [ ] item {k}\n")),
    "empty items": (100, _repeat("-\n")),
    "lists of one item": (60, _repeat("- a\n\n* b\n\n")),
    "numbered items": (60, _number("{k}. item\n")),
    "numbers with unindented bullets": (30, _number("1. step {k}\n- one\n- two\n\n")),
    "lists after leads": (40, _number("Lead {k}:\n\n- one\n- two\n\n")),
    "leads without lists": (60, _number("Lead {k}:\n\n")),
    "rules": (100, _repeat("---\n\n")),
    "rules as items": (60, _repeat("- ---\n")),
    "code blocks": (60, _repeat("```\na\n```\n\n")),
    "fences begun": (80, _repeat("- ```\n")),
    "fences within a fence": (80, _repeat("```a\n")),
    "indented code": (100, _repeat("    a\n\n")),
    "lines of code": (200, _repeat("a\n", "```\n", "```\n")),
    "HTML blocks": (60, _repeat("<div>\na\n</div>\n\n")),
    "HTML blocks begun": (60, _repeat("<!-- a\n\n")),
    "details": (40, _repeat("<details><summary>a</summary>\n\nb\n\n</details>\n\n")),
    "tables": (30, _repeat("| a | b |\n|---|---|\n| c | d |\n\n")),
    "rows": (60, _number("| {k} | a |\n", "| a | b |\n|---|---|\n")),
    "columns": (60, _widen(2)),
    "a square table": (8, lambda n: _widen(n)(n // 2) if n > 1 else ""),
    "a ragged table": (60, _rag),
    "bars": (300, _repeat("|")),
    "bars below a header": (100, _repeat("|", "| a |\n|---|\n")),
    "delimiter rows": (80, _repeat("|---|\n")),
    "escaped bars": (100, _repeat("\\|", "| a |\n|---|\n| ")),
    "cells with links": (40, _number("| [a](b{k}) | `c` |\n", "| a | b |\n|---|---|\n")),
    "cells with bold": (40, _repeat("| \\*\\* Fee \\*\\* | a |\n", "| a | b |\n|---|---|\n")),
    "footnotes": (
        40,
        lambda n: _number("a[^{k}] ")(n) + "\n\n" + _number("[^{k}]: note\n\n")(n),
    ),
    "footnote lines": (60, _number("[^{k}]: note\n")),
    "one footnote, many times": (80, _repeat("a[^1] ", "[^1]: b\n\n")),
    "references": (
        40,
        lambda n: _number("[a][{k}] ")(n) + "\n\n" + _number("[{k}]: /url\n")(n),
    ),
    "definitions of references": (80, _number("[a{k}]: /url\n")),
    "one reference, many times": (80, _repeat("[a] ", "[a]: /url\n\n")),
    "definitions begun": (60, _repeat("[a]:\n\n")),
    "a definition's title": (100, _repeat("b\n", "[a]: /url 'c\n")),
    "definition lists": (50, _number("term {k}\n: text\n\n")),
    "texts of a term": (80, _repeat(": text\n", "term\n")),
    "terms": (80, _repeat("term\n", after=": text\n")),
    "callouts": (40, _number("> [!NOTE] title {k}\n> text\n\n")),
    "nested callouts": (15, lambda n: "".join("> " * k + "[!NOTE]\n" for k in range(1, n))),
    "headings": (60, _number("## Part {k}\n\n")),
    "headings of one name": (60, _repeat("## Part\n\ntext\n\n")),
    "headings of two names": (40, _repeat("## Part\n\n## Part 2\n\n")),
    "headings without a name": (60, _repeat("#\n\n")),
    "headings of one id": (60, _repeat("## Part {#a}\n\n")),
    "headings with attributes": (50, _number("## Part {#a{k} .b c=d}\n\n")),
    "a heading's attributes": (80, _number(".a{k} ", "## Part {", "}\n")),
    "braces after a heading": (200, _repeat("{", "## Part ")),
    "headings of every level": (12, _repeat("# a\n## b\n### c\n#### d\n##### e\n###### f\n")),
    "levels that jump": (30, _repeat("# a\n###### b\n### c\n")),
    "underlined headings": (60, _repeat("Part\n====\n\n")),
    "lines above an underline": (100, _repeat("a\n", after="===\n")),
    "marks after a heading": (300, _repeat("#", "# a ")),
    "spaces after a heading": (300, _repeat(" ", "# a", "#\n")),
    "quotes after a question": (300, _repeat("”", "# What?", "\n")),
    "pseudo-headings": (50, _number("**Part {k}**\n\ntext\n\n")),
    "questions": (50, _number("## Why {k}?\n\nSo.\n\n")),
    "headings in items": (50, _number("- ## Part {k}\n  text\n")),
}
"""Quotes, lists, tables, notes, headings: what makes a page's blocks."""

LABELS: dict[str, tuple[int, Grow]] = {
    "labels": (50, _number("**Label {k}:** text\n\n")),
    "labels in items": (50, _number("- **Label {k}:** text\n")),
    "labels by line": (50, _number("**Label {k}:** text\n")),
    "labels on a line": (50, _number("**Label {k}:** text ")),
    "labels at joints": (50, _number("**Label {k}:** text | ")),
    "labels at dots": (50, _number("**Label {k}:** text · ")),
    "labels of a few names": (
        50,
        lambda n: "".join(f"**{_LABELS[k % 5]}:** text\n\n" for k in range(n)),
    ),
    "labels with dashes": (50, _number("**Label {k}** – text\n\n")),
    "plain labels": (50, _number("Label {k}: text\n")),
    "colons": (300, _repeat(": ", "**a")),
    "spaces in a description": (300, _repeat(" ", "**Goal:** a", "b\n")),
    "stars between tags": (60, _repeat("*<u>", "**a")),
    "labels by line, colons outside": (50, _number("**Label {k}**: text\n")),
    "joints": (200, _repeat(" | ", "**a:** b")),
    "a label over spaces": (300, _repeat(" ", "**Goal", ":** text\n")),
    "a label split over spaces": (300, _repeat(" ", "**Goal:", "** text\n")),
    "spaces after a label": (300, _repeat(" ", "**Goal:**", "text\n")),
    "a label of many words": (150, _repeat("word ", "**", ":** text\n")),
    "a label of many marks": (50, _repeat("*a* ", "**", ":** text\n")),
    "bold phrases": (60, _number("some **words {k}** here. ")),
    "bold sentences": (50, _number("**Sentence {k}.** And more.\n\n")),
    "labels in tags": (50, _number("<b>Label {k}:</b> text\n\n")),
    "labels with breaks": (50, _number("**Label {k}:** text<br>")),
    "labels in a cell": (30, _number("**Label {k}:** text<br>", "| a |\n|---|\n| ", " |\n")),
    "labels in a quote": (50, _number("> **Label {k}:** text\n>\n")),
    "labels without text": (50, _number("**Label {k}:**\n\n")),
    "labels above lists": (30, _number("**Label {k}:**\n- one\n- two\n\n")),
    "labels of links": (50, _number("[Label {k}:](a) text\n\n")),
    "labels around links": (40, _number("**[Label {k}](a):** text\n\n")),
    "stamps": (60, _number("{k}:00 text\n\n")),
    "labels as headings": (40, _number("## Label {k}: text\n\n")),
    "labels in numbered items": (40, _number("{k}. **Label {k}**: text\n")),
}
"""Labelled entries, and what looks like them."""

DAMAGED: dict[str, tuple[int, Grow]] = {
    "escaped pages": (30, _number("\\# Part {k}\n\n\\- item\n\\- item\n\n\\*\\*a:\\*\\* b\n\n")),
    "escaped headings": (60, _number("\\## Part {k}\n\n")),
    "escaped twice": (40, _number("\\\\# Part {k}\n\n\\\\- item\n\n")),
    "escaped bullets": (60, _number("\\- item {k}\n")),
    "escapes among backticks": (
        15,
        lambda n: "\\- a\n" * 3 + "\\- " + " ".join("`" * k for k in range(n, 0, -1)) + " a\n",
    ),
    "spaces in a heading": (300, _repeat(" ", "## ** a **\n\n# a", "b\n")),
    "stops in bold beside CJK": (150, _repeat("。", "**木勺。**也\n\n**木", "a**也\n")),
    "bold beside what shows it": (40, _number("**Part {k}** a\n\n## \\*\\*Part {k}\\*\\*\n\n")),
    "escaped lists": (15, _repeat("\\* item\n\\* item\n\\* item\n\ntext\n\n* a\n\n")),
    "escaped numbers": (60, _number("{k}\\. item\n")),
    "escaped quotes": (60, _number("\\> line {k}\n")),
    "escaped bold": (60, _number("\\*\\*Label {k}:\\*\\* text\n\n")),
    "mojibake": (40, _number("schÃ¶n und grÃ¼n {k}\n")),
    "mojibake on a line": (60, _number("schÃ¶n{k} ")),
    "mojibake in one word": (150, _repeat("Ã¶", "a", "b")),
    "mojibake throughout a word": (80, _repeat("grÃ¼n", "a ")),
    "mojibake with curly quotes": (40, _repeat("“schÃ¶n” – grÃ¼n\n")),
    "mojibake beside URLs": (40, _repeat("schÃ¶n https://a.example/Ã¶ [a](bÃ¶) ")),
    "hopeless words": (50, _repeat("schï¿½n grÃ¼ï¿½n ")),
    "damaged bold headings": (50, _number("## ** Part {k} **\n\n")),
    "escaped bold headings": (50, _number("## \\*\\*Part {k}\\*\\*\n\n")),
    "damaged bold lines": (50, _number("\\*\\* Label {k} \\*\\*\n\n")),
    "damaged labels": (50, _number("** Label {k}:** text\n\n")),
    "damaged labels on a line": (50, _number("** Label {k}:** text ")),
    "wide stars": (50, _number("＊＊注意 {k}＊＊\n\n")),
    "bold beside CJK": (50, _repeat("**木勺很轻，**也耐用。")),
    "bold beside CJK by line": (40, _repeat("**木勺很轻，**也耐用。\n\n")),
    "doubled bold": (50, _number("****Label {k}:**** text\n\n")),
    "bold left open": (50, _number("**Label {k}: text\n\n")),
    "legacy encoding": (60, lambda n: ("schön und grün, " * n).encode("cp1252")),
    "UTF-16": (60, lambda n: ("schön und grün\n" * n).encode("utf-16")),
    "broken UTF-8": (150, lambda n: "grün ".encode() * n + b"\xc3\n"),
    "mixed line ends": (80, _repeat("a\r\nb\rc\n\n")),
    "form feeds": (150, _repeat("a\x0cb\x0b\u2028")),
}
"""What repairs look for."""

FRONT: dict[str, tuple[int, Grow]] = {
    "YAML": (60, _number("key{k}: value\n", "---\n", "---\n")),
    "YAML with colons": (20, _number("key{k}: a: b\n", "---\n", "---\n")),
    "YAML lists": (60, _number("- value {k}\n", "---\nkeys:\n", "---\n")),
    "YAML flow lists": (80, _number("a{k}, ", "---\nkeys: [", "]\n---\n")),
    "YAML texts": (80, _repeat("  line\n", "---\nkey: |\n", "---\n")),
    "YAML comments": (80, _repeat("# line\n", "---\na: 1\n", "---\n")),
    "YAML keys twice": (60, _repeat("key: value\n", "---\n", "---\n")),
    "YAML dates": (50, _number("key{k}: 2024-01-02\n", "---\n", "---\n")),
    "YAML mojibake": (40, _number("key{k}: schÃ¶n\n", "---\n", "---\n")),
    "YAML anchors": (40, _number("k{k}: &a{k} v\nl{k}: *a{k}\n", "---\n", "---\n")),
    "YAML nested": (20, lambda n: "---\n" + _indent("a:\n", 1)(n) + "---\n"),
    "TOML": (60, _number("key{k} = 1\n", "+++\n", "+++\n")),
    "TOML tables": (40, _number("[a{k}]\nb = 1\n", "+++\n", "+++\n")),
    "TOML arrays of tables": (40, _repeat("[[a]]\nb = 1\n", "+++\n", "+++\n")),
    "TOML dotted keys": (50, _number("a.b{k} = 1\n", "+++\n", "+++\n")),
    "JSON": (60, _number('"key{k}": 1', "{\n", "\n}\n", ",\n")),
    "JSON keys twice": (80, _number('"key": {k}', "{\n", "\n}\n", ",\n")),
    "JSON lists": (80, _number("{k}", '{\n"a": [', "]\n}\n", ", ")),
    "JSON nested": (20, lambda n: '{"a": ' * n + "1" + "}" * n + "\n\ntext\n"),
    "front matter left open": (100, _number("key{k}: value\n", "---\n")),
    "front matter missed": (60, _number("key{k}: value\n", "# a\n\n---\n", "---\n")),
    "keys without delimiters": (60, _number("key{k}: value\n")),
    "many breaks": (150, _repeat("---\n")),
}
"""Front matter, and what is none."""

PAGES = {**INLINE, **BLOCKS, **LABELS, **DAMAGED, **FRONT}
"""By name: how many there are of it in a page of a few hundred bytes, and what makes the page."""
