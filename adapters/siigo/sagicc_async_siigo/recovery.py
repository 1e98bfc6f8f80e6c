"""
What became of a write whose answer was lost: read from Siigo, by what tells the document from others.

Nothing is written here. Where Siigo documents an idempotency key, calling again with it is the better way.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from sagicc_async import Absent, ConfigError, Found, Outcome, Record, StillOpen

from .comparison import differences, leaves

#: How far the vendor's clock may be behind ours: a document that was made earlier than this before the write is another.
MARGIN: Final = timedelta(minutes=5)


@attrs.frozen(kw_only=True)
class Search:
    """
    How a resource's documents are told apart.

    Args:
        compared: Paths at which the vendor's document has to be what was sent.
        unique: Whether the vendor allows only one among the candidates (a product's code), so that another one, which
            differs or is older, stands in the way.
    """

    compared: Sequence[str]
    unique: bool = False


@attrs.frozen
class Lost:
    """
    A write whose answer was lost.

    Args:
        begun: When it was asked for; it may have queued for long after that.
        given_up: When its answer was given up: Siigo may be at work on it for `settle` seconds more.
    """

    begun: datetime
    given_up: datetime


def aware(since: datetime | None) -> datetime | None:
    """
    When something was sent, as it can be compared with the vendor's moments.

    Raises:
        ConfigError: It has no time zone.
    """
    if since is not None and since.tzinfo is None:
        raise ConfigError("since= is a moment with a time zone: datetime(..., tzinfo=...)")
    return since


def created_from(since: datetime | None) -> datetime | None:
    """The filter `created_start` for documents that were sent at a moment."""
    return None if since is None else since - MARGIN


async def look_up(
    search: Search,
    document: Mapping[str, Any],
    candidates: AsyncIterable[Record],
    *,
    since: datetime | None,
    pending: Callable[[], float],
) -> Outcome:
    """
    Look for a document among candidates.

    Args:
        search: How to tell.
        document: What was sent, as plain values.
        candidates: Records of the vendor's that it may be.
        since: When it was sent; what was created earlier is passed over. `None` if nobody knows.
        pending: Seconds for which the vendor may still be at work on it.

    Returns:
        `Found` with the one record that fits; `StillOpen` where several do, where another holds its place, or where the
        vendor may still create it; else `Absent`.
    """
    fitting: list[Record] = []
    others: list[str] = []
    async for record in candidates:
        wrong = differences(document, record.to_dict(), search.compared)
        if wrong:
            others.append(f"differs at {', '.join(wrong)}")
        elif _is_older(record, since):
            others.append("was there before")
        else:
            fitting.append(record)
    if len(fitting) == 1:
        return Found(fitting[0])
    if fitting:
        return StillOpen(f"{len(fitting)} documents of Siigo's fit what was sent; look at them there")
    if search.unique and others:
        return StillOpen(f"a record with this key exists, and {others[0]}")
    return not_there(pending())


def compare(
    document: Mapping[str, Any], record: Record, *, before: Record | None, since: datetime, pending: float
) -> Outcome:
    """
    Tell whether a record was replaced by a document.

    That it says what was sent is not enough: it may have said so before, and a field that was to be emptied or filled
    is one that only one side has. So the record must have been written since.

    Args:
        document: What was sent, as plain values.
        record: The record as it is now.
        before: The record as it was read before the write, if it was.
        since: When the document was sent.
        pending: Seconds for which the vendor may still be at work on it.
    """
    if differences(document, record.to_dict(), leaves(document)):
        return not_there(pending)
    written = _is_written_since(record, since) if before is None else record != before
    if written is None:
        return StillOpen("the record is as it was sent, but does not say when it was changed; look at it in Siigo")
    return Found(record) if written else not_there(pending)


def not_there(pending: float) -> Outcome:
    """What is known of a write that is not to be seen."""
    if pending > 0:
        return StillOpen(f"Siigo may still be at work on it; look again in {pending:.0f} s")
    return Absent()


def _is_older(record: Record, since: datetime | None) -> bool:
    created = getattr(getattr(record, "metadata", None), "created", None)
    # Without an offset nobody knows which clock it is.
    return since is not None and created is not None and not created.naive and bool(created < since - MARGIN)


def _is_written_since(record: Record, since: datetime) -> bool | None:
    """Whether a record was changed since a moment; `None` if it does not say."""
    changed = getattr(getattr(record, "metadata", None), "last_updated", None)
    return None if changed is None or changed.naive else bool(changed >= since - MARGIN)
