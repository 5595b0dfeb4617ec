"""What can be wrong with a record schema, as data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class SchemaProblem(NamedTuple):
    """Something in a record schema that its author should know.

    Attributes:
        pointer: JSON pointer into the schema; of another file, `file.json#/pointer`.
        message: What is wrong, in one sentence, with a suggestion where there is one.
        fatal: Whether the schema can't be used; otherwise some value will always be missing.
    """

    pointer: str
    message: str
    fatal: bool = True


class RecordSchemaError(ValueError):
    """A record schema that can't be used.

    Attributes:
        problems: All that is wrong, sorted by place.
        line: Line of a syntax error in the file, 1-based; None for other problems.
    """

    def __init__(
        self, name: str, problems: Sequence[SchemaProblem], line: int | None = None
    ) -> None:
        """Name the schema and every problem in the message."""
        self.name = name
        self.problems = list(problems)
        self.line = line
        place = name if line is None else f"{name}:{line}"
        super().__init__("\n".join(render_problem(place, problem) for problem in problems))

    def __reduce__(
        self,
    ) -> tuple[type[RecordSchemaError], tuple[str, list[SchemaProblem], int | None]]:
        """Survive the way back from a worker process."""
        return type(self), (self.name, self.problems, self.line)


def render_problem(place: str, problem: SchemaProblem) -> str:
    """Write a problem as one line: file, JSON pointer, message."""
    pointer = f" {problem.pointer}:" if problem.pointer else ""
    return f"{place}:{pointer} {problem.message}"


def sort_problems(problems: Iterable[SchemaProblem]) -> list[SchemaProblem]:
    """Sort problems by place and message, each once."""
    return sorted(set(problems))
