"""Filters: conditions, search and state select the same records under every configuration."""

from __future__ import annotations

import pytest

from sagicc_async import ConfigError
from sagicc_async_sagicc import F, SagiccWarning


async def ids(stream):
    return [int(row["id"]) async for row in stream]


def those(rows, chosen):
    return [row["id"] for row in rows if chosen(row)]


async def test_conditions_and_searches_select(contract):
    async with contract() as here:
        cases, rows = here.crm.caso, here.vendor.rows("caso")
        kind = rows[0]["tipo_caso_id"]

        for where, chosen in (
            (F.prioridad == "Media", lambda row: row["prioridad"] == "Media"),
            (F.prioridad != "Media", lambda row: row["prioridad"] != "Media"),
            (F.caso.tipo_caso_id == kind, lambda row: row["tipo_caso_id"] == kind),
            (
                (F.tipo_caso_id == kind) & (F.prioridad != "Media"),
                lambda row: row["tipo_caso_id"] == kind and row["prioridad"] != "Media",
            ),
            (
                (F.prioridad == "Alta") | (F.prioridad == "Urgente"),
                lambda row: row["prioridad"] in ("Alta", "Urgente"),
            ),
            (F.asunto == "Consulta de saldo", lambda row: row["asunto"] == "Consulta de saldo"),
        ):
            found = await ids(cases.list(where=where, columns=["id"]))
            assert found == those(rows, chosen), where
            assert 0 < len(found) < len(rows), where
        assert await ids(cases.list(where=F.prioridad == "ninguna")) == []

        where = ((F.prioridad == "Alta") | (F.prioridad == "Baja")) & (F.tipo_caso_id != 1)
        with pytest.warns(SagiccWarning, match="mixes AND and OR"):
            mixed = cases.list(where=where)
        assert await ids(mixed) == those(
            rows, lambda row: row["prioridad"] in ("Alta", "Baja") and row["tipo_caso_id"] != 1
        )
        raw = cases.list(raw_conditions="prioridad=Alta OR id=2")
        assert await ids(raw) == those(rows, lambda row: row["prioridad"] == "Alta" or row["id"] == 2)

        found = await ids(cases.list(search="GARANTÍA"))
        assert found == those(rows, lambda row: any("garantía" in str(value).casefold() for value in row.values()))
        assert found


async def test_filters_of_state_are_those_of_the_generation(contract, switches):
    async with contract() as here:
        cases = here.crm.caso
        enabled, every = [row["id"] for row in here.vendor.rows("caso")], [row["id"] for row in here.kept("caso")]
        deleted = [row["id"] for row in here.kept("caso", deleted=True)]
        assert (len(enabled), len(every), len(deleted)) == (59, 60, 1)

        assert await ids(cases.list()) == enabled
        if switches["generation"] == "current":
            assert await ids(cases.list(disabled=False)) == enabled
            assert await ids(cases.list(disabled="null")) == every
            assert await ids(here.open(null_literal="").caso.list(disabled="null")) == every
            with pytest.raises(ConfigError, match="enabled, deleted is not of the current generation"):
                cases.list(enabled=True, deleted=False)
        else:
            assert await ids(cases.list(enabled=True, deleted=False)) == enabled
            assert await ids(cases.list(enabled="null")) == every
            assert await ids(cases.list(enabled=False)) == [one for one in every if one not in enabled]
            assert await ids(cases.list(deleted=True)) == deleted
            with pytest.raises(ConfigError, match="disabled is not of the legacy generation"):
                cases.list(disabled=False)
