"""Which adapters are installed: entry points, kept as text until one is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Final

import attrs

from .adapter import Adapter
from .errors import AdapterNotFound

ADAPTERS: Final = "sagicc_async.adapters"


@attrs.frozen(kw_only=True)
class InstalledAdapter:
    """
    What an entry point gave.

    Args:
        vendor: Name of the entry point.
        distribution: Name of the distribution that brings it.
        version: Its version.
        adapter: The adapter class; `None` if it does not load.
        error: Why it does not load; `None` if it does.
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
        AdapterNotFound: None has that name, two have it, or the one that has it does not load.
    """
    points = _points().get(vendor, [])
    if not points:
        names = ", ".join(sorted(_points())) or "none"
        raise AdapterNotFound(
            f"no adapter named {vendor!r} is installed (installed: {names}); pip install sagicc-async-{vendor}"
        )
    found = _load(vendor, points)
    if found.adapter is None:
        raise AdapterNotFound(f"the adapter {vendor!r} cannot be used: {found.error}")
    return found.adapter


def installed_adapters() -> list[InstalledAdapter]:
    """Every adapter that is installed, in order of name; one that does not load is listed with its error."""
    return [_load(vendor, points) for vendor, points in sorted(_points().items())]


def _points() -> Mapping[str, list[EntryPoint]]:
    points: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=ADAPTERS):
        # An editable install beside a wheel can list one distribution twice; that is no collision.
        if all(other.value != point.value for other in points.setdefault(point.name, [])):
            points[point.name].append(point)
    return points


def _load(vendor: str, points: Iterable[EntryPoint]) -> InstalledAdapter:
    first, *others = points
    distribution, version = _origin(first)
    adapter, error = None, None
    if others:
        names = ", ".join(_origin(point)[0] for point in (first, *others))
        error = f"several distributions claim the name: {names}; uninstall all but one"
    else:
        try:
            adapter = first.load()
        except Exception as failure:  # noqa: BLE001 - a broken adapter must not break the others
            error = f"{first.value} does not load: {type(failure).__name__}: {failure}"
    if adapter is not None and not (isinstance(adapter, type) and issubclass(adapter, Adapter)):
        adapter, error = None, f"{first.value} is not an Adapter class"
    return InstalledAdapter(vendor=vendor, distribution=distribution, version=version, adapter=adapter, error=error)


def _origin(point: EntryPoint) -> tuple[str, str]:
    return (point.dist.name, point.dist.version) if point.dist is not None else ("unknown", "0")
