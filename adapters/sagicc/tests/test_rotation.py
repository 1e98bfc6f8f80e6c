"""Somebody presses "Refrescar" in the middle of an export of 50 pages."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from sagicc_async import CredentialsRejected, MemoryCoordinator, SessionManager
from sagicc_async.export import UnfinishedExport, export

PAGES, SIZE = 50, 10
#: Of 510 cases ten are disabled.
EXPORT = {"records": 510, "account": {"page_size": SIZE}}
#: Seconds for which a refused login is shared with everybody who asks.
COOL_DOWN = 10


class Vault:
    """What the integration reads its credentials from; they are the vendor's own until they are frozen."""

    def __init__(self):
        self.here = None
        self.frozen = None
        self.read = 0

    def __call__(self):
        self.read += 1
        return self.frozen or self.here.vendor.credentials

    async def later(self):
        return self()


@pytest.fixture
def vault():
    return Vault()


@pytest.fixture(params=["live", "die"])
def issued_tokens(request):
    return request.param


@pytest.fixture
def shop(local, vault, manual_clock):
    """Open the sandbox of 500 visible cases with an account that reads its credentials from the vault."""

    @asynccontextmanager
    async def opened(**settings):
        async with local(clock=manual_clock, credentials=vault, **EXPORT, **settings) as here:
            vault.here = here
            yield here

    return opened


def ids_of(here):
    return [row["id"] for row in here.vendor.rows("caso")]


def written(path):
    return [json.loads(line)["id"] for line in path.read_text().splitlines()]


def press_after(here, pages):
    """A progress hook that presses the button once so many pages are written."""

    def progress(told):
        if told.pages == pages:
            here.vendor.act("refrescar")

    return progress


def pages_asked(here, *statuses):
    return [entry.query["page"] for entry in here.asked("caso") if entry.status in (statuses or (200,))]


@pytest.mark.parametrize("how", ["a function", "a coroutine function"])
async def test_an_export_ends_complete_with_the_least_logins_when_the_new_secret_is_in_the_source(
    shop, vault, issued_tokens, tmp_path, how
):
    async with shop(issued_tokens=issued_tokens) as here:
        crm = here.open(vault.later, account="async") if how == "a coroutine function" else here.crm
        result = await export(
            crm.caso.list(size_per_page=SIZE), tmp_path / "cases.jsonl", progress=press_after(here, 25)
        )

        assert (result.records, result.pages, result.drifted) == (500, PAGES, False)
        assert written(tmp_path / "cases.jsonl") == ids_of(here)
        if issued_tokens == "live":
            assert (here.logins, here.vendor.stats.logins) == ([200], 1)
            assert (vault.read, len(pages_asked(here, 401))) == (1, 0)
        else:
            # The old secret is tried once: the token may just as well have ended by itself.
            assert (here.logins, here.vendor.stats.logins) == ([200, 401, 200], 2)
            assert (vault.read, len(pages_asked(here, 401))) == (2, 1)
        assert pages_asked(here) == [str(number) for number in range(1, PAGES + 1)]


async def test_where_tokens_live_on_the_old_secret_is_no_matter_until_somebody_logs_in(shop, vault, tmp_path):
    async with shop(issued_tokens="live") as here:
        vault.frozen = here.vendor.credentials
        await export(here.crm.caso.list(), tmp_path / "cases.jsonl", progress=press_after(here, 25))

        assert written(tmp_path / "cases.jsonl") == ids_of(here)
        assert here.logins == [200]
        async with SessionManager(coordinator=MemoryCoordinator()) as another:
            with pytest.raises(CredentialsRejected, match="Client Secret"):
                await here.open(vault, another).caso.list().first()


