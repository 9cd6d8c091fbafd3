"""Earlier races, in an SQLite file that several processes may share.

A connection lives for one call only. Each race is added in one immediate transaction, so that
writers wait for each other and none is lost. Every reading checks the whole file: its schema, its
structure, and a checksum of each row. SQLite's journal is the usual one: WAL needs to write in the
folder of a file that is only read, and does not work on network drives.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnselect.advice.record import COLUMNS, RaceRecord
from rnnselect.exceptions import HistoryFileError

__all__ = ["SCHEMA_VERSION", "History"]

SCHEMA_VERSION = 1
APPLICATION_ID = 0x524E4E53  # "RNNS": tells our files from those of other programs
# How long to wait for other processes; a write takes about a hundredth of a second.
BUSY_SECONDS = 30.0
# A race takes about 9 kB, so that this is a history of 100,000; all of it is checked whenever it is
# read.
LARGEST_FILE_BYTES = 10**9
MESSAGE_LETTERS = 200
LARGEST_VALUE_BYTES = 10**6  # no text or blob of ours is longer; a hostile file's may be

_SCHEMA = "CREATE TABLE races (id INTEGER PRIMARY KEY, {})".format(
    ", ".join(f"{name} {kind} NOT NULL" for name, kind in COLUMNS.items())
)
_SELECT = f"SELECT id, {', '.join(COLUMNS)} FROM races ORDER BY id"
_INSERT = f"INSERT INTO races ({', '.join(COLUMNS)}) VALUES ({', '.join('?' for _ in COLUMNS)})"


@dataclass(frozen=True, slots=True)
class History:
    """The file of earlier races.

    Parameters
    ----------
    path : Path
        Need not exist yet; its folder must.
    busy_seconds : float, default=30
        How long to wait while another process writes.
    """

    path: Path
    busy_seconds: float = BUSY_SECONDS

    def races(self) -> list[RaceRecord]:
        """Return all races in the order in which they were added, none without a file.

        Raises
        ------
        HistoryFileError
            If the file is damaged, another program's, of another version, locked or unreadable.
        """
        if not self._exists():
            return []
        with self._connection("rw") as connection:
            connection.execute("BEGIN")  # all checks and the reading see one state of the file
            if self._is_empty(connection):
                return []
            (report,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if report != "ok":
                raise self._damaged(report)
            return [self._record(row) for row in connection.execute(_SELECT)]

    def add(self, record: RaceRecord) -> None:
        """Add a finished race, in one transaction.

        Raises
        ------
        HistoryFileError
            If it cannot be written; the file is as it was before.
        """
        row = record.to_row()
        with self._connection("rwc") as connection:
            connection.execute("BEGIN IMMEDIATE")
            if self._is_empty(connection):
                connection.execute(_SCHEMA)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.execute(_INSERT, row)
            connection.execute("COMMIT")

    def _exists(self) -> bool:
        try:
            if self.path.is_dir():
                raise self._error("is a folder", "name a file in it")
            if not self.path.parent.is_dir():
                raise self._error(
                    f"is in a folder that does not exist ({self.path.parent})", "create it first"
                )
            if not self.path.exists():
                return False
            if not self.path.is_file():
                raise self._error("is not an ordinary file", "name another file")
            if (n_bytes := self.path.stat().st_size) > LARGEST_FILE_BYTES:
                raise self._error(
                    f"takes {n_bytes} bytes, but at most {LARGEST_FILE_BYTES} are read",
                    "move it away; the next race then starts a new file",
                )
            return True
        except OSError as error:
            raise self._error(f"cannot be read ({error.strerror})", "check the path") from error

    @contextmanager
    def _connection(self, mode: str) -> Iterator[sqlite3.Connection]:
        """Open the file for one call; whatever was not committed is rolled back at its end."""
        self._exists()
        address = f"{self.path.absolute().as_uri()}?mode={mode}"
        try:
            with closing(
                sqlite3.connect(address, uri=True, timeout=self.busy_seconds, isolation_level=None)
            ) as connection:
                connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE_BYTES)
                connection.execute("PRAGMA trusted_schema = OFF")
                yield connection
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise self._translated(error) from error

    def _is_empty(self, connection: sqlite3.Connection) -> bool:
        """Whether nothing was written yet; an error where somebody else has written."""
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        schema = connection.execute("SELECT sql FROM sqlite_master").fetchall()
        if (application, version, schema) == (0, 0, []):
            return True
        if application != APPLICATION_ID:
            raise self._error("is the database of another program", "choose another path")
        if version > SCHEMA_VERSION:
            raise self._error(
                f"was written by a newer rnnselect (its version is {version}, this package reads "
                f"{SCHEMA_VERSION})",
                "upgrade rnnselect, or choose another path",
            )
        if version < SCHEMA_VERSION or schema != [(_SCHEMA,)]:
            raise self._damaged("its tables are not those of a history")
        return False

    def _record(self, row: tuple[Any, ...]) -> RaceRecord:
        number, *values = row
        try:
            return RaceRecord.from_row(number, values)
        except ValueError as error:
            raise self._damaged(f"row {number} {error}"[:MESSAGE_LETTERS]) from error

    def _translated(self, error: sqlite3.Error | UnicodeDecodeError) -> HistoryFileError:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return self._error(
                f"is locked by another process for more than {self.busy_seconds:g} s",
                "try again when that process has finished",
            )
        if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")):
            return self._error(f"cannot be opened ({error})", "check the permissions")
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            return self._error(f"cannot be written or read ({error})", "check the disk")
        return self._damaged(str(error))

    def _damaged(self, what: str) -> HistoryFileError:
        return self._error(
            f"is damaged or not a history of races ({what})",
            "restore a copy, or move it away; the next race then starts a new file",
        )

    def _error(self, what: str, remedy: str) -> HistoryFileError:
        return HistoryFileError(f"evidence_path={os.fspath(self.path)!r} {what}: {remedy}.")
