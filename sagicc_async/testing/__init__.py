"""What tests of adapters and of applications need: time that is moved by hand, and mocked responses."""

from __future__ import annotations

from .clock import ManualClock
from .mocks import mocked_responses

__all__ = ["ManualClock", "mocked_responses"]
