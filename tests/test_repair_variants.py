"""Damage in many guises and scripts, and beside each kind what only looks like it.

Each page is read into an outline, a line for each thing a reader sees, and is
checked as damage should be: repaired with the rule named, or left alone; and
what `check --fix` writes reads the same and shows no damage any more.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from extractor.check.fixes import fix_page
from extractor.diagnostics.rules import CODES
from extractor.model import Block, Document, Item, Table
from extractor.pipeline import extract

EVERY_RULE = frozenset(CODES)


def read_outline(document: Document) -> list[str]:
    lines = []
    for section in document.sections:
        lines += [f"# {section.heading}"] if section.heading is not None else []
        for block in section.blocks:
            lines += read_block(block)
    return lines


def read_block(block: Block) -> Iterator[str]:
    lead = getattr(block, "lead", None)
    if lead:
        yield f"{lead}:"
    for item in getattr(block, "items", ()):
        yield read_item(item)
        for nested in item.blocks:
            yield from read_block(nested)
    for nested in getattr(block, "blocks", ()):
        yield from (f"> {line}" for line in read_block(nested))
    if isinstance(block, Table):
        yield from (" | ".join(row) for row in (block.columns, *block.rows))
    elif text := getattr(block, "text", ""):
        yield text


def read_item(item: Item) -> str:
    marker = f"{item.marker} " if item.marker else ""
    box = {True: "[x] ", False: "[ ] ", None: ""}[item.checked]
    return f"{box}{marker}{item.term} = {item.text}" if item.term is not None else f"- {item.text}"


def list_repairs(document: Document) -> list[str]:
    """List the rules whose diagnostics say what was meant; `?` is one that is not sure."""
    return [
        entry.rule if entry.after is not None else f"?{entry.rule}"
        for entry in document.diagnostics
        if entry.rule not in ("pseudo-heading", "label-heading", "ragged-table")
    ]


# --- damaged, and what it is ---------------------------------------------------------------

DAMAGED: dict[str, list[tuple[str, list[str], str]]] = {
    "escaped headings with one backslash": [
        ("\\## Title", ["# Title"], "escaped-markup"),
        ("# Mill\n\n\\## Race\n\nWater.", ["# Mill", "# Race", "Water."], "escaped-markup"),
        ("Oak.\n\n\\### Где это\n\nТут.", ["Oak.", "# Где это", "Тут."], "escaped-markup"),
        (
            "\\## 工具\n\n斧。\n\n---\n\n\\## 价格\n\n五。",
            ["# 工具", "斧。", "# 价格", "五。"],
            "escaped-markup",
        ),
        ("# A\n\n\\## \\*\\*Fees\\*\\*\n\nFive.", ["# A", "# Fees", "Five."], "escaped-markup"),
        (
            "\\# Mill\n\nOld.\n\n\\## Race\n\nWet.",
            ["# Mill", "Old.", "# Race", "Wet."],
            "escaped-markup",
        ),
        ("- a\n- b\n\n\\#### Quatrième\n\nc", ["- a", "- b", "# Quatrième", "c"], "escaped-markup"),
    ],
    "escaped lines": [
        (
            "\\*\\*Ort\\*\\*\n\nHof.\n\n\\*\\*Zeit\\*\\*\n\nAcht.\n\n\\*\\*Preis\\*\\*\n\nFünf.",
            ["# Ort", "Hof.", "# Zeit", "Acht.", "# Preis", "Fünf."],
            "escaped-markup",
        ),
        (
            "\\> one\n\nx\n\n\\> two\n\ny\n\n\\> three",
            ["> one", "x", "> two", "y", "> three"],
            "escaped-markup",
        ),
        (
            "\\# Mill\n\n\\*\\*Wheel:\\*\\* oak\n\n\\*\\*Stone:\\*\\* \\`basalt\\`",
            ["# Mill", "Wheel = oak", "Stone = basalt"],
            "escaped-markup",
        ),
        (
            "## Box\n\n\\- saw\n\n\\- axe\n\n\\- adze\n\n* live",
            ["# Box", "- saw", "- axe", "- adze", "- live"],
            "escaped-markup",
        ),
        (
            "1. a\n\n\\* пила\n\\* топор\n\\* тесло",
            ["- a", "- пила", "- топор", "- тесло"],
            "escaped-markup",
        ),
    ],
    "escaped code": [
        (
            "# A\n\n\\`\\`\\`sh\n# no heading\nmake\n\\`\\`\\`",
            ["# A", "# no heading\nmake"],
            "escaped-markup",
        ),
        ("# A\n\n\\```py\nx = 1\n\\```\n\nB", ["# A", "x = 1", "B"], "escaped-markup"),
        (
            "\\# A\n\n\\- b\n\n\\- run \\`make \\_all\\`",
            ["# A", "- b", "- run make _all"],
            "escaped-markup",
        ),
    ],
    "pages of headings": [
        (
            "## \\# Mill\n\n## \n\n## \\- oak\n\n## Plain.",
            ["# Mill", "- oak", "Plain."],
            "escaped-markup",
        ),
        (
            "# \\# Млин\n# \n# 1\\. вода\n# \n# \\*\\*Дуб:\\*\\* міцний",
            ["# Млин", "- вода", "Дуб = міцний"],
            "escaped-markup",
        ),
    ],
    "mojibake": [
        ("**Lame** â€” acier", ["Lame = acier"], "mojibake"),
        ("â€¢ **Saw:** cuts\nâ€¢ **Axe:** splits", ["Saw = cuts", "Axe = splits"], "mojibake"),
        ("- **PrÃ©nom :** AndrÃ©", ["Prénom = André"], "mojibake"),
        ("> **å·¥å…·ï¼š** æœ¨å‹º", ["> 工具 = 木勺"], "mojibake"),
        ("**Ð’ÐµÑ\x81:** 5 ÐºÐ³", ["Вес = 5 кг"], "mojibake"),
        ("| PrÃ©nom | Ã‚ge |\n|---|---|\n| ZoÃ« | 9 |", ["Prénom | Âge", "Zoë | 9"], "mojibake"),
        ("## CafÃ© crÃ¨me\n\n- **SucrÃ©** â€“ oui", ["# Café crème", "Sucré = oui"], "mojibake"),
        ("ðŸ”§ **Werkzeug:** SÃ¤ge", ["🔧 Werkzeug = Säge"], "mojibake"),
        ("**PrixÂ\u00a0:** 5Â\u00a0â‚¬", ["Prix = 5\u00a0€"], "mojibake"),
        ("See [cafÃ©](https://x.test/cafÃ©).", ["See café."], "mojibake"),
        ("** PrÃ©nom:** AndrÃ©", ["Prénom = André"], "mojibake spaced-label"),
    ],
    "damaged bold": [
        ("## ** Overview **\n\nx", ["# Overview", "x"], "damaged-bold"),
        ("### **Wo liegt es **\n\nx", ["# Wo liegt es", "x"], "damaged-bold"),
        ("- ## **Wo **", ["- ", "Wo"], "damaged-bold"),
        ("## * * Overview * *\n\nx", ["# Overview", "x"], "damaged-bold"),
        ("## __ Overview __\n\nx", ["# Overview", "x"], "damaged-bold"),
        ("## &ast;&ast;Où&ast;&ast;\n\nx", ["# Où", "x"], "damaged-bold"),
        ("** Où **\n====\n\nx", ["# Où", "x"], "damaged-bold"),
        ("## ＊＊料金＊＊\n\n五。", ["# 料金", "五。"], "damaged-bold"),
        ("## \\*\\* Обзор \\*\\* ##\n\nx", ["# Обзор", "x"], "damaged-bold"),
        ("## \\*\\*Overview\\*\\*\n\nx", ["# Overview", "x"], "damaged-bold"),
        (
            "| ** Fee ** | Day |\n|---|---|\n| 1 | ** May ** |",
            ["Fee | Day", "1 | May"],
            "damaged-bold",
        ),
        ("a | b\n---|---\n** Fee ** | \\*\\* Tax \\*\\*", ["a | b", "Fee | Tax"], "damaged-bold"),
        (
            "> | **料金 ** | b |\n> |---|---|\n> | 1 | 2 |",
            ["> 料金 | b", "> 1 | 2"],
            "damaged-bold",
        ),
        ("** Ein ganzer Satz. **\n\nx", ["Ein ganzer Satz.", "x"], "damaged-bold"),
        ("- ** oak **\n- ash", ["- oak", "- ash"], "damaged-bold"),
        ("＊＊持ち物＊＊\n\n- 水", ["# 持ち物", "- 水"], "damaged-bold"),
        ("这把**木勺很轻，**也耐用。", ["这把木勺很轻，也耐用。"], "damaged-bold"),
        ("- 这是**“重要”**的词。", ["- 这是“重要”的词。"], "damaged-bold"),
        ("> **50%**的人，**两把（大）**都有。", ["> 50%的人，两把（大）都有。"], "damaged-bold"),
        ("これは**「木の匙」**です。", ["これは「木の匙」です。"], "damaged-bold"),
        ("**숟가락(나무)**은 가볍다.", ["숟가락(나무)은 가볍다."], "damaged-bold"),
        ("| a |\n|---|\n| **很轻，**耐用 |", ["a", "很轻，耐用"], "damaged-bold"),
        ("## **很轻，**也耐用\n\nx", ["# 很轻，也耐用", "x"], "damaged-bold"),
        ("**这很重要。**请注意。", ["这很重要。请注意。"], "damaged-bold"),
    ],
    "labels in scripts without spaces": [
        ("**标签：**内容", ["标签 = 内容"], "unspaced-label"),
        ("**步骤一:**拧下螺丝", ["步骤一 = 拧下螺丝"], "unspaced-label"),
        ("**주의：**뜨거운 물", ["주의 = 뜨거운 물"], "unspaced-label"),
        ("**หมายเหตุ:**ห้ามเปิด", ["หมายเหตุ = ห้ามเปิด"], "unspaced-label"),
        ("**名称：**木勺；**材料：**桦木", ["名称 = 木勺", "材料 = 桦木"], "unspaced-label"),
        ("**位置：**在门口", ["位置 = 在门口"], "unspaced-label"),
        ("**例：**のりで貼る", ["例 = のりで貼る"], "unspaced-label"),
    ],
    "stars too many": [
        ("**Size***: x", ["Size = x"], "unopened-label"),
        ("***Size**: x", ["Size = x"], "unclosed-label"),
        ("**\\*\\*Note:** x", ["Note = x"], "escaped-label"),
    ],
}

# --- undamaged, and what it is ---------------------------------------------------------------

SOUND: dict[str, list[tuple[str, list[str]]]] = {
    "an author's star": [
        ("**\\*Note:** x", ["*Note = x"]),
        ("- **Note\\*:** x\n- **B:** y", ["Note* = x", "B = y"]),
        ("**Size**\\*: x", ["Size* = x"]),
        ("> **&ast;Prix :** x", ["> *Prix = x"]),
        ("**\\*注:** x", ["*注 = x"]),
    ],
    "a sentence with bold in it": [
        ("4. **Ship To:**欄に入力します。", ["- **Ship To:**欄に入力します。"]),
        ("**Name:**は必須です。", ["**Name:**は必須です。"]),
        ("**送信先:**欄に入力します。", ["**送信先:**欄に入力します。"]),
        ("**收件人:**字段中输入地址。", ["**收件人:**字段中输入地址。"]),
        ("> **Ship To:**필드에 입력합니다.", ["> **Ship To:**필드에 입력합니다."]),
        ("**받는 사람:**에 입력합니다.", ["**받는 사람:**에 입력합니다."]),
        ("**EU:**n jäsenet äänestivät.", ["**EU:**n jäsenet äänestivät."]),
        ("**10:**30 geht es los.", ["**10:**30 geht es los."]),
        ("**https:**//x.test is the start.", ["https://x.test is the start."]),
        ("- **C:**\\\\tmp is full", ["- C:\\tmp is full"]),
    ],
    "invisible characters": [
        ("**Saw**\u200b: cuts", ["Saw = cuts"]),
        ("- **Säge:**&#8203; schneidet", ["Säge = schneidet"]),
        ("**Saw**&#8203;: cuts", ["Saw = cuts"]),
        ("- **Пила**\u2060: режет\n- **Топор**\u00ad: рубит", ["Пила = режет", "Топор = рубит"]),
        ("**שם**\u200f: דן", ["שם = דן"]),
        ("**مقاس**\u200e: كبير", ["مقاس = كبير"]),
        ("> **Säge**&ZeroWidthSpace;: schneidet", ["> Säge = schneidet"]),
        ("**Säge**&shy;: schneidet", ["Säge = schneidet"]),
        ("**Saw\u200b:** cuts", ["Saw = cuts"]),
        ("**Axe**\ufeff – splits", ["Axe = splits"]),
        ("**می\u200cخواهم:** بله", ["می\u200cخواهم = بله"]),
    ],
    "separators": [
        ("**Rating**:: 5", ["Rating = 5"]),
        ("**评分**：：五", ["评分 = 五"]),
        ("**Saw:**: cuts", ["Saw = cuts"]),
        ("**Note:-** keep dry", ["Note = keep dry"]),
        ("- **Säge:** – schneidet", ["Säge = schneidet"]),
        ("**Saw**:- cuts", ["Saw = cuts"]),
        ("**Пила**: — режет", ["Пила = режет"]),
        ("**Saw :-** cuts", ["Saw = cuts"]),
        ("**Low:** -5 °C", ["Low = -5 °C"]),
        ("**Low**: - 5 °C", ["Low = - 5 °C"]),
        ("**std**::string is a type", ["std::string is a type"]),
        ("**Fee:** –", ["Fee = –"]),
        ("**Hi**:smile: there", ["Hi:smile: there"]),
        ("**ឧទាហរណ៍៖** ពាក្យ", ["ឧទាហរណ៍ = ពាក្យ"]),
        ("**តម្លៃ**៖ ពីរ", ["តម្លៃ = ពីរ"]),
    ],
    "what stands before": [
        ("(1) **Hot:** plate\n\n(2) **Cold:** ice", ["(1) Hot = plate", "(2) Cold = ice"]),
        ("[1] **Müller:** Buch", ["[1] Müller = Buch"]),
        ("(iv) **Cold:** ice", ["(iv) Cold = ice"]),
        ("1.1 **Scope:** all\n\n1.2.3 **Terms:** few", ["1.1 Scope = all", "1.2.3 Terms = few"]),
        ("A. **Cold:** ice", ["A. Cold = ice"]),
        ("б) **Лёд:** холодный", ["б) Лёд = холодный"]),
        ("（1）**热：** 板", ["（1） 热 = 板"]),
        ("一、**热：** 板\n\n二、**冷：** 冰", ["一、 热 = 板", "二、 冷 = 冰"]),
        ("① **热：** 板", ["① 热 = 板"]),
        ("- ✅ **Linux:** ja\n- ❌ **Mac:** nein", ["✅ Linux = ja", "❌ Mac = nein"]),
        ("★★★ **Gasthof:** ruhig", ["★★★ Gasthof = ruhig"]),
        ("🇫🇷 **Paris:** belle", ["🇫🇷 Paris = belle"]),
        (":no_entry: **Cold:** ice", [":no_entry: Cold = ice"]),
        ("[x] **Oil:** done\n\n[ ] **Sand:** not", ["[x] Oil = done", "[ ] Sand = not"]),
        ("• **Міра:** ложка\n• **Час:** п'ять", ["Міра = ложка", "Час = п'ять"]),
        ("> 2️⃣ **Two:** b", ["> 2️⃣ Two = b"]),
        ("She drew (1) **Hot:** plate", ["She drew (1) Hot: plate"]),
        ("Vitamin C. **Cold:** ice", ["Vitamin C. Cold: ice"]),
    ],
    "several on a line": [
        ("**Size:** L | **Hue:** red", ["Size = L", "Hue = red"]),
        (
            "**Größe**: L · **Farbe**: rot · **Preis**: 5 €",
            ["Größe = L", "Farbe = rot", "Preis = 5 €"],
        ),
        (
            "- **Size:** L; **Hue:** red",
            ["Size = L", "Hue = red"],
        ),
        ("**Вес:** 5 кг | **Цвет:** синий", ["Вес = 5 кг", "Цвет = синий"]),
        ("**名称：** 木勺；**材料：** 桦木", ["名称 = 木勺", "材料 = 桦木"]),
        ("**Size:** a | b", ["Size = a | b"]),
        ("**Tip:** open **Tools** | **Options** first", ["Tip = open Tools | Options first"]),
    ],
    "types in brackets": [
        ("- **size** (*string*) - how big", ["size = (string) - how big"]),
        ("- **count** (`int`, optional): how many", ["count = (int, optional): how many"]),
        ("- **Größe** (Zahl) – wie groß", ["Größe = (Zahl) – wie groß"]),
        ("- **长度**（整数）：多长", ["长度 = （整数）：多长"]),
        ("- **flag** [bool] - yes or no", ["flag = [bool] - yes or no"]),
        ("**Oak** (see page 3) is hard", ["Oak (see page 3) is hard"]),
        ("**Oak** (hard), **ash** (soft) - both burn", ["Oak (hard), ash (soft) - both burn"]),
    ],
    "abbreviations": [
        ("- **Dept. Head:** Ann\n- **Cook:** Bo", ["Dept. Head = Ann", "Cook = Bo"]),
        ("**Asst. Dept. Manager:** Ann", ["Asst. Dept. Manager = Ann"]),
        ("**Stellv. Leiter:** Ann", ["Stellv. Leiter = Ann"]),
        ("**Напр. Дуб:** твёрдый", ["Напр. Дуб = твёрдый"]),
        ("**It is finished. Next:** rest", ["It is finished. Next: rest"]),
    ],
    "shown, not damaged": [
        (
            "\\*\\*This line will not be bold\\*\\*\n\nBut **this** is.",
            ["**This line will not be bold**", "But this is."],
        ),
        (
            "| You write | You get |\n|---|---|\n| \\*\\*bold\\*\\* | **bold** |",
            ["You write | You get", "**bold** | bold"],
        ),
        ("## \\*\\*bold\\*\\*\n\nx", ["# **bold**", "x"]),
        ("\\# One\n\\## Two", ["# One ## Two"]),
        ("Type this:\n\n\\## Title\n\n## Title\n\nx", ["Type this:", "## Title", "# Title", "x"]),
        ("\\# of seats\n\n5", ["# of seats", "5"]),
        ("\\## is the operator that joins tokens.", ["## is the operator that joins tokens."]),
        (
            "A fence in Markdown:\n\n\\`\\`\\`js\n\ncode\n\n\\`\\`\\`",
            ["A fence in Markdown:", "```js", "code", "```"],
        ),
        (
            "Price\\* and fee\\*\n\n- a\n\n\\* with tax\n\n\\* without\n\n\\* both",
            ["Price* and fee*", "- a", "* with tax", "* without", "* both"],
        ),
        ("# One\n\n## Two\n\n# Three", ["# One", "# Two", "# Three"]),
        (
            "## Rule\n\n- [ ] Level  \n  1\\. equals.  \n  2\\. is less.  \n  3\\. is more.",
            ["# Rule", "- Level\n1. equals.\n2. is less.\n3. is more."],
        ),
        (
            "- live\n\nIt failed since:\n\\- one\n\\- two\n\\- three",
            ["- live", "It failed since: - one - two - three"],
        ),
        ("- live\n\n\\- Да.\n\n\\- Нет!\n\n\\- Как?", ["- live", "- Да.", "- Нет!", "- Как?"]),
        (
            "Price* here\n\n- a\n\n\\* with tax\n\n\\* without\n\n\\* both",
            ["Price* here", "- a", "* with tax", "* without", "* both"],
        ),
        ("Length: \n\n__ metres __", ["Length:", "__ metres __"]),
        ("## __init__ and __ x\n\ny", ["# init and __ x", "y"]),
        ("| ** a ** b ** | c |\n|---|---|\n| \\*\\*\\* | d |", ["** a ** b ** | c", "*** | d"]),
        ("**`x`**的词。", ["**x**的词。"]),
        ("＊＊＊注意＊＊＊\n\n- a", ["＊＊＊注意＊＊＊", "- a"]),
        ("| ** | b |\n|---|---|\n| 2 ** 3 | \\*\\*/\\*.js |", ["** | b", "2 ** 3 | **/*.js"]),
        ("`**很轻，**也`用。", ["**很轻，**也用。"]),
        ("Then a ** loose ** word.", ["Then a ** loose ** word."]),
        ("2 ** 3 ** 2 = 512", ["2 ** 3 ** 2 = 512"]),
        ("**很轻**，也**耐用**。", ["很轻，也耐用。"]),
        (
            "“Ça va ?” — Ünïcödé ½ × 3 °C, Ёлка, «да» … ©®",
            ["“Ça va ?” — Ünïcödé ½ × 3 °C, Ёлка, «да» … ©®"],
        ),
    ],
}

UNSURE: list[tuple[str, list[str]]] = [
    (
        "- A garage** - rent one.\n- **A van** - rent one too.",
        ["- A garage** - rent one.", "A van = rent one too."],
    ),
    ("**Note:**请保持通风。", ["**Note:**请保持通风。"]),
    ("**送信先：**欄に入力します。", ["**送信先：**欄に入力します。"]),
    ("**xs:**string", ["**xs:**string"]),
]


def label_cases(groups: dict[str, list[tuple[str, list[str], str]]]) -> list[object]:
    return [
        pytest.param(*case, id=f"{kind}-{number}")
        for kind, cases in groups.items()
        for number, case in enumerate(cases)
    ]


@pytest.mark.parametrize(("page", "outline", "rules"), label_cases(DAMAGED))
def test_damage_is_repaired(page: str, outline: list[str], rules: str) -> None:
    document = extract(page, "page.md")
    assert read_outline(document) == outline
    assert set(list_repairs(document)) == set(rules.split())


@pytest.mark.parametrize(("page", "outline", "rules"), label_cases(DAMAGED))
def test_a_repair_can_be_written_back(page: str, outline: list[str], rules: str) -> None:
    data = page.encode()
    fixed = fix_page(data, extract(data, "page.md"), EVERY_RULE)
    assert fixed.withheld == ()
    assert read_outline(fixed.document) == outline
    assert list_repairs(fixed.document) == []
    assert read_outline(extract(fixed.data, "page.md", repair=False)) == outline


SOUND_CASES = [
    pytest.param(*case, id=f"{kind}-{number}")
    for kind, cases in SOUND.items()
    for number, case in enumerate(cases)
]


@pytest.mark.parametrize(("page", "outline"), SOUND_CASES)
def test_what_is_sound_stays(page: str, outline: list[str]) -> None:
    document = extract(page, "page.md")
    assert read_outline(document) == outline
    assert list_repairs(document) == []
    assert read_outline(extract(page, "page.md", repair=False)) == outline


@pytest.mark.parametrize(("page", "outline"), UNSURE)
def test_what_is_unsure_is_said_and_stays(page: str, outline: list[str]) -> None:
    document = extract(page, "page.md")
    assert read_outline(document) == outline
    assert list_repairs(document) == ["?unsure-label"]
