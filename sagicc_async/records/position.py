"""Where one iteration of a stream stands: the checkpoints that it gives."""

from __future__ import annotations

from typing import Generic, TypeVar

from .checkpoint import Checkpoint
from .leaf import Leaf
from .paging import Cursor
from .place import remembered
from .plan import Plan
from .walk import Walk

T = TypeVar("T")


class Position(Generic[T]):
    """
    Where one iteration stands: behind a record of a leaf, or behind the last leaf.

    Args:
        plan: The list.
        walk: What reads it.
        beginning: The place at which the iteration began.
    """

    __slots__ = ("_beginning", "_behind", "_plan", "_walk")

    def __init__(self, plan: Plan[T], walk: Walk[T], beginning: Checkpoint) -> None:
        self._plan, self._walk, self._beginning = plan, walk, beginning
        self._behind: tuple[Cursor, int, tuple[str, ...], int | None] | None = None

    def turn(self, leaf: Leaf[T]) -> None:
        """All of the leaf was handed out."""
        index = leaf.skipped + len(leaf.items)
        if index:  # else the place is still behind the page before, whose ids are known
            self._behind = leaf.cursor, index, remembered(self._plan, leaf.items, self._ids()), leaf.facts.before

    def within(self, leaf: Leaf[T], handed_out: int) -> Checkpoint:
        """The place after so many of the leaf's records."""
        ids = remembered(self._plan, leaf.items[:handed_out], self._ids())
        return self._place(leaf.cursor, leaf.skipped + handed_out, ids, leaf.facts.before)

    @property
    def last(self) -> Checkpoint:
        """The place behind the last leaf."""
        if self._behind is None:
            return self._beginning
        return self._place(*self._behind)

    def _place(self, cursor: Cursor, index: int, ids: tuple[str, ...], before: int | None) -> Checkpoint:
        """A place, with what was learned of the list so far."""
        walk, stats = self._walk, self._walk.stats
        return self._plan.checkpoint(
            cursor,
            index,
            ids,
            started_at=walk.started_at,
            before=before,
            total=stats.total,
            drifted=stats.drifted,
        )

    def _ids(self) -> tuple[str, ...]:
        return self._beginning.ids if self._behind is None else self._behind[2]
