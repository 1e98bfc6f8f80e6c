"""How a fault is planted: another attribute of the adapter, and the switch that its name is."""

from __future__ import annotations

from sagicc_async import (
    ErrorMap,
    mount,
)

from ..bazar import (
    Bazar,
    BazarAuth,
    OrdersResource,
    ThingsResource,
    read_answer,
)

#: Switch -> makes the adapter with this fault, and no other.
FAULTS = {}


def fault(make):
    """The function's name is the switch."""
    FAULTS[make.__name__] = make
    return make


def bazar(**attributes):
    """Bazar's adapter with other attributes; it counts as part of Bazar's own package."""
    return type("Bazar", (Bazar,), {"__doc__": Bazar.__doc__, "__module__": Bazar.__module__, **attributes})


def with_auth(**methods):
    return bazar(auth=type("Auth", (BazarAuth,), methods)())


def with_errors(inspect=read_answer, **status):
    return bazar(errors=ErrorMap(inspect=inspect, status={int(name[1:]): entry for name, entry in status.items()}))


def with_things(**attributes):
    return bazar(things=mount(type("ThingsResource", (ThingsResource,), attributes)))


def with_orders(**attributes):
    return bazar(orders=mount(type("OrdersResource", (OrdersResource,), attributes)))


def documented(function, like):
    """A method in place of another, with its docstring."""
    function.__doc__ = like.__doc__
    return function
