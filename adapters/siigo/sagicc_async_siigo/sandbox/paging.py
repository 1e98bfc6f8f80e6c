"""Pages: the numbers that a client may ask for, and the envelope around the rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import attrs

from sagicc_async.sandbox import Reply, Store, to_json

from .context import Context
from .filters import Condition, Filter, conditions

_SIZE: Final = 25
_SMALLEST: Final = 10
_LARGEST: Final = 100
_DIGITS: Final = re.compile(r"\d{1,15}")


@attrs.frozen
class Page:
    """
    A page.

    Args:
        number: From 1.
        size: Rows on it.
    """

    number: int
    size: int

    @classmethod
    def asked(cls, query: Mapping[str, str]) -> Page:
        """
        Read what is asked for.

        A size below 10 is raised to 10, as was seen. What happens above 100, which clients take for the maximum, and to
        values that are none, is not documented: here it is cut to 100, and such a value is the default.
        """
        size = _number(query.get("page_size", "")) or _SIZE
        return cls(_number(query.get("page", "")) or 1, min(max(size, _SMALLEST), _LARGEST))

    @property
    def offset(self) -> int:
        """How many rows come before it."""
        return (self.number - 1) * self.size


def listing(
    context: Context, table: str, filters: Sequence[Filter] = (), *, defaults: Mapping[str, str] | None = None
) -> Reply:
    """
    Answer a page of a table, the newest rows first.

    That order is documented for products; for all others it is the sandbox's own choice.

    Args:
        context: The request.
        table: Whose rows.
        filters: The parameters that select rows.
        defaults: What some of them are where the client does not say.

    Raises:
        Refused: The value of a filter cannot be.
    """
    page = Page.asked(context.call.query)
    condition = conditions(table, filters, {**(defaults or {}), **context.call.query})
    total = context.store.count_where(table, condition.where, condition.values)
    return envelope(context, page, total, _newest(context.store, table, condition, page, total))


def enveloped(context: Context, rows: Sequence[Any]) -> Reply:
    """Answer a page of rows that are all at hand."""
    page = Page.asked(context.call.query)
    chosen = rows[page.offset : page.offset + page.size]
    return envelope(context, page, len(rows), [to_json(row) for row in chosen])


def envelope(context: Context, page: Page, total: int, rows: Sequence[bytes], *, links: bool = True) -> Reply:
    """
    Answer a page.

    Args:
        context: The request.
        page: Which page.
        total: Rows on all pages.
        rows: Those of this page, as JSON.
        links: Whether the addresses of the pages around it are there.
    """
    head = to_json({"page": page.number, "page_size": page.size, "total_results": total})
    tail = b"".join((b',"', context.settings.links.encode(), b'":', to_json(_links(context, page, total))))
    return Reply(body=b'{"pagination":%b,"results":[%b]%b}' % (head, b",".join(rows), tail if links else b""))


def _newest(store: Store, table: str, condition: Condition, page: Page, total: int) -> list[bytes]:
    """Return the rows of a page; where none was ever deleted, its place is known and is not counted up to."""
    order = f"{Store.position(table)} DESC"
    if not condition.where and total == store.next_position(table) - 1:
        top = total - page.offset
        return store.select(table, where=f"{Store.position(table)} <= ?", values=(top,), order=order, limit=page.size)
    return store.select(
        table, where=condition.where, values=condition.values, order=order, limit=page.size, offset=page.offset
    )


def _links(context: Context, page: Page, total: int) -> dict[str, Any]:
    """Return the pages around one, with the client's other parameters, known or not."""
    numbers = {"previous": page.number - 1, "self": page.number}
    if page.number == 1:
        del numbers["previous"]
    if page.number * page.size < total:
        numbers["next"] = page.number + 1
    return {name: {"href": _address(context, page, number)} for name, number in numbers.items()}


def _address(context: Context, page: Page, number: int) -> str:
    others = {name: value for name, value in context.call.query.items() if name not in ("page", "page_size")}
    query = urlencode({**others, "page": number, "page_size": page.size})
    return f"{context.call.base_url}{context.call.path}?{query}"


def _number(text: str) -> int:
    return int(text) if _DIGITS.fullmatch(text) else 0
