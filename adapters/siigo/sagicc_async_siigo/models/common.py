"""
What records of several resources have inside them.

Some of these stand in requests and in answers (`Address`, `Currency`, `Due`): what only answers carry, such as a city's
name, is left out of a request.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any, Final

from sagicc_async import Timestamp, field, quirks, record

from .base import SiigoRecord


def _number_or_text(value: Any) -> Decimal | str | None:
    return value if isinstance(value, str) else quirks.decimal_or_blank.read(value)


#: For `Decimal | str | None`: a number that Siigo's examples also write as text. Either is kept as it came.
NUMBER_OR_TEXT: Final = quirks.Quirk(Any, _number_or_text, Decimal)


@record
class Metadata(SiigoRecord):
    """When a record was made and changed (Siigo, "Productos/Consultar Producto"). `stock_updated` is a product's."""

    created: Timestamp | None = field(default=None)
    last_updated: Timestamp | None = field(default=None)
    stock_updated: Timestamp | None = field(default=None)


@record
class DocumentRef(SiigoRecord):
    """
    The type of a document, by its id in `/v1/document-types` (Siigo, "Facturas de Venta/Crear Factura").

    Required: `id`.
    """

    id: int | None = field(default=None)
    number: int | None = field(default=None)


@record
class CatalogueRef(SiigoRecord):
    """An entry of a catalogue as answers show it: a warehouse, an account group (Siigo, "Catálogos")."""

    id: int | None = field(default=None)
    name: str | None = field(default=None)


@record
class ThirdParty(SiigoRecord):
    """
    A third party as documents show it (Siigo, "Facturas de Venta/Consultar Factura").

    `name` stands in reports alone. Examples write `branch_office` as a number or as text.
    """

    id: str | None = field(default=None)
    identification: str | None = field(default=None)
    branch_office: int | str | None = field(default=None)
    name: str | None = field(default=None)


@record
class ThirdPartyIn(SiigoRecord):
    """
    A third party that exists already (Siigo, "Recibos de Caja/Crear Recibo de caja").

    Required: `identification`. Without `branch_office` (0 to 999) it is branch 0.
    """

    identification: str | None = field(default=None)
    branch_office: int | str | None = field(default=None)


@record
class City(SiigoRecord):
    """
    A city (Siigo, "Clientes/Crear Cliente").

    Required: the three codes, which are text: `Co`, `05`, `05001`. The names stand in answers.
    """

    country_code: str | None = field(default=None)
    country_name: str | None = field(default=None)
    state_code: str | None = field(default=None)
    state_name: str | None = field(default=None)
    city_code: str | None = field(default=None)
    city_name: str | None = field(default=None)


@record
class Address(SiigoRecord):
    """
    Where a third party is (Siigo, "Clientes/Crear Cliente").

    Required: `address` (up to 256 characters), `city`. `postal_code` takes up to 10.
    """

    address: str | None = field(default=None)
    city: City | None = field(default=None)
    postal_code: str | None = field(default=None)


@record
class Phone(SiigoRecord):
    """A telephone: digits, up to 10 in each part (Siigo, "Clientes/Crear Cliente")."""

    indicative: str | None = field(default=None)
    number: str | None = field(default=None)
    extension: str | None = field(default=None)


@record
class Contact(SiigoRecord):
    """
    A person to talk to at a third party (Siigo, "Clientes/Crear Cliente").

    Required: `first_name`. Names take up to 50 characters, `email` up to 100.
    """

    first_name: str | None = field(default=None)
    last_name: str | None = field(default=None)
    email: str | None = field(default=None)
    phone: Phone | None = field(default=None)


@record
class Currency(SiigoRecord):
    """
    A foreign currency and its rate (Siigo, "Facturas de Venta/Crear Factura").

    Required: both. A document in Colombian pesos has no currency at all.
    """

    code: str | None = field(default=None)
    exchange_rate: Decimal | None = field(default=None)


@record
class Discount(SiigoRecord):
    """The discount of an item; a request has one number instead (Siigo, "Facturas de Venta/Consultar Factura")."""

    percentage: Decimal | None = field(default=None)
    value: Decimal | None = field(default=None)


@record
class TaxIn(SiigoRecord):
    """A tax or a retention, by its id in `/v1/taxes` (Siigo, "Facturas de Venta/Crear Factura"). Required: `id`."""

    id: int | None = field(default=None)


