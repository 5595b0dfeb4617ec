"""A run over thousands of pages, one in a hundred of every kind that does harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

LONG = "x" * 30_000
HARM: dict[str, tuple[str, bytes]] = {
    "heading": ("too-large", f"# {LONG}\n\n{'## a' + chr(10)}".encode() + b"## a\n" * 900),
    "column": ("too-large", f"|{LONG}|\n|-|\n".encode() + b"|a|\n" * 3_000),
    "header": ("too-large", b"|a" * 5_000 + b"|\n" + b"|-" * 5_000 + b"|\n" + b"|b|\n" * 5_000),
    "target": ("too-large", f"[a]: http://e.test/{LONG}\n\n".encode() + b"[a]\n\n" * 900),
    "binary": ("undecodable-bytes", b"\x00\xff\x01\x02" * 500),
    "cut": ("undecodable-bytes", "é".encode() * 200 + b"\xc3"),
    "yaml": ("invalid-front-matter", b"---\na: [\n---\n"),
    "bomb": ("unsafe-front-matter", b"---\na: &a [x, x]\n" + b"".join(
        b"b%d: &b%d [*%s, *%s]\n" % (n, n, name, name)
        for n, name in enumerate([b"a", *(b"b%d" % n for n in range(39))])
    ) + b"---\n"),
    "deep": ("unsafe-front-matter", b'{"a": ' * 200 + b"1" + b"}" * 200 + b"\n"),
}  # fmt: skip
"""The reject that each gives, and the page."""

HARMLESS = {
    "images": b"![a" * 400 + b"](b)" * 400,
    "stars": b"*a _b " * 2_000,
    "quotes": b"> a\n" * 3_000,
    "spaces": b"**a" + b" " * 20_000 + b":** b",
    "ragged": b"|a|b|\n|-|-|\n" + b"|1|2|\n" * 500 + b"|c" * 900 + b"|\n",
    "escapes": b"\\# a\n\n\\*\\*b:\\*\\* c\n\n" * 300,
}
"""What only looks bad, or is read within its limits."""

MEASURE = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_one_page_in_a_hundred_of_every_kind(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for number in range(5_000):
        (pages / f"{number:04}.md").write_text(f"# Page {number}\n\n**Fuel:** birch\n")
    expected: Counter[str] = Counter()
    for place, (rule, data) in enumerate(HARM.values()):
        for number in range(place, 5_000, 100):
            (pages / f"{number:04}.md").write_bytes(data)
            expected[rule] += 1
    for place, data in enumerate(HARMLESS.values(), 50):
        for number in range(place, 5_000, 100):
            (pages / f"{number:04}.md").write_bytes(data)
    for number in range(50):
        # Two names that are no UTF-8 and look alike, and one that moves the cursor.
        for byte in (b"\xff", b"\xfe"):
            (pages / os.fsdecode(b"%d-%s.md" % (number, byte))).write_text("# a\n")
        (pages / f"{number}-\x1b[2J.md").write_text("# a\n")
    expected["unsafe-name"] = 150
    out = tmp_path / "out"
    command = [sys.executable, "-m", "extractor", "run", pages, "--out", out, "--jobs", "2"]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *map(str, command), "--format", "json,jsonl,csv"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr.decode()
    rejects = [json.loads(line) for line in (out / "rejects.jsonl").read_bytes().splitlines()]
    assert Counter(reject["rule"] for reject in rejects) == expected
    documents = (out / "documents.jsonl").read_bytes().count(b"\n")
    assert documents == 5_000 - sum(expected.values()) + expected["unsafe-name"]
    assert len(list((out / "documents").rglob("*.json"))) == documents
    assert b"\x1b" not in done.stdout + done.stderr
    assert int(done.stdout.split()[-1]) < 1_000_000  # KiB of the largest process
