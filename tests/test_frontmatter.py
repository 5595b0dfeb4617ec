"""Front matter: what counts as it, where the body begins, what is reported and where."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extractor.frontmatter.detection import FrontMatter, read_front_matter
from extractor.frontmatter.values import MAX_LENGTH
from extractor.model import Diagnostic, PageRejected
from extractor.pipeline import extract
from extractor.source.decoding import read_source

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16"]
ENDS = ["\n", "\r\n", "\r"]
PIECES = st.sampled_from(
    [
        *("---", "+++", "...", "{", "}", "--- ", "{}", '{"a": 1}', '"b": 2', ",", '{"a":'),
        *(
            "a: 1",
            "a: b: c",
            "b = 2",
            "[t]",
            "# c",
            "- x",
            "text",
            "a: [",
            "a: {b: 1}",
            "a:",
            "  b: 1",
        ),
        *("", " ", "\t", "\0", "\u2028", "\ufeff", "é😀", "\x07", "\ud800", 'a: "\\ud800"'),
        *("a: .nan", "a: !!set {b}", "a: &x [*x]", "a: *x", "d = 2024-01-05", "n = nan", "<<: 1"),
    ]
)


def read(page: str | bytes) -> FrontMatter:
    return read_front_matter(read_source(page, "p.md"))


def metadata_of(page: str) -> dict[str, Any]:
    """Give the metadata of a page in which nothing is odd and whose body is `body`."""
    found = read(page)
    assert found.diagnostics == []
    assert read_source(page, "p.md").lines[found.body_line - 1 :] == ["body"]
    return found.metadata


def reject_of(page: str | bytes) -> tuple[str, int | None]:
    with pytest.raises(PageRejected) as caught:
        read(page)
    return caught.value.reject.rule, caught.value.reject.line


def left_alone(page: str) -> list[str]:
    """Give the rules reported of a page that is all body."""
    found = read(page)
    assert (found.metadata, found.body_line) == ({}, 1)
    return [diagnostic.rule for diagnostic in found.diagnostics]


def slices(page: bytes, diagnostics: list[Diagnostic], encoding: str = "utf-8") -> list[str]:
    """Give what the file holds at each diagnostic's span."""
    spans = [diagnostic.span for diagnostic in diagnostics]
    return [page[span.start : span.end].decode(encoding) for span in spans if span]


# What counts


@pytest.mark.parametrize(
    ("page", "metadata"),
    [
        ("body", {}),
        ("---\na: 1\n---\nbody", {"a": 1}),
        ("---\na: 1\n...\nbody", {"a": 1}),
        ("--- \t\na: 1\n---  \nbody\n", {"a": 1}),
        ("---\n\na: 1\n\n---\nbody", {"a": 1}),
        ("---\n---\nbody", {}),
        ("---\n\n---\nbody", {}),
        ("---\n# a: 1\n\n# b\n---\nbody", {}),
        ("\n \n---\na: 1\n---\nbody", {"a": 1}),
        ("---\na:\n  b:\n    - c: [1, {d: 2}]\n---\nbody", {"a": {"b": [{"c": [1, {"d": 2}]}]}}),
        ("---\na: |\n  b\n  ---\n  c\n---\nbody", {"a": "b\n---\nc\n"}),
        ("---\n{a: 1, b: 2}\n---\nbody", {"a": 1, "b": 2}),
        ("---\n? a\n: 1\n---\nbody", {"a": 1}),
        ("---\n!!map {a: 1}\n---\nbody", {"a": 1}),
        ("---\n&x a: 1\n---\nbody", {"a": 1}),
        ("---\n'a b': 1\n---\nbody", {"a b": 1}),
        ("---\nназва: Борщ\n日本: 語\n---\nbody", {"назва": "Борщ", "日本": "語"}),
        ("---yaml\na: 1\n---\nbody", {"a": 1}),
        ("---yaml \na: 1\nb: |\n  ---yaml\n...\nbody", {"a": 1, "b": "---yaml\n"}),
        (';;;\n{"a": 1,\n"b": [2]}\n;;;\nbody', {"a": 1, "b": [2]}),
        (';;;\n"a": 1,\n"b": {"c": "}"}\n;;;\nbody', {"a": 1, "b": {"c": "}"}}),
        (";;;\n;;;\nbody", {}),
        ("+++\na = 1\n[b]\nc = ['d']\n+++\nbody", {"a": 1, "b": {"c": ["d"]}}),
        ("+++\n+++\nbody", {}),
        ("+++\n# c\n+++ \nbody", {}),
        ("+++\n'a' . b = 1\n+++\nbody", {"a": {"b": 1}}),
        ('{"a": 1}\nbody', {"a": 1}),
        ("{}\nbody", {}),
        (
            '{\n  "a": [1, {"b": "}{]"}],\n  "c": "\\""\n}  \nbody',
            {"a": [1, {"b": "}{]"}], "c": '"'},
        ),
    ],
)
def test_front_matter_becomes_metadata(page: str, metadata: dict[str, Any]) -> None:
    assert metadata_of(page) == metadata


