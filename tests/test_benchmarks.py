"""The benchmarks measure what they say; how fast it is, no test asks."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks.__main__ import PARTS, main
from benchmarks.bare import cut_front_matter, make_parser, measure_parsing
from benchmarks.generator import LARGEST, SMALLEST, make_pages, make_treatment, write_pages
from benchmarks.measure import Figure, MeasureError, Settings, run_command

BLOCKS = {
    "block_code",
    "block_html",
    "block_quote",
    "def_list",
    "footnotes",
    "heading",
    "list",
    "paragraph",
    "table",
    "task_list_item",
    "thematic_break",
}


def find_types(tokens: list[dict[str, Any]]) -> Iterator[str]:
    for token in tokens:
        yield token["type"]
        yield from find_types(token.get("children", []))


def test_the_same_number_gives_the_same_page() -> None:
    text = "".join(text for _, text in make_pages(50)) + make_treatment(7)
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert digest[:16] == "aae925f847bca29e"


def test_pages_are_of_every_size_and_hold_every_block() -> None:
    pages = [text for _, text in make_pages(300)]
    sizes = sorted(len(text.encode()) for text in pages)
    assert SMALLEST <= sizes[0] < 2 * SMALLEST
    assert LARGEST / 2 < sizes[-1] <= LARGEST
    parse = make_parser()
    found = {kind for text in pages for kind in find_types(parse(cut_front_matter(text)))}
    assert found >= BLOCKS
    assert any("\\*\\*" in text for text in pages)


def test_pages_are_written_where_they_are_named(tmp_path: Path) -> None:
    write_pages(tmp_path, 3, largest=500)
    found = {
        file.relative_to(tmp_path).as_posix(): file.read_bytes() for file in tmp_path.rglob("*.md")
    }
    assert found == {path: text.encode() for path, text in make_pages(3, largest=500)}
    assert min(measure_parsing(tmp_path)) > 0


@pytest.mark.parametrize(
    ("figure", "aim", "reached"),
    [
        (Figure("a", 0.5, most=0.6), "≤ 0.6", True),
        (Figure("a", 0.7, most=0.6), "≤ 0.6", False),
        (Figure("a", 1.9, least=1.8), "≥ 1.8", True),
        (Figure("a", 1.7, least=1.8), "≥ 1.8", False),
        (Figure("a", 7, "ms"), "", None),
    ],
)
def test_a_figure_knows_its_aim(figure: Figure, aim: str, reached: bool | None) -> None:
    assert (figure.aim, figure.reached) == (aim, reached)


def test_memory_counts_the_commands_children_but_not_its_parent() -> None:
    ours = bytearray(300 * 2**20)
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'bytearray(100<<20)'])"
    used = run_command([sys.executable, "-c", child])
    assert 100 < used.memory < 250
    assert len(ours) > used.memory


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has child subreapers")
def test_memory_counts_what_a_command_leaves_behind() -> None:
    orphan = "import time; data = bytearray(100 << 20); time.sleep(0.2)"
    command = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {orphan!r}])"
    assert run_command([sys.executable, "-W", "ignore", "-c", command]).memory > 100


def test_a_failing_command_says_why() -> None:
    with pytest.raises(MeasureError, match="exit code 3: no idea"):
        run_command(
            [sys.executable, "-c", "import sys; print('no idea', file=sys.stderr); exit(3)"]
        )


def test_parts_that_fail_leave_the_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(settings: Settings) -> Iterator[Figure]:
        yield Figure("first", settings.pages)
        raise MeasureError("the second failed")

    def succeed(settings: Settings) -> Iterator[Figure]:
        yield Figure("ratio", 2.5, least=1.8)

    monkeypatch.setitem(PARTS, "speed", fail)
    monkeypatch.setitem(PARTS, "startup", succeed)
    result = CliRunner().invoke(main, ["speed", "startup", "--pages", "70"])
    assert result.exit_code == 0
    for words in ("first", "70", "not measured: the second failed", "2.50 x", "≥ 1.8", "reached"):
        assert words in result.output
