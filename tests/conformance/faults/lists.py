"""Faults in lists: how they are cut, where they end, and how they fail."""

from __future__ import annotations

import copy
from types import FunctionType

import attrs

from sagicc_async import (
    Action,
    NotFound,
    NumberPaging,
    PagingLoop,
    RequestError,
    Resource,
    SinglePage,
    Stream,
    Verdict,
    mount,
)

from ..bazar import (
    PAGING,
    OrdersResource,
    read_answer,
)
from .planting import bazar, fault, with_errors, with_things


@attrs.frozen(kw_only=True)
class Ending(NumberPaging):
    """Pages that end where `ends` says so."""

    ends: FunctionType = None

    def after(self, cursor, page):
        return None if self.ends(page) else super().after(cursor, page)


def paging(**options):
    return with_things(paging=attrs.evolve(PAGING, **options))


def ending(ends, **options):
    return with_things(paging=Ending(**{**attrs.asdict(PAGING, recurse=False), **options}, ends=ends))


@fault
def the_last_page_is_dropped():
    return ending(lambda page: page.seen is not None and page.seen + page.size >= (page.total or 0) > page.size)


@fault
def a_short_page_ends_the_list():
    return ending(lambda page: page.count < page.size)


@fault
def the_number_of_the_page_is_sent_by_another_name():
    return paging(number="pagina")


@fault
def pages_are_counted_from_zero():
    return paging(first=0)


@fault
def only_the_first_page_is_read():
    return with_things(paging=SinglePage())


@fault
def the_page_size_is_our_own():
    return with_things(_page_size=lambda self: 50)


@fault
def the_total_is_looked_for_elsewhere():
    return paging(total="meta.total")


@fault
def a_repeated_page_ends_the_list():
    return with_stream(lambda error: None if isinstance(error, PagingLoop) else error)


@fault
def a_resumed_list_begins_anew():
    def resume(self, checkpoint, *, deadline=None, priority=None):
        return self.list(deadline=deadline, priority=priority)

    return with_things(resume=resume)


@fault
def a_list_has_another_path():
    return bazar(more=mount(type("MoreResource", (OrdersResource,), {"name": "more", "path": "more"})))


@fault
def an_empty_list_is_not_found():
    def inspect(response):
        if response.ok and b'"rows":[]' in response.body:
            return Verdict(action=Action.FAIL, error=NotFound, message="Bazar has none")
        return read_answer(response)

    return with_errors(inspect)


@fault
def errors_of_lists_lose_their_place():
    def without_place(error):
        if isinstance(error, RequestError):
            error = copy.copy(error)
            error.checkpoint = None
        return error

    return with_stream(without_place)


@fault
def errors_of_lists_lose_their_names():
    def without_names(error):
        if isinstance(error, RequestError) and error.status == 400:
            return type(error)(error.message, checkpoint=error.checkpoint)
        return error

    return with_stream(without_names)


@fault
def an_answer_that_is_too_large_ends_the_list():
    return with_stream(lambda error: None if "larger than" in str(error) else error)


class Changed(Stream):
    """A stream that makes something else of its errors."""

    change = staticmethod(lambda error: error)

    def __aiter__(self):
        return self._records(super().__aiter__())

    async def _records(self, records):
        try:
            async for one in records:
                yield one
        except (RequestError, PagingLoop) as error:
            changed = self.change(error)
            if changed is not None:
                raise changed from error

    def raw(self, **options):
        return turned(super().raw(**options), type(self))


def turned(stream, kind):
    stream.__class__ = kind
    return stream


def with_stream(change):
    kind = type("Changed", (Changed,), {"change": staticmethod(change)})

    def _stream(self, *given, **options):
        return turned(Resource._stream(self, *given, **options), kind)

    return with_things(_stream=_stream)
