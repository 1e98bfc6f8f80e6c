"""
The unfinished export beside its target: `NAME.part`, and `NAME.part.checkpoint` which says how much of it counts.

The order is the whole promise: data, sync, checkpoint. A checkpoint therefore never speaks of bytes that are not on
disk; what stands behind its position was written after it, and a resumed export cuts it off.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

import attrs
import msgspec

from ..errors import CheckpointMismatch, ConfigError
from ..private_folder import sync_folder
from ..records.checkpoint import Checkpoint
from .disk import named, open_locked, overwrite_durably, replace_durably

#: Raised when the meaning of a field changes.
_VERSION: Final = 1
#: Bytes that are held for the next checkpoint; one is a few hundred long.
_ROOM: Final = 8192


class UnfinishedExport(ConfigError):
    """An earlier export of the same file was not completed: go on with it, or throw it away."""


@attrs.frozen(kw_only=True)
class Saved:
    """
    How much of an export is safe on disk.

    Args:
        format: `jsonl`, `csv` or `parquet`.
        columns: Names of the columns, for formats that have them.
        position: Where to go on: a byte of the part file, or the number of complete segments in the part folder.
        records: Records up to there.
        checkpoint: The stream's place behind them.
        company: Digest of the company whose list it is; `None` where it is not known.
    """

    format: str
    columns: tuple[str, ...]
    position: int = attrs.field(validator=attrs.validators.ge(0))
    records: int = attrs.field(validator=attrs.validators.ge(0))
    checkpoint: Checkpoint
    company: str | None = None

    def to_json(self) -> bytes:
        """One line of JSON."""
        fields = attrs.asdict(self, recurse=False)
        fields["checkpoint"] = msgspec.Raw(self.checkpoint.to_json().encode())
        return msgspec.json.encode({"version": _VERSION, **fields}) + b"\n"

    @classmethod
    def from_json(cls, text: bytes, where: Path) -> Saved:
        """
        Read what `to_json` wrote.

        Raises:
            CheckpointMismatch: It is not that, or a newer release wrote it.
        """
        try:
            stored = _decode(text)
        except msgspec.MsgspecError:
            stored = None
        if stored is None or stored.version != _VERSION or min(stored.position, stored.records) < 0:
            reason = "is damaged" if stored is None or stored.version == _VERSION else "is of another release"
            raise CheckpointMismatch(f"{where} {reason}; begin anew with restart=True (--restart)")
        return cls(
            format=stored.format,
            columns=stored.columns,
            position=stored.position,
            records=stored.records,
            checkpoint=Checkpoint.from_json(bytes(stored.checkpoint)),
            company=stored.company,
        )


class _Stored(msgspec.Struct):
    version: int
    format: str
    columns: tuple[str, ...]
    position: int
    records: int
    checkpoint: msgspec.Raw
    company: str | None = None  # not in those of the first releases


_decode = msgspec.json.Decoder(_Stored).decode


def unfinished(target: str | os.PathLike[str]) -> Saved | None:
    """
    What an unfinished export of this target has safe on disk; `None` if there is none.

    Raises:
        CheckpointMismatch: Its checkpoint cannot be read.
    """
    part, sidecar = _beside(Path(target))
    return _read(sidecar) if part.exists() else None


class Sink(Protocol):
    """How a format fills a part; everything but `write` blocks."""

    def begin(self, position: int | None) -> None:
        """Go on at the position of a checkpoint and cut off what follows; or begin."""

    def write(self, records: Sequence[Any]) -> None:
        """Take the records of a page, or fail and have taken none."""

    def due(self, seconds: float) -> bool:
        """Whether to commit now, so many seconds after the last time."""

    def commit(self) -> int:
        """Make durable what was taken, and return the position behind it."""

    def finish(self) -> None:
        """Make the complete file of what was committed, and give it its name."""

    def stop(self) -> None:
        """Make a `finish` that is under way in another thread end early, with everything as it was before."""


class Part:
    """
    The part of one target, locked against other exports while this is entered.

    Args:
        target: Where the complete export will be.
        folder: Whether the part is a folder of segments.

    Raises:
        ConfigError: The target is a folder.

    Attributes:
        fd: Descriptor of the part file or folder.

    Leaving it unfinished keeps what was saved; where nothing was, nothing is left behind.
    """

    def __init__(self, target: Path, *, folder: bool) -> None:
        # Through a link to where it leads: the rename at the end would replace the link itself.
        self.target: Path = target.resolve() if target.is_symlink() else target
        self.path: Path
        self.path, self._sidecar = _beside(self.target)
        self._spare = self._sidecar.with_name(f"{self._sidecar.name}.spare")
        self._folder = folder
        self._saved: Saved | None = None
        self._finished = False
        self.fd: int = -1

    def __enter__(self) -> Self:
        if self.path.exists() and self.path.is_dir() != self._folder:
            raise ConfigError(f"{self.path} is of an export in another format; finish that one, or delete it")
        self.fd = open_locked(self.path, folder=self._folder)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not self._finished:
                self._spare.unlink(missing_ok=True)
                if not self._sidecar.exists():
                    self._remove()
        finally:
            os.close(self.fd)

    def begin(self, *, resume: bool, restart: bool) -> Saved | None:
        """
        Decide where to start.

        Returns:
            What is safe already; `None` to begin at the beginning, where nothing is.

        Raises:
            UnfinishedExport: There is one, and nobody said what to do about it.
            CheckpointMismatch: Its checkpoint cannot be read.
        """
        # Looked at behind the lock: until then another export may write to both. One alone counts for nothing.
        if not restart and not self._is_empty():
            self._saved = _read(self._sidecar)
        if self._saved is not None and not resume:
            raise UnfinishedExport(
                f"{self.path} holds {self._saved.records:,} records of an unfinished export; "
                "go on with it by resume=True (--resume), or throw it away by restart=True (--restart)"
            )
        if self._saved is None:
            self._sidecar.unlink(missing_ok=True)
        self._keep_spare()
        sync_folder(self.path.parent)
        return self._saved

    def save(self, saved: Saved) -> None:
        """Say that so much is on disk; it must be synced already. Afterwards there is room for saying it once more."""
        if saved != self._saved:
            overwrite_durably(self._spare, self._sidecar, saved.to_json())
            self._saved = saved
            self._keep_spare()

    def finish(self, complete: Path) -> None:
        """Give the complete, synced file its final name, and clear up."""
        replace_durably(complete, self.target)
        self._finished = True
        self._sidecar.unlink(missing_ok=True)
        self._spare.unlink(missing_ok=True)
        if self._folder:
            self._remove()

    def _is_empty(self) -> bool:
        """Whether nothing was ever written to the part: it was made just now."""
        with named(self.path):
            return not any(self.path.iterdir()) if self._folder else os.fstat(self.fd).st_size == 0

    def _keep_spare(self) -> None:
        """Hold the room for the next checkpoint: once the disk is full there would be none to be had."""
        with named(self._spare):
            self._spare.write_bytes(bytes(_ROOM))

    def _remove(self) -> None:
        with named(self.path):
            if self._folder:
                shutil.rmtree(self.path)
            else:
                self.path.unlink(missing_ok=True)


def check_same_export(saved: Saved, format_: str, columns: tuple[str, ...]) -> None:
    """
    Refuse to append one kind of export to another.

    Raises:
        CheckpointMismatch: The format, or the model's fields, are not those of the unfinished export.
    """
    wanted: dict[str, tuple[Any, str]] = {"format": (format_, "another format"), "columns": (columns, "other columns")}
    for name, (value, difference) in wanted.items():
        if getattr(saved, name) != value:
            raise CheckpointMismatch(
                f"the unfinished export has {difference} than this one; begin anew with restart=True (--restart)",
                checkpoint=saved.checkpoint,
            )


def check_same_company(saved: Saved, company: str | None) -> None:
    """
    Refuse to append one company's records to another's, whose ids may well be the same.

    Where a vendor's token is all that tells companies apart, a replaced one looks like another company.

    Args:
        saved: What is there.
        company: Digest of the company whose list is to be read; `None` where it is not known.

    Raises:
        CheckpointMismatch: They are two.
    """
    if saved.company is not None and company is not None and saved.company != company:
        raise CheckpointMismatch(
            "the unfinished export belongs to another company, or was begun with other credentials of the same one; begin "
            "anew with restart=True (--restart), or, where you know that the company is the same, go on after taking "
            '"company" out of its .part.checkpoint',
            checkpoint=saved.checkpoint,
        )


def _read(sidecar: Path) -> Saved | None:
    try:
        return Saved.from_json(sidecar.read_bytes(), sidecar)
    except FileNotFoundError:
        return None


def _beside(target: Path) -> tuple[Path, Path]:
    if target.is_dir():
        raise ConfigError(f"{target} is a folder; name a file in it")
    if target.is_symlink():
        target = target.resolve()
    return target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.part.checkpoint")
