"""Credit notes."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from sagicc_async import Deadline, Priority, Record, Safety, Stream

from ..checks import check_credit_note
from ..filters import Day, Moment
from ..models import CreditNote, CreditNoteIn, Pdf
from ..operations import READ, Gettable, Keyed, Rules
from ..recovery import Search, created_from
from ..totals import Totalled


class CreditNotesResource(Totalled[CreditNote, CreditNoteIn], Keyed[CreditNote, CreditNoteIn], Gettable[CreditNote]):
    """Credit notes (Siigo, "Notas Crédito"). They can be neither changed nor deleted."""

    name: ClassVar[str] = "credit_notes"
    path: ClassVar[str] = "v1/credit-notes"
    model: ClassVar[type[Record]] = CreditNote
    requests: ClassVar[tuple[type[Record], ...]] = (CreditNoteIn,)
    operations: ClassVar[Mapping[str, Safety]] = {**READ, "create": Safety.KEYED, "pdf": Safety.REPEATABLE}
    evidence: ClassVar[str] = "documented"
    document_kind: ClassVar[str] = "NC"
    rules: ClassVar[Rules] = staticmethod(check_credit_note)
    search: ClassVar[Search] = Search(
        compared=(
            "document.id",
            "number",
            "date",
            "invoice",
            "customer.identification",
            "currency.code",
            "observations",
            "items[].code",
            "items[].quantity",
            "items[].price",
            "payments[].id",
            "payments[].value",
        )
    )

    def list(
        self,
        *,
        created_start: Moment | None = None,
        created_end: Moment | None = None,
        updated_start: Moment | None = None,
        updated_end: Moment | None = None,
        updated_since: Moment | None = None,
        name: str | None = None,
        date_start: Day | None = None,
        date_end: Day | None = None,
        page: int | None = None,
        page_size: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[CreditNote]:
        """
        Stream the credit notes.

        Args:
            created_start: Created then or later; see `filters.Moment` for the forms of a moment.
            created_end: Created then or before.
            updated_start: Changed then or later.
            updated_end: Changed then or before.
            updated_since: As `updated_start`, less the overlap: older notes come too.
            name: Such as NC-2-22. This and the next two are in the vendor's JavaScript SDK alone.
            date_start: Dated that day or later.
            date_end: Dated that day or before.
            page: Page to begin with, from 1.
            page_size: Records on a page, 10 to 100.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Raises:
            ValidationFailed: A filter's value cannot be sent, such as a datetime without a time zone.

        Source: Siigo, "Notas Crédito/Listar Notas Crédito".
        """
        return self._list(
            {
                "created_start": created_start,
                "created_end": created_end,
                "updated_start": self._updated_start(updated_start, updated_since),
                "updated_end": updated_end,
                "name": name,
                "date_start": date_start,
                "date_end": date_end,
            },
            params,
            page=page,
            page_size=page_size,
            deadline=deadline,
            priority=priority,
        )

    async def pdf(
        self,
        id: str,  # noqa: A002 - the vendor's word
        *,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Pdf:
        """
        Read a credit note's PDF, in base 64.

        Args:
            id: Which.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Raises:
            NotFound: Siigo has no credit note with this id.

        Source: Siigo, "Notas Crédito/PDF Notas Crédito".
        """
        return await self._fetch("pdf", Pdf, self._place(id, "pdf"), deadline, priority)

    def _candidates(self, document: Mapping[str, Any], since: datetime | None) -> AsyncIterable[CreditNote]:
        return self.list(created_start=created_from(since), priority=Priority.NORMAL)
