"""The public functions that read files: one page, or many in parallel."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from extractor.config.options import PageOptions
from extractor.limits import DEFAULT_SECONDS
from extractor.model import Document, Reject
from extractor.rejects import reject_bug
from extractor.run.engines import count_cores
from extractor.run.results import PageResult, unpack_result
from extractor.run.settings import RunSettings
from extractor.sizes import DEFAULT_MAX_RESULT
from extractor.storage.pages import Links, SourceError, find_pages, list_pages, read_page

SourcePath = str | os.PathLike[str]


def extract_file(
    path: SourcePath,
    *,
    repair: bool = True,
    time_limit: float | None = None,
    max_result: int | None = DEFAULT_MAX_RESULT,
) -> Document:
    """Extract one file or URL; its document is called by the file's name.

    Args:
        path: A file or an fsspec URL.
        repair: Whether damaged markup is read as what was meant.
        time_limit: Seconds the page may take; held by a signal, so in the main thread only, and
            not on Windows. `extract_many` holds it anywhere.
        max_result: How many times as large as the page its result may be, at least 16 MiB;
            None for no limit.

    Raises:
        SourceError: If `path` is missing, or not one page.
        PageRejected: If it can't become a document.
    """
    from extractor.pipeline import extract

    page, *others = list_pages([os.fspath(path)])
    if others:
        raise SourceError(f"{path}: not a page but {len(others) + 1}")
    return extract(
        read_page(page), page.path, repair=repair, time_limit=time_limit, max_result=max_result
    )


def extract_many(
    sources: SourcePath | Iterable[SourcePath],
    *,
    jobs: int | None = None,
    repair: bool = True,
    time_limit: float | None = DEFAULT_SECONDS,
    max_result: int | None = DEFAULT_MAX_RESULT,
    follow_links: bool = False,
) -> Iterator[Document | Reject]:
    """Extract many pages in worker processes, in memory that does not grow with them.

    As everywhere in `multiprocessing`, a script calls this under
    ``if __name__ == "__main__":``, for the workers import it.

    Args:
        sources: Files, folders, patterns, URLs; one or many.
        jobs: Number of workers; the number of cores by default.
        repair: Whether damaged markup is read as what was meant.
        time_limit: Seconds a page may take; None for no limit. Where no signal holds it, the
            worker is ended and another one started.
        max_result: As for `extract_file`.
        follow_links: Whether symbolic links that lead out of a folder are followed.

    Returns:
        A document or a reject for every page, sorted by path.

    Raises:
        SourceError: If a source is missing or holds no page, or two give the same path.
    """
    from extractor.run.engines.local import extract_pages

    sources = [sources] if isinstance(sources, str | os.PathLike) else sources
    pages = find_pages((os.fspath(source) for source in sources), Links(follow=follow_links))
    options = PageOptions(repair=repair, time_limit=time_limit, max_result=max_result)
    settings = RunSettings(options, tables=False)
    results = extract_pages(pages, len(pages), settings, jobs or count_cores())
    return (_read_result(unpack_result(packed)) for packed in results)


def _read_result(result: PageResult) -> Document | Reject:
    if result.reject is not None:
        return result.reject
    try:
        return Document.from_json(result.document)
    except Exception as error:  # a bug of ours costs one page
        return reject_bug(result.path, error)
