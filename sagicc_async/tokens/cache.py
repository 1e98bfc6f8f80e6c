"""A token at rest: what of it is kept, and what a place that keeps tokens for several processes must do."""

from __future__ import annotations

from typing import Any, Final, Literal, Protocol, TypeVar

import attrs
import msgspec

from ..errors import ConfigError
from ..secrets import Secret

S = TypeVar("S")

#: Raised when the meaning of a field changes. Older versions stay readable.
_VERSION: Final = 1


@attrs.frozen(kw_only=True)
class StoredToken:
    """
    A token that was issued once, for every process that may use it.

    Args:
        value: What authorises a request.
        refresh: What the vendor gave for renewing it.
        expires_at: Seconds since the epoch; `None` if the vendor does not say, or never.
        stored_at: When it was issued, in seconds since the epoch.
    """

    value: Secret
    refresh: Secret | None = None
    expires_at: float | None = None
    stored_at: float

    def to_json(self) -> bytes:
        """The token as one line of JSON, secrets and all: only for a place that nobody else can read."""
        fields: dict[str, Any] = {
            "version": _VERSION,
            "value": self.value.reveal(),
            "refresh": None if self.refresh is None else self.refresh.reveal(),
            "expires_at": self.expires_at,
            "stored_at": self.stored_at,
        }
        return msgspec.json.encode(fields)

    @classmethod
    def from_json(cls, data: str | bytes) -> StoredToken:
        """
        Read what `to_json` wrote.

        Raises:
            ConfigError: It is nothing of the kind, or a newer release wrote it. Nothing of it is in the message.
        """
        version, form = _decoded(_version, data), _decoded(_form, data)
        del data  # error trackers send the variables of a frame along
        if version is not None and version.version > _VERSION:
            raise ConfigError(f"it has version {version.version}, this release reads version {_VERSION}")
        if form is None:
            raise ConfigError("it is not a stored token")
        return cls(value=form.value, refresh=form.refresh, expires_at=form.expires_at, stored_at=form.stored_at)


class TokenCache(Protocol):
    """
    Where tokens outlive a process, and where processes find each other's: `SessionManager(token_cache=...)`.

    A cache that does not work must not keep anybody from logging in: an implementation logs what is wrong, and
    answers as if it held nothing. What it raises all the same reaches whoever waits for a token.
    """

    async def load(self, key: str) -> StoredToken | None:
        """
        Look for the token of an account.

        Args:
            key: Digest of vendor, address and credentials: hex digits, fit for a file's name.
        """

    async def store(self, key: str, token: StoredToken, replaces: StoredToken | None) -> StoredToken:
        """
        Compare and swap, atomic among all who use the cache; `winner` decides.

        Args:
            key: See `load`.
            token: What was issued just now.
            replaces: What `load` gave before it was asked for.

        Returns:
            What is to be used: `token`, which is kept when this returns, or the one that somebody else stored meanwhile.

        Cancelling it leaves the old token or the new one, whole.
        """

    async def drop(self, key: str, token: StoredToken) -> None:
        """Forget a token that is of no use any more, unless another one is kept by now."""

    async def close(self) -> None:
        """A manager is done with it: let go of connections. Whoever still uses it makes new ones."""


def winner(kept: StoredToken | None, token: StoredToken, replaces: StoredToken | None) -> StoredToken:
    """
    Which of two tokens to keep and to use: what was stored while ours was asked for, as long as it lives.

    `replaces` was looked up before ours was asked for, so a different one is another process's of the same moments.
    Both may be good, then sharing one is enough. Where they are pairs rotated out of the same old one, the vendor
    honours the first that came and may take back all that a used refresh token gives later; and where the vendor ends
    the older of two, its refusal leads to another login. No host's clock decides, except on what is over.

    Args:
        kept: What the cache holds now.
        token: What was issued just now.
        replaces: What the cache held before that.
    """
    if kept is None or kept == replaces:
        return token
    over = kept.expires_at is not None and kept.expires_at <= token.stored_at
    return token if over else kept


class _Version(msgspec.Struct):
    version: int


class _Form(_Version):
    version: Literal[1]
    value: Secret
    refresh: Secret | None
    expires_at: float | None
    stored_at: float


def _secret(kind: type[Any], value: Any) -> Secret:
    """A text that cannot be a secret makes the whole unreadable."""
    try:
        return Secret(value)
    except ConfigError as error:
        raise ValueError(str(error)) from None


_version = msgspec.json.Decoder(_Version)
_form = msgspec.json.Decoder(_Form, dec_hook=_secret)


def _decoded(decoder: msgspec.json.Decoder[S], data: str | bytes) -> S | None:
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
