"""`extractor schema`: the document schema printed, a record schema linted."""

from __future__ import annotations

import json
from pathlib import Path

import click

from extractor.cli.printing import print_json, print_text

DOCUMENT = "document"


@click.command(short_help="Print the document schema, or lint a record schema.")
@click.argument("schema", metavar="[document|FILE]", default=DOCUMENT)
def command(schema: str) -> None:
    """Print the document schema, or lint a record schema.

    Without FILE, or with the word document, print the JSON Schema of every
    document. With FILE, list what is wrong with your record schema, a line each.

    Exit codes: 0 all is well, 1 something was found, 2 no such file or not JSON.
    """
    if schema == DOCUMENT:
        _print_document_schema()
    else:
        _lint(schema)


def _print_document_schema() -> None:
    from extractor.schema.document import document_schema

    print_json(json.dumps(document_schema(), indent=2, ensure_ascii=False))


def _lint(path: str) -> None:
    from extractor.records.record import RecordSchemaError, lint_schema, render_problem

    try:
        problems = lint_schema(Path(path))
    except RecordSchemaError as error:
        print_text(str(error), err=True)
        raise SystemExit(2) from None
    for problem in problems:
        print_text(render_problem(path, problem))
    if problems:
        raise SystemExit(1)
    print_text(f"{path}: all is well")
