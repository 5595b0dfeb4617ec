"""A run on a cluster: parts of the pages become part files, wherever there is a worker.

Within a part the local engine works, so that a page gives the same result and a bad
one costs the same reject. Nothing is remembered from run to run: every page is
extracted. A part that is done again, because its worker died, replaces its files by
the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from msgspec import Struct

from extractor.run.batch import Request, Watch
from extractor.run.engines import EngineError
from extractor.run.engines.dask import compute_parts
from extractor.run.engines.local import extract_pages
from extractor.run.fingerprint import fingerprint_settings
from extractor.run.manifest import MANIFEST, describe_file, describe_run, render_manifest
from extractor.run.outcome import Outcome
from extractor.run.outputs import OutputError, ResultFiles, name_files, write_result
from extractor.run.placement import refuse_pages_inside
from extractor.run.results import Tally, unpack_result
from extractor.run.settings import RunSettings
from extractor.storage.files import is_leftover
from extractor.storage.pages import Links, PageFile, find_pages
from extractor.storage.urls import is_url, list_names, remove_url, write_url

_PART_PAGES = 250  # Some seconds of work; its results go over the network as files only.
_OURS = re.compile(
    r"(?:documents|rejects|(?:records|tables)/[^/]+)/part-[0-9]{5,}\.(?:jsonl|parquet)"
)


class Part(Struct, frozen=True):
    """Some of the pages of a run, and what to do with them.

    Attributes:
        number: Counts parts from 0 in the order of pages.
        pages: Sorted by path.
        out: URL of the output folder.
        names: Of the files to write, each with the name to write it under.
        settings: Those of the run.
        fingerprint: What the settings, the code and the libraries must come to.
    """

    number: int
    pages: tuple[PageFile, ...]
    out: str
    names: dict[str, str]
    settings: RunSettings
    fingerprint: str


class WrittenPart(Struct, frozen=True):
    """What came of a part.

    Attributes:
        number: The part.
        outcome: Counts of its pages.
        files: What the manifest says of its files.
    """

    number: int
    outcome: Outcome
    files: dict[str, Any]


def run_cluster(
    request: Request, watch: Watch = lambda *_: None, *, scheduler: str | None = None
) -> Outcome:
    """Extract all pages on a Dask cluster, into part files.

    Args:
        request: What to do; its formats are of `PART_FORMATS`. All workers can read the
            sources and write the output folder by the same names.
        watch: Is called after every part.
        scheduler: Address of the scheduler; None to start a cluster on this machine.

    Raises:
        SourceError: If the sources can't be.
        OutputError: If the folder can't be written, or holds a page.
        EngineError: If there is no cluster, or it runs other code or libraries.
        MissingExtraError: If Dask is not installed.
    """
    links = Links(follow=request.follow_links)
    pages = [_make_absolute(page) for page in find_pages(request.sources, links)]
    refuse_pages_inside(request.out, pages)
    out = request.out if is_url(request.out) else f"file://{Path(request.out).absolute()}"
    written, so_far = [], Tally()
    parts = _cut_parts(pages, out, request)
    try:
        with closing(compute_parts(write_part, parts, scheduler, request.jobs)) as results:
            for part in results:
                written.append(part)
                so_far.add(part.outcome.tally)
                watch(so_far, len(pages))
        outcome = _finish(out, sorted(written, key=lambda part: part.number), request.settings)
        outcome.notes += links.describe()
        return outcome
    except OSError as error:
        raise OutputError(f"{request.out}: {error.strerror or error}") from error


def write_part(part: Part) -> WrittenPart:
    """Extract the pages of a part and write its files.

    Raises:
        EngineError: If this machine would extract in another way.
        OSError: If a file can't be written.
    """
    if fingerprint_settings(part.settings) != part.fingerprint:
        raise EngineError("the cluster runs another version of Python, extractor or its libraries")
    outcome = Outcome(extracted=len(part.pages))
    with TemporaryDirectory() as folder:
        with (
            ResultFiles(Path(folder), part.names, part.settings) as files,
            closing(extract_pages(part.pages, len(part.pages), part.settings, 1)) as results,
        ):
            for result in map(unpack_result, results):
                outcome.add(write_result(files, result))
        places = sorted(part.names.values())
        for place in places:
            write_url(Path(folder, place), f"{part.out}/{place}")
        described = {place: describe_file(Path(folder, place)) for place in places}
    return WrittenPart(part.number, outcome, described)


def _make_absolute(page: PageFile) -> PageFile:
    """Let a page's file be found from any working folder."""
    if is_url(page.root) or page.data is not None:
        return page
    return msgspec.structs.replace(page, root=f"{Path(page.root).absolute()}/")


def _cut_parts(pages: Sequence[PageFile], out: str, request: Request) -> Iterator[Part]:
    fingerprint = fingerprint_settings(request.settings)
    names = name_files(request.formats, request.settings)
    for number, start in enumerate(range(0, len(pages), _PART_PAGES)):
        yield Part(
            number=number,
            pages=tuple(pages[start : start + _PART_PAGES]),
            out=out,
            names={name: _name_part(name, number) for name in names},
            settings=request.settings,
            fingerprint=fingerprint,
        )


def _name_part(name: str, number: int) -> str:
    """Name a part of a file: `tables/items/part-00003.parquet`."""
    path = PurePosixPath(name)
    return f"{path.with_suffix('')}/part-{number:05}{path.suffix}"


def _finish(out: str, parts: Iterable[WrittenPart], settings: RunSettings) -> Outcome:
    """Remove what other runs left, parts of larger ones and halves, and write the manifest."""
    outcome, files = Outcome(), dict[str, Any]()
    for part in parts:
        outcome.merge(part.outcome)
        files |= part.files
    for name in list_names(out):
        if (_OURS.fullmatch(name) and name not in files) or is_leftover(name):
            remove_url(f"{out}/{name}")
    manifest = describe_run(settings, outcome.tally) | {"outputs": files}
    with TemporaryDirectory() as folder:
        file = Path(folder, MANIFEST)
        file.write_text(render_manifest(manifest), encoding="utf-8")
        write_url(file, f"{out}/{MANIFEST}")
    return outcome
