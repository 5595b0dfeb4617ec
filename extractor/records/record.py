"""Records: the fields of your own JSON Schema, filled from pages.

A property of the schema says by the annotation `x-extract` where its value
stands (docs/records.md is the reference). The steps:
references and annotations are read, compiled into fields, and filled from
passages and entries; what is wrong is explained with its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from extractor.model import Document, Span
from extractor.pointers import render_pointer
from extractor.records.filling.explanations import explain_violations, render_error
from extractor.records.filling.filler import Filler
from extractor.records.filling.places import PageLines, read_lines
from extractor.records.filling.scopes import PageIndex
from extractor.records.schema.cost import check_cost
from extractor.records.schema.fields import CompiledSchema, compile_schema
from extractor.records.schema.lint import find_gaps
from extractor.records.schema.problems import (
    RecordSchemaError,
    SchemaProblem,
    render_problem,
    sort_problems,
)
from extractor.records.schema.references import (
    TOO_DEEP,
    Bundle,
    bundle_schema,
    is_too_deep,
    read_schema,
)
from extractor.records.tables import build_rows, build_tables, iter_tables
from extractor.schema.validation import SchemaError, Validator, check_schema
from extractor.tables.columns import Columns, Row

__all__ = [
    "Record",
    "RecordSchema",
    "RecordSchemaError",
    "SchemaError",
    "SchemaProblem",
    "lint_schema",
    "render_error",
    "render_problem",
]


class Record(Struct, frozen=True):
    """What a schema's fields are on one page.

    Attributes:
        path: The page.
        schema: Name of the schema.
        record: The fields, in the schema's order; those not found are left out.
        sources: Where each value and list entry stands, by its JSON pointer; empty for
            documents without spans.
        errors: How the record breaks its schema, sorted by place; empty when valid.
    """

    path: str
    schema: str
    record: dict[str, Any]
    sources: dict[str, Span]
    errors: list[SchemaError]

    @property
    def is_valid(self) -> bool:
        """Whether the record keeps to its schema."""
        return not self.errors

    def to_json(self, indent: int | None = None) -> str:
        """Encode as JSON text.

        Args:
            indent: Spaces per level; None for one line.
        """
        text = msgspec.json.encode(self)
        if indent is not None:
            text = msgspec.json.format(text, indent=indent)
        return text.decode()


class RecordSchema:
    """A record schema, ready to be filled from any number of documents.

    Attributes:
        name: What its outputs are called: the file's name up to `.schema` or `.json`.
        schema: The schema with everything it refers to, as one that stands on its own.
        compiled: Its fields.
    """

    def __init__(self, name: str, schema: dict[str, Any]) -> None:
        """Use a schema that stands on its own; `load` reads one from a file.

        Raises:
            RecordSchemaError: If it can't be used.
        """
        bundle, problems = _read_bundle(schema, None)
        self._set_up(name, bundle, problems)

    def _set_up(self, name: str, bundle: Bundle | None, problems: list[SchemaProblem]) -> None:
        with _refuse_depth(name):
            compiled = compile_schema(bundle) if bundle else None
        fatal = [*problems, *(p for p in compiled.problems if p.fatal)] if compiled else problems
        if compiled is None or bundle is None or fatal:
            raise RecordSchemaError(name, sort_problems(fatal))
        self.name = name
        self.schema = bundle.schema
        self.compiled: CompiledSchema = compiled
        self._validator = Validator(bundle.schema)
        if flaw := self._validator.find_flaw():
            raise RecordSchemaError(name, [SchemaProblem(*flaw)])
        self._table = build_tables(name, compiled.root)

    @classmethod
    def load(cls, source: str | PathLike[str] | dict[str, Any]) -> RecordSchema:
        """Read a record schema.

        Args:
            source: The file, or the schema itself.

        Raises:
            RecordSchemaError: If it is no JSON Schema, refers to what is not there or not
                local, or has an annotation that can't be used; every problem is named.
        """
        if isinstance(source, dict):
            return cls(_name_schema(str(source.get("$id", "")) or "record"), source)
        path = Path(source)
        bundle, problems = _read_bundle(read_schema(path), path)
        schema = cls.__new__(cls)
        try:
            schema._set_up(_name_schema(path.name), bundle, problems)
        except RecordSchemaError as error:
            raise RecordSchemaError(str(path), error.problems) from None
        return schema

    @classmethod
    def parse(cls, name: str, text: str | bytes) -> RecordSchema:
        """Make a schema of what `to_json` wrote, in another process or on another machine.

        Raises:
            RecordSchemaError: If it can't be used.
        """
        return cls(name, json.loads(text))

    def to_json(self) -> str:
        """Encode the schema, with everything it refers to, as JSON text."""
        return json.dumps(self.schema, ensure_ascii=False)

    def __reduce__(self) -> tuple[type[RecordSchema], tuple[str, dict[str, Any]]]:
        """Survive the way to a worker process."""
        return type(self), (self.name, self.schema)

    def fill(self, document: Document, text: str | bytes | None = None) -> Record:
        """Fill a record from a document and check it.

        Args:
            document: The document.
            text: The page it was made from, as given to `extract`. With it, values from
                the front matter have a source, and table rows one of their own.

        Returns:
            The record, also when it breaks the schema: its errors say how.
        """
        lines = None
        if text is not None and _has_spans(document):
            lines = read_lines(document, text)
        page = PageIndex(document, self.compiled.headings, self.compiled.texts, lines)
        filler = Filler(page, lines)
        values = filler.fill_record(self.compiled.root)
        errors: list[SchemaError] = []
        if not self._validator.is_valid(values):
            errors = self._explain(values, page, lines)
        return Record(document.source.path, self.name, values, filler.sources, errors)

    def _explain(
        self, values: dict[str, Any], page: PageIndex, lines: PageLines | None
    ) -> list[SchemaError]:
        """Fill once more, now keeping what was tried, and say what is wrong."""
        filler = Filler(page, lines, keep_searches=True)
        filler.fill_record(self.compiled.root)
        violations = self._validator.explain(values)
        places = {**filler.holders, **filler.sources}
        return explain_violations(violations, filler.searches or {}, places)

    @cached_property
    def tables(self) -> dict[str, Columns]:
        """The columns of each table of records, by its name; the main one has the schema's."""
        return {table.name: table.columns for table in iter_tables(self._table)}

    def table_rows(self, record: Record) -> dict[str, list[Row]]:
        """Make a record's rows for every table in `tables`, in page order."""
        return build_rows(
            self._table, record.path, record.record, record.sources, len(record.errors)
        )

    def error_rows(self, record: Record) -> list[Row]:
        """Make the rows of a record's errors for the table `errors`, in their order."""
        if record.is_valid:
            return []
        violations = self._validator.explain(record.record)
        return [
            (
                record.path,
                self.name,
                error.pointer,
                ".".join([step for step in violation.path if isinstance(step, str)]),
                violation.keyword,
                error.message,
                error.line,
            )
            for error, violation in zip(record.errors, violations, strict=True)
        ]


