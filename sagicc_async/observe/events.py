"""Events: frozen facts handed to the hooks of `SessionManager.on`. None of them holds a secret or a record."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from ..wire.request import is_whole


@attrs.frozen(kw_only=True)
class RequestFinished:
    """
    One attempt is over.

    Args:
        vendor: Entry-point name of the adapter.
        account: The label given to `open`.
        operation: `resource.operation`.
        method: HTTP method.
        path: Path below the base URL, without query; or a whole URL, where one was asked for.
        request_id: The id of the call; all its attempts share it.
        attempt: 1 for the first.
        status: HTTP status; `None` without a complete answer.
        outcome: `ok`; or the name of the class of what went wrong (`ServerError`, `RateLimited`, `NotSent`), whatever the
            caller gets in the end: the answer of a later attempt, or `OutcomeUnknown`; or `cancelled`, if it was cut before
            its answer was complete: its caller left, or the manager was closed.
        queued: Seconds in the queue for token and window.
        seconds: Seconds from grant to answer.
        size: Bytes of the body.
        base_url: Where the vendor is, without query.
    """

    vendor: str
    account: str
    operation: str
    method: str
    path: str
    request_id: str
    attempt: int
    status: int | None
    outcome: str
    queued: float
    seconds: float
    size: int
    base_url: str = ""

    @property
    def url(self) -> str:
        """Where it went, without query."""
        return self.path if is_whole(self.path) else f"{self.base_url.rstrip('/')}/{self.path.lstrip('/')}"

    @property
    def family(self) -> str:
        """The operation, or the method alone where a caller named a path: few different words, for labels and spans."""
        return self.method if " " in self.operation or "/" in self.operation else self.operation


@attrs.frozen(kw_only=True)
class RetryPlanned:
    """A failed attempt will be repeated after `wait` seconds."""

    vendor: str
    account: str
    operation: str
    request_id: str
    attempt: int
    wait: float
    reason: str


@attrs.frozen(kw_only=True)
class ScopePaused:
    """The vendor asked for a rest: nothing starts in the whole scope for `seconds`."""

    vendor: str
    account: str
    seconds: float
    reason: str


@attrs.frozen(kw_only=True)
class TokenRenewed:
    """A token was issued, or taken over from changed credentials."""

    vendor: str
    account: str
    generation: int


@attrs.frozen(kw_only=True)
class LateOutcome:
    """
    What became of a request whose caller had already left. One that was cut is told of only if it may have taken effect.

    Args:
        vendor: Entry-point name of the adapter.
        account: The label given to `open`.
        operation: `resource.operation`.
        request_id: The id of the call.
        status: HTTP status; `None` if no complete answer came.
        outcome: `ok`, or the name of the error's class; `OutcomeUnknown` for a write whose answer never came.
        repeatable: Whether the request may simply be made again, also because nothing of it was sent; if not, somebody may
            want to look.
    """

    vendor: str
    account: str
    operation: str
    request_id: str
    status: int | None
    outcome: str
    repeatable: bool


@attrs.frozen(kw_only=True)
class ErrorShareHigh:
    """
    So many requests failed that the vendor may soon block the user; told once a crossing.

    Args:
        vendor: Entry-point name of the adapter.
        account: The label given to `open`.
        share: Share of the company's requests that failed, from 0 to 1.
        requests: How many there were, over the days that count.
        limit: The share above which the vendor blocks.
    """

    vendor: str
    account: str
    share: float
    requests: int
    limit: float


Event: TypeAlias = RequestFinished | RetryPlanned | ScopePaused | TokenRenewed | LateOutcome | ErrorShareHigh
