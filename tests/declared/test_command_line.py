"""A path of a resource file stands where a vendor's name may."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

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


async def test_a_file_is_checked(vendor):
    status, out, error = await command("check", ACME, ACME_TOKEN=vendor.token, ACME_BASE_URL=vendor.base_url)

    assert status == 0, error + out
    assert "first page: things answers with 1 record" in out


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
    assert "line 26: resources.things.list: unknown key 'paht'; allowed: method, params, path, provenance" in error
    assert "line 26: resources.things.list.params.since.type: expected one of text," in error
    assert "Traceback" not in error


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
