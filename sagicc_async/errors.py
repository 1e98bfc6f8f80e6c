"""
One tree of errors; one class for each decision that a caller can take.

    SagiccAsyncError
    ├── ConfigError            the program or its configuration is wrong: mend it
    ├── AdapterNotFound        no such adapter is installed, or it does not load
    ├── SessionClosed          the manager is closed, or not open yet
    ├── Unsupported            the vendor cannot do this; the message says what it can
    ├── PagingLoop             the server keeps sending the same page
    ├── CheckpointMismatch     the checkpoint belongs to another query, or its place is gone
    └── RequestError           a request failed; attributes say whose, which and how
        ├── NotSent            nothing reached the vendor: safe to repeat
        ├── OutcomeUnknown     sent, answer lost: look before you repeat (`reconcile`)
        ├── CredentialsRejected
        ├── PermissionDenied
        ├── TokenBusy          the vendor says that the token is in use
        ├── RateLimited
        ├── NotFound
        ├── ValidationFailed   `errors` says which fields
        ├── Conflict           `errors` says which fields collide
        ├── ServerError        the vendor failed or never answered: try again later
        ├── ProtocolError      the answer is not what the vendor documents
        ├── DeadlineExceeded   also a TimeoutError
        └── LeaseLost          the token's lease ended before anything was sent

`str()` of an error never holds a secret or a value of a record: the vendor's own
messages, which may quote values, stand in `errors`. All of them can be pickled.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import attrs

if TYPE_CHECKING:
    from .records.checkpoint import Checkpoint

T = TypeVar("T")


@attrs.frozen
class FieldError:
    """
    One complaint of a vendor about one field.

    Args:
        code: The vendor's code for the complaint, or a short word of the adapter's (`required`, `duplicate`).
        path: The field in the vendor's words (`codigo`), empty if the vendor does not say.
        message: The vendor's own message. It may quote a value of the record.
        value: The value that the vendor quotes, where the adapter can tell it.
    """

    code: str
    path: str
    message: str
    value: str | None = attrs.field(default=None, repr=False)


class SagiccAsyncError(Exception):
    """Root of every error that this package raises on purpose."""


class ConfigError(SagiccAsyncError):
    """A setting, a credential's shape or the use of the API is wrong; nothing was sent."""


class AdapterNotFound(SagiccAsyncError):
    """No installed adapter has that name, or the one that has it does not load."""


class SessionClosed(SagiccAsyncError):
    """The session manager is closed or was never entered; nothing was sent for this call."""


class Unsupported(SagiccAsyncError):
    """The vendor cannot do this; the message names what it can do instead."""


class _Resumable(SagiccAsyncError):
    """An error that can say where a stream stood when it was raised."""

    def __init__(self, message: str, *, checkpoint: Checkpoint | None = None) -> None:
        super().__init__(message)
        self.checkpoint = checkpoint

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, {"checkpoint": self.checkpoint})


class PagingLoop(_Resumable):
    """
    The server answered a full page that repeats the one before: it ignores the page number.

    Attributes:
        checkpoint: Where the stream stood; resuming from it repeats the question.
    """


class CheckpointMismatch(_Resumable):
    """
    The checkpoint belongs to another query, another version, or a place that is gone.

    Attributes:
        checkpoint: The checkpoint that could not be resumed, if it could be read.
    """


