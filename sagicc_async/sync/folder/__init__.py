"""
The mirror as files of changes in a folder: JSON lines or Parquet.

    sink = FolderSink("mirror")  # or format="parquet"
    report = await sync.run(source, sink)

Each commit that changes something adds one file, `mirror/VENDOR/RESOURCE/ACCOUNT/000000001.jsonl` and so on: complete once
it is there, and never touched again. A row of it is a change: `_account`, `_id`, `_changed_at`, `_deleted`, and, unless
it is deleted, the record: under `record` in JSON lines, in a column for each field, with `_extra` for all others, in
Parquet. What a resource holds now is the last row of each `_account` and `_id`; `latest` reads it, and so does this:

    rows = {}
    for file in sorted(Path("mirror/siigo/invoices").glob("*/*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            for row in map(functools.partial(json.loads, parse_float=Decimal), lines):
                rows[row["_account"], row["_id"]] = row
    present = [row["record"] for row in rows.values() if not row["_deleted"]]

Names of folders are percent-encoded where they have to be (`Café` is `%43af%C3%A9`), so an account is better known by
`_account`. Columns of Parquet are joined by name: later files may have more. Whoever reads changes as they come remembers
the last file that was read in each account's folder. Files that were read may be moved away; the hidden folder may not.
"""

from __future__ import annotations

from ...errors import ConfigError

try:
    import sqlalchemy.ext.asyncio  # noqa: F401 - an extra
except ImportError as _missing:
    raise ConfigError(
        "a folder keeps what it knows in SQLite, which needs SQLAlchemy: pip install 'sagicc-async[sync]'"
    ) from _missing

from .latest import latest
from .sink import FolderSink

__all__ = ["FolderSink", "latest"]
