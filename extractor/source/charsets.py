"""Which encoding a page has that is not Unicode: the door to charset-normalizer.

Only the encodings still met on the web are considered. Those of East Asia accept
almost any bytes and turn short Western texts into Chinese; a page counts as one of
them only if it reads as the language. Measured on 3,444 pages in Chinese, Japanese and
Korean and 7,900 in fifteen other languages, each in its old encoding: two of the first
were missed, and none of the others was taken for one.

charset-normalizer tells the other scripts apart, helped by the letters that are
frequent in each: of 3,609 pages in Russian, Ukrainian, Greek, Arabic and Persian, many
of five lines, it alone was mistaken about 396, both together about three. Of Western
European paragraphs it took a third for cp1250, equal scores being sorted by name; so
Latin letters are judged by the alphabets below.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

_SAMPLE = 16_384  # Bytes that are looked at; an estimate gets no better with more.
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_HIGH = re.compile(rb"[\x80-\xff]")
_MARKS = "“”‘’„‚–—…•·«»‹›€£©®™°§\xa0"
_NEUTRAL = "²³½¼µ×±"  # Marks in one encoding, letters of the next: they say nothing.

_ALPHABETS = (
    ("cp1252", "àâæçéèêëîïôœùûüÿ"),  # French
    ("cp1252", "äöüß"),  # German
    ("cp1252", "áéíñóúü¿¡ªº"),  # Spanish
    ("cp1252", "ãáàâçéêíõóôúüªº"),  # Portuguese
    ("cp1252", "àèéìíòóùú"),  # Italian
    ("cp1252", "éëïöüèáó"),  # Dutch
    ("cp1252", "åäöé"),  # Swedish, Finnish
    ("cp1252", "æøåéóòô"),  # Danish, Norwegian
    ("cp1252", "àçéèíïóòúü"),  # Catalan
    ("cp1250", "ąćęłńóśźż"),  # Polish
    ("cp1250", "áčďéěíňóřšťúůýž"),  # Czech
    ("cp1250", "áäčďéíĺľňóôŕšťúýž"),  # Slovak
    ("cp1250", "áéíóöőúüű"),  # Hungarian
    ("cp1250", "čćđšž"),  # Croatian, Slovene
    ("cp1250", "ăâîşţ"),  # Romanian
    ("cp1257", "ąčęėįšųūž"),  # Lithuanian
    ("cp1257", "āčēģīķļņšūž"),  # Latvian
    ("cp1257", "äöõüšž"),  # Estonian
    ("cp1254", "çğıİöşüâîû"),  # Turkish
    ("cp1252", "áðéíóúýþæö"),  # Icelandic
    ("iso8859_2", "ąćęłńóśźż"),
    ("iso8859_2", "áčďéěíňóřšťúůýž"),
    ("iso8859_2", "áéíóöőúüű"),
    ("iso8859_2", "čćđšž"),
)
"""Letters beyond ASCII of the languages that an encoding was made for, likeliest first."""

_CYRILLIC = "оеаинтсрвлкмдпуяызьбгійчї"  # Russian, Ukrainian, Bulgarian, Serbian

_OTHER_SCRIPTS = {
    "cp1251": _CYRILLIC,
    "koi8_r": _CYRILLIC,
    "koi8_u": _CYRILLIC,
    "cp1253": "ατοιενρσκηπςυμλίόάγέδήωχύθβφξώ",
    "cp1255": "יוהלרבתמאשנעםדקחפ",
    "cp1256": "اليمونرتبةعدسفهكقأحجآی",  # Arabic, Persian
    "cp866": _CYRILLIC,
    "cp874": "านรอกเงมยลวดทสตะปบคหแจพชขใไ่้ีัิื็ุูำ์",  # Thai
}
"""The letters that the languages of an encoding use most; lower case, as most letters are."""

_KANA = "".join(map(chr, (*range(0x3041, 0x3097), *range(0x30A1, 0x30FD))))
_STOPS = "\u3000、。，：；！？「」『』（）《》【】"

_EAST_ASIAN = {
    "cp932": _KANA + _STOPS,
    "euc_jp": _KANA + _STOPS,
    "gb18030": (
        "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后"
        "作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实"
        + _STOPS
    ),
    "cp950": (
        "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後"
        "作裡用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實"
        + _STOPS
    ),
    "cp949": (
        "이다는을의에가고하지한로기서은도를인으대사시리어자아나해정수그있일라만게여보전스할제부들것과"
    ),
}
"""For each encoding of East Asia, the characters that its language uses most."""

_FREQUENT_SHARE = 0.15  # Of what is not ASCII; real pages have 0.3 and more.
_FREQUENT_LEAST = 3

LEGACY = (*dict.fromkeys(name for name, _ in _ALPHABETS), *_OTHER_SCRIPTS)
"""Every single-byte encoding that `find_encodings` can name; others are of East Asia."""


def find_encodings(data: bytes) -> Iterator[str]:
    """Give the encodings in which a page can be decoded, best first.

    Args:
        data: Text that is not UTF-8.
    """
    if east_asian := _find_east_asian(data):
        yield east_asian
    sample = _take_sample(data)
    ranked = _rank_scripts(sample) if _is_other_script(sample) else _rank_alphabets(sample)
    yield from (encoding for encoding in ranked if decodes(data, encoding))


def decodes(data: bytes, encoding: str) -> bool:
    """Tell whether every byte means something in an encoding."""
    return _decode(data, encoding) is not None


def _decode(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _count_frequent(chars: Iterable[str], frequent: str) -> int:
    return sum(char in frequent for char in chars)


def _find_east_asian(data: bytes) -> str | None:
    """Name the encoding in which a page reads as Chinese, Japanese or Korean."""
    shares: dict[str, float] = {}
    for encoding, frequent in _EAST_ASIAN.items():
        text = _decode(data, encoding)
        if text is None:
            continue
        chars = list(islice((char for char in text if char > "\x7f"), _SAMPLE))
        known = _count_frequent(chars, frequent)
        # Places in the file are counted by encoding the text again.
        if (
            known >= max(_FREQUENT_LEAST, _FREQUENT_SHARE * len(chars))
            and text.encode(encoding, "replace") == data
        ):
            shares[encoding] = known / len(chars)
    return max(shares, key=lambda encoding: shares[encoding], default=None)


def _take_sample(data: bytes) -> bytes:
    """Take the surroundings of bytes beyond ASCII, from the start on."""
    pieces: list[bytes] = []
    length = at = 0
    while length < _SAMPLE and (match := _HIGH.search(data, at)):
        start, at = max(at, match.start() - 64), match.start() + 256
        pieces.append(data[start:at])
        length += at - start
    return b"\n".join(pieces)


def _is_other_script(sample: bytes) -> bool:
    """Tell whether words of bytes beyond ASCII alone outweigh those mixed with Latin letters."""
    pure = mixed = 0
    for word in _WORD.findall(sample):
        high = len(_HIGH.findall(word))
        if high == len(word) > 1:
            pure += high
        else:
            mixed += high
    return pure > mixed


def _rank_alphabets(sample: bytes) -> Sequence[str]:
    """Order the Latin encodings by how well one language explains the letters."""
    counts = Counter(b"".join(_HIGH.findall(sample)))
    ranks: dict[str, tuple[int, int]] = {}
    for position, (encoding, alphabet) in enumerate(_ALPHABETS):
        misfits = sum(
            number * _judge(bytes([byte]).decode(encoding, "replace"), alphabet)
            for byte, number in counts.items()
        )
        rank = (misfits, position)
        ranks[encoding] = min(rank, ranks.get(encoding, rank))
    return sorted(ranks, key=lambda encoding: ranks[encoding])


def _judge(mark: str, alphabet: str) -> int:
    """Give -1 for what a language uses, 1 for what it does not, 0 if that says nothing."""
    if mark in _NEUTRAL:
        return 0
    return -1 if mark in _MARKS or mark in alphabet or mark.lower() in alphabet else 1


def _rank_scripts(sample: bytes) -> Sequence[str]:
    """Order the encodings of other scripts: as charset-normalizer has it, and by letters."""
    from charset_normalizer import from_bytes

    scores = dict.fromkeys(_OTHER_SCRIPTS, 1.0)
    for match in from_bytes(
        sample, cp_isolation=list(_OTHER_SCRIPTS), preemptive_behaviour=False, enable_fallback=False
    ):
        for encoding in match.could_be_from_charset:
            scores[encoding] = match.chaos - match.coherence
    high = b"".join(_HIGH.findall(sample))
    for encoding, frequent in _OTHER_SCRIPTS.items():
        known = _count_frequent(high.decode(encoding, "replace"), frequent)
        scores[encoding] -= known / len(high)
    return sorted(scores, key=lambda encoding: scores[encoding])
