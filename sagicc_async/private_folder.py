"""Folders of the user's own in which processes keep what they share."""

from __future__ import annotations

import os
from pathlib import Path


def make_private_folder(folder: Path) -> bool:
    """
    Make a folder that nobody else can enter, and what is above it, unless it is there.

    Returns:
        Whether it was made.

    Raises:
        OSError: It cannot be made.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not folder.is_dir():
            raise
        return False
    return True


def sync_folder(folder: Path) -> None:
    """
    Make the names in a folder durable: they are there after a power cut.

    Raises:
        OSError: It cannot be read, or the disk fails.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
