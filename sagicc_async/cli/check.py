"""`sagicc-async check VENDOR`: is everything as it should be, and if not, where is it mended?"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

from rich.text import Text

from ..adapter import Adapter
from ..clock import SystemClock
from ..declared import DeclaredAdapter
from ..errors import ConfigError, CredentialsRejected, PermissionDenied, RequestError, SagiccAsyncError, Unsupported
from ..findings import Finding
from ..manager import SessionManager
from ..records.stream import Page, Stream
from .choose import access_to, adapter_named, managing
from .console import duration, records, stdout
from .failures import Failed, describe
from .signals import until_terminated

#: Seconds by which two clocks may differ before anybody should care: the Date header has whole seconds.
_SKEW: Final = 30.0


_STYLES: Final = {"ok": "green", "problem": "bold red", "unknown": "dim"}


async def check(
    vendor: str,
    /,
    *,
    resource: str | None = None,
    account: str | None = None,
    config: str | None = None,
    coordinator: str | None = None,
) -> int:
    """
    Check credentials, clock and token with small requests that read, and say where to mend what is wrong.

    Parameters
    ----------
    vendor
        Name of an installed adapter, or the path of a resource file.
    resource
        Which list to ask for; the adapter's first that needs no arguments if not said.
    account
        An account of accounts.toml, instead of the environment.
    config
        The accounts file, if not at one of its usual places.
    coordinator
        Who else uses these tokens; see `export`.
    """
    kind = adapter_named(vendor, account, config)
    names = list(kind.resource_classes()) if resource is None else [kind.resource_class(resource).name]
    problems = 0
    for finding in await _findings(kind, names, account, config, coordinator):
        mark = (f"{finding.mark:8}", _STYLES[finding.mark])
        stdout.print(Text.assemble(mark, f"{finding.subject}: {finding.text}"), soft_wrap=True)
        problems += finding.mark == "problem"
    if problems:
        raise Failed(f"{kind.vendor} cannot be used like this; mend what is marked as a problem, then check again")
    return 0


async def _findings(
    kind: type[Adapter], names: Sequence[str], account: str | None, config: str | None, coordinator: str | None
) -> list[Finding]:
    try:
        access = access_to(kind, account, config)
    except ConfigError as error:
        return [Finding("problem", "credentials", str(error))]
    found = [Finding("ok", "credentials", f"complete, from {access.source}")]
    async with until_terminated(), managing(coordinator) as sessions:
        found.append(Finding("ok", "shared with", sessions.coordinator.describe()))
        try:
            adapter = access.open(sessions)
        except ConfigError as error:
            return [*found, Finding("problem", "settings", describe(error))]
        listed = _first_list(adapter, names)
        if listed is None:
            return [*found, Finding("unknown", "accepted", _nothing_to_ask(kind, names))]
        resource, stream = listed
        clock = SystemClock()
        began = clock.now()
        try:
            page = await stream.page(1, size=1)
        except SagiccAsyncError as error:
            return [*found, *_failure(error, resource), *_errors(sessions)]
        seconds = clock.now() - began
        found += [
            Finding("ok", "accepted", "the vendor takes them"),
            _clock(page),
            _token(next(iter(sessions.status().values()))),
            Finding("ok", "first page", f"{resource} answers with {records(len(page.items))} in {duration(seconds)}"),
        ]
        try:
            async for finding in adapter.examine(resource):
                found.append(finding)
        except SagiccAsyncError as error:
            found.append(Finding("problem", "what it speaks", describe(error)))
        found += _errors(sessions)
    return found


def _first_list(adapter: Adapter, names: Iterable[str]) -> tuple[str, Stream[Any]] | None:
    """The first list that can be asked for without arguments; what a resource file asks for shows only when it is made."""
    for name in names:
        with contextlib.suppress(TypeError, ConfigError, Unsupported):
            return name, adapter[name].list()
    return None


def _nothing_to_ask(kind: type[Adapter], names: Sequence[str]) -> str:
    whose = names[0] if len(names) == 1 else kind.vendor
    declared = issubclass(kind, DeclaredAdapter)
    mend = "declare one in the resource file" if declared else "mount() one in the adapter class"
    return f"nothing was asked: {whose} has no list that needs no arguments; {mend}, or name another by --resource"


def _failure(error: SagiccAsyncError, resource: str) -> list[Finding]:
    text = describe(error)
    if isinstance(error, ConfigError):
        return [Finding("problem", "settings", text)]
    if isinstance(error, CredentialsRejected | PermissionDenied):
        return [Finding("problem", "accepted", text)]
    answered = isinstance(error, RequestError) and error.status is not None
    accepted = Finding("unknown", "accepted", "no answer that tells" if not answered else "the answer does not tell")
    return [accepted, Finding("problem", f"first page of {resource}" if answered else "connection", text)]


def _clock(page: Page[Any]) -> Finding:
    theirs = page.response.date
    if theirs is None:
        return Finding("unknown", "clock", "the vendor sends no Date header")
    skew = SystemClock().wall() - theirs.timestamp()
    if abs(skew) <= _SKEW:
        return Finding("ok", "clock", f"less than {_SKEW:.0f} s apart from the vendor's")
    way = "ahead of" if skew > 0 else "behind"
    return Finding("problem", "clock", f"this machine is {duration(abs(skew))} {way} the vendor; set its clock (NTP)")


def _errors(sessions: SessionManager) -> list[Finding]:
    """How many requests failed, where the vendor blocks users for that; this check's own are among them."""
    counted = [status["error_share"] for status in sessions.status().values() if "error_share" in status]
    return [_share(one) for one in counted]


def _share(counted: dict[str, Any]) -> Finding:
    high = counted["share"] is not None and counted["share"] >= counted["warn_at"]
    text = (
        f"{counted['errors']:,} of the {counted['requests']:,} requests that were counted here in {counted['days']} days; "
        f"the vendor blocks users above {counted['limit']:.0%}"
    )
    return Finding("problem" if high else "ok", "errors", text)


def _token(status: dict[str, Any]) -> Finding:
    lives = status.get("lives")
    if lives is None:
        return Finding("ok", "token", "no end of its life is known")
    return Finding("ok", "token", f"lives for another {duration(lives)}")