@pytest.mark.parametrize(
    "page",
    [
        "",
        "\n",
        "text",
        "text\n---\na: 1\n---\n",
        " ---\na: 1\n---\n",
        "----\na: 1\n----\n",
        "---a\nb: 1\n---\n",
        "***\na: 1\n***\n",
        "---",
        "---\n",
        "---\n\nA chapter.\n\n---\n\nThe next.\n",
        "---\n\n# Title\n\n---\n",
        "---\n\ntext without end\n",
        "---\ntext without end\n",
        "++++\na = 1\n++++\n",
        "+++\n\ntext\n\n+++\n",
        "{% include x %}\n",
        "{{< figure >}}\n",
        "{: .class}\n",
        "{\ntext\n}\n",
        "[1, 2]\n",
        "--- yaml\na: 1\n---\n",
        ";;; a comment of Lisp\n",
    ],
)
def test_other_pages_are_all_body(page: str) -> None:
    assert left_alone(page) == []


@pytest.mark.parametrize(
    "page",
    [
        "---\nHello\n---\n",
        "---\n- a\n- b\n---\n",
        "---\n**Bold** text: with a colon\n---\n",
        "---\n![alt](x): y\n---\n",
        "---\n[link](x): y\n---\n",
        "---\n> quote: y\n---\n",
        "---\nhttp://example.org\n---\n",
        "---\nx:y\n---\n",
        "---\n# Title\n\nText.\n---\n",
        "---\n\nNote: a: b\n  c: *d*\n\n---\n",
        "\n---\na: [\n---\n",
        "+++\nHello\n+++\n",
        "---yaml\nHello\n---\n",
        ";;;\n(defun x)\n;;;\n",
        '{"a": 1} text\n',
        '{"a": 1,}\n',
        '{\n  "a" 1\n}\n',
    ],
)
def test_what_only_looks_like_it_is_body_and_reported(page: str) -> None:
    assert left_alone(page) == ["not-front-matter"]


@pytest.mark.parametrize(
    "page", ["---\na: 1\n", "---\n# c\na: 1\ntext", "+++\na = 1\n", '{"a": 1,\n']
)
def test_front_matter_that_is_never_closed_is_body(page: str) -> None:
    assert left_alone(page) == ["unclosed-front-matter"]
    (diagnostic,) = read(page).diagnostics
    assert slices(page.encode(), [diagnostic]) == [page.split("\n")[0]]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("page", ["---\né: 1\n---\n\n  body", "+++\n'é' = 1\n+++\n\n  body"])
def test_every_encoding_and_line_end_reads_the_same(page: str, encoding: str, end: str) -> None:
    source = read_source(page.replace("\n", end).encode(encoding), "p.md")
    found = read_front_matter(source)
    assert (found.metadata, found.body_line, found.diagnostics) == ({"é": 1}, 4, [])
    assert source.lines[found.body_line - 1 :] == ["", "  body"]


def test_the_body_line_is_behind_a_page_of_front_matter_alone() -> None:
    assert read("---\na: 1\n---").body_line == 4


# Reports


