"""Sales invoices: created once under a key, mailed, annulled, and sent in batches."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from sagicc_async import (
    ConfigError,
    Deadline,
    FieldError,
    Found,
    Outcome,
    Priority,
    Record,
    Request,
    Safety,
    StillOpen,
    Stream,
    to_wire,
)

from ..checks import check_invoice, check_invoice_batch, check_mail
from ..conversion import plain
from ..discounts import Discounted
from ..filters import Day, Moment
from ..models import (
    Annulled,
    BatchInvoiceIn,
    Invoice,
    InvoiceBatch,
    InvoiceIn,
    Mail,
    MailIn,
    Pdf,
    StampErrors,
    Xml,
)
from ..operations import READ, WRITE, Deletable, Keyed, Rules
from ..recovery import Lost, Search, created_from, not_there
from ..totals import Totalled
from ..unshown import Unshown

#: Most bytes of a batch's body (Siigo, "Crear lote de Facturas de venta").
_BATCH_BYTES: Final = 1_000_000


class InvoicesResource(
    Totalled[Invoice, InvoiceIn], Keyed[Invoice, InvoiceIn], Discounted[Invoice, InvoiceIn], Deletable[Invoice]
):
    """
    Sales invoices (Siigo, "Facturas de Venta").

    `create` takes a key, under which no invoice is ever created twice. Without one a lost invoice is looked up by what
    it says; an order number of yours in `observations`, which Siigo keeps as it is, tells it from others.

    No documented answer shows the customers of items, and their transport. Where the type of document has them
    (`customer_by_item`, `cargo_transportation`), `edit` takes `items` as well.
    """

    name: ClassVar[str] = "invoices"
    path: ClassVar[str] = "v1/invoices"
    model: ClassVar[type[Record]] = Invoice
    requests: ClassVar[tuple[type[Record], ...]] = (InvoiceIn,)
    operations: ClassVar[Mapping[str, Safety]] = {
        **READ,
        **WRITE,
        "create": Safety.KEYED,
        "create_batch": Safety.UNSAFE,
        "delete": Safety.REPEATABLE,
        "annul": Safety.UNSAFE,
        "mail": Safety.UNSAFE,
        "pdf": Safety.REPEATABLE,
        "xml": Safety.REPEATABLE,
        "stamp_errors": Safety.REPEATABLE,
    }
    evidence: ClassVar[str] = "documented"
    document_kind: ClassVar[str] = "FV"
    rules: ClassVar[Rules] = staticmethod(check_invoice)
    search: ClassVar[Search] = Search(
        compared=(
            "document.id",
            "number",
            "date",
            "customer.identification",
            "customer.branch_office",
            "currency.code",
            "seller",
            "observations",
            "items[].code",
            "items[].quantity",
            "items[].price",
            "payments[].id",
            "payments[].value",
        )
    )
    unshown: ClassVar[tuple[Unshown, ...]] = (
        Unshown("items[].customer", setting="customer_by_item"),
        Unshown("items[].transport", setting="cargo_transportation"),
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
        customer_identification: str | None = None,
        customer_branch_office: int | None = None,
        document_id: int | None = None,
        date_start: Day | None = None,
        date_end: Day | None = None,
        page: int | None = None,
        page_size: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[Invoice]:
        """
        Stream the invoices.

        Args:
            created_start: Created then or later; see `filters.Moment` for the forms of a moment.
            created_end: Created then or before.
            updated_start: Changed then or later.
            updated_end: Changed then or before.
            updated_since: As `updated_start`, less the overlap: older invoices come too.
            name: Such as FV-003-457.
            customer_identification: The customer's.
            customer_branch_office: Branch office of the customer, 0 to 999.
            document_id: Id of a document type.
            date_start: Dated that day or later.
            date_end: Dated that day or before.
            page: Page to begin with, from 1.
            page_size: Records on a page, 10 to 100.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Raises:
            ValidationFailed: A filter's value cannot be sent, such as a datetime without a time zone.

        Source: Siigo, "Facturas de Venta/Listar Facturas".
        """
        return self._list(
            {
                "created_start": created_start,
                "created_end": created_end,
                "updated_start": self._updated_start(updated_start, updated_since),
                "updated_end": updated_end,
                "name": name,
                "customer_identification": customer_identification,
                "customer_branch_office": customer_branch_office,
                "document_id": document_id,
                "date_start": date_start,
                "date_end": date_end,
            },
            params,
            page=page,
            page_size=page_size,
            deadline=deadline,
            priority=priority,
        )

    async def create_batch(
        self,
        invoices: Mapping[str, InvoiceIn | Mapping[str, Any]] | Sequence[BatchInvoiceIn],
        *,
        notification_url: str,
        check: bool = True,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> InvoiceBatch:
        """
        Send many invoices at once; Siigo tells what became of them by a POST to an address of yours.

        Args:
            invoices: Key -> invoice, where the key is any text that is this invoice's alone, as for `create`; or
                invoices that have Siigo's own form of a key in `idempotency_key`. `parse_batch_notification` reads the
                POST; `vendor_key` of this resource says which key of Siigo's belongs to a text of yours.
            notification_url: Begins with https://, under 2,048 characters.
            check: Check the documented rules before sending.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Returns:
            The batch's id. The invoices are not created yet.

        Raises:
            ValidationFailed: A documented rule is broken and nothing was sent; paths begin with `invoices[0]`.
            ConfigError: The batch is larger than 1 MB: send several.
            OutcomeUnknown: The answer was lost. Wait for the POST, or send the batch again: each invoice has its key.

        Source: Siigo, "Facturas de Venta/Crear lote de Facturas de venta".
        """
        with self._adapter.together(deadline):
            listed = await self._with_keys(invoices)
            document = {"notification_url": notification_url, "invoices": listed}
            if check:
                errors = [*check_invoice_batch(document), *await self._wrong_totals(listed)]
                if errors:
                    raise self._refuse("create_batch", errors)
            body = to_wire(document)
            if len(body) > _BATCH_BYTES:
                raise ConfigError(f"a batch has 1 MB at most, this one has {len(body):,} bytes: send it in parts")
            request = Request(method="POST", path=f"{self.path}/batch", body=body)
            return await self._write("create_batch", InvoiceBatch, request, priority)

    async def _with_keys(
        self, invoices: Mapping[str, InvoiceIn | Mapping[str, Any]] | Sequence[BatchInvoiceIn]
    ) -> Sequence[dict[str, Any]]:
        if not isinstance(invoices, Mapping):
            return [plain(invoice) for invoice in invoices]
        return [{**plain(invoice), "idempotency_key": await self.vendor_key(key)} for key, invoice in invoices.items()]

    async def vendor_key(self, key: str) -> str:
        """
        The key of Siigo's that a text of yours becomes, to find an invoice of a batch in Siigo's notification.

        It waits for the account's first token where the company's name is not a setting.

        Raises:
            RequestError: There is no token to be had.
        """
        return await self._adapter.idempotency_key(f"POST {self.path}", key)

    async def annul(
        self,
        id: str,  # noqa: A002 - the vendor's word
        *,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Annulled:
        """
        Annul an invoice.

        Args:
            id: Which.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Raises:
            NotFound: Siigo has no invoice with this id.
            Conflict: The invoice is in the DIAN's process, or has notes, receipts or adjustments.
            OutcomeUnknown: The answer was lost. `reconcile()` looks whether the invoice is annulled.

        Source: Siigo, "Facturas de Venta/Anular Factura".
        """
        request = Request(method="POST", path=self._place(id, "annul"))
        return await self._write(
            "annul", Annulled, request, priority, deadline=deadline, lookup=lambda lost: self._annulled(id, lost)
        )

    async def mail(
        self,
        id: str,  # noqa: A002 - the vendor's word
        *,
        mail_to: str,
        copy_to: str | Sequence[str] | None = None,
        check: bool = True,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Mail:
        """
        Mail an invoice.

        Args:
            id: Which.
            mail_to: Address.
            copy_to: Up to 5 more, as a list or separated by semicolons.
            check: Check the documented rules before sending.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Raises:
            ValidationFailed: An address is none, or there are too many.
            NotFound: Siigo has no invoice with this id.
            OutcomeUnknown: The answer was lost; the mail may be out, and is not sent again.

        Source: Siigo, "Facturas de Venta/Envío de facturas por mail".
        """
        copies = copy_to if copy_to is None or isinstance(copy_to, str) else ";".join(copy_to)
        document = plain(MailIn(mail_to=mail_to, copy_to=copies))
        errors = check_mail(document) if check else []
        if errors:
            raise self._refuse("mail", errors)
        request = Request(method="POST", path=self._place(id, "mail"), body=to_wire(document))
        return await self._write("mail", Mail, request, priority, deadline=deadline)

    async def pdf(
        self,
        id: str,  # noqa: A002 - the vendor's word
        *,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Pdf:
        """
        Read an invoice's PDF, in base 64.

        Args:
            id: Which.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Raises:
            NotFound: Siigo has no invoice with this id.

        Source: Siigo, "Facturas de Venta/PDF de Factura de Venta".
        """
        return await self._fetch("pdf", Pdf, self._place(id, "pdf"), deadline, priority)

    async def xml(
        self,
        id: str,  # noqa: A002 - the vendor's word
        *,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Xml:
        """
        Read an electronic invoice's XML, in base 64.

        Args:
            id: Which.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Raises:
            NotFound: Siigo has no invoice with this id.

        Source: Siigo, "Facturas de Venta/XML Factura de Venta".
        """
        return await self._fetch("xml", Xml, self._place(id, "xml"), deadline, priority)

    async def stamp_errors(
        self,
        id: str,  # noqa: A002 - the vendor's word
        *,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> StampErrors:
        """
        Read why the tax office (DIAN) rejected an invoice.

        Args:
            id: Which.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Raises:
            NotFound: Siigo has no invoice with this id.

        Source: Siigo, "Facturas de Venta/Consulta de errores en facturas rechazadas por la DIAN".
        """
        return await self._fetch("stamp_errors", StampErrors, self._place(id, "stamp", "errors"), deadline, priority)

    def _candidates(self, document: Mapping[str, Any], since: datetime | None) -> AsyncIterable[Invoice]:
        customer, day = document.get("customer") or {}, document.get("date")
        return self.list(
            customer_identification=customer.get("identification"),
            date_start=day,
            date_end=day,
            created_start=created_from(since),
            priority=Priority.NORMAL,
        )

    async def _annulled(self, id: str, lost: Lost) -> Outcome:  # noqa: A002 - the vendor's word
        invoice = await self._current(id)
        if invoice is None or invoice.annulled is False:
            return not_there(self._pending(lost.given_up))
        if invoice.annulled:
            return Found(invoice)
        return StillOpen("the invoice does not say whether it is annulled; look at it in Siigo")

    async def _wrong_totals(self, invoices: Sequence[Mapping[str, Any]]) -> Sequence[FieldError]:
        return [
            FieldError(error.code, f"invoices[{index}].{error.path}", error.message)
            for index, invoice in enumerate(invoices)
            for error in await self._also_wrong(invoice)
        ]
