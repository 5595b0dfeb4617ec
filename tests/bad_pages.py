"""Pages that do harm: an extraction that does what the first line of a page says.

Named to workers instead of the real one; as a script it is `extractor` with it,
and with the switches at its end.
"""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NoReturn

import msgspec

from extractor.model import Document
from extractor.pipeline import extract as extract_page
from extractor.run.settings import RunSettings

EXTRACT = "bad_pages:extract"


def extract(
    text: bytes, path: str, *, repair: bool = True, max_result: int | None = 100
) -> Document:
    first, _, _ = text.decode("utf-8", "replace").partition("\n")
    if first.startswith("!"):
        command, *arguments = first[1:].split()
        harm = globals()[f"_{command}"](*arguments)
        if isinstance(harm, Document):
            return harm
    return extract_page(text, path, repair=repair, max_result=max_result)


def __getattr__(name: str) -> object:
    """Kill a worker that is to use the function `start`, before its first page."""
    if name == "start":
        os._exit(7)
    raise AttributeError(name)


def _exit(code: str) -> NoReturn:
    os._exit(int(code))


def _signal(name: str) -> None:
    os.kill(os.getpid(), signal.Signals[name])
    time.sleep(60)


def _once(marker: str) -> None:
    """Die as if the system had killed the process, but only the first time."""
    if not Path(marker).exists():
        Path(marker).touch()
        _signal("SIGKILL")


def _unless(marker: str) -> None:
    """Fail unless there is a file."""
    if not Path(marker).exists():
        raise LookupError(marker)


def _raise() -> None:
    raise LookupError("nothing here")


def _swallow(marker: str | None = None) -> None:
    """Loop in Python, and catch whatever can be caught as an error; first make a file."""
    if marker:
        Path(marker).touch()
    while True:
        with suppress(Exception):
            time.sleep(0.01)


def _stuck(marker: str | None = None) -> None:
    """Loop in C, where no signal handler of Python runs; first make a file."""
    if marker:
        Path(marker).touch()
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)


def _eat() -> None:
    """Take more memory than there is."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (2**31, before[1]))
    try:
        bytearray(2**33)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _sleep(seconds: str) -> None:
    time.sleep(float(seconds))


def _invalid() -> Document:
    """Make a document that breaks its schema."""
    document = extract_page(b"# Title\n", "a.md")
    section = msgspec.structs.replace(document.sections[0], level=7)
    return msgspec.structs.replace(document, sections=[section])


def _huge(power: str) -> Document:
    """Make a document with a number that is too large for tables, or for messages too."""
    document = extract_page(b"# Title\n", "d1/4.md")
    (section,) = document.sections
    assert section.span is not None
    span = msgspec.structs.replace(section.span, line=2 ** int(power))
    return msgspec.structs.replace(document, sections=[msgspec.structs.replace(section, span=span)])


def main() -> None:
    from extractor.cli import cli, run

    vars(run)["RunSettings"] = partial(RunSettings, extract=EXTRACT)
    _die_at_rename(int(os.environ.get("DIE_AT_RENAME", "0")))
    cli(prog_name="extractor")


def _die_at_rename(number: int) -> None:
    """Kill this process instead of renaming a file for the nth time; 0 for never."""
    replace = os.replace
    left = number

    def count(*arguments: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(*arguments)

    os.replace = count  # type: ignore[assignment]


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
