"""`sagicc-async demo`: everything at once, against the sandbox, with the proof at the end."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import attrs
from cyclopts import Parameter, validators
from rich.table import Table

from ..adapter import Adapter
from ..errors import SagiccAsyncError
from ..export import ExportResult, export
from ..manager import SessionManager
from ..observe.events import Event, RequestFinished
from ..registry import find_adapter, installed_adapters
from .console import say, stdout
from .failures import Failed, describe
from .progress import Display
from .signals import until_terminated

if TYPE_CHECKING:
    from ..sandbox import LocalVendor, Sandbox


@attrs.frozen(kw_only=True)
class _Done:
    vendor: str
    resource: str
    result: ExportResult | None = None
    error: str = ""


async def demo(
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = Path("sagicc-async-demo"),
    records: Annotated[int, Parameter(validator=validators.Number(gte=0))] = 5000,
    seed: int = 1,
) -> int:
    """
    See it work, without any credentials.

    Starts the sandbox, opens every installed adapter that has one, exports all resources of all of them at once, and
    shows the sandbox's own count of what happened to each token.

    Parameters
    ----------
    output
        The folder for the files.
    records
        How many records of each vendor's main list are invented.
    seed
        Decides the invented data.
    """
    from ..sandbox import Sandbox  # noqa: PLC0415 - a web server, for this alone

    names = _playable()
    output.mkdir(parents=True, exist_ok=True)
    async with until_terminated(), Sandbox(names, records=records, seed=seed) as sandbox:
        say(f"The sandbox runs {', '.join(names)} at {sandbox.url}/ - exporting every resource at once.")
        requests: Counter[tuple[str, str]] = Counter()
        # These vendors live in this process alone, and their tokens, the same for each seed, nowhere else.
        async with SessionManager(coordinator="memory:") as sessions:
            sessions.on(lambda event: _count(event, requests))
            done = await _export_all(sessions, sandbox, names, output)
        usage = {name: sandbox[name].stats.to_dict() for name in names}
    say("")
    exclusive = {name for name in names if find_adapter(name).rules.max_in_flight == 1}
    stdout.print(_table(done, requests, usage, exclusive))
    failed = [one for one in done if one.error]
    overlaps = sum(usage[name]["overlaps"] for name in exclusive)
    if failed or overlaps:
        raise Failed(failed[0].error if failed else f"{overlaps} requests overlapped on a token: please report it")
    _conclude(len(done), usage, exclusive, output)
    return 0


def _playable() -> list[str]:
    """The vendors that have both an adapter and a sandbox; what does not load is told."""
    from ..sandbox import Sandbox, installed  # noqa: PLC0415 - as above

    playable = []
    for found in installed_adapters():
        if found.error is not None:
            say(f"left out: {found.vendor} - {found.error}")
        elif found.vendor not in installed():
            say(f"left out: {found.vendor} has no sandbox")
        else:
            try:
                Sandbox([found.vendor])
            except SagiccAsyncError as error:
                say(f"left out: {found.vendor} - {error}")
            else:
                playable.append(found.vendor)
    if not playable:
        raise Failed(
            "no adapter that works is installed; each vendor's is a package: pip install sagicc-async-<vendor>"
        )
    return playable


async def _export_all(sessions: SessionManager, sandbox: Sandbox, names: list[str], folder: Path) -> list[_Done]:
    opened = {name: _opened(sessions, sandbox[name]) for name in names}
    with Display() as display:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_export_one(adapter, resource, folder, display))
                for adapter in opened.values()
                for resource, kind in adapter.resource_classes().items()
                if "list" in kind.operations
            ]
    return [task.result() for task in tasks]


def _opened(sessions: SessionManager, vendor: LocalVendor) -> Adapter:
    return sessions.open(vendor.name, vendor.credentials, base_url=vendor.base_url, **vendor.settings)


async def _export_one(adapter: Adapter, resource: str, folder: Path, display: Display) -> _Done:
    tracked = display.track(f"{adapter.vendor} {resource}")
    file = folder / f"{adapter.vendor}-{resource}.jsonl"
    try:
        result = await export(adapter[resource], file, restart=True, progress=tracked)
    except (SagiccAsyncError, OSError) as error:
        return _Done(vendor=adapter.vendor, resource=resource, error=describe(error))
    tracked.done()
    return _Done(vendor=adapter.vendor, resource=resource, result=result)


def _count(event: Event, requests: Counter[tuple[str, str]]) -> None:
    if isinstance(event, RequestFinished):
        requests[event.vendor, event.operation.partition(".")[0]] += 1


def _table(
    done: list[_Done], requests: Counter[tuple[str, str]], usage: dict[str, dict[str, Any]], exclusive: set[str]
) -> Table:
    table = Table("vendor", "resource", box=None, pad_edge=False, show_footer=False)
    for heading in ("records", "seconds", "requests", "overlaps"):
        table.add_column(heading, justify="right")
    for vendor, counted in usage.items():
        mine = [one for one in done if one.vendor == vendor]
        for one in mine:
            made = f"{requests[vendor, one.resource]:,}"
            if one.result is None:
                table.add_row(vendor, one.resource, "[red]failed[/]", "", made, "")
            else:
                table.add_row(vendor, one.resource, f"{one.result.records:,}", f"{one.result.seconds:.1f}", made, "")
        results = [one.result for one in mine if one.result is not None]
        overlaps = f"[bold {'red' if counted['overlaps'] else 'green'}]{counted['overlaps']}[/]"
        table.add_row(
            f"[bold]{vendor}[/]",
            f"[bold]all {len(mine)}, as the sandbox counted[/]",
            f"[bold]{sum(result.records for result in results):,}[/]",
            f"[bold]{max((result.seconds for result in results), default=0):.1f}[/]",
            f"[bold]{counted['requests']:,}[/]",
            overlaps if vendor in exclusive else "[dim]allowed[/]",
            end_section=True,
        )
    return table


def _conclude(exports: int, usage: dict[str, dict[str, Any]], exclusive: set[str], folder: Path) -> None:
    requests = sum(counted["requests"] for counted in usage.values())
    say(f"\nThe files are in {folder}/")
    proof = ""
    if exclusive:
        names = " and ".join(sorted(exclusive))
        proof = f", and by the sandbox's own count never two at a time on a token of {names}, which forbids it"
    say(f"Proven: {exports} exports at once, {requests:,} requests{proof}.")
    say("Next: run `sagicc-async sandbox`, and do in another terminal what it suggests.")
