"""SERPI's emulator for the local sandbox."""

from .emulator import SerpiSandbox

__all__ = ["SerpiSandbox"]
