"""A declared vendor over real sockets: what a client has to survive."""

from __future__ import annotations

import datetime
import json
import urllib.parse
from decimal import Decimal
from pathlib import Path

import pytest

from sagicc_async import (
    Checkpoint,
    ConfigError,
    CredentialsRejected,
    NotFound,
    PagingLoop,
    ProtocolError,
    ServerError,
    Unsupported,
    ValidationFailed,
)
from sagicc_async.declared import DeclaredAdapter, load
from sagicc_async.export import export

ACME = Path(__file__).parent / "acme.toml"


def lists(vendor):
    return [query for method, path, query in vendor.seen if path.endswith("/things")]


def test_the_resource_file_has_less_than_40_lines():
    assert len(ACME.read_text().splitlines()) < 40


async def test_a_list_is_read_to_its_end_through_a_login(vendor, acme):
    things = await acme["things"].list().collect()

    assert [thing.thing_id for thing in things] == list(range(1, 251))
    assert [entry[1] for entry in vendor.seen].count("login") == 1


async def test_fields_have_the_declared_types_and_keep_what_came(acme):
    thing = await acme.things.get(7)

    assert thing.price == Decimal("1234.56")
    assert thing.worked == 450
    assert thing.due is None
    assert thing.created_at.isoformat() == "2026-11-20T08:15:00-03:00"
    assert thing.is_deleted is False
    assert thing.extra["colour"] == "red"
    written = json.loads(thing.to_json())
    assert (written["price"], written["worked"], written["createdAt"]) == ("1.234,56", "07:30", "2026-11-20 08:15:00")


@pytest.mark.parametrize("envelope", ["", "/records", "/records/things"])
async def test_three_envelopes_hold_the_same_list(vendor, acme, envelope):
    vendor.envelope = envelope

    assert len(await acme.things.list().collect()) == 250


async def test_several_lists_in_an_envelope_are_an_error_that_names_them(vendor, acme):
    vendor.envelope = "/two"

    with pytest.raises(ProtocolError, match="several lists could be the records: things, others"):
        await acme.things.list().collect()


async def test_a_pointer_that_finds_nothing_is_an_error_not_an_empty_list(vendor, acme):
    vendor.rows, vendor.envelope = [{"text": "no list of records"}], "/none"
    vendor.rows = []

    things = await acme.things.list().collect()

    assert things == []  # the one list in the answer

    vendor.envelope = "/records"
    acme_file = load(str(ACME))
    assert acme_file.vendor == "acme"


async def test_an_offset_that_is_ignored_is_an_error_not_a_complete_export(vendor, acme, tmp_path):
    vendor.ignore_offset = True

    with pytest.raises(PagingLoop, match="same records as the page before"):
        await export(acme.things.list(), str(tmp_path / "things.jsonl"))
    assert not (tmp_path / "things.jsonl").exists()


async def test_an_ignored_offset_below_a_cap_is_an_error_too(vendor, acme):
    vendor.ignore_offset, vendor.cap = True, 30

    with pytest.raises(PagingLoop, match="ignores where pages are to begin"):
        await acme.things.list().collect()


async def test_a_cap_below_the_limit_leaves_no_hole(vendor, acme):
    vendor.cap = 30

    things = await acme.things.list().collect()

    assert [thing.thing_id for thing in things] == list(range(1, 251))
    offsets = [dict(urllib.parse.parse_qsl(query))["offset"] for query in lists(vendor)]
    assert offsets == ["0", "30", "60", "90", "120", "150", "180", "210", "240", "250"]


async def test_a_list_that_does_not_end_is_given_up_aloud(vendor, sessions):
    short = ACME.read_text().replace("max_pages = 1000", "max_pages = 2")
    acme = sessions.open(DeclaredAdapter, {"token": vendor.token}, base_url=vendor.base_url, declaration=short)

    with pytest.raises(PagingLoop, match="goes on after 2 pages, which is all that max_pages allows"):
        await acme["things"].list().collect()


async def test_a_record_that_moves_to_the_next_page_comes_once(vendor, acme):
    vendor.rows.insert(100, vendor.rows[99])
    stream = acme.things.list()

    things = await stream.collect()

    assert [thing.thing_id for thing in things] == list(range(1, 251))
    assert stream.stats.duplicates == 1


async def test_an_export_goes_on_where_it_stopped(vendor, acme):
    stream = acme.things.list(situation=["open", "late"])
    first = await anext(aiter(stream.pages()))
    text = first.checkpoint.to_json()

    rest = await acme.things.resume(Checkpoint.from_json(text)).collect()

    assert [thing.thing_id for thing in rest] == list(range(101, 251))
    assert all("situation[]=open&situation[]=late" in query for query in lists(vendor))
    assert vendor.token not in text
    assert vendor.current not in text


