"""Why a record breaks its schema: what was wanted, where it was looked for, what was there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from extractor.model import Section, Span
from extractor.pointers import render_pointer
from extractor.records.filling.filler import Search
from extractor.schema.validation import JsonPath, SchemaError, Violation
from extractor.wording import inflect

_ABSENT = frozenset({"required", "minItems", "minLength", "minProperties", "contains"})
"""Keywords broken by something that is not there: the message says where it was looked for."""

_MOST_HEADINGS = 20


def explain_violations(
    violations: Sequence[Violation],
    searches: Mapping[str, list[Search]],
    sources: Mapping[str, Span],
) -> list[SchemaError]:
    """Give each violation a line, and where something is missing, say where it was looked for.

    Args:
        violations: What is wrong with the record.
        searches: What was tried for each value, by its JSON pointer.
        sources: Where each value stands, by its JSON pointer.

    Returns:
        The errors in the same order; without lines for documents without spans.
    """
    return [_explain(violation, searches, sources) for violation in violations]


def _explain(
    violation: Violation, searches: Mapping[str, list[Search]], sources: Mapping[str, Span]
) -> SchemaError:
    path, keyword, message = violation
    pointer = render_pointer(path)
    search = _choose_search(searches.get(pointer, []))
    if search is not None and keyword in _ABSENT:
        message = f"{message} ({_describe_search(search)})"
    return SchemaError(pointer, message, _find_line(path, searches, sources))


def _choose_search(searches: Sequence[Search]) -> Search | None:
    """Return the attempt that came nearest: the first that found a section, else the first."""
    return next((s for s in searches if s.found is not None), searches[0] if searches else None)


def _find_line(
    path: JsonPath, searches: Mapping[str, list[Search]], sources: Mapping[str, Span]
) -> int | None:
    """Return the line of the value, else of where it was looked for, else of what holds it."""
    for length in range(len(path), -1, -1):
        pointer = render_pointer(path[:length])
        if pointer in sources:
            return sources[pointer].line
        search = _choose_search(searches.get(pointer, []))
        sections = _list_sections(search) if search else []
        if sections and sections[0].span is not None:
            return sections[0].span.line
    return 1 if sources else None


def _list_sections(search: Search) -> list[Section]:
    scope = search.found or search.scope
    return [scope.page.sections[number] for number in scope.matched]


def _describe_search(search: Search) -> str:
    """Say where a value was looked for.

    For example ``section "Contraindications", lines 61-64``.
    """
    rule = search.rule
    if rule.metadata:
        keys = ", ".join(search.scope.page.document.metadata) or "nothing"
        place = f'front matter "{".".join(rule.metadata)}"; there is {keys}'
    elif rule.document:
        place = f"the document's {rule.document}"
    elif search.found is None:
        place = _describe_failure(search)
    elif sections := _list_sections(search):
        noun = inflect(len(sections), "section")
        place = f"{noun} {' and '.join(map(_describe_section, sections))}"
    else:
        place = "the entry" if search.scope.entry is not None else "the whole page"
    return f"{place}, match /{rule.match.source}/" if rule.match else place


def _describe_section(section: Section) -> str:
    name = f'"{section.heading}"' if section.heading is not None else "before any heading"
    if section.span is None:
        return name
    first, last = section.span.line, section.span.end_line
    return f"{name}, line {first}" if first == last else f"{name}, lines {first}-{last}"


def _describe_failure(search: Search) -> str:
    """Say what no section had, and list the headings that there were."""
    rule, sections = search.rule, search.scope.sections
    wanted: list[str] = []
    if rule.headings:
        wanted.append(f"heading matches {' or '.join(f'/{h}/' for h in rule.headings)}")
    if rule.types:
        wanted.append(f"type is {' or '.join(rule.types)}")
    headings = [f'"{section.heading}"' for section in sections if section.heading]
    more = len(headings) - _MOST_HEADINGS
    shown = [*headings[:_MOST_HEADINGS], *([f"{more} more"] if more > 0 else [])]
    found = f"headings: {', '.join(shown)}" if shown else "there are no headings"
    return f"no section whose {' and '.join(wanted)}; {found}"


def render_error(path: str, error: Any) -> str:
    """Write an error as one line: page, line, JSON pointer, message.

    >>> render_error("a.md", SchemaError("/steps", "expected a value, found none", 7))
    'a.md:7: /steps: expected a value, found none'
    """
    place = path if error.line is None else f"{path}:{error.line}"
    return f"{place}: {error.pointer or '/'}: {error.message}"
