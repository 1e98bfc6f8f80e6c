"""SERPI's cost centres: read, created and replaced, with the rules that the vendor documents."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, ClassVar

from sagicc_async import (
    Absent,
    Deadline,
    Found,
    NotFound,
    Outcome,
    OutcomeUnknown,
    PagingLoop,
    Priority,
    Record,
    Request,
    RequestError,
    Safety,
    StillOpen,
    Unsupported,
    to_wire,
)

from .models import CentroCosto
from .resources import READ_AND_WRITE, SerpiResource
from .validation import check_centro_costo


class CentroCostoResource(SerpiResource[CentroCosto]):
    """Cost centres: the one resource whose page is known whole (SERPI, "API Documentos Contables/Centro Costos")."""

    name: ClassVar[str] = "centro_costo"
    path: ClassVar[str] = "CentroCosto"
    model: ClassVar[type[Record]] = CentroCosto
    operations: ClassVar[Mapping[str, Safety]] = READ_AND_WRITE
    evidence: ClassVar[str] = "whole page"

    async def find(
        self,
        *,
        id: int | None = None,  # noqa: A002 - the vendor's word
        codigo: str | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> CentroCosto | None:
        """
        Look for one cost centre by reading the list, since SERPI documents neither a filter nor a GET by id.

        Args:
            id: The vendor's number, or
            codigo: its unique code; letter case counts.
            deadline: Seconds for each page.
            priority: Who goes first; normal by default.

        Returns:
            The first that fits, or `None`.
        """
        if (id is None) == (codigo is None):
            raise Unsupported("find one cost centre: give either id or codigo")
        async for record in self._stream({}, deadline=deadline, priority=priority, default=Priority.NORMAL):
            if (id is not None and record.id == id) or (codigo is not None and record.codigo == codigo):
                return record
        return None

    async def create(
        self,
        record: CentroCosto | Mapping[str, Any],
        *,
        read_back: bool = False,
        check: bool = True,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> CentroCosto:
        """
        Create a cost centre.

        Args:
            record: `codigo` (up to 5 characters, unique), `abreviatura` (up to 5, unique), `descripcion` (up to 200).
            read_back: Read the list afterwards to learn the id, which SERPI does not tell.
            check: Check the documented rules before sending.
            deadline: Seconds for everything; for `read_back` also for each page.
            priority: Who goes first; normal by default.

        Returns:
            The record as it was sent, with `id=None`; with `read_back` as the vendor has it.

        Raises:
            ValidationFailed: A documented rule is broken; all complaints at once, in `errors`.
            Conflict: `codigo` or `abreviatura` exists already; `errors` has field and value.
            OutcomeUnknown: The answer was lost. `reconcile()` looks for the code in the list.

        Source: SERPI, "API Documentos Contables/Centro Costos", POST.
        """
        record = _as_record(record)
        if check:
            check_centro_costo(record, updating=False, account=self._account)
        record.id = None
        wire = record.to_dict()
        wire.pop("id", None)
        request = Request(method="POST", path=self.path, body=to_wire(wire))
        try:
            await self._send("create", request, deadline=deadline, priority=priority)
        except OutcomeUnknown as error:
            raise error.with_lookup(lambda: self._created(record)) from error.__cause__
        return await self._read_back(record, deadline, priority) if read_back else record

    async def update(
        self,
        record: CentroCosto | Mapping[str, Any],
        *,
        check: bool = True,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> CentroCosto:
        """
        Replace a cost centre by the whole record; `id` stands in it.

        Args:
            record: All four fields.
            check: Check the documented rules before sending.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Returns:
            The record as it was sent.

        Raises:
            NotFound: SERPI has no record with this id.
            ValidationFailed: A documented rule is broken; all complaints at once, in `errors`.
            Conflict: `codigo` or `abreviatura` belongs to another record; `errors` has field and value.
            OutcomeUnknown: The answer was lost. `reconcile()` compares what the vendor has.

        Source: SERPI, "API Documentos Contables/Centro Costos", PUT.
        """
        record = _as_record(record)
        if check:
            check_centro_costo(record, updating=True, account=self._account)
        request = Request(method="PUT", path=self.path, body=to_wire(record))
        try:
            await self._send("update", request, deadline=deadline, priority=priority)
        except OutcomeUnknown as error:
            raise error.with_lookup(lambda: self._updated(record)) from error.__cause__
        return record

    async def edit(
        self,
        id: int,  # noqa: A002 - the vendor's word
        *,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
        codigo: str | None = None,
        abreviatura: str | None = None,
        descripcion: str | None = None,
    ) -> CentroCosto:
        """
        Read a cost centre, change fields, and write the whole back, since `update` replaces everything.

        Args:
            id: Which.
            deadline: Seconds for the write, and for each page of the reading.
            priority: Who goes first; normal by default.
            codigo: The new code; `None`, here and below, leaves the field as it is.
            abreviatura: The new abbreviation.
            descripcion: The new description.

        Raises:
            NotFound: No cost centre has this id.
            ValidationFailed: A documented rule is broken; all complaints at once, in `errors`.
            Conflict: `codigo` or `abreviatura` belongs to another record; `errors` has field and value.
            OutcomeUnknown: The answer to the write was lost. `reconcile()` compares what the vendor has.
        """
        record = await self.find(id=id, deadline=deadline, priority=priority)
        if record is None:
            raise NotFound(
                "no cost centre has this id", vendor="serpi", account=self._account, operation="centro_costo.edit"
            )
        changes = {"codigo": codigo, "abreviatura": abreviatura, "descripcion": descripcion}
        for name, value in changes.items():
            if value is not None:
                setattr(record, name, value)
        return await self.update(record, deadline=deadline, priority=priority)

    @property
    def _account(self) -> str:
        return self._adapter.account.terms.label

    async def _read_back(
        self, record: CentroCosto, deadline: Deadline | float | None, priority: Priority | None
    ) -> CentroCosto:
        try:
            found = await self.find(codigo=record.codigo, deadline=deadline, priority=priority)
        except (RequestError, PagingLoop) as error:
            # Not as it is: "safe to repeat" is true of the reading, not of what the caller asked for.
            raise OutcomeUnknown(
                "the cost centre was created, but it could not be read back",
                vendor="serpi",
                account=self._account,
                operation="centro_costo.create",
                hint="read it later: await error.reconcile()",
            ).with_lookup(lambda: self._created(record)) from error
        return record if found is None else found

    # The list waits until the vendor must be done with the lost write (`settle`).

    async def _created(self, sent: CentroCosto) -> Outcome:
        found = await self.find(codigo=sent.codigo)
        if found is None:
            return Absent()
        return Found(found) if _agree(found, sent) else StillOpen("a cost centre with this codigo has other values")

    async def _updated(self, sent: CentroCosto) -> Outcome:
        found = await self.find(id=sent.id)
        return Found(found) if found is not None and _agree(found, sent) else Absent()


def _as_record(record: CentroCosto | Mapping[str, Any]) -> CentroCosto:
    """A record of our own: what is looked up later must be what was sent."""
    return copy.copy(record) if isinstance(record, CentroCosto) else CentroCosto.from_dict(record)


def _agree(found: CentroCosto, sent: CentroCosto) -> bool:
    """Whether the vendor has what was sent, as far as its fields are documented."""
    return all(getattr(found, name) == getattr(sent, name) for name in ("codigo", "abreviatura", "descripcion"))
