"""Whether a document of Siigo's is the one that was sent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async_siigo.comparison import differences, leaves

SENT = {
    "document": {"id": 24446},
    "customer": {"identification": "209048401", "branch_office": "0"},
    "account_group": 1253,
    "invoice": "a-guid",
    "items": [{"code": "A", "price": Decimal("1069.768067")}, {"code": "B", "price": 5}],
}
FOUND = {
    "id": "x",
    "document": {"id": 24446},
    "customer": {"id": "g", "identification": "209048401", "branch_office": 0},
    "account_group": {"id": 1253, "name": "Productos"},
    "invoice": {"id": "a-guid", "name": "FV-1-1"},
    "items": [{"code": "A", "price": Decimal("1069.77")}, {"code": "B", "price": Decimal("5.00")}],
    "total": 12,
}


def test_what_siigo_adds_rounds_and_shows_as_an_object_is_no_difference():
    assert differences(SENT, FOUND, leaves(SENT)) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"document": {"id": 1}}, "document.id"),
        ({"invoice": {"id": "another"}}, "invoice"),
        ({"items": [FOUND["items"][0]]}, "items"),
        ({"items": [FOUND["items"][0], {"code": "B", "price": Decimal("5.01")}]}, "items[1].price"),
        ({"items": [{"code": "a", "price": Decimal("1069.77")}, FOUND["items"][1]]}, "items[0].code"),
    ],
)
def test_what_is_not_the_same_is_named_by_its_path(change, path):
    assert differences(SENT, {**FOUND, **change}, leaves(SENT)) == [path]


def test_nothing_is_concluded_from_what_only_one_side_has_or_from_another_shape():
    assert (
        differences(
            {"discount": 5, "name": None}, {"discount": {"percentage": 5}, "number": 1}, ["discount", "name", "number"]
        )
        == []
    )


def test_nothing_is_concluded_from_a_list_that_siigo_shows_empty():
    sent = {"items": [{"value": 5}], "payment": {"value": 5}, "name": ["Ana"]}
    assert differences(sent, {"items": [], "name": []}, leaves(sent)) == []
    assert differences({"items": []}, {"items": [{"value": 5}]}, ["items[].value"]) == ["items"]


def test_a_flag_is_no_number():
    assert differences({"active": True}, {"active": 1}, ["active"]) == ["active"]


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=4)
    | st.decimals(allow_nan=False, allow_infinity=False, places=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from("abc"), _JSON), st.dictionaries(st.sampled_from("abc"), _JSON))
def test_a_document_equals_itself_and_comparing_any_two_raises_nothing(one, other):
    assert differences(one, one, leaves(one)) == []
    assert set(differences(one, other, leaves(one))) == set(differences(one, other, leaves(one)))
