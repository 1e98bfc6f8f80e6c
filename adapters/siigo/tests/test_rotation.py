"""Somebody regenerates the credentials in the middle of an export of 50 pages."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from sagicc_async import CredentialsRejected, MemoryCoordinator, SessionManager
from sagicc_async.export import UnfinishedExport, export

PAGES, SIZE = 50, 10
EXPORT = {"records": 500, "account": {"page_size": SIZE}}
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
def shop(local, vault, hurried_clock):
    """Open the sandbox of 500 invoices with an account that reads its credentials from the vault."""

    @asynccontextmanager
    async def opened(**settings):
        async with local(**{"clock": hurried_clock, "credentials": vault, **EXPORT, **settings}) as here:
            vault.here = here
            yield here

    return opened


def written(path):
    return [json.loads(line)["id"] for line in path.read_text().splitlines()]


def press_after(here, pages):
    """A progress hook that presses the button once so many pages are written."""

    def progress(told):
        if told.pages == pages:
            here.vendor.act("regenerar")

    return progress


def pages_asked(here, *statuses):
    return [entry.query["page"] for entry in here.asked("invoices") if entry.status in (statuses or (200,))]


@pytest.mark.parametrize("source", ["sync", "async"])
async def test_where_the_new_key_can_be_read_the_export_ends_complete(shop, vault, issued_tokens, source, tmp_path):
    async with shop(issued_tokens=issued_tokens, credentials=vault if source == "sync" else vault.later) as here:
        result = await export(here.siigo.invoices.list(), tmp_path / "a.jsonl", progress=press_after(here, 25))

        assert (result.records, result.pages, result.drifted) == (500, PAGES, False)
        assert written(tmp_path / "a.jsonl") == here.ids("invoices")
        if issued_tokens == "live":
            assert (here.logins, vault.read, pages_asked(here, 401)) == ([200], 1, [])
        else:
            # The old key is tried once: the token may just as well have ended by itself.
            assert (here.logins, vault.read, len(pages_asked(here, 401))) == ([200, 401, 200], 2, 1)
        assert pages_asked(here) == [str(number) for number in range(1, PAGES + 1)]


async def test_where_tokens_live_on_the_old_key_is_no_matter_until_somebody_logs_in(shop, vault, tmp_path):
    async with shop(issued_tokens="live") as here:
        vault.frozen = here.vendor.credentials
        await export(here.siigo.invoices.list(), tmp_path / "a.jsonl", progress=press_after(here, 25))

        assert written(tmp_path / "a.jsonl") == here.ids("invoices")
        assert here.logins == [200]
        async with SessionManager(coordinator=MemoryCoordinator()) as another:
            with pytest.raises(CredentialsRejected, match="Mi credencial API"):
                await here.open(vault, another).invoices.list().first()


async def test_where_tokens_die_the_old_key_is_one_clear_error_whose_checkpoint_goes_on(shop, vault, hurried_clock):
    async with shop(issued_tokens="die") as here:
        vault.frozen = here.vendor.credentials
        stream, found = here.siigo.invoices.list(), []

        async def read(stream):
            async for page in stream.pages():
                found.extend(invoice.id for invoice in page.items)
                if page.number == 25 and vault.frozen:
                    here.vendor.act("regenerar")

        with pytest.raises(CredentialsRejected, match="Credenciales usuario API") as caught:
            await read(stream)

        assert "Alianzas > Mi credencial API" in str(caught.value)
        assert (caught.value.operation, caught.value.status, caught.value.code) == (
            "invoices.list",
            401,
            "unauthorized",
        )
        assert (here.logins, len(found), pages_asked(here, 401)) == ([200, 401], 250, ["26"])
        checkpoint = caught.value.checkpoint
        assert checkpoint == stream.checkpoint

        vault.frozen = None  # somebody copies the new key
        hurried_clock.pass_by(COOL_DOWN)
        await read(here.siigo.invoices.resume(checkpoint))

        assert found == here.ids("invoices")
        assert here.logins == [200, 401, 200]


async def test_the_same_credentials_in_writing_are_the_same_error(local, hurried_clock):
    async with local(clock=hurried_clock, issued_tokens="die", **EXPORT) as here:
        await here.siigo.invoices.list().first()
        here.vendor.act("regenerar")
        for _ in range(3):
            with pytest.raises(CredentialsRejected, match="Mi credencial API"):
                await here.siigo.invoices.list().collect()
        assert here.logins == [200, 401]
        assert len(pages_asked(here, 401)) == 1


async def test_an_export_that_the_old_key_ended_is_resumed_to_a_complete_file(shop, vault, hurried_clock, tmp_path):
    file = tmp_path / "a.jsonl"
    async with shop(issued_tokens="die") as here:
        vault.frozen = here.vendor.credentials
        with pytest.raises(CredentialsRejected, match="Mi credencial API"):
            await export(here.siigo.invoices.list(), file, progress=press_after(here, 25))
        assert not file.exists()

        vault.frozen = None
        hurried_clock.pass_by(COOL_DOWN)
        with pytest.raises(UnfinishedExport):
            await export(here.siigo.invoices.list(), file)
        result = await export(here.siigo.invoices.list(), file, resume=True)

        assert result.resumed_from in (250, 260)  # the look-ahead may have read another page before the button
        assert (result.records, result.drifted) == (500, False)
        assert written(file) == here.ids("invoices")
        assert here.vendor.stats.logins == 2


async def test_an_export_is_resumed_by_another_process_that_knows_the_new_key(shop, vault, tmp_path):
    file = tmp_path / "a.jsonl"
    async with shop(issued_tokens="die") as here:
        vault.frozen = here.vendor.credentials
        with pytest.raises(CredentialsRejected):
            await export(here.siigo.invoices.list(), file, progress=press_after(here, 25))

        async with SessionManager(coordinator=MemoryCoordinator()) as another:
            siigo = here.open(here.vendor.credentials, another, page_size=SIZE)
            await export(siigo.invoices.list(), file, resume=True)

        assert written(file) == here.ids("invoices")
        assert here.vendor.stats.logins == 2


async def test_many_exports_at_once_share_the_new_login(shop, vault, issued_tokens, tmp_path):
    async with shop(issued_tokens=issued_tokens) as here:
        files = [tmp_path / f"{number}.jsonl" for number in range(6)]
        await asyncio.gather(
            *(
                export(here.siigo.invoices.list(), file, progress=press_after(here, 25) if file is files[0] else None)
                for file in files
            )
        )
        assert all(written(file) == here.ids("invoices") for file in files)
        assert here.logins == ([200] if issued_tokens == "live" else [200, 401, 200])
