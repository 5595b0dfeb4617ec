"""A page on its way to a document: where everything stands, and what was found."""

from __future__ import annotations

from extractor.markdown.parser import Node
from extractor.repair.body import Body
from extractor.sizes import DEFAULT_MAX_RESULT, ResultLimit
from extractor.source.decoding import Source
from extractor.structure.findings import Findings
from extractor.structure.places import Places


class Page:
    """What every builder is given besides its nodes.

    Attributes:
        places: Where the nodes stand in the file.
        span: Gives the span of a node: what is asked of the places most often.
        findings: What was found so far.
        limit: How large the result may be.
        repair: Whether damaged markup is read as what was meant.
    """

    def __init__(
        self,
        source: Source,
        body: Body,
        *,
        repair: bool = True,
        max_result: int | None = DEFAULT_MAX_RESULT,
    ) -> None:
        """Begin with nothing found.

        Args:
            source: The file.
            body: What was parsed of it.
            repair: Whether damaged markup is read as what was meant.
            max_result: How many times as large as the page its result may be.
        """
        self.places = Places(source, body.rewriting)
        self.span = self.places.span
        self.findings = Findings(self.places)
        self.limit = ResultLimit(source.info.path, source.info.bytes, max_result)
        self.repair = repair
        self._mender = body.mender

    def repair_text(self, text: str, node: Node) -> str:
        """Repair the mojibake in a value that was read from the front matter."""
        if self._mender is None:
            return text
        repaired, changes = self._mender.mend(text)
        self.findings.report_words(changes, node)
        return repaired
