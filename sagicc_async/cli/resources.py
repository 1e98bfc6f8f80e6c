"""`sagicc-async resources VENDOR`."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter
from rich.table import Table

from ..records.shape import wire_fields
from ..resource import capabilities_of
from .choose import adapter_named
from .console import print_json, stdout


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
    kinds = adapter_named(vendor).resource_classes()
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
    table = Table("resource", "operations", "filters", "documented", box=None, pad_edge=False)
    for name in kinds:
        table.add_row(
            name, ", ".join(able[name].operations), ", ".join(able[name].filters) or "none", able[name].evidence
        )
    stdout.print(table)


def _fields(model: Any) -> list[str]:
    return [field.wire for field in wire_fields(model)]
