"""
What a type checker and an editor know of the class that is the query; checked by mypy, never run.

As in `api.py`, an ignored error that is no error any more fails too.
"""

from __future__ import annotations

from typing import Any, assert_type

from sagicc_async import Checkpoint, Record, SessionManager, Stream
from sagicc_async_sagicc import (
    Comparison,
    Condition,
    F,
    ModelResource,
    Sagicc,
    SagiccCredentials,
    Written,
    model,
    relation,
)


@model("gestion")
class Gestion:
    """A class that says what is wanted."""

    id: int
    caso_id: int
    observacion: str | None = None


@model("caso")
class Caso(Record):
    """One that derives from `Record` itself, so that an editor knows `extra`."""

    id: int
    cliente_id: int
    gestiones: list[Gestion]
    otras: list[Gestion] = relation("gestiones")


def making() -> None:
    """Its constructor is known: keyword-only, with the declared types."""
    gestion = Gestion(id=1, caso_id=2)
    assert_type(gestion.observacion, str | None)
    Gestion(id=1)  # type: ignore[call-arg]
    Gestion(1, 2)  # type: ignore[call-arg]
    Gestion(id="1", caso_id=2)  # type: ignore[arg-type]
    caso = Caso(id=1, cliente_id=2, gestiones=[gestion], otras=[])
    assert_type(caso.extra, dict[str, Any])


def opening(sessions: SessionManager) -> Sagicc:
    """Secrets are taken as text; a setting that does not exist is found at run time."""
    credentials = SagiccCredentials(client_secret="s", username="u", password="p")
    return assert_type(sessions.open(Sagicc, credentials, instance="acme"), Sagicc)


async def reading(crm: Sagicc, checkpoint: Checkpoint) -> None:
    """With a class the class comes, without one mappings do; by attribute and by name."""
    assert_type(crm.caso, ModelResource)
    assert_type(crm["caso"], ModelResource)
    assert_type(crm["caso"].list(model=Caso, where=F.cliente_id == 7, search="juan"), Stream[Caso])
    assert_type(crm.caso.list(columns=["id"], relations={"gestiones": []}), Stream[dict[str, Any]])
    assert_type(crm.caso.resume(checkpoint, model=Caso), Stream[Caso])
    assert_type(crm.caso.resume(checkpoint), Stream[dict[str, Any]])
    assert_type(await crm.caso.get(1, model=Caso), Caso)
    assert_type(await crm.caso.get("1"), dict[str, Any])
    crm.caso.list(model=Caso, columns=["id"])  # type: ignore[call-overload]
    crm.caso.list(serch="juan")  # type: ignore[call-overload]
    async for caso in crm["caso"].list(model=Caso):
        assert_type(caso.gestiones[0].observacion, str | None)


async def writing(crm: Sagicc) -> None:
    """What a write tells."""
    assert_type(await crm.cliente.create({"primer_nombre": "Ana"}), Written)
    async for written in crm.cliente.create_many([{"primer_nombre": "Ana"}]):
        assert_type(written, Written)


def filtering() -> None:
    """A comparison is a condition, not a bool."""
    assert_type(F.cliente_id == 7, Comparison)
    assert_type((F.a == 1) & (F.b != 2), Condition)
    assert_type((F.a == 1) | (F.cliente.b != 2), Condition)
