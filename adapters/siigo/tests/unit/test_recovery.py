"""What is concluded from the documents that a lost write may have become."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from sagicc_async import Absent, Found, Outcome, StillOpen
from sagicc_async_siigo.models import Purchase
from sagicc_async_siigo.recovery import MARGIN, Search, created_from, look_up

SENT = {"date": "2026-11-25", "supplier": {"identification": "900"}, "provider_invoice": {"prefix": "A", "number": "7"}}
SENT_AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
SEARCH = Search(compared=("date", "supplier.identification", "provider_invoice.number"))
UNIQUE = Search(compared=SEARCH.compared, unique=True)


def purchase(name: str, created: str | None = "2026-11-25T12:00:01.208Z", **changes: object) -> Purchase:
    metadata = {} if created is None else {"metadata": {"created": created}}
    return Purchase.from_dict({"id": name, **SENT, **metadata, **changes})


async def concluded(
    *found: Purchase, search: Search = SEARCH, since: datetime | None = SENT_AT, pending: float = 0.0
) -> Outcome:
    async def candidates() -> AsyncIterator[Purchase]:
        for one in found:
            yield one

    return await look_up(search, SENT, candidates(), since=since, pending=lambda: pending)


async def test_the_one_that_fits_is_found():
    other = purchase("x", provider_invoice={"prefix": "A", "number": "8"})
    assert await concluded(other, purchase("y")) == Found(purchase("y"))


async def test_several_that_fit_are_never_guessed_from():
    outcome = await concluded(purchase("x"), purchase("y"))
    assert isinstance(outcome, StillOpen)
    assert "2 documents" in outcome.reason


async def test_nothing_is_absent_only_once_the_vendor_must_be_done():
    assert isinstance(await concluded(pending=3.0), StillOpen)
    assert await concluded(pending=0.0) == Absent()


async def test_what_was_there_before_the_write_is_another_document():
    before = (SENT_AT - MARGIN - timedelta(seconds=1)).isoformat()
    assert await concluded(purchase("x", created=before)) == Absent()
    assert await concluded(purchase("x", created=before), since=None) == Found(purchase("x", created=before))


@pytest.mark.parametrize("created", [None, "2020-01-01T00:00:00.6"])
async def test_a_document_of_an_unknown_time_is_not_passed_over(created: str | None):
    assert isinstance(await concluded(purchase("x", created=created)), Found)


async def test_another_record_in_the_place_of_a_unique_one_stands_in_the_way_and_says_where():
    outcome = await concluded(purchase("x", date="2026-11-24"), search=UNIQUE)
    assert outcome == StillOpen("a record with this key exists, and differs at date")


def test_documents_are_asked_for_from_a_little_before_the_write():
    assert created_from(SENT_AT) == SENT_AT - MARGIN
    assert created_from(None) is None
