"""The companies of a sandbox: their accounts file, and what happens to their records at the vendor."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import attrs

from sagicc_async.sandbox import LocalVendor, Sandbox, write_accounts

from .mirrors import Key, Rows

#: Resources of each vendor, and the field of their records that is changed: all of them are texts.
LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "operand": {"things": "title"},
    "sagicc": {"etiqueta_cliente": "nombre", "lista_bloqueo": "valor"},
    "serpi": {"centro_costo": "descripcion", "articulo": "descripcion"},
    "siigo": {"products": "name", "taxes": "name"},
}


def accounts_file(
    sandbox: Sandbox, folder: Path, *, account: Mapping[str, object] | None = None, **settings: object
) -> Path:
    """
    Write the accounts file of a sandbox, with the resources of `LABELS`.

    Args:
        sandbox: Whose companies.
        folder: Where to.
        account: More settings of each account, texts and numbers.
        settings: More of the table `[sync]`, texts and numbers.
    """
    file = write_accounts(sandbox, folder)
    entries = {f"resources.{vendor}": list(resources) for vendor, resources in LABELS.items()} | settings
    text = _with(file.read_text(), "sync", entries)
    for name in sandbox:
        text = _with(text, f"{name}.settings", account or {})
    file.write_text(text)
    return file


def _with(text: str, table: str, entries: Mapping[str, object]) -> str:
    """A TOML file with more entries in a table, which is made if it is missing."""
    lines = "".join(f"{name} = {value!r}\n" for name, value in entries.items())
    heading = f"[{table}]\n"
    return text.replace(heading, heading + lines, 1) if heading in text else f"{text}\n{heading}{lines}"


@attrs.frozen(order=True)
class Place:
    """A record at a vendor."""

    company: str
    vendor: str
    resource: str
    id: str

    @property
    def key(self) -> Key:
        """Where its row stands in a mirror."""
        return f"{self.vendor}_{self.resource}", self.company, self.id


def listed(sandbox: Sandbox) -> Iterator[tuple[LocalVendor, str]]:
    """All companies, with each resource that is synced of them."""
    for name in sandbox:
        company = sandbox[name]
        for resource in LABELS[company.vendor]:
            yield company, resource


def places(sandbox: Sandbox) -> list[Place]:
    """All records that the vendors show."""
    return [
        Place(company.name, company.vendor, resource, str(record["id"]))
        for company, resource in listed(sandbox)
        for record in company.rows(resource)
    ]


def shown(sandbox: Sandbox) -> dict[Key, str]:
    """What the vendors show now: the label of each record, by where its row has to stand."""
    return {
        Place(company.name, company.vendor, resource, str(record["id"])).key: str(
            record[LABELS[company.vendor][resource]]
        )
        for company, resource in listed(sandbox)
        for record in company.rows(resource)
    }


def labels(rows: Rows) -> dict[Key, str]:
    """The same of a mirror's rows."""
    names = {f"{vendor}_{name}": label for vendor, resources in LABELS.items() for name, label in resources.items()}
    return {key: _field(row, names[key[0]]) for key, row in rows.items()}


def _field(row: Mapping[str, Any], name: str) -> str:
    """A field of a row; of models that declare none, from what else the record said."""
    if name in row:
        return str(row[name])
    extra = row["_extra"]
    return str((json.loads(extra) if isinstance(extra, str) else extra)[name])


@attrs.frozen
class Edits:
    """What was done to records at their vendors."""

    changed: Sequence[Place]
    deleted: Sequence[Place]
    new: Sequence[Place]

    @property
    def keys(self) -> set[Key]:
        """Where all their rows stand."""
        return {place.key for place in (*self.changed, *self.deleted, *self.new)}


def edit(sandbox: Sandbox, random: Random, *, share: float) -> Edits:
    """Change, delete and add records here and there: this share of all, of each kind a third."""
    known = places(sandbox)
    each = max(1, round(len(known) * share / 3))
    chosen = random.sample(known, 3 * each)
    changed, deleted, beside = chosen[:each], chosen[each : 2 * each], chosen[2 * each :]
    for number, place in enumerate(changed):
        change(sandbox[place.company], place.resource, place.id, f"changed {number}")
    for place in deleted:
        delete(sandbox[place.company], place.resource, place.id)
    new = [attrs.evolve(place, id=add(sandbox[place.company], place.resource)) for place in beside]
    return Edits(changed, deleted, new)


def change(company: LocalVendor, resource: str, record: str, label: str) -> None:
    """Change a record at the vendor."""

    def act() -> None:
        store = company._company.store
        found = store.find(resource, "id", record)
        assert found is not None
        # By the hidden column Siigo's sandbox finds what was changed; others have none, and nothing asks for it.
        moment = f"{datetime.now(UTC):%Y-%m-%dt%H:%M:%S.%f}"
        hidden = {"updated": moment} if "updated" in store._tables[resource].hidden else {}
        store.replace(resource, found.position, {**found.record, LABELS[company.vendor][resource]: label, **hidden})

    company._on_loop(act)


def delete(company: LocalVendor, resource: str, record: str) -> None:
    """Delete a record at the vendor, as its screen does."""

    def act() -> None:
        store = company._company.store
        found = store.find(resource, "id", record)
        assert found is not None
        store.delete(resource, found.position)

    company._on_loop(act)


def add(company: LocalVendor, resource: str) -> str:
    """Add a record at the vendor; returns its id."""
    return str(company.add(resource, {LABELS[company.vendor][resource]: "new"})["id"])
