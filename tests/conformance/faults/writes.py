"""Faults in what is sent again, and in what is said of a lost answer."""

from __future__ import annotations

import asyncio
import itertools

from sagicc_async import (
    Absent,
    Action,
    OutcomeUnknown,
    RateLimited,
    Safety,
    ServerError,
    ValidationFailed,
)

from ..bazar import (
    OrdersResource,
    ThingsResource,
)
from .planting import bazar, documented, fault, with_errors, with_orders, with_things


@fault
def a_500_is_a_refusal():
    return with_errors(_500=(Action.FAIL, ValidationFailed, "Bazar refuses the request"))


@fault
def a_503_is_final():
    return with_errors(_503=(Action.FAIL, ServerError, "Bazar is closed"))


@fault
def a_429_is_final():
    return with_errors(_429=(Action.FAIL, RateLimited, "Bazar asks to slow down"))


@fault
def creating_counts_as_repeatable():
    return with_things(operations={**ThingsResource.operations, "create": Safety.REPEATABLE})


@fault
def a_create_without_a_key_counts_as_keyed():
    return with_orders(safety=lambda self, key: Safety.KEYED)


@fault
def a_lost_create_is_sent_again():
    async def create(self, thing, *, deadline=None, priority=None):
        try:
            return await ThingsResource.create(self, thing, deadline=deadline, priority=priority)
        except OutcomeUnknown:
            return await ThingsResource.create(self, thing, deadline=deadline, priority=priority)

    return with_things(create=documented(create, ThingsResource.create))


@fault
def keys_differ_with_each_call():
    count = itertools.count()

    async def idempotency_key(self, operation, key):
        return f"{key}-{next(count)}"

    return bazar(idempotency_key=idempotency_key)


@fault
def nothing_looks_a_lost_write_up():
    async def create(self, thing, *, deadline=None, priority=None):
        try:
            return await ThingsResource.create(self, thing, deadline=deadline, priority=priority)
        except OutcomeUnknown as error:
            error._lookup = None
            raise

    return with_things(create=documented(create, ThingsResource.create))


@fault
def a_lost_write_counts_as_absent():
    async def created(self, code):
        return Absent()

    return with_things(created=created)


@fault
def what_cannot_be_known_is_guessed():
    async def create(self, order, *, key=None, deadline=None, priority=None):
        async def guess():
            return Absent()

        try:
            return await OrdersResource.create(self, order, key=key, deadline=deadline, priority=priority)
        except OutcomeUnknown as error:
            raise error.with_lookup(guess) from error.__cause__

    return with_orders(create=documented(create, OrdersResource.create))


@fault
def a_lost_answer_is_a_server_error():
    async def create(self, thing, *, deadline=None, priority=None):
        try:
            return await ThingsResource.create(self, thing, deadline=deadline, priority=priority)
        except OutcomeUnknown as error:
            raise ServerError(error.message, vendor="bazar") from None

    return with_things(create=documented(create, ThingsResource.create))


@fault
def cancellation_is_swallowed():
    async def create(self, thing, *, deadline=None, priority=None):
        try:
            return await ThingsResource.create(self, thing, deadline=deadline, priority=priority)
        except asyncio.CancelledError:
            return None

    return with_things(create=documented(create, ThingsResource.create))
