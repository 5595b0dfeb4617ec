"""The HTML report in a headless Chromium: what a reader sees and does.

Every test ends with a look at the console and at what was requested: no error, no
request but for the file itself.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from extractor import extract
from extractor.diff import compare_sides, open_side, start_counts
from extractor.diff.render.html import render_html
from extractor.model import Reject
from extractor.report import ReportPage, ReportReject, write_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Request

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

PEEL = """---
title: A gentle peel
tags: [skin]
---

# A gentle peel

It calms the skin.

\\*\\*Acne:\\*\\* It fades.

**Wrinkles:** They soften.

## Steps

1. Clean the face.
2. Put the peel on.
3. Wash it off.
"""
GARDEN = "# Garden\n\nAll about compost.\n\n**Who digs?**\n\nEverybody digs.\n"
EVIL = """---
title: '</script><img src="https://example.org/x.png" onerror="hacked=1"><script>hacked=2</script>'
"<b onmouseover=hacked=3>": <script>hacked=4</script>
---

# <svg/onload=hacked=5> \\<script>hacked=6\\</script>

![x](https://example.org/pixel.png "javascript:hacked=7")

[click](javascript:hacked=8) \\<iframe src=https://example.org>\\</iframe>

**\\<i>Term\\</i>:** \\*\\*a\\*\\* <script>hacked=9</script>

```</script>
<script>hacked=10</script>
```

<script>hacked=11</script>

| <a href=javascript:hacked=12>x</a> |
| - |
| \\<img src=x onerror=hacked=13> |
"""


def page(text: str | bytes, path: str, *records: dict[str, Any]) -> ReportPage:
    data = text.encode() if isinstance(text, str) else text
    lines = [msgspec.json.encode(record) for record in records]
    return ReportPage(extract(data, path).to_json().encode(), data, lines)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        # Containers, as in CI, often have neither a sandbox nor shared memory to speak of.
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


class Reader:
    """Somebody who opens reports, and notes what goes wrong."""

    def __init__(self, browser: Browser, scheme: str = "light") -> None:
        size = {"width": 1400, "height": 900}
        self.context = browser.new_context(
            color_scheme=scheme,  # type: ignore[arg-type]
            viewport=size,  # type: ignore[arg-type]
            offline=True,
            reduced_motion="reduce",
        )
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", lambda message: self.wrong.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.wrong.append(f"dialog: {dialog.message}"))
        self.page.on("request", self._note_request)

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.wrong.append(f"request: {request.url}")

    def open(self, file: Path, path: str = "") -> Page:
        self.page.goto(f"{file.as_uri()}#{path}")
        self.page.wait_for_selector("html[data-ready]")
        if path:
            self.page.wait_for_selector(".page")
        return self.page

    def names(self) -> list[str]:
        return self.page.locator(".row:not([hidden]) .name").all_inner_texts()

    def expect_names(self, *names: str) -> None:
        """Wait until the list shows these pages."""
        script = """names => {
            const shown = [...document.querySelectorAll(".row:not([hidden]) .name")];
            return JSON.stringify(shown.map(e => e.textContent)) === JSON.stringify(names); }"""
        self.page.wait_for_function(script, arg=list(names))

    def lit_lines(self) -> list[str]:
        return self.page.locator(".line.lit").all_text_contents()

    def exact(self) -> str:
        """Return the text that is marked to the character."""
        script = """() => [...(CSS.highlights.get("exact") || [])].map(r => r.toString()).join()"""
        return str(self.page.evaluate(script))


@pytest.fixture
def reader(browser: Browser) -> Iterator[Reader]:
    reader = Reader(browser)
    yield reader
    reader.context.close()
    assert reader.wrong == []


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("report") / "report.html"
    fault = {"pointer": "/time", "message": "expected a number", "line": 8}
    span = {"line": 10, "end_line": 10, "start": 0, "end": 5}
    dish = {
        "path": "peel.md",
        "schema": "dish",
        "record": {"time": "long", "steps": ["Clean the face."]},
        "sources": {"/time": span},
        "errors": [fault],
    }
    write_report(
        file,
        [
            ReportReject(
                Reject("broken.md", "invalid-front-matter", "Not YAML.", 2), b"---\na: [\n"
            ),
            page(EVIL, "evil.md"),
            page(GARDEN, "garden.md"),
            page(PEEL, "peel.md", dish),
            page("Plain text without a heading.\n", "z/plain.md"),
        ],
    )
    return file


def in_view(locator: Locator) -> bool:
    """Tell whether an element is within its pane."""
    script = """e => { const box = e.closest(".scroll").getBoundingClientRect();
        const own = e.getBoundingClientRect();
        return own.top >= box.top - 1 && own.bottom <= box.bottom + 1; }"""
    return bool(locator.evaluate(script))


# --- summary, list, search, filter ------------------------------------------------------


def test_summary(reader: Reader, report: Path) -> None:
    page = reader.open(report)
    assert page.locator("h1").inner_text() == "Extraction report"
    stats = dict(
        zip(
            page.locator(".stat span").all_inner_texts(),
            page.locator(".stat b").all_inner_texts(),
            strict=True,
        )
    )
    assert stats["pages"] == "5"
    assert stats["rejected"] == "1"
    assert page.locator(".card h2").all_inner_texts()[0].lower() == "diagnostics by rule"
    assert page.locator(".row").count() == 5


def test_rule_in_the_summary_filters_and_opens(reader: Reader, report: Path) -> None:
    page = reader.open(report)
    page.get_by_role("button", name="pseudo-heading").click()
    reader.expect_names("Garden")
    page.wait_for_selector(".pagehead")
    assert page.locator(".pagehead h1").inner_text() == "Garden"
    page.get_by_role("button", name="Show all").click()
    assert page.locator(".row:not([hidden])").count() == 5


def test_search_finds_titles_at_once_and_text_after(reader: Reader, report: Path) -> None:
    page = reader.open(report)
    page.keyboard.press("/")
    page.keyboard.type("GENTLE peel")
    reader.expect_names("A gentle peel")
    page.fill("#search", "compost")
    reader.expect_names("Garden")
    assert page.locator("#count").inner_text() == "1 of 5 pages"
    page.fill("#search", "nowhere at all")
    page.wait_for_selector("#none:not([hidden])")
    page.keyboard.press("Escape")
    reader.page.wait_for_function(
        "() => document.querySelectorAll('.row:not([hidden])').length === 5"
    )
    assert page.locator("#search").input_value() == ""


def test_filter_by_kind_and_rule(reader: Reader, report: Path) -> None:
    page = reader.open(report)
    page.locator(".chip", has_text="Rejected").click()
    reader.expect_names("broken.md")
    assert page.locator(".chip[aria-pressed=true]").inner_text().startswith("Rejected")
    page.locator(".chip", has_text="Errors").click()
    reader.expect_names("A gentle peel")
    page.locator(".chip", has_text="All").click()
    page.select_option("#pick", "escaped-label")
    assert "A gentle peel" in reader.names()
    assert "Garden" not in reader.names()


# --- a page -----------------------------------------------------------------------------


def test_pointing_at_a_value_lights_its_lines(reader: Reader, report: Path) -> None:
    page = reader.open(report, "peel.md")
    page.locator(".def", has_text="Wrinkles").hover()
    assert reader.lit_lines() == ["**Wrinkles:** They soften."]
    assert reader.exact() == "**Wrinkles:** They soften."
    page.locator(".item", has_text="Put the peel on").hover()
    assert reader.lit_lines() == ["2. Put the peel on."]
    assert in_view(page.locator(".line.lit"))
    page.locator(".heading", has_text="Steps").hover()
    assert reader.lit_lines() == ["## Steps"]
    assert reader.exact() == ""


def test_pointing_at_a_line_lights_its_value(reader: Reader, report: Path) -> None:
    page = reader.open(report, "peel.md")
    page.locator(".line", has_text="3. Wash it off.").hover()
    assert page.locator(".item.lit .text").inner_text() == "Wash it off."


def test_click_keeps_the_light_until_escape(reader: Reader, report: Path) -> None:
    page = reader.open(report, "peel.md")
    page.locator(".item", has_text="Clean the face").click()
    page.locator("#theme").hover()
    assert reader.lit_lines() == ["1. Clean the face."]
    page.keyboard.press("Escape")
    assert reader.lit_lines() == []
    assert page.locator(".pagehead").count() == 1
    page.keyboard.press("Escape")
    page.wait_for_selector(".overview")


@pytest.mark.parametrize(
    ("data", "exact"),
    [
        (
            "\ufeff# 𝕏\r\n\r\nöl → здесь 😀\r\n\r\n- ein — **zwei** 😀\r\n".encode(),
            "- ein — **zwei** 😀",
        ),
        ("# T\n\né 😀 è\n\n- déjà 😀 vu\n".encode("utf-16"), "- déjà 😀 vu"),
        (
            "# Menu\n\nÇa a été très bien mangé, à la crème.\n\n- déjà vu à l'étage\n".encode(
                "cp1252"
            ),
            "- déjà vu à l'étage",
        ),
    ],
    ids=["utf-8", "utf-16", "cp1252"],
)
def test_marks_are_exact_in_every_encoding(
    reader: Reader, tmp_path: Path, data: bytes, exact: str
) -> None:
    write_report(tmp_path / "r.html", [page(data, "x.md")])
    shown = reader.open(tmp_path / "r.html", "x.md")
    shown.locator(".item").hover()
    assert reader.lit_lines() == [exact]
    assert reader.exact() == exact


def test_repair_shows_before_and_after_where_it_was(reader: Reader, report: Path) -> None:
    page = reader.open(report, "peel.md")
    strip = page.locator(".def", has_text="Acne").locator(".strip")
    assert strip.locator("b").inner_text() == "EX203 escaped-label"
    assert strip.locator("del").inner_text() == r"\*\*Acne:\*\*"
    assert strip.locator("ins").inner_text() == "**Acne:**"
    assert page.locator(".line[data-mark]").all_text_contents() == [r"\*\*Acne:\*\* It fades."]
    page.locator(".finding").hover()
    assert reader.lit_lines() == [r"\*\*Acne:\*\* It fades."]


def test_rejected_page(reader: Reader, report: Path) -> None:
    page = reader.open(report, "broken.md")
    assert "Not YAML." in page.locator(".reject").inner_text()
    page.locator(".reject").hover()
    assert reader.lit_lines() == ["a: ["]


def test_records_and_json(reader: Reader, report: Path) -> None:
    page = reader.open(report, "peel.md")
    page.get_by_role("tab", name="Records").click()
    assert "expected a number" in page.locator(".record .finding").inner_text()
    page.locator(".record .node", has_text="long").hover()
    assert reader.lit_lines() == [r"\*\*Acne:\*\* It fades."]
    page.get_by_role("tab", name="JSON").click()
    shown = msgspec.json.decode(page.locator(".raw").inner_text())
    assert shown == msgspec.json.decode(extract(PEEL, "peel.md").to_json())


# --- keyboard, theme --------------------------------------------------------------------


def test_keyboard(reader: Reader, report: Path) -> None:
    page = reader.open(report)
    for key, position in zip("jjjk", "0121", strict=True):
        page.keyboard.press(key)
        page.wait_for_selector(f'.row[aria-current][data-position="{position}"]')
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("/")
    page.keyboard.type("gentle")
    reader.expect_names("A gentle peel")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.title.startsWith('A gentle peel')")
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.className").startswith("finding")
    assert reader.lit_lines() == [r"\*\*Acne:\*\* It fades."]


def test_tab_goes_from_value_to_value(reader: Reader, report: Path) -> None:
    page = reader.open(report, "peel.md")
    page.locator(".heading", has_text="Steps").focus()
    lit = []
    for _ in range(4):
        page.keyboard.press("Tab")
        lit.append(reader.lit_lines())
    assert lit[0] == ["1. Clean the face.", "2. Put the peel on.", "3. Wash it off."]
    assert lit[1:] == [["1. Clean the face."], ["2. Put the peel on."], ["3. Wash it off."]]
    page.locator("#list .row[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => document.activeElement.dataset.position === '4'")


def test_back_button(reader: Reader, report: Path) -> None:
    page = reader.open(report)
    page.locator(".row", has_text="Garden").click()
    page.wait_for_selector(".pagehead")
    page.go_back()
    page.wait_for_selector(".overview")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_colour_schemes(browser: Browser, report: Path, scheme: str) -> None:
    reader = Reader(browser, scheme)
    page = reader.open(report, "peel.md")

    def is_dark() -> bool:
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(","))) < 3 * 128

    assert is_dark() == (scheme == "dark")
    page.keyboard.press("t")
    assert is_dark() != (scheme == "dark")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert is_dark() != (scheme == "dark")
    reader.context.close()
    assert reader.wrong == []


# --- safety, size -----------------------------------------------------------------------


def test_injected_script_stays_text(reader: Reader, report: Path) -> None:
    page = reader.open(report)
    assert any("<script>hacked=2</script>" in name for name in reader.names())
    reader.open(report, "evil.md")
    page.locator(".structure").wait_for()
    for tag in ("script", "img", "iframe", "a[href^=javascript]", "svg[onload]"):
        assert page.locator(f"#main {tag}").count() == 0
    assert "hacked=6" in page.locator(".structure").inner_text()
    page.locator(".structure .node").last.hover()
    page.get_by_role("tab", name="JSON").click()
    assert "hacked=11" in page.locator(".raw").inner_text()
    assert page.evaluate("typeof hacked") == "undefined"


def test_policy_stops_what_would_slip_through(reader: Reader, report: Path) -> None:
    page = reader.open(report)
    page.evaluate(
        """() => { const s = document.createElement("script"); s.textContent = "hacked = 1";
        document.body.append(s);
        const i = new Image(); i.src = "https://example.org/x.png"; document.body.append(i); }"""
    )
    assert page.evaluate("typeof hacked") == "undefined"
    blocked = [line for line in reader.wrong if "Content Security Policy" in line]
    assert len(blocked) == 2
    reader.wrong.clear()


def test_two_thousand_pages_open(reader: Reader, tmp_path: Path) -> None:
    one = page(PEEL + "\n" + "More text about the peel. " * 200, "peel.md")
    number = 2_000

    def pages() -> Iterator[ReportPage]:
        for k in range(number):
            name = f"peel-{k:04}.md".encode()
            text = one.document.replace(b'"peel.md"', b'"' + name + b'"')
            source = (one.source or b"") + f"\nneedle{k:04}\n".encode()
            yield ReportPage(text.replace(b"A gentle peel", b"Peel %d" % k), source)

    write_report(tmp_path / "r.html", pages())
    shown = reader.open(tmp_path / "r.html")
    assert shown.locator("#count").inner_text() == "2,000 pages"
    shown.keyboard.press("/")
    shown.keyboard.type("Peel 1999")
    reader.expect_names("Peel 1999")
    shown.keyboard.press("Enter")
    shown.wait_for_function("() => document.title.startsWith('Peel 1999')")
    shown.locator(".item", has_text="Wash it off").hover()
    assert reader.lit_lines() == ["3. Wash it off."]
    shown.fill("#search", "needle1234")
    reader.expect_names("Peel 1234")


def test_long_pages_open(reader: Reader, tmp_path: Path) -> None:
    text = "# Long\n\n" + "".join(f"- entry {k}\n" for k in range(3_000)) + "\n" + "x" * 200_000
    write_report(tmp_path / "r.html", [page(text, "long.md")])
    shown = reader.open(tmp_path / "r.html", "long.md")
    shown.locator(".item").nth(2_500).scroll_into_view_if_needed()
    shown.locator(".item").nth(2_500).hover()
    assert reader.lit_lines() == ["- entry 2500"]
    assert in_view(shown.locator(".line.lit"))


# --- a comparison -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def diff(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("diff")
    steps = "".join(f"\nA paragraph to scroll past, number {k}.\n" for k in range(40))
    old = {"peel.md": PEEL + steps, "garden.md": GARDEN, "same.md": "Same."}
    new = {
        "peel.md": (PEEL + steps)
        .replace("They soften", "They soften slowly")
        .replace("2. Put the peel on.\n", "")
        .replace("past, number 39", "past, number forty"),
        "evil.md": EVIL,
        "same.md": "Same.",
    }
    for side, pages in (("old", old), ("new", new)):
        (folder / side).mkdir()
        for name, text in pages.items():
            (folder / side / name).write_bytes(text.encode())
    out = io.BytesIO()
    sides = open_side(os.fspath(folder / "old")), open_side(os.fspath(folder / "new"))
    render_html(compare_sides(*sides), start_counts(), "old", "new", out)
    (folder / "diff.html").write_bytes(out.getvalue())
    return folder / "diff.html"


def test_comparison_summary(reader: Reader, diff: Path) -> None:
    page = reader.open(diff)
    assert page.locator(".lede").inner_text() == "1 page changed, 1 added, 1 removed, 1 the same."
    assert page.locator(".row .path").all_inner_texts() == ["evil.md", "garden.md", "peel.md"]
    page.locator(".chip", has_text="Removed").click()
    reader.expect_names("Garden")
    page.locator(".chip", has_text="All").click()
    page.select_option("#pick", "definition")
    reader.expect_names("A gentle peel")


def test_comparison_marks_words_and_parts(reader: Reader, diff: Path) -> None:
    page = reader.open(diff, "peel.md")
    change = page.locator(".change", has_text="Wrinkles")
    assert change.locator("ins").inner_text() == " slowly"
    assert page.locator(".structure .def.is-changed ins").inner_text() == " slowly"
    page.locator(".change", has_text="forty").hover()
    target = page.locator(".structure .block.lit")
    assert "number forty" in target.inner_text()
    assert in_view(target)
    page.get_by_role("tab", name="Before").click()
    assert page.locator(".item.is-removed .text").inner_text() == "Put the peel on."
    page.get_by_role("tab", name="Source").click()
    page.locator(".def", has_text="Wrinkles").hover()
    assert reader.lit_lines() == ["**Wrinkles:** They soften slowly."]


def test_comparison_by_keyboard(reader: Reader, diff: Path) -> None:
    page = reader.open(diff, "peel.md")
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert "removed" in page.evaluate("document.activeElement.className")
    page.keyboard.press("p")
    assert "changed" in page.evaluate("document.activeElement.className")


def test_comparison_of_added_and_removed_pages(reader: Reader, diff: Path) -> None:
    page = reader.open(diff, "garden.md")
    assert page.locator(".changes").inner_text() == "This page is gone."
    assert "Everybody digs." in page.locator(".structure").inner_text()
    reader.open(diff, "evil.md")
    page.wait_for_function("() => document.title.includes('hacked=2')")
    assert page.locator(".changes").inner_text() == "This page is new."
    assert page.evaluate("typeof hacked") == "undefined"
