"""The fixture `sandbox`, in sync and async tests, with one vendor and several, and what it keeps apart."""

from __future__ import annotations

import asyncio
import os
import threading
import urllib.error
import urllib.request
from random import Random

import aiohttp
import pytest

from sagicc_async import ConfigError, FileErrorCounts, FileTokenCache, MemoryCoordinator, SessionManager
from sagicc_async.sandbox import Reply, Table, invent, to_json
from sagicc_async.testing import LocalVendors


class Diary:
    """A vendor without an adapter: two entries and whatever is added, for one token."""

    name = "my-diary"
    base_path = "/v2"
    secret_names = frozenset({"X-Token"})
    rows_at = ""
    client_settings = {"page_size": 3}  # noqa: RUF012 - what an emulator declares

    def tables(self):
        return [Table("entry")]

    def issue(self, random: Random):
        return {"token": invent.token(random)}

    def populate(self, store, *, records, seed):
        store.fill("entry", ({"id": n, "text": f"{seed}/{n}"} for n in range(1, records + 1)))

    def add(self, company, resource, record):
        company.store.insert(resource, record)
        return dict(record)

    def token(self, call):
        return call.headers.get("X-Token")

    def answer(self, call, company):
        if company.credentials_with("token", self.token(call) or "") is None:
            return Reply(status=401)
        return Reply(body=to_json(company.store.rows("entry")))

    def refuse(self, call, reason):
        return Reply(status=409, rejected=True)


def read(vendor):
    asked = urllib.request.Request(f"{vendor.base_url}/entries", headers={"X-Token": vendor.credentials["token"]})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return answer.read()


def sandbox_threads():
    return [thread for thread in threading.enumerate() if thread.name == "sagicc-async-sandbox"]


def test_a_sync_test_that_blocks_is_answered(sandbox):
    diary = sandbox(Diary, records=1, seed=7)
    diary.add("entry", {"id": 2, "text": "mía"})

    assert read(diary) == '[{"id":1,"text":"7/1"},{"id":2,"text":"mía"}]'.encode()
    assert [(request.path, request.status) for request in diary.requests] == [("/v2/entries", 200)]


async def test_an_async_test_that_blocks_its_loop_is_answered(sandbox):
    assert read(sandbox(Diary, records=0)) == b"[]"


async def test_an_async_test_can_wait_for_what_the_vendor_sees(sandbox):
    diary = sandbox(Diary, faults=[{"kind": "hold"}])
    async with aiohttp.ClientSession(headers={"X-Token": diary.credentials["token"]}) as http:
        asked = asyncio.create_task(http.request("GET", f"{diary.base_url}/entries"))
        await diary.until(lambda stats: stats.in_flight == 1)
        diary.clear_faults()
        assert (await asked).status == 200


def test_faults_are_given_with_the_vendor(sandbox):
    diary = sandbox(Diary, faults=[{"kind": "status", "status": 503, "times": 1}])

    with pytest.raises(urllib.error.HTTPError, match="503"):
        read(diary)
    assert read(diary)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"faults": [{"kind": "garbaj"}]}, "there is no fault 'garbaj'"),
        ({"overlap": "maybe"}, "the setting overlap of the sandbox of 'my-diary' takes off or record or reject"),
        ({"records": -1}, "records must be 0 or more"),
    ],
)
def test_a_wrong_argument_is_told_and_leaves_nothing_running(tmp_path, arguments, complaint):
    with LocalVendors(state=tmp_path) as vendors, pytest.raises(ConfigError, match=complaint):
        vendors(Diary(), **arguments)
    assert sandbox_threads() == []


def test_the_same_seed_gives_the_same_company_and_another_one_another(sandbox):
    one, same, other = sandbox(Diary, seed=1), sandbox(Diary, seed=1), sandbox(Diary, seed=2)

    assert (one.credentials, one.rows("entry")) == (same.credentials, same.rows("entry"))
    assert other.credentials != one.credentials
    assert len({vendor.base_url for vendor in (one, same, other)}) == 3


def test_vendors_stop_when_the_test_ends(tmp_path):
    with LocalVendors(state=tmp_path) as vendors:
        vendors(Diary)
        vendors(Diary, seed=2)
        assert len(sandbox_threads()) == 2
    assert sandbox_threads() == []


def test_the_environment_leads_to_the_vendor_until_the_test_ends(tmp_path):
    before = dict(os.environ)
    with LocalVendors(state=tmp_path) as vendors:
        diary = vendors(Diary)
        assert os.environ["MY_DIARY_BASE_URL"] == diary.base_url
        assert os.environ["MY_DIARY_TOKEN"] == diary.credentials["token"]
        assert os.environ["MY_DIARY_PAGE_SIZE"] == "3"
    assert dict(os.environ) == before


@pytest.mark.parametrize("keeper", [FileTokenCache, FileErrorCounts])
def test_nothing_is_written_to_the_users_state_folder(tmp_path, keeper):
    with LocalVendors(state=tmp_path):
        assert str(tmp_path) in repr(keeper())
    assert str(tmp_path) not in repr(keeper())


async def test_a_manager_with_a_coordinator_of_its_own_keeps_it(sandbox):
    mine = MemoryCoordinator()

    assert SessionManager(coordinator=mine)._coordinator is mine
    assert SessionManager()._coordinator is SessionManager()._coordinator is not mine
