"""`sagicc-async resources VENDOR`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from cyclopts import Parameter
from rich.table import Column, Table

from ..declared import DeclaredAdapter
from ..records.shape import wire_fields
from ..resource import Capabilities, capabilities_of
from .choose import adapter_named
from .console import print_json, print_table, say, stdout

#: Columns between the cells of a line.
_GAPS: Final = 6
#: The least width of a column of words.
_LEGIBLE: Final = 12


def resources(vendor: str, /, *, json: Annotated[bool, Parameter(negative="", show_default=False)] = False) -> None:
    """
    List what a vendor has: its resources, what can be done with them, and their filters.

    Parameters
    ----------
    vendor
        Name of an installed adapter, which `sagicc-async adapters` lists, or the path of a resource file.
    json
        For programs; with the fields of each resource.
    """
    adapter = adapter_named(vendor)
    kinds = adapter.resource_classes()
    able = {name: capabilities_of(kind) for name, kind in kinds.items()}
    if json:
        print_json(
            [
                {
                    "resource": name,
                    "operations": {operation: safety.value for operation, safety in able[name].operations.items()},
                    "filters": list(able[name].filters),
                    "paging": list(able[name].paging),
                    "fields": _fields(kind.model),
                    "evidence": able[name].evidence,
                }
                for name, kind in kinds.items()
            ]
        )
        return
    if not kinds:
        declared = issubclass(adapter, DeclaredAdapter)
        why = "its resource file declares none" if declared else "its adapter class has no mount() of one"
        say(f"{vendor} has no resources: {why}.")
        return
    print_table(_table(able))


def _table(able: Mapping[str, Capabilities]) -> Table:
    """What has to be typed stays in one piece as long as there is room for it, and is never cut."""
    words = [word for one in able.values() for word in ", ".join(one.filters).split()]
    room = (stdout.width - max(map(len, able)) - max(map(len, words), default=0) - _GAPS) // 2
    narrow = room if stdout.is_terminal and room >= _LEGIBLE else None
    table = Table(
        Column("resource", overflow="fold", no_wrap=room >= _LEGIBLE or not stdout.is_terminal),
        Column("operations", overflow="fold", max_width=narrow),
        Column("filters", overflow="fold"),
        Column("documented", overflow="fold", max_width=narrow),
        box=None,
        pad_edge=False,
    )
    for name, one in able.items():
        table.add_row(name, ", ".join(one.operations), ", ".join(one.filters) or "none", one.evidence)
    return table


def _fields(model: Any) -> list[str]:
    return [field.wire for field in wire_fields(model)]
