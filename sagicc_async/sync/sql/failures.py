"""What a database's refusals mean, in words that hold no value of a row and no password."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

import attrs
import sqlalchemy

from ...errors import ConfigError, SagiccAsyncError
from ...tokens.postgres_client import code_said
from ..sink import SinkUnavailable


@attrs.frozen
class Refusal:
    """
    What a database said.

    Args:
        code: Its own name for it: PostgreSQL's five characters, or SQLite's `SQLITE_FULL`. Empty if it said nothing.
        lost: Whether the connection is gone.
        names: Names of a table, a column or a constraint that it gave.
    """

    code: str = ""
    lost: bool = False
    names: tuple[str, ...] = ()


#: Stands for a code where the driver refuses to send a statement: the database has not heard of it.
_NOT_SENT: Final = "not sent"

#: What a person has to mend: by the beginning of the code.
_TO_MEND: Final = {
    _NOT_SENT: "it takes no such value: one of a type that it does not have, or a text with a NUL character",
    "25P02": "a target went on after one of its statements had failed",
    "22": "a value does not fit into its column",
    "54": "a value is too long for the database",
    "23": "a rule of the table (a constraint) forbids a row",
    "28": "it refuses the user or the password; check the address",
    "3D": "there is no such database; create it, or check the address",
    "3F": "there is no such schema; create it, or check `schema=`",
    "42501": "its user may not do what is needed: SELECT, INSERT, UPDATE and DELETE on the tables of the mirror",
    "42P01": "a table is not there; one of the mirror is made again by the next commit",
    "42": "a table is not as it was made, or a statement of a target is wrong",
    "SQLITE_NOTADB": "the file is no SQLite database",
    "SQLITE_CORRUPT": "the file is damaged; put back a copy of it",
    "SQLITE_AUTH": "SQLite forbids it",
    "SQLITE_CONSTRAINT": "a rule of the table (a constraint) forbids a row",
    "SQLITE_MISMATCH": "a value does not fit into its column",
    "SQLITE_TOOBIG": "a value is too long for the database",
    "SQLITE_ERROR": "a table is not as it was made, or a statement of a target is wrong",
}

#: What passes, perhaps with somebody's help; by the beginning of the code, before all of the above.
_PASSES: Final = {
    "08": "the connection to it broke",
    "25P03": "it ended a transaction that had nothing to do for too long",
    "25P04": "it ended a transaction that took too long",
    "25006": "it is a read-only copy; name the primary server",
    "40": "others write the same rows at the same time",
    "53100": "its disk is full; make room",
    "53200": "it has no memory left",
    "53300": "it has no connection left; raise max_connections, or lower `connections=`",
    "53": "it lacks resources",
    "55P03": "somebody else keeps a lock",
    "57014": "its administrator's limit of time for a statement was reached",
    "57": "it is shutting down, or starting up",
    "58": "its disk fails; see its log",
    "SQLITE_FULL": "the disk is full; make room",
    "SQLITE_BUSY": "another process keeps the file locked",
    "SQLITE_LOCKED": "another process keeps the file locked",
    "SQLITE_IOERR": "the disk is full, or fails",
    "SQLITE_CANTOPEN": "the file cannot be opened; check that its folder exists and may be written to",
    "SQLITE_READONLY": "the file may not be written to",
    "SQLITE_NOMEM": "there is no memory left",
    "SQLITE_PROTOCOL": "another process keeps the file locked",
}


# Classes of errors that have no code, by their names: the packages are extras.
_SQLITE_NOT_SENT: Final = frozenset({"ProgrammingError", "InterfaceError"})
_PSYCOPG_NOT_SENT: Final = frozenset({"DataError", "ProgrammingError", "NotSupportedError"})
_PSYCOPG_LOST: Final = frozenset({"OperationalError", "InterfaceError"})


def refusal_of(error: BaseException) -> Refusal | None:
    """What a database said, if it was one that raised; `None` for all other errors."""
    if isinstance(error, sqlalchemy.exc.DBAPIError):
        inner = refusal_of(error.orig) if error.orig is not None else None
        found = inner if inner is not None else Refusal()
        return attrs.evolve(found, lost=found.lost or error.connection_invalidated)
    if isinstance(error, sqlite3.Error):
        return Refusal(getattr(error, "sqlite_errorname", None) or _code_of(error, _SQLITE_NOT_SENT))
    if isinstance(error, sqlalchemy.exc.SQLAlchemyError):
        return Refusal("42")
    if type(error).__module__.partition(".")[0] == "psycopg":
        return _of_psycopg(error)
    return None


def failure(refusal: Refusal, where: str, doing: str) -> SagiccAsyncError:
    """
    The error to raise.

    Args:
        refusal: What the database said.
        where: Its address, for people.
        doing: What was being done: the table that was written.

    Returns:
        `SinkUnavailable` for what passes, `ConfigError` for what has to be mended, and for what nobody has foreseen: what
        may never pass is not waited for.
    """
    code = refusal.code
    passing = _reason(_PASSES, code)
    if passing is not None:
        return SinkUnavailable(f"{where}: {passing} ({code})")
    if refusal.lost:
        return SinkUnavailable(f"{where}: it cannot be reached; check that it runs, and the address")
    reason = _reason(_TO_MEND, code) or "it refuses what it was asked to do; its log may say more"
    names = f"; it names {', '.join(refusal.names)}" if refusal.names else ""
    return ConfigError(f"{where}, {doing}: {reason} ({code or 'without a code'}{names})")


def _of_psycopg(error: Any) -> Refusal:
    code = getattr(error, "sqlstate", None)
    if code is None and _is_one_of(error, _PSYCOPG_LOST):
        # Of a connection that it refuses, a server's code does not reach us: only what it says.
        known = code_said(str(error)) or ""
        return Refusal(known, lost=not known)
    if code is None:
        return Refusal(_code_of(error, _PSYCOPG_NOT_SENT))
    diagnosis = error.diag
    names = (diagnosis.table_name, diagnosis.column_name, diagnosis.constraint_name)
    return Refusal(code, lost=False, names=tuple(name for name in names if name))


def _code_of(error: Exception, not_sent: frozenset[str]) -> str:
    """The code of an error that has none: empty, but for what the driver did not send."""
    return _NOT_SENT if _is_one_of(error, not_sent) else ""


def _is_one_of(error: Exception, names: frozenset[str]) -> bool:
    """Whether an error is of one of these classes, which every driver has."""
    return any(kind.__name__ in names for kind in type(error).__mro__)


def _reason(reasons: dict[str, str], code: str) -> str | None:
    """The reason with the longest beginning of a code."""
    fitting = [beginning for beginning in reasons if code.startswith(beginning)]
    return reasons[max(fitting, key=len)] if fitting else None
