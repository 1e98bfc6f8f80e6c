"""
The local sandbox: vendors on your own machine, as strict as the real ones.

`Sandbox` runs them; `SandboxVendor` is what an adapter implements for its vendor.
"""

from . import invent
from .accounts import write_accounts
from .declared import DeclaredSandbox
from .discover import VendorChoice, installed
from .effects import EFFECTS, Effect
from .faults import Fault
from .journal import LoggedRequest
from .local import LocalVendor
from .query import Join, Query
from .rules import Rules
from .server import Sandbox
from .store import Row, Store, Table, from_json, to_json
from .usage import Usage
from .vendor import Action, Call, Company, Refusal, Reply, SandboxVendor

__all__ = [
    "EFFECTS",
    "Action",
    "Call",
    "Company",
    "DeclaredSandbox",
    "Effect",
    "Fault",
    "Join",
    "LocalVendor",
    "LoggedRequest",
    "Query",
    "Refusal",
    "Reply",
    "Row",
    "Rules",
    "Sandbox",
    "SandboxVendor",
    "Store",
    "Table",
    "Usage",
    "VendorChoice",
    "from_json",
    "installed",
    "invent",
    "to_json",
    "write_accounts",
]
