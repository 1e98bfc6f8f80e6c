"""Products and the account groups that they belong to."""

from __future__ import annotations

from decimal import Decimal

from sagicc_async import field, record

from .base import SiigoRecord
from .common import AppliedTax, CatalogueRef, Metadata


@record
class AccountGroup(SiigoRecord):
    """Account group, which classifies products (Siigo, "Categorías de Inventario/Consultar Grupos de Inventario")."""

    id: int
    name: str | None = field(default=None)
    active: bool | None = field(default=None)


@record
class AccountGroupIn(SiigoRecord):
    """
    Account group (Siigo, "Categorías de Inventario/Crear Grupos de Inventario").

    Required: `code` (unique, up to 10 letters and digits), `name` (up to 50 characters).
    """

    code: str | None = field(default=None)
    name: str | None = field(default=None)


@record
class ProductTaxIn(SiigoRecord):
    """
    A product's tax (Siigo, "Productos/Crear Producto").

    Required: `id`; for the tax on sugary drinks `milliliters` and `rate` as well: 18, 28, 35, 38, 55 or 65.
    """

    id: int | None = field(default=None)
    milliliters: Decimal | None = field(default=None)
    rate: Decimal | None = field(default=None)


@record
class ListPrice(SiigoRecord):
    """A product's price in one price list (Siigo, "Productos/Consultar Producto")."""

    position: int | None = field(default=None)
    name: str | None = field(default=None)
    value: Decimal | None = field(default=None)


@record
class Price(SiigoRecord):
    """A product's prices in one currency (Siigo, "Productos/Consultar Producto")."""

    currency_code: str | None = field(default=None)
    price_list: list[ListPrice] | None = field(default=None)


@record
class ListPriceIn(SiigoRecord):
    """A price (Siigo, "Productos/Crear Producto"). Required: `position` (1 to 12), `value`."""

    position: int | None = field(default=None)
    value: Decimal | None = field(default=None)


@record
class PriceIn(SiigoRecord):
    """Prices in one currency, 12 at most (Siigo, "Productos/Crear Producto"). Required: both."""

    currency_code: str | None = field(default=None)
    price_list: list[ListPriceIn] | None = field(default=None)


@record
class Unit(SiigoRecord):
    """The unit of measure; a request has its code alone (Siigo, "Productos/Consultar Producto"). `code` is text: 94."""

    code: str | None = field(default=None)
    name: str | None = field(default=None)


@record
class ProductFields(SiigoRecord):
    """Further fields of a product: bar code, brand, tariff heading, model (Siigo, "Productos/Crear Producto")."""

    barcode: str | None = field(default=None)
    brand: str | None = field(default=None)
    tariff: str | None = field(default=None)
    model: str | None = field(default=None)


@record
class ProductWarehouse(SiigoRecord):
    """How much of a product a warehouse holds (Siigo, "Productos/Consultar Producto")."""

    id: int | None = field(default=None)
    name: str | None = field(default=None)
    quantity: Decimal | None = field(default=None)


@record
class Component(SiigoRecord):
    """A product inside a Combo (Siigo, "Productos/Consultar Producto")."""

    id: str | None = field(default=None)
    code: str | None = field(default=None)
    name: str | None = field(default=None)
    quantity: Decimal | None = field(default=None)


@record
class ComponentIn(SiigoRecord):
    """A product inside a Combo (Siigo, "Productos/Crear Producto"). Required: both."""

    code: str | None = field(default=None)
    quantity: Decimal | None = field(default=None)


@record
class Product(SiigoRecord):
    """
    Product or service (Siigo, "Productos/Consultar Producto").

    `type` is Product, Service, ConsumerGood or Combo, which alone has `components`; `tax_classification` is Taxed,
    Exempt or Excluded. `available_quantity` is the sum of the warehouses.
    """

    id: str
    code: str | None = field(default=None)
    name: str | None = field(default=None)
    account_group: CatalogueRef | None = field(default=None)
    type: str | None = field(default=None)
    stock_control: bool | None = field(default=None)
    active: bool | None = field(default=None)
    tax_classification: str | None = field(default=None)
    tax_included: bool | None = field(default=None)
    tax_consumption_value: Decimal | None = field(default=None)
    taxes: list[AppliedTax] | None = field(default=None)
    prices: list[Price] | None = field(default=None)
    unit: Unit | None = field(default=None)
    unit_label: str | None = field(default=None)
    reference: str | None = field(default=None)
    description: str | None = field(default=None)
    additional_fields: ProductFields | None = field(default=None)
    available_quantity: Decimal | None = field(default=None)
    warehouses: list[ProductWarehouse] | None = field(default=None)
    components: list[Component] | None = field(default=None)
    metadata: Metadata | None = field(default=None)


@record
class ProductIn(SiigoRecord):
    """
    Product or service (Siigo, "Productos/Crear Producto").

    Required: `code` (unique, up to 30 characters without blanks), `name` (up to 100), `account_group`. Without them
    `type` is Product, `tax_classification` Taxed, `unit` 94, `active` true and the other flags false.
    """

    code: str | None = field(default=None)
    name: str | None = field(default=None)
    account_group: int | None = field(default=None)
    type: str | None = field(default=None)
    stock_control: bool | None = field(default=None)
    active: bool | None = field(default=None)
    tax_classification: str | None = field(default=None)
    tax_included: bool | None = field(default=None)
    tax_consumption_value: Decimal | None = field(default=None)
    taxes: list[ProductTaxIn] | None = field(default=None)
    prices: list[PriceIn] | None = field(default=None)
    unit: str | None = field(default=None)
    unit_label: str | None = field(default=None)
    reference: str | None = field(default=None)
    description: str | None = field(default=None)
    additional_fields: ProductFields | None = field(default=None)
    components: list[ComponentIn] | None = field(default=None)
