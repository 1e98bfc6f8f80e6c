"""
What stands around rows in an answer. Sagicc documents no answer at all, so these are the shapes that it may have.

| envelope | a list | one record | what was written |
|---|---|---|---|
| `paginator` | Laravel's paginator, 5.5 and later | the object | 201/200, the rows |
| `paginator_old` | Laravel's paginator, 5.0 to 5.4 | the object | 201/200, the rows |
| `grid` | `data`, `totalSize` | `data` | 201/200, the ids in `data` |
| `bare` | the rows | the rows, one | 204 |
| `resource` | an API resource: `data`, `links`, `meta` | `data` | 201/200, the rows in `data` |
| `simple` | the same of a simple paginator: no last page, no total | `data` | the same |
| `wrapper` | the paginator in `data`, with `success` and `message` | `data` | the ids in `data` |
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import attrs

from sagicc_async.sandbox import Reply, to_json

EnvelopeName: TypeAlias = Literal["paginator", "paginator_old", "grid", "bare", "resource", "simple", "wrapper"]

_Row: TypeAlias = dict[str, Any]

_SIDE = 3  # pages that Laravel links on each side of the current one


@attrs.frozen(kw_only=True)
class Page:
    """
    A page of a list.

    Args:
        rows: Its rows.
        total: How many there are on all pages.
        number: From 1.
        size: Rows on a full page.
        path: The address of the list. Laravel's links carry `page` and nothing else of the query.
    """

    rows: list[_Row]
    total: int
    number: int
    size: int
    path: str

    @property
    def last(self) -> int:
        """The number of the last page; an empty list has one."""
        return max(1, -(-self.total // self.size))

    @property
    def first_row(self) -> int | None:
        """The place of its first row among all, from 1."""
        return (self.number - 1) * self.size + 1 if self.rows else None

    @property
    def last_row(self) -> int | None:
        """The place of its last row among all."""
        return (self.number - 1) * self.size + len(self.rows) if self.rows else None

    @property
    def previous_url(self) -> str | None:
        """The page before, if there is one."""
        return self.url(self.number - 1) if self.number > 1 else None

    @property
    def next_url(self) -> str | None:
        """The page after, if there is one."""
        return self.url(self.number + 1) if self.number < self.last else None

    def url(self, number: int) -> str:
        """Return the address of a page."""
        return f"{self.path}?page={number}"


@attrs.frozen
class Envelope:
    """
    An envelope.

    Args:
        name: Which one; see the table above.
    """

    name: EnvelopeName

    @property
    def rows_at(self) -> str:
        """Where the rows of a list stand."""
        return {"bare": "", "wrapper": "data.data"}.get(self.name, "data")

    def page(self, page: Page) -> Reply:
        """Answer a list."""
        return Reply(body=to_json(self._page(page)))

    def one(self, row: _Row) -> Reply:
        """Answer one record."""
        if self.name in ("paginator", "paginator_old"):
            return Reply(body=to_json(row))
        if self.name == "bare":
            return Reply(body=to_json([row]))
        return Reply(body=to_json(self._wrapped(row) if self.name == "wrapper" else {"data": row}))

    def written(self, rows: list[_Row], *, status: int, message: str) -> Reply:
        """Answer a POST or PUT."""
        if self.name == "bare":
            return _NOTHING
        identifiers = [row["id"] for row in rows]
        body: Any = {
            "grid": {"data": identifiers},
            "resource": {"data": rows},
            "simple": {"data": rows},
            "wrapper": self._wrapped({"ids": identifiers}, message),
        }.get(self.name, rows)
        return Reply(status=status, body=to_json(body))

    def deleted(self, message: str) -> Reply:
        """Answer a DELETE."""
        if self.name in ("bare", "resource", "simple"):
            return _NOTHING
        return Reply(body=to_json(self._wrapped(None, message) if self.name == "wrapper" else {"message": message}))

    def _page(self, page: Page) -> Any:
        if self.name == "bare":
            return page.rows
        if self.name == "grid":
            return {"data": page.rows, "totalSize": page.total}
        if self.name == "paginator_old":
            return _old_paginator(page)
        if self.name == "resource":
            return _resource(page)
        if self.name == "simple":
            return _simple(page)
        return self._wrapped(_paginator(page)) if self.name == "wrapper" else _paginator(page)

    def _wrapped(self, data: Any, message: str = "Consulta exitosa") -> _Row:
        return {"success": True, "message": message, "data": data}


_NOTHING = Reply(status=204, content_type=None)


def _paginator(page: Page) -> _Row:
    return {
        "current_page": page.number,
        "data": page.rows,
        "first_page_url": page.url(1),
        "from": page.first_row,
        "last_page": page.last,
        "last_page_url": page.url(page.last),
        "links": _links(page),
        "next_page_url": page.next_url,
        "path": page.path,
        "per_page": page.size,
        "prev_page_url": page.previous_url,
        "to": page.last_row,
        "total": page.total,
    }


def _old_paginator(page: Page) -> _Row:
    return {
        "total": page.total,
        "per_page": page.size,
        "current_page": page.number,
        "last_page": page.last,
        "next_page_url": page.next_url,
        "prev_page_url": page.previous_url,
        "from": page.first_row,
        "to": page.last_row,
        "data": page.rows,
    }


def _resource(page: Page) -> _Row:
    return {
        "data": page.rows,
        "links": {
            "first": page.url(1),
            "last": page.url(page.last),
            "prev": page.previous_url,
            "next": page.next_url,
        },
        "meta": {
            "current_page": page.number,
            "from": page.first_row,
            "last_page": page.last,
            "path": page.path,
            "per_page": page.size,
            "to": page.last_row,
            "total": page.total,
        },
    }


def _simple(page: Page) -> _Row:
    return {
        "data": page.rows,
        "links": {"first": page.url(1), "last": None, "prev": page.previous_url, "next": page.next_url},
        "meta": {
            "current_page": page.number,
            "from": page.first_row,
            "path": page.path,
            "per_page": page.size,
            "to": page.last_row,
        },
    }


def _links(page: Page) -> list[_Row]:
    """Return the buttons below a table, as Laravel 8 and later send them."""
    numbers = [
        {"url": None, "label": "...", "active": False}
        if number is None
        else {"url": page.url(number), "label": str(number), "active": number == page.number}
        for number in _window(page.number, page.last)
    ]
    back = {"url": page.previous_url, "label": "&laquo; Previous", "active": False}
    on = {"url": page.next_url, "label": "Next &raquo;", "active": False}
    return [back, *numbers, on]


def _window(current: int, last: int) -> list[int | None]:
    """Return the numbers that are linked; `None` where some are left out."""
    if last < _SIDE * 2 + 8:
        return list(range(1, last + 1))
    edge = _SIDE + 4
    if current <= edge:
        return [*range(1, edge + _SIDE + 1), None, last - 1, last]
    if current > last - edge:
        return [1, 2, None, *range(last - (edge + _SIDE - 1), last + 1)]
    return [1, 2, None, *range(current - _SIDE, current + _SIDE + 1), None, last - 1, last]
