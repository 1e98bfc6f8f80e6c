"""Windows and what they count by; an adapter that stumbles over an answer."""

from __future__ import annotations

import pytest

from sagicc_async import ErrorMap, Priority, Window
from sagicc_async_serpi import Serpi


class ByCompany(Serpi):
    windows = (Window(2, per=60, scope="company"),)


class ByToken(Serpi):
    windows = (Window(2, per=60, scope="token"),)


@pytest.mark.parametrize(("kind", "left"), [(ByCompany, 0), (ByToken, 1)])
async def test_a_window_counts_by_company_or_by_token_as_it_is_declared(rig, kind, left):
    kind.auth = type("Auth", (type(Serpi.auth),), {"company": lambda self, credentials: ("one company",)})()
    async with rig(kind=kind) as r:
        now = Priority.INTERACTIVE  # bulk would be paced over the minute
        await r.serpi.impuesto.list(priority=now).first()
        await r.open(kind=kind, account="other", credentials=r.vendor.issue()).impuesto.list(priority=now).first()
        (window,) = r.queue()["windows"]
        assert window["limit"] - window["taken"] == left


class Stumbling(Serpi):
    @classmethod
    def errors_for(cls, settings):
        def inspect(response):
            raise KeyError("a slip of the adapter's")

        return ErrorMap(inspect=inspect)


async def test_an_error_map_that_raises_keeps_no_token_taken_since_the_answer_was_complete(rig):
    async with rig(kind=Stumbling, settle=30) as r:
        for _ in range(2):
            with pytest.raises(KeyError):
                await r.serpi.impuesto.list().first()
        assert r.queue()["in_flight"] == 0
