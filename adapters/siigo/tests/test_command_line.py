"""Siigo through the command line: whatever is wrong is one line that says what to do, and exit 1."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import attrs
import platformdirs
import pytest

from sagicc_async.cli import main
from sagicc_async.sandbox import Sandbox
from sagicc_async_siigo.sandbox.tokens import issued_by

EXPORT = ("export", "siigo", "invoices", "-o", "a.jsonl")


@attrs.frozen
class Outcome:
    """What a command left."""

    status: int
    out: str
    err: str


@pytest.fixture
def vendor(monkeypatch, tmp_path):
    """Siigo with 230 invoices; its credentials stand in the environment, and we in an empty folder."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(platformdirs, "user_state_path", lambda name: tmp_path / "state" / name)
    settings = {"siigo": {"work": 0, "requests": 1_000_000}}
    with Sandbox.in_thread(["siigo"], records=230, seed=7, settings=settings) as sandbox:
        vendor = sandbox["siigo"]
        told = {"base_url": vendor.base_url, "partner_id": "MyProduct", "requests": "1000000", **vendor.credentials}
        for name, value in told.items():
            monkeypatch.setenv(f"SIIGO_{name.upper()}", value)
        yield vendor


@pytest.fixture
def run(monkeypatch, capsys):
    logger, tokens = logging.getLogger("sagicc_async"), logging.getLogger("sagicc_async.tokens")
    before = logger.handlers[:], logger.level, logger.propagate, tokens.level

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["sagicc-async", *map(str, arguments)])
        capsys.readouterr()
        status = main()
        return Outcome(status, *capsys.readouterr())

    yield call
    logger.handlers[:], logger.level, logger.propagate, tokens.level = before
    logger.setLevel(before[1])  # also forgets what was cached of it


@pytest.fixture
def fails(run, vendor):
    """Run a command that must fail with one line, and give that line."""

    def call(*arguments):
        outcome = run(*arguments)
        secrets = [vendor.credentials["access_key"], *issued_by(vendor._company)._tokens, "mistaken"]
        assert outcome.status == 1, outcome
        assert outcome.err.startswith("error: ")
        assert outcome.err.count("\n") == 1
        assert "Traceback" not in outcome.out + outcome.err
        assert not any(secret in outcome.out + outcome.err for secret in secrets)
        return outcome.err

    return call


def records_in(part):
    return json.loads(Path(f"{part}.checkpoint").read_bytes())["records"]


def test_an_export_is_complete(run, vendor):
    assert run(*EXPORT).status == 0
    lines = Path("a.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [row["id"] for row in vendor.rows("invoices")]
    assert vendor.stats.by_status == {200: 4}  # a login and three pages
    told = {name.lower(): value for name, value in vendor.requests[-1].headers.items()}
    assert told["partner-id"] == "MyProduct"


def test_check_is_content(run, vendor):
    outcome = run("check", "siigo")
    assert outcome.status == 0, outcome
    assert "errors: 0 of the" in outcome.out
    assert vendor.credentials["access_key"] not in outcome.out + outcome.err


def test_a_wrong_key_names_the_vendors_menus(fails, monkeypatch, vendor):
    monkeypatch.setenv("SIIGO_ACCESS_KEY", "mistaken-0123456789")
    line = fails(*EXPORT)
    assert "Credenciales usuario API" in line
    assert "Alianzas > Mi credencial API" in line
    assert list(Path.cwd().iterdir()) == []
    assert vendor.stats.requests == 1


@pytest.mark.parametrize("variable", ["SIIGO_USERNAME", "SIIGO_ACCESS_KEY"])
def test_missing_credentials(fails, monkeypatch, vendor, variable):
    monkeypatch.delenv(variable)
    assert f"set {variable}" in fails(*EXPORT)
    assert vendor.stats.requests == 0


@pytest.mark.parametrize("partner", [None, "", "none", "my-product", "ab", "a b", "ñandú"])
def test_a_partner_id_that_is_none(fails, monkeypatch, vendor, partner):
    if partner is None:
        monkeypatch.delenv("SIIGO_PARTNER_ID")
    else:
        monkeypatch.setenv("SIIGO_PARTNER_ID", partner)
    line = fails(*EXPORT)
    assert "SIIGO_PARTNER_ID" in line or "partner_id is 3 to 100 letters and digits" in line
    assert vendor.stats.requests == 0


def test_a_partner_id_of_the_accounts_file(run, monkeypatch, vendor):
    monkeypatch.delenv("SIIGO_PARTNER_ID")
    Path("accounts.toml").write_text(
        f'[settings.siigo]\npartner_id = "FromFile"\n[acme]\nvendor = "siigo"\nbase_url = "{vendor.base_url}"\n'
        'username = "env:SIIGO_USERNAME"\naccess_key = "env:SIIGO_ACCESS_KEY"\n'
    )
    assert run(*EXPORT, "--account", "acme").status == 0
    told = {name.lower(): value for name, value in vendor.requests[-1].headers.items()}
    assert told["partner-id"] == "FromFile"


@pytest.mark.parametrize("command", [EXPORT, ("check", "siigo"), ("sync", "--once", "--database", "sqlite:///a.db")])
def test_a_partner_id_of_the_environment_beside_an_account_of_the_file(run, vendor, command):
    Path("accounts.toml").write_text(
        f'[acme]\nvendor = "siigo"\nbase_url = "{vendor.base_url}"\nusername = "env:SIIGO_USERNAME"\n'
        'access_key = "env:SIIGO_ACCESS_KEY"\n[acme.sync]\nresources = ["users"]\n'
    )
    chosen = () if command[0] == "sync" else ("--account", "acme")
    assert run(*command, *chosen).status == 0
    told = {name.lower(): value for name, value in vendor.requests[-1].headers.items()}
    assert told["partner-id"] == "MyProduct"


def test_a_bare_key_in_the_accounts_file(fails):
    Path("accounts.toml").write_text('[acme]\nvendor = "siigo"\nusername = "a"\naccess_key = "mistaken-0123456789"\n')
    assert "env:NAME" in fails(*EXPORT, "--account", "acme")


def test_html_instead_of_json_on_the_third_page(fails, vendor):
    vendor.fault("garbage", query={"page": "3"})
    line = fails(*EXPORT)
    assert "HTML" in line
    assert "200 records are safe in a.jsonl.part" in line
    assert line.endswith("-o a.jsonl --resume\n")
    assert records_in("a.jsonl.part") == 200


def test_an_export_that_broke_off_goes_on(run, fails, vendor):
    fault = vendor.fault("garbage", query={"page": "2"})
    fails(*EXPORT)
    vendor.clear_faults(fault)
    assert run(*EXPORT, "--resume").status == 0
    lines = Path("a.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [row["id"] for row in vendor.rows("invoices")]


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("truncate", {}, "cut off"),
        ("huge", {"megabytes": 300}, "max_body"),
        ("status", {"status": 200, "body": '{"results": [{"id": "k4n4r10"'}, "JSON"),
        ("reset_after", {}, "siigo"),
        ("wrong_type", {"field": "total", "value": "k4n4r10"}, "$.results[2].total should be"),
    ],
)
def test_a_page_that_cannot_be_had(fails, vendor, kind, options, words):
    vendor.fault(kind, query={"page": "2"}, **options)
    line = fails(*EXPORT)
    assert words in line
    assert "k4n4r10" not in line
    assert records_in("a.jsonl.part") in (100, 102)


