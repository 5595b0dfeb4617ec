"""Which single-byte encoding a page has that is not Unicode: the door to charset-normalizer.

Only the encodings still met on the web are considered. Multi-byte ones are left out
on purpose: they accept almost any bytes and turn short Western texts into Chinese.

Measured on 35 paragraphs in 20 languages, charset-normalizer tells scripts apart
without a mistake, but took cp1250 for a third of the Western European ones, equal
scores being sorted by name. So Latin letters are judged by the alphabets below.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

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

_OTHER_SCRIPTS = ("cp1251", "koi8_r", "koi8_u", "cp1253", "cp1255", "cp1256", "cp866")

LEGACY = (*dict.fromkeys(name for name, _ in _ALPHABETS), *_OTHER_SCRIPTS)
"""Every encoding that `find_encodings` can name; one byte is one character in each."""


def find_encodings(data: bytes) -> Iterator[str]:
    """Give the encodings in which a page can be decoded, best first.

    Args:
        data: Text that is not UTF-8.
    """
    sample = _take_sample(data)
    ranked = _rank_scripts(sample) if _is_other_script(sample) else _rank_alphabets(sample)
    return (encoding for encoding in ranked if decodes(data, encoding))


def decodes(data: bytes, encoding: str) -> bool:
    """Tell whether every byte means something in an encoding."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


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
    """Order the encodings of other scripts as charset-normalizer has it, ties by table."""
    from charset_normalizer import from_bytes

    scores = dict.fromkeys(_OTHER_SCRIPTS, 1.0)
    for match in from_bytes(
        sample, cp_isolation=list(_OTHER_SCRIPTS), preemptive_behaviour=False, enable_fallback=False
    ):
        for encoding in match.could_be_from_charset:
            scores[encoding] = match.chaos - match.coherence
    return sorted(scores, key=lambda encoding: scores[encoding])
