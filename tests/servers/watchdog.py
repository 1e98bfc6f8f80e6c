"""
Run a server for as long as somebody holds our standard input open: not even `kill -9` of a test run leaves an orphan.

    python watchdog.py FOLDER USER COMMAND...

A line on standard input ends the server in some way: `SIGNAL keep`, or `SIGNAL remove`. Its end without a line, which is
what the death of the test run looks like, is a SIGQUIT, then a SIGKILL, and the server's folder goes. USER is empty, or who the server
is to be where we are root. It needs nothing but the standard library: Python starts it with `-I -S`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import Any

#: Seconds that a server gets to end in its own way.
PATIENCE = 5.0


def main(folder: str, user: str, *command: str) -> None:
    """Run it, and end it."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # whoever started us closes the pipe; that is the one way
    privileges: dict[str, Any] = {"user": user, "extra_groups": []} if user else {}
    with open(os.path.join(folder, "log"), "ab") as log:  # noqa: PTH118, PTH123 - pathlib is slow to import
        server = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **privileges
        )
    sys.stdout.write(f"{server.pid}\n")
    sys.stdout.flush()
    number, _, rest = sys.stdin.readline().strip().partition(" ")
    end(server, int(number) if number else signal.SIGQUIT)
    if rest != "keep":
        shutil.rmtree(folder, ignore_errors=True)


def end(server: subprocess.Popen[bytes], number: int) -> None:
    """Send it a signal, and see it go."""
    server.send_signal(number)
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
