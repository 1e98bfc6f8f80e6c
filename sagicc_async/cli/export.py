"""`sagicc-async export VENDOR RESOURCE`."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

from cyclopts import Parameter, validators

from ..adapter import Adapter
from ..errors import CheckpointMismatch, SagiccAsyncError
from ..export import ExportResult, UnfinishedExport, unfinished
from ..export import export as export_list
from ..resource import Resource
from .choose import access_to, adapter_named, filters_of, managing
from .console import duration, records, say
from .failures import Failed, Interrupted, WrongUsage, describe
from .progress import Display
from .signals import until_terminated
from .turn import telling_of_a_wait

_NO_NEGATIVE = Parameter(negative="", show_default=False)
_POSITIVE = Parameter(validator=validators.Number(gte=1))


async def export(
    vendor: str,
    resource: str,
    /,
    *,
    output: Annotated[str | None, Parameter(name=["--output", "-o"], allow_leading_hyphen=True)] = None,
    format: Literal["jsonl", "csv", "parquet"] | None = None,  # noqa: A002 - the word for it
    where: Annotated[list[str] | None, _NO_NEGATIVE] = None,
    limit: Annotated[int | None, _POSITIVE] = None,
    resume: Annotated[bool, _NO_NEGATIVE] = False,
    restart: Annotated[bool, _NO_NEGATIVE] = False,
    check: Annotated[bool, Parameter(show_default=False)] = True,
    account: str | None = None,
    config: str | None = None,
    coordinator: str | None = None,
    page_size: Annotated[int | None, _POSITIVE] = None,
) -> int:
    """
    Export a list to a file.

    The file grows as FILE.part and gets its name when it is complete. After a crash, Ctrl-C or an error, --resume
    goes on where it stopped. Where the vendor keeps its records in several lists, such as those in use and the others,
    a line says which filters ask for each.

    Parameters
    ----------
    vendor
        Name of an installed adapter, or the path of a resource file.
    resource
        One of its resources; `sagicc-async resources VENDOR` lists them.
    output
        The file, or - for stdout. RESOURCE.jsonl if not said.
    format
        By default as the file's suffix says. jsonl keeps each record's own JSON, to the digit.
    where
        A filter, NAME=VALUE; can be given several times.
    limit
        Stop after so many records.
    resume
        Go on with an unfinished export of this file.
    restart
        Throw an unfinished export of this file away.
    check
        Stop at a record that is not what the adapter declares, as is the rule. Only jsonl can do without.
    account
        An account of accounts.toml, instead of the environment.
    config
        The accounts file, if not $SAGICC_ASYNC_CONFIG, ./accounts.toml or the one in the user's config folder.
    coordinator
        Who else uses these tokens: memory: for nobody, file: for this user's processes (as is the rule), file:/PATH for
        those who share that folder, redis://HOST/0 or postgresql://HOST/DATABASE for those on other machines. By default
        $SAGICC_ASYNC_COORDINATOR, which is also the place for an address with a password.
    page_size
        Records to ask for at once.
    """
    for text in where or ():
        if "=" not in text:
            raise WrongUsage(f"--where takes NAME=VALUE, not {text!r}")
    if resume and restart:
        raise WrongUsage("--resume and --restart exclude each other")
    kind = adapter_named(vendor, account, config)
    chosen = kind.resource_class(resource)
    filters = filters_of(kind, chosen, where or ())
    access = access_to(kind, account, config)
    target = output or f"{resource}.{format or 'jsonl'}"
    file: str | BinaryIO = sys.stdout.buffer if target == "-" else target

    async def run(adapter: Adapter) -> ExportResult:
        with Display() as display:
            return await export_list(
                adapter[resource].list(**filters),
                file,
                format=format,
                resume=resume,
                restart=restart,
                limit=limit,
                check=check,
                progress=display.track(f"{kind.vendor} {resource}"),
            )

    try:
        async with until_terminated(), managing(coordinator) as sessions:
            adapter = access.open(sessions, page_size=page_size)
            try:
                async with telling_of_a_wait(sessions, f"{kind.vendor} {resource}"):
                    result = await run(adapter)
            except (SagiccAsyncError, OSError):
                # The next page may be on its way: if that were cut, nobody could use the token for `settle` seconds.
                await sessions.close()
                raise
    except asyncio.CancelledError:
        raise Interrupted(f"interrupted{_way_on(target)}") from None
    except (BrokenPipeError, UnfinishedExport, CheckpointMismatch):
        raise  # these say all that is to be said
    except (SagiccAsyncError, OSError) as error:
        raise Failed(f"{describe(error)}{_way_on(target)}") from error
    _report(result, target)
    _tell_of_other_lists(adapter[resource], filters, limit)
    if resume and not result.resumed_from and target != "-":
        say("There was no unfinished export to go on with, so it began at the beginning.")
    return 0


def _report(result: ExportResult, target: str) -> None:
    again = f", {result.resumed_from:,} of them from an earlier run" if result.resumed_from else ""
    where = "to stdout" if target == "-" else f"in {target}"
    say(
        f"{records(result.records)} {where}{again} ({duration(result.seconds)}, {result.pages:,} page{'' if result.pages == 1 else 's'})"
    )
    if result.drifted:
        say(
            "The list changed while it was read, or ended before the vendor's total; a new export is due if it must be complete."
        )


def _tell_of_other_lists(exported: Resource[Any], filters: Mapping[str, Any], limit: int | None) -> None:
    """Say how to have all records where no one list is sure to hold them, unless a few are enough, or the filters chose."""
    lists: list[Mapping[str, Any]] = []
    with contextlib.suppress(TypeError, SagiccAsyncError):  # one that needs arguments: they have chosen
        lists = [stream.checkpoint.query.get("params", {}) for stream in exported.everything()]
    apart = [name for name in exported.capabilities.filters if any(name in params for params in lists)]
    if limit is not None or len(lists) < 2 or not filters.keys().isdisjoint(apart):
        return
    ways = [" ".join(f"--where {name}={params[name]}" for name in apart if name in params) for params in lists]
    say(
        f"No one list of {exported.name} is sure to hold all of them, and this one may have left some out. For all, export "
        f"each of: {'; '.join(ways)}"
    )


def _way_on(target: str) -> str:
    """What is safe, and how to go on with it."""
    if target == "-":
        return ""
    with contextlib.suppress(SagiccAsyncError, OSError):  # an error about the part itself says what to do already
        saved = unfinished(target)
        if saved is not None:
            return f" - {records(saved.records)} are safe in {Path(target)}.part; go on with: {_again()}"
    return ""


def _again() -> str:
    arguments = [argument for argument in sys.argv[1:] if argument not in ("--resume", "--restart")]
    return shlex.join(["sagicc-async", *arguments, "--resume"])
