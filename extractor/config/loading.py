"""The configuration of a project: ``extractor.toml``, or a table in ``pyproject.toml``.

The nearest one at or above the working directory counts. Its paths are
relative to its own folder, and whatever the command line says beats it.
"""

from __future__ import annotations

import glob
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from extractor.config.options import PageOptions
from extractor.config.overrides import Override, RepairRule, covers
from extractor.diagnostics.selection import EVERYTHING, UnknownRuleError, select_rules
from extractor.limits import DEFAULT_SECONDS
from extractor.sizes import DEFAULT_MAX_RESULT
from extractor.wording import suggest

OWN_FILE = "extractor.toml"
"""Holds the settings at its top level; beats the project file beside it."""

PROJECT_FILE = "pyproject.toml"
"""Holds the settings in the table ``[tool.extractor]``."""

Format = Literal["json", "jsonl", "csv", "parquet", "duckdb"]


class ConfigError(ValueError):
    """A configuration file that can't be used; the message names file and key."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What a configuration file may say; every key may be left out.

    Attributes:
        sources: Files, folders, globs and URLs with pages.
        out: Folder or URL to write into.
        schemas: Files of record schemas.
        formats: What is written.
        select: Rules that `check` reports; all of them by default.
        ignore: Rules that `check` does not report.
        repair: Whether damaged markup is read as what was meant.
        spans: Whether documents say where things stand.
        jobs: Number of worker processes.
        time_limit: Seconds for one page.
        max_result: How many times as large as its page a result may be.
        follow_links: Whether symbolic links that lead out of a folder are followed.
        overrides: Other settings for some pages, later ones over earlier ones.
    """

    sources: tuple[str, ...] = ()
    out: str | None = None
    schemas: tuple[str, ...] = ()
    formats: tuple[Format, ...] = ()
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    repair: bool | None = None
    spans: bool | None = None
    jobs: Annotated[int, Meta(ge=1)] | None = None
    time_limit: Annotated[float, Meta(gt=0)] | None = None
    max_result: Annotated[int, Meta(ge=1)] | None = None
    follow_links: bool | None = None
    overrides: tuple[Override, ...] = ()


class Config(Struct, frozen=True):
    """The settings in force.

    Attributes:
        file: Where they were found; None without a configuration file.
        root: The folder of that file, else where the search began.
        settings: The settings, with paths that can be opened from anywhere.
    """

    file: Path | None
    root: Path
    settings: Settings

    @property
    def page_options(self) -> PageOptions:
        """How pages are extracted."""
        settings = self.settings
        return PageOptions(
            repair=settings.repair is not False,
            repair_rules=list_repair_rules(self),
            spans=settings.spans is not False,
            time_limit=settings.time_limit or DEFAULT_SECONDS,
            max_result=settings.max_result or DEFAULT_MAX_RESULT,
        )


class PageRules(Struct, frozen=True):
    """What is asked of one page.

    Attributes:
        reported: Codes of the diagnostics to report.
        rejects: Codes of the rejects to report: `select` narrows what is said
            about a page, but a page that can't be read at all is no less broken.
        repair: Whether damaged markup is read as what was meant.
    """

    reported: frozenset[str]
    rejects: frozenset[str]
    repair: bool


def load_config(start: Path) -> Config:
    """Read the nearest configuration at or above a folder.

    Args:
        start: Where to begin to look, usually the working directory.

    Raises:
        ConfigError: If the file is no TOML, has unknown keys or wrong values.
    """
    start = start.absolute()
    for folder in (start, *start.parents):
        for file, table in _find_tables(folder):
            settings = _read_settings(table, file)
            return Config(file, folder, settings if folder == start else _anchor(settings, folder))
    return Config(None, start, Settings())


