"""An adapter's reader may find out that a page says no, and quote it: whose secrets stand in there it cannot know."""

from __future__ import annotations

import pytest

from sagicc_async import FieldError, MemoryCoordinator, NumberPaging, Record, Resource, SessionManager, ValidationFailed
from sagicc_async.sandbox import Sandbox
from sagicc_async_serpi import Serpi

TOKEN = "k4n4r13nv0g3l"


class SayingNo:
    """Readers for which every page is a refusal that quotes the token."""

    def records(self, model, zone):
        return self

    def read(self, body):
        raise ValidationFailed("no", errors=[FieldError("x", TOKEN, f"not {TOKEN}", TOKEN)])


class Things(Resource[Record]):
    name, path, model, paging, items = "things", "Impuesto", Record, NumberPaging(number="p", size="s"), "result"

    def list(self):
        return self._stream_as(self.model, {}, paging=self.paging, readers=SayingNo())


async def test_secrets_that_a_reader_quotes_do_not_leave_the_stream():
    async with (
        Sandbox(["serpi"], records=10, settings={"serpi": {"work": 0}}) as sandbox,
        SessionManager(coordinator=MemoryCoordinator()) as sessions,
    ):
        vendor = sandbox["serpi"]
        vendor._company.credentials.append({"token": TOKEN, "secretkey": "other"})
        serpi = sessions.open(Serpi, {"token": TOKEN, "secretkey": "other"}, base_url=vendor.base_url)
        with pytest.raises(ValidationFailed) as caught:
            await Things(serpi).list().first()

        assert TOKEN not in repr(vars(caught.value))
        assert caught.value.errors == [FieldError("x", "[redacted]", "not [redacted]", "[redacted]")]
        assert (caught.value.operation, caught.value.status) == ("things.list", 200)
