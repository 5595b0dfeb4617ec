"""Mutated pages against the laws, through the library and through whole runs.

`make fuzz` runs it for a while, `.ci/run` for a short one. Every page follows from the
seed and its number, so that what is found can be drawn again: it is written to
build/fuzz, and the line printed names the seed. What was found once and mended belongs
into tests/cases/fuzz, which each fuzzing, and the tests, begin with.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))

from hypothesis import HealthCheck, Phase, given, seed, settings
from strategies import Page, pages
from test_properties import check_spans

from extractor.model import Document, PageRejected
from extractor.pipeline import extract
from extractor.run.batch import Request, run_batch
from extractor.run.settings import RunSettings
from extractor.schema.document import check_document
from extractor.tables.rows import table_rows

ROOT = Path(__file__).parent.parent
FINDS = ROOT / "build" / "fuzz"
KEPT = Path(__file__).parent / "cases" / "fuzz"

ROUND = 200
"""Pages between two runs of the batch."""

MOST_OUTPUT = 16_000_000
"""Bytes of JSON that no page of this size may come to; the product's own limit is as high."""

TOKENS = (
    "**", "*", "__", "\\*\\*", "\\\\\\*", ":", "：", " - ", "::", "`", "```\n", "~~~\n", "$$", "|",
    "\n|-|-|\n", "> ", ">>>", "- ", "1. ", "10. ", "\t", "    ", "\n\n", "\r\n", "\r", "---\n",
    "+++\n", "# ", "\\# ", "###### ", "[", "](", ")", "![", "[^1]", "[^1]: ", "[a]: u\n", "<b>",
    "</b>", "<!--", "-->", "<a x=", "&#32;", "&ast;", "&nbsp;", "\u200b", "\u00a0", "\ufeff",
    "â€“", "Ã©", "\u202e", "😀", "é", "：**", "{#id}", "[!note] ", ": ", "a: b: c\n", "{\"a\": ",
)  # fmt: skip
"""What mutations put in: markup of every kind, whole and damaged."""


@dataclass
class Tally:
    """What a fuzzing has done."""

    pages: int = 0
    rejected: int = 0
    runs: int = 0
    found: list[str] = field(default_factory=list)


# --- pages --------------------------------------------------------------------------------


def list_originals(number: int) -> list[bytes]:
    """Give the pages that mutations begin with: samples, cases, and pages drawn by a seed."""
    originals = [path.read_bytes() for path in sorted((ROOT / "samples").rglob("*.md"))]
    cases = (ROOT / "tests" / "cases" / "labels.jsonl").read_text("utf-8").splitlines()
    labels = [json.loads(case)["markdown"].encode() for case in cases]
    originals += [b"\n\n".join(labels[at : at + 6]) for at in range(0, len(labels), 6)]
    return originals + draw_pages(number)


def draw_pages(number: int, count: int = 300) -> list[bytes]:
    """Draw pages from the strategy that the laws draw from."""
    drawn: list[bytes] = []

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(pages(damaged=True))
    def draw(page: Page) -> None:
        drawn.append(page.data)

    draw()
    return drawn


