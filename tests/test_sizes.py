"""The result of a page is bounded, whatever it repeats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from extractor.cli import cli
from extractor.model import PageRejected, Table
from extractor.pipeline import extract
from extractor.records.record import RecordSchema
from extractor.sizes import LEAST_BOUND, ResultLimit, measure_value

LONG = "x" * 40_000
GROWING = {
    "a long heading above many sections": f"# {LONG}\n\n" + "## a\n" * 1_000,
    "a long URL of many links": f"[a]: http://e.test/{LONG}\n\n" + "[a]\n\n" * 1_000,
    "a long URL of many links in cells": (
        f"[a]: http://e.test/{LONG}\n\n|h|\n|-|\n" + "|[a]|\n" * 1_000
    ),
    "a long URL of many images": f"[a]: http://e.test/{LONG}\n\n" + "b ![][a]\n\n" * 1_000,
    "a long title of many links": f'[a]: u "{LONG}"\n\n' + "- [a]\n" * 1_000,
    "a wide header over short rows": "|a" * 9_000 + "|\n" + "|-" * 9_000 + "|\n" + "|b|\n" * 9_000,
}
ROWS = {
    "a long name of a column": f"|{LONG}|\n|-|\n" + "|a|\n" * 5_000,
    "a long heading of many items": f"# {LONG}\n\n" + "- a\n" * 5_000,
    "a long id of many items": f"# a {{#{LONG}}}\n\n" + "- a\n" * 5_000,
}
HARMLESS = {
    "a long text": LONG * 100,
    "a long heading": f"# {LONG}\n\n## b\n\nc",
    "a long URL": f"[a]: http://e.test/{LONG}\n\n[a] and [a]",
    "many short headings": "# a\n\n" + "## b\n" * 20_000,
    "a long table": "|a|b|\n|-|-|\n" + "|1|2|\n" * 20_000,
    "a wide table": "|a" * 5_000 + "|\n" + "|-" * 5_000 + "|\n" + ("|b" * 5_000 + "|\n") * 20,
    "short rows": "|a|b|c|\n|-|-|-|\n" + "|1|\n" * 20_000,
}


@pytest.mark.parametrize("page", GROWING.values(), ids=GROWING)
def test_what_is_repeated_too_often_rejects_the_page(page: str) -> None:
    with pytest.raises(PageRejected) as caught:
        extract(page)
    assert caught.value.reject.rule == "too-large"
    assert extract(page[: len(page) // 40]).source.bytes


@pytest.mark.parametrize("page", HARMLESS.values(), ids=HARMLESS)
def test_what_is_long_or_many_alone_is_none_of_it(page: str) -> None:
    extract(page)


def test_the_limit_can_be_raised_and_taken_away() -> None:
    page = GROWING["a long heading above many sections"]
    assert len(extract(page, max_result=None).sections) == 1_001
    assert len(extract(page, max_result=5_000).sections) == 1_001
    with pytest.raises(PageRejected, match="long headings"):
        extract(page, max_result=200)


def test_padding_is_capped_and_said() -> None:
    """12 kB that made 15 MB: one row of 2,000 cells and 2,000 short ones."""
    page = "|a|b|\n|-|-|\n" + "|1|2|\n" * 2_000 + "|c" * 2_000 + "|\n"
    document = extract(page)
    table = document.sections[0].blocks[0]
    assert isinstance(table, Table)
    assert len(document.to_json()) < 40 * len(page)
    assert {len(row) for row in table.rows} == {len(table.columns)}
    assert sum(row.count("c") for row in table.rows[-1:]) == len(table.columns) - 1
    assert table.rows[-1][-1].count("c") == 2_000 - len(table.columns) + 1
    found = [d for d in document.diagnostics if d.rule == "ragged-table"]
    assert [d.span.line for d in found if d.span] == [2_003]
    assert "were read as one" in found[0].message


def test_a_table_of_usual_width_is_padded_as_ever() -> None:
    document = extract("|a|\n|-|\n|1|2|3|\n|4|")
    table = document.sections[0].blocks[0]
    assert isinstance(table, Table)
    assert table.columns == ["a", "", ""]
    assert table.rows == [["1", "2", "3"], ["4", "", ""]]


@pytest.mark.parametrize("page", ROWS.values(), ids=ROWS)
def test_rows_that_repeat_too_much_cost_the_page_and_not_the_run(page: str, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "bad.md").write_text(page)
    (pages / "good.md").write_text("# Good\n")
    out = tmp_path / "out"
    result = CliRunner().invoke(cli, ["run", str(pages), "--out", str(out), "--quiet"])
    assert result.exit_code == 1, result.output
    (reject,) = map(json.loads, (out / "rejects.jsonl").read_text().splitlines())
    assert (reject["path"], reject["rule"]) == ("bad.md", "too-large")
    assert "the rows of the table" in reject["message"]
    assert (out / "documents" / "good.md.json").exists()


def test_the_configuration_raises_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.md").write_text(GROWING["a long heading above many sections"])
    monkeypatch.chdir(tmp_path)
    command = ["run", "page.md", "--out", "out", "--format", "jsonl", "--quiet"]
    assert CliRunner().invoke(cli, command).exit_code == 1
    (tmp_path / "extractor.toml").write_text("max-result = 10000\n")
    assert CliRunner().invoke(cli, command).exit_code == 0


def test_a_record_is_measured_without_writing_it() -> None:
    assert measure_value({"a": ["bc", 1, None], "d": "e"}) == 2 + 2 + 40 + 1
    limit = ResultLimit("a.md", 10)
    limit.check(LEAST_BOUND, "a")
    with pytest.raises(PageRejected, match="because") as caught:
        limit.check(LEAST_BOUND + 1, "because", 3)
    assert (caught.value.reject.rule, caught.value.reject.line) == ("too-large", 3)
    schema = RecordSchema("x", {"type": "object", "properties": {}})
    assert measure_value(schema.fill(extract("# a")).record) == 0
