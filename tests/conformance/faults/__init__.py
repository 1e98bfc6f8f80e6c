"""
The faults that can be planted in Bazar's adapter, each behind a switch of its own: its name in `FAULTS`.

`planted.toml` says what each does, and which checks catch it.
"""

from . import answers, declarations, lists, records, tokens, writes
from .planting import FAULTS

__all__ = ["FAULTS", "answers", "declarations", "lists", "records", "tokens", "writes"]
