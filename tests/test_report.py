"""The HTML report as a file: complete, closed, and safe whatever a page holds."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import tracemalloc
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from extractor import extract
from extractor.diff import compare_sides, open_side, start_counts
from extractor.diff.render.html import render_html
from extractor.model import Reject
from extractor.report import ReportPage, ReportReject, render_report, write_report
from extractor.report.shell import escape_script, show_source

GOOD = "---\ntitle: Soup\n---\n\n# Soup\n\n- [ ] onions\n- salt\n\n**Time:** an hour\n"
DAMAGED = "# Peel\n\n\\*\\*Acne:\\*\\* fades\n\n\\*\\*Scars:\\*\\* fade\n\n**How?**\n\nSo.\n"
EVIL = (
    '---\ntitle: "</script><script>alert(1)</script>"\n---\n\n# </title><b>\n\n'
    "<!-- <script> \\<script>alert(2)\\</script> \u2028 ]]> &amp;lt;\n\n```\n</script><!--\n```\n"
)


def page(text: str | bytes, path: str, *records: dict[str, Any]) -> ReportPage:
    data = text.encode() if isinstance(text, str) else text
    document = extract(data, path).to_json().encode()
    return ReportPage(document, data, [msgspec.json.encode(record) for record in records])


def record(*errors: dict[str, Any]) -> dict[str, Any]:
    return {"path": "x", "schema": "dish", "record": {}, "sources": {}, "errors": list(errors)}


PAGES: list[ReportPage | ReportReject] = [
    ReportReject(Reject("broken.md", "invalid-front-matter", "Bad <b>.", 2), b"---\na: [\n---\n"),
    page(DAMAGED, "peel.md", record({"pointer": "/time", "message": "missing", "line": 1})),
    page(GOOD, "soup.md", record()),
    page(EVIL, "x/evil.md"),
]


def render(pages: list[ReportPage | ReportReject]) -> str:
    out = io.BytesIO()
    render_report(pages, out)
    return out.getvalue().decode()


class Blocks(HTMLParser):
    """Collects what a browser would take for scripts, and every tag and attribute."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag == "script"
        if self._inside:
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            attributes, text = self.scripts[-1]
            self.scripts[-1] = attributes, text + data

    def unpack(self, name: str) -> Any:
        text = next(text for attributes, text in self.scripts if attributes.get("id") == name)
        if name == "index":
            return msgspec.json.decode(text)
        return msgspec.json.decode(zlib.decompress(base64.b64decode(text)))


@pytest.fixture(scope="module")
def report() -> Blocks:
    return Blocks(render(PAGES))


def test_every_page_is_there_with_its_source(report: Blocks) -> None:
    index = report.unpack("index")
    assert [entry["path"] for entry in index["pages"]] == [
        "broken.md",
        "peel.md",
        "soup.md",
        "x/evil.md",
    ]
    soup = report.unpack("p2")
    assert soup["document"] == msgspec.json.decode(extract(GOOD, "soup.md").to_json())
    assert soup["source"]["lines"] == GOOD.splitlines()
    assert soup["source"]["body_line"] == 4
    assert report.unpack("p0")["reject"]["rule"] == "invalid-front-matter"


def test_summary_counts_by_kind_and_rule(report: Blocks) -> None:
    index = report.unpack("index")
    summary = index["summary"]
    assert summary["rules"]["escaped-label"] == {
        "code": "EX203",
        "severity": "warning",
        "summary": "A label with escaped markers was read as a label.",
        "count": 2,
    }
    assert summary["rejects"] == {"invalid-front-matter": 1}
    assert summary["records"] == {"dish": {"valid": 1, "invalid": 1}}
    assert summary["blocks"]["list"] == 1
    stats = {label: number for label, number, _ in index["stats"]}
    assert stats["pages"] == 4
    assert stats["definitions"] == 3
    assert stats["list items"] == 2
    assert stats["rejected"] == 1
    assert stats["invalid records"] == 1
    entries = {entry["path"]: entry for entry in index["pages"]}
    assert entries["peel.md"]["severities"] == {"error": 1, "warning": 2, "note": 1}
    assert entries["soup.md"]["kind"] == "clean"


def test_no_page_text_gets_out_of_its_block(report: Blocks) -> None:
    kinds = [attributes.get("type") for attributes, _ in report.scripts]
    assert kinds == ["text/plain"] * 4 + ["application/json", None]
    assert report.unpack("index")["pages"][3]["title"] == "</script><script>alert(1)</script>"
    text = render(PAGES)
    assert text.count("<script>") == 1
    assert "alert(" not in text.replace("alert(1)\\u003c/script\\u003e", "")


def test_title_is_escaped() -> None:
    out = io.BytesIO()
    render_report([], out, title="</title><script>x</script> & $policy")
    text = out.getvalue().decode()
    assert "<title>&lt;/title&gt;&lt;script&gt;x&lt;/script&gt; &amp; $policy</title>" in text


def test_json_is_escaped_for_scripts_and_reads_the_same() -> None:
    value = ["</script>", "<!--", "]]>", "&amp;", "\u2028\u2029", "é"]
    text = escape_script(msgspec.json.encode(value).decode())
    assert not set(text) & set("<>&\u2028\u2029")
    assert msgspec.json.decode(text) == value


