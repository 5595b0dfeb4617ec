"""Bare URLs and e-mail addresses as links (GFM 6.9, autolinks).

A URL takes precedence over all other inlines, as in GitHub's parser, but for
brackets that are open. Addresses are looked for in what is text in the end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from re import Match

from mistune import InlineParser, Markdown
from mistune.core import InlineState
from mistune.util import escape_url

from extractor.markdown.lines import Token


def may_hold_links(text: str) -> bool:
    """Tell whether a text can hold a bare URL."""
    return "://" in text or "www." in text


def read_bare_urls(md: Markdown) -> None:
    """Teach a parser URLs without brackets."""
    md.inline.register("bare_url", r":(?=//)|w(?=ww\.)", _parse_url, start_chars=(":", "w"))


_SCHEME = re.compile(r"(?:https?|ftp)\Z", re.I)
_LETTERS = re.compile(r"[A-Za-z]*\Z")
_REST = re.compile(r"[^\s<]*")
_BEFORE_WWW = frozenset("*_~(")


def _parse_url(inline: InlineParser, m: Match[str], state: InlineState) -> int | None:
    if state.brackets:
        return None
    found = _find_start(state.src, m.start())
    if found is None:
        return None
    start, domain = found
    if not _is_domain(state.src, domain):
        return None
    rest = _REST.match(state.src, start)
    assert rest
    url = cut_end(rest.group())
    if not url or not _take_back(state, m.start() - start):
        return None
    target = url if state.src[m.start()] == ":" else f"http://{url}"
    state.append_token(_build_link(url, target, "url"))
    return start + len(url)


def _find_start(src: str, pos: int) -> tuple[int, int] | None:
    """Give where a URL begins that is noticed at its `:` or `w`, and where its domain does."""
    if src[pos] == "w":
        before = src[pos - 1 : pos]
        is_start = not before or before.isspace() or before in _BEFORE_WWW
        return (pos, pos) if is_start and _is_host_char(src[pos + 4 : pos + 5] or " ") else None
    letters = _LETTERS.search(src, max(pos - 10, 0), pos)
    if not letters or not _SCHEME.fullmatch(letters.group()):
        return None
    after = src[pos + 3 : pos + 4]
    return (letters.start(), pos + 3) if after.isalnum() else None


def _is_domain(src: str, pos: int) -> bool:
    """Tell whether a domain stands here: no underscore in its last two parts."""
    end = pos
    # As in GitHub's parser, a last `_` is not asked about: `_https://a.test_` is emphasised.
    while end < len(src) - 1 and (src[end] in "-_." or _is_host_char(src[end])):
        end += 1
    parts = src[pos:end].split(".")
    return "_" not in "".join(parts[-2:]) or len(parts) > 11


def _is_host_char(char: str) -> bool:
    return char.isalnum() or not (char.isspace() or unicodedata.category(char)[0] in "PSC")


_TRAILING = frozenset("?!.,:*_~'\"")
_ENTITY_END = re.compile(r"&[A-Za-z]+;\Z")


def cut_end(url: str) -> str:
    """Take off what a URL is not meant to end in: stops, brackets too many, an entity."""
    surplus = url.count(")") - url.count("(")
    end = len(url)
    while end:
        last = url[end - 1]
        if last == ")" and surplus > 0:
            surplus -= 1
            end -= 1
        elif last in _TRAILING:
            end -= 1
        elif last == ";":
            entity = _ENTITY_END.search(url, max(end - 40, 0), end)
            end = entity.start() if entity else end - 1
        else:
            break
    return url[:end]


def _take_back(state: InlineState, length: int) -> bool:
    """Take the scheme off the text that was read before its colon."""
    if not length:
        return True
    last = state.tokens[-1] if state.tokens else None
    if last is None or last["type"] != "text" or len(last["raw"]) < length:
        return False
    last["raw"] = last["raw"][:-length]
    return True


def _build_link(text: str, url: str, kind: str) -> Token:
    children = [{"type": "text", "raw": text}]
    return {"type": "link", "children": children, "attrs": {"url": escape_url(url)}, "bare": kind}


# --- addresses ----------------------------------------------------------------------------

_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9.+_-])(?:(?:mailto|xmpp):)?[A-Za-z0-9.+_-]++"
    r"@(?:[A-Za-z0-9_-]|\.(?=[A-Za-z0-9]))++(?!@)"
)


def link_addresses(tokens: Sequence[Token]) -> list[Token]:
    """Make links of the addresses in text, but not in that of links and images."""
    linked: list[Token] = []
    for token in tokens:
        if token["type"] == "text":
            linked += _split_addresses(token["raw"]) if "@" in token["raw"] else [token]
        elif "children" in token and token["type"] not in ("link", "image"):
            linked.append(token | {"children": link_addresses(token["children"])})
        else:
            linked.append(token)
    return linked


def _split_addresses(raw: str) -> Iterator[Token]:
    pos = 0
    for match in _ADDRESS.finditer(raw):
        name, _, domain = match.group().partition("@")
        if "." not in domain or not domain[-1].isalpha():
            continue
        if match.start() > pos:
            yield {"type": "text", "raw": raw[pos : match.start()]}
        text = match.group()
        yield _build_link(text, text if ":" in name else f"mailto:{text}", "address")
        pos = match.end()
    if pos < len(raw):
        yield {"type": "text", "raw": raw[pos:]}