def lint_schema(path: str | PathLike[str]) -> list[SchemaProblem]:
    """Check a record schema, and find what would be missing from every record.

    Returns:
        Everything wrong with it, sorted by place; empty if it can be used as it is.

    Raises:
        RecordSchemaError: If there is no such file, or it is no JSON object.
    """
    bundle, problems = _read_bundle(read_schema(Path(path)), Path(path))
    if bundle is not None:
        with _refuse_depth(str(path)):
            compiled = compile_schema(bundle)
            problems = [*problems, *compiled.problems, *find_gaps(bundle, compiled)]
        if flaw := Validator(bundle.schema).find_flaw():
            problems.append(SchemaProblem(*flaw))
    return sort_problems(problems)


def _read_bundle(
    schema: dict[str, Any], path: Path | None
) -> tuple[Bundle | None, list[SchemaProblem]]:
    """Bundle a schema if it is valid, else say what is wrong."""
    if is_too_deep(schema):
        return None, [TOO_DEEP]
    violations = check_schema(schema)
    if violations:
        return None, [
            SchemaProblem(render_pointer(place), f"not valid JSON Schema: {message}")
            for place, _, message in violations
        ]
    with _refuse_depth(str(path or "record")):
        bundle = bundle_schema(schema, path)
        return bundle, list(check_cost(bundle))


@contextmanager
def _refuse_depth(name: str) -> Iterator[None]:
    """Make a problem of what is too deep for the stack: a long chain of references."""
    try:
        yield
    except RecursionError:
        message = "nested too deeply, by one reference after the other"
        raise RecordSchemaError(name, [SchemaProblem("", message)]) from None


def _name_schema(name: str) -> str:
    """Return what a schema's outputs are called.

    >>> _name_schema("treatment.schema.json"), _name_schema("https://a.b/x/faq.json")
    ('treatment', 'faq')
    """
    name = name.rstrip("/").rpartition("/")[2]
    return name.removesuffix(".json").removesuffix(".schema") or "record"


def _has_spans(document: Document) -> bool:
    return not document.sections or document.sections[0].span is not None
