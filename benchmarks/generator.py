"""Pages to measure with: the same number gives the same page, on every machine.

The mix is that of pages people write: mostly paragraphs and lists, now and then
a table, code, a quote or a footnote, in one of eight languages. Labels, which
the extractor is there for, are several times as frequent as in public Markdown
(a count found one or two a file), and one in twenty is damaged the way editors
and translators damage them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar

T = TypeVar("T")

SMALLEST = 100
LARGEST = 20_000
"""Bytes of a page; sizes between them are spread evenly on a logarithmic scale."""


class Language(NamedTuple):
    """What a page's sentences are made of."""

    words: Sequence[str]
    space: str
    stop: str
    colon: str


def _spaced(words: str) -> Language:
    return Language(words.split(), " ", ".", ":")


def _unspaced(words: str) -> Language:
    return Language(words.split(), "", "。", "：")


_ENGLISH = _spaced(
    "the skin of a warm kettle and its copper lid keep water in every season while two old "
    "hands turn the wheel slowly before the market opens at seven with bread butter apples "
    "tea paper string soap a map of the harbour some quiet rooms under the roof where light "
    "comes late nobody counts the steps but each of them is listed here for those who ask"
)
_LANGUAGES = (
    *[_ENGLISH] * 8,
    *[
        _spaced(
            "die Stühle stehen früh am Fenster und größere Körbe mit Äpfeln warten über Nacht "
            "im kühlen Flur bis jemand die Tür öffnet oder schließt"
        )
    ]
    * 2,
    _spaced(
        "la crème repose près du four avant d'être versée là où les élèves goûtent "
        "chaque pâte à l'aube puis notent le temps qu'il a fallu"
    ),
    *[
        _spaced(
            "шкіра потребує тепла й води тому щодня вранці легкий крем наносять тонким шаром "
            "і чекають поки він висохне біля відчиненого вікна"
        )
    ]
    * 2,
    _spaced("الماء الدافئ يحفظ لون القماش ثم يوضع في الظل حتى يجف ببطء قرب النافذة كل صباح"),
    _spaced("המים החמים שומרים על הצבע ואחר כך מניחים את הבד בצל עד שהוא מתייבש לאט ליד החלון"),
    _unspaced("毎朝 お湯を 沸かして 窓を 開け 静かな 部屋で 茶葉を 量り 三分ほど 待って から 注ぐ"),
    _unspaced("每天 早上 先 打开 窗户 然后 烧水 放入 茶叶 等待 三分钟 再 慢慢 倒出"),
)
_DAMAGED_LABELS = (
    "\\*\\*{0}:\\*\\* {1}",
    "\\*\\* {0}:\\*\\* {1}",
    "** {0}:** {1}",
    "**{0}: ** {1}",
    "**{0}:**{1}",
    "**{0}: {1}",
    "**{0}:&#32;**{1}",
    "\\\\\\*\\\\\\*{0}:\\\\\\*\\\\\\* {1}",
)
_SOUND_LABELS = (
    *["**{0}:** {1}", "**{0}**: {1}"] * 3,
    "**{0}** - {1}",
    "**{0}** – {1}",
    "__{0}:__ {1}",
    "<b>{0}:</b> {1}",
)
_CODE = {
    "python": "def warm(kettle, degrees=80):\n    for step in range(degrees):\n"
    "        kettle.heat(step)  # **not** bold\n    return kettle",
    "sh": 'make build && ls src/**/*.js\n\necho "done: $?"',
    "": "| not | a table |\n# not a heading\n- not a list",
}


class _Page:
    """What one page is written with: its dice, its language, its headings so far."""

    def __init__(self, number: int) -> None:
        # Only `random()` is promised to give the same numbers in every Python.
        self.roll: Callable[[], float] = Random(number).random
        self.language = self.pick(_LANGUAGES)
        self.level = 1
        self.notes = 0

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self.roll() * len(choices))]

    def count(self, low: int, high: int) -> int:
        return low + int(self.roll() * (high - low + 1))

    def chance(self, share: float) -> bool:
        return self.roll() < share

    def words(self, low: int, high: int) -> list[str]:
        return [self.pick(self.language.words) for _ in range(self.count(low, high))]

    def phrase(self, low: int = 1, high: int = 4) -> str:
        text = self.language.space.join(self.words(low, high))
        return text[0].upper() + text[1:]

    def sentence(self) -> str:
        """A sentence; one in four has some markup in it."""
        words = self.words(4, 18)
        if self.chance(0.25):
            place = self.count(1, len(words) - 1)
            words[place] = self.pick(_MARKUP)(self, words[place])
        text = self.language.space.join(words)
        return text[0].upper() + text[1:] + self.language.stop

    def text(self, low: int = 1, high: int = 5) -> str:
        """Sentences; two in a hundred start a new line, as people break them."""
        sentences = [self.sentence() for _ in range(self.count(low, high))]
        return "".join(
            sentence + ("\n" if self.chance(0.02) else " ") for sentence in sentences
        ).strip()


