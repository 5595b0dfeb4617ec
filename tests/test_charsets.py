"""Legacy encodings: which one is found, and that it is always the same."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.charsets import LEGACY, decodes, find_encodings
from extractor.source import read_source

PAGES = [
    (
        "cp1252",
        "# Crème brûlée\n\nLa crème est composée de jaunes d’œufs et de vanille. On la prépare la "
        "veille, puis on la caramélise à l’aide d’un chalumeau.",
    ),
    ("cp1252", "# Gemüsesuppe\n\nDie Möhren schälen, in Öl dünsten und mit Brühe aufgießen."),
    ("cp1252", "# Tortilla\n\nSe fríen en aceite y después se añade el huevo. ¿Con cebolla?"),
    ("cp1252", "# Köttbullar\n\nBlanda färsen med ägg, ströbröd och grädde. Låt vila."),
    ("cp1252", "# Smørrebrød\n\nSkær brødet i skiver og smør det. Læg fisken på."),
    ("cp1252", "# Prices\n\nIt’s “free” – or £5 for 3 m²."),
    ("cp1250", "# Pierogi\n\nMąkę przesiać, dodać sól i ciepłą wodę, zagnieść ciasto."),
    ("cp1250", "# Svíčková\n\nMaso osolíme, zeleninu nakrájíme na kostičky a přidáme šťávu."),
    ("cp1250", "# Gulyás\n\nA húst lassú tűzön főzzük, és felöntjük vízzel."),
    ("iso8859_2", "# Pierogi\n\nMąkę przesiać, dodać sól i ciepłą wodę, zagnieść ciasto."),
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


def test_the_sample_is_taken_where_the_letters_are() -> None:
    page = "a" * 300_000 + "\n" + "x" * 100_000 + " Größe über Maß: schön\n" + "y" * 300_000
    assert read_source(page.encode("cp1252"), "p.md").lines == page.split("\n")


@given(st.binary(min_size=1, max_size=60))
def test_every_encoding_named_decodes_every_byte(data: bytes) -> None:
    for encoding in find_encodings(data):
        assert encoding in LEGACY
        assert decodes(data, encoding)
        assert len(data.decode(encoding)) == len(data)


def test_the_answer_does_not_depend_on_the_hash_seed() -> None:
    code = (
        "from extractor.charsets import find_encodings as f;"
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
