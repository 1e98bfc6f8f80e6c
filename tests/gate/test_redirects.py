"""One slot of a window is one request: where the vendor counts requests, no redirect is followed inside of one."""

from __future__ import annotations

import pytest

from sagicc_async import ProtocolError, Window
from sagicc_async_serpi import Serpi

PAGE = b'{"success":true,"code":200,"message":"","result":[]}'


class Windowed(Serpi):
    windows = (Window(50, per=60),)


@pytest.mark.parametrize(("kind", "followed"), [(Serpi, True), (Windowed, False)])
async def test_a_redirect_inside_the_origin_is_followed_only_where_nobody_counts_requests(
    rig, http_server, answer_bytes, kind, followed
):
    async def answer(heard, writer):
        moved = answer_bytes(status=307, location="/there")
        writer.write(answer_bytes(PAGE) if heard.target.startswith("/there") else moved)

    async with rig() as r, http_server(answer) as server:
        account = r.open(kind=kind, account="moved", base_url=server.url)
        if followed:
            assert (await account.request("GET", "here")).status == 200
            assert len(server.heard) == 2
        else:
            with pytest.raises(ProtocolError, match=r"redirects to .*/there, which is a request of its own") as raised:
                await account.request("GET", "here")
            assert (raised.value.attempts, len(server.heard)) == (1, 1)
            (window,) = r.sessions.status()["serpi/moved"]["queue"]["windows"]
            assert (window["taken"], r.sessions.status()["serpi/moved"]["queue"]["in_flight"]) == (1, 0)
