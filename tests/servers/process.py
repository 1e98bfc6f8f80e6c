"""A server that is a child of the test run, can be killed and started again, and never outlives the run."""

from __future__ import annotations

import contextlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, Self

import psutil

_WATCHDOG: Final = (sys.executable, "-I", "-S", str(Path(__file__).with_name("watchdog.py")))

#: Below the ports that systems give to outgoing connections: while the server is away nobody gets its port by chance, not even
#: a client that tries to connect to it (which would then be connected to itself).
_PORTS: Final = range(20_000, 32_000)

#: Seconds that a server may take until it answers.
_PATIENCE: Final = 20.0


class ServerProcess:
    """
    A server on 127.0.0.1, with a folder of its own.

    `start()` and `stop()` may follow each other; `close()` also removes the folder, and is what leaving a `with` block does.
    Port and folder stay the same meanwhile.
    """

    #: What it is called, in messages and in the name of its folder.
    name: str = "server"
    #: How it is asked to stop in order.
    farewell: signal.Signals = signal.SIGTERM

    def __init__(self) -> None:
        # Not below pytest's folders, which are closed to the user that a server of root's runs as.
        self.folder: Path = Path(tempfile.mkdtemp(prefix=f"sagicc-async-{self.name}-"))
        self.port: int = free_port()
        self.pid: int = 0
        self._watchdog: subprocess.Popen[str] | None = None
        self._user = ""
        self._frozen = False
        self.prepare()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where clients find it."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Make what the server needs before it starts for the first time."""

    def command(self) -> list[str]:
        """The program and its arguments."""
        raise NotImplementedError

    def ready(self) -> bool:
        """Whether it answers."""
        raise NotImplementedError

    def start(self) -> None:
        """
        Start it, and wait until it answers.

        Raises:
            RuntimeError: It does not: with the end of what it wrote.
        """
        assert self._watchdog is None, "it runs already"
        deadline = time.monotonic() + _PATIENCE
        self._launch()
        while not self.ready():
            if time.monotonic() > deadline:
                said = self.log()
                self.close()
                raise RuntimeError(f"{self.name} did not start:\n{said[-2000:]}")
            if self._ended():  # the last one's end is not complete yet, or the port is somebody else's for the moment
                self._dismiss(signal.SIGKILL, keep=True)
                time.sleep(0.05)
                self._launch()
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop it in order, as an administrator does; `start()` starts it again on what it has kept."""
        self._dismiss(self.farewell, keep=True)

    def kill(self) -> None:
        """Kill it with -9; `start()` starts it again on what is left."""
        self._dismiss(signal.SIGKILL, keep=True)

    def freeze(self) -> None:
        """Stop its time: connections stay open, and nothing is answered."""
        self._tell_all(signal.SIGSTOP)
        self._frozen = True

    def thaw(self) -> None:
        """Let its time go on."""
        self._tell_all(signal.SIGCONT)
        self._frozen = False

    def close(self) -> None:
        """End it for good, and remove its folder."""
        if self._watchdog is None:
            self._watch("true")
        self._dismiss(self.farewell, keep=False)

    def log(self) -> str:
        """What it wrote so far."""
        return (self.folder / "log").read_text(errors="replace")

    def _tell_all(self, number: signal.Signals) -> None:
        """The server and the processes that it works with."""
        server = psutil.Process(self.pid)
        for process in (*server.children(recursive=True), server):
            with contextlib.suppress(psutil.NoSuchProcess):  # it was about to end
                process.send_signal(number)

    def _launch(self) -> None:
        self._watch(*self.command())

    def _watch(self, *command: str) -> None:
        self._watchdog = subprocess.Popen(
            [*_WATCHDOG, str(self.folder), self._user, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # an interrupt from the keyboard is the test run's to handle
        )
        assert self._watchdog.stdout is not None
        self.pid = int(self._watchdog.stdout.readline())

    def _ended(self) -> bool:
        """Whether the server has ended by itself; nobody but the watchdog can wait for it, so it is a zombie then."""
        return bool(psutil.Process(self.pid).status() == psutil.STATUS_ZOMBIE)

    def _dismiss(self, number: signal.Signals, *, keep: bool) -> None:
        assert self._watchdog is not None, "it does not run"
        if self._frozen:
            self.thaw()
        self._watchdog.communicate(f"{number} {'keep' if keep else 'remove'}\n")
        self._watchdog, self.pid = None, 0


def free_port() -> int:
    """A port on which nobody listens."""
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
