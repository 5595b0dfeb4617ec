"""Which pages a run has, under which paths."""

from __future__ import annotations

import io
import os
import sys
import uuid
from pathlib import Path

import fsspec
import pytest

from extractor.model import PageRejected
from extractor.storage.pages import Links, PageFile, SourceError, find_pages, list_pages, read_page


def make_files(folder: Path, *names: str) -> Path:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {name}\n", encoding="utf-8")
    return folder


def list_paths(*sources: str | Path) -> list[str]:
    return [page.path for page in find_pages(str(source) for source in sources)]


def test_names_from_windows_become_posix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_files(tmp_path, "pages/a.md", "pages/d/b.md", "odd\\name.md")
    monkeypatch.chdir(tmp_path)
    assert list_paths("odd\\name.md") == ["odd\\name.md"]
    monkeypatch.setattr(os, "sep", "\\")
    assert list_paths("pages\\d\\b.md") == ["b.md"]
    assert list_paths("pages\\") == ["a.md", "d/b.md"]
    assert list_paths("pages\\*\\*.md") == ["d/b.md"]


class TestFolders:
    def test_pages_are_found_at_any_depth_sorted_by_path(self, tmp_path: Path) -> None:
        make_files(tmp_path, "b.md", "a/z.markdown", "a/b/c.mdx", "a.MD", "a/notes.txt", "README")
        assert list_paths(tmp_path) == ["a.MD", "a/b/c.mdx", "a/z.markdown", "b.md"]

    def test_hidden_folders_are_skipped_unless_named(self, tmp_path: Path) -> None:
        make_files(tmp_path, ".git/a.md", "x/.cache/b.md", "x/.c.md", "x/d.md")
        assert list_paths(tmp_path) == ["x/.c.md", "x/d.md"]
        assert list_paths(tmp_path / ".git") == ["a.md"]

    def test_a_trailing_slash_changes_nothing(self, tmp_path: Path) -> None:
        make_files(tmp_path, "a.md")
        assert find_pages([f"{tmp_path}/"]) == find_pages([str(tmp_path)])

    def test_link_loops_end(self, tmp_path: Path) -> None:
        make_files(tmp_path, "a/b/page.md")
        (tmp_path / "a/b/up").symlink_to(tmp_path)
        (tmp_path / "a/self").symlink_to(tmp_path / "a/self")
        assert list_paths(tmp_path) == ["a/b/page.md"]

    def test_a_linked_folder_keeps_its_own_name_if_it_has_one_here(self, tmp_path: Path) -> None:
        make_files(tmp_path, "in/z/page.md", "elsewhere/other.md")
        (tmp_path / "in/a").symlink_to(tmp_path / "in/z")
        (tmp_path / "in/b").symlink_to(tmp_path / "elsewhere")
        pages = find_pages([str(tmp_path / "in")], Links(follow=True))
        assert [page.path for page in pages] == ["b/other.md", "z/page.md"]

    def test_many_links_to_one_another_take_one_reading_each(self, tmp_path: Path) -> None:
        names = [f"d{number}" for number in range(12)]
        make_files(tmp_path, *(f"{name}/page.md" for name in names))
        for one in names:
            for other in names:
                (tmp_path / one / f"to-{other}").symlink_to(tmp_path / other)
        assert len(list_paths(tmp_path)) == 12

    def test_a_broken_link_is_a_page_that_cant_be_read(self, tmp_path: Path) -> None:
        (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere")
        (page,) = find_pages([str(tmp_path)])
        with pytest.raises(PageRejected) as caught:
            read_page(page)
        assert caught.value.reject.rule == "unreadable-file"

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_an_unreadable_folder_is_a_page_that_cant_be_read(self, tmp_path: Path) -> None:
        make_files(tmp_path, "a.md", "closed/b.md")
        (tmp_path / "closed").chmod(0)
        try:
            assert list_paths(tmp_path) == ["a.md", "closed"]
        finally:
            (tmp_path / "closed").chmod(0o700)

    def test_a_folder_without_pages_is_an_error_that_names_it(self, tmp_path: Path) -> None:
        make_files(tmp_path, "a.txt")
        with pytest.raises(SourceError, match=str(tmp_path)):
            list_paths(tmp_path)


class TestFiles:
    def test_a_file_is_read_whatever_its_suffix_under_its_name(self, tmp_path: Path) -> None:
        make_files(tmp_path, "deep/down/page.txt")
        assert list_paths(tmp_path / "deep/down/page.txt") == ["page.txt"]

    def test_a_relative_file_in_the_working_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_files(tmp_path, "a.md")
        monkeypatch.chdir(tmp_path)
        (page,) = find_pages(["a.md"])
        assert (page.path, page.location) == ("a.md", "a.md")
        assert read_page(page) == b"# a.md\n"

    def test_missing_sources_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match="nowhere"):
            list_paths(tmp_path / "nowhere.md")

    def test_names_that_are_not_utf_8_can_be_written(self, tmp_path: Path) -> None:
        name = os.fsdecode(b"caf\xe9.md")
        (tmp_path / name).write_bytes(b"text")
        (page,) = find_pages([str(tmp_path)])
        assert page.path == "caf\ufffd.md"
        assert read_page(page) == b"text"

    def test_what_is_not_a_file_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.md")
        (page,) = find_pages([str(tmp_path)])
        with pytest.raises(PageRejected) as caught:
            read_page(page)
        assert caught.value.reject.rule == "unreadable-file"


