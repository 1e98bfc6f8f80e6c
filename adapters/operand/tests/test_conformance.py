"""Operand's adapter, with the sandbox's sample, keeps the laws of the house; the suite says what each of them is."""

from __future__ import annotations

from sagicc_async import CredentialsRejected, NotFound, PermissionDenied, ServerError, ValidationFailed
from sagicc_async.testing.conformance import Conformance, Samples, Write
from sagicc_async_operand import Operand
from sagicc_async_operand.sandbox import OperandSandbox

_SILENT = "Operand documents no writes, and a resource file has no way to say how to look one up"


class TestOperand(Conformance):
    adapter = Operand
    sandbox = OperandSandbox
    samples = Samples(
        list="things",
        settings={"allow_write": True, "rate": 20.0},
        writes=[
            Write("things", "create", {"title": "NEW"}),
            Write("things", "update", 3, {"title": "OTHER"}),
            Write("things", "delete", 4),
        ],
        errors=[
            (400, '{"message": "no"}', ValidationFailed),
            (401, "", CredentialsRejected),
            (403, "", PermissionDenied),
            (404, "", NotFound),
            (500, "", ServerError),
        ],
        no_lookup={f"things.{operation}": _SILENT for operation in ("create", "update", "delete")},
    )
