"""The resources of Siigo, one class each."""

from __future__ import annotations

from .catalogues import (
    AssetGroupsResource,
    AvailableDocumentsResource,
    CostCentersResource,
    DocumentTypesResource,
    ExpensesResource,
    FixedAssetsResource,
    MiscIncomesResource,
    PaymentTypesResource,
    PriceListsResource,
    TaxesResource,
    UsersResource,
    WarehousesResource,
)
from .credit_notes import CreditNotesResource
from .customers import CustomersResource
from .invoices import InvoicesResource
from .journals import JournalsResource
from .products import AccountGroupsResource, ProductsResource
from .purchases import PurchasesResource
from .quotations import QuotationsResource
from .receipts import PaymentReceiptsResource, VouchersResource
from .reports import AccountsPayableResource, ReportsResource
from .webhooks import WebhooksResource

__all__ = [
    "AccountGroupsResource",
    "AccountsPayableResource",
    "AssetGroupsResource",
    "AvailableDocumentsResource",
    "CostCentersResource",
    "CreditNotesResource",
    "CustomersResource",
    "DocumentTypesResource",
    "ExpensesResource",
    "FixedAssetsResource",
    "InvoicesResource",
    "JournalsResource",
    "MiscIncomesResource",
    "PaymentReceiptsResource",
    "PaymentTypesResource",
    "PriceListsResource",
    "ProductsResource",
    "PurchasesResource",
    "QuotationsResource",
    "ReportsResource",
    "TaxesResource",
    "UsersResource",
    "VouchersResource",
    "WarehousesResource",
    "WebhooksResource",
]
