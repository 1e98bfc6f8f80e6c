"""Limits, settings, and whose data it is."""

from __future__ import annotations

import time

import pytest

from sagicc_async import ConfigError
from sagicc_async.sandbox import Sandbox
from sagicc_async_sagicc.sandbox import SagiccSandbox
from sagicc_async_sagicc.sandbox.schema import MODELS

LIMIT_HEADERS = {"X-RateLimit-Limit", "X-RateLimit-Remaining"}
FULL_HEADERS = {*LIMIT_HEADERS, "Retry-After", "X-RateLimit-Reset"}


def limits(answer) -> dict[str, str]:
    return {name: answer.headers[name] for name in FULL_HEADERS if name in answer.headers}


async def test_without_a_throttle_there_is_no_limit_and_no_word_of_one(sagicc):
    async with sagicc(throttle_limit=1) as api:
        answers = [await api.get("caso/1") for _ in range(5)]
        assert {answer.status for answer in answers} == {200}
        assert limits(answers[0]) == {}
        assert api.vendor.settings == {"requests_per_minute": 60_000}


async def test_a_throttle_counts_each_token_in_fixed_minutes(sagicc, manual_clock):
    # The clock starts 40 seconds into a minute.
    async with sagicc(clock=manual_clock, throttle="retry_after", throttle_limit=3) as api:
        assert api.vendor.settings == {"requests_per_minute": 3}
        answers = [await api.get(path) for path in ("caso/1", "caso/999", "caso/1", "caso/1")]
        assert [answer.status for answer in answers] == [200, 404, 200, 429]
        assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
        assert answers[3].body == {"message": "Too Many Attempts."}
        assert limits(answers[3]) == {
            "X-RateLimit-Limit": "3",
            "X-RateLimit-Remaining": "0",
            "Retry-After": "20",
            "X-RateLimit-Reset": str(int(manual_clock.wall()) + 20),
        }
        assert limits(answers[0]).keys() == LIMIT_HEADERS
        assert api.vendor.stats.rejected == 1
        full = api.access
        await api.login()
        assert (await api.get("caso/1")).status == 200
        api.access = full
        await manual_clock.advance(19.9)
        assert (await api.get("caso/1")).status == 429
        await manual_clock.advance(0.1)
        assert (await api.get("caso/1")).status == 200


async def test_the_token_endpoint_has_a_window_of_its_own(sagicc, manual_clock):
    async with sagicc(clock=manual_clock, throttle="retry_after", throttle_limit=2) as api:
        assert (await api.obtain(password="wrong")).status == 400
        answer = await api.obtain()
        assert (answer.status, answer.body, answer.headers["Retry-After"]) == (
            429,
            {"message": "Too Many Attempts."},
            "20",
        )
        assert (await api.get("caso/1")).status == 200


async def test_a_bare_throttle_does_not_say_how_long(sagicc, manual_clock):
    async with sagicc(clock=manual_clock, throttle="bare", throttle_limit=1) as api:
        answers = [await api.get("caso/1") for _ in range(2)]
        assert [(answer.status, limits(answer)) for answer in answers] == [(200, {}), (429, {})]


async def test_the_same_seed_gives_the_same_company(sagicc):
    async with sagicc() as one, sagicc() as other:
        assert all(one.vendor.rows(name) == other.vendor.rows(name) for name in MODELS)
        for name in ("caso", "cliente", "gestion"):
            assert (await one.get(name, disabled="null")).body["data"] == (await other.get(name, disabled="null")).body[
                "data"
            ]


async def test_keys_name_rows_that_are_there(sagicc):
    async with sagicc(records=300) as api:
        every = {name: await _all(api, name) for name in MODELS if MODELS[name].served}
        for rows in every.values():
            assert [row["id"] for row in rows] == list(range(1, len(rows) + 1))
        cases = {row["id"] for row in every["caso"]}
        clients = {row["id"] for row in every["cliente"]}
        assert (len(cases), len(clients)) == (300, 60)
        assert {row["caso_id"] for row in every["gestion"]} <= cases
        assert {row["cliente_id"] for row in every["caso"]} <= clients
        assert 0 < len(every["cliente_dato_contacto"]) <= 120
        links = [(row["usuario_id"], row["skill_id"]) for row in every["usuario_skill"]]
        assert len(set(links)) == len(links)


async def _all(api, name):
    return await api.rows(name, disabled="null", sizePerPage=10_000)


async def test_no_records_are_no_rows_anywhere(sagicc):
    async with sagicc(records=0) as api:
        assert not [name for name in MODELS if api.vendor.rows(name)]
        assert (await api.get("caso")).body["last_page"] == 1


async def test_many_records_are_soon_there(sagicc):
    started = time.perf_counter()
    async with sagicc(records=5000) as api:
        assert time.perf_counter() - started < 10  # about one second on a machine with nothing else to do
        assert (await api.get("caso", sizePerPage=1000, page=5)).body["total"] == 4900


def test_a_setting_that_cannot_be_is_said_to_be_so():
    wrong = (
        {"envelope": "box"}, {"relation_keys": "kebab"}, {"page_cap": 0}, {"oauth": 6}, {"throttle": "on"},
        {"throttle_limit": 0}, {"relations_style": "deep"}, {"generation": "next"}, {"delete_body": "lost"},
        {"issued_tokens": "sleep"}, {"expires_in": 0}, {"text_ids": "yes"}, {"empty_relations": "none"},
        {"refresh_tokens": 1}, {"colour": 1},
    )  # fmt: skip
    for settings in wrong:
        with pytest.raises(ConfigError, match="the sandbox of 'sagicc'"):
            Sandbox([SagiccSandbox], settings={"sagicc": settings})


async def test_a_client_is_told_which_settings_it_may_use(sagicc):
    async with Sandbox([SagiccSandbox], records=1) as sandbox:
        described = sandbox.describe()["vendors"]["sagicc"]
        assert described["settings"] == {"requests_per_minute": 60_000}
        assert described["base_url"] == f"{sandbox.url}/sagicc/api"


def test_it_is_found_through_its_entry_point():
    assert Sandbox(["sagicc"]) is not None
