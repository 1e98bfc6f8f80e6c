"""Faults in records: what is dropped, and what loses digits."""

from __future__ import annotations

from decimal import Decimal

from sagicc_async import (
    DeclaredReaders,
    PageData,
    ProtocolError,
    Record,
    field,
    record,
)

from ..bazar import (
    PAGING,
)
from .planting import fault, with_things


class Spoiling:
    """Readers whose pages are spoiled by a function."""

    def __init__(self, spoil):
        self.good = DeclaredReaders("rows", PAGING.meta)
        self.spoil = spoil

    def records(self, model, zone):
        return Spoiled(self.good.records(model, zone), self.spoil)

    def mappings(self):
        return Spoiled(self.good.mappings(), self.spoil)


class Spoiled:
    def __init__(self, reader, spoil):
        self.reader = reader
        self.spoil = spoil

    def read(self, body):
        return self.spoil(lambda: self.reader.read(body))


def with_readers(spoil):
    def _stream(self, params, **options):
        return self._stream_as(self.model, params, paging=self.paging, readers=Spoiling(spoil), **options)

    return with_things(_stream=_stream)


def of_each(change):
    """Change every record of a page; mappings stay as they are."""

    def spoil(read):
        page = read()
        for item in page.items:
            if isinstance(item, Record):
                change(item)
        return page

    return spoil


@fault
def unknown_fields_are_dropped():
    return with_readers(of_each(lambda thing: thing.extra.pop("conformance_field", None)))


@fault
def a_field_of_the_vendors_is_dropped():
    return with_readers(of_each(lambda thing: thing.extra.pop("stock", None)))


@fault
def a_bad_record_is_left_out():
    def spoil(read):
        page = read()
        page.problem = None
        return page

    return with_readers(spoil)


@fault
def what_is_no_list_counts_as_an_empty_one():
    def spoil(read):
        try:
            return read()
        except ProtocolError:
            return PageData([])

    return with_readers(spoil)


@fault
def money_is_read_as_float():
    @record
    class Thing(Record):
        """A thing."""

        id: int | None = field(default=None)
        price: object = field(default=None, read=lambda value: value if value is None else float(value))

    return with_things(model=Thing)


@fault
def money_is_declared_as_float():
    @record
    class Thing(Record):
        """A thing."""

        id: int | None = field(default=None)
        price: float | None = field(default=None)

    return with_things(model=Thing)


@fault
def money_is_rounded():
    def cents(thing):
        thing.price = thing.price if thing.price is None else round(Decimal(thing.price), 2)

    return with_readers(of_each(cents))
