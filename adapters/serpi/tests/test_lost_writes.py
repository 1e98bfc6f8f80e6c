"""A write whose answer is lost is never sent again; it is looked up, when the vendor must be done with it."""

from __future__ import annotations

import pickle

import pytest

from sagicc_async import Absent, Found, OutcomeUnknown, ProtocolError, RetryPolicy, ServerError, StillOpen
from sagicc_async_serpi import CentroCosto

NEW = {"codigo": "02", "abreviatura": "VE", "descripcion": "VENTAS"}

#: Faults after which the vendor has done its work, and others after which it has not.
DONE = [
    ("reset_after", {}, ServerError),
    ("reset_before", {}, ServerError),
    ("truncate", {}, ServerError),
    ("status", {"status": 500, "done": True}, ServerError),
    ("garbage", {"done": True}, ProtocolError),
]
NOT_DONE = [
    ("reset_before", {"done": False}, ServerError),
    ("reset_after", {"done": False}, ServerError),
    ("status", {"status": 503}, ServerError),
    ("garbage", {}, ProtocolError),
]
#: The vendor works for 50 ms on everything, and is taken to be done 200 ms after we lost sight of it.
WORKING = {"work": 0.05, "account": {"settle": 0.2}}


@pytest.mark.parametrize(("kind", "options", "cause"), DONE)
async def test_a_creation_that_took_effect_is_found(local, kind, options, cause):
    async with local(**WORKING) as here:
        here.vendor.fault(kind, method="POST", **options)

        with pytest.raises(OutcomeUnknown, match=r"centro_costo\.create") as caught:
            await here.serpi.centro_costo.create(NEW)

        assert isinstance(caught.value.__cause__, cause)
        assert await caught.value.reconcile() == Found(CentroCosto(id=61, **NEW))
        assert here.writes == ["POST"]
        assert (here.vendor.stats.overlaps, here.vendor.stats.max_in_flight) == (0, 1)


@pytest.mark.parametrize(("kind", "options", "cause"), NOT_DONE)
async def test_a_creation_that_took_no_effect_is_absent(local, kind, options, cause):
    async with local(**WORKING) as here:
        fault = here.vendor.fault(kind, method="POST", **options)

        with pytest.raises(OutcomeUnknown) as caught:
            await here.serpi.centro_costo.create(NEW)

        assert isinstance(caught.value.__cause__, cause)
        assert await caught.value.reconcile() == Absent()
        assert (fault.struck, here.writes) == (1, ["POST"])
        assert (here.vendor.stats.overlaps, here.vendor.stats.max_in_flight) == (0, 1)


@pytest.mark.parametrize(("kind", "options", "cause"), DONE[:2])
async def test_an_update_that_took_effect_is_found(local, kind, options, cause):
    async with local(**WORKING) as here:
        here.vendor.fault(kind, method="PUT", **options)
        here.vendor.fault("unknown_field", method="GET")

        with pytest.raises(OutcomeUnknown) as caught:
            await here.serpi.centro_costo.update({"id": 3, **NEW})

        assert isinstance(caught.value.__cause__, cause)
        outcome = await caught.value.reconcile()
        assert isinstance(outcome, Found)
        assert (outcome.record.id, outcome.record.codigo, outcome.record.descripcion) == (3, "02", "VENTAS")
        assert here.writes == ["PUT"]


@pytest.mark.parametrize(("kind", "options", "cause"), NOT_DONE[:2])
async def test_an_update_that_took_no_effect_is_absent(local, kind, options, cause):
    async with local(**WORKING) as here:
        here.vendor.fault(kind, method="PUT", **options)

        with pytest.raises(OutcomeUnknown) as caught:
            await here.serpi.centro_costo.edit(3, descripcion="OTRA")

        assert isinstance(caught.value.__cause__, cause)
        assert await caught.value.reconcile() == Absent()
        assert here.writes == ["PUT"]
        assert (here.vendor.stats.overlaps, here.vendor.stats.max_in_flight) == (0, 1)


async def test_an_update_of_a_record_that_is_not_there_is_absent(local):
    async with local(account={"settle": 0}) as here:
        here.vendor.fault("reset_after", method="PUT")

        with pytest.raises(OutcomeUnknown) as caught:
            await here.serpi.centro_costo.update({"id": 999, **NEW})

        assert await caught.value.reconcile() == Absent()


async def test_a_code_that_somebody_else_has_is_not_taken_for_our_success(local):
    async with local(account={"settle": 0}) as here:
        here.vendor.add("centro_costo", {**NEW, "descripcion": "DE OTRO"})
        here.vendor.fault("reset_after", method="POST")

        with pytest.raises(OutcomeUnknown) as caught:
            await here.serpi.centro_costo.create(NEW)

        assert isinstance(await caught.value.reconcile(), StillOpen)


async def test_what_is_looked_up_is_what_was_sent_whatever_became_of_the_callers_record(local):
    async with local(account={"settle": 0}) as here:
        here.vendor.fault("reset_after", method="POST")
        mine = CentroCosto(**NEW)

        with pytest.raises(OutcomeUnknown) as caught:
            await here.serpi.centro_costo.create(mine)
        mine.codigo = "99"

        assert await caught.value.reconcile() == Found(CentroCosto(id=61, **NEW))


async def test_the_outcome_can_be_asked_for_again(local):
    async with local(account={"settle": 0}, manager={"retry": RetryPolicy(attempts=1)}) as here:
        here.vendor.fault("reset_after", method="POST")
        with pytest.raises(OutcomeUnknown) as caught:
            await here.serpi.centro_costo.create(NEW)

        here.vendor.fault("status", method="GET", status=500, times=1)
        with pytest.raises(ServerError):
            await caught.value.reconcile()

        assert isinstance(await caught.value.reconcile(), Found)


async def test_an_error_out_of_a_pickle_has_lost_its_session(local):
    async with local(account={"settle": 0}) as here:
        here.vendor.fault("reset_after", method="POST")
        with pytest.raises(OutcomeUnknown) as caught:
            await here.serpi.centro_costo.create(NEW)

        copy = pickle.loads(pickle.dumps(caught.value))

        assert str(copy) == str(caught.value)
        assert isinstance(await copy.reconcile(), StillOpen)


async def test_a_creation_that_cannot_be_read_back_does_not_look_like_one_that_can_be_repeated(local):
    async with local(manager={"retry": RetryPolicy(attempts=1)}) as here:
        here.vendor.fault("status", method="GET", status=500, times=1)

        with pytest.raises(OutcomeUnknown, match="was created, but it could not be read back") as caught:
            await here.serpi.centro_costo.create(NEW, read_back=True)

        assert isinstance(caught.value.__cause__, ServerError)
        assert await caught.value.reconcile() == Found(CentroCosto(id=61, **NEW))
        assert here.writes == ["POST"]
