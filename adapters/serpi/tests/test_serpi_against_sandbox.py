"""The contract, whole, under every combination of what the vendor leaves open: the client must not notice."""

from __future__ import annotations

import asyncio
import itertools

import aiohttp
import pytest

from sagicc_async import (
    ConfigError,
    Conflict,
    CredentialsRejected,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RetryPolicy,
    ServerError,
    Token,
    TokenBusy,
    ValidationFailed,
)
from sagicc_async_serpi import CentroCosto, Serpi, SerpiCredentials

STATUS = [
    {"http_status": "mirror", "no_content": "body"},
    {"http_status": "mirror", "no_content": "bare"},
    {"http_status": "always200"},
]
OPEN = [
    {**status, "empty_style": empty, "message_count": count}
    for status, empty, count in itertools.product(STATUS, ["201", "204"], ["page", "total"])
]
RESOURCES = list(Serpi.resource_classes())


@pytest.fixture(params=OPEN, ids=lambda switches: "-".join(switches.values()))
def contract(request, local):
    """Open a SERPI with one combination of the switches; a token that is used twice at once is refused."""
    return lambda **options: local(**{"overlap": "reject", **request.param, **options})


async def test_all_records_of_all_resources_arrive_as_they_are_kept(contract):
    async with contract(records=130) as here:
        for name in RESOURCES:
            records = await here.serpi[name].list().collect()

            assert [record.to_dict() for record in records] == here.vendor.rows(name)
            assert all(type(record) is here.serpi[name].model and not record.extra for record in records)
        assert here.vendor.stats.overlaps == 0


async def test_lists_without_records_are_empty(contract):
    async with contract(records=0) as here:
        for name in RESOURCES:
            records = await here.serpi[name].list().collect()
            assert [record.to_dict() for record in records] == here.vendor.rows(name)
        assert here.vendor.rows("centro_costo") == here.vendor.rows("articulo") == []
        assert await here.serpi.articulo.list(codigo="no").collect() == []
        assert await here.serpi.articulo_proveedor.list(id_articulo=99_999).first() is None


@pytest.mark.parametrize(("bearer", "spelt"), [("spaced", "Bearer {}"), ("lower", "bearer {}"), ("joined", "Bearer{}")])
async def test_the_token_stands_in_its_header_as_the_account_says(local, bearer, spelt):
    async with local(account={"bearer": bearer}, bearer_without_space=True) as here:
        assert len(await here.serpi.centro_costo.list().collect()) == 60
        credentials = SerpiCredentials(**here.vendor.credentials)
        sent = Serpi.auth_for(here.serpi.settings).headers(credentials, Token(credentials.token))
        assert sent["Authorization"] == spelt.format(here.vendor.credentials["token"])


async def test_the_samples_form_is_for_a_vendor_that_takes_it(local):
    async with local(account={"bearer": "joined"}, manager={"retry": RetryPolicy(attempts=1)}) as here:
        with pytest.raises(CredentialsRejected):
            await here.serpi.centro_costo.list().collect()


async def test_a_form_of_the_token_that_nobody_prints_is_an_error(local):
    with pytest.raises(ConfigError, match="bearer"):
        async with local(account={"bearer": "Token "}):
            pass


async def test_filters_select(contract):
    async with contract() as here:
        article = here.vendor.rows("articulo")[7]
        of_supplier = here.vendor.rows("articulo_proveedor")[0]["idArticulo"]

        assert [record.id for record in await here.serpi.articulo.list(codigo=article["codigo"]).collect()] == [
            article["id"]
        ]
        found = await here.serpi.articulo_proveedor.list(id_articulo=of_supplier).collect()
        assert {record.id_articulo for record in found} == {of_supplier}


async def test_everything_that_can_be_written_is(contract):
    async with contract() as here:
        costs = here.serpi.centro_costo
        made = await costs.create({"codigo": "Z1", "abreviatura": "Z1", "descripcion": "UNO"}, read_back=True)
        assert made == CentroCosto(id=61, codigo="Z1", abreviatura="Z1", descripcion="UNO")
        made.descripcion = "DOS"
        assert await costs.update(made) == made
        edited = await costs.edit(61, abreviatura="Z2")
        assert await costs.find(id=61) == edited
        assert (edited.abreviatura, edited.descripcion) == ("Z2", "DOS")


