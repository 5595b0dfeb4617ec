"""The recipes of docs/distributed.md do what they say."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pandas
import pytest

import extractor
from extractor.config.options import PageOptions
from extractor.run.outputs import PART_FORMATS

DOCUMENT = Path(__file__).parents[1] / "docs" / "distributed.md"
PAGES = {
    "a.md": b"# A\n\n**Label:** text\n",
    "bad.md": b"---\na: [\n---\n",
    "b.md": "# Größe\n".encode(),
}


def run_recipes(*numbers: int) -> dict[str, Any]:
    """Run some of the page's blocks of Python, and give what they define."""
    blocks = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    for number in numbers:
        exec(blocks[number], names)
    return names


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in PAGES.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def check_rows(frame: pandas.DataFrame) -> None:
    rows = {Path(row["path"]).name: row for row in frame.to_dict("records")}
    assert sorted(rows) == sorted(PAGES)
    title = extractor.Document.from_json(rows["b.md"]["document"]).title
    assert title == "Größe"
    assert rows["bad.md"]["rule"] == "invalid-front-matter"
    assert int(rows["bad.md"]["line"]) > 0
    assert pandas.isna(rows["bad.md"]["document"])
    assert pandas.isna(rows["a.md"]["line"])


def test_a_frame_in_gives_a_frame_out() -> None:
    frame = pandas.DataFrame({"path": PAGES.keys(), "bytes": PAGES.values()})
    check_rows(run_recipes(0)["extract_frame"](frame))


def test_the_documents_are_those_of_the_library() -> None:
    frame = pandas.DataFrame({"path": ["a.md"], "bytes": [PAGES["a.md"]]})
    (document,) = run_recipes(0)["extract_frame"](frame)["document"]
    assert document == extractor.extract(PAGES["a.md"], path="a.md").to_json()


def test_frames_come_one_by_one() -> None:
    frames = [pandas.DataFrame({"path": [path], "bytes": [data]}) for path, data in PAGES.items()]
    check_rows(pandas.concat(run_recipes(0)["extract_frames"](iter(frames))))


def test_an_empty_frame_has_all_columns() -> None:
    recipes = run_recipes(0)
    frame = pandas.DataFrame({"path": [], "bytes": []})
    assert list(recipes["extract_frame"](frame).columns) == recipes["COLUMNS"]
    assert (
        recipes["SCHEMA"].replace(" string", "").replace(" int", "").split(", ")
        == (recipes["COLUMNS"])
    )


@pytest.mark.filterwarnings("default")
def test_spark(folder: Path) -> None:
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    spark = sql.SparkSession.builder.master("local[1]").getOrCreate()
    try:
        check_rows(run_recipes(0, 1)["extract_with_spark"](spark, str(folder)).toPandas())
    finally:
        spark.stop()


@pytest.mark.filterwarnings("default")
def test_ray(folder: Path) -> None:
    pytest.importorskip("ray", reason="ray is not installed")
    ray = importlib.import_module("ray")
    ray.init(num_cpus=1)
    try:
        check_rows(run_recipes(0, 2)["extract_with_ray"](str(folder)).to_pandas())
    finally:
        ray.shutdown()


def test_what_is_said_of_parts() -> None:
    from extractor.run.cluster import _PART_PAGES, _name_part

    text = DOCUMENT.read_text(encoding="utf-8")
    assert f"parts of {_PART_PAGES} pages" in text
    assert f"`{_name_part('documents.jsonl', 0)}`" in text
    assert " and ".join(f"`{name}`" for name in PART_FORMATS) in text
    assert PageOptions().time_limit == 10
