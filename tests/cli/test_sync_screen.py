"""How all tenants stand while they are synced: on one screen, or in lines."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from sagicc_async.cli import sync_display
from sagicc_async.cli.sync_board import Board, Standing, Watched
from sagicc_async.cli.sync_display import Lines, shown, summary
from sagicc_async.cli.sync_screen import picture
from sagicc_async.observe.events import RequestFinished
from sagicc_async.sync import (
    AccountEnded,
    AccountStarted,
    Changes,
    Committed,
    Ending,
    Kind,
    Outcome,
    SinkAway,
    SyncAccount,
    Underway,
    Unit,
    UnitEnded,
)
from sagicc_async.testing import ManualClock


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def board(clock):
    board = Board(clock)
    board.expect([("acme", "siigo", None)])
    return board


def started(account="acme", vendor="siigo"):
    return AccountStarted(account=account, vendor=vendor)


def ended(account="acme", error="", vendor="siigo"):
    return AccountEnded(account=account, vendor=vendor, error=error)


def unit(resource="invoices", account="acme"):
    return Unit(vendor="siigo", account=account, resource=resource)


def committed(new=0, unchanged=0, records=None, total=None, **of):
    underway = None if records is None else Underway(kind=Kind.WHOLE, records=records, total=total)
    return Committed(unit=unit(**of), changes=Changes(new=new, unchanged=unchanged), underway=underway)


def unit_ended(ending, error="", **of):
    kind = "ServerError" if error else ""
    return UnitEnded(outcome=Outcome(unit=unit(**of), ending=ending, error=error, kind=kind))


def request(account="acme", operation="invoices.list"):
    facts = dict.fromkeys(("method", "path", "request_id", "outcome"), "")
    numbers = {"attempt": 1, "status": 200, "queued": 0.0, "seconds": 0.1, "size": 1}
    return RequestFinished(vendor="siigo", account=account, operation=operation, **facts, **numbers)


def queue(account="acme", *, waiting, in_flight):
    return {f"siigo/{account}": {"queue": {"waiting": waiting, "in_flight": in_flight}}}


def pass_time(clock, seconds):
    clock.set(now=clock.now() + seconds)


def lines_of(board, width=80, height=24, title="Syncing"):
    screen = Console(file=io.StringIO(), width=width, height=height)
    screen.print(picture(board, title, width, height))
    return [line.rstrip() for line in screen.file.getvalue().splitlines()]


def take(board, *events):
    for event in events:
        board.take(event)


def standing(board, name="acme"):
    return board.standing(board[name])


def test_a_tenant_is_behind_until_it_is_begun_then_works_then_is_done(board):
    assert standing(board) is Standing.BEHIND
    board.take(started())
    assert standing(board) is Standing.WORKING
    take(board, unit_ended(Ending.DONE), ended())
    assert standing(board) is Standing.DONE


def test_a_tenant_that_is_parked_is_behind_and_keeps_its_rows(board):
    take(board, started(), committed(new=500, records=500), unit_ended(Ending.PARKED))
    assert standing(board) is Standing.BEHIND
    take(board, started(), committed(unchanged=7, records=507))
    assert (standing(board), board["acme"].rows, board["acme"].changes) == (Standing.WORKING, 507, 500)


def test_a_tenant_fails_until_the_resource_is_read_again(board):
    take(board, started(), unit_ended(Ending.FAILED, "no"), unit_ended(Ending.DONE, resource="products"), ended())
    assert (standing(board), board["acme"].failure) == (Standing.FAILING, "invoices: no")
    board.take(started())
    assert standing(board) is Standing.FAILING
    take(board, unit_ended(Ending.DONE), ended())
    assert standing(board) is Standing.DONE


def test_a_tenant_whose_resource_another_run_went_on_with_does_not_fail(board):
    take(board, started(), unit_ended(Ending.FAILED, "no"), ended(), started(), unit_ended(Ending.TAKEN_OVER), ended())
    assert standing(board) is Standing.DONE


def test_a_tenant_that_cannot_be_opened_fails_until_it_can(board):
    take(board, started(), ended(error="no such adapter"))
    assert (standing(board), board["acme"].failure) == (Standing.FAILING, "no such adapter")
    take(board, started(), ended())
    assert standing(board) is Standing.DONE


def test_a_failure_is_told_without_the_names_that_stand_beside_it(board):
    take(board, started(), unit_ended(Ending.FAILED, "siigo acme invoices.list: the vendor failed"))

    assert board["acme"].failure == "invoices: invoices.list: the vendor failed"


def test_who_has_a_request_in_the_queue_waits_for_its_token(board):
    board.take(started())
    for waiting, in_flight, expected in [(1, 0, Standing.WAITING), (1, 1, Standing.WAITING), (0, 1, Standing.WORKING)]:
        board.look_at_queues(queue(waiting=waiting, in_flight=in_flight))
        assert standing(board) is expected
    board.look_at_queues({"siigo/acme": {"base_url": "https://x"}})  # before its first token
    assert standing(board) is Standing.WORKING


def test_a_tenant_whose_next_round_is_late_is_behind(board, clock):
    board.expect([("acme", "siigo", 300.0)])
    take(board, started(), ended())
    pass_time(clock, 299)
    assert standing(board) is Standing.DONE
    pass_time(clock, 2)
    assert standing(board) is Standing.BEHIND


def test_tenants_that_are_gone_leave_the_board_when_their_round_is_over(board):
    board.take(started())
    board.expect([("other", "siigo", None)])
    assert [tenant.name for tenant in board] == ["other", "acme"]
    board.take(ended())
    board.expect([("other", "siigo", None)])
    assert [tenant.name for tenant in board] == ["other"]


def test_rates_are_those_of_the_latest_seconds(board, clock):
    board.take(started())
    assert board.rates() == (0, 0)
    for _ in range(30):
        pass_time(clock, 1)
        board.take(committed(new=100, records=100))
        board.count(request())
        rates = board.rates()
    assert rates == (100, 1)
    pass_time(clock, 100)
    board.rates()
    pass_time(clock, 1)
    assert board.rates()[0] < 2


async def test_the_board_hears_of_all_tenants_before_the_first_is_begun_and_a_source_that_fails_loses_none(board):
    async def source():
        for name in ("a", "b"):
            yield SyncAccount(name=name, vendor="siigo", credentials={})
        raise OSError("the source")

    accounts = aiter(Watched(source(), board, (), lambda account: 60.0))
    first = await anext(accounts)

    assert first.name == "a"
    assert [(tenant.name, tenant.vendor, tenant.every) for tenant in board] == [("a", "siigo", 60), ("b", "siigo", 60)]
    assert (await anext(accounts)).name == "b"
    with pytest.raises(OSError, match="the source"):
        await anext(accounts)


async def test_the_board_shows_only_tenants_that_were_asked_for(board):
    async def source():
        for name in ("a", "b"):
            yield SyncAccount(name=name, vendor="siigo", credentials={})

    given = [account.name async for account in Watched(source(), board, ("b",), lambda account: None)]

    assert (given, [tenant.name for tenant in board]) == (["a", "b"], ["b"])


async def test_of_two_tenants_of_one_name_the_board_shows_the_one_that_is_synced(board):
    async def source():
        for vendor in ("siigo", "serpi"):
            yield SyncAccount(name="a", vendor=vendor, credentials={})

    given = [account.vendor async for account in Watched(source(), board, (), lambda account: None)]

    assert (given, [tenant.vendor for tenant in board]) == (["siigo", "serpi"], ["siigo"])


def test_a_dry_run_writes_nothing(clock, said):
    board = Board(clock, would=True)
    lines = Lines(board)
    for event in (started(), committed(new=3), ended()):
        board.take(event)
        lines.take(event)

    assert said() == ["done acme (siigo): 3 rows, 3 would be written, 0 ms"]
    assert "3 rows read, 3 would be written" in summary(board)
    assert any("3 rows read, 3 would be written" in line for line in lines_of(board))


def test_the_screen_shows_who_does_what(board, clock):
    board.expect((name, "siigo", None) for name in ("acme", "broken", "due", "done", "queued"))
    take(board, started("broken"), ended("broken", error="set the token"), started("done"), ended("done"))
    take(board, started(), started("queued"))
    board.count(request())
    board.look_at_queues(queue("queued", waiting=1, in_flight=0))
    pass_time(clock, 2)
    board.take(committed(new=1000, records=1000, total=4000))

    assert lines_of(board, title="Syncing into sqlite:///a.db") == [
        "Syncing into sqlite:///a.db" + "2.0 s".rjust(53),
        "━" * 65 + " 2 of 5 tenants",
        "✓ 1 done   ▸ 1 working   ◦ 1 waiting for a token   · 1 behind   ✗ 1 failing",
        "1,000 rows read, 1,000 written, 0 rows/s - 1 request, 0/s",
        "",
        "▸✗·✓◦",
        "",
        "✗ broken  siigo  set the token",
        "▸ acme    siigo  invoices  1,000 of 4,000 rows, 500/s",
        "◦ queued  siigo  waits for its token",
    ]


def test_a_tenant_that_has_committed_nothing_yet_shows_its_requests(board):
    board.take(started())
    assert lines_of(board)[-1].endswith("acme  siigo  begins")
    board.count(request())
    assert lines_of(board)[-1].endswith("invoices  1 request")
    board.take(committed(unchanged=5, records=5))
    assert "invoices  5 rows" in lines_of(board)[-1]
    board.count(request(operation="products.list"))
    board.take(committed(unchanged=5, records=10))  # of what was read before
    assert lines_of(board)[-1].endswith("products  1 request")


def test_a_store_that_is_away_is_told_until_something_is_committed(board):
    take(board, started(), SinkAway(unit=unit(), reason="the disk is full", wait=1.0))
    assert "waiting for the mirror's store: the disk is full" in lines_of(board)
    board.take(committed(new=1))
    assert not any("the disk is full" in line for line in lines_of(board))


def test_before_the_tenants_are_known_there_is_a_title_alone(clock):
    assert lines_of(Board(clock), title="Syncing") == ["Syncing" + "0 ms".rjust(73)]


def test_what_others_wrote_cannot_steer_the_terminal(board):
    take(board, started(), ended(error="a\x1b[2Jb\nc"))

    assert lines_of(board, title="x\x1b[2J")[-1].endswith("a?[2Jb c")
    assert "\x1b" not in "".join(lines_of(board, title="x\x1b[2J"))


@given(
    tenants=st.tuples(st.integers(0, 250), st.integers(0, 250), st.integers(0, 250)),
    screen=st.tuples(st.integers(20, 200), st.integers(8, 60)),
    name=st.text(min_size=1, max_size=60),
)
def test_any_number_of_tenants_fits_any_screen(tenants, screen, name):
    (failing, working, due), (width, height) = tenants, screen
    board = Board(ManualClock())
    board.expect((f"{number}{name}", "siigo", None) for number in range(failing + working + due))
    names = [tenant.name for tenant in board]
    for tenant in names[:failing]:
        take(board, started(tenant), ended(tenant, error="no " * 50))
    for tenant in names[failing : failing + working]:
        board.take(started(tenant))

    lines = lines_of(board, width, height)

    assert len(lines) < height  # the last line stays free
    assert all(cell_len(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("failing", "working", "shown_failing", "shown_working"),
    [(2, 3, 2, 3), (100, 0, 14, 0), (0, 100, 0, 14), (100, 100, 6, 6), (2, 100, 2, 12), (100, 2, 12, 2)],
)
def test_failing_tenants_come_first_and_leave_room_for_those_that_work(
    board, failing, working, *, shown_failing, shown_working
):
    board.expect((f"{number:03}", "siigo", None) for number in range(failing + working))
    for number in range(failing + working):
        board.take(started(f"{number:03}"))
        if number < failing:
            board.take(ended(f"{number:03}", error="no"))

    lines = [line for line in lines_of(board)[4:] if "siigo" in line]

    assert [line[0] for line in lines] == ["✗"] * shown_failing + ["▸"] * shown_working


def test_what_does_not_fit_is_counted(board):
    board.expect((f"{number:03}", "siigo", None) for number in range(200))
    for number in range(200):
        take(board, started(f"{number:03}"), *([ended(f"{number:03}", error="no")] if number % 2 else []))

    told = [line for line in lines_of(board) if "more" in line]

    assert told == ["  and 94 more failing", "  and 94 more working"]


@pytest.fixture
def said(monkeypatch):
    """What is said where there is no terminal."""
    stream = io.StringIO()
    monkeypatch.setattr("sagicc_async.cli.console.stderr", Console(file=stream, width=200))
    return lambda: stream.getvalue().splitlines()


def test_without_a_terminal_each_tenant_ends_with_a_line(board, clock, said):
    lines = Lines(board)

    def tell(*events):
        for event in events:
            board.take(event)
            lines.take(event)

    board.expect((name, "siigo", None) for name in ("acme", "half", "shut"))
    tell(started(), committed(new=3, unchanged=1000), unit_ended(Ending.DONE))
    pass_time(clock, 2)
    tell(ended(), started("half"), unit_ended(Ending.FAILED, "siigo half invoices.list: no", account="half"))
    tell(ended("half"), started("shut"), ended("shut", error="set the token"))

    assert said() == [
        "done acme (siigo): 1,003 rows, 3 written, 2.0 s",
        "failed half (siigo) invoices: invoices.list: no",
        "failed half (siigo): 0 rows, 0 written, 1 resource failed, 0 ms",
        "failed shut (siigo): set the token",
    ]


def test_without_a_terminal_a_store_that_is_away_is_told_once_for_each_time(board, said):
    lines = Lines(board)
    away = SinkAway(unit=unit(), reason="the disk is full", wait=1.0)
    for event in (started(), away, away, committed(new=1), away):
        board.take(event)
        lines.take(event)

    assert said() == ["waiting for the mirror's store: the disk is full"] * 2


async def test_without_a_terminal_a_line_sums_up_now_and_then(board, clock, said, monkeypatch):
    monkeypatch.setattr(sync_display, "stderr", Console(file=io.StringIO()))
    async with shown(board, "Syncing", dict, clock) as tell:
        for event in (started(), committed(new=500, records=500)):
            board.take(event)
            tell(event)
        await clock.advance(29)
        assert said() == []
        await clock.advance(31)

    assert [line.partition(", 500 written")[0] for line in said()] == ["1 tenant: 1 working - 500 rows read"] * 2


def test_a_summary_counts_tenants_by_how_they_stand(board):
    board.expect((name, "siigo", None) for name in "abc")
    take(board, started("a"), ended("a"), started("b"))

    assert summary(board).startswith("3 tenants: 1 working, 1 behind, 1 done - 0 rows read, 0 written, ")


async def test_on_a_terminal_the_screen_moves_and_is_taken_away_in_the_end(board, clock, monkeypatch):
    screen = Console(file=io.StringIO(), force_terminal=True, width=80, height=24)
    monkeypatch.setattr(sync_display, "stderr", screen)
    async with shown(board, "Syncing", lambda: queue(waiting=1, in_flight=0), clock):
        board.take(started())
        await clock.advance(1)
        assert "waits for its token" in screen.file.getvalue()

    assert screen.file.getvalue().endswith("\x1b[2K")  # each of its lines is erased


async def test_a_terminal_that_cannot_move_its_cursor_gets_lines(board, clock, said, monkeypatch):
    screen = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "dumb"})
    monkeypatch.setattr(sync_display, "stderr", screen)
    async with shown(board, "Syncing", dict, clock):
        await clock.advance(30)

    assert said()[0].startswith("1 tenant: 1 behind")
    assert screen.file.getvalue() == ""
