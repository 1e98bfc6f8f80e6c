"""SERPI's adapter keeps the laws of the house; the suite says what each of them is."""

from __future__ import annotations

import json

from sagicc_async import Conflict, CredentialsRejected, NotFound, PermissionDenied, ServerError, ValidationFailed
from sagicc_async.testing.conformance import Conformance, Samples, Write
from sagicc_async_serpi import Serpi
from sagicc_async_serpi.sandbox import SerpiSandbox

NEW = {"codigo": "Z1", "abreviatura": "Z1", "descripcion": "UNO"}
REFUSED = "Problemas de validaciones. Se presentaron errores al crear el registro"


def refused(error):
    return json.dumps({"success": False, "code": 400, "errors": [error], "message": REFUSED})


#: The bodies that SERPI's wiki prints, with the status of their code, and its table of statuses.
ERRORS = [
    (400, refused("El campo abreviatura es obligatorio"), ValidationFailed),
    (400, refused("El codigo 01 ya existe"), Conflict),
    (200, '{"success": false, "code": 204, "errors": null, "message": "No se encontraron registros"}', NotFound),
    (401, "", CredentialsRejected),
    (403, "", PermissionDenied),
    (404, "", NotFound),
    (500, "", ServerError),
]


class TestSerpi(Conformance):
    adapter = Serpi
    sandbox = SerpiSandbox
    samples = Samples(
        list="articulo",
        writes=[Write("centro_costo", "create", NEW), Write("centro_costo", "update", {"id": 3, **NEW})],
        errors=ERRORS,
    )
