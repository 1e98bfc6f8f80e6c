"""Exports to what is open already."""

from __future__ import annotations

import asyncio
import io
import os
import threading

import pytest

from sagicc_async import ConfigError
from sagicc_async.clock import SystemClock
from sagicc_async.export import export


class Waits(SystemClock):
    """Counts the waits, each of which is over a turn later; calls something at one of them."""

    def __init__(self, at=0, then=lambda: None):
        self.count, self.at, self.then = 0, at, then

    async def sleep(self, delay):
        self.count += 1
        if self.count == self.at:
            self.then()
        await asyncio.sleep(0)


async def test_records_go_into_an_open_file(vendor):
    file = io.BytesIO()

    result = await export(vendor.stream(), file)

    assert file.getvalue() == vendor.lines()
    assert (result.records, result.path) == (95, None)


async def test_a_slow_reader_of_a_pipe_gets_everything(vendor):
    vendor.rows = [f'{{"id": {n}, "name": "{"x" * 500}"}}' for n in range(1, 400)]  # more than a pipe holds
    read_end, write_end = os.pipe()
    chunks: list[bytes] = []

    def read() -> None:
        with os.fdopen(read_end, "rb") as file:
            while chunk := file.read(100):
                chunks.append(chunk)

    reader = threading.Thread(target=read)
    with os.fdopen(write_end, "wb", buffering=0) as file:
        reader.start()
        await export(vendor.stream(), file)
    reader.join()

    assert b"".join(chunks) == vendor.lines()


async def test_a_reader_that_sleeps_blocks_neither_the_loop_nor_a_cancellation(vendor):
    vendor.rows = [f'{{"id": {n}, "name": "{"x" * 500}"}}' for n in range(1, 400)]
    read_end, write_end = os.pipe()
    with os.fdopen(read_end, "rb"), os.fdopen(write_end, "wb", buffering=0) as file:
        task = asyncio.create_task(export(vendor.stream(), file))
        turns = 0
        while turns < 2000:  # the loop turns although nobody reads
            await asyncio.sleep(0)
            turns += 1
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_reader_that_leaves_is_a_broken_pipe(vendor):
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "wb", buffering=0) as file, pytest.raises(BrokenPipeError):
        await export(vendor.stream(), file)


async def test_a_device_is_written_to_and_never_replaced(vendor, tmp_path):
    fifo = tmp_path / "things.jsonl"
    os.mkfifo(fifo)
    chunks: list[bytes] = []
    reader = threading.Thread(target=lambda: chunks.append(fifo.read_bytes()))
    reader.start()

    await export(vendor.stream(), fifo)
    reader.join()

    assert chunks == [vendor.lines()]
    assert list(tmp_path.iterdir()) == [fifo]


async def test_a_named_pipe_waits_for_its_reader_before_anything_is_asked_for(vendor, tmp_path):
    fifo = tmp_path / "things.jsonl"
    os.mkfifo(fifo)
    chunks, asked = [], []
    reader = threading.Thread(target=lambda: chunks.append(fifo.read_bytes()))

    def come():
        asked.extend(vendor.asked)
        reader.start()

    await export(vendor.stream(), fifo, clock=Waits(3, come))
    reader.join()

    assert chunks == [vendor.lines()]
    assert asked == []


async def test_a_named_pipe_that_nobody_reads_blocks_neither_the_loop_nor_a_cancellation(vendor, tmp_path):
    fifo = tmp_path / "things.jsonl"
    os.mkfifo(fifo)
    clock = Waits()
    task = asyncio.create_task(export(vendor.stream(), fifo, clock=clock))
    while clock.count < 3:
        await asyncio.sleep(0)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert vendor.asked == []


async def test_two_exports_into_one_pipe_exclude_each_other(vendor):
    vendor.rows = [f'{{"id": {n}, "name": "{"x" * 500}"}}' for n in range(1, 400)]
    read_end, write_end = os.pipe()
    with os.fdopen(read_end, "rb") as reader, os.fdopen(write_end, "wb", buffering=0) as file:
        first = asyncio.create_task(export(vendor.stream(), file))
        second = asyncio.create_task(export(vendor.stream(), file, limit=1))
        for _ in range(2000):  # until the pipe is full
            await asyncio.sleep(0)

        assert not first.done()
        assert second.done()
        with pytest.raises(ConfigError, match="another export is writing to this pipe"):
            await second
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        reader.read1(100_000)
        assert (await export(vendor.stream(), file, limit=1)).records == 1  # the next one may


async def test_parquet_cannot_go_into_a_pipe_which_is_told_although_nobody_reads_it(vendor, tmp_path):
    os.mkfifo(tmp_path / "things.parquet")

    for pipe in (io.BytesIO(), tmp_path / "things.parquet"):
        with pytest.raises(ConfigError, match="parquet needs a file"):
            await export(vendor.stream(), pipe, format="parquet")


async def test_csv_goes_into_a_pipe_with_its_head(vendor):
    file = io.BytesIO()

    await export(vendor.stream(), file, format="csv", limit=1)

    assert file.getvalue().startswith(b"id,name,_price,tags,extra\r\n1,")
