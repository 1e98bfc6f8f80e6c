"""One test's accidents at the sandbox are not the next one's."""

from __future__ import annotations

import pytest

from sagicc_async import OutcomeUnknown, SessionManager
from sagicc_async.testing import LocalVendors


async def test_a_token_that_an_earlier_test_left_taken_keeps_nobody_waiting(tmp_path):
    async def ask(**arguments):
        with LocalVendors(state=tmp_path) as vendors:
            serpi = vendors("serpi", **arguments)
            async with SessionManager() as sessions:
                account = sessions.open("serpi", serpi.credentials, base_url=serpi.base_url, deadline=5)
                return await account.centro_costo.create({"codigo": "VT01", "abreviatura": "VT", "descripcion": "V"})

    with pytest.raises(OutcomeUnknown):  # its token counts as taken for 30 s more
        await ask(faults=[{"kind": "reset_after"}])

    assert (await ask()).codigo == "VT01"
