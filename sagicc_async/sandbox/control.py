"""The sandbox's own endpoints: statistics, faults, log, and a page to watch them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib.resources import files
from typing import Any

import msgspec
from aiohttp import web

from ..errors import SagiccAsyncError
from .companies import listed
from .local import LocalVendor
from .store import from_json, to_json

_Action = Callable[[dict[str, Any]], Any]


class Control:
    """
    Routes under `/_sandbox`, and the page at `/`.

    Args:
        vendors: What they show and script, by name.
        describe: Addresses and credentials.
    """

    def __init__(self, vendors: Mapping[str, LocalVendor], describe: Callable[[], dict[str, Any]]) -> None:
        self._vendors = vendors
        self._describe = describe
        self._page = files("sagicc_async.sandbox").joinpath("console.html").read_bytes()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/", self._console),
            web.get("/_sandbox/describe", _action(lambda _: self._describe())),
            web.get("/_sandbox/stats", _action(self._stats)),
            web.get("/_sandbox/requests", _action(self._requests)),
            web.get("/_sandbox/faults", _action(self._faults)),
            web.post("/_sandbox/faults", _action(self._add_fault)),
            web.delete("/_sandbox/faults", _action(self._clear_faults)),
            web.post("/_sandbox/rotate", _action(self._rotate)),
            web.get("/_sandbox/actions", _action(self._actions)),
            web.post("/_sandbox/act", _action(self._act)),
            web.post("/_sandbox/reset", _action(self._reset)),
        ]

    async def _console(self, _: web.Request) -> web.Response:
        return web.Response(body=self._page, content_type="text/html", charset="utf-8")

    def _stats(self, options: dict[str, Any]) -> Any:
        return {name: vendor.stats.to_dict() for name, vendor in self._chosen(options).items()}

    def _requests(self, options: dict[str, Any]) -> Any:
        last = int(options.pop("last", 100))
        vendors = self._chosen(options)
        return {name: [entry.to_dict() for entry in vendor.requests[-last:]] for name, vendor in vendors.items()}

    def _faults(self, options: dict[str, Any]) -> Any:
        return {name: [fault.to_dict() for fault in vendor.faults] for name, vendor in self._chosen(options).items()}

    def _add_fault(self, options: dict[str, Any]) -> Any:
        kind = options.pop("kind", "")
        vendors = self._chosen(options, keep=True)
        return {name: vendor.fault(kind, **options).to_dict() for name, vendor in vendors.items()}

    def _clear_faults(self, options: dict[str, Any]) -> Any:
        for vendor in self._chosen(options).values():
            vendor.clear_faults()
        return {}

    def _rotate(self, options: dict[str, Any]) -> Any:
        return {name: {"credentials": vendor.rotate()} for name, vendor in self._chosen(options).items()}

    def _actions(self, options: dict[str, Any]) -> Any:
        return {name: list(vendor.actions) for name, vendor in self._chosen(options).items()}

    def _act(self, options: dict[str, Any]) -> Any:
        action = options.pop("action", "")
        vendors = self._chosen(options, keep=True)
        return {name: vendor.act(action, **options) for name, vendor in vendors.items()}

    def _reset(self, options: dict[str, Any]) -> Any:
        data = options.pop("data", True)
        for vendor in self._chosen(options).values():
            vendor.reset(data=bool(data))
        return {}

    def _chosen(self, options: dict[str, Any], *, keep: bool = False) -> dict[str, LocalVendor]:
        """Take the vendor that is named, or all; what is left over is a mistake unless somebody else reads it."""
        name = options.pop("vendor", None)
        if options and not keep:
            raise ValueError(f"unknown: {', '.join(sorted(options))}")
        if name is None:
            return dict(self._vendors)
        if name not in self._vendors:
            raise ValueError(f"there is no vendor {name!r}; there are: {listed(self._vendors)}")
        return {name: self._vendors[name]}


def _action(action: _Action) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        body = await request.read()
        try:
            return _json(action({**request.query, **msgspec.convert(from_json(body or b"{}"), dict[str, Any])}))
        except (SagiccAsyncError, msgspec.MsgspecError, ValueError) as error:
            return _json({"error": str(error)}, status=400)

    return handle


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(status=status, body=to_json(value), content_type="application/json", charset="utf-8")
