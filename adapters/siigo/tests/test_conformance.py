"""Siigo's adapter keeps the laws of the house; the suite says what each of them is."""

from __future__ import annotations

import json

from sagicc_async import (
    Conflict,
    CredentialsRejected,
    NotFound,
    PermissionDenied,
    RateLimited,
    ServerError,
    ValidationFailed,
)
from sagicc_async.testing.conformance import Conformance, Samples, Write
from sagicc_async_siigo import Siigo
from sagicc_async_siigo.sandbox import SiigoSandbox

BUYER, CODE = "900123456", "CAFE"
PRODUCT = {"code": "RUANA-1", "name": "Ruana azul", "account_group": 4101, "reference": "R-1"}
INVOICE = {
    "document": {"id": 5101},
    "date": "2026-01-31",
    "customer": {"identification": BUYER},
    "seller": 3101,
    "observations": "pedido 991",
    "items": [{"code": CODE, "quantity": 2, "price": 1000, "taxes": [{"id": 7101}]}],
    "payments": [{"id": 6101, "value": 2380}],
}


def refused(status, code, message, *params):
    """An error as Siigo's page prints them."""
    return json.dumps(
        {"Status": status, "Errors": [{"Code": code, "Message": message, "Params": [*params], "Detail": ""}]}
    )


#: Codes of Siigo's list.
ERRORS = [
    (400, refused(400, "parameter_required", "The code is required", "code"), ValidationFailed),
    (400, refused(400, "already_exists", "The code already exists", "code"), Conflict),
    (409, refused(409, "duplicated_document", "The document was created before"), Conflict),
    (401, refused(401, "unauthorized", "Invalid access token"), CredentialsRejected),
    (403, refused(403, "disabled_functionality", "The function is disabled"), PermissionDenied),
    (404, refused(404, "not_found", "The product was not found", "id"), NotFound),
    (429, refused(429, "requests_limit", "Too many requests. Try again in 17 seconds."), RateLimited),
    (503, refused(503, "service_unavailable", "The service is not available"), ServerError),
]


def product_id(vendor):
    return vendor.rows("products")[0]["id"]


class TestSiigo(Conformance):
    adapter = Siigo
    sandbox = SiigoSandbox
    samples = Samples(
        list="products",
        writes=[
            Write("products", "create", PRODUCT),
            Write("products", "update", product_id, PRODUCT),
            Write("products", "edit", product_id, name="Ruana roja"),
            Write("products", "delete", product_id),
            Write("invoices", "create", INVOICE),
        ],
        rows={
            "products": [{"code": CODE, "name": "Café molido", "stock_control": True}],
            "customers": [{"identification": BUYER, "name": ["Acme S.A.S."]}],
        },
        errors=ERRORS,
        arguments={"document_types": {"type": "FV"}, "payment_types": {"document_type": "FV"}},
        limited={"test_company": True},
    )
