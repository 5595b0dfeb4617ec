"""The fuzzer itself: what it found once holds, and what breaks a law is found and kept."""

from __future__ import annotations

from pathlib import Path

import fuzzing
import pytest

from extractor.model import Document


@pytest.mark.parametrize("path", sorted(fuzzing.KEPT.iterdir()), ids=lambda path: path.stem)
def test_what_was_found_once_holds(path: Path) -> None:
    assert isinstance(fuzzing.check_page(path.read_bytes()), Document)


def test_the_same_seed_gives_the_same_pages() -> None:
    assert fuzzing.draw_pages(7, 20) == fuzzing.draw_pages(7, 20)


def test_a_broken_law_is_found_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(data: bytes) -> Document:
        assert b"**" not in data, "two stars"
        return real(data)  # type: ignore[return-value]

    real = fuzzing.check_page
    monkeypatch.setattr(fuzzing, "check_page", fail)
    monkeypatch.setattr(fuzzing, "FINDS", tmp_path)
    monkeypatch.setattr(fuzzing, "ROUND", 30)
    monkeypatch.setattr(fuzzing, "check_run", lambda *_: None)
    tally = fuzzing.fuzz(1, 0.01)
    assert tally.found
    assert all(b"**" in file.read_bytes() for file in tmp_path.glob("*.md"))
