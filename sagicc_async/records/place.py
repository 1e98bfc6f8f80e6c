"""The place of a checkpoint: what is remembered of it, and how it is found again in a list that has moved."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Final, Generic, TypeAlias, TypeVar

import attrs

from ..errors import CheckpointMismatch
from .checkpoint import Checkpoint
from .leaf import Read
from .paging import Cursor, Paging
from .plan import Plan

T = TypeVar("T")

#: How many ids a checkpoint remembers: if the last record was deleted meanwhile, the one before still marks the place.
_REMEMBERED: Final = 3

#: Reads the page at a cursor.
Ask: TypeAlias = Callable[[Cursor], Awaitable[Read[T]]]


@attrs.frozen(kw_only=True)
class Found(Generic[T]):
    """
    The page at which a resumed stream goes on.

    Args:
        read: The page.
        done: How many of its records were handed out before.
        was_behind: Behind how many of its records the place was when the stream stopped.
        gone: How many of the last records that were handed out are not in the list any more.
    """

    read: Read[T]
    done: int
    was_behind: int
    gone: int = 0

    @property
    def deleted(self) -> int:
        """Records in front of the place that must have been deleted for it to stand here now."""
        return max(self.gone, self.was_behind - self.done)

    @property
    def inserted(self) -> int:
        """Records that must have come in there."""
        return self.done - self.was_behind + self.deleted


async def find_place(plan: Plan[T], resume: Checkpoint, ask: Ask[T]) -> Found[T]:
    """
    Find the last record that was handed out: on its page, or on one beside it.

    Args:
        plan: The list.
        resume: Where the stream stopped.
        ask: Reads a page.

    Raises:
        CheckpointMismatch: It is on none of them, nor are those before it that the checkpoint remembers.
        RequestError: A page could not be had.

    Cancelling changes nothing.
    """
    read = await ask(resume.cursor)
    if _stands(plan, resume, read[0].items):
        return Found(read=read, done=resume.index, was_behind=resume.index)
    looked_at: list[tuple[Read[T], int]] = []
    async with contextlib.aclosing(_around(plan, resume, read, ask)) as pages:
        async for near, was_behind in pages:
            done = _done_of(plan, resume.ids[-1], near)
            if done is not None:
                return Found(read=near, done=done, was_behind=was_behind)
            looked_at.append((near, was_behind))
    for gone, key in enumerate(resume.ids[-2::-1], start=1):
        for near, was_behind in looked_at:
            done = _done_of(plan, key, near)
            if done is not None:
                return Found(read=near, done=done, was_behind=was_behind, gone=gone)
    raise CheckpointMismatch(
        f"{plan.adapter} {plan.resource}: the records at which the stream stopped are gone from the list; start it anew",
        checkpoint=resume,
    )


def _stands(plan: Plan[T], resume: Checkpoint, items: list[T]) -> bool:
    """Whether the place is where it was: in front of it stand the records that the checkpoint remembers."""
    if not resume.ids:  # the beginning; or records without ids, where the index is all there is
        return True
    if not 0 < resume.index <= len(items):
        return False
    done = remembered(plan, items[: resume.index])
    known = min(len(done), len(resume.ids))
    return done[len(done) - known :] == resume.ids[len(resume.ids) - known :]


async def _around(
    plan: Plan[T], resume: Checkpoint, read: Read[T], ask: Ask[T]
) -> AsyncGenerator[tuple[Read[T], int], None]:
    """The page of a place, those before and the one after; and behind how many records of each the place used to be."""
    paging, here = plan.paging, resume.cursor
    yield read, resume.index
    place = paging.before(here, plan.size)
    if place is not None:
        near = await ask(place)
        count = near[0].facts.count
        if isinstance(here, int) and isinstance(place, int) and _counts_records(paging):
            yield near, resume.index + here - place
            closer = paging.before(here, count) if 0 < count < here - place else None
            if isinstance(closer, int):  # where the vendor caps pages, a step of the size asked for leaves a hole
                yield await ask(closer), resume.index + here - closer
        else:
            yield near, resume.index + count
    ahead = paging.after(here, read[0].facts)
    if ahead is not None:
        yield await ask(ahead), resume.index - len(read[0].items)


def _counts_records(paging: Paging) -> bool:
    """Whether a place among the pages is a number of records, rather than of pages."""
    first, second = paging.numbered(1, 2), paging.numbered(2, 2)
    return isinstance(first, int) and isinstance(second, int) and second - first == 2


def _done_of(plan: Plan[T], key: str, read: Read[T]) -> int | None:
    """How many records of a page come up to the one with this id."""
    keys = [plan.identify(item) for item in read[0].items]
    return keys.index(key) + 1 if key in keys else None


def remembered(plan: Plan[T], records: Sequence[T], before: Sequence[str] = ()) -> tuple[str, ...]:
    """The ids by which a resumed stream finds the end of these records, which came after those with the ids `before`."""
    return (*before, *plan.ids(records[-_REMEMBERED:]))[-_REMEMBERED:]


def totals_before(resume: Checkpoint) -> list[int]:
    """The total that the next one is compared with. Behind its last record a list only grows, which moves nothing."""
    at_end = resume.total is not None and resume.before is not None and resume.before + resume.index >= resume.total
    return [] if resume.total is None or at_end else [resume.total]


def check_same_list(plan: Plan[T], resume: Checkpoint) -> None:
    """
    See that a checkpoint is one of this list.

    Raises:
        CheckpointMismatch: It belongs to another resource, or to another query.
    """
    if (resume.adapter, resume.resource) != (plan.adapter, plan.resource):
        raise CheckpointMismatch(
            f"the checkpoint belongs to {resume.adapter} {resume.resource}, not to {plan.adapter} {plan.resource}",
            checkpoint=resume,
        )
    if dict(resume.query) != plan.query:
        raise CheckpointMismatch(
            f"the checkpoint belongs to another query of {plan.adapter} {plan.resource}; "
            "use the same filters, or start anew",
            checkpoint=resume,
        )
    if isinstance(plan.paging.first, int) and not isinstance(resume.cursor, int):
        raise CheckpointMismatch(
            f"{plan.adapter} {plan.resource}: the checkpoint's cursor is no place in this list, whose pages are counted; "
            "start it anew",
            checkpoint=resume,
        )
