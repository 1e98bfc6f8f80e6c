"""What holds for every account of Operand, whatever its resource file says."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sagicc_async import (
    ConfigError,
    CredentialsRejected,
    FileTokenCache,
    MemoryCoordinator,
    NotFound,
    PagingLoop,
    PermissionDenied,
    ProtocolError,
    SessionManager,
    Unsupported,
)
from sagicc_async.declared import read
from sagicc_async.sandbox import Sandbox
from sagicc_async_operand import Operand, observed, operand_template
from sagicc_async_operand.sandbox import OperandSandbox

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
SAMPLE = (Path(__file__).parent.parent / "sagicc_async_operand" / "sample.toml").read_text(encoding="utf-8")
PLAIN = {**tomllib.loads(SAMPLE), "auth": {"kind": "header", "header": "X-Sandbox-Token"}}
QUERY = {**PLAIN, "auth": {"kind": "query", "parameter": "key"}}
WAYS = {"exchange": tomllib.loads(SAMPLE), "header": PLAIN, "query": QUERY}


async def test_without_a_resource_file_the_screen_and_the_template_are_named():
    async with SessionManager() as sessions:
        with pytest.raises(ConfigError, match="Avatar > Configurações > Módulos e funções > API Operand") as caught:
            sessions.open(Operand, {"token": "x"}, base_url="https://operand.example")

    assert "python -m sagicc_async_operand" in str(caught.value)


def test_no_address_and_no_resource_is_bundled():
    assert Operand.base_url is None
    assert Operand.resource_classes() == {}


def test_the_template_loads_as_it_stands_and_is_printed():
    printed = subprocess.run(
        [sys.executable, "-m", "sagicc_async_operand"], capture_output=True, check=True, timeout=60
    )

    assert printed.stdout.decode() == operand_template()
    assert read(operand_template()).resources == {}
    assert "API Operand" in operand_template()


async def test_the_preset_must_be_asked_for_and_says_what_it_is():
    declared = read(observed("/token"))
    assert (declared.provenance, declared.source.note) == ("observed", "one unofficial source, not verified")
    assert declared.resources == {}
    async with SessionManager() as sessions:
        opened = sessions.open(Operand, {"token": "x"}, preset="operand-observed", token_at="/token")
        assert opened.account.terms.base_url == "https://api.operand.app"
        with pytest.raises(ConfigError, match="token_at"):
            sessions.open(Operand, {"token": "x"}, account="b", preset="operand-observed")
        with pytest.raises(ConfigError, match="exclude each other"):
            sessions.open(
                Operand, {"token": "x"}, account="c", preset="operand-observed", token_at="/token", declaration=SAMPLE
            )
        with pytest.raises(ConfigError):
            sessions.open(Operand, {"token": "x"}, account="d", preset="another")


async def test_the_preset_writes_array_filters_as_its_source_has_them(local):
    things = {"id": "id", "list": {"path": "/things", "params": {"colours": {"array": True}}}, "fields": {"id": "int"}}
    async with local(declaration=observed("/token", {"things": things})) as here:
        await here.operand["things"].list(colours=["red", "blue"]).first()

        assert set(here.vendor.requests[-1].query) == {"colours[]", "offset", "limit"}


async def test_requests_are_few_unless_somebody_says_otherwise(local):
    async with local(account={"rate": None}) as here:
        assert here.operand.account.terms.windows == ()
    async with local(account={"rate": 2}) as here:
        (window,) = here.operand.account.terms.windows
        assert (window.limit, window.per) == (2, 1.0)
    async with SessionManager() as sessions:
        opened = sessions.open(Operand, {"token": "x"}, declaration=SAMPLE, base_url="https://operand.example")
        assert [(window.limit, window.per) for window in opened.account.terms.windows] == [(2, 2)]


@pytest.mark.parametrize("declaration", WAYS.values(), ids=WAYS)
async def test_a_token_that_a_person_replaced_is_found_where_the_credentials_come_from(local, declaration):
    async with local(declaration=declaration) as here:
        assert len(await here.operand["things"].list().collect()) == 60
        here.vendor.act("gerar")
        assert len(await here.operand["things"].list().collect()) == 60


@pytest.mark.parametrize("declaration", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("button", ["gerar", "desativar"])
async def test_a_token_that_is_gone_stops_everything_and_names_the_screen(local, declaration, button):
    async with local(declaration=declaration, credentials=lambda vendor: vendor.credentials) as here:
        await here.operand["things"].list().first()
        here.vendor.act(button)
        before = len(here.vendor.requests)
        with pytest.raises(CredentialsRejected, match="Módulos e funções > API Operand") as caught:
            await here.operand["things"].list().collect()

        assert "only one can be active per account" in str(caught.value)
        assert len(here.vendor.requests) - before <= 2  # the request, and where there is a login one of that


@pytest.mark.parametrize("declaration", WAYS.values(), ids=WAYS)
async def test_a_403_is_a_missing_permission_or_a_replaced_token_and_names_the_screen(local, declaration):
    async with local(declaration=declaration) as here:
        here.vendor.fault("status", status=403, path="things")
        with pytest.raises(PermissionDenied, match="only one can be active per account") as caught:
            await here.operand["things"].list().collect()

        assert "Módulos e funções > API Operand" in str(caught.value)
        assert caught.value.status == 403


async def test_a_resource_that_is_forbidden_disturbs_no_other(local):
    async with local() as here:
        await here.operand["parts"].list().first()
        here.vendor.fault("status", status=403, path="things")
        calls = [here.operand[name].list().first() for name in ["things", "parts"] * 5]
        ended = await asyncio.gather(*calls, return_exceptions=True)
        before = len(here.vendor.requests)
        assert await here.operand["parts"].list().first() is not None

        assert {type(error) for error in ended[::2]} == {PermissionDenied}
        assert not any(isinstance(part, Exception) for part in ended[1::2])
        assert [entry.path for entry in here.vendor.requests[before:]] == ["/parts"]  # no cool-down, no login


async def test_a_forbidden_call_logs_in_again_once_and_a_later_one_may_do_so_too(local):
    async with local() as here:
        await here.operand["parts"].list().first()
        here.vendor.fault("status", status=403, path="things")
        before = len(here.vendor.requests)
        with pytest.raises(PermissionDenied):
            await here.operand["things"].list().first()
        assert [entry.path for entry in here.vendor.requests[before:]] == ["/things", "/session", "/things"]

        before = len(here.vendor.requests)
        here.vendor.fault("status", status=403, path="parts", times=1)  # as if another session had replaced the token
        assert await here.operand["parts"].list().first() is not None
        assert [entry.path for entry in here.vendor.requests[before:]] == ["/parts", "/session", "/parts"]


async def test_a_401_after_a_fresh_login_is_still_a_refusal_of_the_credentials(local):
    async with local() as here:
        here.vendor.fault("status", status=401, path="things")
        with pytest.raises(CredentialsRejected, match="reading them again gave the same ones"):
            await here.operand["things"].list().first()


@pytest.mark.parametrize(
    ("says", "kept"),
    [({}, False), ({"lifetime": 3600}, True), ({"cache": True}, True), ({"lifetime": 3600, "cache": False}, False)],
    ids=["nothing", "lifetime", "cache", "no cache"],
)
async def test_the_second_token_is_in_memory_alone_unless_the_file_says_how_long_it_lives(local, tmp_path, says, kept):
    tables = tomllib.loads(SAMPLE)
    tables["auth"]["login"] |= says
    async with local(declaration=tables) as here:
        for _ in range(2):
            manager = SessionManager(coordinator=MemoryCoordinator(), token_cache=FileTokenCache(tmp_path / "tokens"))
            async with manager as sessions:
                opened = sessions.open(
                    Operand, here.vendor.credentials, base_url=here.vendor.base_url, **here.vendor.settings
                )
                assert await opened["things"].list().first() is not None

        logins = [entry for entry in here.vendor.requests if entry.path.endswith("/session")]
        assert len(logins) == (1 if kept else 2)
        assert any(b'"value"' in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()) == kept


async def test_a_deactivated_token_stays_so_until_a_new_one_is_generated(local):
    async with local() as here:
        here.vendor.act("desativar")
        with pytest.raises(CredentialsRejected):
            await here.operand["things"].list().first()
        here.vendor.act("gerar")
        fresh = here.sessions.open(
            Operand, here.vendor.credentials, account="b", base_url=here.vendor.base_url, **here.vendor.settings
        )
        assert await fresh["things"].list().first() is not None


@pytest.mark.parametrize("envelope", ["", "/records", "/data"])
async def test_all_records_arrive_from_every_envelope(local, envelope):
    async with local(envelope=envelope, paging="capped") as here:
        for name in ("things", "parts"):
            assert await here.operand[name].list().raw().collect() == here.vendor.rows(name)


async def test_an_offset_that_is_ignored_is_an_error(local):
    async with local(paging="ignored", records=250) as here:
        with pytest.raises(PagingLoop):
            await here.operand["things"].list().collect()


async def test_values_mean_what_their_formats_say(local):
    async with local(records=0) as here:
        row = {
            "title": "ONE",
            "price": "1.234,56",
            "worked": "02:30",
            "due": "0000-00-00",
            "createdAt": "0000-00-00 00:00:00",
            "later": "x",
        }
        here.vendor.add("things", row)
        here.vendor.add("parts", {"cost": "1234.50", "minutes": 90})
        thing = await here.operand["things"].list().first()
        part = await here.operand["parts"].list().first()

        assert (str(thing.price), thing.worked, thing.due, thing.created_at) == ("1234.56", 150, None, None)
        assert thing.extra == {"later": "x", "due": "0000-00-00", "createdAt": "0000-00-00 00:00:00"}
        assert (str(part.cost), part.minutes) == ("1234.50", 90)


async def test_nothing_is_written_unless_that_is_allowed(local):
    async with local() as here:
        with pytest.raises((Unsupported, ConfigError), match="allow_write"):
            await here.operand["things"].create({"title": "NEW"})
        assert [entry.method for entry in here.vendor.requests if entry.method != "GET"] == []
    async with local(account={"allow_write": True}) as here:
        assert (await here.operand["things"].create({"title": "NEW"})).id == 61


async def test_a_vendor_that_asks_to_slow_down_is_asked_again(local):
    async with local() as here:
        here.vendor.fault("status", status=429, headers={"Retry-After": 0}, path="things", times=1)
        assert await here.operand["things"].list().first() is not None


async def test_a_page_of_html_is_no_empty_list(local):
    async with local() as here:
        here.vendor.fault("garbage", path="things")
        with pytest.raises(ProtocolError, match="HTML"):
            await here.operand["things"].list().collect()


@pytest.mark.parametrize("echo", ["plain", "encoded"])
@pytest.mark.parametrize("declaration", WAYS.values(), ids=WAYS)
async def test_a_token_that_an_error_repeats_is_shown_nowhere(local, declaration, echo, caplog):
    caplog.set_level("DEBUG")
    seen = []
    odd = {"token": "a/secret+with=odd%signs"}
    async with local(declaration=declaration, echo=echo) as here:
        here.sessions.on(seen.append)
        with pytest.raises(NotFound) as caught:
            await here.operand["things"].get("99999")
        wrong = here.sessions.open(Operand, odd, account="b", base_url=here.vendor.base_url, **here.vendor.settings)
        with pytest.raises(CredentialsRejected) as refused:
            await wrong["things"].list().first()
        told = f"{caught.value!r}{caught.value}{caught.value.errors}{refused.value!r}{refused.value}{seen}{caplog.text}"

        for secret in (here.vendor.credentials["token"], odd["token"], "a%2Fsecret%2Bwith%3Dodd%25signs"):
            assert secret not in told


async def test_the_buttons_have_no_options(local):
    async with local() as here:
        assert here.vendor.actions == ("gerar", "desativar")
        with pytest.raises(ConfigError, match="no option"):
            await asyncio.to_thread(here.vendor.act, "gerar", how="fast")


def test_the_readmes_example_runs_against_the_sandbox():
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    with Sandbox.in_thread([OperandSandbox], records=3) as sandbox:
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", example],
            env=sandbox["operand"].environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert (run.returncode, run.stderr) == (0, "")
    assert len(run.stdout.splitlines()) == 3


def test_the_readme_claims_no_more_than_is_known():
    assert "no endpoints are\nbundled" in README
    assert "not verified" in README
