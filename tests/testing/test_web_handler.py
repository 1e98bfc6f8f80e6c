"""A user's test of a web handler is ten lines: the handler runs on its own loop, in a blocking test client."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from sagicc_async import SessionManager
from sagicc_async_serpi import SerpiCredentials


@pytest.fixture
def app():
    """What the user wrote: one manager for the application, and a handler."""
    opened = {}

    @asynccontextmanager
    async def lifespan(_):
        async with SessionManager() as sessions:
            address = os.environ.get("SERPI_BASE_URL")
            opened["serpi"] = sessions.open("serpi", SerpiCredentials.from_env(), base_url=address)
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/centros")
    async def centros() -> list[str]:
        return [centro.descripcion async for centro in opened["serpi"].centro_costo.list()]

    return app


def test_the_handler_lists_what_the_vendor_has(sandbox, app):
    serpi = sandbox("serpi", records=2, seed=7)
    serpi.add("centro_costo", {"codigo": "VT01", "descripcion": "VENTAS"})

    with TestClient(app) as client:
        names = client.get("/centros").json()

    assert names[2:] == ["VENTAS"]
    assert [request.path for request in serpi.requests] == ["/api/v1/CentroCosto"] * 2
    assert serpi.stats.overlaps == 0


def test_the_handler_meets_a_vendor_that_does_not_answer_as_it_should(sandbox, app):
    sandbox("serpi", faults=[{"kind": "status", "status": 403}])

    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/centros").status_code == 500


async def test_an_async_client_on_the_tests_own_loop_is_answered_too(sandbox, app):
    sandbox("serpi", records=2)

    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=httpx2.ASGITransport(app)) as client:
        answer = await client.get("http://app.example/centros")

    assert len(answer.json()) == 2
