"""Checkpoints as text: what was written is read back, and nothing else is."""

from __future__ import annotations

import copy
import datetime
import json
import pickle

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import Checkpoint, CheckpointMismatch, NumberPaging, Request

TEXT = st.text(max_size=20)
PLACE = Checkpoint(
    adapter="fake",
    resource="items",
    query={"path": "items", "params": {"q": "a"}, "size": 3},
    cursor=2,
    index=1,
    ids=("2", "3", "4"),
)


@given(
    adapter=TEXT,
    resource=TEXT,
    path=TEXT,
    params=st.dictionaries(TEXT, TEXT | st.integers(-(2**53), 2**53), max_size=4),
    size=st.integers(1, 10_000),
    cursor=TEXT | st.integers(0, 2**53),
    index=st.integers(0, 10_000),
    ids=st.lists(TEXT, max_size=3).map(tuple),
)
def test_what_was_written_is_read_back(*, adapter, resource, path, params, size, cursor, index, ids):
    place = Checkpoint(
        adapter=adapter,
        resource=resource,
        query={"path": path, "params": params, "size": size},
        cursor=cursor,
        index=index,
        ids=ids,
    )

    text = place.to_json()

    assert Checkpoint.from_json(text) == place == Checkpoint.from_json(text.encode())
    assert "\n" not in text


def test_the_format_of_version_1_stays_as_it_is():
    text = (
        '{"version":1,"adapter":"fake","resource":"items","query":{"path":"items","params":{"q":"a"},"size":3},'
        '"cursor":2,"index":1,"ids":["2","3","4"]}'
    )

    assert PLACE.to_json() == text
    assert Checkpoint.from_json(text) == PLACE


@pytest.mark.parametrize(
    "learned",
    [
        {"started_at": datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)},
        {"before": 0},
        {"before": 6, "total": 20},
        {"drifted": True},
    ],
)
def test_what_was_learned_of_the_list_is_kept_and_is_no_part_of_the_place(learned):
    place = attrs.evolve(PLACE, **learned)

    kept = attrs.asdict(Checkpoint.from_json(place.to_json()))

    assert {name: kept[name] for name in learned} == learned
    assert place == PLACE


def test_a_checkpoint_can_be_copied_and_pickled():
    assert pickle.loads(pickle.dumps(PLACE)) == PLACE == copy.deepcopy(PLACE)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"query": ["another", "shape"]},
        {"cursor": {"page": 2}, "ids": None},
        {"index": -7},
    ],
)
def test_a_newer_version_is_refused_with_advice_whatever_its_fields_are(change):
    newer = {**json.loads(PLACE.to_json()), **change, "version": 2}

    with pytest.raises(CheckpointMismatch, match=r"has version 2, this release reads version 1; upgrade sagicc-async"):
        Checkpoint.from_json(json.dumps(newer))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "not json",
        '{"version": 1}',
        '{"version": "1"}',
        b"\xff\xfe",
        b'{"version": 1, "adapter": "\xff"}',
        "[" * 100_000,
        pytest.param(PLACE.to_json()[:-1], id="cut off"),
        *(
            pytest.param(json.dumps({**json.loads(PLACE.to_json()), **change}), id=str(change))
            for change in (
                {"version": 0},
                {"version": -1},
                {"version": True},
                {"index": -1},
                {"index": 1.5},
                {"cursor": None},
                {"ids": "234"},
                {"ids": [1]},
                {"adapter": None},
                {"query": {}},
                {"query": {"path": "items", "params": {}, "size": "fifty"}},
                {"query": {"path": "items", "params": {}, "size": 0}},
                {"query": {"path": "items", "params": ["q"], "size": 3}},
            )
        ),
    ],
)
def test_what_is_no_checkpoint_is_told_in_one_sentence(text):
    with pytest.raises(CheckpointMismatch, match="this is not a checkpoint of sagicc-async; start the stream anew"):
        Checkpoint.from_json(text)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"adapter": "other"}, "belongs to other items, not to fake items"),
        ({"resource": "others"}, "belongs to fake others, not to fake items"),
        ({"query": {"path": "items", "params": {"q": "b"}, "size": 3}}, "belongs to another query"),
        ({"query": {"path": "items", "params": {}, "size": 3}}, "belongs to another query"),
        ({"query": {"path": "elsewhere", "params": {"q": "a"}, "size": 3}}, "belongs to another query"),
    ],
)
async def test_the_checkpoint_of_another_list_is_refused_before_anything_is_asked(fake_list, change, message):
    import attrs

    vendor = fake_list(9)
    other = attrs.evolve(PLACE, **change)

    with pytest.raises(CheckpointMismatch, match=message) as caught:
        vendor.stream(resume=other)

    assert caught.value.checkpoint == other
    assert vendor.requests == []


async def test_a_parameter_without_a_value_is_none_of_the_query(fake_list):
    vendor = fake_list(9)
    request = Request(method="GET", path="items", params={"q": "a", "codigo": None})

    rest = await vendor.stream(request=request, resume=PLACE).collect()

    assert [record["id"] for record in rest] == [5, 6, 7, 8, 9]


async def test_a_checkpoint_holds_no_record_and_no_header(fake_list):
    vendor = fake_list([{"id": n, "nit": "900985549"} for n in range(5)])
    request = Request(method="GET", path="items", params={"q": "a"}, headers={"secretkey": "s3cr3t"})
    stream = vendor.stream(NumberPaging(number="page", size="size"), request=request)

    await stream.collect()

    assert "900985549" not in stream.checkpoint.to_json()
    assert "s3cr3t" not in stream.checkpoint.to_json()
