"""``extractor check``: report what is damaged or doubtful in pages, and fix it."""

from __future__ import annotations

import os
from pathlib import Path

import click

from extractor.check.findings import Summary
from extractor.check.fixes import Fix, Withheld, remove_unfinished, render_diff, write_page
from extractor.check.formats import RENDERERS
from extractor.check.inspection import CheckedPage, CheckOptions, FixSink, check_pages, list_files
from extractor.cli.configuration import ConfiguredCommand, follow_links_option, get_config
from extractor.cli.printing import print_json, print_patch, print_text
from extractor.diagnostics.selection import UnknownRuleError, select_rules, split_selectors
from extractor.storage.pages import Links, PageFile, SourceError
from extractor.wording import count, reveal


@click.command("check", cls=ConfiguredCommand)
@click.argument("sources", metavar="SRC...", nargs=-1)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(RENDERERS)),
    default="text",
    show_default=True,
    help="How findings are printed.",
)
@click.option("--select", multiple=True, metavar="RULE", help="Report these rules only.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Do not report these rules.")
@click.option("--fix", is_flag=True, help="Write the safe fixes into the pages.")
@click.option("--diff", is_flag=True, help="Show the safe fixes as a diff; write nothing.")
@follow_links_option
@click.pass_context
def command(
    ctx: click.Context,
    sources: tuple[str, ...],
    form: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fix: bool,
    diff: bool,
    follow_links: bool,
) -> None:
    """Report what is damaged or doubtful in pages.

    A RULE is a code (EX203), the beginning of one (EX2) or a name
    (escaped-label); commas separate several. The more exact one wins, and of
    equally exact ones --ignore.

    Exit codes: 0 nothing was found, 1 something was, 2 wrong usage.
    """
    if diff and (fix or form != "text"):
        raise click.UsageError("--diff goes with neither --fix nor --format.")
    options = CheckOptions(
        config=get_config(ctx),
        base=_choose_base(form),
        select=_read_selectors(select),
        ignore=_read_selectors(ignore),
    )
    links = Links(follow=follow_links)
    files = _list_files(sources, options.base, links, local=fix)
    if fix:
        remove_unfinished(Path(page.location) for _, page in files)
    sink = _DiffPrinter() if diff else _PageWriter() if fix else None
    summary = Summary()
    findings = check_pages(files, options, summary, sink)
    for piece in RENDERERS[form](findings, summary):
        _print(piece, form, err=diff)
    for note in (*links.describe(), _sum_up(summary, sink)):
        print_text(note, err=True)
    ctx.exit(1 if summary.findings or (diff and summary.fixed) else 0)


class _PageWriter:
    """Writes the fixed pages over the old ones."""

    done = "fixed"

    def take_fix(self, page: CheckedPage, fix: Fix) -> None:
        write_page(Path(page.file.location), page.data, fix.data)

    def take_withheld(self, path: str, withheld: Withheld) -> None:
        span, diagnostic = withheld.diagnostic.span, withheld.diagnostic
        line = span.line if span else 1
        what = f"{diagnostic.code} {diagnostic.rule}"
        print_text(f"{path}:{line}: {what} is not fixed: {withheld.reason}", err=True)


class _DiffPrinter(_PageWriter):
    """Prints what would be written."""

    done = "to fix"

    def take_fix(self, page: CheckedPage, fix: Fix) -> None:
        encoding = page.document.source.encoding
        print_patch(render_diff(reveal(page.path), page.data, fix.data, encoding))


def _choose_base(form: str) -> Path:
    """Choose the folder that paths are relative to.

    Code scanning and annotations need paths from the root of the repository,
    also when a step of a workflow runs in a folder below it.
    """
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if workspace and form in ("sarif", "github"):
        return Path(workspace)
    return Path.cwd()


def _read_selectors(values: tuple[str, ...]) -> tuple[str, ...]:
    selectors = split_selectors(values)
    try:
        select_rules(selectors)
    except UnknownRuleError as error:
        message = str(error)
        raise click.UsageError(f"{message[:1].upper()}{message[1:]}") from error
    return selectors


def _list_files(
    sources: tuple[str, ...], base: Path, links: Links, *, local: bool
) -> list[tuple[str, PageFile]]:
    """List the pages; `local` refuses those that can't be written back."""
    try:
        files = list_files(sources, base, links)
    except SourceError as error:
        raise click.UsageError(str(error)) from error
    for path, page in files:
        if local and (page.data is not None or "://" in page.location):
            raise click.UsageError(f"--fix needs files on this machine, not {path}; try --diff.")
    return files


def _print(piece: str, form: str, *, err: bool) -> None:
    """Print text as the terminal has it, formats for programs as UTF-8."""
    printer = print_text if form == "text" else print_json
    printer(piece, nl=False, err=err)


def _sum_up(summary: Summary, sink: FixSink | None) -> str:
    """Say in a line what the check came to."""
    pages = count(summary.pages, "page")
    parts = [f"{pages}: {count(summary.findings, 'finding') if summary.findings else 'clean'}"]
    if summary.findings:
        kinds = {"error": summary.errors, "warning": summary.warnings, "note": summary.notes}
        parts[0] += f" ({', '.join(count(n, kind) for kind, n in kinds.items() if n)})"
    if isinstance(sink, _PageWriter) and summary.fixed:
        parts.append(f"{summary.fixed} {sink.done}")
    if summary.withheld:
        parts.append(f"{summary.withheld} not fixed")
    if summary.fixable:
        parts.append(f"{summary.fixable} can be fixed with --fix")
    return f"{', '.join(parts)}."
