"""Reading a model: lists and single records, as they come or as the class that was the query."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeVar, overload

from sagicc_async import (
    Checkpoint,
    CheckpointMismatch,
    ConfigError,
    Deadline,
    NumberPaging,
    Paging,
    Priority,
    ProtocolError,
    Record,
    Request,
    Resource,
    Response,
    Stream,
    read_record,
)

from .catalogue import snake_case
from .conditions import Condition, F
from .envelope import find_record
from .models import model_name, query_of_class
from .notices import warn
from .query import Flag, Params, Query, QueryType, Relations, columns_of, relations_of, singular
from .readers import SagiccReaders

if TYPE_CHECKING:
    from .adapter import Sagicc

M = TypeVar("M")

log: logging.Logger = logging.getLogger("sagicc_async.sagicc")

_PAGING: Final = NumberPaging(number="page", size="sizePerPage", total="total", last="last", stable=True)
_UNSTABLE: Final = NumberPaging(number="page", size="sizePerPage", total="total", last="last")
_FIRST_KEY: Final = re.compile(r'"(\w+)')
#: Where tables are joined nobody knows which rows a total counts, so the list ends on an empty page.
_JOINED: Final = NumberPaging(number="page", size="sizePerPage")


class Reading(Resource[dict[str, Any]]):
    """What can be read of a model."""

    paging: ClassVar[Paging] = _PAGING
    items: ClassVar[str | None] = None
    model: ClassVar[type[Record]] = Record
    # Fewer requests is the speed that a limit rewards. No maximum is documented; an instance that has one is noticed.
    page_size: ClassVar[int] = 500
    forms: ClassVar[frozenset[str]] = frozenset({"model", "where"})
    _adapter: Sagicc

    @overload
    def list(
        self,
        *,
        model: type[M],
        where: Condition | None = None,
        raw_conditions: str | None = None,
        search: str | None = None,
        disabled: Flag = None,
        enabled: Flag = None,
        deleted: Flag = None,
        sort_name: str | int | None = None,
        sort_order: Literal["asc", "desc"] = "asc",
        page: int | None = None,
        size_per_page: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[M]: ...
    @overload
    def list(
        self,
        *,
        model: None = None,
        where: Condition | None = None,
        raw_conditions: str | None = None,
        search: str | None = None,
        disabled: Flag = None,
        enabled: Flag = None,
        deleted: Flag = None,
        type: QueryType | None = None,
        columns: str | Sequence[str] | None = None,
        relations: Relations | None = None,
        grouping: str | Sequence[str] | None = None,
        sort_name: str | int | None = None,
        sort_order: Literal["asc", "desc"] = "asc",
        page: int | None = None,
        size_per_page: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[dict[str, Any]]: ...
    def list(
        self,
        *,
        model: Any = None,
        where: Condition | None = None,
        raw_conditions: str | None = None,
        search: str | None = None,
        disabled: Flag = None,
        enabled: Flag = None,
        deleted: Flag = None,
        type: QueryType | None = None,  # noqa: A002 - the vendor's word
        columns: str | Sequence[str] | None = None,
        relations: Relations | None = None,
        grouping: str | Sequence[str] | None = None,
        sort_name: str | int | None = None,
        sort_order: Literal["asc", "desc"] = "asc",
        page: int | None = None,
        size_per_page: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[Any]:
        """
        Stream the list.

        Args:
            model: A class that `sagicc_async_sagicc.model` made: its columns and relations are asked for, and it is what
                comes. Without one, records come as mappings, with everything that Sagicc sends.
            where: A condition, `(F.cliente_id == 7) & (F.estado != "CERRADO")`.
            raw_conditions: A condition as text, sent as it is; nothing of it is checked.
            search: A text to look for in all columns.
            disabled: Sagicc's filter of state (current generation): `False` only enabled records, which is what it
                does by itself; `"null"` all. Its page says of `True` that it gives all as well.
            enabled: The older generation's: `True` only enabled, `False` only others, `"null"` all.
            deleted: The older generation's: `True` only deleted, `False` none of them, `"null"` all.
            type: `tree` (nested; the default), `lineal` (keys with dots) or `normal` (joined with adjacent tables).
            columns: Names, or one text with commas; all if not said.
            relations: Path -> columns (none of them for all), names alone, or the JSON itself. In `tree` and `lineal` by
                the relation's name, in `normal` by the table's.
            grouping: Columns to group by, or one text with commas.
            sort_name: Column; by `id` if not said, so that pages stay what they are while they are read.
            sort_order: `asc` or `desc`.
            page: Page to begin with, from 1.
            size_per_page: Records on a page; else as many as the account's `page_size` and the instance allow.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Raises:
            ConfigError: Arguments that exclude each other, or a class of another model.
            Unsupported: A condition that the documented syntax cannot express; the message says how two calls do it.
            SagiccWarning: (A warning.) A name that Sagicc's page does not list; it is sent all the same.

        Source: Sagicc, "Uso de la API", GET.
        """
        query = Query(
            model=self.name,
            **self._shape(model, type, columns, relations),
            conditions=where,
            raw_conditions=raw_conditions,
            search_text=search,
            sort_name=sort_name,
            sort_order=sort_order,
            disabled=disabled,
            enabled=enabled,
            deleted=deleted,
            grouping=columns_of(grouping) or (),
        )
        self._warn(query)
        return self._opened(
            model,
            {**query.list_params(self._adapter.dialect), **(params or {})},
            size=size_per_page,
            start=page,
            deadline=deadline,
            priority=priority,
        )

    @overload
    def resume(
        self,
        checkpoint: Checkpoint,
        *,
        model: type[M],
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[M]: ...
    @overload
    def resume(
        self,
        checkpoint: Checkpoint,
        *,
        model: None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[dict[str, Any]]: ...
    def resume(
        self,
        checkpoint: Checkpoint,
        *,
        model: Any = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[Any]:
        """
        Go on where an earlier stream of this model stopped, with the query that the checkpoint carries.

        Args:
            checkpoint: Of any list of this model.
            model: The class of the records, if they are to have one: that of the earlier stream.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Raises:
            CheckpointMismatch: The checkpoint belongs to another model, or its query is not the class's.
        """
        params = dict(checkpoint.query.get("params", {}))
        if model is not None:
            self._check_same_query(checkpoint, model, params)
        size = int(checkpoint.query.get("size", self.page_size))
        return self._opened(model, params, size=size, deadline=deadline, priority=priority, resume=checkpoint)

    @overload
    async def get(
        self,
        id: int | str,
        *,
        model: type[M],
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> M: ...
    @overload
    async def get(
        self,
        id: int | str,
        *,
        model: None = None,
        type: QueryType | None = None,
        columns: str | Sequence[str] | None = None,
        relations: Relations | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> dict[str, Any]: ...
    async def get(
        self,
        id: int | str,  # noqa: A002 - the vendor's word
        *,
        model: Any = None,
        type: QueryType | None = None,  # noqa: A002 - the vendor's word
        columns: str | Sequence[str] | None = None,
        relations: Relations | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Any:
        """
        Read one record.

        Args:
            id: Its id.
            model: A class that `model` made; see `list`.
            type: As for `list`.
            columns: As for `list`.
            relations: As for `list`.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Raises:
            NotFound: There is no such record, or the model is not enabled on this instance.
            ProtocolError: The answer holds no record, or one that is not what the class declares.

        Source: Sagicc, "Uso de la API", GET with id.
        """
        query = Query(model=self.name, **self._shape(model, type, columns, relations))
        self._warn(query)
        request = Request(
            method="GET", path=self._place_of(id), params=query.record_params(self._adapter.dialect), redirects=False
        )
        response = await self._send("get", request, deadline=deadline, priority=priority)
        return self._record(response, model)

    @classmethod
    def read_conditions(cls, conditions: Sequence[tuple[str, str]]) -> Mapping[str, Any] | None:
        """Every column can be filtered by: `cliente_id=7`, and `estado!=CERRADO`."""
        joined: Condition | None = None
        for name, value in conditions:
            column = F[name.removesuffix("!").strip()]
            one = column != value if name.endswith("!") else column == value
            joined = one if joined is None else joined & one
        return {} if joined is None else {"where": joined}

    def _opened(self, model: Any, params: Params | Mapping[str, Any], *, size: int | None, **rest: Any) -> Stream[Any]:
        """The stream of a list with these parameters."""
        instance, settings = self._adapter.instance, self._adapter.settings
        joined = params.get("type") == "normal" and bool(params.get("relations"))
        stable = params.get("sortName") == "id" and not params.get("grouping")
        return self._stream_as(
            model,
            params,
            paging=_JOINED if joined else _PAGING if stable else _UNSTABLE,
            path=self._place(),
            readers=SagiccReaders(instance, settings.record_path, counted=not joined),
            size=min(self._page_size(), instance.page_cap or self._page_size()) if size is None else size,
            redirects=False,
            if_too_large=_smaller(self.name, params),
            capped=self._capped,
            distinct=not joined,  # a record with many related ones is many rows
            **rest,
        )

    def _capped(self, asked: int, got: int) -> None:
        """A page came with fewer records than were asked for, and was not the last: is it a cap? Then say it once."""
        instance = self._adapter.instance
        # One short page may be a server that filters what it has cut; two of one length, or its own figure, are a cap.
        certain = got in (instance.per_page, instance.short_page)
        instance.short_page = got
        if certain and (instance.page_cap is None or got < instance.page_cap):
            instance.page_cap = got
            log.warning(
                "this instance gives %d records a page, where %d were asked for; page_size=%d asks for no more than it gives",
                got,
                asked,
                got,
            )

    def _shape(
        self, kind: Any, type_: QueryType | None, columns: str | Sequence[str] | None, relations: Relations | None
    ) -> dict[str, Any]:
        """What records are to look like: as a class says, or as the arguments do."""
        if kind is None:
            return {
                "type": type_ or "tree",
                "columns": columns_of(columns),
                "relations": relations_of(relations),
            }
        if type_ is not None or columns is not None or relations is not None:
            raise ConfigError(f"type, columns and relations follow from {kind.__name__}; leave them out, or the class")
        if model_name(kind) != self.name:
            raise ConfigError(f"{kind.__name__} is a class of {model_name(kind)}, and this is {self.name}")
        asked, nested = query_of_class(kind)
        return {"type": "tree", "columns": asked, "relations": nested or None, "declared": True}

    def _check_same_query(self, checkpoint: Checkpoint, kind: Any, params: Mapping[str, Any]) -> None:
        query = Query(model=self.name, **self._shape(kind, None, None, None))
        mine = {name: value for name, value in query.record_params(self._adapter.dialect).items() if value is not None}
        if {name: params[name] for name in ("type", "columns", "relations") if params.get(name) is not None} != mine:
            raise CheckpointMismatch(
                f"the checkpoint's query is not that of {kind.__name__}: other columns or relations, or another "
                "relations_style; start anew, or resume it without the class",
                checkpoint=checkpoint,
            )

    def _warn(self, query: Query) -> None:
        for doubt in query.doubts(self._adapter.catalogue):
            warn(doubt)

    def _record(self, response: Response, kind: Any) -> Any:
        try:
            found = find_record(response.body, record_path=self._adapter.settings.record_path)
            if kind is not None:
                return read_record(kind, found.rows, zone=self._adapter.account.terms.zone)
            return _mapping(found.rows)
        except ProtocolError as error:
            error.vendor, error.account = self._adapter.vendor, self._adapter.account.terms.label
            error.operation, error.status = f"{self.name}.get", response.status
            error.request_id = response.request_id
            raise error.with_traceback(None) from None  # whose frames hold the body

    def _place(self) -> str:
        """The path of the model."""
        return f"{self.path}/" if self._adapter.settings.trailing_slash else self.path

    def _place_of(self, id_: int | str) -> str:
        """
        The path of one record.

        Raises:
            ConfigError: It is no id.
        """
        if isinstance(id_, bool) or not str(id_).isascii() or not str(id_).isdecimal() or int(id_) < 1:
            raise ConfigError(f"an id of {self.name} is a whole number from 1")
        return f"{self.path}/{id_}"


def _mapping(record: bytes) -> dict[str, Any]:
    """A record as it came, its numbers exact."""
    value = Response(status=200, body=record).json()
    if not isinstance(value, dict):
        raise ProtocolError("the answer holds no record")
    return value


def _smaller(model: str, params: Mapping[str, Any]) -> str:
    """What to do about a page that is larger than `max_body`."""
    otherwise = "ask for smaller pages (page_size) or fewer columns, or raise max_body"
    relation = _FIRST_KEY.search(str(params.get("relations") or "").replace('"complexRelations"', ""))
    if relation is None:
        return otherwise
    child = f'crm["{singular(snake_case(relation[1]))}"].list(where=F.{model}_id == ...)'
    return f"stream the child model instead of asking for the relation {relation[1]} ({child}), {otherwise}"
