"""What a vendor's emulator implements, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from random import Random
from typing import Any, Literal, Protocol, TypeAlias

import attrs

from ..errors import SessionClosed
from .delivery import Delivery, Whole
from .store import Store, Table

#: Why the framework, not the vendor's own rules, turns a request away.
Refusal: TypeAlias = Literal["overlap", "revoked"]


@attrs.frozen(kw_only=True)
class Call:
    """
    A request as the vendor's emulator sees it.

    Args:
        method: In capitals.
        path: The path at the vendor's own host (`/api/v1/CentroCosto`), decoded, without the query.
        query: Decoded; of a repeated name the first value.
        headers: Names in any case.
        body: As it arrived.
        base_url: The address under which the client reached this vendor, for emulators that answer with links.
        now: When it arrived, in seconds of the sandbox's clock, which never steps: for windows and expiry.
        wall: When it arrived, in seconds since the epoch, for emulators that answer with a time.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    base_url: str = ""
    now: float = 0.0
    wall: float = 0.0


@attrs.frozen(kw_only=True)
class Reply:
    """
    An answer, and how it travels.

    Args:
        status: HTTP status.
        body: As it is sent.
        headers: Besides `Content-Type` and what the server adds itself (`Date`, `Content-Length`).
        content_type: `None` for an answer without a body.
        login: The request obtained a token; counted in the statistics.
        rejected: The request broke a rule of token use (an overlap, a full window); counted in the statistics.
        delivery: How the bytes travel; faults change it.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    content_type: str | None = "application/json; charset=utf-8"
    login: bool = False
    rejected: bool = False
    delivery: Delivery = attrs.field(factory=Whole)


def _not_open(work: Coroutine[Any, Any, None]) -> None:
    """Say that nothing can begin yet, without a warning of the interpreter's about work that never began."""
    work.close()
    raise SessionClosed("the sandbox is not open; use it inside `async with Sandbox(...)`")


@attrs.define(kw_only=True)
class Company:
    """
    The vendor's customer: its data, and the credentials that open it.

    Args:
        store: Its tables.
        credentials: Every set that is valid now, the one that `LocalVendor.credentials` shows first.
        revoked: Tokens that stopped working although the vendor issued them.
        memory: What an emulator must remember besides its tables, under names of its own: issued tokens, full windows.
            Emptied when the sandbox begins anew.
        base_url: The address that clients are given, for what the vendor's screen shows.
        start: Begins work that nobody waits for, as a notification that the vendor sends. It ends by itself, or is
            cancelled when the sandbox closes or begins anew.
    """

    store: Store
    credentials: list[dict[str, str]] = attrs.field(factory=list, repr=False)
    revoked: set[str] = attrs.field(factory=set, repr=False)
    memory: dict[str, Any] = attrs.field(factory=dict, repr=False)
    base_url: str = ""
    start: Callable[[Coroutine[Any, Any, None]], None] = attrs.field(default=_not_open, repr=False, eq=False)

    def credentials_with(self, name: str, value: str) -> dict[str, str] | None:
        """Return the valid set whose field `name` has this value."""
        return next((issued for issued in self.credentials if issued.get(name) == value), None)


#: Something that happens at the vendor without a request of the client's: somebody presses a button at its screen.
#: It is given the company and the options of its caller, and returns what the screen shows, as JSON can say it.
Action: TypeAlias = Callable[[Company, dict[str, Any]], Any]


class SandboxVendor(Protocol):
    """
    A vendor's emulator. The framework owns sockets, storage, counting and faults; this says what the vendor would do.

    It is found through the entry-point group `sagicc_async.sandboxes` and built with the settings of its user as
    keyword arguments. Methods are called on the sandbox's event loop and never wait.

    An emulator may say more; `optional.py` has what is taken where it does not:

        actions: Mapping[str, Action]         what happens at the vendor's screen, by name
        client_settings: Mapping[str, Any]    settings that a client of this emulator may use in place of its defaults
        overlap: str                          what `Rules.overlap` is unless the user says otherwise
        visible(store, resource)              the records that `LocalVendor.rows` returns, where not all are sent

    Attributes:
        name: The name of its entry point.
        base_path: What the vendor's documented base URL has behind its host (`/api/v1`), or `""`.
        secret_names: Headers, query parameters and fields of JSON or form bodies whose values are never kept in the
            request log.
        rows_at: The field of a list answer that holds the rows, for faults that spoil rows; `data.rows` where it lies
            deeper. A bare list needs none.
    """

    name: str  # the class has it as well: emulators are told apart before one is made

    # Only read, so that a plain attribute will do as well as one that is worked out.

    @property
    def base_path(self) -> str:
        """See above."""

    @property
    def secret_names(self) -> frozenset[str]:
        """See above."""

    @property
    def rows_at(self) -> str:
        """See above."""

    def tables(self) -> Sequence[Table]:
        """Return the tables that the emulator keeps."""

    def issue(self, random: Random) -> dict[str, str]:
        """Make up a set of credentials, in the fields of the adapter's credentials class."""

    def populate(self, store: Store, *, records: int, seed: int) -> None:
        """Fill empty tables with invented data; the same arguments give the same data."""

    def add(self, company: Company, resource: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a record of the test's own, completed where it says too little, and return it as it is kept."""

    def token(self, call: Call) -> str | None:
        """Return the token that the request uses, valid or not; `None` if it uses none. The body is not there yet."""

    def answer(self, call: Call, company: Company) -> Reply:
        """Do the work and answer it."""

    def refuse(self, call: Call, reason: Refusal) -> Reply:
        """Answer a request that the framework turned away."""
