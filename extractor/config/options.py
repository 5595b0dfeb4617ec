"""How a page is extracted, whoever asks: a run, a check or a comparison."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from extractor.config.overrides import RepairRule, decide_repair
from extractor.limits import DEFAULT_SECONDS
from extractor.sizes import DEFAULT_MAX_RESULT


class PageOptions(Struct, frozen=True):
    """How a page is extracted.

    Attributes:
        repair: Whether damaged markup is read as what was meant.
        repair_rules: The pages for which that is otherwise.
        spans: Whether the document says where things stand.
        time_limit: Seconds a page may take; None for no limit.
        max_result: How many times as large as the page its result may be; None for no limit.
    """

    repair: bool = True
    repair_rules: tuple[RepairRule, ...] = ()
    spans: bool = True
    time_limit: float | None = DEFAULT_SECONDS
    max_result: int | None = DEFAULT_MAX_RESULT

    def repairs(self, location: str | Path) -> bool:
        """Tell whether a page is repaired.

        Args:
            location: Its file, absolute or relative to the working directory; or its URL.
        """
        return decide_repair(location, self.repair_rules, self.repair)


DEFAULT_OPTIONS = PageOptions()
"""What holds where nobody says otherwise."""
