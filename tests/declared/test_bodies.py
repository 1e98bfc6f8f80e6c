"""What is sent of a record: what came as it came, and what a program made as the file says."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal

import attrs
import pytest

from sagicc_async import ConfigError, Timestamp, to_wire
from sagicc_async.declared import DeclaredAdapter, load
from sagicc_async.declared.bodies import body_of
from sagicc_async.records.as_written import Amount, Day
from sagicc_async.testing import mocked_responses

FILE = """
vendor = "acme"
base_url = "https://acme.example/v1"
time_zone = "America/Bogota"
auth = { kind = "header", header = "X-Token" }
formats = { money = "1.234,56", date = "%d/%m/%Y", datetime = "%d/%m/%Y %H:%M", duration = "HH:MM", flag = "S/N" }

[resources.parts]
id = "id"
get = "/parts/{id}"
create = "/parts"
update = "/parts/{id}"
fields = { id = "int", active = "flag", due = "date", price = "money", worked = "duration", at = "datetime", plain = { type = "money", format = "1234.56" } }
"""
CAME = {
    "id": 1,
    "active": "S",
    "due": "31/01/2026",
    "price": "R$ 1.234,56",
    "worked": "07:30",
    "at": "31/01/2026 07:00",
    "plain": None,
    "colour": "red",
}
PARTS = load(FILE).resource_classes()["parts"]


def sent(record):
    declaration = PARTS.declaration
    return json.loads(to_wire(body_of(declaration, "parts.update", declaration.resources["parts"], record)))


@pytest.mark.parametrize(
    "other", [{}, {"active": "N"}, {"price": 1234.5}, {"worked": 90}, {"worked": "90"}, {"due": ""}, {"at": None}]
)
def test_a_record_that_was_read_is_sent_as_it_came(other):
    came = CAME | other

    assert sent(PARTS.model.from_dict(json.loads(json.dumps(came), parse_float=Decimal))) == came


MADE = {
    "active": False,
    "due": datetime.date(2026, 2, 1),
    "price": Decimal("1234.5"),
    "worked": -90,
    "at": datetime.datetime(2026, 2, 1, 7, tzinfo=datetime.UTC),
    "plain": Decimal("0.10"),
}
WRITTEN = {
    "active": "N",
    "due": "01/02/2026",
    "price": "1.234,5",
    "worked": "-01:30",
    "at": "01/02/2026 02:00",
    "plain": 0.1,
}


def test_what_a_program_makes_is_written_as_the_file_says_in_a_record_and_in_a_mapping():
    assert sent(PARTS.model(**MADE)) == WRITTEN
    assert sent({**MADE, "colour": Decimal(1)}) == {**WRITTEN, "colour": 1}


def test_what_is_changed_is_written_as_the_file_says_and_the_rest_stays_as_it_came():
    part = PARTS.model.from_dict(CAME)

    changed = attrs.evolve(part, active=False, price=part.price + 1, due=part.due + datetime.timedelta(days=1))

    assert sent(changed) == CAME | {"active": "N", "price": "1.235,56", "due": "01/02/2026"}


def test_a_null_and_a_text_are_sent_as_they_stand():
    assert sent({"active": "yes", "price": "1234.50", "due": None}) == {
        "active": "yes",
        "price": "1234.50",
        "due": None,
    }


def test_what_another_vendor_wrote_is_not_sent_in_its_form():
    theirs = {
        "price": Amount.read("$12.50", Decimal("12.50")),
        "due": Day.read("Jan 31 2026", datetime.date(2026, 1, 31)),
        "at": Timestamp.parse("2026-01-31T12:00:00Z"),
    }

    assert sent(theirs) == {"price": "12,50", "due": "31/01/2026", "at": "31/01/2026 07:00"}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"price": 12.5}, "parts.update: price takes a value of type money, not float"),
        ({"price": Decimal("NaN")}, "parts.update: price takes a finite number"),
        ({"active": 1}, "parts.update: active takes a value of type flag, not int"),
        ({"due": MADE["at"]}, "parts.update: due takes a value of type date, not datetime"),
    ],
)
def test_a_value_of_another_type_is_refused(wrong, told):
    with pytest.raises(ConfigError, match=told):
        sent(wrong)
    with pytest.raises(ConfigError, match=told):
        sent(PARTS.model(**wrong))


async def test_a_record_that_goes_back_unchanged_changes_nothing_at_the_vendor(sessions):
    parts = sessions.open(DeclaredAdapter, {"token": "t"}, declaration=FILE, allow_write=True)["parts"]
    with mocked_responses() as http:
        http.get("https://acme.example/v1/parts/1", payload=CAME)
        http.put("https://acme.example/v1/parts/1", payload=CAME)
        http.post("https://acme.example/v1/parts", payload=CAME)

        await parts.update(1, await parts.get(1))
        await parts.create(MADE)

        _, [update], [create] = http.requests.values()
    assert json.loads(update.kwargs["data"]) == CAME
    assert json.loads(create.kwargs["data"]) == WRITTEN
