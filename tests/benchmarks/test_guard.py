"""The guard's judgement: what it measures with, what it calls a loss, what it writes. Nothing is measured here."""

from __future__ import annotations

import json

import pytest

ROW = "typed, 50 a page"


@pytest.fixture
def guard(benchmark_module, monkeypatch, tmp_path):
    """The guard with a baseline of its own, which does not exist yet."""
    module = benchmark_module("guard")
    monkeypatch.setattr(module, "BASELINE", tmp_path / "baseline.json")
    return module


@pytest.fixture
def ratio(benchmark_module):
    found = benchmark_module("compare").Ratio
    return lambda median: found(median, median, median, 1)


@pytest.fixture
def measured(guard, monkeypatch, ratio):
    """Let each kind find what the test says, run by run, with the limits that it really has."""

    def find(*, valgrind=True, **found):
        monkeypatch.setattr(guard.instructions, "installed", lambda: valgrind)
        given = {name: iter(medians) for name, medians in found.items()}

        def measuring(name):
            return lambda: {ROW: ratio(next(given[name]))}

        kinds = {
            name: guard.Kind(measure=measuring(name), loss=kind.loss, runs=kind.runs)
            for name, kind in guard.KINDS.items()
        }
        monkeypatch.setattr(guard, "KINDS", kinds)

    return find


@pytest.fixture
def baseline(guard):
    def store(**kinds):
        guard.BASELINE.write_text(json.dumps({guard.environment(): kinds}))

    return store


@pytest.fixture
def run(guard, capsys):
    """The guard's exit code, and the lines that it prints."""

    def run(*arguments):
        return guard.main(arguments), capsys.readouterr().out.splitlines()

    return run


def _lost(lines):
    return [line for line in lines if line.startswith("lost: ")]


def test_what_wavers_passes(run, measured, baseline):
    baseline(instructions={ROW: 1.4}, slices={ROW: 1.4})
    measured(instructions=[1.4 * 1.01], slices=[1.4 * 1.15])
    code, lines = run()
    assert (code, _lost(lines)) == (0, [])


@pytest.mark.parametrize(
    ("found", "lost"),
    [
        ({"instructions": [1.4 * 1.06], "slices": [1.4]}, "lost: instructions, typed, 50 a page: 1.060 x"),
        ({"instructions": [1.4], "slices": [1.4 * 1.25]}, "lost: slices, typed, 50 a page: 1.250 x"),
    ],
)
def test_one_kind_is_enough_to_tell_a_loss(run, measured, baseline, found, lost):
    baseline(instructions={ROW: 1.4}, slices={ROW: 1.4})
    measured(**found)
    code, lines = run()
    (told,) = _lost(lines)
    assert code == 1
    assert told.startswith(lost)


def test_an_environment_without_a_baseline_is_told_and_nothing_is_measured(guard, run, measured):
    measured(instructions=[], slices=[])  # a measurement would find nothing, and raise
    code, (line,) = run()
    assert code == 2
    assert f"no baseline for {guard.environment()}, only for nothing" in line


def test_a_kind_or_a_row_without_a_baseline_is_told(run, measured, baseline):
    baseline(slices={"typed, 100 a page": 1.4})
    measured(instructions=[1.4], slices=[1.4])
    code, lines = run()
    assert code == 1
    assert [line.partition(";")[0] for line in _lost(lines)] == [
        "lost: instructions, typed, 50 a page: no baseline",
        "lost: slices, typed, 50 a page: no baseline",
    ]


def test_without_valgrind_slices_alone_judge_and_one_line_says_so(run, measured, baseline):
    baseline(instructions={ROW: 1.4}, slices={ROW: 1.4})
    measured(valgrind=False, instructions=[], slices=[1.4])
    code, lines = run()
    assert code == 0
    assert sum("valgrind is not installed" in line for line in lines) == 1


def test_writing_stores_both_kinds_and_a_median_where_runs_differ(guard, run, measured):
    guard.BASELINE.write_text(json.dumps({"another": {"slices": {ROW: 9.0}}}))
    measured(instructions=[1.3593], slices=[1.3, 1.9, 1.4])
    code, _ = run("--write")
    assert code == 0
    assert guard.stored() == {
        "another": {"slices": {ROW: 9.0}},
        guard.environment(): {"instructions": {ROW: 1.359}, "slices": {ROW: 1.4}},
    }


def test_writing_forgets_what_is_not_measured_any_more(guard, run, measured, baseline):
    baseline(instructions={ROW: 1.4}, slices={ROW: 1.4})
    measured(valgrind=False, instructions=[], slices=[1.3, 1.3, 1.3])
    code, _ = run("--write")
    assert code == 0
    assert guard.stored() == {guard.environment(): {"slices": {ROW: 1.3}}}


def test_a_baseline_is_of_one_build_of_python(guard, monkeypatch):
    here = guard.environment()
    monkeypatch.setattr(guard.platform, "python_build", lambda: ("main", "Jan  1 2000 00:00:00"))
    assert guard.environment() != here
