"""The sandbox as a whole: its life, its settings, its own endpoints."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
import types
import urllib.request
from importlib.metadata import EntryPoint
from typing import ClassVar

import aiohttp
import pytest

from sagicc_async import registry
from sagicc_async.errors import AdapterNotFound, ConfigError, SessionClosed
from sagicc_async.sandbox import Sandbox, discover, from_json


async def test_it_tells_what_a_client_must_know(notes):
    async with Sandbox([notes]) as sandbox:
        vendor = sandbox["notes"]
        assert sandbox.describe() == {
            "vendors": {"notes": {"base_url": vendor.base_url, "credentials": vendor.credentials}}
        }
        assert vendor.base_url == f"{sandbox.url}/notes/v1"
        assert sandbox.url.startswith("http://127.0.0.1:")
        assert list(sandbox) == ["notes"]


async def test_it_can_have_another_address_for_others(notes):
    async with Sandbox([notes], public_url="http://sandbox:8080") as sandbox:
        assert sandbox["notes"].base_url == "http://sandbox:8080/notes/v1"


async def test_the_seed_decides_credentials_and_data(notes):
    seen = []
    for seed in (7, 7, 8):
        async with Sandbox([notes], seed=seed) as sandbox:
            seen.append((sandbox["notes"].credentials, sandbox["notes"].rows("note")))
    assert seen[0] == seen[1]
    assert seen[0][0] != seen[2][0]
    assert seen[0][1] != seen[2][1]


async def test_an_emulator_can_be_given_ready_made(notes):
    async with Sandbox([notes(greeting="buenas")], settings={"notes": {"work": 0}}) as sandbox:
        assert list(sandbox) == ["notes"]


@pytest.fixture
def install(notes, monkeypatch):
    """Install emulators instead of those of this environment: `install("name", "module:attribute")`."""
    module = types.ModuleType("invented_sandboxes")
    module.Notes = notes
    monkeypatch.setitem(sys.modules, "invented_sandboxes", module)
    points = []
    monkeypatch.setattr(registry, "entry_points", lambda *, group: points if group == discover.GROUP else ())
    return lambda name, value: points.append(EntryPoint(name, value, discover.GROUP))


async def test_installed_vendors_are_found_by_name(install):
    install("notes", "invented_sandboxes:Notes")
    for choice in (["notes"], [], None):
        async with Sandbox(choice) as sandbox:
            assert list(sandbox) == ["notes"]


def test_a_vendor_that_is_not_installed_is_named_with_those_that_are(install):
    install("notes", "invented_sandboxes:Notes")
    with pytest.raises(AdapterNotFound, match=r"no sandbox for 'sapo' is installed; installed: notes"):
        Sandbox(["sapo"])


def test_a_vendor_that_does_not_load_is_named(install):
    install("notes", "module_that_is_missing:Notes")
    with pytest.raises(AdapterNotFound, match=r"the sandbox for 'notes' cannot be used: .*module_that_is_missing"):
        Sandbox(["notes"])


def test_a_name_that_two_emulators_claim_is_nobodys(install):
    install("notes", "invented_sandboxes:Notes")
    install("notes", "others:Notes")
    with pytest.raises(AdapterNotFound, match=r"the sandbox for 'notes' cannot be used: several distributions"):
        Sandbox(["notes"])


async def test_where_all_are_asked_for_a_broken_one_is_left_out_and_told(install):
    install("broken", "module_that_is_missing:Notes")
    install("notes", "invented_sandboxes:Notes")
    with pytest.warns(UserWarning, match="left out: the sandbox for 'broken' cannot be used"):
        sandbox = Sandbox()
    async with sandbox:
        assert list(sandbox) == ["notes"]


def test_no_vendor_at_all_is_said(install):
    with pytest.raises(AdapterNotFound, match="install the adapter"):
        Sandbox()


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"notes": {"greting": "x"}}, "has no setting greting; it has: greeting, overlap, work"),
        ({"notes": {"greeting": 1}}, "the setting greeting of the sandbox of 'notes' takes a text$"),
        (
            {"notes": {"overlap": "maybe"}},
            "the setting overlap of the sandbox of 'notes' takes off or record or reject$",
        ),
        ({"notes": {"work": -1}}, "a setting of the sandbox of 'notes' is wrong: 'work' must be >= 0: -1.0$"),
        ({"serpi": {}}, "there are settings for serpi, but the sandbox runs notes"),
    ],
)
def test_a_wrong_setting_is_said_to_be_so(notes, settings, complaint):
    with pytest.raises(ConfigError, match=complaint):
        Sandbox([notes], settings=settings)


def test_other_mistakes_are_said_as_well(notes):
    with pytest.raises(ConfigError, match="named twice"):
        Sandbox([notes, notes])
    with pytest.raises(ConfigError, match="ready made"):
        Sandbox([notes()], settings={"notes": {"greeting": "x"}})
    with pytest.raises(ConfigError, match="0 or more"):
        Sandbox([notes], records=-1)


async def test_a_port_in_use_is_said_to_be_so(notes):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigError, match="cannot listen on 127"):
        async with Sandbox([notes], port=taken.getsockname()[1]):
            pass


async def test_a_vendor_is_out_of_reach_before_and_after(notes):
    sandbox = Sandbox([notes])
    with pytest.raises(ConfigError, match="not open"):
        sandbox["notes"]
    async with sandbox:
        vendor = sandbox["notes"]
        with pytest.raises(ConfigError, match="no vendor 'sapo'; it has: notes"):
            sandbox["sapo"]
    with pytest.raises(SessionClosed, match="is not open"):
        vendor.rows("note")


async def test_what_is_written_stays_in_the_file(notes, tmp_path):
    file = tmp_path / "sandbox.sqlite"
    async with Sandbox([notes], database=file, records=3) as sandbox:
        sandbox["notes"].add("note", {"title": "mía"})
    async with Sandbox([notes], database=file, records=99) as sandbox:
        assert [row["id"] for row in sandbox["notes"].rows("note")] == [1, 2, 3, 4]
        assert sandbox["notes"].rows("note")[3]["title"] == "mía"


async def test_a_file_of_somebody_else_is_refused(notes, tmp_path):
    stranger = tmp_path / "letter.txt"
    stranger.write_text("dear all, " * 1000)
    for file in (stranger, tmp_path / "missing" / "sandbox.sqlite"):
        with pytest.raises(ConfigError, match="name another file"):
            async with Sandbox([notes], database=file):
                pass
    assert stranger.read_text().startswith("dear all")


async def test_rotated_credentials_shut_the_old_ones_out(opened):
    async with opened() as (_, vendor, client):
        old = vendor.credentials["token"]
        new = vendor.rotate()
        assert vendor.credentials == new
        assert (await client.get(token=old))[0] == 401
        assert (await client.get(token=new["token"]))[0] == 200


async def test_where_no_credentials_are_left_it_is_said_how_to_get_new_ones(notes):
    class Shut(notes):
        """A vendor at whose screen all tokens can be ended."""

        actions: ClassVar = {"shut": lambda company, options: company.credentials.clear()}

    async with Sandbox([Shut], settings={"notes": {"work": 0}}) as sandbox:
        vendor = sandbox["notes"]
        before = vendor.credentials
        vendor.act("shut")

        with pytest.raises(ConfigError, match=r"'notes' has no credentials left that are valid; issue\(\) makes new"):
            _ = vendor.credentials
        assert vendor.issue() == vendor.credentials
        vendor.reset()
        assert vendor.credentials == before


async def test_reset_begins_anew(opened):
    async with opened() as (_, vendor, client):
        before = vendor.credentials, vendor.rows("note")
        vendor.fault("garbage")
        vendor.rotate()
        vendor.add("note", {"title": "x"})
        await client.get()
        vendor.reset(data=False)
        assert (vendor.stats.requests, vendor.stats.by_status, vendor.requests, vendor.faults) == (0, {}, [], ())
        assert len(vendor.rows("note")) == 26
        vendor.reset()
        assert (vendor.credentials, vendor.rows("note")) == before
        assert (await client.get())[0] == 200


async def test_the_endpoints_do_what_python_does(opened):
    async with opened() as (sandbox, vendor, client):

        async def control(method: str, path: str, **body: object) -> tuple[int, dict[str, object]]:
            async with client.http.request(method, f"{sandbox.url}/_sandbox/{path}", json=body or None) as answer:
                return answer.status, from_json(await answer.read())

        status, made = await control("POST", "faults", vendor="notes", kind="status", status=503, times=1)
        assert (status, made["notes"]["kind"]) == (200, "status")
        assert (await client.get())[0] == 503
        assert (await control("GET", "faults"))[1]["notes"][0]["struck"] == 1
        assert (await control("GET", "stats"))[1] == {"notes": vendor.stats.to_dict()}
        assert vendor.stats.to_dict()["by_status"] == {"503": 1}
        logged = (await control("GET", "requests?vendor=notes&last=1"))[1]["notes"]
        assert [(entry["path"], entry["status"]) for entry in logged] == [("/v1/notes", 503)]
        assert (await control("DELETE", "faults"))[0] == 200
        assert vendor.faults == ()
        rotated = (await control("POST", "rotate", vendor="notes"))[1]
        assert rotated["notes"]["credentials"] == vendor.credentials
        assert (await control("GET", "describe"))[1] == sandbox.describe()
        assert (await control("POST", "reset", data=False))[0] == 200
        assert vendor.stats.requests == 0


@pytest.mark.parametrize(
    ("path", "body", "complaint"),
    [
        ("faults", b'{"vendor":"sapo","kind":"garbage"}', "there is no vendor 'sapo'; there are: notes"),
        ("faults", b'{"kind":"garbaj"}', "there is no fault 'garbaj'"),
        ("faults", b"{kind", "malformed"),
        ("faults", b"[]", "object"),
        ("reset", b'{"everything":true}', "unknown: everything"),
    ],
)
async def test_a_wrong_call_of_an_endpoint_is_explained(opened, path, body, complaint):
    async with (
        opened() as (sandbox, _, client),
        client.http.post(f"{sandbox.url}/_sandbox/{path}", data=body) as answer,
    ):
        assert answer.status == 400
        assert complaint in from_json(await answer.read())["error"]


async def test_the_console_is_a_page(opened):
    async with opened() as (sandbox, _, client), client.http.get(sandbox.url) as answer:
        assert answer.content_type == "text/html"
        assert "/_sandbox/stats" in await answer.text()


def test_it_runs_in_a_thread_for_callers_without_a_loop(notes):
    with Sandbox.in_thread([notes], records=3, settings={"notes": {"work": 0}}) as sandbox:
        vendor = sandbox["notes"]
        vendor.add("note", {"title": "mía"})
        request = urllib.request.Request(vendor.base_url + "/notes", headers={"X-Token": vendor.credentials["token"]})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert len(from_json(answer.read())["rows"]) == 4
        assert vendor.stats.requests == 1
        assert len(vendor.requests) == 1
        with pytest.raises(ConfigError, match="there is no fault"):
            vendor.fault("nonsense")
    assert not [thread for thread in threading.enumerate() if thread.name == "sagicc-async-sandbox"]


async def test_in_a_thread_it_can_be_awaited_from_another_loop(notes):
    with Sandbox.in_thread([notes], settings={"notes": {"work": 0}}) as sandbox:
        vendor = sandbox["notes"]
        vendor.fault("hold")
        async with aiohttp.ClientSession(headers={"X-Token": vendor.credentials["token"]}) as http:

            async def get() -> int:
                async with http.get(vendor.base_url + "/notes") as answer:
                    return answer.status

            request = asyncio.create_task(get())
            await vendor.until(lambda stats: stats.in_flight == 1)
            vendor.clear_faults()
            assert await request == 200


def test_what_goes_wrong_at_the_start_of_the_thread_comes_out(notes):
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(ConfigError, match="cannot listen"),
        Sandbox.in_thread([notes], port=taken.getsockname()[1]),
    ):
        pass


def test_the_thread_ends_with_the_error_of_its_caller(notes):
    with pytest.raises(KeyError), Sandbox.in_thread([notes]):
        raise KeyError
    assert not [thread for thread in threading.enumerate() if thread.name == "sagicc-async-sandbox"]
