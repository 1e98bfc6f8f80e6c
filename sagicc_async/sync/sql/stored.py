"""Sync states, changes and outcomes as they are stored, readable for later releases."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

import attrs
import msgspec

from ...errors import ConfigError
from ...records.checkpoint import Checkpoint
from ..outcome import Changes, Ending, Outcome
from ..state import Kind, SyncState, Underway
from ..unit import Unit
from .tables import without_nul

#: Raised when a field is added, or changes its meaning: what an older release could not read. Older versions stay readable.
_VERSION: Final = 3


def state_to_json(state: SyncState) -> str:
    """A state as one line of JSON."""
    return msgspec.json.encode({"layout": _VERSION, **_plain(state)}).decode()


def state_from_json(text: str) -> SyncState:
    """
    Read a state that `state_to_json` wrote.

    Raises:
        ConfigError: It is none, or a newer release wrote it.
    """
    stored = _decoded(text)
    layout = None if stored is None else stored.get("layout")
    if stored is None or layout not in _READABLE:
        newer = isinstance(layout, int)
        raise ConfigError(
            "the stored state of a sync is of a newer release; update sagicc-async"
            if newer
            else "the stored state of a sync cannot be read; remove its row, and the unit is read anew"
        )
    del stored["layout"]
    underway = stored.pop("underway")
    watermark = stored.pop("watermark")
    return SyncState(**stored, underway=None if underway is None else _underway(underway), watermark=_moment(watermark))


def changes_to_json(changes: Changes) -> str:
    """Changes as one line of JSON."""
    return msgspec.json.encode(attrs.asdict(changes)).decode()


def changes_from_json(text: str) -> Changes:
    """Read what `changes_to_json` wrote."""
    return Changes(**msgspec.json.decode(text))


def outcome_values(outcome: Outcome) -> dict[str, Any]:
    """The columns of an outcome."""
    changes = outcome.changes
    return {
        "ended_at": from_epoch(outcome.at),
        "ending": outcome.ending.value,
        "error": without_nul(outcome.error),
        "kind": outcome.kind,
        "round": outcome.round,
        "requests": outcome.requests,
        "queued": outcome.queued,
        "seconds": outcome.seconds,
        "passes": outcome.passes,
        "drifted": outcome.drifted,
        "new_rows": changes.new,
        "changed_rows": changes.changed,
        "unchanged_rows": changes.unchanged,
        "deleted_rows": changes.deleted,
        "suspects": changes.suspects,
    }


def outcome_from(row: Mapping[str, Any]) -> Outcome:
    """The outcome in a row; of a unit whose first turn was cut off nothing is known but when it last wrote."""
    unit = Unit(row["vendor"], row["account"], row["resource"])
    if row["ending"] is None:
        return Outcome(unit=unit, ending=Ending.PARKED, at=_epoch(row["updated_at"]))
    changes = Changes(
        new=row["new_rows"],
        changed=row["changed_rows"],
        unchanged=row["unchanged_rows"],
        deleted=row["deleted_rows"],
        suspects=row["suspects"],
    )
    same = ("error", "kind", "round", "requests", "queued", "seconds", "passes", "drifted")
    ended = {name: row[name] for name in same}
    return Outcome(unit=unit, ending=Ending(row["ending"]), changes=changes, at=_epoch(row["ended_at"]), **ended)


def from_epoch(seconds: float) -> datetime.datetime:
    """A moment from seconds since the epoch."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _epoch(moment: datetime.datetime | None) -> float:
    return 0.0 if moment is None else moment.timestamp()


def _plain(state: SyncState) -> dict[str, Any]:
    underway = None if state.underway is None else _plain_underway(state.underway)
    return {**attrs.asdict(state, recurse=False), "underway": underway, "watermark": _iso(state.watermark)}


def _plain_underway(underway: Underway) -> dict[str, Any]:
    checkpoint = underway.checkpoint
    return {
        **attrs.asdict(underway, recurse=False),
        "kind": underway.kind.value,
        "checkpoint": None if checkpoint is None else checkpoint.to_json(),
        "started_at": _iso(underway.started_at),
    }


def _underway(stored: dict[str, Any]) -> Underway:
    checkpoint = stored.pop("checkpoint")
    started_at = stored.pop("started_at")
    return Underway(
        **{**stored, "kind": Kind(stored["kind"])},
        checkpoint=None if checkpoint is None else Checkpoint.from_json(checkpoint),
        started_at=_moment(started_at),
    )


def _iso(moment: datetime.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime.datetime | None:
    return None if text is None else datetime.datetime.fromisoformat(text)


def _decoded(text: str) -> dict[str, Any] | None:
    try:
        stored = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return stored if isinstance(stored, dict) else None


#: In the first one a state has no shape: nobody knows which fields its rows were read with. In the second it has no company.
_READABLE: Final = (1, 2, _VERSION)

#: The columns of an outcome.
OUTCOME: Final = tuple(outcome_values(Outcome(unit=Unit("", "", ""), ending=Ending.DONE)))
