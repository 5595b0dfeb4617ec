"""The law that matters most: a page without damage, in any script, is left as it is.

Drawn is what lives between the two readings: sentences with bold that touches the
next word, stars of the author's, names with colons, footnote marks, markup that is
shown, and labels of every sound form, in scripts with spaces and without.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from extractor.pipeline import extract
from extractor.spans import without_spans

laws = settings(
    deadline=None,
    max_examples=int(os.environ.get("EXAMPLES", "100")),
    suppress_health_check=[HealthCheck.too_slow],
)

NAMES = (
    *("Ship To", "Größe", "Вес", "نام", "שם", "नाम", "ชื่อ", "ឈ្មោះ", "名称", "名前", "이름", "EU"),
    *("Dept. Head", "C", "x1", "naïve", "می\u200cخواهم", "Đường", "Ёлка", "3. Ağır"),
)
REST = (
    *("oak and ash.", "schön, ½ × 3 °C", "дуб – крепкий", "سنگین است.", "עץ אלון", "हल्का है"),
    *(
        "เบามาก",
        "很轻，也耐用。",
        "軽いです。",
        "가볍다.",
        "“yes” … «no»",
        "√9 = 3",
        "Ça va ?",
        "£5 – €6",
    ),
)
GRAMMAR = (
    "欄に入力します。",
    "は必須です。",
    "项目中输入。",
    "필드에 입력합니다.",
    "のボタンを押す。",
)


@st.composite
def lines(draw: DrawFn) -> str:
    """A line as its author meant it."""
    name, rest = draw(st.sampled_from(NAMES)), draw(st.sampled_from(REST))
    other = draw(st.sampled_from(NAMES))
    forms = [
        f"**{name}:** {rest}",
        f"**{name}**: {rest}",
        f"**{name}** – {rest}",
        f"**{name}：** {rest}",
        f"**{name}**\u200b: {rest}",
        f"**{name}**:: {rest}",
        f"**{name}:** {rest} | **{other}:** {rest}",
        f"**{name}** (*{other}*) - {rest}",
        f"(1) **{name}:** {rest}",
        f"✅ **{name}:** {rest}",
        rf"**\*{name}:** {rest}",
        rf"**{name}**\*: {rest}",
        f"**Ship To:**{draw(st.sampled_from(GRAMMAR))}",
        f"**EU:**n {rest}",
        f"**10:**30 {rest}",
        f"{rest} **{name}** {rest}",
        f"{rest} **{name}**, {rest}",
        rf"\*\*{name}\*\*",
        rf"\*\*{name}: {rest}",
        rf"{rest}\*\* and {name}\*",
        f"2 ** 3 ** 2 {rest}",
        rf"src/\*\*/\*.js {rest}",
        f"`**{name}，**{rest}`",
        rf"\# of {name}",
        rf"{rest} \`{name}\`",
        "\\*\\*\\*",
        f"<b>{name}:</b> {rest}",
        f"[**{name}**](u.md): {rest}",
        f"**{name}？** {rest}",
    ]
    return draw(st.sampled_from(forms))


@st.composite
def sound_pages(draw: DrawFn) -> str:
    """A live page: a heading, then lines as paragraphs, items, quotes or cells."""
    blocks = ["# Mill", "Some **bold** word.", "- live"]
    for _ in range(draw(st.integers(1, 4))):
        line = draw(lines())
        cell = line.replace("|", "/")
        forms = [line, f"- {line}\n- {draw(lines())}", f"> {line}", f"1. {line}"]
        forms.append(f"| a | b |\n|---|---|\n| c | {cell} |")
        if not line.endswith(r"\*\*"):
            # Escaped bold that is all of a heading or of a column's name is damage.
            forms += [f"## {line}", f"| {cell} | b |\n|---|---|\n| c | d |"]
        blocks.append(draw(st.sampled_from(forms)))
    return "\n\n".join(blocks)


@laws
@given(sound_pages())
def test_a_page_without_damage_is_left_as_it_is(page: str) -> None:
    document = extract(page, "page.md")
    offers = [(d.rule, d.before, d.after) for d in document.diagnostics if d.after is not None]
    assert offers == []
    rules = ("label-heading", "pseudo-heading", "unsure-label")
    if not any(d.rule in rules for d in document.diagnostics):
        raw = extract(page, "page.md", repair=False)
        assert without_spans(raw).sections == without_spans(document).sections
