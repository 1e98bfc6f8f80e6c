"""`latest`: the present state of a resource, from its files of changes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .formats import ACCOUNT, DELETED, ID, FormatName, format_of
from .names import resource_folder


def latest(
    folder: str | os.PathLike[str],
    vendor: str,
    resource: str,
    *,
    format: FormatName = "jsonl",  # noqa: A002 - as in `FolderSink`
) -> dict[tuple[str, str], dict[str, Any]]:
    """
    The rows that a resource has now, as their latest change says; it reads all files, and blocks.

    Args:
        folder: The folder of the sink.
        vendor: Entry-point name of the adapter.
        resource: Name of the resource.
        format: What the files are.

    Returns:
        By account and id: in JSON lines the record is in `record`, in Parquet its fields are columns.

    Raises:
        ConfigError: The format needs a package that is not installed.
        OSError: A file cannot be read.
    """
    reader = format_of(format)
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for file in sorted(resource_folder(Path(folder), vendor, resource).glob(f"*/*.{format}")):
        for row in reader.decode(file.read_bytes()):
            rows[row[ACCOUNT], row[ID]] = row
    return {key: row for key, row in rows.items() if not row[DELETED]}
