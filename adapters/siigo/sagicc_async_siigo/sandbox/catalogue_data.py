"""The catalogues of the invented company: the same for every seed, so that a test can name their ids."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import Any, Final

from sagicc_async.sandbox import Store, invent

Row = dict[str, Any]

#: More than fit on a page of 25.
_USERS: Final = 30

ACCOUNT_GROUPS: Final[list[Row]] = [
    {"id": 4101, "name": "Mercancías", "active": True, "code": "MER"},
    {"id": 4102, "name": "Servicios", "active": True, "code": "SER"},
    {"id": 4103, "name": "Insumos", "active": True, "code": "INS"},
    {"id": 4104, "name": "Descontinuados", "active": False, "code": "DES"},
]


def _tax(identifier: int, name: str, kind: str, percentage: str, **more: Any) -> Row:
    known = {"id": identifier, "name": name, "type": kind, "percentage": Decimal(percentage), "active": True}
    return {**known, **more}


TAXES: Final[list[Row]] = [
    _tax(7101, "IVA 19%", "IVA", "19.00"),
    _tax(7102, "IVA 5%", "IVA", "5.00"),
    _tax(7103, "Impoconsumo 8%", "Impoconsumo", "8.00"),
    _tax(7104, "Ad valorem 20%", "AdValorem", "20.00"),
    _tax(7105, "Retefuente 2.5%", "Retefuente", "2.50"),
    _tax(7106, "ReteIVA 15%", "ReteIVA", "15.00"),
    _tax(7107, "ReteICA 0.966%", "ReteICA", "0.966"),
    _tax(7108, "Autorretención 0.55%", "Autorretencion", "0.55"),
    _tax(7109, "IVA 16%", "IVA", "16.00", active=False),
    # Of which type the tax on sugary drinks is, and how it is known from others, is not documented: here by a mark.
    _tax(7110, "Bebidas azucaradas", "Impoconsumo", "0.00", sugary=1),
]

PRICE_LISTS: Final[list[Row]] = [
    {"id": 7200 + position, "name": f"Precio de venta {position}", "active": position < 12, "position": position}
    for position in range(1, 13)
]

WAREHOUSES: Final[list[Row]] = [
    {"id": 7301, "name": "Bodega principal", "active": True, "has_movements": True},
    {"id": 7302, "name": "Bodega norte", "active": True, "has_movements": True},
    {"id": 7303, "name": "Bodega de averías", "active": False, "has_movements": False},
]

COST_CENTERS: Final[list[Row]] = [
    {"id": 7401, "code": "1-1", "name": "Administración", "active": True},
    {"id": 7402, "code": "1-2", "name": "Ventas", "active": True},
    {"id": 7403, "code": "2-1", "name": "Planta antigua", "active": False},
]

FIXED_ASSETS: Final[list[Row]] = [
    {"id": 7501, "name": "Computador de la recepción", "group": "Equipo de computación", "active": True},
    {"id": 7502, "name": "Camión de reparto", "group": "Flota y equipo de transporte", "active": True},
]

ASSET_GROUPS: Final[list[Row]] = [
    {"id": 7801, "name": "Equipo de computación", "active": True},
    {"id": 7802, "name": "Flota y equipo de transporte", "active": True},
]

#: Of what documents a company buys, and how many these have, nothing is documented but the fields.
AVAILABLE_DOCUMENTS: Final[list[Row]] = [
    {"type": "Electronicvoice", "total_purchased": 5000, "used": 1240, "available": 3760},
    {"type": "PurchaseSupport", "total_purchased": 500, "used": 12, "available": 488},
]

EXPENSES: Final[list[Row]] = [{"id": 7601, "name": "Gastos bancarios"}, {"id": 7602, "name": "Descuentos concedidos"}]

MISC_INCOMES: Final[list[Row]] = [
    {"id": 7701, "name": "Aprovechamientos"},
    {"id": 7702, "name": "Rendimientos financieros"},
]


def _document_type(identifier: int, kind: str, code: str, name: str, **more: Any) -> Row:
    return {
        "id": identifier,
        "code": code,
        "name": name,
        "description": name,
        "type": kind,
        "active": True,
        "cost_center": False,
        "cost_center_mandatory": False,
        "automatic_number": True,
        "consecutive": 1,
        **more,
    }


def _invoice_type(identifier: int, code: str, name: str, **more: Any) -> Row:
    sale = {
        "seller_by_item": False,
        "discount_type": "Percentage",
        "decimals": True,
        "advance_payment": False,
        "reteiva": True,
        "reteica": True,
        "self_withholding": False,
        "self_withholding_limit": 0,
        "electronic_type": "NoElectronic",
        "cargo_transportation": False,
        "healthcare_company": False,
        "customer_by_item": False,
    }
    return _document_type(identifier, "FV", code, name, **{**sale, **more})


_DISCOUNTS: Final[list[Row]] = [
    {"id": 8101, "name": "Descuento comercial"},
    {"id": 8102, "name": "Descuento por volumen"},
]

DOCUMENT_TYPES: Final[list[Row]] = [
    _invoice_type(
        5101, "1", "Factura de venta", advance_payment=True, self_withholding=True, global_discounts=_DISCOUNTS
    ),
    _invoice_type(5102, "2", "Factura electrónica", electronic_type="Electronicvoice", discount_type="Value"),
    _invoice_type(5103, "3", "Factura de talonario", automatic_number=False),
    _invoice_type(5104, "4", "Factura sin decimales", decimals=False),
    _invoice_type(
        5105,
        "5",
        "Factura por vendedores",
        seller_by_item=True,
        customer_by_item=True,
        cost_center=True,
        cost_center_mandatory=True,
        cost_center_default=7402,
    ),
    _invoice_type(5106, "6", "Factura de transporte", cargo_transportation=True),
    _invoice_type(5107, "7", "Factura de salud", healthcare_company=True),
    _invoice_type(5108, "8", "Factura antigua", active=False),
    _document_type(5201, "NC", "1", "Nota crédito", customer_by_item=True),
    _document_type(5202, "NC", "2", "Nota crédito de talonario", automatic_number=False),
    _document_type(
        5301,
        "FC",
        "1",
        "Factura de compra",
        decimals=True,
        consumption_tax=True,
        reteiva=True,
        reteica=True,
        document_support=False,
    ),
    _document_type(
        5302,
        "FC",
        "2",
        "Compra de talonario",
        automatic_number=False,
        decimals=True,
        consumption_tax=False,
        reteiva=True,
        reteica=True,
        document_support=False,
    ),
    _document_type(5401, "RC", "1", "Recibo de caja", cost_center_default=7401),
    _document_type(5402, "RC", "2", "Recibo de talonario", automatic_number=False),
    _document_type(5501, "RP", "1", "Recibo de pago", cost_center_default=7401),
    _document_type(5502, "RP", "2", "Egreso de talonario", automatic_number=False),
    _document_type(5601, "CC", "1", "Comprobante contable", cost_center=True, cost_center_default=7401),
    _document_type(5602, "CC", "A1", "Ajustes de talonario", automatic_number=False),
    _document_type(5701, "C", "1", "Cotización", discount_type="Percentage", decimals=True),
    _document_type(
        5702, "C", "2", "Cotización de talonario", automatic_number=False, discount_type="Value", decimals=True
    ),
    _document_type(5801, "DS", "1", "Documento soporte", document_support=True),
]


def _payment_type(identifier: int, name: str, kind: str, documents: str, **more: Any) -> Row:
    known = {"id": identifier, "name": name, "type": kind, "active": True, "due_date": False, **more}
    return {**known, "documents": documents}


#: `documents` are the document types that each is for.
PAYMENT_TYPES: Final[list[Row]] = [
    _payment_type(6101, "Efectivo", "Cartera", "fv nc rc"),
    _payment_type(6102, "Crédito", "Cartera", "fv nc", due_date=True),
    _payment_type(6103, "Transferencia", "CarteraProveedor", "fv nc rc fc"),
    _payment_type(6104, "Crédito de proveedores", "Proveedor", "fc", due_date=True),
    _payment_type(6105, "Cheque posfechado", "Cartera", "fv nc rc", active=False),
]

_ROWS: Final[Mapping[str, list[Row]]] = {
    "account_groups": ACCOUNT_GROUPS,
    "taxes": TAXES,
    "price_lists": PRICE_LISTS,
    "warehouses": WAREHOUSES,
    "cost_centers": COST_CENTERS,
    "fixed_assets": FIXED_ASSETS,
    "asset_groups": ASSET_GROUPS,
    "available_documents": AVAILABLE_DOCUMENTS,
    "expenses": EXPENSES,
    "misc_incomes": MISC_INCOMES,
    "document_types": DOCUMENT_TYPES,
    "payment_types": PAYMENT_TYPES,
}


def populate(store: Store, random: Random) -> None:
    """Fill the catalogues, and invent the users."""
    for table, rows in _ROWS.items():
        store.fill(table, rows)
    store.fill("users", (_user(random, number) for number in range(1, _USERS + 1)))


def _user(random: Random, number: int) -> Row:
    first, last = invent.person_name(random).split(" ", 1)
    address = f"usuario{number}@acme.example"
    return {
        "id": 3100 + number,
        "username": address,
        "first_name": first,
        "last_name": last,
        "email": address,
        "active": number != _USERS,
        "identification": str(random.randint(10_000_000, 99_999_999)),
    }
