"""Attributes at the end of a heading: `{#id .class key=value}`, `{: #id }`.

As Pandoc (heading identifiers), kramdown and Python-Markdown (attribute lists) and
Docusaurus write them.
"""

from __future__ import annotations

import re

Attributes = dict[str, str | list[str]]

_NAME = r"[^\s{}#.=\"'`<>]+"
_ENTRY = re.compile(
    rf"""#(?P<id>[^\s{{}}=]+)|\.(?P<class>{_NAME})|(?P<key>[\w:-]+)=(?P<value>"[^"]*"|'[^']*'|{_NAME})"""
)
_GAP = re.compile(r"\s+|\Z")
_BRACES = re.compile(r"(?<![\\{])\{:?([^{}]*)(?<!\\)\}\s*$")


def split_attributes(text: str) -> tuple[str, Attributes]:
    """Split what a heading says of itself off its text.

    Braces that hold anything else, or stand alone, are text.

    Args:
        text: Inline source of a heading, or of a bold line that may be one.

    Returns:
        The source without the braces, and the attributes; `class` is a list.

    >>> split_attributes("Is it open? {#open .faq}")
    ('Is it open?', {'id': 'open', 'class': ['faq']})
    >>> split_attributes("The set {1, 2}")
    ('The set {1, 2}', {})
    """
    braces = _BRACES.search(text) if text.endswith("}") else None
    before = text[: braces.start()].rstrip() if braces else ""
    attributes = _read_attributes(braces[1]) if braces and before else None
    return (before, attributes) if attributes else (text, {})


def _read_attributes(text: str) -> Attributes | None:
    """Read what stands between the braces; None if it is no list of attributes."""
    attributes: Attributes = {}
    classes: list[str] = []
    at = 0
    text = text.strip()
    while at < len(text):
        entry = _ENTRY.match(text, at)
        gap = _GAP.match(text, entry.end()) if entry else None
        if entry is None or gap is None:
            return None
        if entry["class"]:
            classes.append(entry["class"])
        elif entry["id"]:
            attributes["id"] = entry["id"]
        else:
            attributes[entry["key"]] = entry["value"].strip("\"'")
        at = gap.end()
    return attributes | ({"class": classes} if classes else {})
