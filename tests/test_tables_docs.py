"""The questions of docs/tables.md: each is answered alike in DuckDB and in pandas."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pandas
import pytest
from click.testing import CliRunner

from extractor.cli import cli
from extractor.tables.columns import KEYS, TABLES

duckdb = pytest.importorskip("duckdb")

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
CHAPTER = DOCUMENT.partition("\n## Questions and answers\n")[2].partition("\n## ")[0]
FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
SCHEMA = ROOT / "schemas" / "treatment.schema.json"

PAGES = {
    "plain.md": """\
No title here, and a [lost page](nowhere.md), a [lost part](deep/wells.md#gone), and a
[whole page](deep/wells.md#the-well), [this page](#preamble), [elsewhere](https://e.example/a.md).

![](no-alt.png) and ![a well](well.png)

| Only | A header |
| --- | --- |
""",
    "deep/wells.md": """\
---
title: Issue 12
extra: d√©collet√©
---

# [Wells](../deep/./../plain.md) ![](sign.png)

[Up](../plain.md), [too far up](../../plain.md), [a space](a%20space.md), [a picture](no.png).

## The well

> Water is quoted.

- rope
  > nested quote
  - bucket
    1. handle
- ladder

> [!tip]- Depth
> Seven metres of water.

| Part | Amount |
| --- | --- |
| [rope](https://e.example/rope) | 9 m |
| chain |

```sh
draw
```

    no language
""",
    "deep/a space.md": "# Contraindications for all\n\n1. Fever\n   - above 38\n2. Frost\n",
    "broken.md": "---\na: [\n---\n",
    "broken-too.md": "---\nb: {\n---\n",
}
"""Pages with what the samples lack: nulls in keys, broken links, tables without rows."""


class Question(NamedTuple):
    """A question of the page, its answer in each language, and the rows shown, if any."""

    title: str
    sql: str
    python: str
    shown: list[list[str]]


def read_questions() -> tuple[str, list[Question]]:
    """Give the Python that comes before all questions, and the questions."""
    opening, *parts = re.split(r"^### ", CHAPTER, flags=re.M)
    fences = [{m["language"]: m["text"] for m in FENCE.finditer(part)} for part in parts]
    questions = [
        Question(part.partition("\n")[0], fence["sql"], fence["python"], read_rows(part))
        for part, fence in zip(parts, fences, strict=True)
    ]
    [setup] = [match["text"] for match in FENCE.finditer(opening) if match["language"] == "python"]
    return setup, questions


def read_rows(part: str) -> list[list[str]]:
    """Read the Markdown table of a question: its header, then its rows."""
    lines = [line for line in FENCE.sub("", part).splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if not set("".join(row)) <= set("-")]


SETUP, QUESTIONS = read_questions()


class Answers:
    """What a run gave, asked in both languages."""

    def __init__(self, folder: Path) -> None:
        self.database = duckdb.connect(str(folder / "out" / "extractor.duckdb"), read_only=True)
        self.folder = folder
        self.names = self.run_python(SETUP)

    def run_python(self, code: str) -> dict[str, Any]:
        """Run code that reads from `out/tables`, and give what it defines."""
        names: dict[str, Any] = {}
        exec(code.replace("out/tables", f"{self.folder}/out/tables"), names)
        return names

    def ask_sql(self, query: str) -> list[list[Any]]:
        found = self.database.execute(query)
        header = [column[0] for column in found.description]
        return [header, *([*row] for row in found.fetchall())]

    def ask_pandas(self, code: str) -> list[list[Any]]:
        names = dict(self.names)
        exec(code, names)
        answer = names["answer"]
        assert isinstance(answer, pandas.DataFrame)
        rows = answer.astype(object).where(answer.notna(), None)
        return [list(answer.columns), *rows.to_numpy().tolist()]


def run(folder: Path, *sources: Path) -> Answers:
    command = ["run", *map(str, sources), "--out", str(folder / "out"), "--quiet"]
    options = ["--format", "csv,parquet,duckdb", "--schema", str(SCHEMA), "--jobs", "1"]
    result = CliRunner().invoke(cli, [*command, *options])
    assert result.exit_code == 1, result.output
    return Answers(folder)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return run(tmp_path_factory.mktemp("samples"), ROOT / "samples")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    folder = tmp_path_factory.mktemp("everything")
    for name, text in PAGES.items():
        path = folder / "pages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return run(folder, ROOT / "samples", folder / "pages")


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.title)
def test_both_languages_give_the_same_rows(question: Question, everything: Answers) -> None:
    in_sql = everything.ask_sql(question.sql)
    assert len(in_sql) > 1, "no row: nothing is compared"
    assert everything.ask_pandas(question.python) == in_sql


@pytest.mark.parametrize(
    "question", [q for q in QUESTIONS if q.shown], ids=lambda question: question.title
)
def test_the_rows_shown_are_those_of_the_samples(question: Question, samples: Answers) -> None:
    found = samples.ask_sql(question.sql)
    assert [["" if value is None else str(value) for value in row] for row in found] == (
        question.shown
    )


def test_there_are_fifteen_questions_and_more() -> None:
    assert len({question.sql for question in QUESTIONS}) == len(QUESTIONS) >= 15


def test_broken_links_are_those_and_no_others(everything: Answers) -> None:
    [query] = [question.sql for question in QUESTIONS if "broken" in question.title]
    urls = [row[2] for row in everything.ask_sql(query)[1:] if row[0] in PAGES]
    assert urls == ["../../plain.md", "nowhere.md", "deep/wells.md#gone"]


def test_the_example_of_the_keys_gives_rows(samples: Answers) -> None:
    [query] = [m["text"] for m in FENCE.finditer(DOCUMENT.partition("## Columns")[0])]
    assert len(samples.ask_sql(query)) > 1


def test_what_is_said_of_joins(everything: Answers) -> None:
    def count(source: str) -> int:
        return int(everything.ask_sql(f"SELECT count(*) FROM {source}")[1][0])

    chain = "items NATURAL JOIN blocks NATURAL JOIN sections NATURAL JOIN documents"
    assert count(chain) == count("items")
    assert count("cells NATURAL JOIN columns NATURAL JOIN blocks") == count("cells")
    assert count("links NATURAL JOIN blocks") < count("links")
    assert count("links NATURAL LEFT JOIN blocks") == count("links")
    assert count("diagnostics NATURAL JOIN sections") < count("diagnostics")
    assert count("diagnostics NATURAL LEFT JOIN sections") == count("diagnostics")
    tables: SimpleNamespace = everything.names["t"]
    assert len(tables.links.merge(tables.images)) > count("links NATURAL JOIN images") == 0
    both = tables.links.merge(tables.images, on=["path", "section"])
    assert len(both) == count("links JOIN images USING (path, section)") > 0


def test_csv_is_read_as_it_was_written(everything: Answers) -> None:
    chapter = DOCUMENT.partition("\n## CSV\n")[2]
    [code] = [m["text"] for m in FENCE.finditer(chapter) if m["language"] == "python"]
    items = everything.run_python(code)["items"]
    assert items["text"].fillna("").tolist() == everything.names["t"].items["text"].tolist()


def test_every_table_and_column_is_named() -> None:
    tables = DOCUMENT.partition("\n## Keys\n")[0]
    columns = DOCUMENT.partition("\n## Columns\n")[2].partition("\n## ")[0]
    for table, named in TABLES.items():
        assert f"`{table}`" in tables
        part = columns.partition(f"**{table}**: ")[2].partition(" **")[0].partition("\n**")[0]
        own = {name for name, _ in named} - set(KEYS)
        words = set(re.findall(r"`(\w+)`", part))
        assert own <= words, (table, own - words)
