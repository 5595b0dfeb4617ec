"""Names of pages that strangers chose: none leads out of the output folder, or stops a run."""

from __future__ import annotations

import functools
import http.server
import io
import json
import os
import threading
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from click.testing import CliRunner, Result
from fsspec.implementations.memory import MemoryFile
from hypothesis import given
from hypothesis import strategies as st

import extractor
from extractor.cli import cli
from extractor.model import PageRejected
from extractor.storage import clashes
from extractor.storage.clashes import probe_folder, refuse_clashes
from extractor.storage.names import find_fault, is_plain, read_name, spell_name
from extractor.storage.pages import Links, PageFile, SourceError, find_pages, read_page

HARMLESS = (
    "a.md",
    ".hidden.md",
    "...md",
    "..a/b..md",
    "v1.2/a b.md",
    "note: this.md",
    "ab:c.md",
    "1:2.md",
    "docs/C:/x.md",
    "😀/naïve/日本語.md",
    "a/" * 500 + "deep.md",
    "-rf.md",
    "con.md",
    "back\\slash.md",
    "100%.md",
    "what?.md",
)

UNSAFE = (
    "/etc/passwd.md",
    "//host/share.md",
    "..",
    "../a.md",
    "a/../../b.md",
    "a/..",
    "./a.md",
    "a/./b.md",
    "a//b.md",
    "a/",
    "",
    "C:/a.md",
    "c:a.md",
    "a\n::error::x.md",
    "a\x1b[31m.md",
    "a\x00.md",
    "a\x7f.md",
    "a\u2028b.md",
)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["run", *map(str, arguments), "--jobs", "1"])


