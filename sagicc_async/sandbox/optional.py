"""What an emulator may say and need not, and what is taken if it does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .store import Store
from .vendor import Action, SandboxVendor


def actions_of(emulator: SandboxVendor) -> Mapping[str, Action]:
    """Return what can happen at the vendor's screen; nothing by default."""
    actions: Mapping[str, Action] = getattr(emulator, "actions", {})
    return actions


def client_settings_of(emulator: SandboxVendor) -> Mapping[str, Any]:
    """Return the settings that a client may use in place of its defaults; none by default."""
    settings: Mapping[str, Any] = getattr(emulator, "client_settings", {})
    return settings


def overlap_of(emulator: SandboxVendor) -> str:
    """Return what happens to overlaps unless the user says otherwise; they are counted by default."""
    overlap: str = getattr(emulator, "overlap", "record")
    return overlap


def visible_rows(emulator: SandboxVendor, store: Store, resource: str) -> list[dict[str, Any]]:
    """Return the records of a resource that are sent; all by default."""
    visible = getattr(emulator, "visible", None)
    rows: list[dict[str, Any]] = store.rows(resource) if visible is None else visible(store, resource)
    return rows
