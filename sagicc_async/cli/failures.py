"""What a failed command says: one line, what happened and what to do."""

from __future__ import annotations

import errno
import os
from typing import Final

from ..errors import CheckpointMismatch, RequestError, SagiccAsyncError

_HINTS: Final = {
    errno.ENOSPC: "free some space, or write elsewhere",
    errno.EDQUOT: "free some of your quota, or write elsewhere",
    errno.EFBIG: "raise the limit on the size of files, or write elsewhere",
    errno.EACCES: "write where you may, or ask for the right to",
    errno.EPERM: "write where you may, or ask for the right to",
    errno.EROFS: "write elsewhere",
    errno.EEXIST: "a file has the name of the folder; take another",
    errno.ENOENT: "make its folder first",
    errno.ENOTDIR: "what should be its folder is a file",
}


class Failed(Exception):
    """A command failed; the text is what the user reads."""


class WrongUsage(Exception):
    """The arguments cannot be read."""


class Interrupted(Exception):
    """The user, or the system, stopped a command; the text says how to go on."""


def describe(error: BaseException) -> str:
    """Say what an error means; nothing of its text where it may be anything."""
    if isinstance(error, RequestError):
        return str(error) + _vendor_says(error)
    if isinstance(error, CheckpointMismatch):
        return f"{error} - --restart throws the unfinished export away"
    if isinstance(error, SagiccAsyncError | Failed):
        return str(error)
    if isinstance(error, OSError) and error.errno:
        return _cannot_write(error, error.errno)
    return f"an unexpected {type(error).__name__}; run it again with --debug, and report what that shows"


def _cannot_write(error: OSError, number: int) -> str:
    what = f"cannot write {error.filename}" if error.filename else "cannot write"
    hint = f" - {_HINTS[number]}" if number in _HINTS else ""
    return f"{what}: {os.strerror(number)}{hint}"  # the system's words: a library's own may run on


def _vendor_says(error: RequestError) -> str:
    told = str(error)
    messages = [complaint.message for complaint in error.errors if complaint.message and complaint.message not in told]
    messages = list(dict.fromkeys(messages))
    if not messages:
        return ""
    more = f" (and {len(messages) - 3} more)" if len(messages) > 3 else ""
    who = "the vendor says: " if error.status is not None else ""  # without an answer the words are the adapter's
    return f" - {who}{'; '.join(_short(message) for message in messages[:3])}{more}"


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}..."
