"""Which commands there are, and what becomes of their errors."""

from __future__ import annotations

import asyncio
import logging
import os
import shlex
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

from cyclopts import App, CycloptsError, UnusedCliTokensError
from rich.text import Text

from .adapters import adapters
from .check import check
from .console import flush, one_line, stderr
from .demo import demo
from .describe import describe as describe_file
from .export import export
from .failures import Interrupted, WrongUsage, describe
from .new_adapter import new_adapter
from .resources import resources
from .sandbox import sandbox
from .sync import sync_app
from .worker import worker

_HELP = """
Business APIs of Latin-American vendors, from the command line.

Credentials come from the environment (`<VENDOR>_<FIELD>`, `<VENDOR>_BASE_URL`) or, with `--account`, from
`accounts.toml`. Begin with `sagicc-async demo`, which needs neither.

Everywhere: `--debug` shows every request, and where an error came from.
"""

#: In the order in which a newcomer needs them.
_COMMANDS: tuple[Callable[..., Any] | App, ...] = (
    demo,
    sandbox,
    adapters,
    resources,
    describe_file,
    check,
    export,
    sync_app,
    worker,
    new_adapter,
)

app: App = App(name="sagicc-async", help=_HELP, version=lambda: version("sagicc-async"))
for _place, _command in enumerate(_COMMANDS):
    if isinstance(_command, App):  # it has commands of its own
        _command.sort_key = _place
        app.command(_command)
    else:
        app.command(_command, sort_key=_place)


def run(arguments: Sequence[str]) -> int:
    """
    Run one command.

    Args:
        arguments: What stands behind the program's name.

    Returns:
        The exit status. Errors are one line on stderr; their origin is shown with `--debug` alone.
    """
    debug = "--debug" in arguments or bool(os.environ.get("SAGICC_ASYNC_DEBUG"))
    tokens = [argument for argument in arguments if argument != "--debug"]
    _show_logs(debug=debug)
    try:
        command, bound, _ = app.parse_args(tokens, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        complaint = one_line(_complaint(error)).rstrip(".")
        return _fail(f"{complaint} - see sagicc-async {_command_in(tokens)}--help", 2)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("default", UserWarning)
            warnings.showwarning = _show_warning
            result = command(*bound.args, **bound.kwargs)
            return _finish(asyncio.run(result) if asyncio.iscoroutine(result) else result)
    except BrokenPipeError:
        # The reader has what it wants. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except WrongUsage as error:
        return _fail(one_line(str(error)), 2)
    except (KeyboardInterrupt, asyncio.CancelledError, Interrupted) as error:
        stderr.print(Text(one_line(str(error)) or "interrupted"), soft_wrap=True)
        return 130
    except Exception as error:  # noqa: BLE001 - the outermost place: whatever it is becomes one line
        if debug:
            traceback.print_exc()
        return _fail(one_line(describe(error)), 1)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """An adapter's warning is for the user, to whom the line of code that led to it says nothing."""
    stderr.print(Text.assemble(("warning:", "bold yellow"), " ", one_line(str(message))), soft_wrap=True)


def _finish(result: Any) -> int:
    flush()
    return result if isinstance(result, int) else 0


def _fail(line: str, status: int) -> int:
    stderr.print(Text.assemble(("error:", "bold red"), " ", line), soft_wrap=True)
    return status


def _complaint(error: CycloptsError) -> str:
    if isinstance(error, UnusedCliTokensError):
        return f"too many arguments: {shlex.join(error.unused_tokens or ())}"
    return str(error)


def _command_in(tokens: Sequence[str]) -> str:
    return f"{tokens[0]} " if tokens and tokens[0] in {name for name in app if not name.startswith("-")} else ""


def _show_logs(*, debug: bool) -> None:
    """Warnings reach the terminal without tearing a progress bar apart."""
    from rich.logging import RichHandler  # noqa: PLC0415 - not for --help

    handler = RichHandler(console=stderr, show_path=False, show_time=debug)
    logger = logging.getLogger("sagicc_async")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.DEBUG if debug else logging.WARNING)
    logger.propagate = False
    # A refused token ends the command, whose error says all of it.
    logging.getLogger("sagicc_async.tokens").setLevel(logging.DEBUG if debug else logging.ERROR)