def test_nothing_else_may_load_or_run(report: Blocks) -> None:
    policy = next(a["content"] for t, a in report.tags if t == "meta" and "http-equiv" in a)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    program = report.scripts[-1][1]
    digest = base64.b64encode(hashlib.sha256(program.encode()).digest()).decode()
    assert rules["script-src"] == f"'sha256-{digest}'"
    style = re.search(r"<style>(.*?)</style>", render(PAGES), re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert rules["style-src"] == f"'sha256-{digest}'"
    for _, attributes in report.tags:
        assert not set(attributes) & {"src", "srcset", "style", "onclick", "onload"}
        assert (attributes.get("href") or "#").startswith(("#", "data:"))
    assert "innerHTML" not in program
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_same_pages_give_the_same_file() -> None:
    assert render(PAGES) == render(PAGES)


def test_pages_are_written_as_they_come() -> None:
    text = ("word " * 20 + "\n\n") * 400
    one = page(text, "p.md")

    def measure(number: int) -> int:
        out = open("/dev/null", "wb")  # noqa: PTH123, SIM115 (measured without the file's bytes)
        with out:
            tracemalloc.start()
            render_report((one for _ in range(number)), out)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return peak

    measure(2)
    assert measure(40) - measure(10) < 30 * 3_000  # Each page has 40,000 bytes.


def test_file_is_there_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_text("old")

    def fail() -> Iterator[ReportPage]:
        yield page(GOOD, "soup.md")
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        write_report(target, fail())
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert target.read_text() == "old"
    write_report(target, PAGES)
    assert target.read_text(encoding="utf-8") == render(PAGES)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize(
    ("data", "width"),
    [
        ("é\r\nb\rc".encode(), 8),
        ("\ufeffé\nb".encode(), 8),
        ("é\nb".encode("utf-16"), 16),
        ("Ça a été très bien mangé, à la crème brûlée.\n".encode("cp1252"), 0),
    ],
)
def test_source_knows_the_bytes_of_its_lines(data: bytes, width: int) -> None:
    shown = show_source(data, "x.md")
    assert shown is not None
    assert shown["width"] == width
    assert len(shown["lines"]) == len(shown["starts"])


def test_source_that_is_no_text_is_left_out() -> None:
    assert show_source(b"\x00\x01\x02\xff" * 99, "x.md") is None
    assert show_source(None, "x.md") is None
    reject = ReportReject(
        Reject("a.md", "undecodable-bytes", "No text.", None), b"\x00\x01\xff" * 9
    )
    assert Blocks(render([reject])).unpack("p0")["source"] is None


def test_report_of_nothing() -> None:
    index = Blocks(render([])).unpack("index")
    assert index["pages"] == []
    assert index["about"] == "0 pages"


def test_comparison(tmp_path: Path) -> None:
    for side, text in (("old", GOOD), ("new", GOOD.replace("salt", "sea salt"))):
        (tmp_path / side).mkdir()
        (tmp_path / side / "soup.md").write_text(text)
        (tmp_path / side / "same.md").write_text("The same.")
    sides = open_side(str(tmp_path / "old")), open_side(str(tmp_path / "new"))
    out, counts = io.BytesIO(), start_counts()
    render_html(compare_sides(*sides), counts, "old", "new", out)
    blocks = Blocks(out.getvalue().decode())
    index = blocks.unpack("index")
    assert [entry["path"] for entry in index["pages"]] == ["soup.md"]
    assert index["pages"][0]["whats"] == {"item": 1}
    assert index["about"] == "old → new"
    shown = blocks.unpack("p0")
    assert shown["diff"]["changes"][0]["after"] == "sea salt"
    assert shown["old"]["document"]["title"] == shown["document"]["title"] == "Soup"
    assert shown["source"]["lines"][7] == "- sea salt"
    assert counts.documents["same"] == 1


# --- the look ---------------------------------------------------------------------------


def read_colours() -> dict[str, tuple[str, str]]:
    """Read the colours of the style sheet: name to (light, dark)."""
    style = Path(__file__).parent.parent / "extractor" / "report" / "style.css"
    pattern = r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)"
    return {m[1]: (m[2], m[3]) for m in re.finditer(pattern, style.read_text(encoding="utf-8"))}


def measure_luminance(colour: str) -> float:
    """Measure relative luminance (WCAG 2.2)."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *((t, g) for t in ("ink", "soft", "faint") for g in ("paper", "panel", "raised", "lit")),
        *((t, f"{t}-wash") for t in ("error", "warning", "note", "good", "accent")),
        *((t, g) for t in ("error", "warning", "note", "good") for g in ("paper", "panel")),
        ("ink", "exact"),
    ],
)
def test_text_can_be_read(text: str, ground: str, scheme: int) -> None:
    colours = read_colours()
    first, second = (measure_luminance(colours[name][scheme]) for name in (text, ground))
    contrast = (max(first, second) + 0.05) / (min(first, second) + 0.05)
    assert contrast >= 4.5, f"{contrast:.2f}"
