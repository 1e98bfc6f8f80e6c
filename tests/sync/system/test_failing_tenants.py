"""Tenants whose vendors hang, answer nonsense or refuse: the others get done, the report says what to do, nothing is half-written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from sagicc_async import Timeouts
from sagicc_async.sandbox import LocalVendor, Sandbox
from sagicc_async.sync import AccountEnded, SyncEvent

from .companies import delete, labels, shown
from .rig import Mirroring

#: The id of a record that does not fit into its table.
_TOO_LARGE: Final = "9999"

#: What is done to whom, and what the report has to say of it. From some request on, so that it happens in the middle.
BROKEN: Final[Mapping[str, tuple[Callable[[LocalVendor], object], str, str]]] = {
    "serpi": (
        lambda company: company.fault("hold", path="(?i)articulo", nth=3, times=99),
        "ServerError",
        "raise timeouts.read if the vendor is that slow",
    ),
    "siigo": (lambda company: company.fault("garbage", nth=4, times=99), "ProtocolError", "check base_url"),
    # Its token is worth nothing any more, and neither is any that another login gives.
    "operand": (
        lambda company: company.fault("revoke", nth=4, times=99),
        "CredentialsRejected",
        "root or an administrator must check",
    ),
    "sagicc": (lambda company: company.rotate(), "CredentialsRejected", "copy the new one from"),
    "serpi-2": (
        lambda company: company.add("articulo", {"id": int(_TOO_LARGE), "idlinea": 2**70, "descripcion": "large"}),
        "ConfigError",
        "serpi_articulo.idlinea has more than 64 bits; declare the field as Decimal",
    ),
}


@pytest.mark.parametrize("at_once", [2, None], ids=["two at once", "all at once"])
async def test_while_one_vendor_hangs_everybody_else_gets_done(
    sandbox: Sandbox, mirroring: Mirroring, at_once: int | None
) -> None:
    hanging = sandbox["serpi"]
    hanging.fault("hold", path="(?i)articulo")
    ended: list[str] = []

    def tell(event: SyncEvent) -> None:
        if isinstance(event, AccountEnded):
            ended.append(event.account)
            if len(ended) == len(list(sandbox)) - 1:
                hanging.clear_faults()  # there is nobody left who might have had to wait for it

    report = await mirroring.sync(tell, at_once=at_once)
    assert ended[-1] == hanging.name
    assert not report.failed
    assert labels(mirroring.mirror.living) == shown(sandbox)


async def test_each_failure_is_named_with_what_to_do_and_leaves_nothing_half_written(
    sandbox: Sandbox, mirroring: Mirroring
) -> None:
    for name, (damage, _, _) in BROKEN.items():
        damage(sandbox[name])
    report = await mirroring.sync(timeouts=Timeouts(total=5, read=0.5))

    assert {account.account for account in report.failed} == set(BROKEN)
    for name, (_, kind, advice) in BROKEN.items():
        troubles = [trouble for trouble in report[name].troubles if trouble.kind]
        assert {trouble.kind for trouble in troubles} == {kind}
        assert [trouble.error for trouble in troubles if advice not in trouble.error] == []
    mirror = mirroring.mirror
    assert mirror.agrees
    sound = {key: label for key, label in shown(sandbox).items() if key[1] not in BROKEN}
    assert {key: label for key, label in labels(mirror.living).items() if key[1] not in BROKEN} == sound


async def test_once_everything_is_mended_each_goes_on_from_where_it_failed(
    sandbox: Sandbox, mirroring: Mirroring
) -> None:
    for name, (damage, _, _) in BROKEN.items():
        damage(sandbox[name])
    await mirroring.sync(timeouts=Timeouts(total=5, read=0.5))
    there = set(mirroring.mirror.rows)
    for name in BROKEN:
        sandbox[name].clear_faults()
    delete(sandbox["serpi-2"], "articulo", _TOO_LARGE)
    mirroring.write_accounts()
    report = await mirroring.sync()

    assert not report.failed
    assert report.changes.new == len(mirroring.mirror.rows) - len(there)
    assert labels(mirroring.mirror.living) == shown(sandbox)
    assert mirroring.mirror.resting