def _link(page: _Page, word: str) -> str:
    title = ' "A title"' if page.chance(0.2) else ""
    return f"[{word}](https://example.org/{page.count(1, 999)}?a=1&b=2{title})"


_MARKUP: Sequence[Callable[[_Page, str], str]] = (
    *[lambda page, word: f"**{word}**"] * 3,
    *[lambda page, word: f"*{word}*"] * 2,
    *[lambda page, word: f"`{word}`"] * 2,
    *[_link] * 3,
    lambda page, word: f"~~{word}~~",
    lambda page, word: f"![{word}](images/{page.count(1, 99)}.png)",
    lambda page, word: f"{word} <https://example.org/{page.count(1, 99)}>",
    lambda page, word: f"{word}&nbsp;&amp;&nbsp;{word}",
    lambda page, word: f"{word}  \n{word}",
    lambda page, word: f"{word}<br>{word}",
    lambda page, word: f"2 \\* 3 \\_ {word}",
)


# --- blocks -------------------------------------------------------------------------------


def _heading(page: _Page) -> str:
    page.level = min(page.level + 1, page.count(2, 4))
    mark = "?" if page.chance(0.1) else ""
    return f"{'#' * page.level} {page.phrase(1, 6)}{mark}"


def _pseudo_heading(page: _Page) -> str:
    form = page.pick(("**{}**", "_**{}**_"))
    return f"{form.format(page.phrase(2, 5))}\n\n{page.text(1, 3)}"


def _lead(page: _Page) -> str:
    if page.chance(0.6):
        return ""
    form = page.pick(("**{}:**", "{}:"))
    return form.format(page.phrase(3, 8)) + "\n\n"


def _labels(page: _Page) -> str:
    """Entries, most of them sound; colons are fullwidth where the language has them."""
    forms = _DAMAGED_LABELS + _SOUND_LABELS if page.chance(0.15) else _SOUND_LABELS
    form = page.pick(_SOUND_LABELS)
    bullet, gap = page.pick((("- ", "\n"), ("", "\n\n")))
    entries = []
    for _ in range(page.count(2, 6)):
        chosen = page.pick(forms) if forms is not _SOUND_LABELS else form
        entry = chosen.format(page.phrase(), page.text(1, 2))
        entries.append(bullet + entry.replace("\n", " ").replace(":", page.language.colon, 1))
    return _lead(page) + gap.join(entries)


def _list(page: _Page) -> str:
    marker = page.pick(("- ", "* ", "+ ", "- [ ] ", "- [x] "))
    return _lead(page) + "\n".join(
        marker + page.text(1, 1).replace("\n", " ") for _ in range(page.count(2, 7))
    )


def _steps(page: _Page) -> str:
    start = 1 if page.chance(0.9) else page.count(2, 9)
    lines = []
    for number in range(start, start + page.count(2, 6)):
        lines.append(f"{number}. {page.text(1, 2)}".replace("\n", "\n   "))
        if page.chance(0.15):
            lines.append("\n   ```sh\n   make ready\n   ```\n")
    return _lead(page) + "\n".join(lines)


def _nested_list(page: _Page) -> str:
    lines = []
    for _ in range(page.count(2, 4)):
        lines.append(f"- {page.phrase(2, 6)}")
        for number in range(1, page.count(1, 3) + 1):
            lines.append(f"  {number}. {page.phrase(2, 8)}")
            if page.chance(0.3):
                lines.append(f"     - {page.phrase(1, 5)}")
    return "\n".join(lines)


def _table(page: _Page) -> str:
    width = page.count(2, 5)
    align = [page.pick(("---", ":--", "--:", ":-:")) for _ in range(width)]
    rows = [[page.phrase() for _ in range(width)], align]
    for _ in range(page.count(1, 8)):
        rows.append([page.phrase(1, 3) if page.chance(0.9) else "-5" for _ in range(width)])
    return _lead(page) + "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _code(page: _Page) -> str:
    language = page.pick(tuple(_CODE))
    if page.chance(0.1):
        return "\n".join(f"    {line}" for line in _CODE["python"].split("\n"))
    return f"```{language}\n{_CODE[language]}\n```"


def _quote(page: _Page) -> str:
    head = [f"[!{page.pick(('NOTE', 'TIP', 'WARNING'))}]"] if page.chance(0.25) else []
    body = [*head, *page.text(1, 3).split("\n")]
    if page.chance(0.2):
        body += ["", f"- {page.phrase()}", f"- {page.phrase()}"]
    return "\n".join(f"> {line}".rstrip() for line in body)


