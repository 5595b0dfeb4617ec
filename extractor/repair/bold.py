r"""Damaged bold that labels nothing: a heading, a cell, a line, a phrase beside CJK.

What stands alone in its place was meant as bold if its markers are there but
for a space, a backslash or their width: `## ** Overview **`, `| \*\* Fee \*\* |`,
`＊＊注意＊＊`. Stars that someone escaped to show them, `\*\*not bold\*\*`, stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence, Set
from itertools import pairwise

from extractor.markdown.parser import Node
from extractor.repair.nodes import ProseLines, number_prose, walk_nodes, walk_tokens
from extractor.repair.rewriting import NO_REPAIRS, LineEdit, LineFinding, Repairs

_WIDE = "\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_ENTITY = r"&(?:ast|\#42|\#x2a);"
_MARKS = rf"(?:\*\*|__|＊＊|\\\*\\?\*|\\＊\\?＊|\* \*|(?:{_ENTITY}){{2}})"
_WHOLE = re.compile(
    rf"(?P<open>{_MARKS}[ \t\u00a0]*)(?P<name>(?![ \t\u00a0])[^*＊\\|`\n]{{1,90}}?)"
    rf"(?P<close>[ \t\u00a0]*{_MARKS})(?=\s*$)"
)
_HEADING = re.compile(r"[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*#{1,6}[ \t]+")
_CLOSING_MARKS = re.compile(r"(?<![ \t])[ \t]++#++[ \t]*$")
_BOLD = re.compile(r"(?<=\*\*)[^*＊\\|`\n]++(?=\*\*)")
_BAR = re.compile(r"(?<!\\)\|")
_LINE_SIGN = re.compile(
    r"[ \t>]*+#{1,6}[ \t]+\* \*[ \t]"
    r"|[ \t>]*+(?:(?:[-+*]|\d{1,9}[.)]|#{1,6})[ \t]++)*+"
    r"(?:(?:\*\*|__|\* \*)[ \t\u00a0]|(?:\*\*|__)[^*]+[ \t\u00a0](?:\*\*|__)[ \t]*(?:#+[ \t]*)?$"
    r"|\\\*|\\?＊|&ast;|&#42;|&#x2a;)"
)
_CELL_SIGN = re.compile(
    r"(?:\||^)[ \t]*(?:(?:\*\*|__|\* \*)[ \t\u00a0]"
    r"|(?:\*\*|__)[^|*]+[ \t\u00a0](?:\*\*|__)[ \t]*(?:\||$)|\\\*|\\?＊|&ast;|&#42;|&#x2a;)"
)
_TOUCHING_SIGN = re.compile(rf"\*\*(?:(?<=[^\w\s*\\]\*\*)[{_WIDE}]|(?<=[{_WIDE}]\*\*)[^\w\s*\\])")
_SIGNS = ("*", "＊", "__", "&ast;", "&#42;", "&#x2a;")


def _shows_sign(line: str) -> bool:
    """Tell whether a line may be damaged bold, or a cell of it."""
    return bool(_LINE_SIGN.match(line) or ("|" in line and _CELL_SIGN.search(line)))


def find_damaged_bold(lines: Sequence[str], first: int, nodes: Sequence[Node]) -> Repairs:
    """Find damaged bold that is all of a heading, a cell or a paragraph, or stands beside CJK.

    Args:
        lines: The page's lines, front matter included.
        first: Number of the body's first line.
        nodes: The body as it was parsed with them.
    """
    text = "\n".join(lines[first - 1 :])
    found = [*_find_whole(lines, first, nodes, text), *_find_touching(lines, first, nodes, text)]
    edits: dict[int, list[LineEdit]] = {}
    findings = []
    for number, pair in found:
        if not edits.get(number) or edits[number][-1].end <= pair[0].start:
            edits.setdefault(number, []).extend(pair)
            findings.append(LineFinding("damaged-bold", number, pair[0].start, pair[-1].end))
    return Repairs(edits, findings) if findings else NO_REPAIRS


# --- bold that is all there is -----------------------------------------------------------


def _find_whole(
    lines: Sequence[str], first: int, nodes: Sequence[Node], text: str
) -> Iterator[tuple[int, list[LineEdit]]]:
    signs = [sign for sign in _SIGNS if sign in text]
    signed = [line for sign in signs for line in lines[first - 1 :] if sign in line]
    if not any(map(_shows_sign, signed)):
        return
    prose = number_prose(lines, first, nodes)
    bold = frozenset(_BOLD.findall(text))
    for node in walk_nodes(nodes):
        if node.type == "table":
            yield from _find_cells(node, prose, bold)
        elif node.line == node.end_line - (node.attrs.get("style") == "setext") and (
            node.line in prose
        ):
            pair = _read_node(node, prose[node.line], bold)
            if pair:
                yield node.line, pair


def _read_node(node: Node, line: str, bold: Set[str]) -> list[LineEdit] | None:
    """Read a heading or paragraph of one line."""
    if node.type == "heading" and node.attrs["style"] == "atx":
        marks, closing = _HEADING.match(line), _CLOSING_MARKS.search(line)
        end = closing.start() if closing else len(line)
        return _read_whole(line, marks.end(), end, bold, titled=True) if marks else None
    start = len(line.rstrip()) - node.tail
    if node.type in ("paragraph", "block_text", "heading") and start >= 0:
        return _read_whole(line, start, len(line), bold)
    return None


def _find_cells(
    table: Node, prose: ProseLines, bold: Set[str]
) -> Iterator[tuple[int, list[LineEdit]]]:
    for number in range(table.line, table.end_line + 1):
        line = prose.get(number, "")
        if not _shows_sign(line):
            continue
        is_header = number == table.line
        bars = [-1, *(match.start() for match in _BAR.finditer(line)), len(line)]
        cells = [
            _read_whole(line, start + 1, end, bold, titled=is_header)
            for start, end in pairwise(bars)
            if line[start + 1 : end].strip()
        ]
        yield from ((number, pair) for pair in cells if pair)


def _read_whole(
    line: str, start: int, end: int, bold: Set[str], *, titled: bool = False
) -> list[LineEdit] | None:
    """Read a stretch of a line that is damaged bold and nothing else.

    Args:
        line: The line.
        start: Where the stretch begins, spaces before it included.
        end: Where it ends.
        bold: What is bold elsewhere on the page, and only shown here.
        titled: Whether it is a heading or a column's name, where nobody shows markup.
    """
    piece = line[start:end]
    match = _WHOLE.match(piece.lstrip())
    if not match or match["name"].rstrip().endswith((":", "：")):
        return None
    if not any(char.isalpha() for char in match["name"]):
        return None
    if match["open"] == match["close"] in ("**", "__") or _is_shown(match, bold, titled):
        return None
    if "_" in match["open"] + match["close"] and not titled:
        # A blank to fill in: `__ metres __`.
        return None
    at = start + len(piece) - len(piece.lstrip())
    return [
        LineEdit(at, at + match.end("open"), "**"),
        LineEdit(at + match.start("close"), at + match.end("close"), "**"),
    ]


def _is_shown(match: re.Match[str], bold: Set[str], titled: bool) -> bool:
    """Tell whether escaped stars are there to be seen, as in prose about Markdown."""
    opener, closer = match["open"], match["close"]
    if opener[0] not in "\\&" or not closer.strip().startswith(("\\", "&")):
        return False
    if opener[-1].isspace() or closer[0].isspace():
        return False
    name = match["name"]
    return not titled or name[0].islower() or name in bold


# --- bold beside scripts without spaces --------------------------------------------------------

_RUN = re.compile(r"(?P<code>(?P<ticks>`+)[^`]+(?P=ticks))|(?<![*\\])\*\*(?!\*)|(?P<other>\*+|\\.)")
_LEADING = re.compile(r"[^\w\s*`\[\]<>\\$~_!]+")
_TRAILING = re.compile(r"(?<![^\w\s*`\[<\\$~_])[^\w\s*`\[<\\$~_]++\Z")
_OPENS_ITEM = re.compile(r"[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)?")
_IS_WIDE = re.compile(f"[{_WIDE}]")
_COLONS = (":", "：", "︰", "﹕")
_RUN_IN = re.compile(r"^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)?\*\*[^*\n]*[。.!?！？]\*\*", re.M)


def _find_touching(
    lines: Sequence[str], first: int, nodes: Sequence[Node], text: str
) -> Iterator[tuple[int, list[LineEdit]]]:
    """Find bold whose punctuation touches the next word: `**木勺很轻，**也耐用。`.

    CommonMark (6.2) takes such stars for text; with the punctuation outside they are markers.
    """
    if text.isascii() or not _TOUCHING_SIGN.search(text):
        return
    literal = _list_literal(nodes)
    if not literal:
        return
    prose = number_prose(lines, first, nodes)
    run_ins = sum(bool(_RUN_IN.match(line)) for line in prose.values())
    for number in sorted(literal):
        line = prose.get(number, "")
        if _IS_WIDE.search(line):
            yield from ((number, pair) for pair in _read_touching(line, run_ins > 1))


def _list_literal(nodes: Sequence[Node]) -> set[int]:
    """List the lines of text in which stars are no markers to the parser."""
    found: set[int] = set()
    for node in walk_nodes(nodes):
        if node.type == "table":
            cells = (cell for row in node.attrs["rows"] for cell in row)
            tokens = [token for cell in cells for token in walk_tokens(cell)]
        else:
            tokens = list(walk_tokens(node.inlines))
        if any("**" in token["raw"] for token in tokens if token["type"] == "text"):
            found.update(range(node.line, node.end_line + 1))
    return found


def _read_touching(line: str, is_run_in: bool) -> Iterator[list[LineEdit]]:
    runs = [match for match in _RUN.finditer(line) if match["code"] is None]
    if any(run["other"] for run in runs) or len(runs) % 2:
        return
    pairs = [(one.start(), two.start()) for one, two in zip(runs[::2], runs[1::2], strict=True)]
    if any(_is_hollow(line[start + 2 : end]) for start, end in pairs):
        return
    opening = _OPENS_ITEM.match(line)
    first = opening.end() if opening else 0
    for start, end in pairs:
        inner = line[start + 2 : end]
        if inner.endswith(_COLONS) or (start == first and is_run_in and inner[-1] in "。.!?！？"):
            continue
        if pair := _move_punctuation(line, start, end):
            yield pair


def _is_hollow(inner: str) -> bool:
    return not inner or inner != inner.strip() or "](" in inner or "<" in inner


def _move_punctuation(line: str, start: int, end: int) -> list[LineEdit] | None:
    """Put the punctuation at the edges of a bold phrase outside its markers.

    Args:
        line: The line.
        start: Of the opening stars.
        end: Of the closing stars.
    """
    before, after = line[max(start - 1, 0) : start], line[end + 2 : end + 3]
    leading, trailing = _LEADING.match(line, start + 2, end), _TRAILING.search(line, start + 2, end)
    is_opened = not (leading and _is_word(before))
    is_closed = not (trailing and _is_word(after))
    if (is_opened and is_closed) or not _IS_WIDE.search(line[start:end] + before + after):
        return None
    head = leading[0] if leading else ""
    tail = trailing[0] if trailing else ""
    if is_opened and not (head and tail and _mirrors(head[0], tail[-1])):
        head = ""
    if is_closed and not (head and tail and _mirrors(head[0], tail[-1])):
        tail = ""
    name = line[start + 2 + len(head) : end - len(tail)]
    if not name or not _is_word(name[0]) or not _is_word(name[-1]):
        return None
    return [
        LineEdit(start, start + 2 + len(head), f"{head}**"),
        LineEdit(end - len(tail), end + 2, f"**{tail}"),
    ]


def _mirrors(one: str, other: str) -> bool:
    """Tell whether two characters are a pair of quotes or brackets."""
    return unicodedata.category(one) in ("Ps", "Pi") and unicodedata.category(other) in ("Pe", "Pf")


def _is_word(char: str) -> bool:
    return bool(char) and (char.isalnum() or unicodedata.category(char)[0] in "MN")
