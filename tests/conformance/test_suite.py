"""The suite as the author of an adapter meets it: what is skipped, what is failed, and what is said."""

from __future__ import annotations

import asyncio
import inspect

import attrs
import pytest

from sagicc_async import DeadlineExceeded
from sagicc_async.testing.conformance import Conformance, Samples, Violation, Write, checks, examine, not_applicable

from .bazar import Bazar, BazarSandbox, ThingsResource
from .faults import FAULTS, planting
from .subjects import SAMPLES, subject


def suite(**attributes):
    """A suite of Bazar's, as somebody else would write it."""
    written = {"adapter": Bazar, "sandbox": BazarSandbox, "samples": SAMPLES, **attributes}
    return type("Suite", (Conformance,), written)()


def check(name):
    return next(check for check in checks() if check.name == name)


def test_each_check_is_a_test_with_the_law_as_its_docstring():
    tests = {name: inspect.getdoc(test) for name, test in vars(Conformance).items() if name.startswith("test_")}

    assert tests == {f"test_{check.name}": check.law for check in checks()}


def test_a_broken_law_fails_with_what_is_wrong_the_law_and_where_to_look():
    with pytest.raises(pytest.fail.Exception) as failed:
        suite(adapter=FAULTS["no_hint"]()).test_wrong_credentials_are_rejected()

    assert str(failed.value).splitlines() == [
        "bazar breaks wrong_credentials_are_rejected: CredentialsRejected has no hint, which names the vendor's screen",
        f"  The law: {check('wrong_credentials_are_rejected').law}",
        f"  Look at: {check('wrong_credentials_are_rejected').look}",
    ]
    assert not failed.value.pytrace


def test_what_does_not_apply_is_skipped_with_the_reason():
    with pytest.raises(
        pytest.skip.Exception, match="does not apply to bazar: its samples have no write that takes a k"
    ):
        suite(samples=Samples(list="things")).test_a_key_is_the_same_on_every_try()


def test_a_list_that_cannot_be_read_is_told_by_one_check_and_the_others_are_skipped():
    wrong = suite(samples=Samples(list="thing"))

    with pytest.raises(pytest.fail.Exception, match=r"breaks the_list_can_be_read: .*no resource 'thing'.*things"):
        wrong.test_the_list_can_be_read()
    with pytest.raises(pytest.skip.Exception, match="its list cannot be read, as another check shows"):
        wrong.test_names_agree()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [({}, "missing a required argument: 'code'"), ({"code": "a", "cod": "b"}, "unexpected keyword argument 'cod'")],
)
def test_a_list_that_needs_other_keywords_is_told_with_where_they_are_given(arguments, told):
    def needy(self, *, code, deadline=None, priority=None):
        return ThingsResource.list(self, code=code, deadline=deadline, priority=priority)

    broken = planting.with_things(list=planting.documented(needy, ThingsResource.list))
    samples = attrs.evolve(SAMPLES, arguments={"things": arguments})

    with pytest.raises(pytest.fail.Exception, match=f"the list of things cannot be called with .*{told}") as failed:
        suite(adapter=broken, samples=samples).test_the_list_can_be_read()
    assert "Look at: Samples.arguments" in str(failed.value)


def test_a_sample_write_that_is_no_operation_is_told():
    with pytest.raises(pytest.fail.Exception, match=r"things\.delete does not work: bazar has no delete of things"):
        suite(samples=attrs.evolve(SAMPLES, writes=[Write("things", "delete", 1)])).test_sample_writes_work()


async def test_a_write_that_fails_is_one_checks_business_alone():
    broken = subject(FAULTS["a_write_goes_elsewhere"]())

    with pytest.raises(Violation, match=r"things\.update does not work: .*HTTP 404"):
        await examine(check("sample_writes_work"), broken)
    assert "repeatable_writes_are_sent_again" in await not_applicable(broken)


async def test_a_slip_of_the_adapters_is_shown_as_it_is_with_the_law_beside_it():
    def stumble(response):
        raise KeyError("slip")

    broken = subject(type("Bazar", (Bazar,), {"errors_for": classmethod(lambda cls, settings: stumble(None))}))

    with pytest.raises(KeyError, match="slip"):
        await examine(check("the_list_can_be_read"), broken)


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (DeadlineExceeded("the deadline passed"), "DeadlineExceeded: the deadline passed"),
        (TimeoutError(), "what should come at once did not come"),
    ],
)
async def test_a_deadline_of_the_adapters_own_is_not_taken_for_the_checks(raised, told):
    async def verify(subject):
        raise raised

    with pytest.raises(Violation, match=told):
        await examine(attrs.evolve(check("the_list_can_be_read"), verify=verify), subject())


async def test_a_check_that_does_not_end_is_told(monkeypatch):
    async def verify(subject):
        await asyncio.Event().wait()

    monkeypatch.setattr("sagicc_async.testing.conformance.suite._LIMIT", 0.01)
    with pytest.raises(Violation, match=r"the check did not end in 0\.01 s"):
        await examine(attrs.evolve(check("the_list_can_be_read"), verify=verify), subject())


def test_a_function_that_makes_the_emulator_will_do():
    def emulator(**settings):
        return BazarSandbox(**settings)

    suite(sandbox=emulator).test_names_agree()


def test_the_subject_of_a_class_is_not_that_of_the_class_it_derives_from():
    class First(Conformance):
        adapter, sandbox, samples = Bazar, BazarSandbox, SAMPLES

    class Second(First):
        samples = Samples(list="orders")

    assert First.subject() is First.subject()
    assert First.subject() is not Second.subject()
    assert Second.subject().samples.list == "orders"
