"""Which run of the machine this is: all its processes say the same, and after a restart they say something else."""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
from pathlib import Path
from typing import Final

_LINUX: Final = Path("/proc/sys/kernel/random/boot_id")


def boot_name() -> str:
    """
    A name for the time since the machine was started, fit for a file: 16 hex digits.

    Where a system does not tell one run from the next, the name is always the same. It must never differ between
    processes that run at the same time, so an error is not passed over.

    Raises:
        OSError: The system keeps it from this process.
    """
    if sys.platform == "linux":
        told = _LINUX.read_bytes()
    elif sys.platform == "darwin":
        told = _system_setting(b"kern.bootsessionuuid")
    else:
        told = b""
    return hashlib.sha256(told.strip()).hexdigest()[:16]


def _system_setting(name: bytes) -> bytes:
    value, size = ctypes.create_string_buffer(64), ctypes.c_size_t(64)
    library = ctypes.CDLL(None, use_errno=True)
    if library.sysctlbyname(name, value, ctypes.byref(size), None, ctypes.c_size_t(0)):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return value.value