def test_reports_are_in_page_order_with_exact_spans() -> None:
    page = "---\nb: .nan\ntitle: Größe: 😀 # so\nb: é\nc: {d: &x [*x]}\n---\n"
    found = read(page)
    assert found.metadata == {"b": "é", "title": "Größe: 😀", "c": {"d": [None]}}
    assert [(diagnostic.rule, diagnostic.pointer) for diagnostic in found.diagnostics] == [
        ("odd-value", "/metadata/b"),
        ("unquoted-colon", "/metadata/title"),
        ("duplicate-key", "/metadata/b"),
        ("odd-value", "/metadata/c/d/0"),
    ]
    assert slices(page.encode(), found.diagnostics) == [".nan", "Größe: 😀", "b", "*x"]
    assert [d.span and d.span.line for d in found.diagnostics] == [2, 3, 4, 5]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_spans_are_exact_in_every_encoding(encoding: str) -> None:
    page = "---\r\nt: é: 😀\r\n---\r\n".encode(encoding)
    source = read_source(page, "p.md")
    found = read_front_matter(source)
    assert slices(page, found.diagnostics, source.info.encoding) == ["é: 😀"]
    assert (found.diagnostics[0].before, found.diagnostics[0].after) == ("é: 😀", "'é: 😀'")


def test_legacy_pages_have_exact_spans_too() -> None:
    page = "---\ntitle: Crème: brûlée\nlang: fr\n---\nLa crème est servie très fraîche.\n"
    data = page.encode("cp1252")
    found = read(data)
    assert found.metadata == {"title": "Crème: brûlée", "lang": "fr"}
    assert slices(data, found.diagnostics, "cp1252") == ["Crème: brûlée"]


def test_a_mended_page_is_read_the_same_without_a_report() -> None:
    page = "---\ntitle: it's: so\nb: C: \\x \"y\" 'z'\n---\n"
    found = read(page)
    mended = page
    for diagnostic in found.diagnostics:
        assert diagnostic.before is not None
        assert diagnostic.after is not None
        mended = mended.replace(diagnostic.before, diagnostic.after)
    assert read(mended) == FrontMatter(found.metadata, found.body_line)


def test_nul_in_front_matter_is_replaced() -> None:
    page = b"---\na: x\0y: z\n---\n"
    found = read(page)
    assert found.metadata == {"a": "x\ufffdy: z"}
    assert slices(page, found.diagnostics) == ["x\0y: z"]


# Control characters of a wrong encoding


def misread(text: str) -> str:
    """Give a text as it looks after its UTF-8 was read as Latin-1."""
    return text.encode().decode("latin-1")


@pytest.mark.parametrize("text", ["Список", "Ágnes", "холод и хлеб", "voilà Ágnes", "Größe"])
@pytest.mark.parametrize(
    "page",
    ["---\na: {}\n---\n", "---\na: '{}'\n---\n", "---\na: >\n  {}\n---\n", "+++\na = '{}'\n+++\n"],
)
def test_mojibake_with_control_characters_is_repaired(page: str, text: str) -> None:
    document = extract(page.format(misread(text)))
    assert document.metadata["a"].strip() == text
    assert {found.rule for found in document.diagnostics} == {"mojibake"}
    befores = [found.before or "" for found in document.diagnostics]
    assert slices(page.format(misread(text)).encode(), document.diagnostics) == befores


@pytest.mark.parametrize("repair", [True, False])
def test_control_characters_that_stay_are_kept_and_reported(repair: bool) -> None:
    page = f'---\na: [x, b\x9dc]\nd: "e\x9d"\nf: {misread("Ág")}\ng\x9d: 1\n---\n'
    document = extract(page, repair=repair)
    name = "Ág" if repair else misread("Ág")
    assert document.metadata == {"a": ["x", "b\x9dc"], "d": "e\x9d", "f": name, "g\x9d": 1}
    odd = [found for found in document.diagnostics if found.rule == "odd-value"]
    pointers = ["/metadata/a/1", "/metadata/d", "/metadata/f", "/metadata/g\x9d"]
    texts = ["b\x9dc", '"e\x9d"', misread("Ág"), "1"]
    assert [found.pointer for found in odd] == pointers[: 2 + (not repair)] + pointers[3:]
    assert slices(page.encode(), odd) == texts[: 2 + (not repair)] + texts[3:]


