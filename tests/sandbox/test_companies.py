"""Many companies of one vendor: each is by itself."""

from __future__ import annotations

import asyncio
import itertools

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import SessionManager
from sagicc_async.errors import ConfigError, CredentialsRejected
from sagicc_async.sandbox import Sandbox, from_json
from sagicc_async.sandbox.companies import company_name, company_seed, listed


async def get(sandbox, name, *, token):
    """Ask a company for its notes with a token that may be another's."""
    async with (
        aiohttp.ClientSession(headers={"X-Token": token}) as http,
        http.get(sandbox[name].base_url + "/notes") as answer,
    ):
        return answer.status, await answer.read()


async def test_the_first_company_is_the_only_one_of_a_sandbox_without_others(notes):
    seen = []
    for companies in (1, 3):
        async with Sandbox([notes], companies=companies, seed=7, records=5) as sandbox:
            vendor = sandbox["notes"]
            seen.append(
                (vendor.name, vendor.credentials, vendor.rows("note"), vendor.base_url.removeprefix(sandbox.url))
            )
    assert seen[0] == seen[1]
    assert seen[0][3] == "/notes/v1"


async def test_every_company_has_a_name_an_address_credentials_and_data_of_its_own(notes):
    async with Sandbox([notes], companies=12, records=5) as sandbox:
        names = list(sandbox)
        companies = [sandbox[name] for name in names]
        assert names == ["notes", *(f"notes-{number}" for number in range(2, 13))]
        assert [company.name for company in companies] == names
        assert {company.vendor for company in companies} == {"notes"}
        assert companies[11].base_url == f"{sandbox.url}/notes-12/v1"
        assert len({company.credentials["token"] for company in companies}) == 12
        assert len({str(company.rows("note")) for company in companies}) == 12


async def test_the_same_seed_gives_the_same_companies(notes):
    seen = []
    for seed in (7, 7, 8):
        async with Sandbox([notes], companies=3, seed=seed, records=5) as sandbox:
            seen.append([(sandbox[name].credentials, sandbox[name].rows("note")) for name in sandbox])
    assert seen[0] == seen[1]
    assert all(one != other for one, other in zip(seen[0], seen[2], strict=True))


async def test_a_company_is_described_with_its_vendor(notes):
    async with Sandbox([notes], companies=2) as sandbox:
        first, second = sandbox.describe()["vendors"].values()
        assert set(first) == {"base_url", "credentials"}
        assert second == {
            "vendor": "notes",
            "base_url": sandbox["notes-2"].base_url,
            "credentials": sandbox["notes-2"].credentials,
        }


async def test_what_leads_a_client_to_a_company_is_named_after_its_vendor(notes):
    async with Sandbox([notes], companies=2) as sandbox:
        assert set(sandbox["notes-2"].environment) == {"NOTES_BASE_URL", "NOTES_TOKEN"}


async def test_a_company_takes_no_credentials_of_another(notes):
    async with Sandbox([notes], companies=2, settings={"notes": {"work": 0}}) as sandbox:
        tokens = {name: sandbox[name].credentials["token"] for name in sandbox}
        for (name, _), (owner, token) in itertools.product(tokens.items(), tokens.items()):
            assert (await get(sandbox, name, token=token))[0] == (200 if name == owner else 401)


async def test_what_happens_to_a_company_happens_to_no_other(notes):
    async with Sandbox([notes], companies=3, records=5, settings={"notes": {"work": 0}}) as sandbox:
        struck, other = sandbox["notes-2"], sandbox["notes-3"]
        before = other.rows("note"), other.credentials, sandbox["notes"].rows("note")
        struck.fault("status", status=503)
        struck.add("note", {"title": "mía"})
        token = struck.rotate()["token"]

        assert (await get(sandbox, "notes-2", token=token))[0] == 503
        assert (await get(sandbox, "notes-3", token=other.credentials["token"]))[0] == 200
        assert (other.rows("note"), other.credentials, sandbox["notes"].rows("note")) == before
        assert (struck.stats.by_status, other.stats.by_status) == ({503: 1}, {200: 1})
        assert (len(struck.requests), len(other.requests), sandbox["notes"].requests) == (1, 1, [])
        struck.reset()
        assert other.stats.requests == 1
        assert len(struck.rows("note")) == 5


async def test_requests_of_two_companies_do_not_overlap(notes):
    async with Sandbox([notes], companies=2) as sandbox:
        for name in sandbox:
            sandbox[name].fault("hold")
        asked = [asyncio.create_task(get(sandbox, name, token=sandbox[name].credentials["token"])) for name in sandbox]
        for name in sandbox:
            await sandbox[name].until(lambda stats: stats.in_flight == 1)
            sandbox[name].clear_faults()
        assert [status for status, _ in await asyncio.gather(*asked)] == [200, 200]
        assert [sandbox[name].stats.overlaps for name in sandbox] == [0, 0]


