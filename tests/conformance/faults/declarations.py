"""Faults in what an adapter declares."""

from __future__ import annotations

from sagicc_async import ConfigError

from ..bazar import (
    ThingsResource,
)
from ..lonely import Lonely
from ..nosy import Nosy
from .planting import bazar, documented, fault, with_orders, with_things


@fault
def a_private_name_is_imported():
    return Nosy


@fault
def connections_of_its_own():
    return Lonely


@fault
def a_resource_goes_by_another_name():
    return with_orders(name="order")


@fault
def an_operation_without_a_deadline():
    async def update(self, number, changes):
        return await ThingsResource.update(self, number, changes)

    return with_things(update=documented(update, ThingsResource.update))


@fault
def filters_are_taken_as_they_come():
    def listed(self, *, code=None, deadline=None, priority=None, **params):
        return ThingsResource.list(self, code=code, params=params, deadline=deadline, priority=priority)

    return with_things(list=documented(listed, ThingsResource.list))


@fault
def a_filter_is_not_explained():
    def listed(self, *, code=None, colour=None, params=None, deadline=None, priority=None):
        return ThingsResource.list(self, code=code, params=params, deadline=deadline, priority=priority)

    return with_things(list=documented(listed, ThingsResource.list))


@fault
def it_cannot_be_opened():
    def address(cls, settings, base_url):
        raise ConfigError("say which shop")

    return bazar(address=classmethod(address))


@fault
def a_write_goes_elsewhere():
    async def update(self, number, changes, *, deadline=None, priority=None):
        return await ThingsResource.update(self, f"{number}/x", changes, deadline=deadline, priority=priority)

    return with_things(update=documented(update, ThingsResource.update))


@fault
def nothing_says_what_a_resource_rests_on():
    return with_orders(evidence="")
