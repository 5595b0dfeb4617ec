"""The shape of the code: data flows one way, and every library has one door."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "extractor"

STAGES = (
    {"model", "pointers", "version", "wording"},
    {"diagnostics", "markdown", "rejects", "schema", "spans", "storage"},
    {"labels", "limits", "repair", "source", "tables"},
    {"config", "frontmatter", "structure"},
    {"pipeline", "records", "report"},
    {"check", "run"},
    {"diff", "library"},
    {"cli", "pytest_plugin"},
    {"__main__"},
)
"""Every module and package; each imports only from the lines above its own."""

DOORS = {
    "charset_normalizer": {"source"},
    "click": {"cli"},
    "distributed": {"run"},
    "duckdb": {"tables"},
    "filelock": {"storage"},
    "frontmatter": {"frontmatter"},
    "fsspec": {"storage"},
    "ftfy": {"repair"},
    "jsonschema": {"schema"},
    "jsonschema_rs": {"schema"},
    "jsonschema_specifications": {"schema"},
    "mistune": {"markdown"},
    "pandas": {"tables"},
    "pyarrow": {"tables"},
    "pytest": {"pytest_plugin"},
    "pytest_regressions": {"pytest_plugin"},
    "re2": {"records"},
    "rich": {"cli"},
    "yaml": {"frontmatter"},
}
"""Which modules (or packages) may import a library; msgspec is at home everywhere."""

AT_HOME = {"msgspec"}
HEAVY = ("pandas", "pyarrow", "jsonschema", "mistune", "rich", "duckdb", "dask", "ftfy", "yaml")
PRINTERS = {"cli"}


@cache
def list_modules() -> dict[str, Path]:
    """Give every module below the package by its name without `extractor.`."""
    modules = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts).removesuffix("__init__").rstrip(".")
        if name:
            modules[name] = path
    return modules


def read_imports(path: Path) -> Iterator[str]:
    """Name what a file imports, also within functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def find_inner() -> dict[str, set[str]]:
    """Give the modules of this package that each module imports."""
    modules = list_modules()
    inner = {f"extractor.{name}": name for name in modules}
    return {
        name: {inner[i] for i in read_imports(path) if i in inner} - {name}
        for name, path in modules.items()
    }


@cache
def find_libraries() -> dict[str, set[str]]:
    """Give the libraries that each module imports."""
    known = {"extractor", *sys.stdlib_module_names}
    return {
        name: {i.partition(".")[0] for i in read_imports(path)} - known
        for name, path in list_modules().items()
    }


def find_room(module: str) -> str:
    return module.partition(".")[0]


RANKS = {room: rank for rank, rooms in enumerate(STAGES) for room in rooms}


def test_every_module_has_its_stage() -> None:
    assert {find_room(name) for name in list_modules()} == set(RANKS)


@pytest.mark.parametrize("module", list_modules())
def test_a_module_imports_from_stages_before_it(module: str) -> None:
    own = find_room(module)
    others = {find_room(name) for name in find_inner()[module]} - {own}
    assert {room: RANKS[room] for room in others if RANKS[room] >= RANKS[own]} == {}


def test_no_module_imports_in_a_circle() -> None:
    order = list(TopologicalSorter(find_inner()).static_order())
    assert set(order) == set(list_modules())


@pytest.mark.parametrize("module", list_modules())
def test_libraries_come_through_their_doors(module: str) -> None:
    libraries = find_libraries()[module] - AT_HOME
    wrong = {
        library
        for library in libraries
        if not {module, find_room(module)} & DOORS.get(library, set())
    }
    assert wrong == set()


def test_no_door_stands_open_for_nothing() -> None:
    used = set().union(*find_libraries().values())
    assert DOORS.keys() - used == set()


@pytest.mark.parametrize("module", [m for m in list_modules() if find_room(m) not in PRINTERS])
def test_only_the_command_line_prints(module: str) -> None:
    tree = ast.parse(list_modules()[module].read_text(encoding="utf-8"))
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not calls & {"print", "click.echo", "sys.stdout.write", "sys.stderr.write"}


@pytest.mark.parametrize("module", [m for m in list_modules() if "." not in m])
def test_names_are_nouns_of_the_field(module: str) -> None:
    assert not set(module.split("_")) & {"utils", "helpers", "common", "manager", "misc"}


HELP = """
import sys
from extractor.cli import cli
cli(["--help"], standalone_mode=False)
loaded = set(sys.argv[1:]) & set(sys.modules)
sys.exit(", ".join(sorted(loaded)) or 0)
"""


def test_help_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HELP, *HEAVY], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "run" in done.stdout


LIBRARY = """
import sys, extractor
loaded = set(sys.argv[1:]) & set(sys.modules)
sys.exit(", ".join(sorted(loaded)) or 0)
"""


def test_importing_the_library_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIBRARY, *HEAVY], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