def mutate(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Change a page in up to six ways."""
    for _ in range(chance.randint(1, 6)):
        data = chance.choice(MUTATIONS)(data, others, chance)
    return data[:60_000]


def _cut(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randint(0, len(data))
    return start, min(len(data), start + int(chance.expovariate(1 / 20)))


def _insert(data: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(TOKENS).encode() * chance.choice((1, 1, 1, 2, 30)) + data[at:]


def _delete(data: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    start, end = _cut(data, chance)
    return data[:start] + data[end:]


def _repeat(data: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    start, end = _cut(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 2, 50)) + data[end:]


def _flip(data: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    # One byte in five is any; most of those make no text of the page.
    byte = chance.randrange(256 if chance.random() < 0.2 else 128)
    return data[:at] + bytes([byte]) + data[at + 1 :]


def _splice(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    start, end = _cut(other := chance.choice(others), chance)
    at = chance.randint(0, len(data))
    return data[:at] + other[start : end + 200] + data[at:]


def _change_lines(data: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    before, after = chance.choice(
        ((b"**", b"\\*\\*"), (b"**", b"** "), (b"# ", b"\\# "), (b"\n", b"\r\n"), (b"\n", b"\r"),
         (b"- ", b"\\- "), (b"\n", b"\n> "), (b"\n", b"\n    "), (b":**", b"**:"), (b"*", b""))
    )  # fmt: skip
    return data.replace(before, after, chance.choice((1, 3, -1)))


def _encode(data: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    name = chance.choice(("cp1252", "cp1251", "utf-16", "shift_jis", "mac_roman", "utf-8"))
    text = data.decode("utf-8", "replace")
    if chance.random() < 0.5:  # Mojibake: UTF-8 that was read as something else.
        return text.encode().decode(name, "replace").encode()
    return text.encode(name, "replace")


MUTATIONS: tuple[Callable[[bytes, Sequence[bytes], random.Random], bytes], ...] = (
    _insert,
    _insert,
    _delete,
    _repeat,
    _flip,
    _splice,
    _change_lines,
    _encode,
)


# --- laws ---------------------------------------------------------------------------------


def check_page(data: bytes) -> Document | PageRejected:
    """Hold a page against the laws.

    Raises:
        AssertionError: If one is broken.
        Exception: Whatever the extractor fails with.
    """
    try:
        document = extract(data, "page.md", time_limit=20)
    except PageRejected as rejected:
        if rejected.reject.rule == "time-limit":
            raise AssertionError("takes too long") from rejected
        return rejected
    text = document.to_json()
    assert len(text) <= max(MOST_OUTPUT, 200 * len(data)), "output without bound"
    assert check_document(document) == []
    assert Document.from_json(text) == document
    assert extract(data, "page.md").to_json() == text
    check_spans(data, extract(data, "page.md", repair=False))
    table_rows(document)
    return document


def check_run(batch: Sequence[bytes], answers: Sequence[Document | PageRejected]) -> None:
    """Extract pages by a whole run, and compare with what the library gave."""
    with TemporaryDirectory(prefix="fuzz-") as space:
        folder = Path(space, "pages")
        folder.mkdir()
        for number, data in enumerate(batch):
            (folder / f"{number:04}.md").write_bytes(data)
        request = Request(
            sources=(str(folder),),
            out=str(Path(space, "out")),
            formats=("jsonl", "csv", "parquet"),
            settings=RunSettings(),
            jobs=2,
        )
        run_batch(request)
        lines = Path(space, "out", "documents.jsonl").read_bytes().splitlines()
        found = {d.source.path: d for d in map(Document.from_json, lines)}
        rejects = Path(space, "out", "rejects.jsonl").read_bytes().splitlines()
        rules = {r["path"]: r["rule"] for r in map(json.loads, rejects)}
    for number, answer in enumerate(answers):
        name = f"{number:04}.md"
        if isinstance(answer, PageRejected):
            assert rules.get(name) == answer.reject.rule, name
        else:
            assert found[name].sections == answer.sections, name


def fuzz(number: int, seconds: float) -> Tally:
    """Mutate pages until the time is over.

    Args:
        number: The seed.
        seconds: How long; a round that has begun is finished.
    """
    tally = Tally()
    chance = random.Random(number)
    originals = list_originals(number)
    end = time.monotonic() + seconds
    for data in read_kept():
        _try(data, tally, number)
    while not tally.runs or (time.monotonic() < end and len(tally.found) < 20):
        batch = [mutate(chance.choice(originals), originals, chance) for _ in range(ROUND)]
        answers = [_try(data, tally, number) for data in batch]
        good = [(d, a) for d, a in zip(batch, answers, strict=True) if a is not None]
        try:
            check_run([data for data, _ in good], [answer for _, answer in good])
        except Exception:
            _keep(b"", tally, number, f"a run of {len(good)} pages")
        tally.runs += 1
    return tally


def read_kept() -> Iterator[bytes]:
    """Read the pages that broke a law once."""
    for path in sorted(KEPT.glob("*.md")):
        yield path.read_bytes()


def _try(data: bytes, tally: Tally, number: int) -> Document | PageRejected | None:
    tally.pages += 1
    try:
        answer = check_page(data)
    except Exception:
        _keep(data, tally, number, f"page {tally.pages}")
        return None
    tally.rejected += isinstance(answer, PageRejected)
    return answer


def _keep(data: bytes, tally: Tally, number: int, what: str) -> None:
    FINDS.mkdir(parents=True, exist_ok=True)
    file = FINDS / f"{sha256(data).hexdigest()[:12]}.md"
    file.write_bytes(data)
    error = traceback.format_exc(limit=-3)
    file.with_suffix(".txt").write_text(f"seed {number}, {what}\n{error}", encoding="utf-8")
    tally.found.append(f"seed {number}, {what}: {error.strip().splitlines()[-1]} ({file})")


def main() -> int:
    """Fuzz, print what was done and found, and exit with 1 if anything was."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=None, help="by default, one by the clock")
    options = parser.parse_args()
    number = options.seed if options.seed is not None else int(time.time())
    tally = fuzz(number, options.seconds)
    print(
        f"seed {number}: {tally.pages} pages ({tally.rejected} rejected), "
        f"{tally.runs} runs, {len(tally.found)} found"
    )
    for found in tally.found:
        print(found)
    return bool(tally.found)


if __name__ == "__main__":
    sys.exit(main())
