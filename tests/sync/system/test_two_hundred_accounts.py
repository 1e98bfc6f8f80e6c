"""All vendors, many companies each, by the command: everything arrives, and then only what changes is written."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

import attrs
import pytest

from sagicc_async.sandbox import Sandbox

from . import mirrors
from .command import Ended, sync
from .companies import LABELS, accounts_file, edit, labels, places, shown
from .mirrors import Mirror


@attrs.frozen
class Kept:
    """Where the mirror is, for the command and for us."""

    companies: int
    env: Mapping[str, str]
    look: Callable[[], Mirror]


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    """200 accounts into SQLite; 40 into PostgreSQL, where what is different is the database."""
    if request.param == "sqlite":
        return Kept(50, {}, lambda: mirrors.in_file(tmp_path / "mirror.db"))
    url = request.getfixturevalue("postgres").url
    return Kept(10, {"SAGICC_ASYNC_DATABASE": url}, lambda: mirrors.in_server(url))


@pytest.mark.timeout(300)
async def test_only_what_changes_is_written(kept: Kept, tmp_path: Path) -> None:
    async with Sandbox(companies=kept.companies, records=20) as sandbox:
        file = accounts_file(sandbox, tmp_path)

        async def synced(*arguments: str) -> Ended:
            done = await sync(file, "--json", *arguments, env={**os.environ, **kept.env})
            assert done.status == 0, done.err
            return done

        first = await synced()
        mirror = kept.look()
        assert len(first.report["accounts"]) == len(LABELS) * kept.companies
        assert first.report["new"] == len(mirror.rows)
        assert labels(mirror.living) == shown(sandbox)

        again = await synced()
        assert kept.look().rows == mirror.rows
        assert [again.report[kind] for kind in ("new", "changed", "deleted")] == [0, 0, 0]

        edits = edit(sandbox, Random(1), share=0.01)
        # What is deleted shows in no list of changes: Siigo's lists are read whole, too.
        unlisted = [place for place in edits.deleted if place.vendor == "siigo" and place.resource == "products"]
        assert unlisted
        await synced()
        edited = kept.look()
        assert edited.written_since(mirror) == edits.keys - {place.key for place in unlisted}
        accounts_file(sandbox, tmp_path, whole_every="0s")
        await synced(*(part for place in unlisted for part in ("--only", place.company)))
        marked = kept.look()
        assert marked.written_since(edited) == {place.key for place in unlisted}
        assert marked.rows.keys() - marked.living.keys() == {place.key for place in edits.deleted}
        assert labels(marked.living) == shown(sandbox)

        serpis = [sandbox[name] for name in sandbox if sandbox[name].vendor == "serpi"]
        assert {company.stats.overlaps for company in serpis} == {0}
        assert {company.stats.max_in_flight for company in serpis} == {1}


async def test_no_two_companies_have_the_same_data() -> None:
    """Else a row of one in another's place would not show."""
    async with Sandbox(companies=3, records=20) as sandbox:
        companies = {place.company for place in places(sandbox)}
        data = [frozenset(label for key, label in shown(sandbox).items() if key[1] == company) for company in companies]
        assert len(set(data)) == len(companies)
