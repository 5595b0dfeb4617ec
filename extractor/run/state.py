"""What a run remembers in its output folder: the result of every page, by the hash of its bytes.

One SQLite file, which takes a kill at any moment and needs no reading in. It
belongs to one fingerprint (version, options, schemas): by another one, results
would differ, so another one begins with an empty state. Whatever else is found in its
place was made by somebody else, and is renamed, not removed.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple, Self, cast

from extractor.run.results import PageResult, unpack_result
from extractor.storage.files import is_plain_file, lock_file, move_away

FOLDER = ".extractor"
"""Where in the output folder the state lies, and outputs in the making."""

_LAYOUT = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pages (
    path TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL,
    transient INTEGER NOT NULL,
    result BLOB NOT NULL
);
"""
_COMMIT_PAGES = 64
_PAGE_BYTES = 16_384  # A result fills one or two; writing takes two thirds of the usual 4 kB's.
_MAGIC = b"SQLite format 3\0"
_APPLICATION = b"MdEx"  # In bytes 68 to 71 of the file, which SQLite leaves to applications.
_FILES = ("", "-wal", "-shm", "-journal")  # What SQLite adds to the name of a database.
_DAMAGES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, None}


class LockedError(RuntimeError):
    """Another run is at work in the output folder."""


class DamagedStateError(RuntimeError):
    """The state can't be read; what it held is lost."""


class UnfitResultError(ValueError):
    """A page's result can't be remembered: it is larger than SQLite takes."""


class KnownPage(NamedTuple):
    """What is remembered of a page, short of its result.

    Attributes:
        path: The page.
        sha256: Of the bytes that gave the result; "" if they could not be read.
        is_transient: Whether the result is a reject by circumstance.
    """

    path: str
    sha256: str
    is_transient: bool


@contextmanager
def lock_folder(folder: Path) -> Iterator[list[str]]:
    """Keep other runs out of an output folder; the lock ends with this process.

    Yields:
        What was renamed for standing in the way, in sentences.

    Raises:
        LockedError: If another run has it.
        OSError: If the folder can't be written.
    """
    home = folder / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    notes = [] if home.is_dir() else _clear_place(home)
    home.mkdir(exist_ok=True)
    lock, holder, ignored = home / "lock", home / "holder", home / ".gitignore"
    for file in (lock, holder, ignored):
        notes += [] if is_plain_file(file) else _clear_place(file)
    with _hold(lock, holder, folder):
        holder.write_text(str(os.getpid()))
        if not ignored.exists():
            ignored.write_text("*\n")
        yield notes


@contextmanager
def _hold(lock: Path, holder: Path, folder: Path) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(lock_file(lock))
        except BlockingIOError:
            process = holder.read_text() if holder.exists() else ""
            message = f"{folder}: another run (process {process or 'unknown'}) is at work"
            raise LockedError(message) from None
        yield


def _clear_place(path: Path, endings: tuple[str, ...] = ("",)) -> list[str]:
    """Rename what is at a path, if anything; say so in a sentence."""
    if not any(os.path.lexists(f"{path}{ending}") for ending in endings):
        return []
    new = move_away(path, endings)
    what = f"{path.name} in the output folder is not what a run writes there"
    return [f"{what}; it was renamed to {new.name}."]


