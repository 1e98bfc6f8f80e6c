"""Reports: trial balances, and what is owed to suppliers."""

from __future__ import annotations

import datetime
from decimal import Decimal

from sagicc_async import field, quirks, record

from .base import SiigoRecord
from .common import ThirdParty, ThirdPartyIn


@record
class TestBalanceReportIn(SiigoRecord):
    """
    Which trial balance to make (Siigo, "Reportes/Generar Balance de prueba general").

    Required: `year`, `month_start`, `month_end` (1 to 13), `includes_tax_difference`. Accounts are codes, as text.
    """

    account_start: str | None = field(default=None)
    account_end: str | None = field(default=None)
    year: int | None = field(default=None)
    month_start: int | None = field(default=None)
    month_end: int | None = field(default=None)
    includes_tax_difference: bool | None = field(default=None)


@record
class TestBalanceReportByThirdpartyIn(TestBalanceReportIn):
    """
    Which trial balance by third party to make (Siigo, "Reportes/Generar balance de prueba por tercero").

    Required: as for the general one. Without `customer` the report has all third parties.
    """

    customer: ThirdPartyIn | None = field(default=None)


@record
class TestBalanceReport(SiigoRecord):
    """A trial balance, and where its Excel file is (Siigo, "Reportes/Generar Balance de prueba general")."""

    file_id: str | None = field(default=None)
    file_url: str | None = field(default=None)


@record
class AccountPayableDue(SiigoRecord):
    """
    An instalment that is owed (Siigo, "Reportes/Generar reporte de cuentas por pagar").

    `date` is a day on one of the vendor's sites, a timestamp on the other.
    """

    prefix: str | None = field(default=None)
    consecutive: int | None = field(default=None)
    quote: int | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    balance: Decimal | None = field(default=None)


@record
class AccountPayableCostCenter(SiigoRecord):
    """The cost centre of a debt (Siigo, "Reportes/Generar reporte de cuentas por pagar")."""

    code: str | None = field(default=None)
    name: str | None = field(default=None)


@record
class AccountPayableCurrency(SiigoRecord):
    """
    A debt in foreign currency (Siigo, "Reportes/Generar reporte de cuentas por pagar").

    `code` is `money_code` in the vendor's table.
    """

    code: str | None = field(also=["money_code"], default=None)
    balance: Decimal | None = field(default=None)


@record
class AccountPayable(SiigoRecord):
    """What is owed to a supplier (Siigo, "Reportes/Generar reporte de cuentas por pagar"). It has no id."""

    due: AccountPayableDue | None = field(default=None)
    provider: ThirdParty | None = field(default=None)
    cost_center: AccountPayableCostCenter | None = field(default=None)
    currency: AccountPayableCurrency | None = field(default=None)