@pytest.mark.parametrize("page", ["+++\na = 'b\x9dc'\n+++\n", '{"a": "b\x9dc"}\n'])
def test_control_characters_that_a_format_allows_are_not_reported(page: str) -> None:
    document = extract(page, repair=False)
    assert (document.metadata, document.diagnostics) == ({"a": "b\x9dc"}, [])


# Rejects


@pytest.mark.parametrize(
    ("page", "line"),
    [
        ("---\na: 1\nb: @c\n---\n", 3),
        ("---\ntitle: [unclosed\n---\n\nbody\n", 2),
        ('---\ntitle: "unclosed\nb: 1\n---\n', 2),
        ("---\na:\n  b: c: d\n---\n", 3),
        ("---\r\na: 1\r\n\tb: 2\r\n---\r\n", 3),
        ("---\ra: 1\rb: [\r---\r", 3),
        ("---\na: {{ b }}\n---\n", 2),
        ("---\ntitle:Stove\ndate: 2024-01-05\n---\n", 3),
        ("---\na: *b\n---\n", 2),
        ("---\na: b\x07\n---\n", 2),
        ("---\na: 1\n--- b\nc: 1\n---\n", 3),
        ("+++\na = 1\nb = c\n+++\n", 3),
        ("+++\na = 1\na = 2\n+++\n", 3),
        ("+++\na = 1\nb = " + "9" * 5000 + "\n+++\n", 3),
        ("+++\na = '''\n+++\n", 2),
        (';;;\n"a": 1,\n"b": x\n;;;\n', 3),
        ("---yaml\na: 1\nb: @c\n---\n", 3),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_invalid_front_matter_rejects_the_page_with_its_line(
    page: str, line: int, encoding: str
) -> None:
    assert reject_of(page.encode(encoding)) == ("invalid-front-matter", line)


def test_a_reject_names_the_reason() -> None:
    with pytest.raises(PageRejected, match=r"^p\.md:2: The front matter can't be read: it is not"):
        read("---\na: @b\n---\n")


@pytest.mark.parametrize(
    "page",
    [
        "---\na: " + "[" * 1_000_000 + "\n---\n",
        "---\n\na: " + "[" * 1000 + "\n---\n",
        "---\na: " + "x" * MAX_LENGTH + "\n---\n",
        "+++\na = " + "[" * 1_000_000 + "\n+++\n",
        "+++\na = " + "{a=" * 300_000 + "\n+++\n",
        "+++\n" + "a." * 300_000 + "a = 1\n+++\n",
        "+++\n[" + "'a' . " * 100_000 + "a]\nb = 1\n+++\n",
        '{"a":' + "[" * 1_000_000,
        '{"a":' * 200 + "1" + "}" * 200,
        '{"a": "' + "x" * MAX_LENGTH + '"}\n',
    ],
    ids=[
        *("yaml", "blank", "long", "toml", "toml-tables", "toml-key", "toml-header"),
        *("json", "json-closed", "json-long"),
    ],
)
def test_unsafe_front_matter_rejects_the_page(page: str) -> None:
    assert reject_of(page)[0] == "unsafe-front-matter"


@pytest.mark.parametrize(
    "page",
    [
        "+++\na = 1\n" + " " * 900_000 + "\n+++\n",
        '+++\na = """' + "\\n" * 450_000 + '"""\n+++\n',
        "+++\na = '''\n" + "." * 800_000 + "'''\n+++\n",
        '{"a":"' + "x" * 5_000_000,
        "{\n" + '"a":\n' * 300_000,
        "{" + '"a":1,' * 20_000 + '"a":1}\n',
        "{" + ",".join(f'"k{n}":"\\ud800"' for n in range(20_000)) + "}\n",
        "---\n" * 300_000,
        "---\na: 1\n" + "text\n" * 300_000,
        "\n" * 1_000_000 + "---\n",
    ],
    ids=[
        *("toml-spaces", "toml-escapes", "toml-dots", "json-open", "json-keys", "json-equal-keys"),
        *("json-odd", "breaks", "unclosed", "blank"),
    ],
)
def test_long_pages_take_linear_time(page: str) -> None:
    msgspec.json.encode(read(page).metadata)  # The suite's time-out is the assertion.


# TOML and JSON


def test_toml_dates_and_times_are_iso_8601() -> None:
    page = (
        "+++\na = 1979-05-27T07:32:00-07:00\nb = 1979-05-27 07:32:00.5\nc = 1979-05-27\n"
        "d = 07:32:00\n+++\nbody"
    )
    assert metadata_of(page) == {
        "a": "1979-05-27T07:32:00-07:00",
        "b": "1979-05-27T07:32:00.500000",
        "c": "1979-05-27",
        "d": "07:32:00",
    }


@pytest.mark.parametrize(
    ("page", "value"),
    [
        ("+++\na = nan\n+++\n", "nan"),
        ("+++\na = -inf\n+++\n", "-inf"),
        ("+++\na = 1e999\n+++\n", "1e999"),
        ("+++\na = 9223372036854775808\n+++\n", "9223372036854775808"),
        ("+++\na = 0x" + "f" * 5000 + "\n+++\n", "0x" + "f" * 5000),
        ('{"a": NaN}\n', "NaN"),
        ('{"a": -Infinity}\n', "-Infinity"),
        ('{"a": 1e999}\n', "1e999"),
        ('{"a": ' + "9" * 5000 + "}\n", "9" * 5000),
        ('{"a": "x\\ud800"}\n', "x\ufffd"),
    ],
)
def test_odd_values_of_toml_and_json(page: str, value: str) -> None:
    found = read(page)
    assert found.metadata == {"a": value}
    (diagnostic,) = found.diagnostics
    assert (diagnostic.rule, diagnostic.pointer) == ("odd-value", "/metadata/a")
    assert diagnostic.span is not None


def test_json_numbers_within_64_bits_are_numbers() -> None:
    page = '{"a": [9223372036854775807, -9223372036854775808, -1.5e3, "\\ud83d\\ude00"]}\nbody'
    assert metadata_of(page) == {"a": [2**63 - 1, -(2**63), -1500.0, "😀"]}


def test_json_reports_stand_at_keys() -> None:
    page = '{\n  "é": 1, "b": [{"c": 1,\n  "c": NaN}, {"c": NaN}],\n  "é": 2\n}\n'
    found = read(page)
    assert found.metadata == {"é": 2, "b": [{"c": "NaN"}, {"c": "NaN"}]}
    assert [(d.rule, d.pointer, d.span and d.span.line) for d in found.diagnostics] == [
        ("duplicate-key", "/metadata/b/0/c", 3),
        ("odd-value", "/metadata/b/0/c", 3),
        ("odd-value", "/metadata/b/1/c", 3),
        ("duplicate-key", "/metadata/é", 4),
    ]
    assert slices(page.encode(), found.diagnostics) == ['"c"', '"c"', '"c"', '"é"']


def test_toml_reports_stand_at_values() -> None:
    page = "+++\na = nan\n[b]\n  c = [1, inf]\n+++\nbody"
    assert slices(page.encode(), read(page).diagnostics) == ["nan", "inf"]


# Laws


@given(st.lists(PIECES, max_size=10), st.sampled_from(ENDS), st.booleans())
@example(["---", "a: 1", "---"], "\r", True)
@example(["{}"], "\n", False)
def test_any_page_gives_json_or_a_reject(pieces: list[str], end: str, closed: bool) -> None:
    page = end.join([*pieces, *([pieces[0]] if pieces and closed else [])])
    source = read_source(page, "p.md")
    try:
        found = read_front_matter(source)
    except PageRejected as rejected:
        line = rejected.reject.line
        assert line is not None
        assert 1 <= line <= source.info.lines
        return
    assert msgspec.json.decode(msgspec.json.encode(found.metadata)) == found.metadata
    assert 1 <= found.body_line <= source.info.lines + 1
    assert all(d.span and d.span.end <= source.info.bytes for d in found.diagnostics)
    starts = [d.span.start for d in found.diagnostics if d.span]
    assert starts == sorted(starts)


def test_pages_without_front_matter_do_not_import_yaml() -> None:
    code = (
        "import sys; from extractor.source.decoding import read_source;"
        "pages = ('# A', '---\\n\\nb\\n\\n---', '{% x %}');"
        "from extractor.frontmatter.detection import read_front_matter;"
        "[read_front_matter(read_source(p, 'p')) for p in pages];"
        "sys.exit(bool({'yaml', 'frontmatter'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
