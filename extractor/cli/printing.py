"""What is printed: the one door to the terminal, to a log, to a pipe.

Names, pages, schemas and messages come from strangers. A terminal obeys escape sequences, and
GitHub Actions obeys lines of a log (workflow commands): neither may come from them.
"""

from __future__ import annotations

import os
import re

import click

from extractor.wording import COMMAND_IN_LINE, disarm, reveal_lines

_UNSEEN = re.compile("[\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)")
_CONTROL_1 = re.compile("[\x80-\x9f]")


def print_text(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print text for people; its line ends stay, whatever else a terminal obeys is shown.

    Args:
        text: Some lines.
        err: Whether to print on standard error.
        nl: Whether to end the last line.
    """
    click.echo(reveal_lines(text), nl=nl, err=err)


def print_json(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print JSON as UTF-8; what a terminal obeys is escaped, so that its meaning is the same.

    Args:
        text: JSON, or a part of it.
        err: Whether to print on standard error.
        nl: Whether to end the line.
    """
    click.echo(escape_json(text).encode() + b"\n" * nl, nl=False, err=err)


def escape_json(text: str) -> str:
    r"""Escape what JSON lets through and a terminal or a log would obey.

    >>> escape_json('["a\x9b1m", "##[error]b"]')
    '["a\\u009b1m", "##\\u005berror]b"]'
    """
    text = _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return COMMAND_IN_LINE.sub(r"##\\u005b", text)


def print_patch(patch: bytes) -> None:
    """Print a patch: its bytes, but for control characters, which no page should have.

    In a log of GitHub Actions, no line of it is a command.
    """
    shown = _CONTROL.sub(lambda match: b"\\x%02x" % match[0][0], patch)
    try:
        text = _CONTROL_1.sub(lambda match: f"\\x{ord(match[0]):02x}", shown.decode())
    except UnicodeDecodeError:  # a page in another encoding: its bytes
        click.echo(shown, nl=False)
        return
    if os.environ.get("GITHUB_ACTIONS"):
        text = "\n".join(map(disarm, text.split("\n")))
    click.echo(text.encode(), nl=False)