def test_a_refusal_of_siigos_is_one_line_with_its_words(fails, vendor):
    error = {"Code": "company_settings", "Message": "not\nenabled \x1b[31m", "Params": ["currency"], "Detail": None}
    vendor.fault("status", path="invoices", status=400, body={"Status": 400, "Errors": [error]})
    line = fails(*EXPORT)
    assert "currency" in line
    assert "\x1b" not in line


def test_an_unknown_field_is_kept_and_is_no_error(run, vendor):
    vendor.fault("unknown_field")
    assert run("export", "siigo", "invoices", "-o", "a.csv").status == 0
    assert '"{""campo_nuevo"":""valor nuevo""}"' in Path("a.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("nombre=x", "it has"),
        ("created_start=ayer", "created_start"),
        ("created_start=2026-01-01T00:00:00", "time zone"),
        ("page_size=5", "--page-size"),
    ],
)
def test_a_wrong_filter_is_refused_before_sending(fails, vendor, where, words):
    assert words in fails("export", "siigo", "invoices", "--where", where)
    assert vendor.stats.requests == 0


def test_a_filter_selects(run, vendor):
    name = vendor.rows("invoices")[3]["name"]
    outcome = run("export", "siigo", "invoices", "-o", "-", "--where", f"name={name}")
    assert [json.loads(line)["name"] for line in outcome.out.splitlines()] == [name]


@pytest.mark.parametrize("resource", ["customers", "products"])
@pytest.mark.parametrize("filters", [(), ("--where", "created_start=2020-01-01")])
def test_an_export_of_a_list_that_may_leave_records_out_says_how_to_have_all(run, vendor, resource, filters):
    outcome = run("export", "siigo", resource, "-o", "a.jsonl", *filters)
    assert outcome.status == 0
    assert outcome.err.splitlines()[-1] == (
        f"No one list of {resource} is sure to hold all of them, and this one may have left some out. For all, export each "
        "of: --where active=true; --where active=false"
    )


def test_the_exports_that_are_advised_hold_together_what_a_sync_holds(run, vendor):
    for active in ("true", "false"):
        run("export", "siigo", "customers", "-o", f"{active}.jsonl", "--where", f"active={active}")
    lines = [line for active in ("true", "false") for line in Path(f"{active}.jsonl").read_text("utf-8").splitlines()]
    assert {json.loads(line)["id"] for line in lines} == {row["id"] for row in vendor.rows("customers")}


@pytest.mark.parametrize(
    "arguments",
    [
        ("customers", "--where", "active=false"),
        ("customers", "--where", "active=true", "--where", "created_start=2020-01-01"),
        ("customers", "--limit", "5"),
        ("invoices",),
    ],
)
def test_an_export_that_holds_what_was_asked_for_says_nothing_of_other_lists(run, vendor, arguments):
    outcome = run("export", "siigo", *arguments, "-o", "a.jsonl")
    assert outcome.status == 0
    assert "left some out" not in outcome.err


def test_reports_are_made_and_not_exported(fails, vendor):
    assert "reports" in fails("export", "siigo", "reports")
    assert vendor.stats.requests == 0


@pytest.mark.parametrize(
    ("resource", "rows"), [("users", 30), ("taxes", 10), ("document_types", 8), ("webhooks", 0), ("journals", 23)]
)
def test_other_lists_are_exported_as_well(run, vendor, resource, rows):
    assert run("export", "siigo", resource, "-o", "a.jsonl").status == 0
    assert len(Path("a.jsonl").read_text(encoding="utf-8").splitlines()) == rows
