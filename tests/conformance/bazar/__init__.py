"""Bazar, an invented vendor: a whole adapter with its sandbox, small enough to plant a fault anywhere in it."""

from .adapter import Bazar, BazarAuth, BazarCredentials, BazarSettings
from .answers import read_answer
from .resources import PAGING, OrdersResource, Thing, ThingsResource
from .sandbox import BazarSandbox

__all__ = [
    "PAGING",
    "Bazar",
    "BazarAuth",
    "BazarCredentials",
    "BazarSandbox",
    "BazarSettings",
    "OrdersResource",
    "Thing",
    "ThingsResource",
    "read_answer",
]
