"""Whatever ends an export, what stands on disk is what its checkpoint says."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
from pathlib import Path

import psutil
import pytest

from sagicc_async import ProtocolError
from sagicc_async.export import disk, export, unfinished


@pytest.mark.parametrize("format_", ["jsonl", "csv", "parquet"])
async def test_a_cancellation_at_any_await_leaves_what_can_be_gone_on_with(vendor, tmp_path, hasty, saved_of, format_):
    whole = tmp_path / "whole"
    vendor.rows = vendor.rows[:25]
    await export(vendor.stream(), whole, format=format_)
    partial = 0
    use_no_threads(asyncio.get_running_loop())
    open_files = psutil.Process().num_fds()

    for turns in range(1000):
        target = tmp_path / f"cut{turns}"
        task = asyncio.create_task(export(vendor.stream(), target, format=format_, clock=hasty))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
            break
        saved = saved_of(target)
        partial += saved is not None and 0 < saved.records < 25
        if not target.exists():
            await export(vendor.stream(), target, format=format_, resume=True)
        assert same(target, whole, format_)

    assert partial > 3  # the cuts fell where they should
    assert psutil.Process().num_fds() == open_files


def use_no_threads(loop):
    """Blocking work is done at once and answers a turn later, so that turns can be counted."""

    def run(_, work):
        future = loop.create_future()
        loop.call_soon(future.set_result, work())
        return future

    loop.run_in_executor = run


def same(one, other, format_):
    if format_ != "parquet":
        return one.read_bytes() == other.read_bytes()
    from pyarrow import parquet

    return parquet.read_table(one).equals(parquet.read_table(other))


async def test_the_checkpoint_comes_after_the_data_is_on_disk(vendor, target, hasty, monkeypatch):
    steps = []
    real_sync, real_replace, real_open = os.fsync, type(target).replace, os.open
    names = {}

    def open_(path, *rest):
        fd = real_open(path, *rest)
        names[os.fstat(fd).st_ino] = Path(path).name
        return fd

    def sync(fd):
        steps.append(names[os.fstat(fd).st_ino])
        real_sync(fd)

    def replace(path, to):
        steps.append(f"{path.name} -> {to.name}")
        return real_replace(path, to)

    monkeypatch.setattr(disk.os, "open", open_)
    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(type(target), "replace", replace)
    vendor.rows = vendor.rows[:10]
    await export(vendor.stream(), target, clock=hasty)

    folder, part, spare = target.parent.name, "things.jsonl.part", "things.jsonl.part.checkpoint.spare"
    assert steps[:4] == [folder, part, spare, f"{spare} -> things.jsonl.part.checkpoint"]
    assert steps[-3:] == [part, f"{part} -> things.jsonl", folder]


@pytest.mark.parametrize("name", ["things.jsonl", "things.parquet"])
async def test_after_a_sync_that_failed_nothing_more_is_said_to_be_on_disk(vendor, tmp_path, hasty, monkeypatch, name):
    """A disk tells one sync that it lost something; the next one succeeds."""
    vendor.rows = [row.replace("0000000000,", ",") for row in vendor.rows]
    real_sync, synced, target, part = os.fsync, [], tmp_path / name, tmp_path / f"{name}.part"

    def sync(fd):
        files = [part] if part.is_file() else part.iterdir()
        if any(os.path.samestat(os.fstat(fd), file.stat()) for file in files):
            synced.append(unfinished(target))
            if len(synced) == 3:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
        real_sync(fd)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", sync)
        with pytest.raises(OSError, match="Input/output error"):
            await export(vendor.stream(), target, clock=hasty)

    assert len(synced) == 3
    assert unfinished(target) == synced[-1]
    assert unfinished(target).records > 0
    assert (await export(vendor.stream(), target, resume=True)).records == 95


async def test_an_export_that_was_killed_goes_on_from_its_last_checkpoint(vendor, target, hasty):
    """What a kill leaves: the checkpoint of some moment, and bytes that were written after it."""
    part = target.with_name("things.jsonl.part")
    sidecar = target.with_name("things.jsonl.part.checkpoint")
    moments = []
    vendor.at = {page: lambda: moments.append((part.read_bytes(), sidecar.read_bytes())) for page in range(5, 11)}
    await export(vendor.stream(), target, clock=hasty)
    vendor.at = {}

    for data, checkpoint in moments:
        target.unlink()
        part.write_bytes(data + b'{"id": 4' * 10_000)  # more than the rest of the list will overwrite
        sidecar.write_bytes(checkpoint)
        assert (await export(vendor.stream(), target, resume=True)).resumed_from > 0
        assert target.read_bytes() == vendor.lines()
    assert len(moments) == 6


async def test_a_file_that_may_not_grow_loses_nothing_that_was_written(target, vendor, files_of_at_most):
    vendor.rows = [f'{{"id": {n}, "name": "{"x" * 200}"}}' for n in range(1, 200)]
    with files_of_at_most(20_000), pytest.raises(OSError, match="too large") as caught:
        await export(vendor.stream(), target)

    assert caught.value.errno == errno.EFBIG
    assert caught.value.filename == str(target.with_name("things.jsonl.part"))
    assert unfinished(target).records == 80  # eight pages of 2,200 bytes
    assert (await export(vendor.stream(), target, resume=True)).resumed_from == 80
    assert target.read_bytes() == vendor.lines()


async def test_a_full_disk_has_room_for_the_checkpoint(target, vendor, monkeypatch):
    """On a full disk nothing can be made anew; what has its room already can be overwritten."""
    real_open, real_write, full = os.open, os.write, []

    def write(fd, data):
        if len(data) > 500 and os.fstat(fd).st_size > 2000 and not full:
            full.append(real_write(fd, data[:100]))  # the last that fits
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real_write(fd, data)

    def open_(path, flags, *rest):
        if full and flags & os.O_CREAT:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        return real_open(path, flags, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(disk.os, "write", write)
        patched.setattr(disk.os, "open", open_)
        with pytest.raises(OSError, match="No space left"):
            await export(vendor.stream(), target)

    assert full
    assert unfinished(target).records > 0
    await export(vendor.stream(), target, resume=True)
    assert target.read_bytes() == vendor.lines()


@pytest.mark.parametrize("format_", ["jsonl", "csv"])
async def test_a_bad_record_stops_behind_the_last_good_one(vendor, target, format_):
    good, vendor.rows[22] = vendor.rows[22], '{"id": {"inesperado": true}}'

    with pytest.raises(ProtocolError, match=r"\$\.result\[2\]\.id should be int"):
        await export(vendor.stream(), target, format=format_)

    assert unfinished(target).records == 22
    vendor.rows[22] = good
    await export(vendor.stream(), target, format=format_, resume=True)
    await export(vendor.stream(), target.with_name("whole"), format=format_)
    assert target.read_bytes() == target.with_name("whole").read_bytes()


async def test_unchecked_lines_take_whatever_is_json(vendor, target):
    vendor.rows[22] = '{"id": {"inesperado": true}}'

    await export(vendor.stream(), target, check=False)

    assert target.read_bytes() == vendor.lines()


async def test_a_page_that_is_no_json_is_told(vendor, target):
    vendor.rows[30] = "<html>"

    with pytest.raises(ProtocolError):
        await export(vendor.stream(), target)

    assert unfinished(target).records == 30
