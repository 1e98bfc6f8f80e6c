"""A path of a resource file stands where a vendor's name may."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from pyarrow import parquet

ACME = str(Path(__file__).parent / "acme.toml")
TEXT = Path(ACME).read_text(encoding="utf-8")


async def command(*arguments, **environ):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import sys; from sagicc_async.cli import main; sys.exit(main())",
        *arguments,
        env={**os.environ, **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, error = await process.communicate()
    return process.returncode, out.decode(), error.decode()


async def test_a_file_is_exported(vendor):
    status, out, error = await command(
        "export", ACME, "things", "-o", "-", ACME_TOKEN=vendor.token, ACME_BASE_URL=vendor.base_url
    )

    assert (status, error.count("250 records")) == (0, 1), error
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["thingId"] for row in rows] == list(range(1, 251))
    assert rows[0]["price"] == "1.234,56"


async def test_a_filter_has_the_type_that_the_file_declares(vendor):
    where = ["--where", "since=2026-01-31", "--where", "situation=open"]
    given = {"ACME_TOKEN": vendor.token, "ACME_BASE_URL": vendor.base_url}

    status, _, error = await command("export", ACME, "things", "-o", "-", *where, "--limit", "1", **given)
    wrong = await command("export", ACME, "things", "-o", "-", "--where", "since=yesterday", **given)

    assert status == 0, error
    assert "situation[]=open&since=2026-01-31" in vendor.seen[-1][2]
    assert wrong[0] == 1
    assert "takes a date" in wrong[2]


async def test_a_filter_of_several_values_is_given_several_times(vendor):
    where = ["--where", "situation=open", "--where", "situation=late"]
    given = {"ACME_TOKEN": vendor.token, "ACME_BASE_URL": vendor.base_url}

    status, _, error = await command("export", ACME, "things", "-o", "-", *where, "--limit", "1", **given)

    assert status == 0, error
    assert "situation[]=open&situation[]=late" in vendor.seen[-1][2]


@pytest.fixture
def other(tmp_path):
    """A resource file that is not meant."""
    file = tmp_path / "other.toml"
    file.write_text(TEXT.replace('path = "/things"', 'path = "/nowhere"'), encoding="utf-8")
    return str(file)


async def test_the_file_on_the_command_line_goes_before_the_environments(vendor, other):
    given = {"ACME_TOKEN": vendor.token, "ACME_BASE_URL": vendor.base_url, "ACME_DECLARATION": other}

    status, _, error = await command("export", ACME, "things", "-o", "-", "--limit", "1", **given)

    assert status == 0, error
    assert vendor.seen[-1][1] == "/v2/things"


@pytest.mark.parametrize("named", ["acme", ACME], ids=["vendor", "file"])
async def test_the_file_on_the_command_line_goes_before_the_accounts(vendor, other, tmp_path, named):
    accounts = tmp_path / "accounts.toml"
    accounts.write_text(
        f'[mine]\nvendor = "{named}"\nbase_url = "{vendor.base_url}"\ntoken = "env:TOKEN"\n'
        f'[mine.settings]\ndeclaration = "{other}"\n',
        encoding="utf-8",
    )
    account = ("--account", "mine", "--config", str(accounts))

    status, _, error = await command("export", ACME, "things", "-o", "-", "--limit", "1", *account, TOKEN=vendor.token)

    assert status == 0, error
    assert vendor.seen[-1][1] == "/v2/things"


async def test_a_file_is_checked(vendor):
    status, out, error = await command("check", ACME, ACME_TOKEN=vendor.token, ACME_BASE_URL=vendor.base_url)

    assert status == 0, error + out
    assert "first page: things answers with 1 record" in out


async def test_the_first_list_that_needs_no_arguments_is_checked(vendor, tmp_path):
    alone = '[resources.one]\nget = "/things/{id}"\n'
    needy = '[resources.dated]\nlist = { path = "/things", params = { since = { type = "date", required = true } } }\n'
    file = tmp_path / "acme.toml"
    file.write_text(TEXT.replace("[resources.things]", f"{alone}{needy}[resources.things]", 1), encoding="utf-8")

    status, out, error = await command("check", str(file), ACME_TOKEN=vendor.token, ACME_BASE_URL=vendor.base_url)

    assert status == 0, error + out
    assert "first page: things answers with 1 record" in out


@pytest.mark.parametrize(
    ("resources", "chosen", "whose"),
    [
        ("", (), "acme"),
        ('[resources.one]\nget = "/things/{id}"\n', (), "one"),
        ('[resources.one]\nget = "/things/{id}"\n[resources.two]\nget = "/things/{id}"\n', (), "acme"),
        (
            '[resources.dated]\nlist = { path = "/x", params = { since = { type = "date", required = true } } }\n',
            ("--resource", "dated"),
            "dated",
        ),
    ],
)
async def test_where_no_list_can_be_asked_for_check_says_so(vendor, tmp_path, resources, chosen, whose):
    file = tmp_path / "acme.toml"
    file.write_text(TEXT.partition("[resources.things]")[0] + resources, encoding="utf-8")
    given = {"ACME_TOKEN": vendor.token, "ACME_BASE_URL": vendor.base_url}

    status, out, error = await command("check", str(file), *chosen, **given)

    assert (status, error) == (0, "")
    assert f"unknown accepted: nothing was asked: {whose} has no list that needs no arguments; declare one" in out
    assert "--resource" in out
    assert vendor.seen == []


async def test_a_file_without_resources_says_that_it_has_none(tmp_path):
    file = tmp_path / "acme.toml"
    file.write_text(TEXT.partition("[resources.things]")[0], encoding="utf-8")

    exported = await command("export", str(file), "things", "-o", "-")
    listed = await command("resources", str(file))

    assert (exported[0], exported[2]) == (1, "error: acme has no resource 'things'; it has none\n")
    assert (listed[0], listed[1]) == (0, "")
    assert "has no resources: its resource file declares none" in listed[2]


async def test_a_file_shows_its_resources_and_how_they_are_known():
    status, out, _ = await command("resources", ACME, "--json")

    assert status == 0
    assert json.loads(out) == [
        {
            "resource": "things",
            "operations": {"list": "repeatable", "get": "repeatable", "create": "unsafe"},
            "filters": ["situation", "since"],
            "paging": [],
            "fields": ["thingId", "title", "price", "worked", "due", "createdAt", "isDeleted"],
            "evidence": "user-declared",
        }
    ]


async def test_a_wrong_file_says_what_is_wrong_and_where(tmp_path):
    file = tmp_path / "acme.toml"
    file.write_text(TEXT.replace("list = { path", "list = { paht").replace('"date"', '"dat"'))

    status, _, error = await command("resources", str(file))

    assert status == 1
    assert "acme.toml has 4 problems: (1) line 26: resources.things.list: unknown key 'paht'; allowed: method" in error
    assert " - did you mean path? (2) line 26: resources.things.list: path is missing (3) line 26: " in error
    assert "line 26: resources.things.list.params.since.type: expected one of text," in error
    assert "Traceback" not in error


async def test_a_file_in_a_folder_with_an_equals_sign_is_a_file(tmp_path):
    file = tmp_path / "vendor=acme" / "described"
    file.parent.mkdir()
    missing = await command("resources", str(file))
    file.write_text(TEXT, encoding="utf-8")
    found = await command("resources", str(file), "--json")

    assert "described cannot be read: No such file" in missing[2]
    assert [one["resource"] for one in json.loads(found[1])] == ["things"]


async def test_a_missing_file_is_one_line(tmp_path):
    status, _, error = await command("resources", str(tmp_path / "acme.toml"))

    assert status == 1
    assert "cannot be read: No such file" in error


async def test_a_file_is_described_entry_by_entry_with_who_says_so():
    status, out, _ = await command("describe", ACME)
    machine = await command("describe", ACME, "--json")

    assert status == 0
    assert out.startswith("Acme: account-documentation, read by Ana, on 2026-11-20\n")
    said = {one["about"]: (one["says"], one["provenance"]) for one in json.loads(machine[1])}
    assert said["auth"] == ("exchange, parameter session", "user-declared")
    assert said["things.list"] == ("GET /things", "user-declared")
    assert said["things.price"] == ("money BRL as 1.234,56", "user-declared")
    assert said["things.createdAt"] == ("datetime", "observed")
    assert all(about in out for about in said)


async def test_what_a_file_says_of_changes_and_deletions_is_described(tmp_path):
    file = tmp_path / "acme.toml"
    roles = 'deleted = "isDeleted"\nupdated = "createdAt"\nupdated_filter = "since"'
    file.write_text(TEXT.replace('deleted = "isDeleted"', roles), encoding="utf-8")

    _, out, _ = await command("describe", str(file), "--json")

    said = {one["about"]: one["says"] for one in json.loads(out)}
    assert said["things.list(since)"] == "date, asks for changes"
    assert said["things.createdAt"] == "datetime, the last change"
    assert said["things.isDeleted"] == "flag, whether it is deleted"


async def test_an_export_says_where_the_list_is_known_from(vendor, tmp_path):
    given = {"ACME_TOKEN": vendor.token, "ACME_BASE_URL": vendor.base_url}
    for name in ("things.jsonl", "things.csv", "things.parquet"):
        status, _, error = await command("export", ACME, "things", "-o", str(tmp_path / name), **given)
        assert status == 0, error

    beside = json.loads((tmp_path / "things.jsonl.provenance.json").read_text(encoding="utf-8"))
    inside = json.loads(parquet.read_schema(tmp_path / "things.parquet").metadata[b"sagicc_async.provenance"])
    assert beside == inside == json.loads((tmp_path / "things.csv.provenance.json").read_text(encoding="utf-8"))
    assert (beside["vendor"], beside["resource"]) == ("acme", "things")
    assert beside["source"] == {"kind": "account-documentation", "read_by": "Ana", "read_on": "2026-11-20"}
    assert beside["provenance"]["things.createdAt"] == "observed"
    assert beside["provenance"]["things.list"] == "user-declared"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "things.csv",
        "things.csv.provenance.json",
        "things.jsonl",
        "things.jsonl.provenance.json",
        "things.parquet",
    ]
