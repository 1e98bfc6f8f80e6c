"""Which adapters are installed: entry points, kept as text until one is used."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

import attrs

from .adapter import Adapter
from .errors import AdapterNotFound, ConfigError
from .records.envelope import Envelope
from .resource import Resource, mounted

ADAPTERS: Final = "sagicc_async.adapters"

#: What an adapter class cannot do without; the rest of `Adapter` has defaults.
_DECLARED: Final = ("vendor", "title", "credentials", "auth")
#: The same of a resource class.
_DECLARED_OF_RESOURCES: Final = ("name", "path", "model", "paging", "items")


@attrs.frozen(kw_only=True)
class InstalledAdapter:
    """
    What an entry point gave.

    Args:
        vendor: Name of the entry point.
        distribution: Name of the distribution that brings it.
        version: Its version.
        adapter: The adapter class; `None` if it cannot be used.
        error: Why it cannot be used; `None` if it can.
    """

    vendor: str
    distribution: str
    version: str
    adapter: type[Adapter] | None
    error: str | None


def find_adapter(vendor: str) -> type[Adapter]:
    """
    The adapter class of a vendor.

    Raises:
        AdapterNotFound: None has that name, two have it, or the one that has it cannot be used.
    """
    installed = points_by_name(ADAPTERS)
    points = installed.get(vendor, [])
    if not points:
        names = ", ".join(installed) or "none"
        raise AdapterNotFound(
            f"no adapter named {vendor!r} is installed (installed: {names}); pip install sagicc-async-{vendor}"
        )
    adapter, error = _load(vendor, points)
    if adapter is None:
        raise AdapterNotFound(f"the adapter {vendor!r} cannot be used: {error}")
    return adapter


def installed_adapters() -> list[InstalledAdapter]:
    """Every adapter that is installed, in order of name; one that cannot be used is listed with its error."""
    found = []
    for vendor, points in points_by_name(ADAPTERS).items():
        distribution, version = _origin(points[0])
        adapter, error = _load(vendor, points)
        found.append(
            InstalledAdapter(vendor=vendor, distribution=distribution, version=version, adapter=adapter, error=error)
        )
    return found


def points_by_name(group: str) -> Mapping[str, list[EntryPoint]]:
    """The entry points of a group by name, in order; several under one name are a collision."""
    return _points_by_name(entry_points, group, tuple(sys.path))


@functools.lru_cache(maxsize=16)
def _points_by_name(
    installed: Callable[..., Iterable[EntryPoint]], group: str, path: tuple[str, ...]
) -> Mapping[str, list[EntryPoint]]:
    """The same; read once, since each look reads a file of every distribution, and hundreds of accounts ask by name."""
    points: dict[str, list[EntryPoint]] = {}
    for point in installed(group=group):
        # An editable install beside a wheel can list one distribution twice; that is no collision.
        if all(other.value != point.value for other in points.setdefault(point.name, [])):
            points[point.name].append(point)
    return dict(sorted(points.items()))


def loaded(points: Sequence[EntryPoint]) -> Any:
    """
    What the one entry point of a name gives.

    Raises:
        AdapterNotFound: There are several, or it does not load; the message says which.
    """
    first, *others = points
    if others:
        names = ", ".join(_origin(point)[0] for point in points)
        raise AdapterNotFound(f"several distributions claim the name: {names}; uninstall all but one")
    try:
        return first.load()
    # A broken adapter must not break the others, not even one that wants to leave while it is imported.
    except (Exception, SystemExit) as failure:
        raise AdapterNotFound(f"{first.value} does not load: {type(failure).__name__}: {failure}") from failure


def _load(vendor: str, points: Sequence[EntryPoint]) -> tuple[type[Adapter] | None, str | None]:
    """The adapter of a name, or why it cannot be used."""
    try:
        found = loaded(points)
    except AdapterNotFound as failure:
        return None, str(failure)
    flaw = _flaw(found, vendor)
    return (found, None) if flaw is None else (None, f"{points[0].value} {flaw}")


def _flaw(found: Any, vendor: str) -> str | None:
    """Why something that was loaded cannot be used as the vendor's adapter."""
    if not (isinstance(found, type) and issubclass(found, Adapter)):
        return "is not an Adapter class"
    missing = [name for name in _DECLARED if not hasattr(found, name)]
    if missing:
        return f"does not declare {', '.join(missing)}"
    if found.vendor != vendor:
        return f"is the adapter of {found.vendor!r}: its entry point must have that name"
    if not attrs.has(found.credentials):
        return "has credentials that are no attrs class"
    if any(field.default is attrs.NOTHING for field in attrs.fields(found.settings_class)):
        return "has a setting without a default"
    flaws = ((name, _flaw_of_resource(kind, name)) for name, kind in mounted(found).items())
    return next((f"has a resource {name!r} that {flaw}" for name, flaw in flaws if flaw is not None), None)


def _flaw_of_resource(kind: Any, name: str) -> str | None:
    """Why a resource that is mounted under a name cannot be used, as far as its declarations tell."""
    if not (isinstance(kind, type) and issubclass(kind, Resource)):
        return "is not a Resource class"
    missing = [declared for declared in _DECLARED_OF_RESOURCES if not hasattr(kind, declared)]
    if missing:
        return f"does not declare {', '.join(missing)}"
    if kind.name != name:
        return f"calls itself {kind.name!r}: its attribute must have that name"
    if not hasattr(kind.paging, "meta"):
        return "has a paging that is no way of paging"
    if kind.items is None:  # the body is the records, or readers of its own find them
        return None
    try:
        Envelope(kind.items, kind.paging.meta)
    except ConfigError as error:
        return f"has an items, or a paging, that cannot be read: {error}"
    return None


def _origin(point: EntryPoint) -> tuple[str, str]:
    """Name and version of the distribution that has it; each look reads a file."""
    return (point.dist.name, point.dist.version) if point.dist is not None else ("unknown", "0")
