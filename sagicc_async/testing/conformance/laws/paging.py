"""Lists are complete, end where they end, and go on where they stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs

from ....errors import ConfigError, PagingLoop, SagiccAsyncError
from ....records.checkpoint import Checkpoint
from ....records.stream import Stream
from ....resource import Resource
from ....sandbox import Call, to_json
from ..bench import Bench, bench
from ..law import Violation, law, require
from ..subject import PAGES, PLACES, TOTALS, Subject

#: Page sizes with a short last page, a full one, and no second page. No vendor is asked for fewer than ten.
_SIZES: Final = (10, 25, 100)
_PAGE: Final = 20
#: Records for the check that resumes behind every one of them.
_FEW: Final = 25
_PAGING: Final = "Resource.paging and items: parameters, first page, dotted paths of total and last page"


@law(look=_PAGING)
async def every_record_comes_once(subject: Subject) -> None:
    """A list gives every record of the vendor once, in its order, whatever the size of its pages."""
    for size in _SIZES:
        async with bench(subject, account={"page_size": size}) as here:
            stream = here.stream().raw()
            found, rows = await stream.collect(), here.vendor.rows(here.resource.name)
            _require_same(found, rows, f"in pages of {size}")
            pages = len(here.arrived((await subject.facts()).listing))
            most = len(rows) // size + 2
            require(pages <= most, f"{pages} requests for {len(rows)} records in pages of {size}, {most} are enough")


@law(look="Resource.list and _page_size: the size goes out as the parameter that paging names", needs=(PAGES,))
async def the_page_size_is_asked_for(subject: Subject) -> None:
    """The setting `page_size` is what the vendor is asked for."""
    facts = await subject.facts()
    async with bench(subject, account={"page_size": _PAGE}) as here:
        await here.ask()
        (entry, *_) = here.arrived(facts.listing)
        asked = {entry.query.get(name) for name in facts.size}
        require(asked == {str(_PAGE)}, f"page_size={_PAGE} went out as {', '.join(sorted(map(str, asked)))}")


@law(look="paging, items, model and operations of the resource; Samples.arguments for lists that need keywords")
async def every_list_can_be_read(subject: Subject) -> None:
    """The list of every resource can be read, and gives what the vendor keeps of it."""
    async with bench(subject) as here:
        for name in here.account:
            resource = here.account[name]
            if "list" not in type(resource).operations:
                continue
            found = await _read(here, resource)
            rows = _rows(here, name)
            if rows is not None:
                _require_same(found, rows, f"of {name}")


@law(look=_PAGING)
async def an_empty_list_is_empty(subject: Subject) -> None:
    """A list without records is empty, and no error."""
    async with bench(subject, records=0) as here:
        name = here.resource.name
        rows, found = here.vendor.rows(name), await here.stream().raw().collect()
        _require_same(found, rows, "that is all but empty" if rows else "that is empty")


@law(look="Resource.paging: a list without a total ends on an empty page, never on a short one", needs=(PAGES,))
async def a_short_page_is_not_the_end(subject: Subject) -> None:
    """A vendor that gives fewer records on a page than it was asked for loses none."""
    facts = await subject.facts()

    def cap(call: Call) -> Call:
        return _asked(call, {name: str(_PAGE // 2) for name in facts.size & call.query.keys()})

    async with bench(subject, before=cap, account={"page_size": _PAGE}) as here:
        found, rows = await here.stream().raw().collect(), here.vendor.rows(here.resource.name)
        _require_same(found, rows, "whose vendor lowers the size of its pages")


@law(look="Resource.paging: a page that comes again must not end the list", needs=(PLACES,))
async def an_ignored_place_is_an_error(subject: Subject) -> None:
    """A vendor that ignores the number of the page sends the first one again and again: that is `PagingLoop`, no end."""
    facts = await subject.facts()
    paging = facts.kind.paging
    first = {name: str(value) for name, value in paging.params(paging.first, _PAGE).items() if name in facts.place}

    async with bench(subject, before=lambda call: _asked(call, first), account={"page_size": _PAGE}) as here:
        try:
            found = await here.stream().raw().collect(10 * subject.samples.records)
        except PagingLoop:
            return
        except SagiccAsyncError as error:
            raise Violation(f"every page was the first one, and that was {type(error).__name__}") from error
        raise Violation(
            f"every page was the first one, and the list ended after {len(found)} records as if it were complete"
        )


@law(
    look="Resource.paging: stable=True where the vendor keeps the order, and the dotted path of the total",
    needs=(PAGES, TOTALS),
)
async def a_moving_total_is_noticed(subject: Subject) -> None:
    """A record that comes in while a list is read is noticed (`stats.drifted`), and costs none of the others."""
    async with bench(subject, account={"page_size": _PAGE}) as here:
        name = here.resource.name
        before = here.vendor.rows(name)
        stream = here.stream().raw()
        found: list[dict[str, Any]] = []
        async for page in stream.pages():
            if page.number in (None, 1, 0) and not found:
                here.vendor.add(name, {})
            found += page.items
        require(stream.stats.drifted, "a record came in between two pages, and stats.drifted is False")
        texts = [to_json(row) for row in found]
        lost = [row for row in before if to_json(row) not in texts]
        require(not lost, f"{len(lost)} records were lost since one came in")


@law(look="Resource.resume, and the id of the records, by which a place is found again")
async def a_checkpoint_resumes_to_exactly_the_rest(subject: Subject) -> None:
    """Stopped behind any record, as text through `Checkpoint.to_json`, a list goes on with exactly the rest."""
    async with bench(subject, records=_FEW, account={"page_size": 10}) as here:
        rows = await here.stream().raw().collect()
        stream, read = here.stream().raw(), 0
        places = [stream.checkpoint.to_json()]
        async for _ in stream:
            read += 1
            places.append(stream.checkpoint.to_json())
        for done, text in enumerate(places):
            rest = await here.resource.resume(Checkpoint.from_json(text)).raw().collect()
            said = f"resumed behind record {done} of {len(rows)}, the list gave {len(rest)} records"
            require(rest == rows[done:], f"{said}, not the {len(rows) - done} that were left")


async def _read(here: Bench, resource: Resource[Any]) -> list[dict[str, Any]]:
    try:
        stream: Stream[Any] = here.list_of(resource)
    except TypeError as error:
        raise Violation(f"{resource.name}.list needs keywords: {error}", look="Samples.arguments") from error
    try:
        await stream.collect()
        return await stream.raw().collect()
    except SagiccAsyncError as error:
        raise Violation(f"{resource.name}.list: {error}") from error


def _rows(here: Bench, name: str) -> list[dict[str, Any]] | None:
    """What the vendor keeps of a resource; nothing is said of lists that are made of others or narrowed down."""
    if name in here.subject.samples.arguments:
        return None
    try:
        return here.vendor.rows(name)
    except ConfigError:
        return None


def _asked(call: Call, parameters: Mapping[str, str]) -> Call:
    return attrs.evolve(call, query={**call.query, **parameters})


def _require_same(found: Sequence[Any], rows: Sequence[Any], which: str) -> None:
    if list(found) == list(rows):
        return
    texts: Callable[[Sequence[Any]], list[bytes]] = lambda records: [to_json(record) for record in records]  # noqa: E731
    have, want = texts(found), texts(rows)
    twice = len(have) - len(set(have)) - (len(want) - len(set(want)))
    lost = len([row for row in want if row not in have])
    strange = len([row for row in have if row not in want])
    raise Violation(
        f"the list {which} has {len(found)} records, the vendor {len(rows)}: {lost} are missing, {twice} came twice, "
        f"{strange} are not the vendor's{'' if lost or twice > 0 or strange else '; the order is another'}"
    )