async def test_the_endpoints_know_companies_by_name(notes):
    async with Sandbox([notes], companies=30) as sandbox, aiohttp.ClientSession() as http:
        async with http.post(f"{sandbox.url}/_sandbox/rotate", json={"vendor": "notes-3"}) as answer:
            assert from_json(await answer.read()) == {"notes-3": {"credentials": sandbox["notes-3"].credentials}}
        async with http.get(f"{sandbox.url}/_sandbox/stats?vendor=notes-31") as answer:
            complaint = from_json(await answer.read())["error"]
        assert complaint.endswith("there are: notes, notes-2, notes-3, ... notes-30 (30 in all)")


async def test_companies_share_a_file_and_find_their_data_there_again(notes, tmp_path):
    file = tmp_path / "sandbox.sqlite"
    async with Sandbox([notes], companies=3, database=file, records=3) as sandbox:
        sandbox["notes-2"].add("note", {"title": "mía"})
        before = {name: sandbox[name].rows("note") for name in sandbox}
    async with Sandbox([notes], companies=3, database=file, records=99) as sandbox:
        assert {name: sandbox[name].rows("note") for name in sandbox} == before
    assert [len(rows) for rows in before.values()] == [3, 4, 3]


async def test_the_settings_of_a_vendor_are_those_of_all_its_companies(notes):
    async with Sandbox([notes], companies=2, settings={"notes": {"overlap": "reject"}}) as sandbox:
        company = sandbox["notes-2"]
        company.fault("hold")
        held = asyncio.create_task(get(sandbox, "notes-2", token=company.credentials["token"]))
        await company.until(lambda stats: stats.in_flight == 1)
        assert (await get(sandbox, "notes-2", token=company.credentials["token"]))[0] == 409
        company.clear_faults()
        assert (await held)[0] == 200


async def test_a_vendor_with_the_name_of_anothers_company_is_refused(notes):
    namesake = type("Namesake", (notes,), {"name": "notes-2"})
    with pytest.raises(ConfigError, match="'notes-2' is both a vendor and a company of one"):
        async with Sandbox([notes, namesake], companies=2):
            pass


def test_a_vendor_has_at_least_one_company(notes):
    with pytest.raises(ConfigError, match="companies must be 1 or more, not 0"):
        Sandbox([notes], companies=0)


async def test_opening_can_be_cut_short_while_the_companies_data_is_invented(notes):
    sandbox = Sandbox([notes], companies=1000, records=0)
    opening = asyncio.create_task(sandbox.__aenter__())
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert 0 < len(list(sandbox)) < 1000
    async with Sandbox([notes], port=int(sandbox.url.rpartition(":")[2])):
        pass  # nobody listens there any more


@given(st.integers(), st.integers(1, 500), st.integers(1, 500))
def test_two_companies_of_a_sandbox_have_neither_name_nor_seed_in_common(seed, one, other):
    assert (company_name("acme", one) == company_name("acme", other)) == (one == other)
    assert (company_seed(seed, one) == company_seed(seed, other)) == (one == other)


def test_a_message_lists_few_names_whole():
    assert listed([]) == ""
    assert listed(["serpi", "siigo"]) == "serpi, siigo"


@pytest.mark.parametrize("vendor", ["serpi", "sagicc", "siigo", "operand"])
async def test_a_company_of_a_real_vendor_takes_neither_credentials_nor_tokens_of_another(vendor):
    async with Sandbox([vendor], companies=2, records=4, settings={vendor: {"work": 0}}) as sandbox:
        first, second = (sandbox[name] for name in sandbox)

        async def read(sessions, credentials):
            account = sessions.open(vendor, credentials, base_url=second.base_url, **second.settings)
            resource = getattr(account, next(iter(account.resource_classes())))
            return [record async for record in resource.list()]

        async with SessionManager() as sessions:
            with pytest.raises(CredentialsRejected):
                await read(sessions, first.credentials)
        async with SessionManager() as sessions:
            assert await read(sessions, second.credentials)


async def test_each_company_of_siigo_has_a_window_of_its_own():
    settings = {"siigo": {"work": 0, "requests": 3}}
    async with (
        Sandbox(["siigo"], companies=2, records=4, settings=settings) as sandbox,
        aiohttp.ClientSession() as http,
    ):

        async def log_in(name):
            async with http.post(f"{sandbox[name].base_url}/auth", json=sandbox[name].credentials) as answer:
                return answer.status

        assert [await log_in("siigo") for _ in range(4)] == [200, 200, 200, 429]
        assert await log_in("siigo-2") == 200