def choose_rules(
    config: Config, path: str | Path, select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> PageRules:
    """Decide which rules are reported of a page, and whether it is repaired.

    With `select` on the command line the file's own choice is put aside, with
    its overrides; `ignore` alone takes rules off what the file chose.

    Args:
        config: The configuration.
        path: The page's file, absolute or relative to the working directory;
            or its URL, to which no override applies.
        select: Selectors from the command line.
        ignore: Selectors from the command line.

    Raises:
        UnknownRuleError: If a selector names no rule.
    """
    overrides = [
        entry
        for entry in config.settings.overrides
        if covers(entry.paths, str(config.root), str(path))
    ]
    layers: list[tuple[Sequence[str] | None, Sequence[str]]] = [
        (config.settings.select or EVERYTHING, config.settings.ignore),
        *((entry.select, entry.ignore) for entry in overrides),
        (select or None, ignore),
    ]
    return PageRules(
        reported=_stack(layers),
        rejects=_stack([(wanted and EVERYTHING, unwanted) for wanted, unwanted in layers]),
        repair=config.page_options.repairs(path),
    )


def list_repair_rules(config: Config) -> tuple[RepairRule, ...]:
    """List what the overrides say of repair, in a form that travels to worker processes."""
    return tuple(
        RepairRule(str(config.root), override.paths, override.repair)
        for override in config.settings.overrides
        if override.repair is not None
    )


def _stack(layers: Iterable[tuple[Sequence[str] | None, Sequence[str]]]) -> frozenset[str]:
    """Lay selections over each other: one that selects begins anew."""
    codes: frozenset[str] = frozenset()
    for select, ignore in layers:
        codes = codes - select_rules(ignore) if select is None else select_rules(select, ignore)
    return codes


def _find_tables(folder: Path) -> Iterator[tuple[Path, Any]]:
    """Yield the configurations of one folder, the stronger one first."""
    own, project = folder / OWN_FILE, folder / PROJECT_FILE
    if own.is_file():
        yield own, _read_toml(own)
    if project.is_file():
        tool = _read_toml(project).get("tool")
        if isinstance(tool, dict) and "extractor" in tool:
            yield project, tool["extractor"]


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file}: {error}") from error


def _read_settings(table: Any, file: Path) -> Settings:
    """Check keys, types and selectors of a table."""
    _check_keys(table, Settings, file)
    for override in _list_tables(table, "overrides"):
        _check_keys(override, Override, file, "overrides.")
    try:
        settings = msgspec.convert(table, Settings)
        select_rules(settings.select or (), settings.ignore)
        for override in settings.overrides:
            select_rules(override.select or (), override.ignore)
    except (msgspec.ValidationError, UnknownRuleError) as error:
        raise ConfigError(f"{file}: {_explain(error)}") from error
    return settings


def _check_keys(table: Any, kind: type[Struct], file: Path, prefix: str = "") -> None:
    """Refuse unknown keys by name; msgspec would, but without a suggestion."""
    known = [field.encode_name for field in msgspec.structs.fields(kind)]
    for key in sorted(table if isinstance(table, dict) else ()):
        if key not in known:
            raise ConfigError(f"{file}: unknown key `{prefix}{key}`{suggest(key, known)}")


def _list_tables(table: Any, key: str) -> list[Any]:
    entries = table.get(key) if isinstance(table, dict) else None
    return entries if isinstance(entries, list) else []


def _explain(error: Exception) -> str:
    """Say where in the table a value is wrong, in TOML's terms.

    >>> _explain(ValueError("Expected `array`, got `str` - at `$.overrides[0].paths`"))
    '`overrides[0].paths`: expected `array`, got `str`'
    """
    message, _, place = str(error).partition(" - at ")
    message = message[:1].lower() + message[1:]
    return f"{place.replace('$.', '')}: {message}" if place else message


def _anchor(settings: Settings, root: Path) -> Settings:
    """Make the paths of a file found above the working directory absolute."""
    return msgspec.structs.replace(
        settings,
        sources=tuple(_anchor_path(source, root) for source in settings.sources),
        schemas=tuple(_anchor_path(schema, root) for schema in settings.schemas),
        out=None if settings.out is None else _anchor_path(settings.out, root),
    )


def _anchor_path(path: str, root: Path) -> str:
    """Put a folder before a relative path; URLs and standard input stay."""
    if path == "-" or "://" in path or Path(path).is_absolute():
        return path
    if glob.has_magic(path) and not (root / path).exists():
        return str(Path(glob.escape(str(root))) / path)
    return str(root / path)
