"""`sagicc-async sandbox [VENDOR]...`."""

from __future__ import annotations

import json
import shlex
import sys
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter, validators

from ..registry import installed_adapters
from .console import records as count
from .console import say
from .failures import WrongUsage
from .signals import stop_event

if TYPE_CHECKING:
    from ..sandbox import Sandbox


async def sandbox(
    *vendors: str,
    port: Annotated[int, Parameter(validator=validators.Number(gte=0, lte=65535))] = 0,
    records: Annotated[int, Parameter(validator=validators.Number(gte=0))] = 1000,
    seed: int = 1,
    set: Annotated[list[str] | None, Parameter(negative="", show_default=False)] = None,  # noqa: A002 - the word for it
) -> int:
    """
    Run vendors on this machine, as strict as the real ones, until Ctrl-C.

    Prints one line of JSON on stdout when they are ready: their addresses and credentials.

    Parameters
    ----------
    vendors
        Which; all that are installed if not said.
    port
        0 takes a free one.
    records
        How many records of each vendor's main list are invented.
    seed
        Decides the invented data and credentials.
    set
        A setting of one vendor, VENDOR.NAME=VALUE, such as sagicc.envelope=bare or serpi.overlap=reject; can be given
        several times. A vendor's page on its sandbox lists them.
    """
    from ..sandbox import Sandbox  # noqa: PLC0415 - a web server, for this alone

    made = Sandbox(vendors or None, port=port, records=records, seed=seed, settings=_settings(set or []))
    async with stop_event() as stop, made as running:
        print(json.dumps(running.describe()), flush=True)
        _give_hints(running, records)
        await stop.wait()
    say("stopped")
    return 0


def _settings(texts: list[str]) -> dict[str, dict[str, Any]]:
    """Read `VENDOR.NAME=VALUE`; a value is JSON where it can be, else text."""
    found: dict[str, dict[str, Any]] = {}
    for text in texts:
        place, equals, value = text.partition("=")
        vendor, dot, name = place.partition(".")
        if not (equals and dot and vendor and name):
            raise WrongUsage(f"--set takes VENDOR.NAME=VALUE, not {text!r}")
        try:
            read = json.loads(value)
        except ValueError:
            read = value
        found.setdefault(vendor, {})[name] = read
    return found


def _give_hints(running: Sandbox, records: int) -> None:
    main = _main_resources()
    say(f"\nRunning: {', '.join(running)} ({count(records)} in the main list).")
    say(f"A look inside: {running.url}/", whole=True)
    say("\nIn another terminal:\n")
    for name in running:
        variables = [f"{variable}={value}" for variable, value in running[name].environment.items()]
        say(f"  export {shlex.join(variables)}", whole=True)
    for name in running:
        if name in main:
            say(f"  sagicc-async export {name} {main[name]} -o {main[name]}.jsonl", whole=True)
    say("\nCtrl-C stops it.")
    sys.stderr.flush()


def _main_resources() -> dict[str, str]:
    """The first resource that each adapter declares."""
    return {
        found.vendor: next(iter(found.adapter.resource_classes()))
        for found in installed_adapters()
        if found.adapter is not None and found.adapter.resource_classes()
    }