async def test_everything_that_is_refused_says_why(contract):
    async with contract() as here:
        costs, (first, second) = here.serpi.centro_costo, here.vendor.rows("centro_costo")[:2]
        with pytest.raises(NotFound):
            await costs.update({"id": 999, "codigo": "Z1", "abreviatura": "Z1", "descripcion": "UNO"})
        with pytest.raises(NotFound):
            await costs.edit(999, codigo="Z1")
        with pytest.raises(ValidationFailed) as invalid:
            await costs.create({"codigo": first["codigo"]}, check=False)
        assert {(error.code, error.path, error.value) for error in invalid.value.errors} == {
            ("required", "abreviatura", None),
            ("required", "descripcion", None),
            ("duplicate", "codigo", first["codigo"]),
        }
        with pytest.raises(Conflict) as conflict:
            await costs.update({**second, "abreviatura": first["abreviatura"]})
        assert [(error.path, error.value) for error in conflict.value.errors] == [("abreviatura", first["abreviatura"])]
        assert here.vendor.rows("centro_costo")[:2] == [first, second]


async def test_a_stream_goes_on_where_it_stopped(contract):
    async with contract() as here:
        stream = here.serpi.articulo.list(limite=7)
        read = await stream.collect(18)
        rest = await here.serpi.articulo.resume(stream.checkpoint).collect()

        assert [record.to_dict() for record in read + rest] == here.vendor.rows("articulo")


async def test_many_at_once_take_turns_on_the_token(contract):
    async with contract(work=0.001) as here:
        found = await asyncio.gather(*(here.serpi[name].list().collect() for name in RESOURCES))

        assert [len(records) for records in found] == [len(here.vendor.rows(name)) for name in RESOURCES]
        assert (here.vendor.stats.max_in_flight, here.vendor.stats.rejected) == (1, 0)


async def test_a_wrong_token_is_refused_and_says_where_to_look(contract):
    async with contract() as here:
        wrong = here.sessions.open(
            Serpi, SerpiCredentials(token="mistyped", secretkey="x"), account="b", base_url=here.vendor.base_url
        )
        with pytest.raises(CredentialsRejected, match="compare token and secretkey with what SERPI handed over"):
            await wrong.bodega.list().first()


async def test_a_wrong_secretkey_is_told_apart_from_a_wrong_token(contract):
    async with contract() as here:
        mixed = {**here.vendor.credentials, "secretkey": "of another company"}
        wrong = here.sessions.open(Serpi, mixed, account="b", base_url=here.vendor.base_url)

        with pytest.raises(PermissionDenied, match="secretkey") as caught:
            await wrong.bodega.list().first()
        assert "of another company" not in str(caught.value).replace("another company than", "")


async def test_the_wrong_address_is_told(contract):
    async with contract() as here:
        wrong = here.sessions.open(Serpi, here.vendor.credentials, account="b", base_url=here.vendor.base_url + "/v2")

        with pytest.raises(NotFound, match="check base_url"):
            await wrong.bodega.list().first()


@pytest.mark.parametrize("status", [409, 423, 429, 503])
async def test_a_token_that_somebody_else_uses_is_waited_for_where_its_status_is_known(local, status):
    async with local(overlap="reject", overlap_status=status, account={"busy_status": status}) as here:
        here.vendor.fault("hold", path="Bodega", times=1)
        rival = asyncio.ensure_future(_another_program(here))
        await here.vendor.until(lambda stats: stats.in_flight == 1)
        pauses = []
        here.sessions.on(lambda event: pauses.append(type(event).__name__))

        ours = asyncio.ensure_future(here.serpi.impuesto.list().first())
        await here.vendor.until(lambda stats: stats.rejected >= 1)
        here.vendor.clear_faults()

        assert await ours is not None
        assert await rival == 200
        assert "ScopePaused" in pauses


async def _another_program(here):
    credentials = here.vendor.credentials
    headers = {"Authorization": f"Bearer {credentials['token']}", "secretkey": credentials["secretkey"]}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{here.vendor.base_url}/Bodega", headers=headers) as answer,
    ):
        return answer.status


async def test_a_list_is_read_again_after_the_vendor_failed(local):
    async with local() as here:
        here.vendor.fault("status", status=503, times=1)

        assert len(await here.serpi.centro_costo.list().collect()) == 60


async def test_a_write_is_not_sent_again_after_the_vendor_failed(local):
    async with local() as here:
        here.vendor.fault("status", method="POST", status=503)

        with pytest.raises(OutcomeUnknown) as caught:
            await here.serpi.centro_costo.create({"codigo": "Z1", "abreviatura": "Z1", "descripcion": "UNO"})

        assert isinstance(caught.value.__cause__, ServerError)
        assert here.writes == ["POST"]


async def test_a_busy_token_is_never_mistaken_for_a_lost_write(local):
    async with local(account={"busy_status": 409}, manager={"retry": RetryPolicy(attempts=1)}) as here:
        here.vendor.fault("status", method="POST", status=409)

        with pytest.raises(TokenBusy):
            await here.serpi.centro_costo.create({"codigo": "Z1", "abreviatura": "Z1", "descripcion": "UNO"})
