"""The annotation `x-extract`: read, checked, and turned into rules.

docs/records.md is its reference; what is allowed stands in the tables here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from extractor.model import SectionType
from extractor.pointers import extend_pointer
from extractor.records.schema.patterns import Pattern, PatternError, PatternSet, normalize
from extractor.records.schema.problems import SchemaProblem
from extractor.schema.validation import describe
from extractor.wording import suggest

KEYWORD = "x-extract"
"""The keyword of a property schema that says where the value stands."""

TAKES = (
    "items", "definitions", "text", "first", "lead", "quotes", "callouts", "table",
    "links", "code", "heading",
)  # fmt: skip
"""What may be taken from a section."""

DOCUMENT_FIELDS = ("title", "path")
"""What may be taken from the document itself."""

_KEYWORDS = ("metadata", "document", "section", "type", "take", "match")
_SECTION_KEYWORDS = ("section", "type", "take")
_TYPES = get_args(SectionType)


@dataclass(frozen=True, slots=True)
class ExtractRule:
    """One way to find a value.

    Attributes:
        pointer: Where the rule stands in the schema.
        metadata: Dotted path into the front matter.
        document: Field of the document.
        headings: Regexes for headings, as written; any of them may match.
        heading_numbers: Their numbers in the schema's pattern set.
        types: Section types, any of which may be; none means all.
        take: What to take; None leaves it to the property's type.
        match: Regex for the text taken.
        match_number: Its number in the schema's pattern set.
    """

    pointer: str
    metadata: tuple[str, ...] | None = None
    document: str | None = None
    headings: tuple[str, ...] = ()
    heading_numbers: frozenset[int] = frozenset()
    types: tuple[str, ...] = ()
    take: str | None = None
    match: Pattern | None = None
    match_number: int = -1

    @property
    def narrows(self) -> bool:
        """Tell whether the rule picks sections rather than taking what is in reach."""
        return bool(self.headings or self.types)


class AnnotationReader:
    """Reads annotations, and gathers the regexes for headings and the problems.

    Attributes:
        headings: Every regex for headings.
        texts: Every regex for texts.
        problems: What was wrong with the annotations so far.
    """

    def __init__(self) -> None:
        """Start without any annotation."""
        self.headings = PatternSet(ignore_case=True)
        self.texts = PatternSet()
        self.problems: list[SchemaProblem] = []

    def read_rules(self, annotation: Any, pointer: str) -> tuple[ExtractRule, ...]:
        """Read an annotation: a rule, or a list of them to be tried in turn.

        Args:
            annotation: Value of the keyword.
            pointer: Where it stands, for problems.

        Returns:
            The rules; without those that are wrong.
        """
        if not isinstance(annotation, list):
            return tuple(self._read_rule(annotation, pointer))
        if not annotation:
            self._complain(pointer, "is an empty list")
        return tuple(
            rule
            for number, part in enumerate(annotation)
            for rule in self._read_rule(part, extend_pointer(pointer, number))
        )

    def _read_rule(self, part: Any, pointer: str) -> Iterator[ExtractRule]:
        if not isinstance(part, dict):
            self._complain(pointer, "must be an object, or a list of objects to try in turn")
            return
        before = len(self.problems)
        number, match = self._read_pattern(part, pointer)
        self._check_keywords(part, pointer)
        rule = ExtractRule(
            pointer=pointer,
            metadata=self._read_path(part, pointer),
            document=self._read_word(part, "document", DOCUMENT_FIELDS, pointer),
            headings=(headings := self._read_words(part, "section", pointer)),
            heading_numbers=self._add_headings(headings, part, pointer),
            types=self._read_types(part, pointer),
            take=self._read_word(part, "take", TAKES, pointer),
            match=match,
            match_number=number,
        )
        if len(self.problems) == before:
            yield rule

    def _complain(self, pointer: str, message: str) -> None:
        self.problems.append(SchemaProblem(pointer, message))

    def _check_keywords(self, part: dict[str, Any], pointer: str) -> None:
        for keyword in part:
            if keyword not in _KEYWORDS:
                hint = suggest(keyword, _KEYWORDS)
                place = extend_pointer(pointer, keyword)
                self._complain(place, f'unknown keyword "{keyword}"{hint}')
        sources = [keyword for keyword in ("metadata", "document") if keyword in part]
        others = [keyword for keyword in _SECTION_KEYWORDS if keyword in part]
        if len(sources) > 1 or (sources and others):
            first, second = [*sources, *others][:2]
            self._complain(pointer, f'"{first}" and "{second}" exclude each other')

    def _read_path(self, part: dict[str, Any], pointer: str) -> tuple[str, ...] | None:
        path = part.get("metadata")
        if path is None and "metadata" not in part:
            return None
        if not isinstance(path, str) or not all(keys := path.split(".")):
            self._complain(f"{pointer}/metadata", "must be keys joined by dots")
            return None
        return tuple(keys)

    def _read_word(
        self, part: dict[str, Any], keyword: str, words: tuple[str, ...], pointer: str
    ) -> str | None:
        if keyword not in part:
            return None
        word = part[keyword]
        if word not in words:
            message = f"unknown {keyword} {describe(word)}{suggest(str(word), words)}"
            self._complain(f"{pointer}/{keyword}", message)
            return None
        return str(word)

    def _read_words(self, part: dict[str, Any], keyword: str, pointer: str) -> tuple[str, ...]:
        """Read a string, or a list of them."""
        if keyword not in part:
            return ()
        value = part[keyword]
        words = value if isinstance(value, list) else [value]
        if not words or not all(isinstance(word, str) and word for word in words):
            self._complain(f"{pointer}/{keyword}", "must be a string that is not empty, or a list")
            return ()
        return tuple(words)

    def _read_types(self, part: dict[str, Any], pointer: str) -> tuple[str, ...]:
        types = self._read_words(part, "type", pointer)
        for word in types:
            if word not in _TYPES:
                message = f'unknown type "{word}"{suggest(word, _TYPES)}'
                self._complain(f"{pointer}/type", message)
        return types

    def _add_headings(
        self, headings: tuple[str, ...], part: dict[str, Any], pointer: str
    ) -> frozenset[int]:
        numbers = set()
        for number, heading in enumerate(headings):
            place = f"/{number}" if isinstance(part["section"], list) else ""
            try:
                numbers.add(self.headings.add(normalize(heading))[0])
            except PatternError as error:
                self._complain(f"{pointer}/section{place}", _describe_pattern(heading, error))
        return frozenset(numbers)

    def _read_pattern(self, part: dict[str, Any], pointer: str) -> tuple[int, Pattern | None]:
        if "match" not in part:
            return -1, None
        source = part["match"]
        if not isinstance(source, str) or not source:
            self._complain(f"{pointer}/match", "must be a string that is not empty")
            return -1, None
        try:
            return self.texts.add(source)
        except PatternError as error:
            self._complain(f"{pointer}/match", _describe_pattern(source, error))
            return -1, None


def _describe_pattern(source: str, error: PatternError) -> str:
    return f"the regex /{source}/ does not compile: {error}"