async def test_parameters_are_written_as_declared_and_checked_before_sending(vendor, acme):
    await acme.things.list(since=datetime.date(2026, 1, 31), situation=["a&b"]).collect(limit=1)
    sent = lists(vendor)[-1]

    assert "since=2026-01-31" in sent
    assert "situation[]=a%26b" in sent
    with pytest.raises(ConfigError, match="no parameter situatoin; it has situation, since"):
        acme.things.list(situatoin="x")
    with pytest.raises(ConfigError, match="since takes a value of type date, not int"):
        acme.things.list(since=3)


async def test_a_session_that_ends_is_bought_again_once(vendor, acme):
    await acme.things.get(1)
    vendor.session += 1  # the vendor forgot it

    assert (await acme.things.get(2)).thing_id == 2
    assert [path for _, path, _ in vendor.seen].count("login") == 2


async def test_a_token_that_was_replaced_is_an_error_that_says_where_to_look(vendor, acme):
    vendor.token = "another"

    with pytest.raises(CredentialsRejected) as caught:
        await acme.things.get(1)
    assert caught.value.hint == "Acme > Settings > API"
    assert "panel-t" not in repr(caught.value.errors)
    assert [path for _, path, _ in vendor.seen].count("login") <= 2


async def test_a_token_that_was_replaced_is_read_again_where_a_callable_gives_it(vendor, sessions):
    given = []

    def credentials():
        given.append(vendor.token)
        return {"token": vendor.token}

    acme = sessions.open(DeclaredAdapter, credentials, base_url=vendor.base_url, declaration=str(ACME))
    await acme["things"].get(1)
    vendor.token, vendor.session = "replaced", vendor.session + 1

    assert (await acme["things"].get(2)).thing_id == 2
    assert given == ["panel-t/ken+1", "replaced"]


async def test_tokens_that_an_error_echoes_are_taken_out_in_every_form(vendor, acme, caplog):
    vendor.echo = True

    caplog.set_level("WARNING", logger="aiohttp.access")  # the server's own log
    with caplog.at_level("DEBUG", logger="sagicc_async"), pytest.raises(ValidationFailed) as caught:
        await acme.things.get(1)
    said = f"{caught.value!r} {caught.value.errors!r} {caught.value.errors[0].message} {caplog.text}"
    assert caught.value.code == "E7"
    assert "[redacted]" in caught.value.errors[0].message
    for secret in (vendor.token, vendor.current):
        assert secret not in said
        assert urllib.parse.quote(secret, safe="") not in said
        assert urllib.parse.quote(secret) not in said


async def test_html_in_the_vendors_place_is_an_error(vendor, acme):
    vendor.status = 502

    with pytest.raises(ServerError):
        await acme.things.get(1)
    vendor.status = 200
    with pytest.raises(ProtocolError, match="the answer is HTML"):
        await acme.things.list().collect()


async def test_slowing_down_is_waited_for(vendor, acme):
    vendor.status = 429

    with pytest.raises(Exception, match="slow down"):
        await acme.things.get(1)
    assert len([path for _, path, _ in vendor.seen if path.endswith("things/1")]) > 1


async def test_what_is_not_there_is_not_found(acme):
    with pytest.raises(NotFound):
        await acme.things.get(999)


async def test_writes_need_to_be_allowed(vendor, acme, sessions):
    with pytest.raises(Unsupported, match="allow_write=True"):
        await acme.things.create({"title": "x"})
    writer = sessions.open(
        DeclaredAdapter,
        {"token": vendor.token},
        base_url=vendor.base_url,
        declaration=str(ACME),
        allow_write=True,
        account="writer",
    )

    made = await writer["things"].create({"title": "new", "price": Decimal("2.50")})

    assert (made.thing_id, made.title) == (251, "new")
    assert not hasattr(writer["things"], "delete")
    with pytest.raises(Unsupported, match="acme has no delete of things; it has"):
        await writer["things"].delete(1)


async def test_two_accounts_may_have_two_files(vendor, sessions):
    other = ACME.read_text().replace("things]", "parts]").replace("things.fields", "parts.fields")
    first = sessions.open(DeclaredAdapter, {"token": "a"}, account="a", base_url=vendor.base_url, declaration=str(ACME))
    second = sessions.open(DeclaredAdapter, {"token": "b"}, account="b", base_url=vendor.base_url, declaration=other)

    assert (list(first), list(second)) == (["things"], ["parts"])
    assert type(first) is load(ACME)


def test_a_declaration_is_needed(sessions):
    with pytest.raises(ConfigError, match="needs a resource file"):
        sessions.open(DeclaredAdapter, {"token": "a"})
