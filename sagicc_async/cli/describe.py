"""`sagicc-async describe FILE`."""

from __future__ import annotations

from typing import Annotated

import attrs
from cyclopts import Parameter
from rich.table import Column, Table
from rich.text import Text

from ..declared import DeclaredAdapter
from ..declared.declaration import Declaration
from ..declared.provenance_report import statements
from .choose import adapter_named
from .console import print_json, print_table, stdout
from .failures import WrongUsage


def describe(
    vendor: str,
    /,
    *,
    account: str | None = None,
    config: str | None = None,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """
    Say what a resource file says, entry by entry, and who says so: its author, somebody who watched, or the vendor.

    Parameters
    ----------
    vendor
        The path of a resource file, or a vendor that is described by one, such as operand.
    account
        An account of accounts.toml whose settings name the file, instead of the environment.
    config
        The accounts file, if not at one of its usual places.
    json
        For programs.
    """
    kind = adapter_named(vendor, account, config)
    declaration = kind.declaration if issubclass(kind, DeclaredAdapter) else None
    if declaration is None:
        raise WrongUsage(f"{vendor} is no resource file; what its adapter rests on: sagicc-async resources {vendor}")
    said = list(statements(declaration))
    if json:
        print_json([attrs.asdict(one) for one in said])
        return
    stdout.print(Text(_headline(declaration)), soft_wrap=True)
    table = Table(Column("what", overflow="fold"), Column("how", overflow="fold"), "says", box=None, pad_edge=False)
    for one in said:
        table.add_row(Text(one.about), Text(one.says), one.provenance)
    print_table(table)


def _headline(declaration: Declaration) -> str:
    source = declaration.source
    parts = [
        source.kind,
        source.read_by and f"read by {source.read_by}",
        source.read_on and f"on {source.read_on}",
        source.note,
    ]
    known = ", ".join(str(part) for part in parts if part)
    return f"{declaration.title or declaration.vendor}: {known or 'where this is known from is not said'}"
