"""Names of pages: which can be the path of a file below a folder, and how the others are shown.

A name may come from a stranger: from a directory listing over HTTP, the keys of an object
store, the members of an archive. Outputs are written under it, so that it may lead nowhere
but down.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import NamedTuple


class _Fault(NamedTuple):
    """What may be wrong with a name.

    Attributes:
        is_in: Tells whether it is, in a name.
        message: Ends the sentence "The name can't be a path: …".
    """

    is_in: Callable[[str], object]
    message: str


_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_DRIVE = re.compile(r"[A-Za-z]:")
_RESERVED = re.compile(
    r"(?:^|/)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])[ ]*(?:[.:][^/]*)?(?:/|$)|[. ](?:/|$)",
    re.I,
)


def _has_part(*parts: str) -> Callable[[str], bool]:
    return lambda name: not set(parts).isdisjoint(name.split("/"))


_FAULTS = (
    _Fault(lambda name: name.startswith("/"), "it is absolute"),
    _Fault(_has_part(".", ".."), "`.` and `..` lead to other folders"),
    _Fault(_has_part(""), "a part of it is empty"),
    _Fault(_DRIVE.match, "it begins like the letter of a drive"),
    _Fault(_CONTROL.search, "there are control characters in it"),
)
_WINDOWS_FAULTS = (
    _Fault(lambda name: "\\" in name, "a backslash separates folders here"),
    _Fault(lambda name: ":" in name, "a colon names another stream of a file here"),
    _Fault(_RESERVED.search, "Windows reserves it, or drops the end of it"),
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_URL_FAULTS = (
    _Fault(lambda name: "::" in name, "`::` would be read as the link of a chain"),
    _Fault(_SURROGATE.search, "it is no Unicode text"),
)


_ODD = r"/\\:\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_PLAIN = re.compile(rf"[^.{_ODD}][^{_ODD}]*(?:/[^.{_ODD}][^{_ODD}]*)*+")


def is_plain(name: str) -> bool:
    """Tell at little cost that nothing is wrong with a name: most are like this (0.5 µs)."""
    return os.name != "nt" and _PLAIN.fullmatch(name) is not None


def find_fault(name: str, *, in_url: bool = False, windows: bool = os.name == "nt") -> str | None:
    """Say what keeps a name from being a path below a folder; None if nothing does.

    Args:
        name: What a listing calls the page, relative to the folder listed.
        in_url: Whether a URL is made of it, to read the page.
        windows: Whether the outputs lie on Windows, where more names are special.

    >>> find_fault("docs/v1.2/a b: c.md"), find_fault("docs/../../a.md")
    (None, '`.` and `..` lead to other folders')
    """
    faults = (*_FAULTS, *(_WINDOWS_FAULTS if windows else ()), *(_URL_FAULTS if in_url else ()))
    return next((fault.message for fault in faults if fault.is_in(name)), None)


_SPECIAL = re.compile(r"(?<![^/])\.{1,2}(?![^/])|(?<![^/])(?=/|\Z)|(?<=\A[A-Za-z]):|\\")


def spell_name(name: str) -> str:
    r"""Write a name that can't be a path so that it can, and differs from that of other names.

    Backslashes stand before what is wrong, and bytes that are no UTF-8 are named.

    >>> spell_name("//etc/../x\x1b.md"), spell_name("C:/caf\udce9.md")
    ('\\/\\/etc/\\../x\\x1b.md', 'C\\:/caf\\xe9.md')
    """
    marked = _SPECIAL.sub(lambda match: f"\\{match[0]}", name)
    shown = _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), marked)
    return spell_bytes(shown)


def spell_bytes(name: str) -> str:
    r"""Name the bytes of a name that are no UTF-8, which Python holds as lone surrogates.

    >>> spell_bytes("caf\udce9.md")
    'caf\\xe9.md'
    """
    try:
        data = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        data = name.encode("utf-8", "surrogatepass")
    return data.decode("utf-8", "backslashreplace")


def read_name(name: str) -> str:
    """Read a name as the path it is, with U+FFFD for bytes that are no UTF-8.

    Such a name has lone surrogates in it, which JSON can't hold.
    """
    if name.isascii() or not _SURROGATE.search(name):
        return name
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
