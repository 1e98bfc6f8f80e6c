"""Catalogues: what the company has set up, and documents refer to by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, TypeVar

from sagicc_async import Deadline, Paging, Priority, Record, Stream

from ..models import (
    AssetGroup,
    AvailableDocument,
    CostCenter,
    DocumentType,
    Expense,
    FixedAsset,
    MiscIncome,
    PaymentType,
    PriceList,
    Tax,
    User,
    Warehouse,
)
from ..resource import WHOLE, SiigoResource

T = TypeVar("T")

#: Kinds of documents that have types, and those that have forms of payment. The newer site alone has an eighth.
_KINDS: Final = ("FV", "C", "NC", "FC", "RC", "RP", "CC")
_SUPPORT: Final = "DS"
_PAID: Final = ("FV", "NC", "RC", "FC")


class CatalogueResource(SiigoResource[T]):
    """A list that comes as one array; an envelope of pages would be read to its end as well."""

    paging: ClassVar[Paging] = WHOLE
    evidence: ClassVar[str] = "documented"

    def list(
        self,
        *,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[T]:
        """
        Stream the list; `catalogue()` of the adapter keeps it for a while.

        Args:
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for everything.
            priority: Who goes first; bulk by default.

        Source: Siigo, "Catálogos".
        """
        return self._list({}, params, deadline=deadline, priority=priority)


class TaxesResource(CatalogueResource[Tax]):
    """Taxes."""

    name: ClassVar[str] = "taxes"
    path: ClassVar[str] = "v1/taxes"
    model: ClassVar[type[Record]] = Tax


class PriceListsResource(CatalogueResource[PriceList]):
    """Price lists, of which a product has up to 12."""

    name: ClassVar[str] = "price_lists"
    path: ClassVar[str] = "v1/price-lists"
    model: ClassVar[type[Record]] = PriceList


class WarehousesResource(CatalogueResource[Warehouse]):
    """Warehouses."""

    name: ClassVar[str] = "warehouses"
    path: ClassVar[str] = "v1/warehouses"
    model: ClassVar[type[Record]] = Warehouse


class CostCentersResource(CatalogueResource[CostCenter]):
    """Cost centres."""

    name: ClassVar[str] = "cost_centers"
    path: ClassVar[str] = "v1/cost-centers"
    model: ClassVar[type[Record]] = CostCenter


class FixedAssetsResource(CatalogueResource[FixedAsset]):
    """Fixed assets."""

    name: ClassVar[str] = "fixed_assets"
    path: ClassVar[str] = "v1/fixed-assets"
    model: ClassVar[type[Record]] = FixedAsset


class ExpensesResource(CatalogueResource[Expense]):
    """Expenses that a voucher may be reduced by."""

    name: ClassVar[str] = "expenses"
    path: ClassVar[str] = "v1/expenses"
    model: ClassVar[type[Record]] = Expense
    evidence: ClassVar[str] = "vendor's newer site"


class MiscIncomesResource(CatalogueResource[MiscIncome]):
    """Miscellaneous incomes that a voucher may be for."""

    name: ClassVar[str] = "misc_incomes"
    path: ClassVar[str] = "v1/misc-incomes"
    model: ClassVar[type[Record]] = MiscIncome
    evidence: ClassVar[str] = "vendor's newer site"


class AssetGroupsResource(CatalogueResource[AssetGroup]):
    """Groups of fixed assets."""

    name: ClassVar[str] = "asset_groups"
    path: ClassVar[str] = "v1/asset-groups"
    model: ClassVar[type[Record]] = AssetGroup
    evidence: ClassVar[str] = "vendor's JavaScript SDK alone"


class AvailableDocumentsResource(CatalogueResource[AvailableDocument]):
    """How many documents the company has bought, and has left."""

    name: ClassVar[str] = "available_documents"
    path: ClassVar[str] = "v1/available-documents"
    model: ClassVar[type[Record]] = AvailableDocument
    evidence: ClassVar[str] = "vendor's JavaScript SDK alone"


class UsersResource(SiigoResource[User]):
    """Users, who are the sellers of documents: printed as an array, sent as pages; read as either."""

    name: ClassVar[str] = "users"
    path: ClassVar[str] = "v1/users"
    model: ClassVar[type[Record]] = User
    evidence: ClassVar[str] = "documented"

    def list(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[User]:
        """
        Stream the users.

        Args:
            page: Page to begin with, from 1.
            page_size: Records on a page, 10 to 100.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Source: Siigo, "Catálogos/Usuarios".
        """
        return self._list({}, params, page=page, page_size=page_size, deadline=deadline, priority=priority)


class DocumentTypesResource(SiigoResource[DocumentType]):
    """
    Types of documents, with the company's settings for each.

    `everything` has those of seven kinds, and with `support_documents=True` those of DS as well: documents in support of
    purchases, which the vendor's newer site alone names.
    """

    name: ClassVar[str] = "document_types"
    path: ClassVar[str] = "v1/document-types"
    model: ClassVar[type[Record]] = DocumentType
    paging: ClassVar[Paging] = WHOLE
    parts: ClassVar[tuple[Mapping[str, Any], ...]] = tuple({"type": kind} for kind in _KINDS)
    evidence: ClassVar[str] = "documented"

    def everything(self) -> Sequence[Stream[DocumentType]]:
        """The lists of all kinds; of DS if the account says so, since Siigo may refuse a kind that it does not know."""
        known = super().everything()
        return [*known, self.list(type=_SUPPORT)] if self._adapter.settings.support_documents else known

    def list(
        self,
        *,
        type: str = "FV",  # noqa: A002 - the vendor's word
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[DocumentType]:
        """
        Stream the types of one kind of document.

        Args:
            type: FV (invoice), C (quotation), NC (credit note), FC (purchase), RC (voucher), RP (payment receipt) or CC
                (journal); on the newer site DS as well. Siigo refuses a request without one; its page prints FV.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for everything.
            priority: Who goes first; bulk by default.

        Source: Siigo, "Catálogos/Tipos de Comprobante".
        """
        return self._list({"type": type}, params, deadline=deadline, priority=priority)


class PaymentTypesResource(SiigoResource[PaymentType]):
    """Forms of payment; `everything` has those of all kinds of documents."""

    name: ClassVar[str] = "payment_types"
    path: ClassVar[str] = "v1/payment-types"
    model: ClassVar[type[Record]] = PaymentType
    paging: ClassVar[Paging] = WHOLE
    parts: ClassVar[tuple[Mapping[str, Any], ...]] = tuple({"document_type": kind} for kind in _PAID)
    evidence: ClassVar[str] = "documented"

    def list(
        self,
        *,
        document_type: str = "FV",
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[PaymentType]:
        """
        Stream the forms of payment for one kind of document.

        Args:
            document_type: FV, NC, RC or FC; payment receipts use those of FC. Siigo refuses a request without one; its
                page prints FV.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for everything.
            priority: Who goes first; bulk by default.

        Source: Siigo, "Catálogos/Formas de Pago".
        """
        return self._list({"document_type": document_type}, params, deadline=deadline, priority=priority)
