"""The server's log: what arrived, in order, without secrets."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs

from ..secrets import REDACTED, digest
from .store import from_json, to_json
from .vendor import Call

_FORM = "application/x-www-form-urlencoded"


@attrs.define(kw_only=True)
class LoggedRequest:
    """
    A request as the server saw it.

    Attributes:
        number: Counts the vendor's requests, from 1.
        method: In capitals.
        path: At the vendor's own host.
        query: Parameters; secret values are replaced.
        headers: Names in the client's spelling; secret values are replaced.
        body: As it arrived, secret values replaced; `None` while it has not arrived whole.
        token: Fingerprint of the token that was used, as `sagicc_async.secrets.fingerprint` writes it.
        overlap: The token was already in use.
        faults: The kinds of the faults that struck.
        started: When it arrived, in seconds of the sandbox's clock.
        finished: When its work was done and its token free again; `None` while it is at work.
        status: The HTTP status of the answer; `None` where none was sent.
        hung_up: The client had left before the answer was ready or sent.
    """

    number: int
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes | None = None
    token: str | None = None
    overlap: bool = False
    faults: tuple[str, ...] = ()
    started: float
    finished: float | None = None
    status: int | None = None
    hung_up: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON, the body as text."""
        entry = attrs.asdict(self)
        entry["body"] = None if self.body is None else self.body.decode(errors="replace")
        return entry


class Journal:
    """
    The last requests of a vendor.

    Args:
        secret_names: Headers, parameters and fields of bodies that hold secrets.
        size: How many requests are kept.
    """

    def __init__(self, secret_names: frozenset[str], size: int) -> None:
        self._secret = frozenset(name.lower() for name in secret_names) | {
            "authorization",
            "proxy-authorization",
            "cookie",
        }
        self._entries: deque[LoggedRequest] = deque(maxlen=size)
        self._number = 0
        self._fingerprints: dict[str, str] = {}

    def open(self, call: Call, *, token: str | None, overlap: bool, now: float) -> LoggedRequest:
        """Note an arrival."""
        self._number += 1
        entry = LoggedRequest(
            number=self._number,
            method=call.method,
            path=call.path,
            query=self._clean(call.query),
            headers=self._clean(call.headers),
            token=None if token is None else self._fingerprint(token),
            overlap=overlap,
            started=now,
        )
        self._entries.append(entry)
        return entry

    def note_body(self, entry: LoggedRequest, body: bytes) -> None:
        """Note what a request carried."""
        entry.body = self._clean_form(entry, body) or self._clean_body(body)

    def entries(self) -> list[LoggedRequest]:
        """Return what is kept, oldest first."""
        return list(self._entries)

    def clear(self) -> None:
        """Forget everything and count from 1 again."""
        self._entries.clear()
        self._number = 0

    def _clean(self, values: Mapping[str, str]) -> dict[str, str]:
        return {name: REDACTED if name.lower() in self._secret else value for name, value in values.items()}

    def _clean_body(self, body: bytes) -> bytes:
        text = body.lower()
        if not any(name.encode() in text for name in self._secret):
            return body
        try:
            fields = from_json(body)
        except ValueError:
            return REDACTED.encode()
        if not isinstance(fields, dict):
            return REDACTED.encode()
        return to_json({name: REDACTED if name.lower() in self._secret else fields[name] for name in fields})

    def _clean_form(self, entry: LoggedRequest, body: bytes) -> bytes | None:
        """Return a form without its secrets; nothing if it has none, or is no form."""
        kind = next((value for name, value in entry.headers.items() if name.lower() == "content-type"), "")
        if kind.partition(";")[0].strip().lower() != _FORM:
            return None
        fields = parse_qsl(body.decode(errors="replace"), keep_blank_values=True)
        if not any(name.lower() in self._secret for name, _ in fields):
            return None
        cleaned = [(name, REDACTED if name.lower() in self._secret else value) for name, value in fields]
        return urlencode(cleaned, safe="[]").encode()

    def _fingerprint(self, token: str) -> str:
        # Digests cost more than the rest of the entry, and a client has few tokens.
        if token not in self._fingerprints:
            if len(self._fingerprints) > 10_000:
                self._fingerprints.clear()
            self._fingerprints[token] = digest("fingerprint", token)[:8]
        return self._fingerprints[token]
