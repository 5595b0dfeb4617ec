"""The rules: every code a diagnostic or a reject can carry, in one table.

Codes are for ever. The hundred is the stage: 1 source, 2 Markdown and its
repair, 3 sections, 4 values and records, 5 record schemas, 6 output,
9 internal. The name says what was found, not what was done about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from extractor.model import Diagnostic, Severity, Span


class RuleInfo(NamedTuple):
    """What is known of a rule.

    Attributes:
        code: ``EX`` and three digits.
        name: Kebab-case name of the pattern.
        severity: In SARIF's words.
        summary: One sentence, the message of a diagnostic unless it brings its own.
        help: What it means and what to do, for ``extractor rule``.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    help: str


_TABLE = (
    # 1: source
    RuleInfo(
        "EX101",
        "legacy-encoding",
        "note",
        "The page is not Unicode; its encoding was detected.",
        "The bytes are neither UTF-8 nor UTF-16 with a byte order mark. The encoding named in "
        "`source.encoding` fitted best. Save the page as UTF-8 to be sure.",
    ),
    RuleInfo(
        "EX102",
        "undecodable-bytes",
        "error",
        "The page is not text in any known encoding.",
        "The page was rejected: no encoding gives readable text. Is it a binary file?",
    ),
    RuleInfo(
        "EX103",
        "nul-character",
        "warning",
        "A NUL character was read as U+FFFD.",
        "CommonMark (2.3, insecure characters) replaces NUL with the replacement character.",
    ),
    RuleInfo(
        "EX104",
        "invalid-front-matter",
        "error",
        "The front matter is not valid.",
        "The page was rejected: its YAML, TOML or JSON front matter can't be read, at the line "
        "named. Correct it; nothing of the page is lost but nothing was extracted either.",
    ),
    RuleInfo(
        "EX105",
        "unclosed-front-matter",
        "warning",
        "The front matter is never closed; the page was read without any.",
        "The first line opens front matter, but no line closes it.",
    ),
    RuleInfo(
        "EX106",
        "duplicate-key",
        "warning",
        "A key stands twice in the front matter; the last value was taken.",
        "YAML and JSON say keys are unique. Keep one of them.",
    ),
    RuleInfo(
        "EX107",
        "unquoted-colon",
        "note",
        "A value with an unquoted colon was read as the string it was meant to be.",
        "`title: Stove: care` is not YAML; `title: 'Stove: care'` is.",
    ),
    RuleInfo(
        "EX108",
        "unsafe-front-matter",
        "error",
        "The front matter is nested too deeply, too large, or full of aliases.",
        "The page was rejected: its front matter would exhaust memory or time when read.",
    ),
    RuleInfo(
        "EX109",
        "odd-value",
        "warning",
        "A front matter value has no equal in JSON and was read as a string or null.",
        "Binary, sets, NaN, infinities, huge integers and lone surrogates don't exist in JSON.",
    ),
    RuleInfo(
        "EX110",
        "unreadable-file",
        "error",
        "The file can't be read.",
        "The page was rejected: it is missing, not a file, or not permitted.",
    ),
    RuleInfo(
        "EX111",
        "lone-surrogate",
        "warning",
        "Half of a surrogate pair was read as U+FFFD.",
        "The text came from a program that cut a character in two. No file can hold such a half, "
        "so the replacement character stands for it.",
    ),
    RuleInfo(
        "EX112",
        "not-front-matter",
        "warning",
        "What looks like front matter at the top is not, and was read as text.",
        "The lines between the first two `---` hold no keys and values, so the `---` are "
        "thematic breaks. A leading `{` is front matter only if a whole JSON object follows. "
        "Text, a comment, an invisible character or a backslash before `---` hides front matter "
        "from every site generator: let the page begin with it.",
    ),
    RuleInfo(
        "EX113",
        "hidden-by-comment",
        "warning",
        "Words after ` #` are a comment in YAML; the value ends before them.",
        "`title: Issue #12 solved` gives the title `Issue`, and `color: #fff` gives null. Write "
        "`title: 'Issue #12 solved'`, or a space after the `#` if it is a comment.",
    ),
    RuleInfo(
        "EX114",
        "fenced-page",
        "warning",
        "The whole page is one fence of Markdown; it was read as code.",
        "A program put ```` ```markdown ```` around the page that it wrote. Take the first and "
        "the last line away.",
    ),
    # 2: Markdown and its repair
    RuleInfo(
        "EX201",
        "escaped-markup",
        "warning",
        "Escaped Markdown was read as the markup it was.",
        "A rich-text editor or a converter put backslashes before headings, list markers, "
        "numbers, quotes or fences (`\\# Title`, `\\- item`, `1\\. item`, `\\> quote`).",
    ),
    RuleInfo(
        "EX202",
        "spaced-label",
        "warning",
        "A label with spaces inside its markers was read as a label.",
        "`** Label:**` and `**Label: **` are not bold in CommonMark (6.2, flanking). "
        "Write `**Label:** text`.",
    ),
    RuleInfo(
        "EX203",
        "escaped-label",
        "warning",
        "A label with escaped markers was read as a label.",
        "`\\*\\*Label:\\*\\*` shows asterisks instead of bold. Write `**Label:** text`.",
    ),
    RuleInfo(
        "EX204",
        "unspaced-label",
        "warning",
        "A label with no space after its markers was read as a label.",
        "`**Label:**text` leaves its asterisks in the text (CommonMark 6.2, flanking). "
        "Write `**Label:** text`.",
    ),
    RuleInfo(
        "EX205",
        "unclosed-label",
        "warning",
        "A label that is never closed was read as a label.",
        "`**Label: text` has no closing markers. Write `**Label:** text`.",
    ),
    RuleInfo(
        "EX206",
        "split-label",
        "warning",
        "A label in several bold pieces was read as one label.",
        "`**La** **bel:** text` comes from converted word processor pages. "
        "Write `**Label:** text`.",
    ),
    RuleInfo(
        "EX207",
        "unopened-label",
        "warning",
        "A label that lost its opening markers was read as a label.",
        "`*Label:** text` and `Label:** text` come from tools that take a star for a bullet. "
        "Write `**Label:** text`.",
    ),
    RuleInfo(
        "EX208",
        "unsure-label",
        "warning",
        "This looks like a damaged label, but can't be read for sure.",
        "Nothing was changed. If it is a label, write `**Label:** text`.",
    ),
    RuleInfo(
        "EX209",
        "mojibake",
        "warning",
        "Text that went through a wrong encoding was repaired.",
        "`d√©colletage` is UTF-8 read as something else and saved. Save what `after` shows.",
    ),
    RuleInfo(
        "EX210",
        "ragged-table",
        "warning",
        "A table row is shorter or longer than the header; cells were added, none dropped.",
        "Every row needs as many cells as the header (GFM tables).",
    ),
    RuleInfo(
        "EX211",
        "label-heading",
        "note",
        "A heading that is a label with its description was read as an entry.",
        "`### **Range:** 40 km` with nothing under it is an entry, not a section.",
    ),
    RuleInfo(
        "EX212",
        "damaged-bold",
        "warning",
        "Bold with damaged markers was read as bold.",
        "`## ** Title **`, a cell `\\*\\* Fee \\*\\*` and `**木勺很轻，**也耐用` show asterisks "
        "instead of bold (CommonMark 6.2, flanking). Write `**Title**`, with punctuation outside "
        "where a word follows at once.",
    ),
    RuleInfo(
        "EX213",
        "unindented-list",
        "note",
        "Bullets that are indented too little were read as those of the numbered item before them.",
        "By CommonMark they are a list of their own, and the numbers after them another one. "
        "Indent them to where the text of the item begins.",
    ),
    # 3: sections
    RuleInfo(
        "EX301",
        "pseudo-heading",
        "note",
        "A bold paragraph was read as a heading.",
        "A paragraph that is bold and nothing else opens a section. Write `## Heading`.",
    ),
    # 4: values and records
    # 5: record schemas
    # 6: output
    RuleInfo(
        "EX601",
        "long-name",
        "error",
        "The file's name is too long for its outputs.",
        "The page was rejected: `NAME.json` would be longer than the 255 bytes that file systems "
        "take. Give the file a shorter name.",
    ),
    RuleInfo(
        "EX602",
        "unsafe-name",
        "error",
        "The page's name can't be the path of its outputs.",
        "The page was rejected: its name is absolute, has `..`, empty parts or control characters "
        "in it, begins like the letter of a drive, or its outputs would stand where those of "
        "another page do. Rename it. Its path in the outputs shows what is wrong after "
        "backslashes.",
    ),
    RuleInfo(
        "EX603",
        "too-large",
        "error",
        "The page's result would be too large.",
        "The page was rejected: a long heading, URL or row is repeated so often that its result "
        "would be more than 100 times as large as the page, and more than 16 MiB. Shorten what "
        "the message names, or raise `max-result`.",
    ),
    # 9: internal
    RuleInfo(
        "EX901",
        "internal-error",
        "error",
        "The extractor failed on this page.",
        "The page was rejected; this is a bug. Please report it with the page.",
    ),
    RuleInfo(
        "EX902",
        "time-limit",
        "error",
        "The page took longer than the time limit.",
        "The page was rejected. Raise `--time-limit`, or look for thousands of unmatched markers.",
    ),
    RuleInfo(
        "EX903",
        "worker-crash",
        "error",
        "The worker process died on this page.",
        "The page was rejected; its neighbours were done again without it.",
    ),
)

RULES = {rule.name: rule for rule in _TABLE}
"""Every rule by its name."""

CODES = {rule.code: rule for rule in _TABLE}
"""Every rule by its code."""


def report(
    rule: str,
    span: Span | None,
    message: str | None = None,
    *,
    pointer: str | None = None,
    before: str | None = None,
    after: str | None = None,
) -> Diagnostic:
    """Make a diagnostic of a rule.

    Args:
        rule: Name of the rule.
        span: Where it was found.
        message: One sentence without places or line numbers; the rule's summary by default.
        pointer: JSON pointer to the value concerned.
        before: The text as it stands in the file.
        after: What it was read as.

    Raises:
        KeyError: If there is no such rule.
    """
    info = RULES[rule]
    return Diagnostic(
        code=info.code,
        rule=info.name,
        severity=info.severity,
        message=message or info.summary,
        span=span,
        pointer=pointer,
        before=before,
        after=after,
    )


def sort_diagnostics(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sort by place, then by code; what has no place comes first."""
    nowhere = Span(1, 1, 0, 0)
    return sorted(diagnostics, key=lambda d: ((d.span or nowhere).start, d.code, d.before or ""))
