"""Coordinators by their addresses."""

from __future__ import annotations

from sagicc_async import Coordinator, RedisCoordinator
from sagicc_async.tokens.coordination.address import coordinator_at


def coordinator(address: str, *, new: bool = False) -> Coordinator:
    """
    The coordinator at an address.

    Args:
        address: As `SessionManager` takes it.
        new: Nobody has used the store before; only Redis cannot tell that by itself.
    """
    return RedisCoordinator(address, new=new) if address.startswith("redis") else coordinator_at(address)
