"""The module "Credenciales de la API": what it shows, and what "Refrescar" ends."""

from __future__ import annotations

import pytest

from sagicc_async import ConfigError
from sagicc_async.sandbox import from_json


async def test_mostrar_shows_user_address_and_keys(sagicc):
    async with sagicc() as api:
        credentials = api.vendor.credentials
        assert api.vendor.act("mostrar") == {
            "usuario": credentials["username"],
            "url_autenticacion": api.token_url,
            "llaves": [{"client_id": "2", "client_secret": credentials["client_secret"]}],
        }
        other = api.vendor.issue()
        assert [key["client_secret"] for key in api.vendor.act("mostrar")["llaves"]] == [
            credentials["client_secret"],
            other["client_secret"],
        ]
        assert api.vendor.act("mostrar", usuario=other["username"])["usuario"] == other["username"]


@pytest.mark.parametrize(("fate", "status"), [("live", 200), ("die", 401)])
async def test_refrescar_replaces_the_secret_and_tokens_follow_the_setting(sagicc, fate, status):
    async with sagicc(issued_tokens=fate) as api:
        old = api.vendor.credentials
        shown = api.vendor.act("refrescar")
        new = api.vendor.credentials
        assert shown == {"client_id": "2", "client_secret": new["client_secret"]}
        assert new["client_secret"] != old["client_secret"]
        assert {**new, "client_secret": old["client_secret"]} == old
        assert (await api.get("caso")).status == status
        refused = await api.obtain(client_secret=old["client_secret"])
        assert (refused.status, refused.body["error"]) == (401, "invalid_client")
        assert (await api.obtain()).status == 200


async def test_refrescar_ends_the_tokens_of_its_own_user_only(sagicc):
    async with sagicc(issued_tokens="die") as api:
        other = api.vendor.issue()
        api.access = (await api.obtain(**other)).body["access_token"]
        api.vendor.act("refrescar")
        assert (await api.get("caso")).status == 200
        api.vendor.act("refrescar", usuario=other["username"])
        assert (await api.get("caso")).status == 401


async def test_refrescar_twice_gives_two_secrets(sagicc):
    async with sagicc() as api:
        secrets = {api.vendor.act("refrescar")["client_secret"] for _ in range(2)}
        assert len(secrets | {api.vendor.credentials["client_secret"]}) == 2


async def test_a_new_set_of_credentials_shuts_the_old_tokens_out(sagicc):
    async with sagicc() as api:
        api.vendor.rotate()
        assert (await api.get("caso")).status == 401
        await api.login()
        assert (await api.get("caso")).status == 200


async def test_beginning_anew_forgets_tokens(sagicc):
    async with sagicc() as api:
        api.vendor.reset()
        assert (await api.get("caso")).status == 401


async def test_an_option_that_cannot_be_is_said_to_be_so(sagicc):
    async with sagicc() as api:
        with pytest.raises(ConfigError, match="no option cliente; it has: usuario"):
            api.vendor.act("refrescar", cliente="x")
        with pytest.raises(ConfigError, match="no API user 'x'"):
            api.vendor.act("mostrar", usuario="x")
        with pytest.raises(ConfigError, match="has no action 'borrar'; it has: mostrar, refrescar"):
            api.vendor.act("borrar")


async def test_the_screen_is_reached_over_http_as_well(sagicc):
    async with sagicc() as api:
        control = api.vendor.base_url.removesuffix("/sagicc/api") + "/_sandbox"
        listed = await api.send("GET", f"{control}/actions")
        assert listed.body == {"sagicc": ["mostrar", "refrescar"]}
        async with api.http.post(f"{control}/act", json={"vendor": "sagicc", "action": "refrescar"}) as answer:
            shown = from_json(await answer.read())
        assert shown["sagicc"]["client_secret"] == api.vendor.credentials["client_secret"]
