"""Keys of Siigo's, which must stay what they are for as long as there are documents made with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async_siigo.idempotency import idempotency_key, is_idempotency_key


@pytest.mark.parametrize(
    ("company", "operation", "key", "expected"),
    [
        ("acme", "POST v1/invoices", "order-991", "AMZPPRHCZ5KA5TUPMGEABMWB6ROX2O"),
        ("acme", "POST v1/vouchers", "order-991", "ACYSOE5EAGRBXZ454UGZXE5B4LHDRJ"),
        ("ACME", "POST v1/invoices", "order-991", "A7FSFND6BLP2LEVVE3GIC6SJ3AVQYU"),
        ("acme", "POST v1/invoices", "", "AHUQYJGIPY2VYBK4G5QKIADO5KA6JY"),
        ("acme", "POST v1/invoices", "Ñandú \U0001f9fe\n2026", "ANU4CEB74OKYUUXYI4ROF6KQAQEHVG"),
    ],
)
def test_a_key_is_the_same_in_every_release(company, operation, key, expected):
    assert idempotency_key(company, operation, key) == expected


@given(st.text(), st.text(), st.text())
def test_every_text_becomes_a_key_that_siigo_takes(company, operation, key):
    made = idempotency_key(company, operation, key)
    assert is_idempotency_key(made)
    assert len(made) == 30


@given(st.tuples(st.text(), st.text(), st.text()), st.tuples(st.text(), st.text(), st.text()))
def test_different_things_get_different_keys(one, other):
    assert (idempotency_key(*one) == idempotency_key(*other)) is (one == other)


@pytest.mark.parametrize("text", ["", "a-b", "a b", "ñ", "x" * 31, "x\n"])
def test_what_siigo_refuses_is_no_key(text):
    assert not is_idempotency_key(text)
