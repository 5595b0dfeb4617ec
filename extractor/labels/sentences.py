"""Where a sentence ends, and whether it goes on after a word in bold.

In a script without spaces, bold that touches the next word is no damage by
itself: `**Ship To:**欄に入力します。` is a sentence about a field, `**标签：**内容`
a label. What follows decides: grammar, or a description.
"""

from __future__ import annotations

import re
from enum import Enum

from extractor.labels.shapes import COLONS, EDGE_CHARACTERS

_SENTENCE_END = re.compile(
    r"(?:(?P<word>\w{4,})(?P<stop>[.…])|[!?])[\"'»”’)]*\s+(?=[^\W\d_a-zà-öø-ÿа-яёіїєґ])"
    r"|[。！？](?=.)"
)
_ABBREVIATION_WORDS = """
abbr acad addr admin approx appt arch assn assoc asst attn avda bldg blvd brig bros capt cert
chap coll comm comp conf coop corp dept dipl dist elec elev engl engr eval evtl excl exec geogr
geol govt hist illus incl indiv inkl inst intl libr lieut ltda maint mech messrs mgmt misc natl
orig parl phys prep prev proc prof prov publ refs regs reps resp retd sect secy sekr sept spec
sprich stellv subst suppl supt surv tech temp theol transl treas univ vers vocab zool zzgl акад
бульв корп напр прим просп проф росс стор табл
"""
_ABBREVIATIONS = frozenset(_ABBREVIATION_WORDS.split())

_WIDE = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff"
    "\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts that put no space between a label and what it says."""

_PLACES = (
    "欄位|欄|項目|項|字段|一栏|栏目|栏|按钮|按鈕|选项卡|选项|選項|菜单|選單|标签页|页面|頁面|列|框"
    "|ボタン|タブ|メニュー|フィールド|セクション|オプション|リンク|画面|ページ|란|필드|버튼|탭|항목|메뉴"
)
_JAPANESE = "から|まで|より|など|という|として|について|[はがをにでとものへ]"
_KOREAN = "에서|으로|이라는|[은는이가을를에의와과로도]"
_CHINESE = "[的是在为為中里內内上下和或必可不处處填输輸选選]"
_GRAMMAR = re.compile(
    rf"(?:{_PLACES})(?:{_JAPANESE}|{_KOREAN}|{_CHINESE}|[，。、,.])"
    rf"|(?:{_JAPANESE})(?=[^\u3040-\u309f\s、。]|\Z)"
    rf"|(?:{_KOREAN})(?=\s)"
)
"""What a sentence goes on with after a word that it names."""

_LIKELY_GRAMMAR = re.compile(
    rf"{_PLACES}|{_JAPANESE}|{_KOREAN}|[的是在为為和或中里上下等与與及、，。]"
)
_ACRONYM = re.compile(r"[^\W\d_a-zà-öø-ÿ]{2,6}")
_SUFFIX = re.compile(r"[a-zà-öø-ÿ]{1,4}(?![^\W_])")
_KEY = re.compile(r"[a-z][\w-]*")
_VALUE = re.compile(r"[a-z][\w-]*\s*\Z")


class Reading(Enum):
    """What bold with a colon is that touches what follows."""

    LABEL = "label"
    UNSURE = "unsure"
    SENTENCE = "sentence"


def ends_sentence(text: str) -> bool:
    """Tell whether a sentence ends within a text; an abbreviation ends none."""
    for end in _SENTENCE_END.finditer(text):
        word = end["word"]
        if not word or not _is_abbreviation(word, end.start()):
            return True
    return False


def _is_abbreviation(word: str, start: int) -> bool:
    """Tell whether a full stop belongs to its word: `Dept. Head`."""
    return word.casefold() in _ABBREVIATIONS or (start == 0 and len(word) == 4 and word.isalpha())


def starts_path(inner: str, rest: str) -> bool:
    r"""Tell whether a colon is that of an address or a drive: `**https:**//`, `**C:**\tmp`."""
    return rest.startswith("//") or (rest.startswith("\\") and len(inner) == 2)


def read_unspaced(inner: str, rest: str) -> Reading:
    """Tell what bold is that ends in a colon and whose closer touches the next word.

    Args:
        inner: The text between the markers, colon included.
        rest: What follows the closer on its line.
    """
    name = inner.strip(EDGE_CHARACTERS)
    colon, term = name[-1], name.rstrip(COLONS + EDGE_CHARACTERS)
    if not rest or not (rest[0].isalnum() or rest[0] in "/\\"):
        return Reading.LABEL
    if _WIDE.match(rest):
        return _read_wide(term, colon, rest)
    if rest[0] in "/\\" or (term[-1:].isdigit() and rest[0].isdigit()):
        # `**https:**//x.test`, `**C:**\\dir`, `**10:**30`
        return Reading.SENTENCE
    if _ACRONYM.fullmatch(term) and _SUFFIX.match(rest):
        # `**EU:**n jäsenet`: a colon before the ending of an acronym.
        return Reading.SENTENCE
    if _KEY.fullmatch(term) and _VALUE.match(rest):
        # `**xs:**string`
        return Reading.UNSURE
    return Reading.LABEL


def _read_wide(term: str, colon: str, rest: str) -> Reading:
    """Read bold that touches a script without spaces."""
    is_grammar = bool(_GRAMMAR.match(rest))
    if colon != ":":
        return Reading.UNSURE if is_grammar else Reading.LABEL
    if is_grammar:
        return Reading.SENTENCE
    if _WIDE.search(term):
        return Reading.LABEL
    return Reading.SENTENCE if _LIKELY_GRAMMAR.match(rest) else Reading.UNSURE
