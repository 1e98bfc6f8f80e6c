"""Catalogues: what the company has set up, and documents refer to by id."""

from __future__ import annotations

from decimal import Decimal

from sagicc_async import field, record

from .base import SiigoRecord
from .common import GlobalCharge, GlobalDiscount


@record
class Tax(SiigoRecord):
    """
    Tax (Siigo, "Catálogos/Impuestos").

    `type` is IVA, Retefuente, ReteIVA, ReteICA, Impoconsumo, AdValorem or Autorretencion.
    """

    id: int
    name: str | None = field(default=None)
    type: str | None = field(default=None)
    percentage: Decimal | None = field(default=None)
    active: bool | None = field(default=None)


@record
class PriceList(SiigoRecord):
    """Price list; `position` is 1 to 12 (Siigo, "Catálogos/Listas de Precio")."""

    id: int
    name: str | None = field(default=None)
    active: bool | None = field(default=None)
    position: int | None = field(default=None)


@record
class Warehouse(SiigoRecord):
    """Warehouse (Siigo, "Catálogos/Bodegas")."""

    id: int
    name: str | None = field(default=None)
    active: bool | None = field(default=None)
    has_movements: bool | None = field(default=None)


@record
class User(SiigoRecord):
    """User or seller (Siigo, "Catálogos/Usuarios")."""

    id: int
    username: str | None = field(default=None)
    first_name: str | None = field(default=None)
    last_name: str | None = field(default=None)
    email: str | None = field(default=None)
    active: bool | None = field(default=None)
    identification: str | None = field(default=None)


@record
class DocumentType(SiigoRecord):
    """
    Type of document, of any of the kinds FV, FC, NC, RC, CC, RP and C (Siigo, "Catálogos/Tipos de Comprobante").

    Each kind has some of the fields. `cost_center` and the like say whether its documents have such a thing;
    `cost_center_default` is an id. `discount_type` is Percentage or Value; `electronic_type` is NoElectronic,
    Electronicvoice, ContingencyInvoice or ExportInvoice. `prefix`, `official_book` and the global discounts and
    charges are of the newer site and the SDK.
    """

    id: int
    code: str | None = field(default=None)
    name: str | None = field(default=None)
    description: str | None = field(default=None)
    type: str | None = field(default=None)
    active: bool | None = field(default=None)
    prefix: str | None = field(default=None)
    seller_by_item: bool | None = field(default=None)
    customer_by_item: bool | None = field(default=None)
    cost_center: bool | None = field(default=None)
    cost_center_mandatory: bool | None = field(default=None)
    cost_center_default: int | None = field(default=None)
    automatic_number: bool | None = field(default=None)
    consecutive: int | None = field(default=None)
    discount_type: str | None = field(default=None)
    decimals: bool | None = field(default=None)
    advance_payment: bool | None = field(default=None)
    consumption_tax: bool | None = field(default=None)
    reteiva: bool | None = field(default=None)
    reteica: bool | None = field(default=None)
    self_withholding: bool | None = field(default=None)
    self_withholding_limit: Decimal | None = field(default=None)
    electronic_type: str | None = field(default=None)
    document_support: bool | None = field(default=None)
    cargo_transportation: bool | None = field(default=None)
    healthcare_company: bool | None = field(default=None)
    official_book: str | None = field(default=None)
    global_discounts: list[GlobalDiscount] | None = field(default=None)
    global_charges: list[GlobalCharge] | None = field(default=None)


@record
class PaymentType(SiigoRecord):
    """
    Form of payment (Siigo, "Catálogos/Formas de Pago").

    `type` is Cartera (invoices, vouchers), Proveedor (purchases, payment receipts) or CarteraProveedor; `due_date`
    says whether it has due dates.
    """

    id: int
    name: str | None = field(default=None)
    type: str | None = field(default=None)
    active: bool | None = field(default=None)
    due_date: bool | None = field(default=None)


@record
class CostCenter(SiigoRecord):
    """Cost centre (Siigo, "Catálogos/Centros de Costo")."""

    id: int
    code: str | None = field(default=None)
    name: str | None = field(default=None)
    active: bool | None = field(default=None)


@record
class FixedAsset(SiigoRecord):
    """Fixed asset; `group` is its group's name (Siigo, "Catálogos/Activos Fijos")."""

    id: int
    name: str | None = field(default=None)
    group: str | None = field(default=None)
    active: bool | None = field(default=None)


@record
class AssetGroup(SiigoRecord):
    """Group of fixed assets (Siigo's JavaScript SDK, `/v1/asset-groups`)."""

    id: int
    name: str | None = field(default=None)
    active: bool | None = field(default=None)


@record
class Expense(SiigoRecord):
    """Expense that a voucher's discount may be (Siigo, the newer site, `/v1/expenses`)."""

    id: int
    name: str | None = field(default=None)


@record
class MiscIncome(SiigoRecord):
    """Income that a voucher of type MiscIncome may be (Siigo, the newer site, `/v1/misc-incomes`)."""

    id: int
    name: str | None = field(default=None)


@record
class AvailableDocument(SiigoRecord):
    """How many documents the company bought, used and has left (Siigo's JavaScript SDK, `/v1/available-documents`)."""

    type: str | None = field(default=None)
    total_purchased: Decimal | None = field(default=None)
    used: Decimal | None = field(default=None)
    available: Decimal | None = field(default=None)
