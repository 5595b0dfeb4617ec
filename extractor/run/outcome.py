"""What came of a run."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct, field

from extractor.model import Reject
from extractor.run.results import PageResult, Tally

_NAMED = 5  # Rejects of a rule, and errors of a schema's records, that a summary names.


class _Error(Struct):
    pointer: str
    message: str
    line: int | None


class _Faults(Struct):
    """What of a record tells how it breaks its schema."""

    path: str
    schema: str
    errors: list[_Error]


_FAULTS = msgspec.json.Decoder(_Faults)


class Outcome(Struct, kw_only=True):
    """What came of a run.

    Attributes:
        tally: Counts over all pages.
        rejects: The first few of every rule.
        faults: The first few errors of invalid records, in one line each, by schema.
        extracted: Pages that were extracted in this run; of the others the result was known.
        notes: What the user should know besides, in sentences.
    """

    tally: Tally = field(default_factory=Tally)
    rejects: dict[str, list[Reject]] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    extracted: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, result: PageResult) -> None:
        """Count a page in."""
        self.tally.add(result.tally)
        if result.reject is not None:
            self._name(result.reject)
        if any(len(self.faults.get(schema, ())) < _NAMED for schema in result.tally.invalid):
            self._name_faults(result.records)

    def merge(self, other: Outcome) -> None:
        """Count in the pages of another outcome, which stand after those of this one."""
        self.tally.add(other.tally)
        self.extracted += other.extracted
        for rejects in other.rejects.values():
            for reject in rejects:
                self._name(reject)
        for schema, faults in other.faults.items():
            for fault in faults:
                self._name_fault(schema, fault)

    def _name_faults(self, records: Iterable[bytes]) -> None:
        # Loaded late: the libraries behind records are the workers' business.
        from extractor.records.record import render_error

        for record in map(_FAULTS.decode, records):
            for error in record.errors:
                self._name_fault(record.schema, render_error(record.path, error))

    def _name_fault(self, schema: str, fault: str) -> None:
        named = self.faults.setdefault(schema, [])
        if len(named) < _NAMED:
            named.append(fault)

    def _name(self, reject: Reject) -> None:
        named = self.rejects.setdefault(reject.rule, [])
        if len(named) < _NAMED:
            named.append(reject)

    @property
    def is_clean(self) -> bool:
        """Whether all pages were extracted and all records are valid."""
        return not self.tally.rejects and not any(self.tally.invalid.values())
