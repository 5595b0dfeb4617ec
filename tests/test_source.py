"""Bytes to lines and back: encodings, line ends, offsets."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extractor.model import PageRejected, Span
from extractor.source.decoding import Source, read_source

UNICODE = ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
PAGES = st.text(
    st.one_of(
        st.sampled_from("\n\r\0\v\f\x1c\x85\u2028\u2029\ufeffa# -é\u0416漢😀"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)


def encode(text: str, encoding: str) -> bytes:
    """Encode as a program that writes pages does: UTF-16 and UTF-32 with their mark."""
    mark = "\ufeff" if encoding.startswith(("utf-16", "utf-32")) else ""
    return (mark + text).encode(encoding)


def split_lines(text: str) -> list[str]:
    """Split at LF, CRLF and CR, one character at a time: slow, and plainly right."""
    lines, line, behind = [], "", False
    for at, character in enumerate(text):
        behind = character in "\r\n"
        if character == "\r" and text[at + 1 : at + 2] == "\n":
            continue
        if behind:
            lines.append(line)
            line = ""
        else:
            line += character
    return lines if behind or not text else [*lines, line]


def reject_of(data: str | bytes) -> tuple[str, int | None]:
    with pytest.raises(PageRejected) as caught:
        read_source(data, "p.md")
    assert caught.value.reject.path == "p.md"
    return caught.value.reject.rule, caught.value.reject.line


def found(source: Source) -> list[tuple[str, Span | None]]:
    return [(diagnostic.rule, diagnostic.span) for diagnostic in source.diagnostics]


def check_offsets(source: Source, data: bytes) -> None:
    """Hold that every place in the text is where the file has it."""
    encoding = source.info.encoding
    previous = 0
    for number, line in enumerate(source.lines, 1):
        offsets = [source.offset(number, column) for column in range(len(line) + 1)]
        assert offsets[0] == source.starts[number - 1]
        assert previous <= offsets[0]
        assert offsets == sorted(set(offsets))
        previous = offsets[-1]
        for column, (start, end) in enumerate(pairwise(offsets)):
            assert data[start:end].decode(encoding).replace("\0", "\ufffd") == line[column]
    assert previous <= len(data)


# Lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("\n", [""]),
        ("\n\n", ["", ""]),
        ("a\n\nb", ["a", "", "b"]),
        ("a\r\nb\r\n", ["a", "b"]),
        ("a\rb\r", ["a", "b"]),
        ("a\n\rb", ["a", "", "b"]),
        ("a\r\r\nb", ["a", "", "b"]),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("a\vb\fc\x1cd\x1de", ["a\vb\fc\x1cd\x1de"]),
        ("f\x85g\u2028h\u2029i", ["f\x85g\u2028h\u2029i"]),
    ],
)
@pytest.mark.parametrize("encoding", UNICODE)
def test_lines_end_at_lf_crlf_and_cr_only(text: str, lines: list[str], encoding: str) -> None:
    source = read_source(encode(text, encoding), "p.md")
    assert source.lines == lines
    assert source.info.lines == len(lines) == len(source.starts)


@given(PAGES, st.sampled_from(UNICODE))
@example("\ufeff\ufeff\n", "utf-8")
@example("é\0\r\n\0\0", "utf-16-le")
def test_offsets_lead_back_to_the_text(text: str, encoding: str) -> None:
    data = encode(text, encoding)
    source = read_source(data, "p.md")
    marked = encoding == "utf-8" and text.startswith("\ufeff")
    plain = text[1:] if marked else text
    assert source.lines == [line.replace("\0", "\ufffd") for line in split_lines(plain)]
    check_offsets(source, data)


@given(st.binary(max_size=80))
@example(b"\xff\xfe\x00")
@example(b"\xef\xbb\xbf\xe9")
@example(b"caf\xe9\r\n\x1a")
def test_any_bytes_give_a_source_or_a_reject(data: bytes) -> None:
    try:
        source = read_source(data, "p.md")
    except PageRejected:
        rule, line = reject_of(data)
        assert rule == "undecodable-bytes"
        assert line is not None
        return
    assert source.info.bytes == len(data)
    assert source.info.sha256 == hashlib.sha256(data).hexdigest()
    check_offsets(source, data)


@given(st.text(max_size=60))
def test_text_counts_as_its_utf_8_bytes(text: str) -> None:
    assert read_source(text, "p.md") == read_source(text.encode(), "p.md")


@given(st.text(st.sampled_from("ab\ud83d\ude00\udfff\r\n\0"), max_size=30))
def test_lone_surrogates_become_replacement_characters(text: str) -> None:
    source = read_source(text, "p.md")
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    lone = [re.search("[\ud800-\udfff]", line) for line in split_lines(joined)]
    reported = [span for rule, span in found(source) if rule == "lone-surrogate"]
    assert len(reported) == sum(match is not None for match in lone)
    assert "".join(source.lines).replace("\ufffd", "") == re.sub("[\r\n\0\ufffd]", "", whole)


def test_a_lone_surrogate_is_reported_at_its_place() -> None:
    source = read_source("\ufeffé\n😀\udc00x\n", "p.md")
    assert source.lines == ["é", "😀\ufffdx"]
    assert found(source) == [("lone-surrogate", Span(2, 2, 10, 13))]


# Offsets


def test_offset_counts_the_mark_and_the_bytes_of_characters() -> None:
    source = read_source("é#\r\n😀x".encode("utf-8-sig"), "p.md")
    assert source.starts == [3, 8]
    assert [source.offset(2, column) for column in range(3)] == [8, 12, 13]
    assert source.span(1, 1, 2, 1) == Span(1, 2, 5, 12)


def test_offset_behind_the_last_line_is_the_end_of_the_file() -> None:
    assert read_source(b"", "p.md").span(1, 0, 1, 0) == Span(1, 1, 0, 0)
    assert read_source(b"a\n", "p.md").offset(2, 0) == 2


@pytest.mark.parametrize("encoding", UNICODE)
@pytest.mark.parametrize("length", [1023, 1024, 1025, 5000])
def test_offsets_in_long_lines_are_exact(encoding: str, length: int) -> None:
    line = ("aé漢😀" * length)[:length]
    data = encode("x\n" + line, encoding)
    source = read_source(data, "p.md")
    for column in {0, 1, 1023, 1024, 1025, 2048, 4097, length - 1, length}:
        if column <= length:
            rest = data[source.offset(2, column) :].decode(source.info.encoding)
            assert rest == line[column:]


def test_many_offsets_in_one_huge_line_take_no_quadratic_time() -> None:
    source = read_source("é" * 2_000_000, "p.md")  # 10⁴ spans cost 20 GB of encoding without rungs.
    assert [source.offset(1, column) for column in range(0, 2_000_000, 200)] == list(
        range(0, 4_000_000, 400)
    )


# Characters


@pytest.mark.parametrize(("encoding", "size"), [("utf-8", 1), ("utf-16-le", 2), ("utf-16-be", 2)])
def test_nul_becomes_the_replacement_character(encoding: str, size: int) -> None:
    data = encode("a\n\0b\0é\nc\0", encoding)
    source = read_source(data, "p.md")
    start = len(data) - len("a\n\0b\0é\nc\0".encode(encoding))
    assert source.lines == ["a", "\ufffdb\ufffdé", "c\ufffd"]
    second, third = start + 2 * size, start + data[start:].index("c".encode(encoding)) + size
    assert found(source) == [
        ("nul-character", Span(2, 2, second, second + size)),
        ("nul-character", Span(3, 3, third, third + size)),
    ]
    assert (source.diagnostics[0].before, source.diagnostics[0].after) == ("\0", "\ufffd")
    check_offsets(source, data)


def test_a_page_of_nuls_is_still_a_page() -> None:
    assert read_source(b"\0" * 1000, "p.md").lines == ["\ufffd" * 1000]


# Encodings


@pytest.mark.parametrize("encoding", UNICODE)
def test_a_mark_names_the_encoding_and_is_no_text(encoding: str) -> None:
    source = read_source(encode("Größe", encoding), "p.md")
    assert source.info.encoding == encoding.removesuffix("-sig")
    assert source.lines == ["Größe"]
    assert source.diagnostics == []


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
def test_a_mark_alone_is_an_empty_page(mark: bytes) -> None:
    source = read_source(mark, "p.md")
    assert (source.lines, source.starts, source.info.bytes) == ([], [], len(mark))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_seen_by_its_nuls(encoding: str) -> None:
    source = read_source("# Title\r\n\r\nCafé".encode(encoding), "p.md")
    assert (source.info.encoding, source.lines) == (encoding, ["# Title", "", "Café"])
    assert [rule for rule, _ in found(source)] == ["legacy-encoding"]


def test_a_legacy_page_is_reported_at_its_first_line_beyond_ascii() -> None:
    source = read_source("# Menu\r\n\r\nCrème brûlée\r\n".encode("cp1252"), "p.md")
    assert source.info.encoding == "cp1252"
    assert source.lines == ["# Menu", "", "Crème brûlée"]
    assert found(source) == [("legacy-encoding", Span(3, 3, 10, 22))]
    assert "cp1252" in source.diagnostics[0].message


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 1),
        (b"text\n\xe9\0\n", 2),
        (b"\xff\xfea\0\n\0b", 2),
        (b"\xff\xfea\0\n\0\x00\xd8a\0", 2),
        ("один два\nтри ".encode() + b"\xd0\n", 2),
        (b"\xef\xbb\xbfa\r\rcaf\xe9", 3),
        (b"\x81\x8d\x8f\x90\x9d\xff\xfe\xa1\x07", 1),
    ],
    ids=["png", "nul", "odd-utf-16", "torn-utf-16", "cut-utf-8", "mark-but-not-utf-8", "controls"],
)
def test_what_is_no_text_is_rejected_with_its_line(data: bytes, line: int) -> None:
    assert reject_of(data) == ("undecodable-bytes", line)


def test_damaged_utf_8_is_not_taken_for_a_legacy_encoding() -> None:
    page = "Größe und Höhe, über Maß\n".encode() * 3 + b"caf\xe9\n"
    assert reject_of(page) == ("undecodable-bytes", 4)


def test_unicode_pages_do_not_import_the_detector() -> None:
    code = (
        "import sys; from extractor.source.decoding import read_source;"
        "read_source('é'.encode(), 'p');"
        "sys.exit('chardet' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
