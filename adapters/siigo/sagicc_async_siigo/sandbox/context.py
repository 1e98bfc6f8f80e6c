"""
What the handler of a route is given, and how a route is declared.

A module of resources offers its routes and tables as data, and a function that invents records:

    ROUTES: Sequence[Route]                    what it serves
    TABLES: Sequence[Table]                    what it keeps; the table of a list has the hidden columns `created`, `updated`
    populate(store, records, seed, random, stamps)

A handler gets the context and, by name, what stands in the braces of its route's pattern:

    def show(context: Context, id: str) -> Reply: ...

    Route("GET", "/v1/invoices/{id}", show)

It raises `Refused` for everything that it does not do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from typing import Any, Final, TypeAlias
from uuid import UUID, uuid5

import attrs

from sagicc_async.sandbox import Call, Company, Reply, Row, Store, from_json, to_json

from . import deliveries, failures
from .failures import Refused
from .settings import Settings
from .stamps import at

#: Where "today" is today: the vendor documents no time zone of its dates, and Colombia has one.
COLOMBIA: Final[timezone] = timezone(timedelta(hours=-5))

#: Ids are made up in a name space of the sandbox's own, so that the same requests give the same ids.
_IDS: Final = UUID("6f0c3b1e-52a4-5d0b-9d57-3f7d9be2a1c4")

#: Products whose codes differ in case alone that are looked through at most.
_ALIKE: Final = 1000

_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})

Handler: TypeAlias = Callable[..., Reply]


@attrs.frozen
class Route:
    """
    A route.

    Args:
        method: In capitals.
        pattern: Its path, with the names of what varies in braces: `/v1/invoices/{id}`.
        handler: What answers it.
        keyed: Whether it honours the header Idempotency-Key.
    """

    method: str
    pattern: str
    handler: Handler
    keyed: bool = attrs.field(default=False, kw_only=True)

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """What a path must match. The vendor prints some paths with a slash at the end: it may be there."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.pattern) + "/?")


@attrs.frozen(kw_only=True)
class Context:
    """
    A request that may be answered: who asks, and where, is checked.

    Args:
        company: Whose data it is about.
        settings: What was chosen.
        call: The request.
        body: What was sent, empty if nothing was. A number with a decimal point is a `Decimal`.
        idempotency_key: Of a route that honours one, if the request has one.
    """

    company: Company
    settings: Settings
    call: Call
    body: dict[str, Any] = attrs.field(factory=dict)
    idempotency_key: str | None = None

    @property
    def store(self) -> Store:
        """The tables."""
        return self.company.store

    # Time and ids.

    @property
    def now(self) -> datetime:
        """When the request arrived."""
        return at(self.call.wall)

    @property
    def today(self) -> date:
        """Its day in Colombia."""
        return self.now.astimezone(COLOMBIA).date()

    def now_text(self) -> str:
        """Return when it arrived, as the vendor writes it."""
        return self.settings.stamps.text(self.now)

    def created(self) -> dict[str, Any]:
        """Return `metadata` of a new record, and its hidden columns `created` and `updated`."""
        return self.settings.stamps.created(self.now)

    def changed(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return new `metadata` of a record, and its hidden column `updated`."""
        return self.settings.stamps.changed(self.now, record["metadata"])

    def new_id(self, table: str) -> str:
        """Return a GUID for the row that is inserted next."""
        return guid(table, self.store.next_position(table))

    # What is there.

    def found(self, table: str, name: str, identifier: str) -> Row:
        """
        Return the row with an id.

        Args:
            table: Which table.
            name: What the error calls such a record.
            identifier: The id.

        Raises:
            Refused: There is none.
        """
        row = self.store.find(table, "id", identifier)
        if row is None:
            raise Refused(failures.not_found(name, identifier))
        return row

    def catalogue(self, table: str, identifier: object) -> dict[str, Any] | None:
        """Return the row of a catalogue: `taxes`, `document_types`, `payment_types`, `users`, `warehouses` and so on."""
        row = self.store.find(table, "id", identifier)
        return None if row is None else row.record

    def payment_type(self, identifier: object, document_type: str) -> dict[str, Any] | None:
        """Return a way of paying, if documents of this type (`FV`, `NC`, `RC`, `FC`) take it."""
        row = self.store.find("payment_types", "id", identifier)
        if row is None or document_type.casefold() not in (row.hidden["documents"] or "").split():
            return None
        return row.record

    def customer(self, identification: object, branch_office: object = 0) -> dict[str, Any] | None:
        """Return a third party: customer, supplier or other. No two have both in common."""
        where = {"identification": identification, "branch_office": branch_office}
        found = self.store.page("customers", limit=1, where=where)
        return from_json(found[0]) if found else None

    def product(self, code: object) -> dict[str, Any] | None:
        """Return a product as it is sent. Lookups compare without regard to case, codes do not."""
        alike = map(from_json, self.store.page("products", limit=_ALIKE, where={"code": code}))
        return next((record for record in alike if record["code"] == code), None)

    # Answers.

    def answer(self, value: Any, status: int = 200) -> Reply:
        """Answer with a value."""
        return Reply(status=status, body=to_json(value))

    def stored(self, table: str, identifier: str, status: int = 200) -> Reply:
        """Answer with a row as it is kept, without reading it."""
        return Reply(status=status, body=self.store.page(table, limit=1, where={"id": identifier})[0])

    def deleted(self, identifier: str) -> Reply:
        """Answer that a record is gone."""
        return self.answer({"id": identifier, "deleted": True})

    def notify(self, url: str, body: Any, *, about: str) -> None:
        """Send a notification, after the answer or while it is on its way; `about` is what the screen calls it."""
        deliveries.send(self.company, url, to_json(body), about=about, wall=self.call.wall)


def guid(*parts: object) -> str:
    """Return the GUID that belongs to these parts, always the same one."""
    return str(uuid5(_IDS, "/".join(map(str, parts))))


def filled(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record without what is empty (null, text, array or object): the vendor's answers leave it out."""
    return {name: value for name, value in record.items() if value not in _EMPTY}