class State:
    """The results of earlier runs; a context manager that keeps what was put, whatever happens.

    Every method may raise `DamagedStateError`, and OSError when the disk is full or refuses.

    Attributes:
        notes: Why what earlier runs left could not be used, in sentences.
    """

    def __init__(self, folder: Path, fingerprint: str, *, fresh: bool = False) -> None:
        """Open the state in an output folder that this process has locked.

        Args:
            folder: The output folder.
            fingerprint: Of all that decides about results, besides the pages.
            fresh: Whether to forget everything first.
        """
        self._file = folder / FOLDER / "state.sqlite"
        self._pending = 0
        self.notes: list[str] = []
        if not self._is_ours():
            self.notes += [*_clear_place(self._file, _FILES), "Every page was read anew."]
        if fresh:
            self._erase()
        is_new = not self._file.exists()
        self._connection = self._open()
        try:
            found = self.read_fact("fingerprint")
            if found is None and not is_new:
                raise DamagedStateError("no fingerprint")
        except DamagedStateError:
            self._connection.close()
            raise
        if found is not None and found != fingerprint:
            self.notes += ["The version, an option or a schema changed; every page is read anew."]
            self._connection.close()
            self._erase()
            self._connection = self._open()
        self.write_fact("fingerprint", fingerprint)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Keep what was put, and close."""
        try:
            self.commit()
        except (DamagedStateError, OSError):
            if exception[0] is None:
                raise
        finally:
            self._connection.close()

    def read_fact(self, name: str) -> str | None:
        """Read what `write_fact` wrote; None if nothing."""
        value = self._fetch("SELECT value FROM facts WHERE name = ?", name)
        return None if value is None else str(value)

    def write_fact(self, name: str, value: str | None) -> None:
        """Remember a text by a name; None forgets it."""
        if value is None:
            self._execute("DELETE FROM facts WHERE name = ?", name)
        else:
            self._execute("REPLACE INTO facts VALUES (?, ?)", name, value)

    def iter_known(self) -> Iterator[KnownPage]:
        """List all remembered pages by path."""
        rows = self._execute("SELECT path, sha256, transient FROM pages ORDER BY path")
        with _translate_errors():
            for path, sha256, transient in rows:
                if not (isinstance(path, str) and isinstance(sha256, str)):
                    raise DamagedStateError(f"a page is called {path!r}")
                yield KnownPage(path, sha256, bool(transient))

    def read_result(self, path: str) -> PageResult:
        """Read the result of a page that is remembered."""
        packed = self.read_packed(path)
        if packed is None:
            raise DamagedStateError(f"no result of {path}")
        try:
            result = unpack_result(packed)
        except ValueError as error:
            raise DamagedStateError(str(error)) from error
        if result.path != path:
            raise DamagedStateError(f"the result of {path} is that of {result.path}")
        return result

    def read_packed(self, path: str) -> bytes | None:
        """Read a result as it was put; None if there is none."""
        packed = self._fetch("SELECT result FROM pages WHERE path = ?", path)
        if not isinstance(packed, bytes | None):
            raise DamagedStateError(f"the result of {path} is of another type")
        return packed

    def put(self, result: PageResult, packed: bytes) -> None:
        """Remember a result and its bytes; kept for sure after some more, or `commit`.

        Raises:
            UnfitResultError: If it is too large; then what was remembered of the page stays.
        """
        if not self._pending:
            self._execute("BEGIN")
        self._pending += 1
        values = result.path, result.sha256, int(result.is_transient), packed
        self._execute("REPLACE INTO pages VALUES (?, ?, ?, ?)", *values)
        if self._pending == _COMMIT_PAGES:
            self.commit()

    def forget(self, path: str) -> None:
        """Forget the result of a page."""
        self._execute("DELETE FROM pages WHERE path = ?", path)

    def commit(self) -> None:
        """Keep for sure what was put so far."""
        if self._pending:
            self._pending = 0
            self._execute("COMMIT")

    def count(self) -> int:
        """Count the pages remembered."""
        return cast("int", self._fetch("SELECT COUNT(*) FROM pages"))

    def _execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        with _translate_errors():
            return self._connection.execute(statement, values)

    def _fetch(self, statement: str, *values: object) -> object:
        """Give the only value of the only row; None if there is no row."""
        with _translate_errors():
            row = self._connection.execute(statement, values).fetchone()
        return None if row is None else row[0]

    def _open(self) -> sqlite3.Connection:
        with _translate_errors():
            connection = sqlite3.connect(self._file, isolation_level=None)
            try:
                connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
                # Before the journal is, for that would keep it out of the file for a while.
                connection.execute(f"PRAGMA application_id = {int.from_bytes(_APPLICATION)}")
                # One process at a time: no shared memory beside the file, hence also on NFS.
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.executescript(_LAYOUT)
            except BaseException:
                connection.close()
                raise
        return connection

    def _is_ours(self) -> bool:
        """Tell a state, also an empty or a damaged one, from whatever else may be in its place."""
        files = [Path(f"{self._file}{ending}") for ending in _FILES]
        if not all(is_plain_file(file) for file in files if os.path.lexists(file)):
            return False
        try:
            with self._file.open("rb") as file:
                head = file.read(72)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return not head or (head.startswith(_MAGIC) and head.endswith(_APPLICATION))

    def _erase(self) -> None:
        for ending in _FILES:
            Path(f"{self._file}{ending}").unlink(missing_ok=True)


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Tell a damaged file, which may be thrown away, from a disk that refuses."""
    try:
        yield
    except OverflowError as error:  # Python's own limit, 2 GiB
        raise UnfitResultError(str(error)) from error
    except UnicodeDecodeError as error:  # of a damaged name, in SQLite's own message
        raise DamagedStateError(str(error)) from error
    except sqlite3.Error as error:
        # Text that can't be decoded has no code: it was read without a complaint.
        code = getattr(error, "sqlite_errorcode", None)
        if code == sqlite3.SQLITE_TOOBIG:
            raise UnfitResultError(str(error)) from error
        if code in _DAMAGES:
            raise DamagedStateError(str(error)) from error
        raise OSError(f"the state of the run: {error}") from error
