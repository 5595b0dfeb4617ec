"""Legacy encodings: which one is found, and that it is always the same."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import extract
from extractor.model import Definitions
from extractor.source.charsets import LEGACY, comes_back, find_encodings
from extractor.source.decoding import read_source

PAGES = [
    (
        "cp1252",
        "# Crème brûlée\n\nLa crème est composée de jaunes d’œufs et de vanille. On la prépare la "
        "veille, puis on la caramélise à l’aide d’un chalumeau.",
    ),
    ("cp1252", "- déjà vu à l'étage"),
    ("cp1252", "Voilà déjà l'été"),
    ("cp1251", "Файл foo.txt и Windows-приложение"),
    ("cp1252", "# Gemüsesuppe\n\nDie Möhren schälen, in Öl dünsten und mit Brühe aufgießen."),
    ("cp1252", "# Tortilla\n\nSe fríen en aceite y después se añade el huevo. ¿Con cebolla?"),
    ("cp1252", "# Köttbullar\n\nBlanda färsen med ägg, ströbröd och grädde. Låt vila."),
    ("cp1252", "# Smørrebrød\n\nSkær brødet i skiver og smør det. Læg fisken på."),
    ("cp1252", "# Prices\n\nIt’s “free” – or £5 for 3 m²."),
    ("cp1250", "# Pierogi\n\nMąkę przesiać, dodać sól i ciepłą wodę, zagnieść ciasto."),
    ("cp1250", "# Svíčková\n\nMaso osolíme, zeleninu nakrájíme na kostičky a přidáme šťávu."),
    ("cp1250", "# Gulyás\n\nA húst lassú tűzön főzzük, és felöntjük vízzel."),
    ("iso8859_2", "# Pierogi\n\nMąkę przesiać, dodać sól i ciepłą wodę, zagnieść ciasto."),
    ("iso8859_2", "# Svíčková\n\nMaso osolíme, zeleninu nakrájíme na kostičky a přidáme šťávu."),
    ("iso8859_5", "# Борщ\n\nСвёклу натереть и потушить с уксусом. Картофель нарезать кубиками."),
    (
        "cp1258",
        "# Canh chua\n\nTha\u0301i thi\u0323t bo\u0300 thâ\u0323t mo\u0309ng, chan nươ\u0301c "
        "du\u0300ng nóng.",
    ),
    ("mac_roman", "# Tortilla\n\nSe fríen en aceite y después se añade el huevo. ¿Con cebolla?"),
    ("cp1254", "# Mercimek çorbası\n\nSoğanı doğrayın, yağda kavurun, sıcak suyla pişirin."),
    (
        "cp1257",
        "# Cepelinai\n\nBulves sutarkuoti, nusunkti skystį, į masę įmaišyti druskos, šaltą.",
    ),
    ("cp1257", "# Pelēkie zirņi\n\nZirņus mērcē pa nakti, tad vāra sālsūdenī, līdz tie mīksti."),
    (
        "cp1251",
        "# Борщ\n\nСвёклу натереть и потушить с уксусом. Картофель нарезать кубиками и положить "
        "в кипящий бульон.",
    ),
    (
        "cp1251",
        "# Вареники\n\nБорошно просіяти, додати сіль і воду, замісити тісто. Їжте гарячими, "
        "з їдальні.",
    ),
    (
        "koi8_r",
        "# Борщ\n\nСвёклу натереть и потушить с уксусом. Картофель нарезать кубиками и положить "
        "в кипящий бульон.",
    ),
    ("cp866", "# Борщ\n\nСвёклу натереть и потушить с уксусом. Картофель нарезать кубиками."),
    (
        "cp1253",
        "# Μουσακάς\n\nΚόβουμε τις μελιτζάνες σε φέτες και τις αλατίζουμε. Σοτάρουμε τον κιμά.",
    ),
    (
        "cp1255",
        "# חומוס\n\nמשרים את הגרגרים במים למשך הלילה. מבשלים אותם עד שהם רכים מאוד. "
        "טוחנים עם טחינה, מיץ לימון, שום ומלח.",
    ),
    ("cp1253", "# Χούμους\n\n> Η ονομασία προέρχεται από τα αραβικά."),
    ("cp1256", "# Hummus\n\n> هذا الطبق من بلاد الشام."),
    ("koi8_r", "# Hummus\n\n> Это блюдо подают холодным."),
    ("cp874", "# ต้มยำ\n\nต้มน้ำให้เดือด ใส่กุ้งและเห็ด แล้วปรุงรสด้วยน้ำปลา"),
    ("gb18030", "# 红烧肉\n\n**时间：** 一个小时。把肉切成小块，用水煮开，再放酱油和糖。"),
    ("cp950", "# 紅燒肉\n\n**時間：** 一個小時。把肉切成小塊，用水煮開，再放醬油和糖。"),
    (
        "cp932",
        "# 肉じゃが\n\n**時間：** 一時間。肉を切り、鍋で炒めてから水を入れる。ソースは別に。",
    ),
    ("euc_jp", "# 肉じゃが\n\n**時間：** 一時間。肉を切り、鍋で炒めてから水を入れる。"),
    ("cp949", "# 김치찌개\n\n**시간:** 한 시간. 김치를 볶은 다음 물을 붓고 고기와 함께 끓입니다."),
    ("cp1256", "# حمص\n\nانقع الحمص في الماء طوال الليل. اسلقه حتى يصبح طريا جدا."),
]


@pytest.mark.parametrize(("encoding", "text"), PAGES)
def test_paragraphs_are_read_in_their_encoding(encoding: str, text: str) -> None:
    source = read_source(text.encode(encoding), "p.md")
    assert "\n".join(source.lines) == text
    assert source.info.encoding == encoding


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("café", "cp1252"), ("naïve", "cp1252"), ("Да", "cp1251"), ("Łódź jest piękna", "cp1250")],
)
def test_short_texts_do_not_become_chinese(text: str, encoding: str) -> None:
    assert read_source(text.encode(encoding), "p.md").lines == [text]


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp"])
def test_places_are_those_of_the_file(encoding: str) -> None:
    lines = ["**時間：** ソースは一時間", "\\*\\*能力：\\*\\* これから決めます"]
    data = "\r\n".join(["# 表", "", *lines]).encode(encoding)
    document = extract(data, "p.md")
    assert document.source.encoding == encoding
    (block,) = document.sections[0].blocks
    assert isinstance(block, Definitions)
    assert [(item.term, item.text) for item in block.items] == [
        ("時間", "ソースは一時間"),
        ("能力", "これから決めます"),
    ]
    spans = [item.span for item in block.items if item.span]
    assert [data[span.start : span.end].decode(encoding) for span in spans] == lines


def test_the_sample_is_taken_where_the_letters_are() -> None:
    page = "a" * 300_000 + "\n" + "x" * 100_000 + " Größe über Maß: schön\n" + "y" * 300_000
    assert read_source(page.encode("cp1252"), "p.md").lines == page.split("\n")


@pytest.mark.parametrize("filler", ["a", "word ", "a line\n"])
def test_letters_that_come_late_are_seen(filler: str) -> None:
    page = filler * 100_000 + "\nСвёклу натереть и потушить с уксусом.\n"
    assert next(find_encodings(page.encode("koi8_r"))) == "koi8_r"


@pytest.mark.parametrize(
    ("encoding", "line"),
    [
        ("cp1250", "Mąkę przesiać, dodać sól i ciepłą wodę, zagnieść ciasto."),
        ("cp1251", "Свёклу натереть и потушить с уксусом."),
        ("cp950", "把肉切成小塊，用水煮開。"),
    ],
)
def test_one_line_does_not_drown_in_english(encoding: str, line: str) -> None:
    page = "Peel the beets, grate them, and let them simmer with the vinegar.\n" * 10 + line
    assert read_source(page.encode(encoding), "p.md").lines[-1] == line


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp932", "肉を切り、鍋で炒めてから水を入れる。ソースは別に。"),
        ("euc_jp", "肉を切り、鍋で炒めてから水を入れる。"),
        ("gb18030", "把肉切成小块，用水煮开，再放酱油和糖。𠀀"),
        ("cp950", "把肉切成小塊，用水煮開，再放醬油和糖。"),
        ("cp949", "김치를볶은다음물을붓고고기와함께끓입니다."),
    ],
)
def test_a_sample_cut_in_a_character_is_not_held_against_it(
    encoding: str, text: str, before: int
) -> None:
    page = "a" * before + text * 2_000  # One line without a space: no good place for a cut.
    assert next(find_encodings(page.encode(encoding))) == encoding


def test_a_byte_after_the_sample_that_an_encoding_lacks_rules_it_out() -> None:
    data = "Größe über Maß: schön.\n".encode("cp1252") * 1_000 + b"\x81\n"
    assert not comes_back(data, "cp1252")
    assert "cp1252" not in list(find_encodings(data))


@pytest.mark.parametrize(
    "line", ['<meta charset="windows-1252">', "# -*- coding: koi8-r -*-", "%PDF-1.4", "GIF89a"]
)
def test_what_an_example_declares_is_not_believed(line: str) -> None:
    page = f"{line}\n\nСвёклу натереть и потушить с уксусом.\n"
    assert read_source(page.encode("cp1251"), "p.md").lines == page.splitlines()


@given(st.binary(min_size=1, max_size=60))
def test_every_encoding_named_decodes_every_byte(data: bytes) -> None:
    for encoding in find_encodings(data):
        assert comes_back(data, encoding)
        text = data.decode(encoding)
        assert text.encode(encoding) == data
        assert len(text) == len(data) or encoding not in LEGACY


def test_the_answer_does_not_depend_on_the_hash_seed() -> None:
    code = (
        "from extractor.source.charsets import find_encodings as f;"
        "print([list(f(w.encode(c))) for c, w in (('cp1251', 'Да, мир'), ('cp1252', 'déjà vu'))])"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1
