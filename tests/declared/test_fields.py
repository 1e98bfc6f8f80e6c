from __future__ import annotations

import copy
import datetime
import json
import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import ConfigError, to_wire
from sagicc_async.declared import read
from sagicc_async.declared.fields import attribute_names, model_of
from sagicc_async.records.as_written import Amount, Day, Minutes


def model(**fields):
    declaration = read(
        {
            "vendor": "acme",
            "time_zone": "America/Sao_Paulo",
            "auth": {"kind": "header", "header": "X-Token"},
            "resources": {"things": {"list": "/things", "id": "id", "fields": fields}},
        }
    )
    return model_of(declaration, "things", declaration.resources["things"])


def value(kind, sent, form=None):
    field = {"type": kind} | ({} if form is None else {"format": form})
    made = model(x=field).from_dict({"x": sent})
    # What is written is what came.
    return made.x, json.loads(made.to_json())["x"] if made.x is not None else sent


@pytest.mark.parametrize(
    ("kind", "form", "sent", "expected"),
    [
        ("text", None, 7, "7"),
        ("int", None, "12", 12),
        ("int", None, "", None),
        ("decimal", None, "1.50", Decimal("1.50")),
        ("money", None, "1234.56", Decimal("1234.56")),
        ("money", "1234.56", "1234.5", Decimal("1234.5")),
        ("money", "1.234,56", "1.234,56", Decimal("1234.56")),
        ("money", "1.234,56", "-1.234.567,8", Decimal("-1234567.8")),
        ("money", "1.234,56", "0,10", Decimal("0.10")),
        ("money", "1.234,56", "R$ 12,00", Decimal("12.00")),
        ("money", "1.234,56", "", None),
        ("money", "1.234,56", 12, Decimal(12)),
        ("date", None, "2026-11-20", datetime.date(2026, 11, 20)),
        ("date", None, "2026-11-20T08:00:00", datetime.date(2026, 11, 20)),
        ("date", None, "0000-00-00", None),
        ("date", "%d/%m/%Y", "20/11/2026", datetime.date(2026, 11, 20)),
        ("datetime", None, "0000-00-00 00:00:00", None),
        ("duration", None, 90, 90),
        ("duration", None, "07:30", 450),
        ("duration", "HH:MM", "-00:30", -30),
        ("flag", None, "S", True),
        ("flag", "yes/no", "no", False),
        ("object", None, {"a": 1}, {"a": 1}),
        ("list", None, [1, "a"], [1, "a"]),
    ],
)
def test_a_value_is_read_as_declared(kind, form, sent, expected):
    assert value(kind, sent, form)[0] == expected


@pytest.mark.parametrize(
    ("kind", "form", "sent"),
    [
        ("money", "1.234,56", "1.234,56"),
        ("money", "1.234,56", "R$ 12,00"),
        ("date", "%d/%m/%Y", "20/11/2026"),
        ("date", None, "2026-11-20T08:00:00"),
        ("datetime", "%d/%m/%Y %H:%M", "20/11/2026 08:15"),
        ("datetime", None, "2026-11-20 08:15:00"),
        ("duration", None, "07:30"),
    ],
)
def test_what_came_is_written_back(kind, form, sent):
    assert value(kind, sent, form)[1] == sent


@pytest.mark.parametrize(
    ("kind", "form", "sent"),
    [
        ("money", "1.234,56", "1,234.56"),
        ("money", "1.234,56", "12.34"),
        ("money", None, "1.234,56"),
        ("int", None, "12.0"),
        ("date", None, "20/11/2026"),
        ("date", None, 20261120),
        ("datetime", None, 5),
        ("duration", None, "7:99"),
        ("flag", "yes/no", "y"),
        ("object", None, "x"),
    ],
)
def test_a_value_of_another_form_is_a_fault_with_its_path(kind, form, sent):
    with pytest.raises(ConfigError, match=r"at \$\.x$"):
        value(kind, sent, form)


def test_a_moment_is_of_the_declared_zone_and_says_that_it_had_none():
    moment, _ = value("datetime", "20/11/2026 08:15", "%d/%m/%Y %H:%M")
    other, _ = value("datetime", "2026-11-20 08:15:00Z")

    assert (moment.isoformat(), moment.naive) == ("2026-11-20T08:15:00-03:00", True)
    assert (other.isoformat(), other.naive) == ("2026-11-20T08:15:00+00:00", False)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_every_amount_is_exact_in_the_brazilian_form(amount):
    text = f"{amount:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")

    assert value("money", text, "1.234,56") == (amount, text)


def test_what_is_not_declared_and_what_is_null_is_kept():
    sent = {"id": 7, "x": None, "colour": "red"}

    assert json.loads(model(x="text").from_dict(sent).to_json()) == sent


def test_names_are_python_s_own_and_each_once():
    kind = model(**{"updatedAt": "text", "updated_at": "text", "class": "text", "extra": "text", "2nd": "text"})
    declaration = read(
        {
            "vendor": "acme",
            "auth": {"kind": "header", "header": "X"},
            "resources": {"things": {"list": "/a", "fields": {"updatedAt": {"type": "text", "name": "when"}}}},
        }
    )

    made = kind.from_dict({"updatedAt": "a", "updated_at": "b", "class": "c", "extra": "d", "2nd": "e"})

    assert (made.updated_at, made.updated_at_, made.class_, made.extra_, made.n2nd) == ("a", "b", "c", "d", "e")
    assert attribute_names(declaration.resources["things"]) == {"updatedAt": "when"}


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("self", "self_"),
        ("class", "class_"),
        ("toDict", "to_dict_"),
        ("attrs", "attrs_"),
        ("cl", "cl_"),
        ("converter", "converter_"),
        ("typevarMap", "typevar_map_"),
    ],
)
def test_a_field_whose_name_something_else_has_is_read_and_written(wire, name):
    sent = {wire: "a", "colour": "red"}

    made = model(**{wire: "text"}).from_dict(sent)

    assert getattr(made, name) == "a"
    assert json.loads(made.to_json()) == sent


@pytest.mark.parametrize(
    "written",
    [
        Amount.read("1.234,56", Decimal("1234.56")),
        Day.read("20/11/2026", datetime.date(2026, 11, 20)),
        Minutes.read("07:30", 450),
    ],
)
def test_a_value_keeps_what_came_through_copies_and_pickles_but_not_through_arithmetic(written):
    for same in (copy.copy(written), copy.deepcopy(written), pickle.loads(pickle.dumps(written))):
        assert (same, same.raw) == (written, written.raw)
    assert to_wire(written) == f'"{written.raw}"'.encode()
    moved = written + (datetime.timedelta(days=1) if isinstance(written, datetime.date) else 1)
    assert written.raw.encode() not in to_wire(moved)
