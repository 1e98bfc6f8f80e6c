"""The largest useful page: an instance that caps it is found out, and one that only seems to is not."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def pages(local):
    """Open an account whose list comes in pages of these lengths, each as the sandbox's own envelope has it."""

    def opened(*lengths, **envelope):
        def script(here):
            for number, length in enumerate((*lengths, 0), start=1):
                rows = [{"id": 1000 * number + n} for n in range(length)]
                body = json.dumps({"data": rows, **envelope})
                here.vendor.fault("status", path="caso", query={"page": str(number)}, status=200, body=body)
            return here.crm

        return local(), script

    return opened


def sizes(here):
    return [entry.query["sizePerPage"] for entry in here.asked("caso")]


@pytest.mark.parametrize(
    ("lengths", "envelope", "cap"),
    [
        ((40, 40, 40), {}, 40),
        ((40, 40, 7), {}, 40),
        ((40, 7), {"per_page": 40}, 40),
        ((3, 490, 488), {}, None),  # a server that filters what it has cut: no cap, and none is learned
        ((3, 2), {}, None),
        ((500, 500, 3), {}, None),
    ],
)
async def test_a_cap_is_learned_where_it_is_certain_and_the_next_list_asks_for_no_more(pages, lengths, envelope, cap):
    opening, script = pages(*lengths, **envelope)
    async with opening as here:
        crm = script(here)
        assert len(await crm.caso.list().collect()) == sum(lengths)
        assert crm.instance.page_cap == cap
        before = len(sizes(here))
        await crm.caso.list().collect()
        assert set(sizes(here)[:before]) == {"500"}
        assert set(sizes(here)[before:]) == {str(cap or 500)}
