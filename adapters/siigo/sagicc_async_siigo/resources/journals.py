"""Journals: accounting vouchers of debits and credits."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from sagicc_async import Deadline, Priority, Record, Safety, Stream

from ..checks import check_journal
from ..filters import Day, Moment
from ..models import Journal, JournalIn
from ..operations import READ, Gettable, Keyed, Rules
from ..recovery import Search, created_from


class JournalsResource(Keyed[Journal, JournalIn], Gettable[Journal]):
    """Journals (Siigo, "Comprobantes Contables"). They can be neither changed nor deleted."""

    name: ClassVar[str] = "journals"
    path: ClassVar[str] = "v1/journals"
    model: ClassVar[type[Record]] = Journal
    requests: ClassVar[tuple[type[Record], ...]] = (JournalIn,)
    operations: ClassVar[Mapping[str, Safety]] = {**READ, "create": Safety.KEYED}
    evidence: ClassVar[str] = "documented; get on the vendor's newer site"
    rules: ClassVar[Rules] = staticmethod(check_journal)
    search: ClassVar[Search] = Search(
        compared=(
            "document.id",
            "number",
            "date",
            "observations",
            "items[].account.code",
            "items[].account.movement",
            "items[].customer.identification",
            "items[].value",
        )
    )

    def list(
        self,
        *,
        document_id: int | None = None,
        name: str | None = None,
        created_start: Moment | None = None,
        created_end: Moment | None = None,
        updated_start: Moment | None = None,
        updated_end: Moment | None = None,
        updated_since: Moment | None = None,
        date_start: Day | None = None,
        date_end: Day | None = None,
        page: int | None = None,
        page_size: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[Journal]:
        """
        Stream the journals.

        Args:
            document_id: Id of a document type. The others are on the vendor's newer site alone.
            name: Such as CC-10-20.
            created_start: Created then or later; see `filters.Moment` for the forms of a moment.
            created_end: Created then or before.
            updated_start: Changed then or later.
            updated_end: Changed then or before.
            updated_since: As `updated_start`, less the overlap: older journals come too.
            date_start: Dated that day or later.
            date_end: Dated that day or before.
            page: Page to begin with, from 1.
            page_size: Records on a page, 10 to 100.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Raises:
            ValidationFailed: A filter's value cannot be sent, such as a datetime without a time zone.

        Source: Siigo, "Comprobantes Contables/Listar Comprobantes Contables".
        """
        return self._list(
            {
                "document_id": document_id,
                "name": name,
                "created_start": created_start,
                "created_end": created_end,
                "updated_start": self._updated_start(updated_start, updated_since),
                "updated_end": updated_end,
                "date_start": date_start,
                "date_end": date_end,
            },
            params,
            page=page,
            page_size=page_size,
            deadline=deadline,
            priority=priority,
        )

    def _candidates(self, document: Mapping[str, Any], since: datetime | None) -> AsyncIterable[Journal]:
        return self.list(
            document_id=(document.get("document") or {}).get("id"),
            created_start=created_from(since),
            priority=Priority.NORMAL,
        )
