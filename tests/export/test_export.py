"""What an export promises while nothing goes wrong, and what it refuses."""

from __future__ import annotations

import asyncio
import os
import threading

import pytest

from sagicc_async import CheckpointMismatch, ConfigError, ServerError, Unsupported
from sagicc_async.export import UnfinishedExport, export, unfinished
from sagicc_async.export.disk import open_locked


async def cut_at(vendor, page, target, **options):
    """Run an export that the vendor ends at a page."""
    vendor.at[page] = ServerError("down")
    with pytest.raises(ServerError):
        await export(vendor.stream(), target, **options)
    del vendor.at[page]


async def test_a_line_is_the_record_as_the_vendor_wrote_it(vendor, target):
    result = await export(vendor.stream(), target)

    assert target.read_bytes() == vendor.lines()
    assert (result.records, result.pages, result.path, result.resumed_from) == (95, 10, target, 0)


async def test_nothing_is_left_beside_a_complete_file(vendor, target, hasty):
    await export(vendor.stream(), target, clock=hasty)

    assert list(target.parent.iterdir()) == [target]


async def test_an_empty_list_is_an_empty_file(vendor, target):
    vendor.rows = []

    assert (await export(vendor.stream(), target)).records == 0
    assert target.read_bytes() == b""


@pytest.mark.parametrize(
    ("name", "first"), [("a.csv", b"id,"), ("a.parquet", b"PAR1"), ("a.jsonl", b"{"), ("a.ndjson", b"{"), ("a", b"{")]
)
async def test_the_suffix_says_the_format(vendor, tmp_path, name, first):
    await export(vendor.stream(), tmp_path / name)

    assert (tmp_path / name).read_bytes().startswith(first)


async def test_an_old_file_stays_until_the_new_one_is_complete(vendor, target):
    target.write_bytes(b"old")
    seen = []
    vendor.at[10] = lambda: seen.append(target.read_bytes())

    await export(vendor.stream(), target)

    assert seen == [b"old"]
    assert target.read_bytes() == vendor.lines()


async def test_a_link_leads_to_the_file_that_is_replaced(vendor, target, tmp_path):
    target.symlink_to(tmp_path / "real.jsonl")

    await export(vendor.stream(), target)

    assert target.is_symlink()
    assert (tmp_path / "real.jsonl").read_bytes() == vendor.lines()


async def test_progress_tells_records_and_pages(vendor, target):
    told = []

    await export(vendor.stream(), target, progress=told.append)

    assert [(step.records, step.pages) for step in told][:2] == [(10, 1), (20, 2)]
    assert told[-1].records == 95


async def test_a_limit_cuts_the_last_page_and_asks_for_no_other(vendor, target):
    assert (await export(vendor.stream(), target, limit=15)).records == 15

    assert target.read_bytes() == vendor.lines(15)
    assert vendor.asked == [1, 2]


