"""`sagicc-async sandbox [VENDOR]...`."""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter, validators

from ..registry import installed_adapters
from .console import records as count
from .console import say
from .failures import WrongUsage
from .signals import stop_event

if TYPE_CHECKING:
    from ..sandbox import LocalVendor, Sandbox


async def sandbox(
    *vendors: str,
    companies: Annotated[int, Parameter(validator=validators.Number(gte=1))] = 1,
    accounts: Annotated[Path | None, Parameter(show_default=False)] = None,
    port: Annotated[int, Parameter(validator=validators.Number(gte=0, lte=65535))] = 0,
    records: Annotated[int, Parameter(validator=validators.Number(gte=0))] = 1000,
    seed: int = 1,
    set: Annotated[list[str] | None, Parameter(negative="", show_default=False)] = None,  # noqa: A002 - the word for it
) -> int:
    """
    Run vendors on this machine, as strict as the real ones, until Ctrl-C.

    Prints one line of JSON on stdout when they are ready: their addresses and credentials, or where --accounts wrote
    them.

    Parameters
    ----------
    vendors
        Which; all that are installed if not said.
    companies
        How many companies each vendor has: serpi, serpi-2, serpi-3 and so on, each with data, credentials and limits of
        its own.
    accounts
        A folder for an accounts.toml that has them all, with their secrets in files of their own, to sync or export them.
    port
        0 takes a free one.
    records
        How many records of each company's main list are invented.
    seed
        Decides the invented data and credentials.
    set
        A setting of one vendor, VENDOR.NAME=VALUE, such as sagicc.envelope=bare or serpi.overlap=reject; can be given
        several times. A vendor's page on its sandbox lists them.
    """
    from ..sandbox import Sandbox  # noqa: PLC0415 - a web server, for this alone

    made = Sandbox(
        vendors or None, companies=companies, port=port, records=records, seed=seed, settings=_settings(set or [])
    )
    async with stop_event() as stop:
        if companies > 1:
            say(f"Inventing the data of {companies} companies of each vendor ...")
        await _until(stop, asyncio.create_task(_serve(made, records, accounts)))
    say("stopped")
    return 0


async def _until(stop: asyncio.Event, serving: asyncio.Task[None]) -> None:
    """Let the sandbox serve until it is asked to stop, which it can be while it is still inventing its data."""
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        serving.cancel()
        stopping.cancel()
        await asyncio.wait((serving, stopping))
    if not serving.cancelled():
        serving.result()


async def _serve(made: Sandbox, records: int, accounts: Path | None) -> None:
    from ..sandbox import write_accounts  # noqa: PLC0415 - see above

    async with made as running:
        written = None if accounts is None else write_accounts(running, accounts)
        told = running.describe() if written is None else {"accounts": str(written), "url": running.url}
        print(json.dumps(told), flush=True)
        _give_hints(running, records, written)
        await asyncio.Event().wait()


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


def _give_hints(running: Sandbox, records: int, accounts: Path | None) -> None:
    companies = [running[name] for name in running]
    vendors = list(dict.fromkeys(company.vendor for company in companies))
    many = len(companies) > len(vendors)
    each = f", {len(companies) // len(vendors)} companies each" if many else ""
    say(f"\nRunning: {', '.join(vendors)}{each} ({count(records)} in the main list).")
    say(f"A look inside: {running.url}/", whole=True)
    say("\nIn another terminal:\n")
    if accounts is not None:
        _name_accounts(companies[-1], accounts)
    else:
        _name_variables([running[vendor] for vendor in vendors])
    if many and accounts is None:
        say("\nThat is the first company of each; --accounts FOLDER writes a file that has them all.")
    say("\nCtrl-C stops it.")
    sys.stderr.flush()


def _name_accounts(example: LocalVendor, accounts: Path) -> None:
    file, resource = shlex.quote(str(accounts)), _main_resources().get(example.vendor)
    say(f"  sagicc-async sync {file}", whole=True)
    if resource is not None:
        chosen = f"--account {example.name} --config {file}"
        say(f"  sagicc-async export {example.vendor} {resource} {chosen} -o {resource}.jsonl", whole=True)


def _name_variables(vendors: list[LocalVendor]) -> None:
    main = _main_resources()
    for vendor in vendors:
        variables = [f"{variable}={value}" for variable, value in vendor.environment.items()]
        say(f"  export {shlex.join(variables)}", whole=True)
    for vendor in vendors:
        if vendor.name in main:
            resource = main[vendor.name]
            say(f"  sagicc-async export {vendor.name} {resource} -o {resource}.jsonl", whole=True)


def _main_resources() -> dict[str, str]:
    """The first resource that each adapter declares."""
    return {
        found.vendor: next(iter(found.adapter.resource_classes()))
        for found in installed_adapters()
        if found.adapter is not None and found.adapter.resource_classes()
    }
