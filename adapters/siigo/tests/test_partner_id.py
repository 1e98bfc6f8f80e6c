"""The name of the software that asks: refused before anything is sent, unless Siigo takes it."""

from __future__ import annotations

import pytest

from sagicc_async import ConfigError, MemoryCoordinator, SessionManager, ValidationFailed, load_account
from sagicc_async_siigo import Siigo


async def look(siigo):
    return await siigo.request("GET", "v1/taxes")


WRONG = {
    "missing": None,
    "blank": "",
    "space": "My Product",
    "around": " MyProduct ",
    "line": "MyProduct\n",
    "hyphen": "my-product",
    "accent": "MiCompañía",
    "digits of another script": "Producto٣",
    "short": "ab",
    "long": "a" * 101,
}


@pytest.mark.parametrize("partner", WRONG.values(), ids=WRONG)
async def test_a_partner_id_that_siigo_would_refuse_is_refused_when_the_account_is_opened(local, partner):
    async with local() as here:
        with pytest.raises(ConfigError, match=r"Partner-Id|partner_id") as caught:
            here.open(account="b", partner_id=partner)
        if partner is None:
            for way in ("open(", "SessionManager(settings=", "SIIGO_PARTNER_ID"):
                assert way in str(caught.value)
        assert here.vendor.stats.requests == 0


@pytest.mark.parametrize("partner", ["abc", "a" * 100, "123", "MyProduct2"])
async def test_a_partner_id_at_the_edges_is_taken_and_sent(local, partner):
    async with local(account={"partner_id": partner}) as here:
        await look(here.siigo)
        (read,) = here.asked()
        assert {name.lower(): value for name, value in read.headers.items()}["partner-id"] == partner


async def test_the_partner_id_of_the_manager_holds_for_all_accounts_that_name_none(local):
    async with local() as here:
        given = {"siigo": {"partner_id": "FromManager"}}
        async with SessionManager(coordinator=MemoryCoordinator(), settings=given) as sessions:
            options = {"credentials": here.vendor.credentials, "base_url": here.vendor.base_url}
            await look(sessions.open(Siigo, **options))
            await look(sessions.open("siigo", account="mine", partner_id="Mine", **options))
        sent = [{name.lower(): value for name, value in entry.headers.items()}["partner-id"] for entry in here.asked()]
        assert sent == ["FromManager", "Mine"]


async def test_a_wrong_partner_id_of_the_manager_is_told_when_an_account_is_opened():
    async with SessionManager(settings={"siigo": {"partner_id": "my-product"}}) as sessions:
        with pytest.raises(ConfigError, match="partner_id is 3 to 100 letters and digits"):
            sessions.open(Siigo, {"username": "a", "access_key": "b"})


def test_the_accounts_file_names_the_partner_for_all_accounts_or_for_one(tmp_path):
    file = tmp_path / "accounts.toml"
    file.write_text(
        '[settings.siigo]\npartner_id = "FromFile"\n'
        '[acme]\nvendor = "siigo"\nusername = "a@acme.example"\naccess_key = "env:ACME_KEY"\n'
        '[other]\nvendor = "siigo"\n[other.settings]\npartner_id = "Own"\n'
    )
    acme = load_account("acme", path=file, environ={"ACME_KEY": "k"})
    assert (acme.settings, acme.credentials["username"]) == ({"partner_id": "FromFile"}, "a@acme.example")
    assert load_account("other", path=file).settings == {"partner_id": "Own"}


async def test_a_partner_id_that_siigo_refuses_all_the_same_is_a_validation_error(local):
    async with local() as here:
        error = {"Code": "invalid_partner_id", "Message": "The header Partner-Id has an invalid value", "Params": []}
        here.vendor.fault("status", path="taxes", status=400, body={"Status": 400, "Errors": [error]})
        with pytest.raises(ValidationFailed, match="3 to 100 letters and digits"):
            await look(here.siigo)
        assert len(here.asked()) == 1
