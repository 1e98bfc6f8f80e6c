"""Mocked responses work with the aiohttp that is installed."""

from __future__ import annotations

import re

import aiohttp
import aioresponses
import pytest

from sagicc_async.testing import mocked_responses

URL = "https://vendor.example/records"


@pytest.mark.parametrize("size", [0, 1, 65_536, 131_072, 131_073, 5_000_000])
async def test_a_body_of_any_size_arrives_whole(size):
    body = b"x" * size
    with mocked_responses() as mocked:
        mocked.get(URL, body=body)
        async with aiohttp.ClientSession() as session, session.get(URL) as response:
            assert await response.read() == body


async def test_status_headers_and_json_are_as_scripted():
    with mocked_responses() as mocked:
        mocked.post(URL, status=429, payload={"wait": 3}, headers={"Retry-After": "3"})
        async with aiohttp.ClientSession() as session, session.post(URL, json={}) as response:
            assert response.status == 429
            assert response.headers["Retry-After"] == "3"
            assert await response.json() == {"wait": 3}


async def test_a_scripted_failure_is_raised():
    with mocked_responses() as mocked:
        mocked.get(URL, exception=aiohttp.ServerDisconnectedError())
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await session.get(URL)


async def test_a_pattern_can_be_mocked_and_requests_are_kept():
    with mocked_responses() as mocked:
        mocked.get(re.compile(r".*page=\d+"), payload=[], repeat=True)
        async with aiohttp.ClientSession() as session:
            for page in (1, 2):
                await session.get(URL, params={"page": page})

    assert len(mocked.requests) == 2


def test_nothing_stays_patched():
    before = aioresponses.core.ClientResponse, aioresponses.core.stream_reader_factory, aiohttp.ClientSession._request

    with mocked_responses():
        pass

    now = aioresponses.core.ClientResponse, aioresponses.core.stream_reader_factory, aiohttp.ClientSession._request
    assert now == before


def test_settings_reach_aioresponses():
    with mocked_responses(passthrough=["http://127.0.0.1"]) as mocked:
        assert mocked._passthrough == ["http://127.0.0.1"]
