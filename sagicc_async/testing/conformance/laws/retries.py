"""What is asked again when the vendor or the network fails, and when that ends."""

from __future__ import annotations

from typing import Any, Final

from ....errors import (
    DeadlineExceeded,
    LeaseLost,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    RequestError,
    SagiccAsyncError,
    ServerError,
)
from ....wire.request import Safety
from ..bench import ATTEMPTS, FEW, Bench, bench
from ..law import Violation, law, require
from ..subject import KEYS, PAGES, REPEATABLE_WRITES, Subject

#: Failures that pass, with what they are called where they do not.
_PASSING: Final[tuple[tuple[str, dict[str, Any], type[RequestError]], ...]] = (
    ("status", {"status": 500}, ServerError),
    ("status", {"status": 502}, ServerError),
    ("status", {"status": 503}, ServerError),
    ("status", {"status": 504}, ServerError),
    ("reset_before", {}, ServerError),
    ("reset_after", {}, ServerError),
    ("truncate", {}, ServerError),
    ("status", {"status": 429, "headers": {"Retry-After": "1"}}, RateLimited),
)
_ERRORS: Final = "Adapter.errors: a failure of the vendor's is Action.RETRY, and too many requests Action.RATE_LIMITED"
#: What no read ends with, whatever the vendor does.
_NEVER_OF_READS: Final = (OutcomeUnknown, NotSent, LeaseLost, DeadlineExceeded)


@law(look=_ERRORS)
async def reads_are_asked_again(subject: Subject) -> None:
    """A read is asked again after a failure that may pass: 5xx, a reset, a cut answer, a request to slow down."""
    facts = await subject.facts()
    async with bench(subject) as here:
        for kind, options, _ in _PASSING:
            fault = here.vendor.fault(kind, **facts.listing.struck, times=1, **options)
            try:
                await here.ask()
            except SagiccAsyncError as error:
                raise Violation(f"after {_said(kind, options)} the list failed with {type(error).__name__}") from error
            require(fault.struck == 1, f"the fault {_said(kind, options)} met no request", look="the sandbox")


@law(look=_ERRORS)
async def reads_give_up(subject: Subject) -> None:
    """A failure that does not pass ends, after as many tries as the policy has, in the error that it is."""
    facts = await subject.facts()
    async with bench(subject, records=FEW) as opened:
        for kind, options, expected in _PASSING:
            here = await opened.anew()
            fault = here.vendor.fault(kind, **facts.listing.struck, **options)
            try:
                await here.ask()
            except SagiccAsyncError as error:
                said = f"{_said(kind, options)} again and again is {type(error).__name__}"
                require(isinstance(error, expected), f"{said}, not {expected.__name__}")
                require(not isinstance(error, _NEVER_OF_READS), f"{said}, which a read never is")
            else:
                raise Violation(f"{_said(kind, options)} again and again was no error: the list ended")
            require(
                fault.struck <= ATTEMPTS, f"the list was asked for {fault.struck} times, at most {ATTEMPTS} are allowed"
            )


@law(look="that errors of a list pass on as they are, and are not raised anew", needs=(PAGES,))
async def errors_of_lists_carry_the_place(subject: Subject) -> None:
    """An error in the middle of a list carries the checkpoint from which it goes on."""
    facts = await subject.facts()
    async with bench(subject, account={"page_size": 10}) as here:
        rows = await here.stream().raw().collect()
        here.vendor.fault("status", **facts.listing.struck, status=503, nth=2, times=100)
        read, failed = await _until_an_error(here)
        if failed is None:
            raise Violation("a page that never came was no error: the list ended")
        if failed.checkpoint is None:
            raise Violation(f"{type(failed).__name__} has no checkpoint")
        here.vendor.clear_faults()
        rest = await here.resource.resume(failed.checkpoint).raw().collect()
        require(read + rest == rows, "what was read and what the checkpoint resumed are not the list")


@law(
    look="Resource.operations: an operation is REPEATABLE only if doing it twice changes nothing more",
    needs=(REPEATABLE_WRITES,),
)
async def repeatable_writes_are_sent_again(subject: Subject) -> None:
    """A write that may be repeated is sent again after a lost answer, and then all is as if it had been sent once."""
    facts = await subject.facts()
    for write in facts.writes(Safety.REPEATABLE):
        async with bench(subject, records=FEW) as here:
            await here.write(write)
            once = len(here.vendor.rows(write.resource))
        async with bench(subject, records=FEW) as here:
            here.vendor.fault("reset_after", **facts.routes[write].struck, times=1)
            try:
                await here.write(write)
            except SagiccAsyncError as error:
                said = f"{write.name} is REPEATABLE, and after a lost answer it ended in {type(error).__name__}"
                raise Violation(said) from error
            sent, rows = len(here.arrived(facts.routes[write])), len(here.vendor.rows(write.resource))
        require(sent == 2, f"{write.name} is REPEATABLE, and was sent {sent} times, not twice, after one lost answer")
        require(rows == once, f"{write.name} was sent again and left {rows} records, where sent once it leaves {once}")


@law(
    look="Resource.operations, Adapter.idempotency_header and key_headers: the key is made once, before the request",
    needs=(KEYS,),
)
async def a_key_is_the_same_on_every_try(subject: Subject) -> None:
    """A write with a key is sent again after a lost answer, under the same key, and is done once; also by another process."""
    facts = await subject.facts()
    header = (subject.adapter.idempotency_header or "").lower()
    for write in facts.writes(Safety.KEYED):
        async with bench(subject, records=FEW) as here:
            before = len(here.vendor.rows(write.resource))
            here.vendor.fault("reset_after", **facts.routes[write].struck, times=1)
            try:
                await here.write(write, key="conformance-1")
                await here.write(write, here.open(await here.manager()), key="conformance-1")
            except SagiccAsyncError as error:
                said = f"{write.name} with a key ended in {type(error).__name__} after a lost answer"
                raise Violation(said) from error
            made = len(here.vendor.rows(write.resource)) - before
            sent = here.arrived(facts.routes[write])
        keys = {value for entry in sent for name, value in entry.headers.items() if name.lower() == header}
        require(len(sent) >= 2, f"{write.name} with a key was sent once, and not again after a lost answer")
        require(len(keys) == 1, f"{write.name} with one key was sent under {len(keys)} different values of the header")
        require(made == 1, f"{write.name} with one key was done {made} times")


async def _until_an_error(here: Bench) -> tuple[list[dict[str, Any]], RequestError | None]:
    read: list[dict[str, Any]] = []
    try:
        async for row in here.stream().raw():
            read += [row]
    except RequestError as error:
        return read, error
    return read, None


def _said(kind: str, options: dict[str, Any]) -> str:
    return f"HTTP {options['status']}" if "status" in options else kind
