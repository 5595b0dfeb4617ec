"""The shape of the code: data flows one way, every library has one door, nothing grows."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "extractor"

STAGES = (
    *("upgrades", "model", "pointers", "version", "wording", "rejects", "spans", "limits", "sizes"),
    *("diagnostics", "config", "storage"),
    *("source", "frontmatter", "markdown", "repair", "labels", "structure", "pipeline"),
    *("schema", "tables", "records", "report"),
    *("check", "diff", "run", "library", "pytest_plugin", "cli", "__main__"),
)
"""Folders and files in the order of a page's way; each imports only from those before it."""

DOORS = {
    "chardet": "source",
    "click": "cli",
    "distributed": "run",
    "duckdb": "tables",
    "filelock": "storage",
    "frontmatter": "frontmatter",
    "fsspec": "storage",
    "ftfy": "repair",
    "jsonschema": "schema",
    "jsonschema_rs": "schema",
    "jsonschema_specifications": "schema",
    "mistune": "markdown",
    "pandas": "tables",
    "pyarrow": "tables",
    "pytest": "pytest_plugin",
    "pytest_regressions": "pytest_plugin",
    "re2": "records",
    "rich": "cli",
    "yaml": "frontmatter",
}
"""The one stage that may import a library; msgspec is at home everywhere."""

HEAVY = ("pandas", "pyarrow", "jsonschema", "mistune", "rich", "duckdb", "dask", "ftfy", "yaml")
PRINTERS = {"cli"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 40

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
INNER = [module for module in MODULES if module != "extractor"]


@cache
def parse(module: str) -> list[ast.AST]:
    return list(ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))))


@cache
def list_imports(module: str) -> set[str]:
    """Name what a module imports, also within functions."""
    names: set[str] = set()
    for node in parse(module):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{module}: relative import"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names - {module}


def find_stage(module: str) -> str:
    return module.split(".")[1]


def find_libraries(module: str) -> set[str]:
    known = {"extractor", "msgspec", *sys.stdlib_module_names}
    return {name.partition(".")[0] for name in list_imports(module)} - known


def test_every_module_has_its_stage() -> None:
    assert {find_stage(module) for module in INNER} == set(STAGES)


@pytest.mark.parametrize("module", INNER)
def test_a_module_imports_from_stages_before_it(module: str) -> None:
    own = find_stage(module)
    used = {find_stage(name) for name in list_imports(module) & set(INNER)} - {own}
    assert used <= set(STAGES[: STAGES.index(own)])


def test_no_module_imports_in_a_circle() -> None:
    inner = {module: list_imports(module) & set(INNER) for module in INNER}
    assert set(TopologicalSorter(inner).static_order()) == set(INNER)


@pytest.mark.parametrize("module", INNER)
def test_libraries_come_through_their_doors(module: str) -> None:
    assert {DOORS.get(library) for library in find_libraries(module)} <= {find_stage(module)}


def test_no_door_stands_open_for_nothing() -> None:
    assert set(DOORS) == set().union(*map(find_libraries, INNER))


@pytest.mark.parametrize("module", [m for m in INNER if find_stage(m) not in PRINTERS])
def test_only_the_command_line_prints(module: str) -> None:
    calls = {ast.unparse(node.func) for node in parse(module) if isinstance(node, ast.Call)}
    assert not calls & {"print", "click.echo", "sys.stdout.write", "sys.stderr.write"}


@pytest.mark.parametrize("module", INNER)
def test_names_are_nouns_of_the_field(module: str) -> None:
    assert not {"utils", "helpers", "common", "manager", "misc"} & {
        *module.replace(".", "_").split("_")
    }


@pytest.mark.parametrize("module", MODULES)
def test_files_and_functions_are_short(module: str) -> None:
    assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    functions = [node for node in parse(module) if isinstance(node, ast.FunctionDef)]
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno >= LONGEST_FUNCTION] == []


def test_no_name_stands_for_two_classes() -> None:
    names = [n.name for m in MODULES for n in parse(m) if isinstance(n, ast.ClassDef)]
    assert [name for name, number in Counter(names).items() if number > 1] == []


@pytest.mark.parametrize(
    "code",
    ["import extractor", "from extractor.cli import cli; cli(['--help'], standalone_mode=False)"],
)
def test_nothing_heavy_is_loaded_before_it_is_used(code: str) -> None:
    code += f"; import sys; sys.exit({{*{HEAVY}}} & {{*sys.modules}} or 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert ("run" in done.stdout) == ("cli" in code)
