"""Who may ask SERPI's emulator what, under which HTTP status it answers, and whose data it has."""

from __future__ import annotations

import asyncio

import pytest

from sagicc_async import ConfigError
from sagicc_async.sandbox import Sandbox
from sagicc_async_serpi.sandbox import SerpiSandbox

PATHS = {
    "centro_costo": "CentroCosto",
    "impuesto": "Impuesto",
    "tipo_documento": "DocumentoContable/GetTipoDocumento",
    "bodega": "Bodega",
    "centro_operacion": "CentroOperacion",
    "sucursal": "Sucursales",
    "forma_pago": "FormaPago",
    "articulo": "Articulo",
    "articulo_proveedor": "ArticuloProveedor",
}


@pytest.mark.parametrize(
    ("settings", "statuses"),
    [
        ({"http_status": "mirror"}, [200, 201, 200, 201, 400, 200, 200, 400]),
        ({"http_status": "mirror", "no_content": "bare"}, [200, 201, 204, 201, 400, 200, 204, 400]),
        ({"http_status": "always200"}, [200] * 8),
    ],
)
async def test_the_http_status_follows_the_setting(serpi, settings, statuses):
    async with serpi(**settings) as api:
        good = {"codigo": "zz", "abreviatura": "zz", "descripcion": "x"}
        answers = [
            await api.get("CentroCosto"),
            await api.get("CentroCosto?pagina=99"),
            await api.get("DocumentoContable/GetTipoDocumento?pagina=99"),
            await api.post("CentroCosto", good),
            await api.post("CentroCosto", good),
            await api.put("CentroCosto", {**good, "id": 1, "codigo": "z1", "abreviatura": "z1"}),
            await api.put("CentroCosto", {**good, "id": 999_999}),
            await api.put("CentroCosto", {**good, "id": 2}),
        ]
        assert [status for status, _ in answers] == statuses
        assert [body is None for _, body in answers] == [status == 204 for status in statuses]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Authorization": "bearer {token}"}, 200),
        ({"Authorization": "BEARER   {token}"}, 200),
        ({"Authorization": None}, 401),
        ({"Authorization": "Bearer {token}x"}, 401),
        ({"Authorization": "Bearer{token}"}, 401),
        ({"Authorization": "Basic {token}"}, 401),
        ({"Authorization": "{token}"}, 401),
        ({"Authorization": None, "secretkey": None}, 401),
        ({"secretkey": None}, 403),
        ({"secretkey": "another"}, 403),
    ],
)
async def test_both_headers_are_needed(serpi, headers, status):
    async with serpi() as api:
        token = api.vendor.credentials["token"]
        sent = {name: value and value.format(token=token) for name, value in headers.items()}
        answered, body = await api.get("CentroCosto", headers=sent)
        assert (answered, body["success"], body["code"]) == (status, status == 200, status)


async def test_the_samples_bearer_without_a_space_can_be_allowed(serpi):
    async with serpi(bearer_without_space=True) as api:
        token = api.vendor.credentials["token"]
        assert (await api.get("CentroCosto", headers={"Authorization": f"Bearer{token}"}))[0] == 200
        assert (await api.get("CentroCosto"))[0] == 200


async def test_another_companys_secretkey_is_refused(serpi):
    async with serpi() as api:
        other = api.vendor.issue()
        assert (await api.get("CentroCosto", headers={"secretkey": other["secretkey"]}))[0] == 403


async def test_credentials_are_asked_before_anything_else(serpi):
    async with serpi() as api:
        assert (await api.get("Nothing", headers={"Authorization": None}))[0] == 401
        assert (await api.post("CentroCosto", {}))[0] == 400


async def test_refusals_have_the_same_status_in_every_mode(serpi):
    async with serpi(http_status="always200") as api:
        assert (await api.get("CentroCosto", headers={"Authorization": None}))[0] == 401
        assert (await api.get("Nothing"))[0] == 404


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
async def test_methods_that_no_page_declares_are_refused(serpi, method):
    async with serpi() as api:
        assert (await api.ask(method, "CentroCosto"))[0] == 405


@pytest.mark.parametrize("name", ["impuesto", "tipo_documento"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_what_is_read_only_cannot_be_written(serpi, name, method):
    async with serpi() as api:
        before = api.vendor.rows(name)
        assert (await api.ask(method, PATHS[name], json={"id": 1}))[0] == 405
        assert api.vendor.rows(name) == before


async def test_a_hundred_thousand_cost_centres_have_unique_short_codes(serpi):
    async with serpi(records=100_000) as api:
        rows = api.vendor.rows("centro_costo")
        assert len({row["codigo"].casefold() for row in rows}) == 100_000
        assert len({row["abreviatura"].casefold() for row in rows}) == 100_000
        assert all(0 < len(row[field]) <= 5 for row in rows for field in ("codigo", "abreviatura"))
        assert all(0 < len(row["descripcion"]) <= 200 for row in rows)
        assert {name: len(api.vendor.rows(name)) for name in ("articulo", "bodega")} == {"articulo": 100_000, "bodega": 200}  # fmt: skip


async def test_the_same_seed_gives_the_same_company(serpi):
    async with serpi() as one, serpi() as other:
        assert one.vendor.credentials == other.vendor.credentials
        assert set(one.vendor.credentials) == {"token", "secretkey"}
        assert all(one.vendor.rows(name) == other.vendor.rows(name) for name in PATHS)


async def test_an_overlap_that_is_refused_gets_the_status_of_ones_choice(serpi):
    async with serpi(overlap="reject", overlap_status=429) as api:
        api.vendor.fault("hold")
        first = asyncio.create_task(api.get("CentroCosto"))
        await api.vendor.until(lambda stats: stats.in_flight == 1)
        status, body = await api.get("Impuesto")
        assert (status, body["success"], body["code"]) == (429, False, 429)
        api.vendor.clear_faults()
        assert (await first)[0] == 200
        assert api.vendor.stats.rejected == 1


async def test_a_revoked_token_is_a_401(serpi):
    async with serpi() as api:
        api.vendor.fault("revoke", times=1)
        assert [(await api.get("CentroCosto"))[0] for _ in range(2)] == [401, 401]
        api.vendor.rotate()
        assert (await api.get("CentroCosto"))[0] == 200


async def test_a_fault_can_spoil_a_row(serpi):
    async with serpi() as api:
        api.vendor.fault("wrong_type", row=3, field="id", value="tres")
        assert await api.ids("CentroCosto?limite=4") == [1, 2, "tres", 4]


async def test_no_secret_is_kept_in_the_log(serpi):
    async with serpi() as api:
        await api.get("CentroCosto")
        log = repr(api.vendor.requests)
        assert all(secret not in log for secret in api.vendor.credentials.values())


def test_a_setting_that_cannot_be_is_said_to_be_so():
    for wrong in ({"http_status": "sometimes"}, {"default_limite": 0}, {"max_limite": "many"}, {"colour": 1}):
        with pytest.raises(ConfigError, match="the sandbox of 'serpi'"):
            Sandbox([SerpiSandbox], settings={"serpi": wrong})


def test_it_is_found_through_its_entry_point():
    assert Sandbox(["serpi"]) is not None
