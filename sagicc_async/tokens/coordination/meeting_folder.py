"""
Where the processes of one machine meet: in the folder they are given, one folder for each run of the machine.

What they agree on outlives any of them, not the machine: syncing it to the disk would take milliseconds a change. So after
a restart nothing that is found is believed; it could be older than what was agreed on last. That there was an earlier run
is known by its folder, which alone is synced, once a run; requests of that time must be over before anything starts.

Where a home is shared by network, each host has a folder of its own: neither locks nor pipes reach from one to another.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Final

import attrs

from ...errors import ConfigError
from ...private_folder import make_private_folder, sync_folder
from .boot import boot_name

#: The folder of a run, whole or half made: nothing else in the outer folder is ours.
_RUN: Final = re.compile(r"boot-[0-9a-f]{16}(?P<half_made>\.new-.+)?")

#: When the machine was started, on its own clock; 0 would say that nothing has been lost.
_THE_START: Final = 1e-6

#: Seconds after which what nobody has touched, and nobody needs, is swept away.
STALE: Final = 86_400.0


@attrs.frozen
class MeetingFolder:
    """
    The folder of this run of the machine.

    Args:
        folder: Where it is.
        files_mode: Permissions of the files in it.
        known_since: What happened before is not known; see `ScopeState`.
    """

    folder: Path
    files_mode: int
    known_since: float

    @property
    def scopes(self) -> Path:
        """Where the documents are."""
        return self.folder / "scopes"

    @property
    def owners(self) -> Path:
        """Where the pipes are."""
        return self.folder / "owners"


def enter(folder: Path, wall: float) -> MeetingFolder:
    """
    Go to the folder of this run of the machine, which is made if it is not there.

    Args:
        folder: The one that holds those of all runs.
        wall: Seconds since the epoch: what is left of earlier runs is swept away when it is old.

    Raises:
        ConfigError: Others can get at the folder.
        OSError: It cannot be made or used.
    """
    if make_private_folder(folder):
        sync_folder(folder.parent)
    outer = _trusted(folder)
    here = folder / f"boot-{boot_name()}"
    if not here.is_dir():
        _make(here, outer)
    known_since = _THE_START if _earlier_runs(here, wall) else 0.0
    shared = stat.S_IMODE(outer.st_mode) & 0o030 == 0o030
    return MeetingFolder(here, 0o660 if shared else 0o600, known_since)


def _make(here: Path, outer: os.stat_result) -> None:
    """Make it so that it is there with all its parts or not at all, whoever makes it at the same time."""
    half_made = Path(tempfile.mkdtemp(prefix=f"{here.name}.new-", dir=here.parent))
    try:
        for part in (half_made / "scopes", half_made / "owners"):
            part.mkdir()
            _share(part, outer)
        _share(half_made, outer)
        half_made.rename(here)
    except BaseException as error:
        shutil.rmtree(half_made, ignore_errors=True)
        if not isinstance(error, OSError) or not here.is_dir():  # else another process was faster
            raise
    sync_folder(here.parent)


def _share(folder: Path, outer: os.stat_result) -> None:
    """Whoever may enter the outer folder may enter this one: the group too, whatever the umask and the maker's own group."""
    mode = stat.S_IMODE(outer.st_mode)
    if mode & 0o070:
        os.chown(folder, -1, outer.st_gid)
        mode |= stat.S_ISGID
    folder.chmod(mode)


def _trusted(folder: Path) -> os.stat_result:
    """Make sure that nobody can get at what is in a folder who should not."""
    found = folder.stat()
    if stat.S_IMODE(found.st_mode) & 0o007:
        raise ConfigError(f"the folder {folder} is open to everybody; chmod o-rwx {folder}")
    if found.st_uid != os.geteuid() and found.st_gid not in {os.getegid(), *os.getgroups()}:
        raise ConfigError(f"the folder {folder} is neither yours nor your group's; choose another one")
    return found


def _earlier_runs(here: Path, wall: float) -> bool:
    """Whether anything of an earlier run of the machine may still matter; what is older is swept away."""
    found = False
    for run in here.parent.iterdir():
        name = _RUN.fullmatch(run.name)
        if name is not None and run != here and not _swept(run, wall):
            found |= name["half_made"] is None
    return found


def _swept(run: Path, wall: float) -> bool:
    with contextlib.suppress(OSError):  # somebody else is sweeping it
        if wall - max(part.stat().st_mtime for part in (run, *run.rglob("*"))) <= STALE:
            return False
    shutil.rmtree(run, ignore_errors=True)
    return True
