"""The commands when all is well, and what programs can read of them."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import re
import signal
import sys
import threading
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import sagicc_async.registry
from sagicc_async import Adapter
from sagicc_async_serpi import Serpi


def test_export_writes_a_file_and_tells_so(run, vendor):
    outcome = run("export", "serpi", "centro_costo", "-o", "a.jsonl")

    rows = [json.loads(line) for line in Path("a.jsonl").read_bytes().splitlines()]
    assert (outcome.status, outcome.out) == (0, "")
    assert "230 records in a.jsonl (" in outcome.err
    assert [row["id"] for row in rows] == list(range(1, 231))


@pytest.mark.parametrize(("arguments", "name"), [((), "bodega.jsonl"), (("--format", "csv"), "bodega.csv")])
def test_a_file_is_named_after_its_resource_if_nobody_names_it(run, vendor, arguments, name):
    assert run("export", "serpi", "bodega", *arguments).status == 0
    assert Path(name).is_file()


def test_export_to_stdout_puts_records_there_and_the_rest_on_stderr(run, vendor):
    outcome = run("export", "serpi", "centro_costo", "-o", "-", "--limit", "2")

    assert [json.loads(line)["id"] for line in outcome.out.splitlines()] == [1, 2]
    assert "2 records to stdout" in outcome.err


def test_a_filter_reaches_the_vendor_with_its_type(run, vendor):
    assert run("export", "serpi", "articulo_proveedor", "-o", "a.csv", "--where", "id_articulo=7").status == 0

    with Path("a.csv").open(encoding="utf-8", newline="") as file:
        assert {row["idArticulo"] for row in csv.DictReader(file)} == {"7"}
    assert vendor.requests[0].query["idArticulo"] == "7"


def test_the_page_size_reaches_the_vendor(run, vendor):
    run("export", "serpi", "centro_costo", "--page-size", "115", "-o", "a.jsonl")

    assert {request.query["limite"] for request in vendor.requests} == {"115"}


def test_an_account_of_the_file_is_used(run, vendor, impatient):
    assert run("export", "serpi", "centro_costo", "--limit", "1", *impatient).status == 0


def test_a_setting_that_an_account_does_not_say_is_taken_from_the_environment_as_a_sync_does(
    run, vendor, impatient, monkeypatch
):
    monkeypatch.setenv("SERPI_PAGE_SIZE", "115")
    monkeypatch.setenv("SERPI_SETTLE", "mistaken")
    assert (
        run("export", "serpi", "bodega", *impatient).status == 1
    )  # what is not of its type is told, whoever says it better

    monkeypatch.setenv("SERPI_SETTLE", "60")  # the account's own goes before it
    assert run("export", "serpi", "centro_costo", *impatient, "-o", "a.jsonl").status == 0
    assert {request.query["limite"] for request in vendor.requests} == {"115"}


def test_an_interrupted_export_says_how_to_go_on_and_goes_on(run, vendor, impatient):
    fault = vendor.fault("hold", query={"pagina": "4"})

    def press_ctrl_c():
        asyncio.run(vendor.until(lambda stats: stats.requests == 4))
        os.kill(os.getpid(), signal.SIGINT)

    presser = threading.Thread(target=press_ctrl_c)
    presser.start()
    interrupted = run("export", "serpi", "centro_costo", "-o", "a.jsonl", *impatient)
    presser.join()
    vendor.clear_faults(fault)
    asyncio.run(vendor.until(lambda stats: stats.in_flight == 0))
    resumed = run("export", "serpi", "centro_costo", "-o", "a.jsonl", *impatient, "--resume")

    assert interrupted.status == 130
    assert interrupted.err.startswith("interrupted - 1")
    assert interrupted.err.endswith(
        "go on with: sagicc-async export serpi centro_costo -o a.jsonl --account acme --resume\n"
    )
    assert resumed.status == 0
    assert "of them from an earlier run" in resumed.err
    ids = [json.loads(line)["id"] for line in Path("a.jsonl").read_bytes().splitlines()]
    assert ids == list(range(1, 231))
    assert vendor.stats.overlaps == 0


def test_resume_without_anything_to_go_on_with_says_so(run, vendor):
    assert "no unfinished export" in run("export", "serpi", "bodega", "--resume").err


def test_adapters_for_people_and_programs(run):
    (serpi,) = [adapter for adapter in json.loads(run("adapters", "--json").out) if adapter["vendor"] == "serpi"]

    assert serpi["token_rules"]["max_in_flight"] == 1
    assert len(serpi["resources"]) == 9
    assert re.search("serpi +sagicc-async-serpi", run("adapters").out)


def test_an_adapter_that_does_not_load_is_listed_with_its_error(run, monkeypatch):
    broken = EntryPoint("broken", "nowhere:Adapter", sagicc_async.registry.ADAPTERS)
    monkeypatch.setattr(sagicc_async.registry, "entry_points", lambda **_: [broken])

    [listed] = json.loads(run("adapters", "--json").out)
    shown = run("adapters")

    assert "ModuleNotFoundError" in listed["error"]
    assert shown.status == 0
    assert "broken: nowhere:Adapter does not load: ModuleNotFoundError: No module named 'nowhere'\n" in shown.out


def test_broken_adapters_leave_the_others_as_they_are(run, monkeypatch):
    real = sagicc_async.registry.entry_points
    values = [("missing", "nowhere:Adapter"), ("twice", "one:A"), ("twice", "other:A"), ("wrong", "builtins:dict")]
    broken = [EntryPoint(name, value, sagicc_async.registry.ADAPTERS) for name, value in values]
    monkeypatch.setattr(sagicc_async.registry, "entry_points", lambda **group: [*broken, *real(**group)])

    errors = {listed["vendor"]: listed["error"] for listed in json.loads(run("adapters", "--json").out)}

    assert errors["missing"].startswith("nowhere:Adapter does not load")
    assert errors["twice"].startswith("several distributions claim the name")
    assert errors["wrong"] == "builtins:dict is not an Adapter class"
    assert errors["serpi"] is None
    assert run("resources", "serpi").status == 0


def test_an_adapter_that_does_not_load_is_not_suggested_in_its_own_place(run, monkeypatch):
    broken = EntryPoint("broken", "nowhere:Adapter", sagicc_async.registry.ADAPTERS)
    monkeypatch.setattr(sagicc_async.registry, "entry_points", lambda **_: [broken])

    outcome = run("resources", "broken")

    assert outcome.status == 1
    assert "cannot be used: nowhere:Adapter does not load" in outcome.err
    assert "did you mean" not in outcome.err


def test_resources_for_people_and_programs(run):
    listed = {entry["resource"]: entry for entry in json.loads(run("resources", "serpi", "--json").out)}

    assert listed["articulo"]["filters"] == ["codigo"]
    assert listed["articulo"]["paging"] == ["limite", "pagina"]
    assert listed["centro_costo"]["operations"]["create"] == "unsafe"
    assert listed["impuesto"]["fields"][4] == "_base"
    assert "centro_costo" in run("resources", "serpi").out


def test_an_adapter_in_code_is_not_described_but_shown_elsewhere(run):
    outcome = run("describe", "serpi")

    assert outcome.status == 2
    assert "sagicc-async resources serpi" in outcome.err


def test_check_says_that_all_is_well(run, vendor):
    outcome = run("check", "serpi")

    assert outcome.status == 0
    assert [line.split()[0] for line in outcome.out.splitlines()] == ["ok"] * 6
    assert "shared with: this process alone" in outcome.out
    assert vendor.stats.requests == 1


def test_check_of_an_empty_list_is_well_too(run, vendor):
    vendor.fault("status", status=200, body={"success": True, "code": 200, "message": "", "result": []})

    assert "answers with 0 records" in run("check", "serpi").out


def test_check_names_what_the_vendor_refuses_and_where_it_is_mended(run, vendor, monkeypatch):
    monkeypatch.setenv("SERPI_TOKEN", "mistaken-0123456789")

    outcome = run("check", "serpi")

    [problem] = [line for line in outcome.out.splitlines() if line.startswith("problem")]
    assert outcome.status == 1
    assert "accepted: " in problem
    assert "compare token and secretkey" in problem
    assert "mistaken" not in outcome.out + outcome.err


def test_check_names_what_is_missing(run, vendor, monkeypatch):
    monkeypatch.delenv("SERPI_SECRETKEY")

    outcome = run("check", "serpi")

    assert outcome.status == 1
    assert "problem credentials: set SERPI_SECRETKEY" in outcome.out


def test_check_names_a_clock_that_is_wrong(run, vendor, monkeypatch):
    monkeypatch.setattr("sagicc_async.cli.check.SystemClock.wall", lambda _: 0.0)

    outcome = run("check", "serpi")

    assert outcome.status == 1
    assert "behind the vendor; set its clock" in outcome.out


def test_check_names_a_connection_that_cannot_be_made(run, vendor, monkeypatch):
    monkeypatch.setenv("SERPI_BASE_URL", "http://127.0.0.1:9/")

    assert "problem connection:" in run("check", "serpi").out


def test_check_names_a_setting_that_does_not_exist(run, vendor, impatient):
    file = Path("accounts.toml")
    file.write_text(file.read_text().replace("settle", "setle"))

    [*_, problem] = run("check", "serpi", *impatient).out.splitlines()

    assert problem.startswith("problem settings: serpi has no setting setle")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("resources", "serpi has no resources: its adapter class has no mount() of one."),
        ("check", "serpi has no list that needs no arguments; mount() one in the adapter class, or name another"),
    ],
)
def test_an_adapter_of_code_without_resources_is_told_how_it_gets_one(run, vendor, monkeypatch, command, told):
    declared = {name: getattr(Serpi, name) for name in ("vendor", "title", "credentials", "auth")}
    bare = type("Bare", (Adapter,), declared)
    monkeypatch.setattr(f"sagicc_async.cli.{command}.adapter_named", lambda *_: bare)

    outcome = run(command, "serpi")

    assert outcome.status == 0, outcome.err
    assert told in outcome.out + outcome.err
    assert "resource file" not in outcome.out + outcome.err


def test_demo_leaves_out_what_does_not_load_and_says_so(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    real = sagicc_async.registry.entry_points
    broken = EntryPoint("broken", "nowhere:Adapter", sagicc_async.registry.ADAPTERS)
    monkeypatch.setattr(sagicc_async.registry, "entry_points", lambda **group: [broken, *real(**group)])

    outcome = run("demo", "--records", "10")

    assert outcome.status == 0
    assert "left out: broken - nowhere:Adapter does not load" in outcome.err
    assert Path("sagicc-async-demo/serpi-centro_costo.jsonl").read_bytes().count(b"\n") == 10


def test_demo_without_any_adapter_says_what_to_install(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sagicc_async.registry, "entry_points", lambda **_: [])

    outcome = run("demo")

    assert outcome.status == 1
    assert "pip install sagicc-async-<vendor>" in outcome.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["", "demo", "sandbox", "adapters", "resources", "check", "export", "new-adapter"])
def test_every_command_explains_itself(run, command):
    outcome = run(*filter(None, [command]), "--help")

    assert outcome.status == 0
    assert f"Usage: sagicc-async {command}".strip() in outcome.out


def test_the_version_can_be_asked_for(run):
    assert run("--version").out.strip()


@pytest.mark.parametrize("package", ["cyclopts", "rich"])
def test_without_its_packages_the_command_line_says_what_to_install(run, monkeypatch, package):
    for name in [name for name in sys.modules if name.startswith("sagicc_async.cli.")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)

    outcome = run("adapters")

    assert outcome.status == 1
    assert outcome.err == f"error: the command line needs {package}: pip install 'sagicc-async[cli]'\n"
