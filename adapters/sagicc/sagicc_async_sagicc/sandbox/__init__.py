"""Sagicc's emulator for the local sandbox."""

from .emulator import SagiccSandbox

__all__ = ["SagiccSandbox"]
