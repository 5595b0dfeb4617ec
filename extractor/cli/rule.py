"""``extractor rule``: what a diagnostic means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import fill

import click

from extractor.cli.printing import print_text
from extractor.diagnostics.rules import CODES, RuleInfo
from extractor.diagnostics.selection import UnknownRuleError, select_rules

_WIDTH = 80


@click.command("rule", short_help="Explain a diagnostic.")
@click.argument("rule", metavar="[CODE]", required=False)
def command(rule: str | None) -> None:
    """Explain a diagnostic.

    CODE is a code (EX203) or a name (escaped-label). The beginning of a code
    (EX2) lists the rules of that stage; nothing lists them all.

    Exit codes: 0, or 2 if there is no such rule.
    """
    try:
        codes = select_rules([rule or "EX"])
    except UnknownRuleError as error:
        message = str(error)
        raise click.UsageError(f"{message[:1].upper()}{message[1:]}") from error
    rules = [info for code, info in CODES.items() if code in codes]
    for line in _explain(rules[0]) if len(rules) == 1 else _list_rules(rules):
        print_text(line)


def _explain(rule: RuleInfo) -> Iterator[str]:
    yield f"{rule.code} {rule.name} ({rule.severity})"
    yield ""
    yield fill(rule.summary, _WIDTH)
    yield ""
    yield fill(rule.help, _WIDTH)


def _list_rules(rules: Iterable[RuleInfo]) -> Iterator[str]:
    """Lay rules out in columns."""
    rows = [(rule.code, rule.name, rule.severity, rule.summary) for rule in rules]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for *cells, summary in rows:
        columns = (cell.ljust(width) for cell, width in zip(cells, widths, strict=False))
        yield "  ".join([*columns, summary])
