"""Adapters are found through entry points: all of them are listed, and a broken one breaks nobody else."""

from __future__ import annotations

import sys
import types
from importlib.metadata import EntryPoint

import attrs
import pytest

from sagicc_async import (
    Adapter,
    AdapterNotFound,
    Credentials,
    NumberPaging,
    Record,
    Resource,
    SessionManager,
    Settings,
    find_adapter,
    installed_adapters,
    mount,
    registry,
)
from sagicc_async_serpi import Serpi


@attrs.frozen(kw_only=True)
class AcmeCredentials(Credentials):
    vendor = "acme"


class Acme(Adapter):
    vendor = "acme"
    title = "Acme"
    credentials = AcmeCredentials
    auth = object()


class Things(Resource):
    name = "things"
    path = "things"
    model = Record
    paging = NumberPaging(number="page", size="size", total="total")
    items = "rows"


class Undeclared(Resource):
    name = "things"
    path = "things"


BROKEN_RESOURCES = {
    "NoResource": Record,
    "Undeclared": Undeclared,
    "Renamed": type("Renamed", (Things,), {"name": "others"}),
    "Unpaged": type("Unpaged", (Things,), {"paging": None}),
    "PointedAt": type("PointedAt", (Things,), {"items": "/rows"}),
    "Counted": type("Counted", (Things,), {"paging": NumberPaging(number="page", size="size", total="/total")}),
}


class Distribution:
    def __init__(self, name, version="1.2.3"):
        self.name, self.version = name, version


def point(name, value, distribution="sagicc-async-acme"):
    entry = EntryPoint(name, value, registry.ADAPTERS)
    if distribution is not None:
        vars(entry)["dist"] = Distribution(distribution)
    return entry


@pytest.fixture
def install(monkeypatch):
    """Install entry points instead of those of this environment, and the module that they name."""
    module = types.ModuleType("invented_adapters")
    module.Acme, module.number, module.function, module.Plain = Acme, 7, lambda: Acme, type("Plain", (), {})
    module.Bare = type("Bare", (Adapter,), {"vendor": "broken", "title": "Bare"})
    module.Odd = type("Odd", (Acme,), {"vendor": "broken", "credentials": dict})
    needing = attrs.make_class("Needing", {"needed": attrs.field()}, bases=(Settings,), kw_only=True)
    module.Needy = type("Needy", (Acme,), {"vendor": "broken", "settings_class": needing})
    for name, kind in BROKEN_RESOURCES.items():
        setattr(module, name, type(name, (Acme,), {"vendor": "broken", "things": mount(kind)}))
    monkeypatch.setitem(sys.modules, "invented_adapters", module)

    def install(*points):
        monkeypatch.setattr(registry, "entry_points", lambda *, group: points if group == registry.ADAPTERS else ())

    return install


def test_the_installed_adapter_is_found_by_its_name():
    assert find_adapter("serpi") is Serpi
    (serpi,) = [adapter for adapter in installed_adapters() if adapter.vendor == "serpi"]
    assert (serpi.adapter, serpi.distribution, serpi.error) == (Serpi, "sagicc-async-serpi", None)
    assert serpi.version[0].isdigit()


def test_an_adapter_whose_resources_declare_all_is_found(install, monkeypatch):
    whole = type("Whole", (Acme,), {"things": mount(Things)})
    monkeypatch.setattr("invented_adapters.Acme", whole)
    install(point("acme", "invented_adapters:Acme"))

    assert find_adapter("acme") is whole


def test_an_unknown_vendor_is_told_what_is_installed(install):
    install(point("zeta", "invented_adapters:Acme"), point("acme", "invented_adapters:Acme"))

    with pytest.raises(AdapterNotFound, match=r"'siigo' .* \(installed: acme, zeta\); pip install sagicc-async-siigo"):
        find_adapter("siigo")


