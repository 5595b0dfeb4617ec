"""What decides about the result of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from extractor.config.overrides import RepairRule, decide_repair
from extractor.limits import DEFAULT_SECONDS
from extractor.storage.pages import PageFile
from extractor.tables.columns import ColumnKind

if TYPE_CHECKING:
    pass


class SchemaFile(Struct, frozen=True):
    """A record schema on its way to the workers.

    Attributes:
        name: What its outputs are called.
        text: The schema with all that it refers to, as JSON.
        tables: The columns of the tables that its records fill.
    """

    name: str
    text: bytes
    tables: dict[str, tuple[tuple[str, ColumnKind], ...]]


class RunSettings(Struct, frozen=True):
    """What decides about the result of a page, besides its bytes.

    Attributes:
        repair: Whether damaged markup is mended.
        repair_rules: For which pages that is otherwise.
        spans: Whether places are kept.
        time_limit: Seconds a page may take; None for no limit.
        schemas: Record schemas to fill.
        tables: Whether the rows of tables are wanted.
        extract: The function that extracts, as ``module:name``.
    """

    repair: bool = True
    repair_rules: tuple[RepairRule, ...] = ()
    spans: bool = True
    time_limit: float | None = DEFAULT_SECONDS
    schemas: tuple[SchemaFile, ...] = ()
    tables: bool = True
    extract: str = "extractor.pipeline:extract"

    def repairs(self, page: PageFile) -> bool:
        """Tell whether a page is repaired."""
        return decide_repair(page.location, self.repair_rules, self.repair)
