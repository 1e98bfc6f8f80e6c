"""
What tests of adapters and of applications need: local vendors, time that is moved by hand, and mocked responses.

With pytest they come as the fixtures `sandbox`, `manual_clock` and `mocked_responses`.
"""

from __future__ import annotations

from .clock import ManualClock
from .mocks import mocked_responses
from .vendors import LocalVendors

__all__ = ["LocalVendors", "ManualClock", "mocked_responses"]
