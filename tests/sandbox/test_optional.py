"""What an emulator may say besides what it must: actions, settings for clients, its stance on overlaps, hidden rows."""

from __future__ import annotations

import asyncio
import threading

import aiohttp
import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.sandbox import Reply, Sandbox, from_json, to_json


@pytest.fixture
def office(notes):
    class Office(notes):
        """A vendor of notes whose clients see the time, and only notes that are not drafts."""

        name = "office"
        overlap = "off"
        rows_at = "data.rows"

        @property
        def client_settings(self):
            return {"pace": 5}

        @property
        def actions(self):
            return {"rename": self._rename, "fail": lambda company, options: 1 / 0}

        def visible(self, store, resource):
            return [row for row in store.rows(resource) if not row.get("draft")]

        def answer(self, call, company):
            if call.path == "/v1/time":
                return Reply(body=to_json({"now": call.now, "wall": call.wall}))
            if call.path == "/v1/deep":
                return Reply(body=b'{"data":{"rows":[{"id":1},{"id":2}]}}')
            return super().answer(call, company)

        def _rename(self, company, options):
            if set(options) != {"to"}:
                raise ConfigError("rename needs: to")
            company.memory["renamed"] = company.memory.get("renamed", 0) + 1
            company.credentials[0]["name"] = options["to"]
            return {"to": options["to"], "times": company.memory["renamed"], "at": company.base_url}

    return Office


def opened(vendor, **settings):
    return Sandbox([vendor], records=3, settings={vendor.name: {"work": 0, **settings}})


async def test_an_action_happens_at_the_vendor(office):
    async with opened(office) as sandbox:
        vendor = sandbox["office"]
        assert vendor.actions == ("rename", "fail")
        assert vendor.act("rename", to="ana") == {"to": "ana", "times": 1, "at": vendor.base_url}
        assert vendor.credentials["name"] == "ana"
        with pytest.raises(ZeroDivisionError):
            vendor.act("fail")


async def test_an_action_can_be_called_from_any_thread(office):
    async with opened(office) as sandbox:
        done = []

        def act():
            done.append((sandbox["office"].act("rename", to="eva"), threading.get_ident()))

        await asyncio.to_thread(act)
        assert done[0][0]["to"] == "eva"
        assert done[0][1] != threading.get_ident()


async def test_what_an_emulator_remembers_is_forgotten_when_all_begins_anew(office):
    async with opened(office) as sandbox:
        vendor = sandbox["office"]
        vendor.act("rename", to="ana")
        vendor.reset(data=False)
        assert vendor.act("rename", to="ana")["times"] == 2
        vendor.reset()
        assert vendor.act("rename", to="ana")["times"] == 1


async def test_an_action_that_cannot_be_is_said_to_be_so(office, notes):
    async with Sandbox([office, notes]) as sandbox:
        with pytest.raises(ConfigError, match="the sandbox of 'office' has no action 'sing'; it has: rename, fail"):
            sandbox["office"].act("sing")
        with pytest.raises(ConfigError, match="the sandbox of 'notes' has no action 'rename'; it has: none"):
            sandbox["notes"].act("rename")
        with pytest.raises(ConfigError, match="rename needs"):
            sandbox["office"].act("rename", colour="red")


async def test_actions_are_reached_over_http(office, notes):
    async with Sandbox([office, notes]) as sandbox, aiohttp.ClientSession() as http:

        async def control(method, path, **body):
            async with http.request(method, f"{sandbox.url}/_sandbox/{path}", json=body or None) as answer:
                return answer.status, from_json(await answer.read())

        assert await control("GET", "actions") == (200, {"office": ["rename", "fail"], "notes": []})
        status, shown = await control("POST", "act", vendor="office", action="rename", to="ana")
        assert (status, shown["office"]["to"]) == (200, "ana")
        assert sandbox["office"].credentials["name"] == "ana"
        for body in ({"vendor": "office", "action": "sing"}, {"vendor": "office"}, {"action": "rename", "to": "x"}):
            status, complaint = await control("POST", "act", **body)
            assert (status, "has no action" in complaint["error"]) == (400, True)
        assert (await control("POST", "act", vendor="office", action="rename"))[0] == 400


async def test_a_client_is_told_the_settings_that_it_may_use(office, notes):
    async with Sandbox([office, notes]) as sandbox:
        assert sandbox["office"].settings == {"pace": 5}
        assert sandbox["notes"].settings == {}
        described = sandbox.describe()["vendors"]
        assert described["office"]["settings"] == {"pace": 5}
        assert "settings" not in described["notes"]


@pytest.mark.parametrize(("settings", "counted"), [({}, 0), ({"overlap": "record"}, 1)])
async def test_an_emulator_may_leave_overlaps_uncounted_unless_its_user_counts_them(office, settings, counted):
    async with opened(office, **settings) as sandbox, aiohttp.ClientSession() as http:
        vendor = sandbox["office"]
        vendor.fault("hold")

        async def get():
            async with http.get(f"{vendor.base_url}/notes", headers={"X-Token": "t"}):
                pass

        requests = [asyncio.create_task(get()) for _ in range(2)]
        await vendor.until(lambda stats: stats.in_flight == 2)
        vendor.clear_faults()
        await asyncio.gather(*requests)
        assert (vendor.stats.overlaps, vendor.stats.max_in_flight) == (counted, 2)


async def test_rows_that_are_never_sent_are_not_shown(office):
    async with opened(office) as sandbox:
        vendor = sandbox["office"]
        vendor.add("note", {"title": "secret", "draft": True})
        assert [row["id"] for row in vendor.rows("note")] == [1, 2, 3]


async def test_an_emulator_knows_when_a_request_arrived(office, manual_clock):
    settings = {"office": {"work": 0}}
    async with Sandbox([office], clock=manual_clock, settings=settings) as sandbox, aiohttp.ClientSession() as http:
        for _ in range(2):
            async with http.get(f"{sandbox['office'].base_url}/time") as answer:
                assert from_json(await answer.read()) == {"now": manual_clock.now(), "wall": manual_clock.wall()}
            await manual_clock.advance(5)


async def test_rows_that_lie_deeper_are_spoilt_as_well(office):
    async with opened(office) as sandbox, aiohttp.ClientSession() as http:
        vendor = sandbox["office"]
        vendor.fault("unknown_field", field="x", value=1)

        async def get(path):
            async with http.get(vendor.base_url + path, headers={"X-Token": vendor.credentials["token"]}) as answer:
                return from_json(await answer.read())

        assert await get("/deep") == {"data": {"rows": [{"id": 1, "x": 1}, {"id": 2, "x": 1}]}}
        assert set((await get("/notes"))["rows"][0]) == {"id", "title", "price"}
