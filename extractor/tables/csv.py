"""Tables as CSV."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import IO, Any, Self

from extractor.tables.columns import ColumnKind, Columns, Row


class CsvWriter:
    """Write CSV (RFC 4180, but LF line ends) in UTF-8 with a header.

    No value is empty, the empty string is ``""``. See `protect_text` for what
    a spreadsheet might take for a formula.
    """

    def __init__(self, file: IO[bytes], columns: Columns) -> None:
        """Write to `file`, which stays open."""
        self._file = file
        self._renders = [_CSV_RENDERS[kind] for _, kind in columns]
        self.append(_join_lines([",".join(_render_text(name) for name, _ in columns)]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Leave the file as it is: there is nothing to end."""

    def write(self, rows: Iterable[Row]) -> None:
        """Append rows."""
        self.append(self.prepare(rows))

    def prepare(self, rows: Iterable[Row]) -> bytes:
        """Turn rows into lines."""
        renders = self._renders
        return _join_lines(
            ",".join(
                [
                    "" if value is None else render(value)
                    for render, value in zip(renders, row, strict=True)
                ]
            )
            for row in rows
        )

    def append(self, prepared: bytes) -> None:
        """Append lines."""
        self._file.write(prepared)


def _join_lines(lines: Iterable[str]) -> bytes:
    return "".join([f"{line}\n" for line in lines]).encode()


# What opens a formula in Excel, LibreOffice or Google Sheets (OWASP, "CSV Injection"), and the
# mark before it. The mark is counted in, so that taking one mark off always gives the text back.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")

# Numbers and dashes open with a formula's sign, but compute nothing.
_HARMLESS = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?\s?%?|[+-]+")
_QUOTED = re.compile(r'[",\r\n]')


def protect_text(text: str) -> str:
    """Keep a spreadsheet from reading a text as a formula, by an apostrophe before it.

    Concerns texts that open with one of ``= + - @`` (also fullwidth), tab or line end, after any
    apostrophes; numbers such as ``-5`` and lone dashes stay as they are. `restore_text` undoes it.

    >>> protect_text("=1+1"), protect_text("-5"), protect_text("'tis")
    ("'=1+1", '-5', "'tis")
    """
    if _FORMULA.match(text) and not _HARMLESS.fullmatch(text):
        return f"'{text}"
    return text


def restore_text(text: str) -> str:
    """Give the text that `protect_text` made `text` of.

    >>> restore_text("'=1+1"), restore_text("-5"), restore_text("'tis")
    ('=1+1', '-5', "'tis")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _render_text(text: str) -> str:
    text = protect_text(text)
    if not text or _QUOTED.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def _render_boolean(value: bool) -> str:
    return "true" if value else "false"


_CSV_RENDERS: dict[ColumnKind, Callable[[Any], str]] = {
    "string": _render_text,
    "integer": str,
    "boolean": _render_boolean,
    "number": repr,
}