@record
class AppliedTax(SiigoRecord):
    """
    A tax or a retention as it was applied (Siigo, "Facturas de Venta/Consultar Factura").

    `type` is IVA, Retefuente, ReteIVA, ReteICA, Impoconsumo, AdValorem or Autorretencion. A product's have no `value`.
    """

    id: int | None = field(default=None)
    name: str | None = field(default=None)
    type: str | None = field(default=None)
    percentage: Decimal | None = field(default=None)
    value: Decimal | None = field(default=None)


@record
class GlobalDiscount(SiigoRecord):
    """
    A discount on the whole document (Siigo, "Facturas de Venta/Crear Factura").

    Required: `id`, and `percentage` (0.01 to 99.99) or `value`. `name` stands in answers.
    """

    id: int | None = field(default=None)
    name: str | None = field(default=None)
    percentage: Decimal | None = field(default=None)
    value: Decimal | None = field(default=None)


@record
class GlobalCharge(GlobalDiscount):
    """A charge on the whole document (Siigo's JavaScript SDK). Its members are not printed: a discount's are taken."""


@record
class DocumentItem(SiigoRecord):
    """An item of a document as it was stored, its taxes in `total` (Siigo, "Facturas de Venta/Consultar Factura")."""

    id: str | None = field(default=None)
    code: str | None = field(default=None)
    description: str | None = field(default=None)
    quantity: Decimal | None = field(default=None)
    price: Decimal | None = field(default=None)
    discount: Discount | None = field(default=None)
    taxes: list[AppliedTax] | None = field(default=None)
    total: Decimal | None = field(default=None)


@record
class DocumentItemIn(SiigoRecord):
    """
    An item of a document (Siigo, "Facturas de Venta/Crear Factura").

    Required: `code`, `quantity` (up to 2 decimals), `price` (up to 6). `discount` is a value or a percentage, as the
    document's type has it. An example writes `quantity` as text.
    """

    code: str | None = field(default=None)
    description: str | None = field(default=None)
    quantity: Decimal | str | None = field(default=None, read=NUMBER_OR_TEXT)
    price: Decimal | None = field(default=None)
    discount: Decimal | None = field(default=None)
    taxes: list[TaxIn] | None = field(default=None)


@record
class Payment(SiigoRecord):
    """A form of payment of a document (Siigo, "Facturas de Venta/Consultar Factura")."""

    id: int | None = field(default=None)
    name: str | None = field(default=None)
    value: Decimal | None = field(default=None)
    due_date: datetime.date | None = field(default=None, read=quirks.day)


@record
class PaymentIn(SiigoRecord):
    """
    A form of payment, by its id in `/v1/payment-types` (Siigo, "Facturas de Venta/Crear Factura").

    Required: `id` (which an example writes as text), `value`, and `due_date` where the form of payment has due dates.
    The payment of a receipt has none.
    """

    id: int | str | None = field(default=None)
    value: Decimal | None = field(default=None)
    due_date: datetime.date | None = field(default=None, read=quirks.day)


@record
class Due(SiigoRecord):
    """
    The instalment that is paid (Siigo, "Recibos de Caja/Crear Recibo de caja").

    Required: `prefix` (FV-1, FC-1), `consecutive`, `quote`, which is the number of the instalment.
    """

    prefix: str | None = field(default=None)
    consecutive: int | None = field(default=None)
    quote: int | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)


@record
class MovementAccount(SiigoRecord):
    """
    An account and its side: `movement` is Debit or Credit (Siigo, "Recibos de Caja/Crear Recibo de caja - Avanzado").

    Required: both.
    """

    code: str | None = field(default=None)
    movement: str | None = field(default=None)


@record
class MovementTax(SiigoRecord):
    """
    The tax of a movement (Siigo, "Comprobantes Contables/Crear Comprobante Contable").

    Required on accounts of taxes: in a journal all fields, in a receipt `id`.
    """

    id: int | None = field(default=None)
    name: str | None = field(default=None)
    type: str | None = field(default=None)
    percentage: Decimal | None = field(default=None)
    base_value: Decimal | None = field(default=None)


@record
class Movement(SiigoRecord):
    """
    A movement on an account (Siigo, "Recibos de Caja/Crear Recibo de caja - Avanzado").

    Required: `account`, `value`. The debits of a document are its credits.
    """

    account: MovementAccount | None = field(default=None)
    due: Due | None = field(default=None)
    tax: MovementTax | None = field(default=None)
    description: str | None = field(default=None)
    value: Decimal | None = field(default=None)


@record
class Deleted(SiigoRecord):
    """The answer to a deletion (Siigo, "Productos/Borrar Producto")."""

    id: str
    deleted: bool | None = field(default=None)
