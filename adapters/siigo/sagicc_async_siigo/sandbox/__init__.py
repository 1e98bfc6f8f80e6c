"""Siigo's emulator for the local sandbox."""

from .emulator import SiigoSandbox

__all__ = ["SiigoSandbox"]
