"""Any declared vendor on this machine: the emulator that a resource file is enough for."""

from .emulator import DeclaredSandbox

__all__ = ["DeclaredSandbox"]
