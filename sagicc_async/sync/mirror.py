"""One turn of one unit: read what is due of its list, page by page, and commit rows and place together."""

from __future__ import annotations

import contextlib
import datetime
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import attrs

from ..adapter import Adapter
from ..errors import CheckpointMismatch, PagingLoop, RequestError, SagiccAsyncError
from ..records.stream import Page, Stream
from ..resource import Resource
from .events import Committed, SinkAway, UnitEnded
from .outcome import Changes, Ending, Outcome
from .rows import Row, rows_of
from .sink import Batch, SinkUnavailable, StaleWorker
from .state import Kind, SyncState, Underway
from .unit import Unit
from .work import Work

T = TypeVar("T")

_log: Final = logging.getLogger("sagicc_async.sync")

#: Seconds after which is committed although the batch is not full: so much is read again after a crash, at most.
_COMMIT_EVERY: Final = 10.0


def unit_of(account: str, adapter: Adapter, resource: Resource[Any]) -> Unit:
    """The unit of an account's resource."""
    model = None
    with contextlib.suppress(Exception):  # whatever an adapter's list raises, it raises again when it is asked for
        model = resource.list().model
    return Unit(vendor=adapter.vendor, account=account, resource=resource.name, model=model)


async def mirror(
    work: Work, account: str, adapter: Adapter, name: str, park: Callable[[], bool], *, passes: int = 0
) -> Outcome:
    """
    Bring the mirror of one resource up to date.

    It goes on with the pass that is under way, else begins the one that is due. Between two pages it holds nothing.

    Args:
        work: What all share.
        account: Name of the account.
        adapter: The account, opened.
        name: The resource.
        park: Asked after each page whether others wait for long enough.
        passes: Passes that earlier turns of the round have completed.

    Returns:
        How it went; a failure is an outcome, and so is a bug in somebody's target. It is told as `UnitEnded`, and noted in the
        sink.

    When cancelled, a commit that has begun is brought to its end first; the next turn goes on from the last one.
    """
    resource = adapter[name]
    turn = _Turn(work, unit_of(account, adapter, resource), resource, park, work.passes - passes)
    outcome = await turn.outcome()
    await noted(work, outcome)
    work.tell(UnitEnded(outcome=outcome))
    return outcome


async def noted(work: Work, outcome: Outcome) -> None:
    """Have the sink remember an outcome; one that cannot is for the log alone, since the report has the outcome."""
    try:
        await work.sink.note(outcome)
    except SagiccAsyncError as error:
        _log.warning("%s: how it went is not remembered: %s", outcome.unit, error)


