"""Where an exported list is known from, for those vendors of whom a person said what they are like."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from .disk import named, replace_durably, write_all

#: Key of a Parquet file's own metadata.
KEY: Final = "sagicc_async.provenance"


def as_text(provenance: Mapping[str, Any]) -> str:
    """As it is written."""
    return json.dumps(provenance, ensure_ascii=False, indent=1)


def keep_beside(file: Path, provenance: Mapping[str, Any] | None) -> None:
    """
    Write it beside a file that has no room for it: `things.jsonl.provenance.json`.

    Args:
        file: The exported one.
        provenance: `None` takes away what an earlier export under this name has left, which says nothing of this one.

    Raises:
        OSError: It cannot be written, or not be taken away.
    """
    target = file.with_name(f"{file.name}.provenance.json")
    if provenance is None:
        with named(target):
            target.unlink(missing_ok=True)
        return
    spare = target.with_name(f"{target.name}.part")
    with named(spare):
        fd = os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        try:
            write_all(fd, f"{as_text(provenance)}\n".encode())
            os.fsync(fd)
        finally:
            os.close(fd)
    replace_durably(spare, target)
