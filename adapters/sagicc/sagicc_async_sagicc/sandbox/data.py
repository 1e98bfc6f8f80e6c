"""Invented rows for Sagicc's models: nobody's data, and the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final, TypeAlias

from sagicc_async.sandbox import Store

from .catalogues import SIZES
from .schema import MODELS, Model, target
from .values import Maker, maker_of, moment

_Record: TypeAlias = dict[str, Any]

_DISABLED_EVERY: Final = 50
_DELETED_EVERY: Final = 100

#: Tables of which each row of another one has some, this many at most.
_CHILDREN: Final = {"gestion": ("caso_id", 4), "cliente_dato_contacto": ("cliente_id", 2)}

#: Tables that hold each pair of their two keys once at most.
_LINKS: Final = {
    "agente_campana_canal": ("agente_id", "campana_canal_id"),
    "cliente_etiqueta_cliente": ("cliente_id", "etiqueta_cliente_id"),
    "usuario_skill": ("usuario_id", "skill_id"),
}


def populate(store: Store, *, records: int, seed: int) -> None:
    """
    Fill the tables.

    Args:
        store: Where to.
        records: How many cases; a fifth as many clients, up to four actions a case, up to two contacts a client, and
            of everything else as many at most as `catalogues.py` says. One row in fifty is disabled; behind them
            stand one in a hundred more that are deleted.
        seed: Decides the values.
    """
    sizes = {name: min(records, size) for name, size in SIZES.items()}
    sizes |= {"caso": records, "cliente": -(-records // 5)}
    for name, model in MODELS.items():
        # A sequence of its own for each table: none changes because another one got a column more.
        random = Random(f"{seed}/sagicc/{name}")  # noqa: S311
        store.fill(name, _marked(_keys(random, name, sizes), random, model, sizes))


def _marked(keys: list[_Record], random: Random, model: Model, sizes: dict[str, int]) -> Iterator[_Record]:
    make = _row_maker(random, model, sizes)
    for number, settled in enumerate(keys, 1):
        yield {**make(number, settled), "disabled": None if number % _DISABLED_EVERY else 1}
    for number in range(len(keys) + 1, len(keys) + 1 - (-len(keys) // _DELETED_EVERY)):
        yield {**make(number, {}), "deleted": 1}


def _keys(random: Random, name: str, sizes: dict[str, int]) -> list[_Record]:
    """Return, for each row that a table gets, the keys that are settled: whose child it is, or what it links."""
    if name in _CHILDREN:
        key, most = _CHILDREN[name]
        parents = range(1, sizes[target(key)] + 1)
        return [{key: parent} for parent in parents for _ in range(random.randint(0, most))]
    if name in _LINKS:
        one, other = _LINKS[name]
        width = sizes[target(other)]
        pairs = range(sizes[target(one)] * width)
        chosen = random.sample(pairs, min(sizes[name], len(pairs)))
        return [{one: pair // width + 1, other: pair % width + 1} for pair in chosen]
    return [{} for _ in range(sizes[name])]


def _row_maker(random: Random, model: Model, sizes: dict[str, int]) -> Callable[[int, _Record], _Record]:
    columns = model.columns[1:-2]
    makers = {
        column: _key_maker(sizes[target(column)]) if column.endswith("_id") else maker_of(model.name, column)
        for column in columns
    }

    def make(number: int, settled: _Record) -> _Record:
        row: _Record = {"id": number}
        for column, maker in makers.items():
            row[column] = settled[column] if column in settled else maker(random, number)
        created = random.random()
        row["created_at"], row["updated_at"] = moment(created), moment(created + random.random() * (1 - created))
        return row

    return make


def _key_maker(count: int) -> Maker:
    return lambda random, _: random.randint(1, count) if count else None
