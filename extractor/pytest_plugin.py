"""A pytest plugin for teams that keep their own pages under test.

pytest loads it in every run, needed or not: it imports next to nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_regressions.file_regression import FileRegressionFixture

    from extractor.config.loading import Config
    from extractor.model import Document
    from extractor.storage.pages import Links, PageFile

SUFFIX = ".json"
"""What an accepted document's file ends in, after the page's path."""


@pytest.fixture
def pages_regression(request: pytest.FixtureRequest) -> PagesRegression:
    """Compare what is extracted from pages with what was accepted.

    Example:
        def test_pages(pages_regression):
            pages_regression.check("../pages")
    """
    try:
        import pytest_regressions  # noqa: F401
    except ImportError:
        pytest.fail(
            "pages_regression needs pytest-regressions: pip install 'extractor[testing]'",
            pytrace=False,
        )
    return PagesRegression(request)


class PagesRegression:
    """The fixture `pages_regression`.

    One accepted document per page lies in a folder named after the test,
    beside the test module: ``test_docs/test_pages/<page path>.json``.
    """

    def __init__(self, request: pytest.FixtureRequest) -> None:
        """Work for one test."""
        self._request = request
        self._folder = Path(
            request.getfixturevalue("original_datadir"), re.sub(r"\W", "_", request.node.name)
        )
        self._checked = False

    def check(self, *sources: str | os.PathLike[str]) -> None:
        """Fail if a page's document is not the accepted one, in meaning.

        Spans are left out, and a page's size and hash do not count. A page
        without an accepted document fails as well, and gets one to be read and
        committed; so does an accepted document without a page. Nothing is
        written where the environment variable ``CI`` is set. The options
        ``--force-regen`` and ``--regen-all`` are those of pytest-regressions.

        Args:
            sources: Files, folders, globs or URLs with pages, relative to the
                folder of the test module; by default those of the configuration
                found from there. To be called once in a test.

        Raises:
            SourceError: If a source is missing or has no pages.
            ConfigError: If the configuration can't be used.
        """
        __tracebackhide__ = True
        if self._checked:
            raise ValueError("check() takes all sources at once: call it once in a test")
        self._checked = True
        if self._regenerates() and _runs_in_ci():
            pytest.fail("Expectations are not regenerated where CI is set.", pytrace=False)
        from extractor.wording import reveal_lines

        problems = list(self._list_problems(sources))
        if problems:
            pytest.fail(reveal_lines("\n\n".join(problems)), pytrace=False)

    def _list_problems(self, sources: tuple[str | os.PathLike[str], ...]) -> Iterator[str]:
        """Check page after page, then look for what no page belongs to."""
        from extractor.config.loading import load_config
        from extractor.storage.pages import Links

        here = self._request.path.parent
        config = load_config(here)
        names = [_anchor(source, here) for source in sources or config.settings.sources]
        if not names:
            raise ValueError("check() was given no sources, and no configuration names any")
        expected = set()
        links = Links(follow=bool(config.settings.follow_links))
        for page in _find_pages(names, links, self._folder):
            expected.add(self._folder / f"{page.path}{SUFFIX}")
            yield from self._check_page(page, config)
        for orphan in sorted({*self._folder.rglob(f"*{SUFFIX}")} - expected):
            yield from self._settle_orphan(orphan)

    def _check_page(self, page: PageFile, config: Config) -> Iterator[str]:
        """Check one page; yield what is wrong with it."""
        from extractor.model import PageRejected
        from extractor.pipeline import extract
        from extractor.storage.pages import read_page

        expected = self._folder / f"{page.path}{SUFFIX}"
        if not expected.is_file() and _runs_in_ci():
            yield f"{page.path}: there is no accepted document {expected}"
            return
        try:
            repair = config.page_options.repairs(page.location)
            document = extract(read_page(page), page.path, repair=repair)
        except PageRejected as rejected:
            yield f"{rejected}: the page gives no document"
            return
        try:
            self._compare(document, expected)
        except (AssertionError, pytest.fail.Exception) as failure:
            yield f"{page.path}: {failure}"

    def _compare(self, document: Document, expected: Path) -> None:
        """Let pytest-regressions compare, write or rewrite an accepted document."""
        from extractor.spans import without_spans

        obtained = Path(self._request.getfixturevalue("tmp_path"), "obtained", expected.name)
        obtained.parent.mkdir(exist_ok=True)
        regression: FileRegressionFixture = self._request.getfixturevalue("file_regression")
        regression.check(
            without_spans(document).to_json(indent=2) + "\n",
            encoding="utf-8",
            newline="\n",
            extension=SUFFIX,
            fullpath=expected,
            obtained_filename=obtained,
            check_fn=lambda _, accepted: _check_document(document, accepted),
        )

    def _settle_orphan(self, orphan: Path) -> Iterator[str]:
        """Report an accepted document without a page; regenerating removes it."""
        if not self._regenerates():
            yield f"{orphan}: there is no page for this accepted document"
            return
        orphan.unlink()
        if not self._has_option("regen_all"):
            yield f"{orphan}: removed, there is no page for it"

    def _regenerates(self) -> bool:
        return self._has_option("force_regen") or self._has_option("regen_all")

    def _has_option(self, name: str) -> bool:
        return bool(self._request.config.getoption(name, False))


def _check_document(new: Document, accepted: Path) -> None:
    """Compare a document with the accepted one; its spans tell where the differences are.

    Raises:
        AssertionError: If they differ in meaning, or the accepted one is no document.
    """
    import msgspec

    from extractor.model import Document

    try:
        old = Document.from_json(accepted.read_bytes())
    except msgspec.DecodeError as error:
        raise AssertionError(f"{accepted} is no document: {error}") from None
    if _reduce(old) != _reduce(new):
        raise AssertionError(f"not as accepted in {accepted}\n{_describe(old, new)}")


def _reduce(document: Document) -> Document:
    """Leave out what says nothing of the content: spans, hash, size, encoding."""
    from msgspec.structs import replace

    from extractor.model import SourceInfo
    from extractor.spans import without_spans

    source = SourceInfo(document.source.path, "", 0, 0, "")
    return replace(without_spans(document), source=source)


def _describe(old: Document, new: Document) -> str:
    """Say what is different in meaning; as JSON, where the comparison has no words for it."""
    from extractor.diff import compare_documents
    from extractor.diff.render.text import render_changes

    if text := render_changes(compare_documents(old, new)):
        return text
    before, after = (document.to_json(indent=2).splitlines() for document in (old, new))
    return "\n".join(unified_diff(before, after, "accepted", "obtained", lineterm=""))


def _find_pages(sources: list[str], links: Links, folder: Path) -> list[PageFile]:
    """Find pages whose accepted documents can lie side by side; errors show what they quote.

    Raises:
        SourceError: If a source is missing or has no pages.
    """
    from extractor.storage.clashes import refuse_clashes
    from extractor.storage.pages import SourceError, find_pages
    from extractor.wording import reveal_lines

    try:
        return refuse_clashes(find_pages(sources, links), folder, fold=str)
    except SourceError as error:
        raise SourceError(reveal_lines(str(error))) from None


def _anchor(source: str | os.PathLike[str], folder: Path) -> str:
    """Put a folder before a relative path."""
    name = os.fspath(source)
    return name if "://" in name else os.path.normpath(folder / name)


def _runs_in_ci() -> bool:
    return os.environ.get("CI", "").lower() not in ("", "0", "false")
