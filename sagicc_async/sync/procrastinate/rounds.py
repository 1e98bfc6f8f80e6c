"""A round of an account, as jobs; and whether its circuit is open, wherever its jobs ran."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from ..accounts import SyncAccount
from ..circuit import Circuit
from ..outcome import Outcome
from ..sink import Sink
from ..tenant import opened
from ..work import Work
from .jobs import UnitJob, lock_of, vendor_of
from .queue import Queue


async def begin(queue: Queue, work: Work, account: SyncAccount) -> list[UnitJob]:
    """
    Put the jobs of an account's round into the queue, unless one is there already: no round overlaps with another one.

    Args:
        queue: Where they are put.
        work: Opens accounts; nothing is sent.
        account: Whose round.

    Returns:
        The jobs that are to be done: the new ones, or those that are there.

    Raises:
        AdapterNotFound: No such adapter is installed.
        ConfigError: A credential, a setting, the address or the name of a resource cannot be.
        QueueUnavailable: See there.
    """
    _, names = opened(account, work)
    lock = lock_of(account)
    there = [queued.job for queued in await queue.unfinished(lock=lock) if queued.job.account == account.name]
    if there:
        return there
    vendor, round_ = vendor_of(account), uuid.uuid4().hex
    jobs = [UnitJob(vendor=vendor, account=account.name, resource=name, round=round_, lock=lock) for name in names]
    if jobs:
        await queue.defer(jobs)
    return jobs


async def outcomes_of(sink: Sink, rounds: Iterable[str]) -> dict[str, list[Outcome]]:
    """
    What is noted of rounds, by their ids, the earliest first.

    Raises:
        SinkUnavailable: It cannot be read now.
    """
    found: dict[str, list[Outcome]] = {round_: [] for round_ in rounds}
    for outcome, _ in await sink.outcomes():
        if outcome.round in found:
            found[outcome.round].append(outcome)
    for outcomes in found.values():
        outcomes.sort(key=lambda outcome: outcome.at)
    return found


def circuit_of(outcomes: Iterable[Outcome], failures: int) -> Circuit:
    """The circuit of a round of an account, as its outcomes so far leave it."""
    circuit = Circuit(failures)
    for outcome in outcomes:
        circuit.take(outcome)
    return circuit
