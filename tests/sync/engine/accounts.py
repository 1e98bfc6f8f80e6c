"""The accounts of a sandbox, as every process has them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import attrs

from sagicc_async.sync.accounts import SyncAccount
from sagicc_async.sync.accounts_file import AccountsFile

#: Small pages, so that there are many; and a vendor that is soon done with what we lost sight of.
_QUICK = {"page_size": 10, "settle": 0.5}


@attrs.frozen
class Quick:
    """The accounts of a file, of which a killed process does not keep the tokens for long."""

    file: str | os.PathLike[str]

    async def __aiter__(self) -> AsyncIterator[SyncAccount]:
        async for account in AccountsFile(self.file):
            yield attrs.evolve(account, settings={**account.settings, **_QUICK})
