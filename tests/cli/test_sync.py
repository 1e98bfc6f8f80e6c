"""`sagicc-async sync` and `sync status`, in this process, against companies in a sandbox."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import platformdirs
import pytest

from sagicc_async.sandbox import Sandbox, write_accounts

ROWS = "SELECT _account, _id, _hash, _deleted_at FROM serpi_centro_costo ORDER BY 1, 2"


@pytest.fixture
def companies(monkeypatch, tmp_path):
    """Three companies of SERPI; we are in a folder with their accounts.toml."""
    monkeypatch.chdir(tmp_path)
    for variable in ("SAGICC_ASYNC_DATABASE", "SAGICC_ASYNC_ENGINE", "SAGICC_ASYNC_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    settings = {"serpi": {"work": 0}}
    with Sandbox.in_thread(["serpi"], companies=3, records=30, seed=7, settings=settings) as sandbox:
        write_accounts(sandbox, tmp_path)
        yield sandbox


@pytest.fixture
def edit():
    """Replace a text of accounts.toml."""

    def call(old, new):
        file = Path("accounts.toml")
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    return call


def rows(database="mirror.db"):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(ROWS).fetchall()


def report(outcome):
    return json.loads(outcome.out)


def test_the_first_sync_writes_all_rows_and_the_second_one_none(run, companies):
    first, second = [run("sync", "--once") for _ in range(2)]

    assert (first.status, second.status) == (0, 0)
    assert len(rows()) == 90
    assert "serpi-2  serpi" in first.out
    assert [line.split()[0] for line in first.err.splitlines()] == ["done"] * 3
    assert "0 written" in second.err
    for_programs = report(run("sync", "--once", "--json"))
    assert (for_programs["new"], for_programs["changed"], for_programs["failed"]) == (0, 0, [])
    assert for_programs["unchanged"] == 3 * for_programs["accounts"][0]["unchanged"]
    assert for_programs["seconds"] > 0
    assert for_programs["into"].endswith("mirror.db")


def test_only_the_accounts_that_are_asked_for_are_synced(run, companies):
    told = report(run("sync", "--once", "--only", "serpi-2", "--only", "serpi-3", "--json"))

    assert {account["account"] for account in told["accounts"]} == {"serpi-2", "serpi-3"}
    assert companies["serpi"].stats.requests == 0


@pytest.mark.parametrize("command", [["sync", "--once"], ["sync"], ["sync", "--dry-run"], ["sync", "status"]])
def test_an_account_that_is_not_there_is_an_error(run, companies, command):
    outcome = run(*command, "--only", "serpy")

    assert outcome.status == 1
    assert companies["serpi"].stats.requests == 0
    assert outcome.err.startswith("error: there is no account serpy; there are serpi, serpi-2, serpi-3")


def test_tenants_that_fail_stop_nobody_else_and_are_named_at_the_end(run, companies, edit):
    Path("secrets/serpi-2.token").unlink()
    edit("[serpi-3]\n", "[serpi-3]\nbase_url_ = 1\n")

    outcome = run("sync", "--once")

    assert outcome.status == 1
    assert outcome.err.splitlines()[-1] == "error: 2 of 3 tenants failed: serpi-2, serpi-3"
    assert "[serpi-2] token: " in outcome.out
    assert "secrets/serpi-2.token cannot be read: No such file" in outcome.out
    assert {account for account, *_ in rows()} == {"serpi"}


def test_a_dry_run_says_what_would_change_and_changes_nothing(run, companies):
    run("sync", "--once", "--only", "serpi")
    before = rows()

    outcome = run("sync", "--dry-run")

    assert outcome.status == 0
    assert outcome.out.startswith("What would change; nothing was written.")
    assert [line.split(", ")[1].split(" ", 1)[1] for line in outcome.err.splitlines()] == ["would be written"] * 3
    assert rows() == before
    told = report(run("sync", "--once", "--json"))
    assert {account["account"]: account["new"] > 0 for account in told["accounts"]} == {
        "serpi": False,
        "serpi-2": True,
        "serpi-3": True,
    }


@pytest.mark.parametrize("command", [["sync", "--dry-run"], ["sync", "status"]])
def test_who_only_looks_makes_no_mirror(run, companies, command):
    before = sorted(Path.cwd().iterdir())

    assert run(*command).status == 0
    assert sorted(Path.cwd().iterdir()) == before


@pytest.mark.parametrize("folder", ["mirror", "not/there/yet"])
def test_a_dry_run_into_a_folder_that_is_not_there_makes_none(run, companies, edit, folder):
    edit(f'database = "sqlite:///{Path.cwd()}/mirror.db"', f'folder = "{folder}"')
    before = sorted(Path.cwd().rglob("*"))

    outcome = run("sync", "--dry-run", "--json")

    assert outcome.status == 0
    assert report(outcome)["new"] >= 90
    assert sorted(Path.cwd().rglob("*")) == before


@pytest.mark.parametrize("command", [["sync", "--once"], ["sync"], ["sync", "--dry-run"]])
def test_a_file_without_accounts_is_an_error_that_says_what_to_do(run, monkeypatch, tmp_path, command):
    monkeypatch.chdir(tmp_path)
    Path("accounts.toml").write_text('[sync]\ndatabase = "sqlite:///mirror.db"\n[settings.serpi]\nsettle = 5\n')

    outcome = run(*command)

    assert outcome.status == 1
    assert outcome.err == (
        'error: accounts.toml has no accounts: write one, a table of its own, [NAME] with vendor = "..." and its '
        "credentials, or name a function that gives the accounts: --accounts package.module:function\n"
    )
    assert [file.name for file in Path.cwd().iterdir()] == ["accounts.toml"]


def test_a_function_that_has_no_account_to_give_is_told_and_no_error(run, companies):
    Path("nobody.py").write_text("def all(): return []\n")

    outcome = run("sync", "--once", "--accounts", "nobody:all")

    assert (outcome.status, outcome.out) == (0, "")
    assert outcome.err.splitlines()[-1] == "There is no account, so nothing was synced."


@pytest.mark.parametrize("command", [["sync", "--once"], ["sync", "status"]])
def test_without_a_file_only_what_a_sync_can_use_is_advised(run, monkeypatch, tmp_path, command):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SAGICC_ASYNC_CONFIG", raising=False)
    monkeypatch.setattr(platformdirs, "user_config_path", lambda name: tmp_path / "home" / name)

    outcome = run(*command)

    assert outcome.status == 1
    assert outcome.err.startswith("error: no accounts.toml found (")
    assert outcome.err.endswith(
        "; write one, or name a function that gives the accounts: --accounts package.module:function\n"
    )
    assert "environment" not in outcome.err


def test_a_pace_of_nothing_at_all_is_refused_for_that_account_alone(run, companies, edit):
    edit("[serpi-2]\n", "[serpi-2.sync]\nevery = 0\n[serpi-2]\n")

    outcome = run("sync", "--once")

    assert outcome.err.splitlines()[-1] == "error: 1 of 3 tenants failed: serpi-2"
    assert "[serpi-2.sync] every: it takes a duration above zero" in outcome.out
    assert {account for account, *_ in rows()} == {"serpi", "serpi-3"}


def test_what_changed_at_the_vendor_is_all_that_is_written(run, companies):
    run("sync", "--once")
    companies["serpi-2"].add("centro_costo", {"codigo": "zz9", "descripcion": "new", "abreviatura": "zz9"})

    told = report(run("sync", "--once", "--json"))

    assert (told["new"], told["changed"], told["deleted"]) == (1, 0, 0)


def test_a_mirror_that_nobody_has_placed_is_in_the_working_folder_and_is_said_to_be(run, companies, edit):
    edit(f'database = "sqlite:///{Path.cwd()}/mirror.db"', "")

    outcome = run("sync", "--once", "--only", "serpi")

    assert outcome.err.startswith("The mirror is kept in sqlite:///sagicc-async.db; --database or [sync]")
    assert len(rows("sagicc-async.db")) == 30


def test_the_database_of_the_command_line_goes_before_that_of_the_file(run, companies, monkeypatch):
    monkeypatch.setenv("MIRROR", "sqlite:///other.db")
    run("sync", "--once", "--only", "serpi", "--database", "env:MIRROR")

    assert len(rows("other.db")) == 30
    assert not Path("mirror.db").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ("--database", "postgresql://me:canary@host/db"),
            "put an address with a password into $SAGICC_ASYNC_DATABASE",
        ),
        (("--engine", "postgresql://me:canary@host/db"), "put an address with a password into $SAGICC_ASYNC_ENGINE"),
        (("--coordinator", "redis://:canary@host"), "put an address with a password into $SAGICC_ASYNC_COORDINATOR"),
        (("--database", "mysql://host/db"), "SQLite or PostgreSQL"),
        (("--database", "sqlite:////nowhere/mirror.db"), "the file cannot be opened"),
        (("--database", "env:NOWHERE"), "--database: the environment variable NOWHERE is not set"),
        (("--accounts", "nowhere:accounts"), "nowhere does not load"),
        (("nowhere.toml",), "there is no configuration file nowhere.toml"),
    ],
)
def test_what_is_wrong_from_the_beginning_is_one_line_and_sends_nothing(run, companies, arguments, says):
    outcome = run("sync", "--once", *arguments)

    assert outcome.status == 1
    assert says in outcome.err
    assert outcome.err.startswith("error: ")
    assert outcome.err.count("\n") == 1
    assert "canary" not in outcome.err
    assert companies["serpi"].stats.requests == 0


def test_a_slip_in_a_vendors_name_is_told_before_anything_is_sent(run, companies, edit):
    edit("[sync]\n", "[sync]\nresources.serpy = ['bodega']\n")

    outcome = run("sync", "--once")

    assert outcome.status == 1
    assert "accounts.toml [sync] resources serpy: no adapter of that name is installed" in outcome.err
    assert outcome.err.endswith(" - did you mean serpi?\n")
    assert companies["serpi"].stats.requests == 0


def test_an_account_whose_name_cannot_be_kept_fails_alone(run, companies, edit):
    edit("[serpi-2]\n", '["serpi\\u0000two"]\n')

    outcome = run("sync", "--once")

    assert outcome.err.splitlines()[-1] == "error: 1 of 3 tenants failed: serpi\\0two"
    assert "accounts.toml ['serpi\\x00two']: the name of an account is a text without NUL characters" in outcome.out
    assert {account for account, *_ in rows()} == {"serpi", "serpi-3"}


def test_a_wrong_table_of_the_file_is_told_with_its_place(run, companies, edit):
    edit("[sync]\n", "[sync]\nevry = 5\n")

    assert "accounts.toml [sync]: there is no entry 'evry'" in run("sync", "--once").err


def test_accounts_can_come_from_a_function_in_the_working_folder(run, companies):
    credentials = companies["serpi"].credentials
    Path("tenants.py").write_text(
        "from sagicc_async.sync import SyncAccount\n"
        "async def all():\n"
        f"  yield SyncAccount(name='mine', vendor='serpi', credentials={credentials!r},"
        f" base_url={companies['serpi'].base_url!r}, resources=['centro_costo'])\n"
    )

    told = report(run("sync", "--once", "--accounts", "tenants:all", "--json"))

    assert [(account["account"], account["new"]) for account in told["accounts"]] == [("mine", 30)]


def test_a_function_that_fails_in_the_middle_stops_no_account_that_it_gave(run, companies):
    Path("failing.py").write_text(
        "from sagicc_async.sync import AccountsFile\n"
        "async def all():\n"
        "  async for account in AccountsFile('accounts.toml'):\n"
        "    yield account\n"
        "    raise OSError\n"
    )

    outcome = run("sync", "--once", "--accounts", "failing:all")

    assert outcome.status == 1
    assert outcome.err.splitlines()[-1] == "error: failing:all failed: an unexpected OSError"
    assert "serpi" in outcome.out
    assert len(rows()) == 30


def test_status_before_the_first_sync_knows_of_the_accounts_and_touches_no_vendor(run, companies):
    outcome = run("sync", "status")

    assert outcome.status == 0
    assert outcome.out.count("never") == 3
    assert outcome.err.startswith("3 resources of 3 tenants; 3 never completed, 0 failing")
    assert all(companies[name].stats.requests == 0 for name in companies)


def test_status_says_how_old_everything_is_and_what_fails(run, companies):
    run("sync", "--once", "--only", "serpi")
    Path("secrets/serpi-2.token").write_text("wrong")
    run("sync", "--once", "--only", "serpi-2")

    shown, told = run("sync", "status"), json.loads(run("sync", "status", "--json").out)

    assert "Failing:" in shown.out
    assert "serpi-2 (serpi) centro_costo: " in shown.out
    by_account = {}
    for age in told:
        by_account.setdefault(age["account"], []).append(age)
    assert all(0 <= age["age"] < 100 and age["completed_at"] for age in by_account["serpi"])
    assert all(age["age"] is None and "refuses the credentials" in age["failing"] for age in by_account["serpi-2"])
    assert [age["resource"] for age in by_account["serpi-3"]] == [None]
    assert [age["account"] for age in told][-1] == "serpi"  # the youngest comes last


def test_status_sums_up_by_tenant_what_does_not_fit_and_shows_one_of_them_whole(run, companies, monkeypatch):
    monkeypatch.setattr("sagicc_async.cli.sync_status._FEW", 10)
    run("sync", "--once")

    whole, one = run("sync", "status"), run("sync", "status", "--only", "serpi-2")

    assert "oldest resource" in whole.out
    assert len(whole.out.splitlines()) == 4
    assert "27 resources of 3 tenants" in whole.err
    assert len(one.out.splitlines()) == 10
    assert "centro_costo" in one.out


def test_status_has_its_own_help_and_sync_names_it(run):
    assert "status" in run("sync", "--help").out
    assert "the oldest first" in run("sync", "status", "--help").out
    assert "sync" in run("--help").out


def test_a_slip_in_an_option_is_wrong_usage(run):
    outcome = run("sync", "--onse")

    assert outcome.status == 2
    assert outcome.err.endswith("see sagicc-async sync --help\n")
