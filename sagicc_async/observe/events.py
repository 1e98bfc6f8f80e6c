"""Events: frozen facts handed to the hooks of `SessionManager.on`. None of them holds a secret or a record."""

from __future__ import annotations

from typing import TypeAlias

import attrs


@attrs.frozen(kw_only=True)
class RequestFinished:
    """
    One attempt is over.

    Args:
        vendor: Entry-point name of the adapter.
        account: The label given to `open`.
        operation: `resource.operation`.
        method: HTTP method.
        path: Path below the base URL, without query.
        request_id: The id of the call; all its attempts share it.
        attempt: 1 for the first.
        status: HTTP status; `None` without a complete answer.
        outcome: `ok`, or the name of the error's class.
        queued: Seconds in the queue for token and window.
        seconds: Seconds from grant to answer.
        size: Bytes of the body.
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
    What became of a request whose caller had already left.

    Args:
        vendor: Entry-point name of the adapter.
        account: The label given to `open`.
        operation: `resource.operation`.
        request_id: The id of the call.
        status: HTTP status; `None` if no complete answer came.
        outcome: `ok`, or the name of the error's class; `OutcomeUnknown` for a write whose answer never came.
        repeatable: Whether the request may simply be made again; if not, somebody may want to look.
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