def read_rejects(out: Path) -> dict[str, str]:
    lines = (out / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
    return {reject["path"]: reject["rule"] for reject in map(json.loads, lines)}


def list_documents(out: Path) -> list[str]:
    folder = out / "documents"
    return sorted(
        file.relative_to(folder).as_posix() for file in folder.rglob("*.json") if file.is_file()
    )


def write(folder: Path, *names: str) -> Path:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {name}\n", encoding="utf-8", errors="replace")
    return folder


class TestNames:
    @pytest.mark.parametrize("name", HARMLESS)
    def test_harmless_ones_stay(self, name: str) -> None:
        assert find_fault(name, windows=False) is None
        assert find_fault(name, in_url=True, windows=False) is None
        assert read_name(name) == name

    @pytest.mark.parametrize("name", UNSAFE)
    def test_unsafe_ones_are_refused(self, name: str) -> None:
        assert find_fault(name, windows=False) is not None
        assert not is_plain(name)

    @pytest.mark.parametrize("name", UNSAFE)
    def test_what_they_are_called_leads_down(self, name: str) -> None:
        spelled = spell_name(name)
        assert find_fault(spelled, windows=False) is None

    def test_no_two_are_called_the_same(self) -> None:
        names = {*UNSAFE, "\\", "\\..", "\\/a.md", "/a.md", "a\\x1b[31m.md", "C\\:/a.md"}
        assert len({spell_name(name) for name in names}) == len(names)

    @pytest.mark.parametrize(
        "name", ["con.md", "a/NUL", "a\\b.md", "a./b.md", "lpt1.x.md", "ab:c.md", "x."]
    )
    def test_windows_refuses_more(self, name: str) -> None:
        assert find_fault(name, windows=True) is not None
        assert find_fault(name, windows=False) is None

    @pytest.mark.parametrize("name", ["key::b.md", "key::memory:b.md", "a\ud800.md"])
    def test_urls_refuse_what_would_be_another_url(self, name: str) -> None:
        assert find_fault(name, in_url=True) is not None
        assert find_fault(name, windows=False) is None

    @given(st.text(st.sampled_from("a.:/\\\x1b\u2028\udce9é"), max_size=8))
    def test_what_is_plain_has_no_fault(self, name: str) -> None:
        if is_plain(name):
            assert find_fault(name, in_url=True) is None
            assert read_name(name) == name

    def test_most_names_are_plain(self) -> None:
        assert is_plain("docs/a b/été-2.md")


class TestFolders:
    def test_control_characters_cost_one_page(self, tmp_path: Path) -> None:
        write(tmp_path / "in", "good.md", "bad\n::error::\x1b[2J.md")
        done = run(tmp_path / "in", "--out", tmp_path / "out")
        assert done.exit_code == 1
        assert read_rejects(tmp_path / "out") == {"bad\\n::error::\\x1b[2J.md": "unsafe-name"}
        assert list_documents(tmp_path / "out") == ["good.md.json"]
        assert "\x1b" not in done.output
        assert "\n::" not in done.output

    def test_two_names_that_are_no_utf_8_are_two_rejects(self, tmp_path: Path) -> None:
        write(tmp_path / "in", "good.md")
        for byte in (b"\xe8", b"\xe9"):
            (tmp_path / "in" / os.fsdecode(b"caf" + byte + b".md")).write_bytes(b"text")
        for _ in range(2):
            assert run(tmp_path / "in", "--out", tmp_path / "out").exit_code == 1
            rejects = read_rejects(tmp_path / "out")
            assert rejects == {"caf\\xe8.md": "unsafe-name", "caf\\xe9.md": "unsafe-name"}
            assert list_documents(tmp_path / "out") == ["good.md.json"]

    def test_a_name_that_says_what_another_reads_as_stays(self, tmp_path: Path) -> None:
        write(tmp_path, "caf\ufffd.md", "caf\\xe9.md")
        (tmp_path / os.fsdecode(b"caf\xe9.md")).write_bytes(b"text")
        pages = find_pages([str(tmp_path)])
        assert [page.path for page in pages] == ["caf\\xe9.md", "caf\\xe9.md (2)", "caf\ufffd.md"]
        assert [page.reject is None for page in pages] == [True, False, True]

    def test_check_names_both(self, tmp_path: Path) -> None:
        for byte in (b"\xe8", b"\xe9"):
            (tmp_path / os.fsdecode(b"caf" + byte + b".md")).write_bytes(b"** A:** b")
        done = CliRunner().invoke(cli, ["check", str(tmp_path)])
        assert "caf\\xe8.md:1:1" in done.output
        assert "caf\\xe9.md:1:1" in done.output

    def test_a_pattern_leads_up_before_its_wildcards_only(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path, "docs/x/a.md", "docs/a.md", "here/b.md")
        monkeypatch.chdir(tmp_path / "here")
        assert [page.path for page in find_pages(["../docs/*.md"])] == ["a.md"]
        with pytest.raises(SourceError, match="wildcard"):
            find_pages(["../docs/*/../a.md"])
        with pytest.raises(SourceError, match="wildcard"):
            find_pages([f"memory://{uuid.uuid4()}/*/../a.md"])

    def test_the_library_gives_rejects(self, tmp_path: Path) -> None:
        write(tmp_path, "good.md", "C:bad.md")
        one, other = extractor.extract_many(str(tmp_path), jobs=1)
        assert isinstance(one, extractor.Reject)
        assert (one.path, one.rule) == ("C\\:bad.md", "unsafe-name")
        assert isinstance(other, extractor.Document)
        with pytest.raises(PageRejected, match="drive"):
            extractor.extract_file(tmp_path / "C:bad.md")


class TestLinks:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        write(tmp_path, "in/a.md", "in/sub/b.md", "secret/c.md", "key.md")
        (tmp_path / "in/inner").symlink_to(tmp_path / "in/sub")
        (tmp_path / "in/twin.md").symlink_to("a.md")
        (tmp_path / "in/outer").symlink_to("../secret")
        (tmp_path / "in/key.md").symlink_to(tmp_path / "key.md")
        (tmp_path / "in/.cache").symlink_to(tmp_path / "secret")
        return tmp_path / "in"

    def test_those_that_leave_are_left_alone_and_named(self, folder: Path) -> None:
        links = Links()
        paths = [page.path for page in find_pages([str(folder)], links)]
        assert paths == ["a.md", "sub/b.md", "twin.md"]
        (note,) = links.describe()
        assert note.startswith("2 links lead out")
        assert f"{folder}/outer" in note
        assert f"{folder}/key.md" in note

    def test_they_are_followed_when_asked_for(self, folder: Path) -> None:
        links = Links(follow=True)
        paths = [page.path for page in find_pages([str(folder)], links)]
        assert paths == ["a.md", "key.md", "outer/c.md", "sub/b.md", "twin.md"]
        assert links.describe() == []

    def test_patterns_leave_them_alone_too(self, folder: Path) -> None:
        for pattern, paths in {
            f"{folder}/*.md": ["a.md", "twin.md"],
            f"{folder}/*/*.md": ["inner/b.md", "sub/b.md"],
            f"file://{folder}/*/*.md": ["inner/b.md", "sub/b.md"],
        }.items():
            assert [page.path for page in find_pages([pattern])] == paths

    def test_what_is_named_outright_is_followed(self, folder: Path) -> None:
        assert [page.path for page in find_pages([f"{folder}/key.md"])] == ["key.md"]
        assert [page.path for page in find_pages([f"{folder}/outer"])] == ["c.md"]

    def test_a_loop_of_links_that_are_followed_ends(self, folder: Path) -> None:
        (folder.parent / "secret/back").symlink_to(folder)
        pages = find_pages([str(folder)], Links(follow=True))
        assert [page.path for page in pages].count("a.md") == 1

    @pytest.mark.parametrize("command", ["run", "check", "diff"])
    def test_commands_have_the_option(self, folder: Path, command: str) -> None:
        out = folder.parent / "out"
        arguments = {
            "run": [str(folder), "--out", str(out), "--jobs", "1"],
            "check": [str(folder)],
            "diff": [str(folder), str(folder)],
        }[command]
        plain = CliRunner().invoke(cli, [command, *arguments])
        more = CliRunner().invoke(cli, [command, *arguments, "--follow-links"])
        assert (plain.exit_code, more.exit_code) == (0, 0)
        counts = {"run": ("3 pages", "5 pages"), "check": ("3 pages", "5 pages")}
        if command in counts:
            assert counts[command][0] in plain.output
            assert counts[command][1] in more.output
            assert "2 links lead out" in plain.output
            assert "links lead out" not in more.output

    def test_the_configuration_has_the_key(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(folder.parent)
        Path("extractor.toml").write_text("follow-links = true\n", encoding="utf-8")
        assert "5 pages" in CliRunner().invoke(cli, ["check", "in"]).output
        plain = CliRunner().invoke(cli, ["check", "in", "--no-follow-links"])
        assert "3 pages" in plain.output
        assert CliRunner().invoke(cli, ["diff", "in", "in"]).output.startswith("5 pages")

    def test_the_library_has_the_keyword(self, folder: Path) -> None:
        assert len(list(extractor.extract_many(str(folder), jobs=1))) == 3
        assert len(list(extractor.extract_many(str(folder), jobs=1, follow_links=True))) == 5


class TestOutputs:
    def test_a_file_gives_way_to_a_folder_of_the_same_name(self, tmp_path: Path) -> None:
        write(
            tmp_path / "in", "a.md", "a.md.json/b.md", "a.md.json/c.md", "b.md", "b.md.jsonl/x.md"
        )
        for _ in range(2):
            assert run(tmp_path / "in", "--out", tmp_path / "out").exit_code == 1
            assert read_rejects(tmp_path / "out") == {"a.md": "unsafe-name"}
            assert len(list_documents(tmp_path / "out")) == 4

    def test_without_document_files_there_is_no_clash(self, tmp_path: Path) -> None:
        write(tmp_path / "in", "a.md", "a.md.json/b.md")
        done = run(tmp_path / "in", "--out", tmp_path / "out", "--format", "jsonl")
        assert done.exit_code == 0

    def test_twins_are_two_pages_where_they_can_be(self, tmp_path: Path) -> None:
        names = ["A.md", "a.md", "B/x.md", "b/y.md", "caf\u00e9.md", "cafe\u0301.md"]
        write(tmp_path / "in", *names)
        assert run(tmp_path / "in", "--out", tmp_path / "out").exit_code == 0
        assert len(list_documents(tmp_path / "out")) == 6

    def test_twins_are_told_apart_where_the_output_folder_cant(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(clashes, "probe_folder", lambda _: str.casefold)
        write(tmp_path / "in", "A.md", "a.md", "B/x.md", "b/y.md", "c.md", "C.MD.JSON/z.md")
        assert run(tmp_path / "in", "--out", tmp_path / "out").exit_code == 1
        rejects = read_rejects(tmp_path / "out")
        assert rejects == dict.fromkeys(["a.md", "b/y.md", "c.md"], "unsafe-name")
        assert list_documents(tmp_path / "out") == [
            "A.md.json",
            "B/x.md.json",
            "C.MD.JSON/z.md.json",
        ]

    def test_the_probe_tells_what_this_file_system_does(self, tmp_path: Path) -> None:
        fold = probe_folder(tmp_path)
        for one, other in (("a", "A"), ("e\u0301", "\u00e9")):
            (tmp_path / f"x{one}").touch()
            assert (fold(one) == fold(other)) == (tmp_path / f"x{other}").exists()
        assert [file.name for file in tmp_path.iterdir() if "probe" in file.name] == []

    def test_long_names_of_folders_cost_one_page(self, tmp_path: Path) -> None:
        names = ["good.md", f"{'x' * 256}/a.md", "d/" * 2100 + "a.md", f"{'é' * 127}/b.md"]
        pages = [PageFile(name, "memory://", name, b"# x") for name in sorted(names)]
        refused = [page.path[:3] for page in refuse_clashes(pages, tmp_path) if page.reject]
        assert refused == ["d/d", "xxx"]


class TestUrls:
    def test_keys_of_an_object_store(self, tmp_path: Path) -> None:
        root = f"memory://{uuid.uuid4()}"
        system = fsspec.filesystem("memory")
        top = root.removeprefix("memory:/")
        for key in ("good.md", "x//empty.md", "/absolute.md", "a/../../up.md", "k::memory://b.md"):
            system.store[f"{top}/{key}"] = MemoryFile(system, key, b"# page\n")
        done = run(root, "--out", tmp_path / "out")
        assert done.exit_code == 1, done.output
        assert list_documents(tmp_path / "out") == ["good.md.json"]
        assert set(read_rejects(tmp_path / "out").values()) == {"unsafe-name"}
        assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]

    def test_patterns_in_an_archive(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            for name in ("a.md", "docs/b.md", "docs/c.txt", "docs/../../../up.md", "x::y.md"):
                archive.writestr(name, f"# {name}\n")
        pages = {page.path: page for page in find_pages([f"zip://**/*.md::{tmp_path}/x.zip"])}
        assert sorted(path for path, page in pages.items() if page.reject is None) == [
            "a.md",
            "docs/b.md",
        ]
        assert len(pages) == 4
        assert read_page(pages["docs/b.md"]) == b"# docs/b.md\n"
        (inner,) = find_pages([f"zip://docs/*.md::file://{tmp_path}/x.zip"])
        assert (inner.path, read_page(inner)) == ("b.md", b"# docs/b.md\n")
        with pytest.raises(SourceError, match="chained"):
            find_pages([f"zip://::{tmp_path}/x.zip"])

    def test_patterns_through_a_cache(self, tmp_path: Path) -> None:
        write(tmp_path, "a.md", "x/b.md")
        pages = find_pages([f"simplecache::file://{tmp_path}/**/*.md"])
        assert [page.path for page in pages] == ["a.md", "x/b.md"]
        assert [read_page(page) for page in pages] == [b"# a.md\n", b"# x/b.md\n"]


class _Listing(fsspec.AbstractFileSystem):  # type: ignore[misc]
    """Lists what a web server's folder would, and more."""

    protocol = "listing"
    names = ("good.md", "/etc/evil.md", "../../up.md", "a//b.md", "C:/d.md", "sub/../e.md")

    def find(self, path: str, *_: object, **__: object) -> list[str]:
        return [*(f"{path.rstrip('/')}/{name}" for name in self.names), "elsewhere/f.md"]

    def isdir(self, path: str) -> bool:
        return path.rstrip("/").endswith("docs")

    def _open(self, path: str, *_: object, **__: object) -> io.BytesIO:
        return io.BytesIO(b"# page\n")


def test_a_listing_does_not_choose_where_files_are_written() -> None:
    fsspec.register_implementation("listing", _Listing, clobber=True)
    pages = {page.path: page for page in find_pages(["listing://docs"])}
    assert [path for path, page in pages.items() if page.reject is None] == ["good.md"]
    assert len(pages) == 7
    assert all(not Path(path).is_absolute() and ".." not in path.split("/") for path in pages)
    assert read_page(pages["good.md"]) == b"# page\n"
    with pytest.raises(PageRejected, match="absolute"):
        read_page(pages["\\/etc/evil.md"])


LISTING = """<a href="good.md">1</a> <a href="//etc/evil.md">2</a> <a href="../../up.md">3</a>
<a href="/docs//twice.md">4</a> <a href="C:/drive.md">5</a> <a href="sub/x.md">6</a>
<a href="sub/%2e%2e/dots.md">7</a> <a href="/docs//abs/olute.md">8</a>"""


class _Server(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        body = (LISTING if self.path in ("/docs", "/docs/") else "# page\n").encode()
        kind = "text/html" if self.path in ("/docs", "/docs/") else "text/markdown"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Server)) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_a_web_server_does_not_choose_where_files_are_written(server: str, tmp_path: Path) -> None:
    pytest.importorskip("aiohttp")
    done = run(f"{server}/docs/", "--out", tmp_path / "deep/er/out")
    assert done.exit_code == 1, done.output
    out = tmp_path / "deep/er/out"
    assert "good.md.json" in list_documents(out)
    assert set(read_rejects(out).values()) == {"unsafe-name"}
    assert [
        path.name for path in tmp_path.rglob("*") if "etc" in path.name or "up" in path.name
    ] == []
    assert not Path("/etc/evil.md.json").exists()
