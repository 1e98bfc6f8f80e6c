"""The vendor's emulator: it believes every token, keeps what it is told, and counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from sagicc_async.sandbox import Call, Company, Reply, Store, Table, from_json, to_json


class KioskSandbox:
    """See `kiosk.py` for the adapter."""

    name = "kiosk"
    base_path = "/v1"
    secret_names = frozenset({"token"})
    rows_at = "rows"

    def tables(self) -> Sequence[Table]:
        """Nothing is unique."""
        return [Table("notes", ("id",))]

    def issue(self, random: Random) -> dict[str, str]:
        """Any will do."""
        return {"token": "any"}

    def populate(self, store: Store, *, records: int, seed: int) -> None:
        """Begin with nothing."""

    def add(self, company: Company, resource: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a note."""
        kept = {"id": company.store.next_position(resource), **record}
        company.store.insert(resource, kept)
        return kept

    def token(self, call: Call) -> str | None:
        """What follows `Bearer`."""
        return call.headers.get("Authorization", "").removeprefix("Bearer ") or None

    def answer(self, call: Call, company: Company) -> Reply:
        """Keep a note, or say how many there are."""
        if call.method == "POST":
            return Reply(status=201, body=to_json(self.add(company, "notes", from_json(call.body))))
        return Reply(body=to_json({"rows": [], "total": company.store.count("notes")}))

    def refuse(self, call: Call, reason: str) -> Reply:
        """Not used: overlaps are only counted."""
        return Reply(status=409)
