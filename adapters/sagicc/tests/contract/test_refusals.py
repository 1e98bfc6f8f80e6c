"""What is refused: each refusal has one class, says why, and is asked for no more often than it helps."""

from __future__ import annotations

import pytest

from sagicc_async import CredentialsRejected, NotFound, ServerError, ValidationFailed
from sagicc_async_sagicc import SagiccWarning

NEW = {"nro_documento": "900123", "primer_nombre": "Ana"}
SCREEN = "Credenciales de la API"


async def test_an_unknown_column_or_relation_is_asked_for_twice_and_the_error_says_what_to_check(contract):
    async with contract() as here:
        with pytest.raises(ServerError, match="check the names of columns, relations and conditions") as caught:
            await here.crm.caso.list(columns=["id", "no_such"]).collect()

        assert (caught.value.status, caught.value.operation) == (500, "caso.list")
        assert [entry.status for entry in here.asked("caso")] == [500, 500]

        with pytest.warns(SagiccWarning, match="no relation 'acciones'"):
            stream = here.crm.caso.list(relations=["acciones"])
        with pytest.raises(ServerError, match="relations_style"):
            await stream.collect()
        assert [entry.status for entry in here.asked("caso")] == [500, 500, 500, 500]


async def test_what_is_not_there_is_not_found(contract):
    async with contract() as here:
        with pytest.warns(SagiccWarning, match="no model 'casos'"):
            strangers = here.crm["casos"]
        with pytest.raises(NotFound, match="not every model is enabled"):
            await strangers.list().collect()
        assert [entry.path for entry in here.asked()] == ["/api/casos"]

        cases = here.crm.caso
        for call in (
            lambda: cases.get(999),
            lambda: cases.update(999, {"asunto": "x"}),
            lambda: cases.delete(999),
            lambda: cases.delete_many([999, 1]),
        ):
            with pytest.raises(NotFound) as caught:
                await call()
            assert caught.value.status == 404
        assert here.vendor.rows("caso")[0]["id"] == 1


async def test_values_that_are_refused_are_named_field_by_field_and_nothing_is_written(contract):
    async with contract() as here:
        before = here.vendor.rows("cliente")
        with pytest.raises(ValidationFailed, match=r"cliente\.create") as caught:
            await here.crm.cliente.create({**NEW, "apodo": "x", "color": "y"})
        assert [error.path for error in caught.value.errors] == ["resources.0.apodo", "resources.0.color"]
        assert all("is invalid" in error.message for error in caught.value.errors)

        with pytest.raises(ValidationFailed) as caught:
            await here.crm.cliente.update(1, {"apodo": "x"})
        assert [error.path for error in caught.value.errors] == ["resources.apodo"]
        with pytest.raises(ValidationFailed) as caught:
            await here.crm.caso.list(params={"type": "linear"}).collect()
        assert [error.path for error in caught.value.errors] == ["type"]
        assert here.vendor.rows("cliente") == before


WRONG = {
    "client_secret": ("Client Secret", "password"),
    "client_id": ("Client Secret", "password"),
    "password": ("user or the password", "Client Secret"),
    "username": ("user or the password", "Client Secret"),
}


async def test_a_refused_login_says_which_part_of_the_credentials_it_is(contract):
    async with contract() as here:
        for wrong, (named, unnamed) in WRONG.items():
            credentials = {**here.vendor.credentials, wrong: "k4n4r10"}
            account = here.open(credentials, account=wrong, token_body=here.crm.settings.token_body)
            with pytest.raises(CredentialsRejected) as caught:
                await account.caso.list().first()

            said = str(caught.value)
            assert named in said
            assert unnamed not in said
            assert SCREEN in said
            assert "k4n4r10" not in said
            assert caught.value.status == here.logins[-1]
        assert len(here.logins) == len(WRONG)
        assert here.asked() == []


async def test_refreshed_keys_are_read_again_in_the_middle_of_a_list(contract, switches):
    async with contract() as here:
        account = here.open(lambda: here.vendor.credentials, account="vault", **_spoken(here))
        found = []
        async for row in account.caso.list(size_per_page=7):
            if len(found) == 20:
                here.vendor.act("refrescar")
            found.append(int(row["id"]))

        assert found == [row["id"] for row in here.vendor.rows("caso")]
        assert here.vendor.stats.logins == {"live": 1, "die": 2}[switches["issued_tokens"]]


def _spoken(here):
    settings = here.crm.settings
    return {name: getattr(settings, name) for name in ("relations_style", "generation", "token_body")}