def _footnote(page: _Page) -> str:
    page.notes += 1
    return f"{page.text(1, 1)}[^{page.notes}]\n\n[^{page.notes}]: {page.phrase(3, 9)}"


def _definition_list(page: _Page) -> str:
    return "\n\n".join(f"{page.phrase()}\n: {page.phrase(3, 9)}" for _ in range(page.count(1, 4)))


def _image(page: _Page) -> str:
    return f"![{page.phrase()}](images/{page.count(1, 99)}.jpg)"


def _html(page: _Page) -> str:
    return f'<div class="box">\n<p>{page.phrase(2, 8)}</p>\n</div>'


_BLOCKS: Sequence[Callable[[_Page], str]] = tuple(
    block
    for block, weight in (
        (_Page.text, 40),
        (_heading, 14),
        (_list, 12),
        (_labels, 6),
        (_steps, 5),
        (_nested_list, 4),
        (_table, 4),
        (_code, 4),
        (_quote, 4),
        (_pseudo_heading, 2),
        (_footnote, 2),
        (_definition_list, 1),
        (_image, 2),
        (_html, 1),
        (lambda page: "---", 1),
    )
    for _ in range(weight)
)


# --- pages --------------------------------------------------------------------------------


def make_page(number: int, smallest: int = SMALLEST, largest: int = LARGEST) -> str:
    """Make a page of `smallest` to `largest` bytes."""
    page = _Page(number)
    room = int(smallest * (largest / smallest) ** page.roll())
    blocks = [f"# {page.phrase(1, 4)}"]
    if room > 4 * SMALLEST and page.chance(0.6):
        blocks.insert(0, _front_matter(page))
    room -= _measure(blocks)
    while room > 0:
        block = page.pick(_BLOCKS)(page)
        if len(block.encode()) + 2 > room:
            break
        blocks.append(block)
        room -= len(block.encode()) + 2
    while _measure(blocks) < smallest:
        blocks.append(page.sentence())
    return "\n\n".join(blocks) + "\n"


def _measure(blocks: Sequence[str]) -> int:
    """Count the bytes of blocks with a blank line behind each."""
    return sum(len(block.encode()) + 2 for block in blocks) - 1


def _front_matter(page: _Page) -> str:
    return (
        f"---\ntitle: {page.phrase(2, 5)}\ndescription: {page.phrase(6, 14)}\n"
        f"tags:\n  - {page.phrase(1, 1)}\n  - {page.phrase(1, 1)}\n"
        f"date: 20{page.count(10, 25)}-0{page.count(1, 9)}-1{page.count(0, 9)}\n"
        f"draft: {page.pick(('true', 'false'))}\n---"
    )


def make_treatment(number: int) -> str:
    """Make a page for schemas/treatment.schema.json, of one to four kilobytes, in English."""
    page = _Page(number)
    page.language = _ENGLISH
    sessions, days = page.count(2, 4), page.count(10, 20)
    labels = "\n\n".join(
        page.pick(_DAMAGED_LABELS[:4] + _SOUND_LABELS[:6]).format(page.phrase(), page.sentence())
        for _ in range(page.count(3, 6))
    )
    return "\n\n".join(
        [
            f"---\ntitle: {page.phrase(2, 3)}\ndescription: {page.phrase(8, 14)}\n"
            f"thumb_image: a.jpeg\nhero_image: b.jpeg\ntags: FEATURED_PRODUCTS\n---",
            f"# {page.phrase(2, 3)}",
            page.text(2, 4),
            f"## Indications\n\n{labels}",
            f"## Sequence of the procedure\n\n{page.text()}",
            f"**The procedure involves several steps:**\n\n{_items(page, '1. ')}",
            f"It may take {sessions}-{sessions + 3} treatments at intervals of {days}-{days + 7} "
            f"days. Avoid the sun for {days} days.",
            f"## Benefits\n\nThe benefits include:\n\n{_items(page, '- ')}",
            f"## Contraindications\n\nNot recommended with:\n\n{_items(page, '- ')}\n",
        ]
    )


def _items(page: _Page, marker: str) -> str:
    return "\n".join(f"{marker}{page.phrase(2, 9)}." for _ in range(page.count(2, 6)))


def make_pages(count: int, largest: int = LARGEST) -> Iterator[tuple[str, str]]:
    """Make pages number 0 to `count`, each with its path; a thousand to a folder."""
    for number in range(count):
        path = f"{number // 1000:03}/page-{number:06}.md"
        yield path, make_page(number, largest=largest)


def write_pages(folder: Path, count: int, largest: int = LARGEST) -> None:
    """Write the pages of `make_pages` under `folder`."""
    for path, text in make_pages(count, largest):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