class _Turn:
    """One turn of one unit."""

    def __init__(
        self, work: Work, unit: Unit, resource: Resource[Any], park: Callable[[], bool], most_passes: int
    ) -> None:
        self._work = work
        self._unit = unit
        self._resource = resource
        self._park = park
        self._most_passes = most_passes
        self._changes = Changes()
        self._passes = 0
        self._drifted = False
        # What was read and is not committed yet, and the pass behind it.
        self._rows: list[Row] = []
        self._stored = SyncState()
        self._committed_at = 0.0

    async def outcome(self) -> Outcome:
        """Do it, and tell how it went."""
        work, begun = self._work, self._work.clock.now()
        error, kind = "", ""
        try:
            ending = await self._go()
        except StaleWorker as overtaken:
            ending = Ending.TAKEN_OVER
            _log.info("%s", overtaken)
        except SagiccAsyncError as failure:
            ending, error, kind = Ending.FAILED, str(failure), type(failure).__name__
        except Exception as failure:  # noqa: BLE001 - a target is its user's code: whatever it raises is this unit's alone
            ending, kind = Ending.FAILED, type(failure).__name__
            error = f"an unexpected {kind}; the log of sagicc_async.sync has its traceback at DEBUG"
            _log.debug("%s: unexpected", self._unit, exc_info=True)
        used = work.meter.take(self._unit)
        return Outcome(
            unit=self._unit,
            ending=ending,
            changes=self._changes,
            requests=used.requests,
            queued=used.queued,
            seconds=work.clock.now() - begun,
            passes=self._passes,
            drifted=self._drifted,
            error=error,
            kind=kind,
            at=work.clock.wall(),
            round=work.round,
        )

    async def _go(self) -> Ending:
        self._stored = await self._patiently(lambda: self._work.sink.state(self._unit), writes=False)
        self._committed_at = self._work.clock.now()
        while True:
            try:
                done = await self._read()
            except CheckpointMismatch:
                if self._stored.underway is None or self._stored.underway.checkpoint is None:
                    raise
                # The place is gone from the list: the pass begins anew, and is complete all the same.
                done = await self._read(anew=True)
            if not done:
                return Ending.PARKED
            again = self._stored.suspects or self._drifted
            if not again or self._passes >= self._most_passes:
                return Ending.DONE

    async def _read(self, *, anew: bool = False) -> bool:
        """
        Read one pass to its end, or until others wait.

        Args:
            anew: Whether a pass that is under way begins again.

        Returns:
            Whether it came to its end.
        """
        state = self._stored.owned(await self._company()).shaped(self._unit.shape)
        lists = None if state.watermark is None else self._resource.changes(state.watermark)
        if anew and state.underway is not None:
            state = state.begun(state.underway.kind)
        if state.underway is None:
            state = state.begun(self._due(state, incremental=lists is not None))
        underway = state.underway
        assert underway is not None
        whole = underway.kind is Kind.WHOLE or lists is None
        streams: Sequence[Stream[Any]] = self._resource.everything() if whole else lists or ()
        while underway.part < len(streams):
            stream = streams[underway.part]
            if underway.checkpoint is not None:
                stream = self._resource.resume(underway.checkpoint)
            state, parked = await self._pages(stream, state)
            if parked:
                return False
            assert state.underway is not None
            underway = state.underway.behind_list(stream.stats)
            state = attrs.evolve(state, underway=underway)
        await self._complete(state, underway)
        return True

    async def _company(self) -> str:
        """Digest of the company that the account leads to now."""
        streams = self._resource.everything()
        return (await streams[0].company_id() or "") if streams else ""

    def _due(self, state: SyncState, *, incremental: bool) -> Kind:
        settings = self._work.settings
        return state.due(incremental=incremental, now=self._work.clock.wall(), whole_every=settings.whole_every)

    async def _pages(self, stream: Stream[Any], state: SyncState) -> tuple[SyncState, bool]:
        """Read one list; returns the state behind its last page, and whether others wait for too long."""
        try:
            async with stream.prefetch() as pages:
                async for page in pages:
                    # Not before there is more: the last rows of a list are committed together with its end.
                    if self._full():
                        await self._commit(state)
                    state = self._take(page, stream, state)
                    # A resumed list begins with what was read before: a turn that took nothing new would never end.
                    parked = bool(page.items) and self._park()
                    if parked:
                        await self._commit(state)
                        return state, True
        except (RequestError, PagingLoop):
            if self._rows:  # what was read before stays
                await self._commit(state)
            raise
        assert state.underway is not None
        if state.underway.started_at is None:  # a list without a page
            state = attrs.evolve(state, underway=attrs.evolve(state.underway, started_at=self._begun(stream)))
        return state, False

    def _take(self, page: Page[Any], stream: Stream[Any], state: SyncState) -> SyncState:
        self._rows += rows_of(page.items, self._resource.identity)
        underway = state.underway
        assert underway is not None
        if underway.started_at is None:
            underway = attrs.evolve(underway, started_at=self._begun(stream))
        return attrs.evolve(state, underway=underway.after(page.checkpoint, len(page.items), stream.stats))

    def _begun(self, stream: Stream[Any]) -> datetime.datetime:
        """The vendor's clock at the first page; ours where it shows none."""
        return stream.started_at or datetime.datetime.fromtimestamp(self._work.clock.wall(), datetime.UTC)

    def _full(self) -> bool:
        late = self._work.clock.now() - self._committed_at >= _COMMIT_EVERY
        return bool(self._rows) and (late or len(self._rows) >= self._work.settings.batch)

    async def _commit(self, state: SyncState) -> None:
        assert state.underway is not None
        await self._store(attrs.evolve(state, version=self._stored.version).moved(state.underway), None)

    async def _complete(self, state: SyncState, underway: Underway) -> None:
        settings, clock = self._work.settings, self._work.clock
        known = attrs.evolve(state, version=self._stored.version)
        await self._store(known.completed(underway, now=clock.wall(), overlap=settings.overlap), underway)
        self._passes += 1
        self._drifted = underway.drifted

    async def _store(self, after: SyncState, ended: Underway | None) -> None:
        rows, self._rows = self._rows, []
        batch = Batch(unit=self._unit, rows=rows, before=self._stored, after=after, ended=ended)
        changes = await self._patiently(lambda: self._work.sink.commit(batch), writes=True)
        self._stored = attrs.evolve(after, suspects=changes.suspects) if ended is not None else after
        self._changes += changes
        self._committed_at = self._work.clock.now()
        self._work.tell(Committed(unit=self._unit, changes=changes, underway=after.underway))

    async def _patiently(self, call: Callable[[], Awaitable[T]], *, writes: bool) -> T:
        """Wait for a sink that is away, for as long as the settings say."""

        def away(reason: SinkUnavailable, wait: float) -> None:
            self._work.tell(SinkAway(unit=self._unit, reason=str(reason), wait=wait))

        return await self._work.patience.ask(call, away, writes=writes)