class TestTwoSources:
    def test_the_same_path_twice_is_an_error_that_names_both(self, tmp_path: Path) -> None:
        make_files(tmp_path, "one/a.md", "two/a.md", "two/b.md")
        with pytest.raises(
            SourceError, match=f"name a folder that holds both, such as {tmp_path},"
        ) as caught:
            list_paths(tmp_path / "one/a.md", tmp_path / "two/a.md")
        assert str(tmp_path / "one/a.md") in str(caught.value)
        assert str(tmp_path / "two/a.md") in str(caught.value)

    def test_folders_keep_as_much_of_their_own_path_as_tells_them_apart(
        self, tmp_path: Path
    ) -> None:
        make_files(tmp_path, "v1/docs/a.md", "v2/docs/a.md", "v2/docs/b.md", "free/c.md")
        sources = [tmp_path / name for name in ("v1/docs", "v2/docs/", "free")]
        expected = ["c.md", "v1/docs/a.md", "v2/docs/a.md", "v2/docs/b.md"]
        assert list_paths(*sources) == expected
        pages = find_pages(map(str, sources))
        assert [read_page(page) for page in pages] == [
            f"# {name}\n".encode()
            for name in ("free/c.md", "v1/docs/a.md", "v2/docs/a.md", "v2/docs/b.md")
        ]

    def test_names_that_differ_at_once_are_enough(self, tmp_path: Path) -> None:
        make_files(tmp_path, "one/a.md", "two/a.md")
        assert list_paths(tmp_path / "one", tmp_path / "two") == ["one/a.md", "two/a.md"]

    def test_patterns_and_urls_are_told_apart_like_folders(self, tmp_path: Path) -> None:
        make_files(tmp_path, "one/a.md", "two/a.md", "three/a.md")
        paths = list_paths(tmp_path / "one/*.md", f"file://{tmp_path}/two", tmp_path / "three")
        assert paths == ["one/a.md", "three/a.md", "two/a.md"]

    def test_a_folder_beside_a_file_of_the_same_path(self, tmp_path: Path) -> None:
        make_files(tmp_path, "one/a.md", "two/a.md")
        assert list_paths(tmp_path / "one", tmp_path / "two/a.md") == ["a.md", "one/a.md"]

    def test_the_working_folder_has_a_name_too(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_files(tmp_path, "here/a.md", "there/a.md")
        monkeypatch.chdir(tmp_path / "here")
        assert list_paths(".", "../there") == ["here/a.md", "there/a.md"]

    def test_one_folder_named_twice_is_an_error(self, tmp_path: Path) -> None:
        make_files(tmp_path, "one/a.md")
        with pytest.raises(SourceError, match="name it once"):
            list_paths(tmp_path / "one", f"{tmp_path}/one/")

    def test_the_same_file_twice_is_too(self, tmp_path: Path) -> None:
        make_files(tmp_path, "a.md")
        with pytest.raises(SourceError):
            list_paths(tmp_path, tmp_path / "a.md")

    def test_they_can_be_listed_nevertheless(self, tmp_path: Path) -> None:
        make_files(tmp_path, "one/a.md", "two/a.md")
        sources = [str(tmp_path / "one"), str(tmp_path / "two")]
        assert [page.path for page in list_pages(sources)] == ["a.md", "a.md"]

    def test_different_paths_are_sorted_together(self, tmp_path: Path) -> None:
        make_files(tmp_path, "one/b.md", "two/a.md")
        assert list_paths(tmp_path / "one", tmp_path / "two") == ["a.md", "b.md"]


class TestPatterns:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        make_files(tmp_path, "docs/a.md", "docs/x/b.md", "docs/x/.h/c.md", "docs/x/d.png")
        monkeypatch.chdir(tmp_path)
        return tmp_path

    @pytest.mark.parametrize(
        ("pattern", "paths"),
        [
            ("docs/*.md", ["a.md"]),
            ("docs/**/*.md", ["a.md", "x/b.md"]),
            ("docs/**", ["a.md", "x/b.md"]),
            ("docs/x/*", ["b.md"]),
            ("docs/x/*.png", ["d.png"]),
            ("docs/*/.h/*.md", ["x/.h/c.md"]),
            ("d*/?.md", ["docs/a.md"]),
            ("docs/[ab].md", ["a.md"]),
        ],
    )
    def test_paths_are_relative_to_the_part_without_magic(
        self, folder: Path, pattern: str, paths: list[str]
    ) -> None:
        assert list_paths(pattern) == paths
        assert list_paths(folder / pattern) == paths

    def test_every_match_can_be_read(self, folder: Path) -> None:
        pages = find_pages([f"{folder}/docs/**/*.md"])
        assert [read_page(page) for page in pages] == [b"# docs/a.md\n", b"# docs/x/b.md\n"]

    def test_no_match_is_an_error(self, folder: Path) -> None:
        with pytest.raises(SourceError, match="no pages"):
            list_paths(folder / "docs/*.markdown")

    def test_a_file_with_magic_in_its_name_is_that_file(self, folder: Path) -> None:
        make_files(folder, "docs/[ab].md")
        assert list_paths("docs/[ab].md") == ["[ab].md"]


class TestStandardInput:
    def test_it_is_a_page_with_its_bytes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff text")))
        (page,) = find_pages(["-"])
        assert page == PageFile("-", "", "-", b"\xff text")
        assert read_page(page) == b"\xff text"


class TestUrls:
    @pytest.fixture
    def bucket(self) -> str:
        root = f"memory://{uuid.uuid4()}"
        for name in ("a.md", "x/b.md", "x/.h/c.md", "x/d.png"):
            with fsspec.open(f"{root}/{name}", "wb") as file:
                file.write(name.encode())
        return root

    def test_folders(self, bucket: str) -> None:
        assert list_paths(bucket) == ["a.md", "x/b.md"]
        assert list_paths(f"{bucket}/x/") == ["b.md"]

    def test_files(self, bucket: str) -> None:
        (page,) = find_pages([f"{bucket}/x/d.png"])
        assert page.path == "d.png"
        assert read_page(page) == b"x/d.png"

    def test_patterns(self, bucket: str) -> None:
        assert list_paths(f"{bucket}/**/*.md") == ["a.md", "x/b.md"]

    def test_what_only_this_process_can_read_brings_its_bytes(self, bucket: str) -> None:
        assert [page.data for page in find_pages([bucket])] == [b"a.md", b"x/b.md"]

    def test_local_urls(self, tmp_path: Path) -> None:
        make_files(tmp_path, "docs/a.md")
        (page,) = find_pages([f"file://{tmp_path}/docs"])
        assert (page.path, page.data) == ("a.md", None)
        assert read_page(page) == b"# docs/a.md\n"
        assert list_paths(f"file://{tmp_path}/*/*.md") == ["docs/a.md"]

    def test_chained_urls_name_a_file(self, tmp_path: Path) -> None:
        make_files(tmp_path, "a.md")
        (page,) = find_pages([f"simplecache::file://{tmp_path}/a.md"])
        assert (page.path, read_page(page)) == ("a.md", b"# a.md\n")
        with pytest.raises(SourceError, match="chained"):
            list_paths(f"simplecache::file://{tmp_path}")

    @pytest.mark.parametrize("url", ["memory://no/such", "nosuch://a/b"])
    def test_missing_ones_are_named(self, url: str) -> None:
        with pytest.raises(SourceError, match=url):
            list_paths(url)

    def test_those_that_vanish_are_rejected(self, tmp_path: Path) -> None:
        make_files(tmp_path, "a.md")
        (page,) = find_pages([f"file://{tmp_path}"])
        (tmp_path / "a.md").unlink()
        with pytest.raises(PageRejected) as caught:
            read_page(page)
        assert caught.value.reject.rule == "unreadable-file"
