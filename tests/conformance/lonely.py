"""An adapter that speaks to the network by itself."""

from __future__ import annotations

import aiohttp

from .bazar import Bazar


class Lonely(Bazar):
    """It has a session of its own."""

    session = aiohttp.ClientSession
