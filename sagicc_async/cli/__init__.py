"""The command line, `sagicc-async`: one file a command."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> int:
    """
    Run the command line.

    Returns:
        The exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
    """
    try:
        from .app import run  # noqa: PLC0415 - what it needs is an extra

        return run(sys.argv[1:])
    except KeyboardInterrupt:  # while it starts
        print("interrupted", file=sys.stderr)
        return 130
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in {"cyclopts", "rich"}:
            raise
        print(f"error: the command line needs {package}: pip install 'sagicc-async[cli]'", file=sys.stderr)
        return 1
