"""Every action of the vendor's own list is an operation of the adapter, and every operation has its source."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from sagicc_async import SagiccAsyncError
from sagicc_async_siigo import Siigo

ID = "0b1d8c1e-52a4-4d0b-9d57-3f7d9be2a1c4"
ACTIONS = {
    f"{action['resource']}/{action['action']}": action
    for action in json.loads((Path(__file__).parent / "vendor/actions.json").read_text(encoding="utf-8"))
}


def reads(name, **filters):
    return name, "list", lambda siigo: siigo[name].list(**filters).collect()


def gets(name, operation="get"):
    return name, operation, lambda siigo: getattr(siigo[name], operation)(ID)


def creates(name, body=None):
    return name, "create", lambda siigo: siigo[name].create(body or {}, check=False)


def updates(name, id=ID):  # noqa: A002 - the vendor's word
    return name, "update", lambda siigo: siigo[name].update(id, {}, check=False)


def deletes(name):
    return name, "delete", lambda siigo: siigo[name].delete(ID)


def kinds(letters):
    return reads("document_types", type=letters)


async def log_in(siigo):
    with contextlib.suppress(SagiccAsyncError):
        await siigo.account.company_id()


MAIL = {"mail_to": "ana@acme.example"}
BATCH = {"notification_url": "https://acme.example/siigo", "check": False}

#: Action -> resource, operation, and how it is called.
OPERATIONS = {
    "Autenticación/Generar Token": ("", "login", log_in),
    "Productos/Crear Producto": creates("products"),
    "Productos/Consultar Producto": gets("products"),
    "Productos/Listar Productos": reads("products"),
    "Productos/Actualizar Producto": updates("products"),
    "Productos/Borrar Producto": deletes("products"),
    "Categorías de Inventario/Consultar Grupos de Inventario": reads("account_groups"),
    "Categorías de Inventario/Crear Grupos de Inventario": creates("account_groups"),
    "Categorías de Inventario/Editar Grupos de Inventario": updates("account_groups"),
    "Clientes/Crear Cliente": creates("customers"),
    "Clientes/Consultar Cliente": gets("customers"),
    "Clientes/Listar Clientes": reads("customers"),
    "Clientes/Actualizar Cliente": updates("customers"),
    "Facturas de Venta/Crear Factura": creates("invoices"),
    "Facturas de Venta/Edición de Facturas de venta": updates("invoices"),
    "Facturas de Venta/Crear lote de Facturas de venta": (
        "invoices",
        "create_batch",
        lambda siigo: siigo.invoices.create_batch({"a": {}}, **BATCH),
    ),
    "Facturas de Venta/Consultar Tipos de Facturas de venta": kinds("FV"),
    "Facturas de Venta/Consultar Factura": gets("invoices"),
    "Facturas de Venta/Borrar Factura": deletes("invoices"),
    "Facturas de Venta/Anular Factura": gets("invoices", "annul"),
    "Facturas de Venta/Listar Facturas": reads("invoices"),
    "Facturas de Venta/Envío de facturas por mail": ("invoices", "mail", lambda siigo: siigo.invoices.mail(ID, **MAIL)),
    "Facturas de Venta/Consulta de errores en facturas rechazadas por la DIAN": gets("invoices", "stamp_errors"),
    "Facturas de Venta/PDF de Factura de Venta": gets("invoices", "pdf"),
    "Facturas de Venta/XML Factura de Venta": gets("invoices", "xml"),
    "Cotizaciones/Crear Cotización": creates("quotations"),
    "Cotizaciones/Editar Cotización": updates("quotations"),
    "Cotizaciones/Consultar Tipos de Cotización": kinds("C"),
    "Cotizaciones/Consultar Cotización": gets("quotations"),
    "Cotizaciones/Listar Cotizaciones": reads("quotations"),
    "Cotizaciones/Borrar Cotización": deletes("quotations"),
    "Notas Crédito/Crear Nota Crédito": creates("credit_notes"),
    "Notas Crédito/Consultar Tipos de notas crédito": kinds("NC"),
    "Notas Crédito/Consultar Nota Crédito": gets("credit_notes"),
    "Notas Crédito/Listar Notas Crédito": reads("credit_notes"),
    "Notas Crédito/PDF Notas Crédito": gets("credit_notes", "pdf"),
    "Factura de compra o gasto/Crear Factura de compra": creates("purchases"),
    "Factura de compra o gasto/Edición de Facturas de compra": updates("purchases"),
    "Factura de compra o gasto/Consultar Tipos de Facturas de compra": kinds("FC"),
    "Factura de compra o gasto/Consultar Facturas de compra": gets("purchases"),
    "Factura de compra o gasto/Borrar Factura de compra": deletes("purchases"),
    "Recibos de Caja/Crear Recibo de caja": creates("vouchers", {"type": "DebtPayment"}),
    "Recibos de Caja/Crear Recibo de caja - Avanzado": creates("vouchers", {"type": "Detailed"}),
    "Recibos de Caja/Consultar Tipos de recibos de caja": kinds("RC"),
    "Recibos de Caja/Consultar Recibo de caja": gets("vouchers"),
    "Recibos de Caja/Listar Recibos de Caja": reads("vouchers"),
    "Recibos de pago o egreso/Crear Recibo de pago o egreso": creates("payment_receipts", {"type": "DebtPayment"}),
    "Recibos de pago o egreso/Crear Recibo de pago/egreso - Avanzado": creates(
        "payment_receipts", {"type": "Detailed"}
    ),
    "Recibos de pago o egreso/Consultar Tipos de recibos de pago/egreso": kinds("RP"),
    "Recibos de pago o egreso/Consultar Recibo de pago/egreso": gets("payment_receipts"),
    "Recibos de pago o egreso/Listar Recibos de pago/egreso": reads("payment_receipts"),
    "Recibos de pago o egreso/Borrar recibo de pago/egreso": deletes("payment_receipts"),
    "Comprobantes Contables/Crear Comprobante Contable": creates("journals"),
    "Comprobantes Contables/Consultar Tipos de comprobantes contables": kinds("CC"),
    "Comprobantes Contables/Listar Comprobantes Contables": reads("journals"),
    "Reportes/Generar Balance de prueba general": (
        "reports",
        "test_balance",
        lambda siigo: siigo.reports.test_balance({}, check=False),
    ),
    "Reportes/Generar balance de prueba por tercero": (
        "reports",
        "test_balance_by_thirdparty",
        lambda siigo: siigo.reports.test_balance_by_thirdparty({}, check=False),
    ),
    "Reportes/Generar reporte de cuentas por pagar": reads("accounts_payable"),
    "Catálogos/Impuestos": reads("taxes"),
    "Catálogos/Listas de Precio": reads("price_lists"),
    "Catálogos/Bodegas": reads("warehouses"),
    "Catálogos/Usuarios": reads("users"),
    "Catálogos/Tipos de Comprobante": kinds("FV"),
    "Catálogos/Formas de Pago": reads("payment_types"),
    "Catálogos/Centros de Costo": reads("cost_centers"),
    "Catálogos/Activos Fijos": reads("fixed_assets"),
    "Webhooks/Suscribirse a un webhook": creates("webhooks"),
    "Webhooks/Editar un webhook": ("webhooks", "update", lambda siigo: siigo.webhooks.update({}, check=False)),
    "Webhooks/Consultar un webhook": reads("webhooks"),
    "Webhooks/Borrar una suscripción de Webhooks": deletes("webhooks"),
}

#: What the list lacks, and other sources of the vendor's have.
BESIDES = {
    ("GET", "/v1/purchases"): reads("purchases"),
    ("PUT", "/v1/payment-receipts/{id}"): updates("payment_receipts"),
    ("GET", "/v1/journals/{id}"): gets("journals"),
    ("DELETE", "/v1/customers/{id}"): deletes("customers"),
    ("GET", "/v1/expenses"): reads("expenses"),
    ("GET", "/v1/misc-incomes"): reads("misc_incomes"),
    # In the vendor's JavaScript SDK alone.
    ("GET", "/v1/asset-groups"): reads("asset_groups"),
    ("GET", "/v1/available-documents"): reads("available_documents"),
}


async def sent_by(here, call):
    """What a call sent, and what the vendor complained of."""
    await here.siigo.account.company_id()  # the login
    before, said = len(here.vendor.requests), []
    try:
        await call(here.siigo)
    except SagiccAsyncError as error:
        said = [complaint.message for complaint in getattr(error, "errors", [])]
    return here.vendor.requests[before:], said


def path_of(entry):
    return entry.path.replace(ID, "{id}")


def test_the_vendors_list_has_seventy_actions_and_each_of_them_an_operation():
    assert len(ACTIONS) == 70
    assert list(OPERATIONS) == list(ACTIONS)


@pytest.mark.parametrize(
    "action", [name for name in OPERATIONS if name in ACTIONS and ACTIONS[name]["path"] != "/auth"]
)
async def test_an_action_is_asked_for_by_its_method_and_path(local, action):
    name, operation, call = OPERATIONS[action]
    documented = ACTIONS[action]
    async with local() as here:
        (entry,), said = await sent_by(here, call)

        assert operation in here.siigo[name].capabilities.operations
        assert (entry.method, path_of(entry)) == (documented["method"], documented["path"])
        asked = dict(parse_qsl(urlsplit(documented["path_doc"]).query))
        assert {key: entry.query.get(key) for key in asked} == asked
        assert not any(message.startswith("The resource") for message in said)  # the sandbox's word for no such route
        told = {header.lower(): value for header, value in entry.headers.items()}
        assert {"partner-id", "authorization"} <= set(told)
        assert told.get("content-type", "").startswith("application/json" if entry.body else "")
        assert "octet-stream" not in told.get("content-type", "")


async def test_the_login_is_asked_for_by_its_method_and_path(local):
    async with local() as here:
        await log_in(here.siigo)
        assert [(entry.method, entry.path) for entry in here.vendor.requests] == [("POST", "/auth")]


@pytest.mark.parametrize(("method", "path"), BESIDES)
async def test_what_the_list_lacks_is_asked_for_where_other_sources_say(local, method, path):
    name, operation, call = BESIDES[method, path]
    async with local() as here:
        (entry,), said = await sent_by(here, call)
        assert (entry.method, path_of(entry)) == (method, path)
        assert operation in here.siigo[name].capabilities.operations
        assert not any(message.startswith("The resource") for message in said)


def test_no_operation_is_without_a_source():
    known = {(name, operation) for name, operation, _ in [*OPERATIONS.values(), *BESIDES.values()]}
    offered = {(name, operation) for name, kind in Siigo.resource_classes().items() for operation in kind.operations}
    # A change of some fields is a read and a replacement.
    edits = {(name, "edit") for name, operation in offered if operation == "edit"}
    assert all({(name, "get"), (name, "update")} <= offered for name, _ in edits)
    # Reports are made, not listed; a login is the account's own.
    assert offered - edits == known - {("", "login")}


def test_no_two_operations_ask_for_the_same():
    twice = Counter((name, operation) for name, operation, _ in OPERATIONS.values())
    assert {name for name, count in twice.items() if count > 1} == {
        ("document_types", "list"),  # a list for each kind of document
        ("vouchers", "create"),  # two shapes of a request on one path
        ("payment_receipts", "create"),
    }


@pytest.mark.parametrize("action", [name for name, action in ACTIONS.items() if action["query"]])
def test_every_documented_filter_is_a_keyword_of_its_list(action):
    name, operation, _ = OPERATIONS[action]
    assert operation == "list"
    filters = {parameter["name"] for parameter in ACTIONS[action]["query"]} - {"page", "page_size"}
    # One of the vendor's texts has `ids` in its address where its table says `id`.
    wanted = {"ids" if parameter == "id" else parameter for parameter in filters}
    assert wanted <= set(Siigo.resource_classes()[name](None).capabilities.filters)


@pytest.mark.parametrize("given", ["a/b", "a?b=c", "ñ#", "../auth", "%2e%2e"])
async def test_an_id_stays_one_part_of_the_path(local, given):
    async with local() as here:
        (entry,), _ = await sent_by(here, lambda siigo: siigo.products.get(given))
        assert (entry.path, entry.query) == (f"/v1/products/{given}", {})


@pytest.mark.parametrize("given", ["", "  "])
async def test_an_empty_id_is_not_the_list(local, given):
    async with local() as here:
        for call in (here.siigo.products.get, here.siigo.products.delete, here.siigo.invoices.annul):
            entries, _ = await sent_by(here, lambda _, call=call: call(given))
            assert entries == []
