"""`sagicc-async adapters`."""

from __future__ import annotations

from typing import Annotated, Any

import attrs
from cyclopts import Parameter
from rich.table import Column, Table
from rich.text import Text

from ..adapter import Adapter
from ..registry import InstalledAdapter, installed_adapters
from ..tokens.window import Window
from .console import print_json, print_table, say, stdout


def adapters(*, json: Annotated[bool, Parameter(negative="", show_default=False)] = False) -> None:
    """
    List the installed adapters; one that does not load is listed with its error.

    Parameters
    ----------
    json
        For programs.
    """
    found = installed_adapters()
    if json:
        print_json([_facts(adapter) for adapter in found])
        return
    if not found:
        say("No adapter is installed; each vendor's is a package of its own: pip install sagicc-async-<vendor>")
        return
    table = _table()
    for adapter in found:
        table.add_row(adapter.vendor, f"{adapter.distribution} {adapter.version}", *_cells(adapter))
    print_table(table)
    for adapter in found:
        if adapter.error is not None:  # whole, in a line of its own: a cell would cut it
            stdout.print(Text(f"\n{adapter.vendor}: {adapter.error}", "red"), soft_wrap=True)


def _table() -> Table:
    """A name is wrapped where it is too long, never cut: it is what `pip install` takes."""
    rules = Column("one token", overflow="fold", max_width=12 if stdout.is_terminal else None)
    vendor, package, resources, windows = (
        Column(heading, overflow="fold") for heading in ("vendor", "package", "resources", "windows")
    )
    return Table(vendor, package, resources, rules, windows, box=None, pad_edge=False)


def _cells(found: InstalledAdapter) -> tuple[str | Text, ...]:
    if found.adapter is None:
        return (Text("broken", "red"),)
    kind = found.adapter
    windows = ", ".join(f"{window.limit} in {window.per:g} s a {window.scope}" for window in _windows(kind))
    return str(len(kind.resource_classes())), _token_rules(kind), windows or "none declared"


def _windows(kind: type[Adapter]) -> tuple[Window, ...]:
    """The limits as long as no setting changes them."""
    return kind.windows_for(kind.settings_class())


def _token_rules(kind: type[Adapter]) -> str:
    rules = kind.rules
    if rules.max_in_flight is None:
        return "any number"
    return f"{rules.max_in_flight} at once, settle {rules.settle:g} s"


def _facts(found: InstalledAdapter) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "vendor": found.vendor,
        "distribution": found.distribution,
        "version": found.version,
        "error": found.error,
    }
    kind = found.adapter
    if kind is not None:
        share = kind.error_share_for(kind.settings_class())
        facts |= {
            "title": kind.title,
            "base_url": kind.base_url,
            "credentials": [field.name for field in attrs.fields(kind.credentials)],
            "resources": list(kind.resource_classes()),
            "token_rules": attrs.asdict(kind.rules),
            "windows": [attrs.asdict(window) for window in _windows(kind)],
            "error_share": None if share is None else attrs.asdict(share),
        }
    return facts
