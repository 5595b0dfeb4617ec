"""Files written aside and then put in place, and locks on files. The one door to filelock.

    with open_aside(target) as file:     target is what it was …
        file.write(content)
                                         … or complete: a kill leaves nothing half written

What a kill leaves beside a target is known by its name, and by its lock to be nobody's:
`remove_leftovers` removes it. The name is short whatever the target's is, for a file system
takes 255 bytes.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

_ASIDE = re.compile(r"\.extractor-[0-9a-f]{16}\.part")


class FileChangedError(OSError):
    """A file is not what it was when it was read."""


@contextmanager
def put_aside(target: Path, aside: Path | None = None) -> Iterator[Path]:
    """Give a path to write to, which is renamed over a file when the block ends.

    Args:
        target: The file to make or to replace.
        aside: The path to give, on the same disk; by default a new name in the same folder.

    Yields:
        `aside`. If the block raises, it is removed, and `target` stays what it was.
    """
    aside = aside or target.with_name(f".extractor-{secrets.token_hex(8)}.part")
    try:
        yield aside
        aside.replace(target)
    except BaseException:
        with suppress(OSError):
            aside.unlink()
        raise


@contextmanager
def open_aside(target: Path, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Open a new file beside another, which it replaces when the block ends.

    Args:
        target: The file to make or to replace.
        mode: Permissions of the new file, short of what the umask takes away.

    Yields:
        The new file. If the block raises, it is removed, and `target` stays what it was.
    """
    with (
        put_aside(target) as aside,
        open(aside, "xb", opener=lambda path, flags: os.open(path, flags, mode)) as file,
    ):
        _try_lock(file)
        yield file


def replace_file(file: Path, before: bytes, after: bytes) -> None:
    """Replace a file all at once, keeping its mode and owner.

    Args:
        file: No link.
        before: The bytes that were read from it.
        after: The bytes to be there.

    Raises:
        FileChangedError: If it holds other bytes than `before`.
        OSError: If it can't be written; then it is what it was.
    """
    status = file.stat()
    with open_aside(file, mode=0o600) as aside:
        aside.write(after)
        aside.flush()
        os.fsync(aside.fileno())
        with suppress(PermissionError, AttributeError):  # only root gives files away
            os.chown(aside.name, status.st_uid, status.st_gid)
        shutil.copymode(file, aside.name)
        # As late as can be: an editor may have saved the file while it was worked on.
        if file.read_bytes() != before:
            raise FileChangedError(0, "the file changed")


def is_leftover(name: str) -> bool:
    """Tell by a file's name, at whatever depth, that it was written aside."""
    return _ASIDE.fullmatch(name.rpartition("/")[2]) is not None


def remove_leftovers(folder: Path) -> None:
    """Remove what processes that were killed left aside in a folder.

    Files that another process is writing stay, as does whatever can't be removed.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if is_leftover(entry.name) and entry.is_file(follow_symlinks=False):
                _remove_unlocked(Path(entry.path))


def _remove_unlocked(file: Path) -> None:
    with suppress(OSError):
        with file.open("rb+") as opened:
            if not _try_lock(opened):
                return
        file.unlink()


def _try_lock(file: BinaryIO) -> bool:
    """Lock an open file until it is closed; False if another process has it locked."""
    if os.name == "nt":  # which removes no file that is open, and lets nobody write a locked one
        return True
    from filelock import lock_descriptor

    try:
        return lock_descriptor(file.fileno(), blocking=False)
    except OSError:  # not on this file system
        return True


@contextmanager
def lock_file(file: Path) -> Iterator[None]:
    """Hold a lock, made of a file that stays; it ends with this process at the latest.

    Raises:
        BlockingIOError: If another process holds it.
        OSError: If the file can't be made.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BlockingIOError(0, "locked by another process") from None
    try:
        yield
    finally:
        lock.release()


def move_away(file: Path, endings: tuple[str, ...] = ("",)) -> Path:
    """Rename whatever is at a path, with what belongs to it, to the first free name.

    Args:
        file: The path; of a link, the link itself is renamed.
        endings: What the names that belong together end in, the first of them in nothing.

    Returns:
        The new path: the old one with a number, `state.sqlite.1`.
    """
    number = 1
    while any(os.path.lexists(f"{file}.{number}{ending}") for ending in endings):
        number += 1
    for ending in endings:
        if os.path.lexists(f"{file}{ending}"):
            Path(f"{file}{ending}").rename(f"{file}.{number}{ending}")
    return Path(f"{file}.{number}")


def is_plain_file(path: Path) -> bool:
    """Tell a file from a folder, a link, a pipe, or nothing."""
    try:
        return S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