async def test_where_tokens_die_the_old_secret_is_one_clear_error_whose_checkpoint_goes_on(shop, vault, manual_clock):
    async with shop(issued_tokens="die") as here:
        vault.frozen = here.vendor.credentials
        stream, found = here.crm.caso.list(), []

        async def read(stream):
            async for page in stream.pages():
                found.extend(row["id"] for row in page.items)
                if page.number == 25 and vault.frozen:
                    here.vendor.act("refrescar")

        with pytest.raises(CredentialsRejected) as caught:
            await read(stream)

        assert "Client Secret" in str(caught.value)
        assert "Credenciales de la API" in str(caught.value)
        assert (caught.value.operation, caught.value.status, caught.value.code) == ("caso.list", 401, "invalid_client")
        assert (here.logins, here.vendor.stats.logins) == ([200, 401], 1)
        assert (len(found), pages_asked(here, 401)) == (250, ["26"])
        checkpoint = caught.value.checkpoint
        assert checkpoint == stream.checkpoint

        vault.frozen = None  # somebody copies the new secret
        manual_clock.set(now=manual_clock.now() + COOL_DOWN)
        await read(here.crm.caso.resume(checkpoint))

        assert found == ids_of(here)
        assert (here.logins, here.vendor.stats.logins) == ([200, 401, 200], 2)


async def test_within_the_cool_down_nobody_asks_again_and_all_get_the_same_error(shop, vault):
    async with shop(issued_tokens="die") as here:
        vault.frozen = here.vendor.credentials
        await here.crm.caso.list().first()
        here.vendor.act("refrescar")
        for _ in range(3):
            with pytest.raises(CredentialsRejected, match="Client Secret"):
                await here.crm.caso.list().collect()

        assert here.logins == [200, 401]
        assert len(pages_asked(here, 401)) == 1


async def test_an_export_that_the_old_secret_ended_is_resumed_to_a_complete_file(shop, vault, manual_clock, tmp_path):
    file = tmp_path / "cases.jsonl"
    async with shop(issued_tokens="die") as here:
        vault.frozen = here.vendor.credentials
        with pytest.raises(CredentialsRejected) as caught:
            await export(here.crm.caso.list(), file, progress=press_after(here, 25))
        assert "Client Secret" in str(caught.value)
        assert "Credenciales de la API" in str(caught.value)
        assert not file.exists()
        assert here.logins == [200, 401]

        vault.frozen = None
        manual_clock.set(now=manual_clock.now() + COOL_DOWN)
        with pytest.raises(UnfinishedExport):
            await export(here.crm.caso.list(), file)
        result = await export(here.crm.caso.list(), file, resume=True)

        assert result.resumed_from in (250, 260)  # the look-ahead may have read another page before the button
        assert (result.records, result.drifted) == (500, False)
        assert written(file) == ids_of(here)
        assert here.vendor.stats.logins == 2


async def test_an_export_is_resumed_by_another_process_that_knows_the_new_secret(shop, vault, tmp_path):
    file = tmp_path / "cases.jsonl"
    async with shop(issued_tokens="die") as here:
        vault.frozen = here.vendor.credentials
        with pytest.raises(CredentialsRejected):
            await export(here.crm.caso.list(), file, progress=press_after(here, 25))

        async with SessionManager(coordinator=MemoryCoordinator()) as another:
            crm = here.open(here.vendor.credentials, another, page_size=SIZE)
            await export(crm.caso.list(), file, resume=True)

        assert written(file) == ids_of(here)
        assert here.vendor.stats.logins == 2


async def test_many_exports_at_once_share_the_new_login(shop, vault, issued_tokens, tmp_path):
    async with shop(issued_tokens=issued_tokens) as here:
        await asyncio.gather(
            *(
                export(
                    here.crm.caso.list(),
                    tmp_path / f"{number}.jsonl",
                    progress=press_after(here, 25) if number == 0 else None,
                )
                for number in range(6)
            )
        )

        assert all(written(tmp_path / f"{number}.jsonl") == ids_of(here) for number in range(6))
        assert here.logins == ([200] if issued_tokens == "live" else [200, 401, 200])
