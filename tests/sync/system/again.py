"""
Runs the program again and again, each time as a process of its own that need not be imported anew.

    python again.py LOG

Reads lines of JSON: a list of arguments begins a process, and is answered with its id; `null` waits for its end, and is
answered with its status, a signal as its negative. What the processes say is appended to LOG.
"""

from __future__ import annotations

import json
import os
import sys

import sagicc_async.sync.sql  # noqa: F401 - before the fork, like all that takes its time
from sagicc_async.cli import main
from sagicc_async.registry import installed_adapters


def begin(arguments: list[str], log: str) -> int:
    """Fork; in the child, become the program."""
    pid = os.fork()
    if pid:
        return pid
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in (1, 2):
        os.dup2(said, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["sagicc-async", *arguments]
    os._exit(main())


def serve(log: str) -> None:
    """Do what the lines say."""
    installed_adapters()
    pid = 0
    for line in sys.stdin:
        arguments = json.loads(line)
        if arguments is None:
            answer = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        else:
            answer = pid = begin(arguments, log)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve(sys.argv[1])
