"""What the benchmarks make of their measurements: verdicts, tables and pictures."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture
def report(benchmark_module):
    return benchmark_module("report")


@pytest.fixture
def ratio(benchmark_module):
    return benchmark_module("compare").Ratio


@pytest.fixture
def figure(report, ratio):
    def make(low=1.1, median=1.2, high=1.3, *, goal=None, **fields):
        named = {"case": "25 fields", "what": "CPU", "variant": "ours", "against": "theirs"} | fields
        return report.Figure(ratio=ratio(median, low, high, 31), goal=goal, **named)

    return make


@pytest.mark.parametrize(
    ("limit", "at_least", "missed"),
    [
        (1.05, False, True),
        (1.1, False, False),
        (1.25, False, False),
        (1.25, True, False),
        (1.3, True, False),
        (1.4, True, True),
    ],
)
def test_a_goal_is_missed_only_if_the_whole_interval_misses_it(report, ratio, limit, at_least, missed):
    assert report.Goal(limit, at_least=at_least).missed(ratio(1.2, 1.1, 1.3, 31)) is missed


def test_a_figure_without_a_goal_misses_nothing(figure):
    assert not figure(90.0, 100.0, 110.0).missed


def test_the_table_has_a_line_a_figure_with_its_verdict_and_note(report, figure):
    held, missed = report.Goal(1.5), report.Goal(1.05)
    table = report.table([figure(goal=held, note="0 overlaps"), figure(goal=missed), figure()])
    assert table.splitlines()[2:] == [
        "| 25 fields | CPU | ours | theirs | 1.20 [1.10-1.30] | ≤ 1.50 | held; 0 overlaps |",
        "| 25 fields | CPU | ours | theirs | 1.20 [1.10-1.30] | ≤ 1.05 | **missed** |",
        "| 25 fields | CPU | ours | theirs | 1.20 [1.10-1.30] |  |  |",
    ]


def test_a_goal_that_only_the_interval_reaches_is_open_not_held(report, figure):
    assert "| open |" in report.table([figure(goal=report.Goal(1.15))])
    assert "| open |" in report.table([figure(goal=report.Goal(1.25, at_least=True))])


def test_a_bar_in_a_name_does_not_break_the_table(report, figure):
    assert "| a \\| b |" in report.table([figure(variant="a | b")])


def test_the_document_counts_goals_and_names_what_is_missed(report, figure):
    figures = [figure(goal=report.Goal(1.5)), figure(goal=report.Goal(1.05), variant="slow"), figure()]
    question = report.Question(name="records", title="CPU a record", text="How.", figures=None)
    answers, effort = [report.Answer(question, figures)], report.Effort(rounds=31, quick=False)
    text = report.markdown(answers, effort)
    assert "**1 of 2 goals are held, 1 are missed, 0 are open.**" in text
    assert "* Missed: 25 fields: slow / theirs, CPU: 1.20 [1.10-1.30]" in text
    stored = json.loads(report.as_json(answers, effort))["questions"]["records"]
    assert [entry["verdict"] for entry in stored] == ["held", "missed", ""]
    assert stored[0]["ratio"] == {"median": 1.2, "low": 1.1, "high": 1.3, "rounds": 31}


def test_counts_have_no_spread_and_ratios_say_theirs(report, figure, ratio):
    count = report.Figure(case="c", what="requests", variant="a", against="b", ratio=ratio(2.0, 2.0, 2.0, 1))
    assert report.spread([count]) == "Counts, which have no spread."
    assert "31 paired rounds" in report.spread([count, figure()])


def test_the_picture_is_well_formed_whatever_is_in_the_names(benchmark_module, figure, report):
    figures = [figure(variant="a < b & c", goal=report.Goal(1.15)), figure(0.01, 0.02, 40.0), figure(0.0, 0.0, 0.0)]
    root = ET.fromstring(benchmark_module("plots").svg("T & t", figures))
    assert len(root.findall("{*}circle")) == 3


def test_a_constant_factor_is_found_whatever_the_rounds_cost(benchmark_module):
    ratio_of = benchmark_module("compare").ratio_of

    @given(factor=st.floats(0.1, 10), costs=st.lists(st.floats(0.001, 1), min_size=1, max_size=40))
    def holds(factor, costs):
        found = ratio_of([factor * cost for cost in costs], costs)
        assert found.low <= found.median <= found.high
        assert found.median == pytest.approx(factor)

    holds()
