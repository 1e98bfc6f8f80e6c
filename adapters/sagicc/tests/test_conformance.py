"""Sagicc's adapter keeps the laws of the house; the suite says what each of them is."""

from __future__ import annotations

import pytest

from sagicc_async import CredentialsRejected, NotFound, RateLimited, ServerError, ValidationFailed
from sagicc_async.testing.conformance import Conformance, Samples, Write
from sagicc_async_sagicc import Sagicc
from sagicc_async_sagicc.readers import instance_at
from sagicc_async_sagicc.sandbox import SagiccSandbox

NEW = {"nro_documento": "900123", "primer_nombre": "Ana"}
#: What a stock Laravel with Passport answers; Sagicc documents none.
ERRORS = [
    (401, '{"message": "Unauthenticated."}', CredentialsRejected),
    (401, '{"error": "invalid_client", "message": "Client authentication failed"}', CredentialsRejected),
    (400, '{"error": "invalid_grant", "message": "The user credentials were incorrect."}', CredentialsRejected),
    (404, '{"message": "No query results for model [App\\\\Caso] 999"}', NotFound),
    (
        422,
        '{"message": "The given data was invalid.", "errors": {"nombre": ["The nombre field is required."]}}',
        ValidationFailed,
    ),
    (429, '{"message": "Too Many Attempts."}', RateLimited),
    (500, '{"message": "Server Error"}', ServerError),
]


@pytest.fixture(autouse=True)
def nothing_is_known_of_an_instance():
    """A port may come again, and what was learned of the instance before with it."""
    instance_at.cache_clear()


class TestSagicc(Conformance):
    adapter = Sagicc
    sandbox = SagiccSandbox
    samples = Samples(
        list="caso",
        writes=[
            Write("cliente", "create", NEW, unique=["nro_documento"]),
            Write("caso", "create", {"asunto": "UNO"}),
            Write("caso", "update", 3, {"asunto": "DOS"}),
            Write("caso", "delete", 3),
            Write("caso", "update_many", [{"id": 3, "asunto": "TRES"}]),
        ],
        errors=ERRORS,
        limited={"throttle": "retry_after", "throttle_limit": 10},
        no_lookup={
            "caso.create": "no column of a case is known to be unique",
            "caso.update_many": "several records at once have no way to be looked up",
        },
    )
