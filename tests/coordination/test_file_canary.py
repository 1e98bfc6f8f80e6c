"""No token, and nothing else that is secret, is in what processes agree on: neither in names nor in what is kept."""

from __future__ import annotations

import asyncio

import pytest

from sagicc_async import FileCoordinator


@pytest.fixture
def make_coordinator(tmp_path):
    return lambda: FileCoordinator(tmp_path / "state")


async def test_nothing_secret_is_in_the_folder_at_any_moment_of_requests(rig, tmp_path):
    async with rig(work=0.05, settle=0.2) as r:
        secrets = [value.encode() for value in r.vendor.credentials.values()]
        requests = asyncio.gather(*(r.serpi.bodega.list().first() for _ in range(3)))
        leases_seen = False
        while not requests.done():
            await asyncio.sleep(0.01)
            for path in (tmp_path / "state").rglob("*"):
                found = path.name.encode() + (path.read_bytes() if path.is_file() else b"")
                assert not any(secret in found for secret in secrets)
                leases_seen |= b'"leases":{"' in found
        await requests

    assert leases_seen  # there was something to look at