async def test_a_limit_may_grow_when_a_cut_page_could_not_become_a_file(vendor, target, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("sagicc_async.export.part.replace_durably", refuse)
        with pytest.raises(OSError, match="refused"):
            await export(vendor.stream(), target, limit=15)

    await export(vendor.stream(), target, resume=True)

    assert target.read_bytes() == vendor.lines()


def refuse(*_):
    raise OSError("refused")


async def test_an_unfinished_export_is_not_thrown_away_by_forgetting_a_flag(vendor, target):
    await cut_at(vendor, 5, target)

    with pytest.raises(UnfinishedExport, match=r"40 records .*--resume.*--restart"):
        await export(vendor.stream(), target)

    assert unfinished(target).records == 40


async def test_resume_goes_on_where_it_stopped(vendor, target):
    await cut_at(vendor, 5, target)
    vendor.asked.clear()

    result = await export(vendor.stream(), target, resume=True)

    assert target.read_bytes() == vendor.lines()
    assert (result.records, result.resumed_from) == (95, 40)
    assert vendor.asked[0] == 4  # the last page again, to find the place


async def test_restart_begins_anew(vendor, target):
    await cut_at(vendor, 5, target)
    vendor.asked.clear()

    result = await export(vendor.stream(), target, restart=True)

    assert (result.resumed_from, vendor.asked[0]) == (0, 1)
    assert target.read_bytes() == vendor.lines()


async def test_resume_without_anything_to_resume_begins_at_the_beginning(vendor, target):
    assert (await export(vendor.stream(), target, resume=True)).resumed_from == 0
    assert target.read_bytes() == vendor.lines()


async def test_a_checkpoint_without_its_part_counts_for_nothing(vendor, target):
    await cut_at(vendor, 5, target)
    target.with_name("things.jsonl.part").unlink()

    assert (await export(vendor.stream(), target)).resumed_from == 0
    assert list(target.parent.iterdir()) == [target]


async def test_a_failure_before_the_first_record_leaves_nothing_behind(vendor, target):
    await cut_at(vendor, 1, target)

    assert list(target.parent.iterdir()) == []


async def test_the_part_of_another_query_is_not_gone_on_with(vendor, target):
    await cut_at(vendor, 5, target)

    with pytest.raises(CheckpointMismatch, match="the same filters"):
        await export(vendor.stream(name="b"), target, resume=True)

    assert unfinished(target).records == 40


async def test_an_export_goes_on_with_the_page_size_that_it_began_with(vendor, target):
    await cut_at(vendor, 5, target)

    await export(vendor.stream(size=20), target, resume=True)

    assert target.read_bytes() == vendor.lines()


async def test_the_part_of_another_format_is_not_gone_on_with(vendor, target):
    await cut_at(vendor, 5, target)

    with pytest.raises(CheckpointMismatch, match=r"another format .*--restart"):
        await export(vendor.stream(), target, format="csv", resume=True)
    with pytest.raises(ConfigError, match="another format"):
        await export(vendor.stream(), target, format="parquet", resume=True)


async def test_the_part_of_another_company_is_not_gone_on_with(vendor, target):
    vendor.company = "a"
    await cut_at(vendor, 5, target)
    vendor.asked.clear()
    vendor.company = "b"

    with pytest.raises(CheckpointMismatch, match=r"another company, .*--restart"):
        await export(vendor.stream(), target, resume=True)

    assert unfinished(target).records == 40
    assert vendor.asked == []
    vendor.company = "a"
    assert (await export(vendor.stream(), target, resume=True)).resumed_from == 40


async def test_the_streams_of_a_resource_say_whose_list_it_is(rig):
    async with rig() as r:
        stream = r.serpi.centro_costo.list()
        company = await r.serpi.account.company_id()

        assert company == await stream.company_id() == await stream.raw(encoded=True).company_id()


async def test_a_part_that_does_not_say_whose_it_is_is_gone_on_with_and_says_it_from_then_on(vendor, target):
    await cut_at(vendor, 3, target)
    sidecar = target.with_name("things.jsonl.part.checkpoint")
    assert b'"company":null' in sidecar.read_bytes()
    sidecar.write_bytes(sidecar.read_bytes().replace(b',"company":null', b""))  # as the first releases wrote it
    vendor.company = "a"

    vendor.at[6] = ServerError("down")
    with pytest.raises(ServerError):
        await export(vendor.stream(), target, resume=True)

    assert (unfinished(target).records, unfinished(target).company) == (50, "a")


async def test_what_another_export_saved_before_the_lock_was_had_is_not_thrown_away(vendor, target, monkeypatch):
    def wait_for_lock(path, *, folder):
        monkeypatch.undo()
        other = asyncio.new_event_loop()
        worker = threading.Thread(target=lambda: other.run_until_complete(cut_at(vendor, 5, target)))
        worker.start()
        worker.join()
        other.close()
        return open_locked(path, folder=folder)

    monkeypatch.setattr("sagicc_async.export.part.open_locked", wait_for_lock)
    with pytest.raises(UnfinishedExport, match="40 records"):
        await export(vendor.stream(), target)

    assert unfinished(target).records == 40


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"version": 2}', b"not json"])
async def test_a_damaged_checkpoint_is_told_and_can_be_thrown_away(vendor, target, content):
    await cut_at(vendor, 5, target)
    target.with_name("things.jsonl.part.checkpoint").write_bytes(content)

    with pytest.raises(CheckpointMismatch, match="--restart"):
        await export(vendor.stream(), target, resume=True)
    await export(vendor.stream(), target, restart=True)

    assert target.read_bytes() == vendor.lines()


async def test_a_part_that_lost_its_end_is_told(vendor, target):
    await cut_at(vendor, 5, target)
    os.truncate(target.with_name("things.jsonl.part"), 10)

    with pytest.raises(CheckpointMismatch, match="shorter"):
        await export(vendor.stream(), target, resume=True)


async def test_two_exports_to_one_file_exclude_each_other(vendor, target):
    refused = []

    async def second():
        with pytest.raises(ConfigError, match="another export is writing") as caught:
            await export(vendor.stream(), target, restart=True)
        refused.append(caught.value)

    async def fetch(request, params, on_sent, original=vendor.fetch):
        if int(params["page"]) == 5 and not refused:
            await second()
        return await original(request, params, on_sent)

    vendor.fetch = fetch
    await export(vendor.stream(), target)

    assert len(refused) == 1
    assert target.read_bytes() == vendor.lines()


@pytest.mark.parametrize("options", [{"limit": 0}, {"resume": True, "restart": True}])
async def test_what_cannot_be_meant_is_refused(vendor, target, options):
    with pytest.raises(ConfigError):
        await export(vendor.stream(), target, **options)

    assert vendor.asked == []


async def test_a_folder_is_no_file(vendor, tmp_path):
    with pytest.raises(ConfigError, match="is a folder"):
        await export(vendor.stream(), tmp_path)

    assert vendor.asked == []


@pytest.mark.parametrize("format_", ["csv", "parquet"])
async def test_a_table_is_made_of_records_and_not_of_raw_ones(vendor, target, format_):
    with pytest.raises(ConfigError, match="export the list itself"):
        await export(vendor.stream().raw(), target, format=format_)


async def test_lines_can_be_had_of_a_raw_stream_too(vendor, target):
    await export(vendor.stream().raw(), target)

    assert target.read_bytes() == vendor.lines()


def test_a_stream_that_has_no_raw_form_says_so(vendor):
    stream = vendor.stream()
    stream._raw = None

    with pytest.raises(Unsupported):
        stream.raw()