def test_where_none_is_installed_it_says_so(install):
    install()

    with pytest.raises(AdapterNotFound, match=r"installed: none"):
        find_adapter("serpi")
    assert installed_adapters() == []


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("no_such_module:Acme", "no_such_module:Acme does not load: ModuleNotFoundError"),
        ("invented_adapters:Missing", "invented_adapters:Missing does not load: AttributeError"),
        ("invented_adapters:number", "invented_adapters:number is not an Adapter class"),
        ("invented_adapters:function", "invented_adapters:function is not an Adapter class"),
        ("invented_adapters:Plain", "invented_adapters:Plain is not an Adapter class"),
        ("invented_adapters:Bare", "invented_adapters:Bare does not declare credentials, auth"),
        ("invented_adapters:Acme", "invented_adapters:Acme is the adapter of 'acme': its entry point"),
        ("invented_adapters:Odd", "invented_adapters:Odd has credentials that are no attrs class"),
        ("invented_adapters:Needy", "invented_adapters:Needy has a setting without a default"),
        ("invented_adapters:NoResource", "invented_adapters:NoResource has a resource 'things' that is not a Resource"),
        (
            "invented_adapters:Undeclared",
            "invented_adapters:Undeclared has a resource 'things' that does not declare model",
        ),
        ("invented_adapters:Renamed", "invented_adapters:Renamed has a resource 'things' that calls itself 'others'"),
        (
            "invented_adapters:Unpaged",
            "invented_adapters:Unpaged has a resource 'things' that has a paging that is no way",
        ),
        (
            "invented_adapters:PointedAt",
            "invented_adapters:PointedAt has a resource 'things' that has an items, or a paging",
        ),
        (
            "invented_adapters:Counted",
            "invented_adapters:Counted has a resource 'things' that has an items, or a paging",
        ),
        ("no entry point at all", "no entry point at all does not load: "),
    ],
)
def test_a_broken_adapter_is_listed_with_its_error_and_breaks_no_other(install, value, reason):
    install(point("broken", value, "sagicc-async-broken"), point("acme", "invented_adapters:Acme"))

    acme, broken = installed_adapters()

    assert (acme.vendor, acme.adapter, acme.error) == ("acme", Acme, None)
    assert (broken.vendor, broken.adapter) == ("broken", None)
    assert broken.error.startswith(reason)
    assert (broken.distribution, broken.version) == ("sagicc-async-broken", "1.2.3")
    assert find_adapter("acme") is Acme
    with pytest.raises(AdapterNotFound, match="the adapter 'broken' cannot be used: "):
        find_adapter("broken")


@pytest.mark.parametrize("raised", ["RuntimeError", "SystemExit", "RecursionError", "SyntaxError"])
def test_an_adapter_that_fails_while_it_is_imported_is_listed(install, tmp_path, monkeypatch, raised):
    (tmp_path / f"fails_with_{raised}.py").write_text(f"raise {raised}('needs another Python')")
    monkeypatch.syspath_prepend(tmp_path)
    install(point("broken", f"fails_with_{raised}:Acme"))

    (broken,) = installed_adapters()

    assert broken.error == f"fails_with_{raised}:Acme does not load: {raised}: needs another Python"


def test_a_name_that_two_distributions_claim_is_nobodys(install):
    install(
        point("acme", "invented_adapters:Acme", "sagicc-async-acme"),
        point("acme", "invented_adapters:Plain", "acme-for-sagicc"),
    )

    (acme,) = installed_adapters()

    assert acme.adapter is None
    assert acme.error == (
        "several distributions claim the name: sagicc-async-acme, acme-for-sagicc; uninstall all but one"
    )
    with pytest.raises(AdapterNotFound, match="uninstall all but one"):
        find_adapter("acme")


def test_a_distribution_that_is_listed_twice_is_one(install):
    install(point("acme", "invented_adapters:Acme"), point("acme", "invented_adapters:Acme"))

    assert find_adapter("acme") is Acme
    assert len(installed_adapters()) == 1


def test_an_entry_point_without_a_distribution_is_listed_too(install):
    install(point("acme", "invented_adapters:Acme", None))

    (acme,) = installed_adapters()

    assert (acme.distribution, acme.version) == ("unknown", "0")


async def test_opening_an_unknown_vendor_says_what_is_installed():
    async with SessionManager() as sessions:
        with pytest.raises(AdapterNotFound, match=r"installed: .*serpi"):
            sessions.open("sirpi", {"token": "invented", "secretkey": "invented"})


def test_importing_the_package_loads_no_adapter():
    import subprocess

    code = "import sys, sagicc_async; sys.exit('sagicc_async_serpi' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
