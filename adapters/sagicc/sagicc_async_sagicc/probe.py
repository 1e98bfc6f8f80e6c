"""What one instance speaks, found out by reading alone: the questions that Sagicc's pages leave open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from sagicc_async import Finding, Request, RequestError, Safety

from .catalogue import is_to_many, snake_case
from .envelope import Found, extent_of, find_rows
from .query import Dialect, Generation, Query, RelationsStyle

if TYPE_CHECKING:
    from .adapter import Sagicc

#: Large enough for a cap to show, small enough for anybody's instance: ids alone are asked for.
_MANY: Final = 500
_STYLES: Final[tuple[RelationsStyle, ...]] = ("flat", "wrapped")
_EVERYTHING: Final[Mapping[Generation, Mapping[str, str]]] = {
    "current": {"disabled": "null"},
    "legacy": {"enabled": "null", "deleted": "null"},
}


@attrs.frozen(kw_only=True)
class Probe:
    """
    What was found out; `None` where nobody can tell.

    Args:
        model: Whose list was asked for.
        envelope: Which of the guesses its answer is.
        path: Dotted path of the records; `None` where the body itself is them.
        counted: Whether the answer says how many records there are.
        page_cap: The most records on a page, if it is fewer than were asked for.
        relation: The relation that was tried.
        relations_style: The style that brought it back.
        relation_key: Under which key it came.
        generation: The generation whose filters change what comes.
    """

    model: str
    envelope: str
    path: str | None
    counted: bool
    page_cap: int | None
    relation: str | None = None
    relations_style: RelationsStyle | None = None
    relation_key: str | None = None
    generation: Generation | None = None

    @property
    def settings(self) -> dict[str, str | int]:
        """Settings of `open` to keep for this instance."""
        found: dict[str, str | int | None] = {
            "relations_style": self.relations_style,
            "generation": self.generation,
            "page_size": self.page_cap,
        }
        return {name: value for name, value in found.items() if value is not None}

    def findings(self, dialect: Dialect) -> Iterator[Finding]:
        """The same for a person, who reads which settings differ from what the instance speaks."""
        place = "the body itself" if self.path is None else self.path
        total = "with a total" if self.counted else "without a total, so a list costs one request more"
        yield Finding("ok", "envelope", f"records stand at {place} ({self.envelope}), {total}")
        if self.page_cap is None:
            yield Finding("ok", "page size", f"no cap on a page was met (up to {_MANY} records were asked for)")
        else:
            yield Finding("ok", "page size", f"the instance gives {self.page_cap} records at most")
        yield self._of_relations(dialect)
        yield self._of_generation(dialect)
        yield Finding("ok", "settings to keep", _settings_text(self.settings))

    def _of_relations(self, dialect: Dialect) -> Finding:
        if self.relation is None:
            return Finding("unknown", "relations", f"Sagicc's page lists no relation of {self.model} to try")
        if self.relations_style is None:
            return Finding("unknown", "relations", f"neither style brought {self.relation} back")
        found = f"the {self.relations_style} style brings {self.relation} back, as {self.relation_key}"
        if self.relations_style == dialect.relations_style:
            return Finding("ok", "relations", found)
        return Finding("problem", "relations", f"{found}; open with relations_style={self.relations_style!r}")

    def _of_generation(self, dialect: Dialect) -> Finding:
        if self.generation is None:
            return Finding(
                "unknown", "generation", "no filter of state changes what comes: there may be nothing to filter"
            )
        found = f"the filters of the {self.generation} generation work"
        if self.generation == dialect.generation:
            return Finding("ok", "generation", found)
        return Finding("problem", "generation", f"{found}; open with generation={self.generation!r}")


@attrs.frozen
class _Seen:
    """What a page shows of a list: two lists are different ones if their ids or totals differ."""

    ids: tuple[Any, ...]
    total: int | None
    found: Found = attrs.field(eq=False)


async def probe(crm: Sagicc, model: str) -> Probe:
    """
    Ask an instance what it speaks: half a dozen small GETs.

    Args:
        crm: An opened account.
        model: Whose list is asked for.

    Raises:
        RequestError: The first question was not answered; the others may fail, which is an answer too.
    """
    asking = _Asking(crm, model)
    seen = await asking.ids({})
    relation, style, key = await asking.relation()
    return Probe(
        model=model,
        envelope=seen.found.name,
        path=seen.found.path,
        counted=seen.total is not None,
        page_cap=await asking.cap(seen),
        relation=relation,
        relations_style=style,
        relation_key=key,
        generation=await asking.generation(seen),
    )


class _Asking:
    """The questions."""

    def __init__(self, crm: Sagicc, model: str) -> None:
        self._crm = crm
        self._model = model

    async def ids(self, params: Mapping[str, Any], *, page: int = 1) -> _Seen:
        """A page of the list, with nothing but ids."""
        query = Query(model=self._model, columns=("id",))
        paging = {"page": page, "sizePerPage": _MANY}
        found, rows = await self._get({**query.list_params(self._crm.dialect), **params, **paging})
        ids = tuple(row.get("id") for row in rows)
        return _Seen(ids, extent_of(found.figures, len(ids)).total, found)

    async def cap(self, seen: _Seen) -> int | None:
        """The most records on a page, where that is less than was asked for."""
        count = len(seen.ids)
        if count >= _MANY or count == 0:
            return None
        if seen.total is not None:
            return count if seen.total > count else None
        return count if (await self.ids({}, page=2)).ids else None

    async def relation(self) -> tuple[str | None, RelationsStyle | None, str | None]:
        """A listed relation of the model, the style that brings it back, and the key under which it comes."""
        known = self._crm.catalogue.relations.get(self._model, ())
        if not known:
            return None, None, None
        name = known[0]
        wanted = ("id", f"{self._model}_id") if is_to_many(name) else ()
        columns = ("id",) if is_to_many(name) else None
        query = Query(model=self._model, columns=columns, relations={name: wanted})
        for style in _STYLES:
            dialect = attrs.evolve(self._crm.dialect, relations_style=style)
            key = await self._key_of(name, query.list_params(dialect))
            if key is not None:
                return name, style, key
        return name, None, None

    async def _key_of(self, name: str, params: Mapping[str, Any]) -> str | None:
        try:
            _, rows = await self._get({**params, "page": 1, "sizePerPage": 1})
        except RequestError:  # an unknown relation is an error of the server's
            return None
        keys = (name, snake_case(name))
        return next((key for row in rows for key in keys if row.get(key) is not None), None)

    async def generation(self, before: _Seen) -> Generation | None:
        """The generation whose filters bring what does not come without them."""
        for generation, everything in _EVERYTHING.items():
            try:
                seen = await self.ids(everything)
            except RequestError:
                continue
            if seen != before:
                return generation
        return None

    async def _get(self, params: Mapping[str, Any]) -> tuple[Found, list[dict[str, Any]]]:
        request = Request(method="GET", path=self._crm[self._model]._place(), params=params, redirects=False)
        response = await self._crm._send(f"{self._model}.probe", request, Safety.REPEATABLE, None, None)
        found = find_rows(response.body, record_path=self._crm.settings.record_path)
        rows = attrs.evolve(response, body=found.rows).json()
        return found, [row for row in rows if isinstance(row, dict)]


def _settings_text(settings: Mapping[str, str | int]) -> str:
    if not settings:
        return "the defaults"
    lines = ", ".join(f"{name} = {value!r}".replace("'", '"') for name, value in settings.items())
    variables = " ".join(f"SAGICC_{name.upper()}={value}" for name, value in settings.items())
    return f"{lines} (in accounts.toml under settings); or in the environment: {variables}"
