"""How much memory this process takes, and has taken at most."""

from __future__ import annotations

import re
from pathlib import Path


def peak() -> float:
    """
    The most memory that this process has had, in MiB.

    Not `getrusage`: Linux lets a process begin there with what its parent had.
    """
    return _status("VmHWM")


def resident() -> float:
    """The memory that this process has now, in MiB."""
    return _status("VmRSS")


def _status(name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024
