"""The page around a report: one HTML file that needs nothing else.

Each page of the report lies in a script block of its own, as base64 of deflated
JSON, and is unpacked when it is looked at; so thousands open at once. Only the
style and the program that stand here may run: the file's own content security
policy names their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any, BinaryIO

import msgspec

from extractor.frontmatter.detection import read_front_matter
from extractor.model import PageRejected
from extractor.source.decoding import Source, read_source
from extractor.version import __version__

_WIDTHS = {"utf-8": 8, "utf-16-le": 16, "utf-16-be": 16, "utf-32-le": 32, "utf-32-be": 32}
"""Bits of the code unit of each encoding; all others have one byte a character."""

_PROGRAM = (
    "elements",
    "data",
    "list",
    "overview",
    "page",
    "source",
    "light",
    "structure",
    "records",
    "changes",
    "keys",
)
"""The files of the program, in their order: the last one starts it."""


class ShellWriter:
    """Writes a report page by page; memory holds one at a time.

    Attributes:
        number: Pages written so far.
    """

    def __init__(self, out: BinaryIO, title: str) -> None:
        """Write the head.

        Args:
            out: Where to write.
            title: Shown at the top, plain text.
        """
        self.number = 0
        self._out = out
        shell = Template(_read_asset("shell.html"))
        style, self._program = _read_asset("style.css"), _join_program()
        self._write(
            shell.substitute(
                policy=_write_policy(style, self._program),
                style=style,
                title=escape(title),
                version=__version__,
            )
        )

    def add_page(self, payload: bytes) -> None:
        """Write one page.

        Args:
            payload: JSON of what the program draws.
        """
        packed = base64.b64encode(zlib.compress(payload, 6)).decode()
        self._write(f'<script type="text/plain" id="p{self.number}">{packed}</script>\n')
        self.number += 1

    def close(self, index: dict[str, Any]) -> None:
        """Write the index of all pages, and the program.

        Args:
            index: What the list and the summary show.
        """
        text = escape_script(msgspec.json.encode(index).decode())
        self._write(f'<script type="application/json" id="index">{text}</script>\n')
        self._write(f"<script>{self._program}</script>\n</body>\n</html>\n")

    def _write(self, text: str) -> None:
        self._out.write(text.encode("utf-8", "surrogatepass"))


@cache
def _read_asset(name: str) -> str:
    return (files("extractor.report") / name).read_text(encoding="utf-8")


def _join_program() -> str:
    """Join the files of the program in one scope of their own."""
    parts = [_read_asset(f"program/{name}.js") for name in _PROGRAM]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


def _write_policy(style: str, program: str) -> str:
    """Write the content security policy: nothing is loaded, nothing else is run."""
    rules = {
        "default-src": "'none'",
        "style-src": _hash_source(style),
        "script-src": _hash_source(program),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hash_source(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def escape_script(text: str) -> str:
    r"""Escape JSON for a script block: no page text can end the block or open a comment.

    >>> escape_script('["</script><!--"]')
    '["\\u003c/script\\u003e\\u003c!--"]'
    """
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def show_source(data: bytes | None, path: str) -> dict[str, Any] | None:
    """Prepare a page's source for the program.

    Returns:
        `lines`, `starts` (the byte offset of each), `width` (bits of the code unit of its
        UTF, 0 for an encoding with one byte a character) and `body_line`, at which the
        front matter is over. None where it is no text.
    """
    if data is None:
        return None
    try:
        source = read_source(data, path)
    except PageRejected:
        return None
    return {
        "lines": source.lines,
        "starts": source.starts,
        "width": _WIDTHS.get(source.info.encoding, 0),
        "body_line": _find_body(source),
    }


def _find_body(source: Source) -> int:
    """Return the line at which the front matter is over."""
    try:
        return read_front_matter(source).body_line
    except PageRejected:
        return 1
