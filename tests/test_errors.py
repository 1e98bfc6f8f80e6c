"""The tree of errors: as drawn, picklable with all that they say, and silent about values."""

from __future__ import annotations

import copy
import pickle
import re

import pytest

import sagicc_async
from sagicc_async import errors
from sagicc_async.errors import (
    Absent,
    DeadlineExceeded,
    FieldError,
    Found,
    OutcomeUnknown,
    RequestError,
    SagiccAsyncError,
    StillOpen,
)
from sagicc_async.records.checkpoint import Checkpoint

CHECKPOINT = Checkpoint(
    adapter="vendor", resource="things", query={"path": "things", "size": 50}, cursor=3, index=7, ids=("a", "b")
)
DETAILS = {
    "vendor": "vendor",
    "account": "acme",
    "operation": "things.create",
    "status": 409,
    "code": "E-17",
    "request_id": "ab-1",
    "attempts": 3,
    "retry_after": 2.5,
    "hint": "open the vendor's screen",
    "checkpoint": CHECKPOINT,
    "errors": [FieldError("duplicate", "codigo", "the value 00123 exists", value="00123")],
}


def descendants(cls: type) -> list[type]:
    return [cls, *(found for child in cls.__subclasses__() for found in descendants(child))]


CLASSES = [
    cls
    for cls in descendants(SagiccAsyncError)
    if cls.__module__ == errors.__name__ and not cls.__name__.startswith("_")
]
REQUEST_ERRORS = [cls for cls in CLASSES if issubclass(cls, RequestError)]
RESUMABLE = [cls for cls in CLASSES if issubclass(cls, errors._Resumable)]
CLONES = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle {protocol}": lambda error, protocol=protocol: pickle.loads(pickle.dumps(error, protocol))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
}


def drawn() -> dict[str, str | None]:
    """Each class of the drawing at the top of the module, with the one above it."""
    parents, path = {}, []
    for line in errors.__doc__.splitlines():
        match = re.fullmatch(r"    ((?:[│ ]   )*)([├└]── )?(\w+)(?:  .*)?", line)
        if match is None or not hasattr(errors, match[3]):
            continue
        depth = len(match[1]) // 4 + bool(match[2])
        path[depth:] = [match[3]]
        parents[match[3]] = path[depth - 1] if depth else None
    return parents


def real() -> dict[str, str | None]:
    shown = {cls.__name__ for cls in CLASSES}
    return {
        cls.__name__: next((above.__name__ for above in cls.__mro__[1:] if above.__name__ in shown), None)
        for cls in CLASSES
    }


def test_the_tree_is_as_it_is_drawn():
    assert len(CLASSES) > 15
    assert drawn() == real()


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_is_public_and_says_when_it_is_raised(cls):
    assert getattr(sagicc_async, cls.__name__) is cls
    assert cls.__doc__


@pytest.mark.parametrize("clone", CLONES.values(), ids=CLONES)
@pytest.mark.parametrize("cls", REQUEST_ERRORS)
def test_a_request_error_keeps_all_it_says_on_its_way_to_another_process(cls, clone):
    error = cls("it failed", **DETAILS)
    error.add_note("seen at night")

    twin = clone(error)

    assert type(twin) is cls
    assert str(twin) == str(error)
    assert {name: getattr(twin, name) for name in DETAILS} == DETAILS
    assert (twin.message, twin.args, twin.__notes__) == ("it failed", ("it failed",), ["seen at night"])


@pytest.mark.parametrize("clone", CLONES.values(), ids=CLONES)
@pytest.mark.parametrize("cls", [cls for cls in CLASSES if cls not in REQUEST_ERRORS])
def test_every_other_error_keeps_all_it_says_too(cls, clone):
    error = cls("it failed", checkpoint=CHECKPOINT) if cls in RESUMABLE else cls("it failed")

    twin = clone(error)

    assert (type(twin), str(twin), twin.args) == (cls, "it failed", ("it failed",))
    assert getattr(twin, "checkpoint", None) == (CHECKPOINT if cls in RESUMABLE else None)


@pytest.mark.parametrize("cls", REQUEST_ERRORS)
def test_str_says_whose_request_what_happened_and_what_to_do_in_one_line(cls):
    assert str(cls("it failed", **DETAILS)) == (
        "vendor acme things.create: it failed (HTTP 409) - open the vendor's screen"
    )
    assert str(cls("it failed")) == "it failed"


@pytest.mark.parametrize("cls", REQUEST_ERRORS)
def test_str_and_repr_quote_no_value_of_a_record(cls):
    error = cls("it failed", **DETAILS)

    assert "00123" not in str(error)
    assert "00123" not in repr(error)


def test_a_field_error_shows_no_value_beyond_the_vendors_own_message():
    assert "00123" not in repr(FieldError("duplicate", "codigo", "it exists", value="00123"))


def test_two_errors_do_not_share_their_list_of_complaints():
    complaints = []
    first, second = RequestError("one", errors=complaints), RequestError("two", errors=complaints)
    first.errors.append(DETAILS["errors"][0])

    assert (second.errors, complaints) == ([], [])


def test_a_deadline_is_also_a_timeout():
    with pytest.raises(TimeoutError):
        raise DeadlineExceeded("late", **DETAILS)
    assert DeadlineExceeded("late").errno is None


async def test_an_unknown_outcome_without_a_way_to_look_it_up_stays_open():
    assert isinstance(await OutcomeUnknown("lost").reconcile(), StillOpen)


@pytest.mark.parametrize("answer", [Found({"codigo": "1"}), Absent(), StillOpen("ask later")])
async def test_an_unknown_outcome_is_looked_up_by_the_resources_own_way(answer):
    async def lookup():
        return answer

    assert await OutcomeUnknown("lost").with_lookup(lookup).reconcile() is answer


@pytest.mark.parametrize("clone", [CLONES["pickle 5"], copy.deepcopy])
async def test_an_unknown_outcome_out_of_a_pickle_has_lost_its_session_and_says_so(clone):
    async def lookup():
        return Absent()

    twin = clone(OutcomeUnknown("lost", **DETAILS).with_lookup(lookup))

    assert isinstance(await twin.reconcile(), StillOpen)
    assert twin.code == "E-17"
