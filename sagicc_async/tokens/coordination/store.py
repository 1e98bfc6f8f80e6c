"""Where processes keep what they agree on: a document a scope, changed by one process at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

import attrs
import msgspec

from ...errors import ConfigError
from .state import LAYOUT, Entry, ScopeState

R = TypeVar("R")


@attrs.frozen
class Now:
    """
    What a store's clock shows, as far as is known: two bounds, which are one where the clock is the machine's own.

    What is over by the earliest is over, and what begins now ends by it: its holder makes allowance for the rest
    (`uncertainty`). What has just ended ended by the latest, and so whatever has to wait from then on counts from there.

    Args:
        earliest: What it shows at least.
        latest: What it shows at most.
    """

    earliest: float
    latest: float

    @property
    def uncertainty(self) -> float:
        """Seconds by which the earliest may be behind it."""
        return self.latest - self.earliest


@attrs.frozen
class Decision(Generic[R]):
    """
    What was decided on a document.

    Args:
        result: For whoever asked.
        wake: The owners who may find that their turn has come.
        changed: Whether there is anything to keep.
        places: Those in the queue that it takes or renews. A store may keep them although another change came first:
            where many come at once, each would have to try again for each of the others.
    """

    result: R
    wake: frozenset[str] = frozenset()
    changed: bool = True
    places: tuple[Entry, ...] = ()


class StoreError(Exception):
    """
    The store cannot be reached, or does not do what is asked.

    Args:
        reason: What is wrong, in one line for people, without a secret.
        in_doubt: Whether the change may have been made all the same.
    """

    def __init__(self, reason: str, *, in_doubt: bool = False) -> None:
        super().__init__(reason)
        self.in_doubt: bool = in_doubt


def unreachable(where: str, error: StoreError) -> ConfigError:
    """What is said at the start of a server that cannot be reached or used."""
    return ConfigError(
        f"the coordinator at {where} cannot be reached: {error}; start it, or name another one: "
        "SessionManager(coordinator=...), SAGICC_ASYNC_COORDINATOR"
    )


class Store(Protocol):
    """A place for the documents: `file.py`, `redis.py`, `postgres.py`."""

    @property
    def owner(self) -> str:
        """Name of this user of the store: random, new for each."""

    @property
    def polling(self) -> float:
        """Seconds after which to ask again where nobody is woken; infinity where everybody is."""

    def describe(self) -> str:
        """Where it is, for people: a path, or an address without its password."""

    async def open(self, woken: Callable[[str], None]) -> None:
        """
        Make ready.

        Args:
            woken: Called on the loop with the key of a scope that this owner is to look at again; with an empty key,
                at all of them: something may have been missed.

        Raises:
            ConfigError: It cannot be used: what to do about it is in the message.

        Cancelling it leaves nothing open.
        """

    async def close(self) -> None:
        """Let go of everything; whoever waits is not woken any more."""

    async def change(self, key: str, decide: Callable[[ScopeState, Now], Decision[R]]) -> R:
        """
        Change a document, or look at it: as if nobody else did anything meanwhile.

        Args:
            key: Of the scope: hex digits.
            decide: Given the document, brought up to the earliest that the store's clock may show, and that clock, it
                changes the document. It may be called more than once, each time with what is kept at that moment, so all
                that it does elsewhere must bear that; the last call is the one that counts.

        Returns:
            The result of the decision that was kept.

        Raises:
            StoreError: Nothing was decided; or, if it is `in_doubt`, perhaps.
            ConfigError: A newer release keeps its documents here.

        Cancelling it leaves the old document or the new one, whole.
        """

    def change_at_once(self, key: str, decide: Callable[[ScopeState, Now], Decision[R]]) -> R | None:
        """
        Change a document without waiting, where that is possible: a store of this machine's own.

        It spares a task a request; and what is given back in the last moment of a loop's run is given back, although
        the loop may not run again for long.

        Returns:
            The result of the decision, or `None` if nothing was done: somebody else is at it, or it needs waiting.

        Raises:
            StoreError: Nothing was decided.
            ConfigError: A newer release keeps its documents here.
        """


def encode(state: ScopeState) -> bytes:
    """A document as it is kept."""
    return _encoder.encode(state)


def encode_places(places: Iterable[Entry]) -> bytes:
    """What is added to a document for places in the queue: a line for each."""
    return b"".join(b"\n" + _encoder.encode(place) for place in places)


def decode(data: bytes) -> ScopeState:
    """
    Read a document, and what was added to it.

    Raises:
        ConfigError: A newer release wrote it.
        StoreError: It is no document.
    """
    written, *places = data.split(b"\n")
    try:
        state = _state.decode(written)
        layout = state.layout
        for place in places:
            state.enter(_place.decode(place))
    except msgspec.MsgspecError:
        state, layout = None, _layout_of(written)
    if state is not None and layout <= LAYOUT:
        return state
    if layout <= LAYOUT:
        raise StoreError("what is kept of a scope cannot be read: something else writes there")
    raise ConfigError(
        f"what is kept of a scope has layout {layout}, this release of sagicc-async knows {LAYOUT}: a newer one uses the "
        "same store; update this process, or give one of them a store of its own while neither uses the other's tokens"
    )


class _Layout(msgspec.Struct):
    layout: int


def _layout_of(data: bytes) -> int:
    """The layout of what cannot be read otherwise; that of this release if it is no document at all."""
    try:
        return _layout.decode(data).layout
    except msgspec.MsgspecError:
        return LAYOUT


_encoder = msgspec.json.Encoder()
_layout = msgspec.json.Decoder(_Layout)
_state = msgspec.json.Decoder(ScopeState)
_place = msgspec.json.Decoder(Entry)
