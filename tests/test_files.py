"""Files written aside: complete or as before, and nothing left over."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from extractor.storage.files import (
    FileChangedError,
    is_plain_file,
    lock_file,
    move_away,
    open_aside,
    put_aside,
    remove_leftovers,
    replace_file,
)


def list_names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


class TestAside:
    def test_a_file_is_there_when_it_is_complete(self, tmp_path: Path) -> None:
        target = tmp_path / "a.txt"
        with open_aside(target) as file:
            file.write(b"half")
            assert not target.exists()
            file.write(b" and half")
        assert target.read_bytes() == b"half and half"
        assert list_names(tmp_path) == {"a.txt"}

    @pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt])
    def test_an_error_leaves_what_was_there(
        self, tmp_path: Path, error: type[BaseException]
    ) -> None:
        target = tmp_path / "a.txt"
        target.write_bytes(b"old")
        for way in (open_aside, put_aside):
            with pytest.raises(error), way(target):
                raise error
        with pytest.raises(error):
            self.fail(target, error)
        assert target.read_bytes() == b"old"
        assert list_names(tmp_path) == {"a.txt"}

    def fail(self, target: Path, error: type[BaseException]) -> None:
        with put_aside(target) as path:
            path.write_bytes(b"new")
            raise error

    def test_new_files_have_the_usual_mode(self, tmp_path: Path) -> None:
        (tmp_path / "usual").touch()
        with open_aside(tmp_path / "a.txt"):
            pass
        modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
        assert len(modes) == 1

    def test_the_longest_name(self, tmp_path: Path) -> None:
        with open_aside(tmp_path / ("n" * 255)) as file:
            file.write(b"new")
        assert list_names(tmp_path) == {"n" * 255}

    def test_a_file_that_changed_is_not_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_bytes(b"newer")
        with pytest.raises(FileChangedError):
            replace_file(tmp_path / "a.txt", b"old", b"new")
        assert (tmp_path / "a.txt").read_bytes() == b"newer"
        assert list_names(tmp_path) == {"a.txt"}


class TestLeftovers:
    NAME = ".extractor-0123456789abcdef.part"

    def test_those_of_the_dead_are_removed(self, tmp_path: Path) -> None:
        (tmp_path / self.NAME).write_bytes(b"half")
        remove_leftovers(tmp_path)
        assert list_names(tmp_path) == set()

    def test_those_of_the_living_stay(self, tmp_path: Path) -> None:
        with open_aside(tmp_path / "a.txt") as file:
            file.write(b"whole")
            remove_leftovers(tmp_path)
            assert len(list_names(tmp_path)) == 1
        assert (tmp_path / "a.txt").read_bytes() == b"whole"

    @pytest.mark.parametrize(
        "name",
        [
            ".extractor-0123456789abcdef.part.md",
            ".extractor-0123456789ABCDEF.part",
            ".extractor-notes.part",
            "extractor-0123456789abcdef.part",
            "x.extractor-0123456789abcdef.part",
            ".extractor",
            ".page.md.part",
        ],
    )
    def test_other_names_stay(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).touch()
        remove_leftovers(tmp_path)
        assert list_names(tmp_path) == {name}

    def test_folders_and_links_of_this_name_stay(self, tmp_path: Path) -> None:
        (tmp_path / self.NAME).mkdir()
        (tmp_path / self.NAME.replace("0", "1")).symlink_to("anywhere")
        remove_leftovers(tmp_path)
        assert len(list_names(tmp_path)) == 2

    def test_a_folder_that_is_none_is_no_error(self, tmp_path: Path) -> None:
        remove_leftovers(tmp_path / "nowhere")
        (tmp_path / "file").touch()
        remove_leftovers(tmp_path / "file")


class TestPlaces:
    def test_a_lock_is_held_once(self, tmp_path: Path) -> None:
        lock = tmp_path / "lock"
        with lock_file(lock), pytest.raises(BlockingIOError), lock_file(lock):
            pass
        with lock_file(lock):
            pass

    def test_what_belongs_together_is_renamed_together(self, tmp_path: Path) -> None:
        for name in ("a", "a-x", "a.1-x", "b"):
            (tmp_path / name).write_text(name)
        assert move_away(tmp_path / "a", ("", "-x")) == tmp_path / "a.2"
        assert list_names(tmp_path) == {"a.2", "a.2-x", "a.1-x", "b"}

    def test_links_are_no_plain_files(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        (tmp_path / "link").symlink_to("file")
        os.mkfifo(tmp_path / "pipe")
        plain = {name for name in (*list_names(tmp_path), "none") if is_plain_file(tmp_path / name)}
        assert plain == {"file"}
