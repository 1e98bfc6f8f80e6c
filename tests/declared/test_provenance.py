"""Who says what of a declared list goes where its export goes, whole or resumed, and nowhere else."""

from __future__ import annotations

import json

import pytest
from pyarrow import parquet

from sagicc_async.declared import read
from sagicc_async.declared.provenance_report import provenance_of
from sagicc_async.export import export

from .conftest import ACME


def test_an_export_carries_what_its_own_resource_rests_on_and_no_other():
    two = ACME.read_text(encoding="utf-8") + '\n[resources.errors]\nlist = "/errors"\n'

    about = provenance_of(read(two), "things")["provenance"]

    assert {"auth", "errors", "things.list", "things.price"} <= about.keys()
    assert "errors.list" not in about


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
async def test_an_export_that_is_resumed_says_it_too(vendor, acme, tmp_path, suffix):
    target = tmp_path / f"things.{suffix}"

    def stop(progress):
        if progress.pages == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        await export(acme.things.list(page_size=20), target, progress=stop)
    assert not (tmp_path / f"{target.name}.provenance.json").exists()
    result = await export(acme.things.list(page_size=20), target, resume=True)

    assert (result.resumed_from > 0, result.records) == (True, 250)
    if suffix == "parquet":
        told = parquet.read_schema(target).metadata[b"sagicc_async.provenance"]
    else:
        told = (tmp_path / f"{target.name}.provenance.json").read_bytes()
    assert json.loads(told) == acme.things.provenance


async def test_an_export_gets_its_name_together_with_where_it_is_known_from(vendor, acme, tmp_path, monkeypatch):
    """Interrupted between the two, it can be resumed: there is no complete file of which nobody says it."""
    target = tmp_path / "things.jsonl"

    def full(file, provenance):
        raise OSError(28, "No space left on device", str(file))

    with monkeypatch.context() as patch:
        patch.setattr("sagicc_async.export.run.keep_beside", full)
        with pytest.raises(OSError, match="No space"):
            await export(acme.things.list(), target)
    assert not target.exists()

    assert (await export(acme.things.list(), target, resume=True)).records == 250
    assert (tmp_path / "things.jsonl.provenance.json").exists()


async def test_a_list_of_which_nobody_says_it_leaves_no_stale_word_beside(vendor, acme, tmp_path):
    target, beside = tmp_path / "things.jsonl", tmp_path / "things.jsonl.provenance.json"
    await export(acme.things.list(), target)
    assert beside.exists()

    class Plain(type(acme.things)):
        """The same list, of which nobody says anything."""

        provenance = None

    await export(Plain(acme).list(), target)

    assert not beside.exists()
