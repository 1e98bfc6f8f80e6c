"""Customers, suppliers and other third parties."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from sagicc_async import Deadline, Priority, Record, Safety, Stream

from ..checks import check_customer
from ..filters import Moment
from ..models import Customer, CustomerIn
from ..operations import READ, WRITE, Deletable, Rules
from ..recovery import Search
from ..replacement import Updatable
from ..unshown import Unshown


class CustomersResource(Updatable[Customer, CustomerIn], Deletable[Customer]):
    """
    Third parties (Siigo, "Clientes").

    Identification and branch office are unique together, so a lost `create` is looked up by them. The list shows those
    in use alone unless the others are asked for; `everything` and `changes` read both. No documented answer shows
    `custom_fields`: `edit` takes them as well.
    """

    name: ClassVar[str] = "customers"
    path: ClassVar[str] = "v1/customers"
    model: ClassVar[type[Record]] = Customer
    requests: ClassVar[tuple[type[Record], ...]] = (CustomerIn,)
    operations: ClassVar[Mapping[str, Safety]] = {**READ, **WRITE, "delete": Safety.REPEATABLE}
    evidence: ClassVar[str] = "documented; delete in the vendor's JavaScript SDK alone"
    rules: ClassVar[Rules] = staticmethod(check_customer)
    parts: ClassVar[tuple[Mapping[str, Any], ...]] = ({"active": True}, {"active": False})
    search: ClassVar[Search] = Search(
        compared=("identification", "branch_office", "id_type", "person_type", "name", "commercial_name"), unique=True
    )
    unshown: ClassVar[tuple[Unshown, ...]] = (Unshown("custom_fields"),)

    def list(
        self,
        *,
        identification: str | None = None,
        branch_office: int | None = None,
        created_start: Moment | None = None,
        created_end: Moment | None = None,
        updated_start: Moment | None = None,
        updated_end: Moment | None = None,
        updated_since: Moment | None = None,
        active: bool | None = None,
        type: str | None = None,  # noqa: A002 - the vendor's word
        person_type: str | None = None,
        page: int | None = None,
        page_size: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[Customer]:
        """
        Stream the third parties: those in use, unless `active=False` asks for the others.

        Args:
            identification: Number of identification, without check digit.
            branch_office: Branch office, 0 to 999.
            created_start: Created then or later; see `filters.Moment` for the forms of a moment.
            created_end: Created then or before.
            updated_start: Changed then or later.
            updated_end: Changed then or before.
            updated_since: As `updated_start`, less the overlap: older records come too.
            active: In use (as without it), or not; no list has both. This and the next two are not on the vendor's older
                page.
            type: Customer, Supplier or Other. It was seen not to filter reliably.
            person_type: Person or Company.
            page: Page to begin with, from 1.
            page_size: Records on a page, 10 to 100.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Raises:
            ValidationFailed: A filter's value cannot be sent, such as a datetime without a time zone.

        Source: Siigo, "Clientes/Listar Clientes".
        """
        return self._list(
            {
                "identification": identification,
                "branch_office": branch_office,
                "created_start": created_start,
                "created_end": created_end,
                "updated_start": self._updated_start(updated_start, updated_since),
                "updated_end": updated_end,
                "active": active,
                "type": type,
                "person_type": person_type,
            },
            params,
            page=page,
            page_size=page_size,
            deadline=deadline,
            priority=priority,
        )

    def _candidates(self, document: Mapping[str, Any], since: datetime | None) -> AsyncIterable[Customer]:
        """Those in use and the others: either may hold the identification."""
        return self._anywhere(
            identification=document.get("identification"),
            branch_office=document.get("branch_office") or 0,
            priority=Priority.NORMAL,
        )
