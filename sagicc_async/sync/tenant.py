"""`Tenant`: one account's round, its resources one after another, in turns."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from ..adapter import Adapter
from ..errors import ConfigError, SagiccAsyncError
from .accounts import SyncAccount
from .circuit import Circuit
from .events import AccountEnded, AccountStarted, UnitEnded
from .mirror import mirror, noted, unit_of
from .outcome import Ending, Outcome
from .work import Work

_log: Final = logging.getLogger("sagicc_async.sync")


def opened(account: SyncAccount, work: Work) -> tuple[Adapter, list[str]]:
    """
    Open an account; nothing is sent.

    Returns:
        The adapter, and the resources to sync, in their order.

    Raises:
        AdapterNotFound: No such adapter is installed.
        ConfigError: A credential, a setting, the address or the name of a resource cannot be; or an adapter raised what nobody
            has foreseen, which is this account's trouble alone.
    """
    try:
        adapter = work.accounts.open(account)
        return adapter, _resources_of(account, adapter)
    except SagiccAsyncError:
        raise
    except Exception as failure:  # noqa: BLE001 - of one account: whatever it is, the others go on
        _log.debug("%s: unexpected", account.name, exc_info=True)
        kind = type(failure).__name__
    raise ConfigError(
        f"it could not be opened: an unexpected {kind}; the log of sagicc_async.sync has its traceback at DEBUG"
    )


def _resources_of(account: SyncAccount, adapter: Adapter) -> list[str]:
    if account.resources is not None:
        return [adapter[name].name for name in account.resources]
    return [name for name, kind in adapter.resource_classes().items() if "list" in kind.operations]


class Tenant:
    """
    One account's round.

    Args:
        account: Whose.
        work: What all share.
    """

    def __init__(self, account: SyncAccount, work: Work) -> None:
        self._account = account
        self._work = work
        self._circuit = Circuit(work.settings.failures)
        self._adapter: Adapter | None = None
        self._left: deque[str] = deque()
        self._passes = 0  # of the resource that is being read, in turns before this one

    async def turn(self, park: Callable[[], bool]) -> bool:
        """
        Go on with the round.

        Args:
            park: Asked after each page whether others wait for long enough.

        Returns:
            Whether it is over; if not, it was parked.
        """
        vendor = self._account.vendor
        name = vendor if isinstance(vendor, str) else vendor.vendor
        self._work.tell(AccountStarted(account=self._account.name, vendor=name))
        error = ""
        try:
            adapter = self._opened()
        except SagiccAsyncError as failure:
            error = str(failure)
        else:
            if not await self._resources(adapter, park):
                return False
            error = self._circuit.reason
        self._work.tell(AccountEnded(account=self._account.name, vendor=name, error=error))
        return True

    def _opened(self) -> Adapter:
        if self._adapter is None:
            self._adapter, resources = opened(self._account, self._work)
            self._left.extend(resources)
        return self._adapter

    async def _resources(self, adapter: Adapter, park: Callable[[], bool]) -> bool:
        while self._left:
            if self._circuit.open:
                await self._skip(adapter)
                return True
            name, account = self._left[0], self._account.name
            outcome = await mirror(self._work, account, adapter, name, park, passes=self._passes)
            if outcome.ending is Ending.PARKED:
                self._passes += outcome.passes
                return False
            self._left.popleft()
            self._passes = 0
            self._circuit.take(outcome)
            if self._left and park():
                return False
        return True

    async def _skip(self, adapter: Adapter) -> None:
        """Say of what is left that it was left alone."""
        while self._left:
            outcome = Outcome(
                unit=unit_of(self._account.name, adapter, adapter[self._left.popleft()]),
                ending=Ending.SKIPPED,
                error=f"left alone after failures in a row: {self._circuit.reason}",
                at=self._work.clock.wall(),
                round=self._work.round,
            )
            await noted(self._work, outcome)
            self._work.tell(UnitEnded(outcome=outcome))