class RequestError(SagiccAsyncError):
    """
    A request failed.

    Args:
        message: One line that says what happened, without values of records.
        vendor: Entry-point name of the adapter.
        account: The label given to `open`.
        operation: `resource.operation`, e.g. `centro_costo.list`.
        status: HTTP status of the last answer, `None` if there was none.
        code: The vendor's own code from the body.
        request_id: The id under which this SDK logged the request.
        attempts: How many times the request was tried.
        retry_after: Seconds that the vendor asks to wait.
        hint: What to do, for a person.
        checkpoint: Where the stream stood, if the request was a stream's.
        errors: The vendor's complaints, field by field, in its own words.
        in_doubt: Whether an earlier try of this request may have taken effect, before the one that this error is of.
    """

    def __init__(
        self,
        message: str,
        *,
        vendor: str = "",
        account: str = "",
        operation: str = "",
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        attempts: int = 0,
        retry_after: float | None = None,
        hint: str | None = None,
        checkpoint: Checkpoint | None = None,
        errors: Sequence[FieldError] = (),
        in_doubt: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.vendor = vendor
        self.account = account
        self.operation = operation
        self.status = status
        self.code = code
        self.request_id = request_id
        self.attempts = attempts
        self.retry_after = retry_after
        self.hint = hint
        self.checkpoint = checkpoint
        self.errors: list[FieldError] = list(errors)
        self.in_doubt = in_doubt

    def __str__(self) -> str:
        who = " ".join(part for part in (self.vendor, self.account, self.operation) if part)
        parts = [f"{who}: {self.message}" if who else self.message]
        if self.status is not None:
            parts.append(f"(HTTP {self.status})")
        if self.hint:
            parts.append(f"- {self.hint}")
        return " ".join(parts)

    def __reduce__(self) -> tuple[Any, ...]:
        state = {name: value for name, value in vars(self).items() if not callable(value)}
        return _rebuild, (type(self), self.args, state)


class NotSent(RequestError):
    """Nothing reached the vendor (no connection, no slot in time): safe to repeat."""


@attrs.frozen
class Found(Generic[T]):
    """The write took effect; `record` is what the vendor has now."""

    record: T


@attrs.frozen
class Absent:
    """The write did not take effect: it can be sent again."""


@attrs.frozen
class StillOpen:
    """The vendor cannot say yet, or has no way to say; `reason` tells which."""

    reason: str


#: What `OutcomeUnknown.reconcile` answers.
Outcome: TypeAlias = "Found[Any] | Absent | StillOpen"


class OutcomeUnknown(RequestError):
    """
    A request that must not be repeated was sent and its answer was lost.

    Whatever ended it (deadline, reset, a 5xx, close) is the `__cause__`. Look before you repeat:
    `await error.reconcile()`.
    """

    _lookup: Callable[[], Awaitable[Outcome]] | None = None

    def with_lookup(self, lookup: Callable[[], Awaitable[Outcome]]) -> OutcomeUnknown:
        """Attach the resource's way to find out what became of the write, and return the error."""
        self._lookup = lookup
        return self

    async def reconcile(self) -> Outcome:
        """
        Find out what became of the write, by reading from the vendor; nothing is written.

        Returns:
            `Found(record)`, `Absent()`, or `StillOpen(reason)` where nobody can tell (yet).
            The last one also for an error that came out of a pickle, which has lost its session.

        Raises:
            RequestError: The look-up itself failed. Cancelling it changes nothing at the vendor.
        """
        if self._lookup is None:
            return StillOpen(
                "this operation has no documented way to look its outcome up; ask the vendor's own screens"
            )
        return await self._lookup()


class CredentialsRejected(RequestError):
    """The vendor refuses the credentials, also after they were read again; `hint` names the screen to look at."""


class PermissionDenied(RequestError):
    """The credentials are good, but not for this."""


class TokenBusy(RequestError):
    """The vendor says that the token is being used by another request."""


class RateLimited(RequestError):
    """The vendor asks to slow down, and waiting would not fit into the deadline."""


class NotFound(RequestError):
    """The vendor has no such record, or no such endpoint."""


class ValidationFailed(RequestError):
    """The vendor, or a documented rule checked before sending, refuses the values; see `errors`."""


class Conflict(RequestError):
    """The record collides with one that exists; see `errors` for field and value."""


class ServerError(RequestError):
    """The vendor failed, or its answer never arrived, on a request that is safe to repeat later."""


class ProtocolError(RequestError):
    """The answer is not what the vendor documents: not JSON, another shape, too large, a redirect elsewhere."""


class DeadlineExceeded(RequestError, TimeoutError):
    """The caller's deadline passed first; a request that could have had an effect raises `OutcomeUnknown` instead."""


class LeaseLost(RequestError):
    """The token's lease ran out before the first byte was written; nothing was sent."""


def _rebuild(cls: type[SagiccAsyncError], args: tuple[str, ...], state: dict[str, Any]) -> SagiccAsyncError:
    error = cls(*args)
    vars(error).update(state)
    return error
