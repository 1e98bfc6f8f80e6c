"""All adapters of this repository together: what is listed of them, and the demonstration that runs them at once."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console


def test_adapters_lists_each_with_its_limits(run):
    operand, sagicc, serpi, siigo = json.loads(run("adapters", "--json").out)

    assert (operand["vendor"], operand["resources"]) == ("operand", [])  # its resources are the user's own file's
    assert (sagicc["vendor"], len(sagicc["resources"])) == ("sagicc", 39)
    assert [(window["limit"], window["per"]) for window in sagicc["windows"]] == [
        (55, 60)
    ]  # under its default settings
    assert (serpi["vendor"], len(serpi["resources"])) == ("serpi", 9)
    assert (siigo["vendor"], len(siigo["resources"])) == ("siigo", 25)
    assert [(window["limit"], window["per"], window["scope"]) for window in siigo["windows"]] == [(100, 60, "company")]
    assert "sagicc   sagicc-async-sagicc" in run("adapters").out


@pytest.fixture
def terminal(monkeypatch):
    """Make a terminal of so many columns of standard output; give what it shows."""

    def of(width):
        screen = Console(file=io.StringIO(), force_terminal=True, width=width, highlight=False, color_system=None)
        for module in ("adapters", "console", "resources"):
            monkeypatch.setattr(f"sagicc_async.cli.{module}.stdout", screen)
        return screen.file.getvalue

    return of


def names_of(run, vendor):
    listed = json.loads(run("resources", vendor, "--json").out)
    return {name for entry in listed for name in (entry["resource"], *entry["filters"])}


@pytest.mark.parametrize("vendor", ["sagicc", "siigo"])
def test_names_that_one_types_are_whole_on_a_terminal(run, terminal, vendor):
    names, shown = names_of(run, vendor), terminal(80)

    run("resources", vendor)

    assert names - set(shown().replace(",", " ").split()) == set()


@pytest.mark.parametrize("command", [("adapters",), ("resources", "siigo")])
def test_on_a_narrow_terminal_cells_are_wrapped_and_never_cut(run, terminal, command):
    wide = "".join(sorted("".join(run(*command).out.split())))
    shown = terminal(44)

    run(*command)

    assert "".join(sorted("".join(shown().split()))) == wide


def test_without_a_terminal_each_resource_is_a_line(run):
    listed = json.loads(run("resources", "siigo", "--json").out)

    lines = run("resources", "siigo").out.splitlines()[1:]

    assert [line.split()[0] for line in lines] == [entry["resource"] for entry in listed]
    assert all(", ".join(entry["filters"]) in line for entry, line in zip(listed, lines, strict=True))


def test_demo_ends_with_the_proof(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    outcome = run("demo", "--records", "120", "-o", "data")

    lines = outcome.out.splitlines()
    assert outcome.status == 0
    assert lines[0].split() == ["vendor", "resource", "records", "seconds", "requests", "overlaps"]
    assert next(line for line in lines if line.startswith("operand  all 2")).split()[-1] == "allowed"
    caso = next(line for line in lines if "caso " in line).split()[:3]
    assert caso == ["sagicc", "caso", "118"]  # of 120, one in fifty is disabled
    assert next(line for line in lines if line.startswith("sagicc   all 39")).split()[-1] == "allowed"
    assert next(line for line in lines if "centro_costo" in line).split()[:3] == ["serpi", "centro_costo", "120"]
    assert next(line for line in lines if line.startswith("serpi    all 9")).split()[-1] == "0"
    assert next(line for line in lines if line.startswith("siigo    all 24")).split()[-1] == "allowed"
    assert "Proven: 74 exports at once" in outcome.err
    assert "never two at a time on a token of serpi" in outcome.err
    assert len(list(Path("data").glob("*.jsonl"))) == 74
    assert "\x1b" not in outcome.out + outcome.err  # no terminal, no colours
