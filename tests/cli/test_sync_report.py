"""What is printed when a sync is over, and how old the mirror is said to be."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from sagicc_async.cli import console, sync_report
from sagicc_async.cli.sync_failures import troubles_of
from sagicc_async.cli.sync_report import failed_line, print_report
from sagicc_async.cli.sync_status import _summary, ages_of
from sagicc_async.sync import (
    AccountEnded,
    Changes,
    Ending,
    Outcome,
    Report,
    SyncAccount,
    SyncState,
    Unit,
    UnitEnded,
)


def outcome(account="acme", resource="invoices", *, vendor="siigo", ending=Ending.DONE, **facts):
    return Outcome(unit=Unit(vendor=vendor, account=account, resource=resource), ending=ending, **facts)


def failure(account="acme", resource="invoices", *, why="the vendor failed", kind="ServerError", **facts):
    return outcome(account, resource, ending=Ending.FAILED, error=why, kind=kind, **facts)


def report_of(*outcomes, errors=None):
    report = Report()
    for one in outcomes:
        report.take(UnitEnded(outcome=one))
    for account in dict.fromkeys([*(one.unit.account for one in outcomes), *(errors or {})]):
        vendor = next((one.unit.vendor for one in outcomes if one.unit.account == account), "siigo")
        report.take(AccountEnded(account=account, vendor=vendor, error=(errors or {}).get(account, "")))
    return report


@pytest.fixture
def printed(monkeypatch):
    def call(report, *, terminal=None, **options):
        screen = Console(
            file=io.StringIO(), width=terminal or 80, force_terminal=terminal is not None, color_system=None
        )
        monkeypatch.setattr(sync_report, "stdout", screen)
        monkeypatch.setattr(console, "stdout", screen)
        print_report(report, **options)
        return [line.rstrip() for line in screen.file.getvalue().splitlines()]

    return call


def test_few_tenants_have_a_line_each(printed):
    report = report_of(
        outcome(changes=Changes(new=1000, changed=2, unchanged=3, deleted=4), requests=50, queued=61),
        outcome(resource="products", changes=Changes(new=5), requests=1),
        outcome("beta", vendor="serpi"),
    )

    assert printed(report) == [
        "tenant  vendor  failed   rows    new  changed  deleted  requests     waited",
        "beta    serpi               0      0        0        0         0",
        "acme    siigo           1,010  1,005        2        4        51  1 min 1 s",
        "all                     1,010  1,005        2        4        51  1 min 1 s",
    ]


LONG = "distribuidora-el-progreso-de-bogota-sas-y-compania-limitada-en-liquidacion-voluntaria"


def test_what_is_no_terminal_has_no_edge_at_which_names_are_broken(printed):
    assert printed(report_of(outcome(LONG)))[1].split() == [LONG, "siigo", "0", "0", "0", "0", "0"]


@pytest.mark.parametrize(
    ("width", "headings"),
    [
        (80, "tenant vendor failed rows new changed deleted requests waited"),
        (52, "tenant vendor failed rows new changed"),
        (30, "tenant vendor failed"),
    ],
)
def test_a_narrow_terminal_shows_fewer_numbers_and_every_name(printed, width, headings):
    lines = printed(report_of(outcome("acme"), failure("beta-de-bogota", vendor="serpi")), terminal=width)

    assert lines[0].split() == headings.split()
    assert "".join(line.split()[0] for line in lines if line.startswith("beta")) == "beta-de-bogota"


def test_many_tenants_are_summed_up_by_vendor(printed):
    siigo = [outcome(f"s{number}", changes=Changes(new=10), requests=2) for number in range(30)]
    serpi = [failure(f"p{number}", vendor="serpi") for number in range(3)]

    assert printed(report_of(*siigo, *serpi))[:4] == [
        "vendor  tenants  failed  rows  new  changed  deleted  requests  waited",
        "serpi   3        3          0    0        0        0         0",
        "siigo   30                300  300        0        0        60",
        "all                       300  300        0        0        60",
    ]


def test_each_failure_is_told_with_what_to_do_and_equal_ones_of_a_tenant_together(printed):
    report = report_of(
        failure(why="siigo acme invoices.list: refused - make a new key"),
        failure(resource="products", why="siigo acme products.list: refused - make a new key"),
        outcome(resource="taxes"),
    )

    lines = printed(report)

    assert lines[1].split()[:5] == ["acme", "siigo", "2", "of", "3"]
    assert lines[2:] == ["", "Not up to date:", "  acme (siigo) invoices, products: refused - make a new key"]


def test_tenants_with_the_same_failure_are_told_together_and_all_by_name(printed):
    report = report_of(*(failure(f"s{number:02}") for number in range(30)), failure("rare", why="another one"))

    common, rare = printed(report)[-2:]

    assert common.startswith("  30 tenants of siigo invoices: the vendor failed - s00, s01, ")
    assert common.endswith(", s29")
    assert rare == "  rare (siigo) invoices: another one"


def test_an_account_that_could_not_be_opened_failed_as_a_whole(printed):
    lines = printed(report_of(errors={"acme": "no adapter named 'siigo' is installed"}))

    assert lines[1].split()[:3] == ["acme", "siigo", "all"]
    assert lines[-1] == "  acme (siigo): no adapter named 'siigo' is installed"


def test_what_was_left_alone_after_failures_says_nothing_new():
    report = report_of(
        failure(why="refused"),
        outcome(resource="products", ending=Ending.SKIPPED, error="left alone after failures in a row: refused"),
        errors={"acme": "refused"},
    )

    assert [str(trouble) for trouble in troubles_of(report)] == ["acme (siigo) invoices: refused"]


def test_lists_that_moved_are_named_and_are_no_failure(printed):
    report = report_of(outcome(drifted=True))

    assert printed(report)[-1] == "Moved while they were read, and are read again in the next round: acme invoices"
    assert not report.failed


def test_what_another_run_went_on_with_is_named_and_is_no_failure(printed):
    report = report_of(outcome(ending=Ending.TAKEN_OVER), outcome(resource="products"))

    assert printed(report)[-1] == "Left to another run, which went on with them meanwhile: acme invoices"
    assert not report.failed
    assert report["acme"].resources == 1


def test_a_dry_run_says_that_nothing_was_written(printed):
    lines = printed(report_of(outcome(drifted=True)), would=True)

    assert lines[0] == "What would change; nothing was written."
    assert lines[-1] == "Moved while they were read, so that a sync may find something else: acme invoices"


def test_what_others_wrote_cannot_steer_the_terminal(printed):
    lines = printed(report_of(failure("a\x1b[2J", why="x\x1b[2Jy")))

    assert "\x1b" not in "".join(lines)
    assert lines[-1] == "  a?[2J (siigo) invoices: x?[2Jy"


@pytest.mark.parametrize(
    ("failed", "whole", "line"),
    [
        (1, 1, "1 of 1 tenant failed: s00"),
        (2, 3, "2 of 3 tenants failed: s00, s01"),
        (12, 12, f"12 of 12 tenants failed: {', '.join(f's{number:02}' for number in range(10))} and 2 more"),
    ],
)
def test_the_last_line_names_how_many_failed_and_which(failed, whole, line):
    good = [outcome(f"s{number:02}") for number in range(failed, whole)]
    bad = [failure(f"s{number:02}") for number in reversed(range(failed))]

    assert failed_line(report_of(*good, *bad)) == line


def account(name):
    return SyncAccount(name=name, vendor="siigo", credentials={})


def test_the_oldest_comes_first_and_what_was_never_completed_before_it():
    known = [
        (outcome("new"), SyncState(completed_at=2000.0)),
        (outcome("old"), SyncState(completed_at=1000.0)),
        (failure("broken"), SyncState()),
    ]

    ages = ages_of([account(name) for name in ("new", "old", "broken", "unknown")], known)

    assert [(age.account, age.resource, age.completed_at) for age in ages] == [
        ("broken", "invoices", None),
        ("unknown", "", None),
        ("old", "invoices", 1000.0),
        ("new", "invoices", 2000.0),
    ]


def test_an_account_that_is_gone_is_said_to_be():
    ages = ages_of([account("here")], [(outcome("here"), SyncState()), (outcome("gone"), SyncState())])

    assert {age.account: age.gone for age in ages} == {"here": "", "gone": "no such account any more"}


def test_what_is_not_synced_any_more_is_said_to_be_and_is_no_failure():
    here = SyncAccount(name="here", vendor="siigo", credentials={}, resources=["invoices"])
    moved = SyncAccount(name="moved", vendor="serpi", credentials={})
    known = [
        (outcome("here"), SyncState(completed_at=900.0)),
        (failure("here", "reports"), SyncState()),
        (failure("moved"), SyncState()),
        (outcome("moved", "bodega", vendor="serpi"), SyncState(completed_at=950.0)),
    ]

    ages = ages_of([here, moved], known)

    assert {(age.account, age.resource): age.gone for age in ages} == {
        ("here", "invoices"): "",
        ("here", "reports"): "not synced any more",
        ("moved", "invoices"): "not synced any more",
        ("moved", "bodega"): "",
    }
    assert _summary(ages, 1000.0) == "2 resources of 2 tenants, the oldest 1 min 40 s old; 0 never completed, 0 failing"


def test_an_account_of_another_vendor_than_before_was_never_synced():
    ages = ages_of([account("moved")], [(outcome("moved", vendor="serpi"), SyncState(completed_at=1.0))])

    assert [(age.vendor, age.resource) for age in ages] == [("siigo", ""), ("serpi", "invoices")]


def test_what_fails_now_says_why_and_what_failed_once_does_not():
    known = [
        (failure(why="siigo acme x: no"), SyncState(completed_at=1.0)),
        (outcome(resource="products"), SyncState()),
    ]

    assert {age.resource: age.failing for age in ages_of([], known)} == {"invoices": "x: no", "products": ""}
