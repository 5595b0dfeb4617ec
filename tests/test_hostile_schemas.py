"""Record schemas from strangers: they open no other file, and end."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import extractor
from extractor.cli import cli
from extractor.records.record import RecordSchema, RecordSchemaError, lint_schema
from extractor.records.schema.cost import MAX_STEPS
from extractor.records.schema.fields import MAX_LEVELS
from extractor.records.schema.repetition import find_nested_repetition
from extractor.schema import validation

SECRET = "hunter2"
TAKEN = {"type": "string", "x-extract": {"metadata": "a"}}


def write(folder: Path, name: str, schema: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(schema if isinstance(schema, str) else json.dumps(schema), encoding="utf-8")
    return path


def refer(folder: Path, reference: str) -> Path:
    return write(folder, "main.json", {"type": "object", "properties": {"x": {"$ref": reference}}})


def find_problem(schema: Path | dict[str, Any]) -> str:
    with pytest.raises(RecordSchemaError) as caught:
        RecordSchema.load(schema)
    return str(caught.value)


def fill(schema: dict[str, Any], page: str = "---\na: b\n---\n") -> Any:
    return RecordSchema.load(schema).fill(extractor.extract(page), page)


class TestFiles:
    @pytest.mark.parametrize("reference", ["../out.json", "sub/../../out.json", "link.json", "{}"])
    def test_references_stay_below_the_folder(self, tmp_path: Path, reference: str) -> None:
        outside = write(tmp_path, "out.json", TAKEN)
        folder = tmp_path / "in"
        (folder / "sub").mkdir(parents=True)
        (folder / "link.json").symlink_to(outside)
        main = refer(folder, reference.format(outside.as_uri()))
        assert "leads out of the folder" in find_problem(main)

    def test_a_folder_that_is_a_link_does_not_hide_it(self, tmp_path: Path) -> None:
        write(tmp_path, "out/a.json", TAKEN)
        (tmp_path / "in").mkdir()
        (tmp_path / "in/sub").symlink_to(tmp_path / "out")
        assert "leads out of the folder" in find_problem(refer(tmp_path / "in", "sub/a.json"))

    @pytest.mark.parametrize("reference", ["a.json", "sub/a.json", "sub/../a.json", "sub/up.json"])
    def test_references_below_the_folder_are_read(self, tmp_path: Path, reference: str) -> None:
        write(tmp_path, "a.json", TAKEN)
        write(tmp_path, "sub/a.json", TAKEN)
        write(tmp_path, "sub/up.json", {"$ref": "../a.json"})
        schema = RecordSchema.load(refer(tmp_path, reference))
        record = schema.fill(extractor.extract("---\na: b\n---\n"))
        assert record.record == {"x": "b"}

    def test_the_schema_itself_may_be_a_link(self, tmp_path: Path) -> None:
        write(tmp_path, "in/a.json", TAKEN)
        refer(tmp_path / "in", "a.json")
        (tmp_path / "alias").symlink_to(tmp_path / "in")
        assert RecordSchema.load(tmp_path / "alias/main.json").name == "main"

    @pytest.mark.parametrize(
        "content",
        [
            {"type": SECRET},
            {"properties": {"a": SECRET}},
            {"required": SECRET, "minLength": SECRET},
            [SECRET],
            f"password: {SECRET}\n",
            f'{{"password": "{SECRET}"',
        ],
    )
    def test_no_message_quotes_a_file_that_is_no_schema(self, tmp_path: Path, content: Any) -> None:
        write(tmp_path, "private.json", content)
        problem = find_problem(refer(tmp_path, "private.json"))
        assert SECRET not in problem
        assert "private.json" in problem

    @pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
    def test_what_is_no_file_is_not_waited_for(
        self, tmp_path: Path, make: Callable[[Path], None]
    ) -> None:
        make(tmp_path / "odd.json")
        assert "can't be read: " in find_problem(tmp_path / "odd.json")
        assert "can't be read: " in find_problem(refer(tmp_path, "odd.json"))

    def test_a_device_is_no_schema(self, tmp_path: Path) -> None:
        assert "not a file" in find_problem(Path("/dev/zero"))
        done = CliRunner().invoke(cli, ["schema", "/dev/zero"])
        assert (done.exit_code, done.stdout) == (2, "")


def nest(step: Callable[[Any], Any], levels: int, inner: Any = TAKEN) -> Any:
    for _ in range(levels):
        inner = step(inner)
    return inner


STEPS: dict[str, Callable[[Any], Any]] = {
    "properties": lambda inner: {"type": "object", "properties": {"x": inner}},
    "items": lambda inner: {"type": "array", "items": inner},
    "allOf": lambda inner: {"allOf": [inner]},
    "not": lambda inner: {"not": inner},
    "nothing": lambda inner: {"unknown": inner},
}


def test_a_number_too_long_for_python_is_a_problem(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", f'{{"type": "object", "x": {"9" * 5000}}}')
    assert "a number is too long" in find_problem(path)


class TestDepth:
    @pytest.mark.parametrize("step", STEPS)
    @pytest.mark.parametrize("levels", [300, 20_000])
    def test_300_levels_are_a_problem_of_the_schema(
        self, tmp_path: Path, step: str, levels: int
    ) -> None:
        schema = {"type": "object", "properties": {"y": nest(STEPS[step], levels)}}
        assert "nested too deeply" in find_problem(schema)
        if levels < 1000:  # what the JSON module writes
            path = write(tmp_path, "a.json", schema)
            assert "nested too deeply" in find_problem(path)
            assert CliRunner().invoke(cli, ["schema", str(path)]).exit_code == 2
            write(tmp_path, "b.json", schema)
            assert "nested too deeply" in find_problem(refer(tmp_path, "b.json"))

    @pytest.mark.parametrize("step", ["properties", "items", "allOf"])
    def test_30_levels_are_none(self, step: str) -> None:
        schema = {"type": "object", "properties": {"y": nest(STEPS[step], 30)}}
        RecordSchema.load(schema).fill(extractor.extract("---\na: b\n---\n"))

    @pytest.mark.parametrize("count", [MAX_LEVELS + 1, 2_000])
    def test_a_chain_of_definitions(self, count: int) -> None:
        schema = chain(count, lambda inner: {"type": "object", "properties": {"x": inner}})
        assert re.search("nested too deeply|levels of values", find_problem(schema))

    def test_records_as_deep_as_they_may_be_are_checked_and_explained(self) -> None:
        count = MAX_LEVELS - 2
        schema = chain(
            count,
            lambda inner: {"allOf": [{"type": "object", "properties": {"x": inner}}]},
            {"type": "integer", "x-extract": {"metadata": "a"}},
        )
        (error,) = fill(schema).errors
        assert error.pointer == "/x" * count

    def test_what_contains_itself_is_filled_once(self) -> None:
        schema = {"type": "object", "properties": {"a": TAKEN, "more": {"$ref": "#"}}}
        record = fill(schema)
        assert record.is_valid
        assert record.record["a"] == "b"


def chain(count: int, step: Callable[[Any], Any], last: Any = TAKEN) -> dict[str, Any]:
    """Make definitions of which each holds a reference to the next."""
    definitions = {f"d{n}": step({"$ref": f"#/$defs/d{n + 1}"}) for n in range(count)}
    return {"type": "object", "$ref": "#/$defs/d0", "$defs": {**definitions, f"d{count}": last}}


def double(keyword: str) -> Callable[[Any], Any]:
    return lambda inner: {keyword: [inner, {"title": "again", **inner}]}


class TestBranches:
    @pytest.mark.parametrize("keyword", ["anyOf", "oneOf", "allOf"])
    def test_definitions_that_double_are_refused(self, keyword: str) -> None:
        schema = chain(30, double(keyword), {"type": "integer"})
        schema["properties"] = {"a": {**TAKEN}}
        assert f"more than {MAX_STEPS:,} checks" in find_problem(schema)

    def test_so_are_those_behind_dynamic_references(self) -> None:
        definitions = {
            f"d{n}": {
                "$dynamicAnchor": f"d{n}",
                "anyOf": [{"$dynamicRef": f"#d{n + 1}"}, {"$dynamicRef": f"#d{n + 1}"}],
            }
            for n in range(30)
        }
        schema = {"type": "object", "$dynamicRef": "#d0", "$defs": definitions}
        assert "checks" in find_problem(schema)

    def test_so_are_those_between_properties(self) -> None:
        step = lambda inner: {"anyOf": [{"properties": {"x": inner}}, {"properties": {"x": inner}}]}  # noqa: E731
        assert "checks" in find_problem(chain(40, step))

    def test_a_few_doublings_are_none(self) -> None:
        schema = chain(8, double("anyOf"), {"type": "object"})
        schema["properties"] = {"a": TAKEN}
        assert fill(schema).record == {"a": "b"}

    def test_many_references_to_one_definition_are_none(self) -> None:
        names = [f"p{number}" for number in range(500)]
        schema = {
            "type": "object",
            "$defs": {"text": TAKEN},
            "properties": {name: {"$ref": "#/$defs/text"} for name in names},
        }
        assert len(fill(schema).record) == 500

    def test_fields_times_layers_are_bounded(self) -> None:
        layers = {f"l{n}": {"allOf": [{"$ref": f"#/$defs/l{n + 1}"}]} for n in range(90)}
        schema = {
            "type": "object",
            "$defs": {**layers, "l90": TAKEN},
            "properties": {f"p{n}": {"$ref": "#/$defs/l0"} for n in range(3000)},
        }
        assert re.search("steps to read|checks", find_problem(schema))

    def test_explanations_of_alternatives_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(validation, "MAX_ALTERNATIVES", 100)
        schema = chain(10, double("anyOf"), {"required": ["z"]})
        schema["properties"] = {"a": TAKEN}
        errors = fill(schema).errors
        assert [error.pointer for error in errors] == [""]
        monkeypatch.setattr(validation, "MAX_ALTERNATIVES", 10_000)
        (error,) = fill(schema).errors
        assert error.message.startswith("fits none of the alternatives")

    def test_alternatives_that_contain_themselves_are_named(self, tmp_path: Path) -> None:
        node = {
            "anyOf": [
                {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}},
                {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "b": {}}},
            ]
        }
        schema = {"type": "object", "properties": {"a": TAKEN}, "$defs": {"node": node}}
        path = write(tmp_path, "a.json", schema)
        (problem,) = lint_schema(path)
        assert (problem.pointer, problem.fatal) == ("/$defs/node/anyOf", False)
        assert "multiply" in problem.message

    def test_alternatives_that_something_tells_apart_are_not(self, tmp_path: Path) -> None:
        value = {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"$ref": "#/$defs/value"}},
                {"type": "object", "additionalProperties": {"$ref": "#/$defs/value"}},
            ]
        }
        node = {
            "oneOf": [
                {"properties": {"kind": {"const": kind}, "in": {"$ref": "#/$defs/node"}}}
                for kind in "ab"
            ]
        }
        tree = {
            "type": "object",
            "properties": {side: {"$ref": "#/$defs/tree"} for side in ("left", "right")},
        }
        definitions = {"value": value, "node": node, "tree": tree}
        schema = {"type": "object", "properties": {"a": TAKEN}, "$defs": definitions}
        assert lint_schema(write(tmp_path, "a.json", schema)) == []


EVIL = (
    "(a+)+",
    "^(a*)*$",
    r"(\w+\s?)*",
    "(x+x+)+y",
    "(a|b+)*",
    "((a{1,})*)",
    "(?:[^,]+)+",
    "(a+){2,}",
    "(?<name>a+)*",
)
GOOD = (
    r"(?:\d+,\s*)*\d+",
    "^[a-z]+(-[a-z]+)*$",
    "(a?)+",
    "(ab)*",
    "(a+)?",
    "(a+){2}",
    r"\(a+\)+",
    "[(a+)+]",
    r"(\.\w+)+",
    "(?=.*x+)+a",
    "(",
    "a{",
)


class TestPatterns:
    @pytest.mark.parametrize("source", EVIL)
    def test_nested_repetition_is_found(self, source: str) -> None:
        assert find_nested_repetition(source) is not None

    @pytest.mark.parametrize("source", GOOD)
    def test_other_repetition_is_not(self, source: str) -> None:
        assert find_nested_repetition(source) is None

    def test_it_is_named_and_does_no_harm_here(self, tmp_path: Path) -> None:
        schema = {
            "type": "object",
            "properties": {"a": {**TAKEN, "pattern": "^(a+)+$"}},
            "patternProperties": {"^(b*)*c$": {}},
        }
        problems = lint_schema(write(tmp_path, "a.json", schema))
        assert [problem.pointer for problem in problems] == [
            "/patternProperties",
            "/properties/a/pattern",
        ]
        page = f"---\na: {'a' * 50_000}!\n---\n"
        (error,) = fill(schema, page).errors
        assert error.pointer == "/a"

    @pytest.mark.parametrize("pattern", ["(a{1000}){1000}", r"\p{Nonsense}", "(?=x)(a{999}){999}"])
    def test_what_cant_be_compiled_is_a_problem_of_the_schema(
        self, tmp_path: Path, pattern: str
    ) -> None:
        schema = {"type": "object", "properties": {"a": {**TAKEN, "pattern": pattern}}}
        assert "/properties/a/pattern" in find_problem(schema)
        assert any("regex" in p.message for p in lint_schema(write(tmp_path, "a.json", schema)))

    @pytest.mark.parametrize("keyword", ["match", "section"])
    def test_large_regexes_are_refused(self, keyword: str) -> None:
        large = "((a{0,100}){0,10}b)((c{0,100}){0,10}d)" * 6
        schema = {"type": "object", "properties": {"a": {"x-extract": {keyword: large}}}}
        assert "too large" in find_problem(schema)
        small = {"type": "object", "properties": {"a": {"x-extract": {keyword: "a{1,300}"}}}}
        assert fill(small).is_valid
