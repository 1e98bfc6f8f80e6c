"""Tokens at rest in files that only their user can read: one a token, swapped whole."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import logging
import os
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import platformdirs

from ..errors import ConfigError
from ..private_folder import make_private_folder, sync_folder
from .cache import StoredToken, winner

log: logging.Logger = logging.getLogger("sagicc_async.tokens")

_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")

# A swap takes milliseconds. Longer means that a process stopped in the middle of one, which must not stop the others.
_LOCK_PATIENCE: Final = 5.0
_LOCK_PAUSE: Final = 0.01


class FileTokenCache:
    """
    A `TokenCache` for the processes of one user on one machine.

    Each token has a file of its own, `<digest>.json`, that nobody else can read (mode 0600, in a folder of mode 0700).
    A file that is broken or of a newer release counts as absent, and is overwritten. Where the disk is full or the
    folder cannot be written, tokens are used without being kept. Both say so in a log line.

    Args:
        folder: Where the files are; by default `sagicc-async/tokens` in the user's state folder. It is made when the
            first token is stored.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        default = platformdirs.user_state_path("sagicc-async") / "tokens"
        self._folder = default if folder is None else Path(folder)

    def __repr__(self) -> str:
        return f"FileTokenCache({os.fspath(self._folder)!r})"

    async def load(self, key: str) -> StoredToken | None:
        """
        Look for the token of an account.

        Raises:
            ConfigError: The folder belongs to somebody else, or others can get at it.
        """
        return await asyncio.to_thread(self._load, self._file(key))

    async def store(self, key: str, token: StoredToken, replaces: StoredToken | None) -> StoredToken:
        """
        Keep a token, unless another process stored one since `replaces` was loaded.

        Returns:
            The one to be used; see `winner`.

        Raises:
            ConfigError: The folder belongs to somebody else, or others can get at it.

        Cancelling it leaves the old file or the new one, whole.
        """
        return await asyncio.to_thread(self._store, self._file(key), token, replaces)

    async def drop(self, key: str, token: StoredToken) -> None:
        """
        Remove the file, unless it holds another token by now.

        Raises:
            ConfigError: The folder belongs to somebody else, or others can get at it.
        """
        await asyncio.to_thread(self._drop, self._file(key), token)

    async def close(self) -> None:
        """Nothing is open between two calls."""

    def _file(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ConfigError("the key of a stored token is a digest: letters and digits")
        return self._folder / f"{key}.json"

    def _load(self, file: Path) -> StoredToken | None:
        try:
            _check_private(self._folder)
        except FileNotFoundError:
            return None  # nothing was stored yet
        except OSError as error:
            log.warning("no stored token can be read: %s: %s", self._folder, error.strerror)
            return None
        return _read(file)

    def _store(self, file: Path, token: StoredToken, replaces: StoredToken | None) -> StoredToken:
        try:
            make_private_folder(self._folder)
            _check_private(self._folder)
            with _locked(file):
                chosen = winner(_read(file), token, replaces)
                if chosen is token:
                    _replace(file, token.to_json())
        except OSError as error:
            log.warning("a token is used without being kept: %s: %s", file, error.strerror)
            return token
        return chosen

    def _drop(self, file: Path, token: StoredToken) -> None:
        try:
            _check_private(self._folder)
            with _locked(file):
                if _read(file) == token:
                    file.unlink()
        except FileNotFoundError:
            return  # nothing was stored yet
        except OSError as error:
            log.warning("a token that is over could not be removed: %s: %s", file, error.strerror)


def _check_private(folder: Path) -> None:
    found = folder.stat()
    if found.st_uid != os.geteuid():
        raise ConfigError(
            f"the folder of tokens {folder} belongs to another user; choose a folder of your own, and chmod 700 it"
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise ConfigError(f"the folder of tokens {folder} is open to others; chmod 700 {folder}")


def _read(file: Path) -> StoredToken | None:
    try:
        return StoredToken.from_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror
    except ConfigError as error:
        reason = str(error)
    log.warning("a stored token is passed over: %s: %s", file, reason)
    return None


def _replace(file: Path, data: bytes) -> None:
    """Give a file a new content at once, and for good; only the one who holds the lock does."""
    spare = file.with_suffix(".new")
    spare.unlink(missing_ok=True)  # of a process that died here
    fd = os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        spare.replace(file)
    except BaseException:
        spare.unlink(missing_ok=True)
        raise
    sync_folder(file.parent)


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[None]:
    """
    Hold the lock beside a file, which stays when it is given back: whoever waits for it waits for this very file.

    Raises:
        OSError: It cannot be had.
    """
    fd = os.open(file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock(fd, time.monotonic() + _LOCK_PATIENCE)
        yield
    finally:
        # Closing is not enough: a child that another thread forked meanwhile has a copy, and with it the lock.
        fcntl.flock(fd, fcntl.LOCK_UN)
        os.close(fd)


def _lock(fd: int, until: float) -> None:
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise TimeoutError(errno.ETIMEDOUT, "another process holds its lock") from None
        else:
            return
        time.sleep(_LOCK_PAUSE)
