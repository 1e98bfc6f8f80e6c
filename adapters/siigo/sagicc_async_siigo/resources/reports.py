"""Reports: trial balances, and what is owed to suppliers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn

from sagicc_async import (
    Deadline,
    FieldError,
    Priority,
    Record,
    Request,
    Safety,
    Stream,
    Unsupported,
    ValidationFailed,
    to_wire,
)

from ..checks import check_test_balance_report
from ..conversion import plain
from ..filters import Day
from ..models import (
    AccountPayable,
    TestBalanceReport,
    TestBalanceReportByThirdpartyIn,
    TestBalanceReportIn,
)
from ..resource import SiigoResource


class ReportsResource(SiigoResource[TestBalanceReport]):
    """
    Trial balances, as Excel files at an address of Siigo's (Siigo, "Reportes").

    Making one changes nothing in the books, so a request whose answer was lost is sent again.
    """

    name: ClassVar[str] = "reports"
    path: ClassVar[str] = "v1"
    model: ClassVar[type[Record]] = TestBalanceReport
    operations: ClassVar[Mapping[str, Safety]] = {
        "test_balance": Safety.REPEATABLE,
        "test_balance_by_thirdparty": Safety.REPEATABLE,
    }
    evidence: ClassVar[str] = "documented"

    def list(self) -> NoReturn:
        """
        Reports are made, not listed.

        Raises:
            Unsupported: Always.
        """
        raise Unsupported("siigo makes reports and keeps no list of them: use test_balance or accounts_payable.list")

    async def test_balance(
        self,
        report: TestBalanceReportIn | Mapping[str, Any],
        *,
        check: bool = True,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> TestBalanceReport:
        """
        Make a trial balance.

        Args:
            report: Year, months (1 to 13), accounts.
            check: Check the documented rules before sending.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Returns:
            Where the file is.

        Raises:
            ValidationFailed: A documented rule is broken and nothing was sent, or Siigo refuses; see `errors`.

        Source: Siigo, "Reportes/Generar Balance de prueba general".
        """
        return await self._make("test_balance", "test-balance-report", report, deadline, priority, check=check)

    async def test_balance_by_thirdparty(
        self,
        report: TestBalanceReportByThirdpartyIn | Mapping[str, Any],
        *,
        check: bool = True,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> TestBalanceReport:
        """
        Make a trial balance by third party.

        Args:
            report: As for `test_balance`, and `customer` for one third party alone.
            check: Check the documented rules before sending.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Returns:
            Where the file is.

        Raises:
            ValidationFailed: A documented rule is broken and nothing was sent, or Siigo refuses; see `errors`.

        Source: Siigo, "Reportes/Generar balance de prueba por tercero".
        """
        return await self._make(
            "test_balance_by_thirdparty", "test-balance-report-by-thirdparty", report, deadline, priority, check=check
        )

    async def _make(
        self,
        operation: str,
        path: str,
        report: Record | Mapping[str, Any],
        deadline: Deadline | float | None,
        priority: Priority | None,
        *,
        check: bool,
    ) -> TestBalanceReport:
        document = plain(report)
        errors: list[FieldError] = check_test_balance_report(document) if check else []
        if errors:
            raise self._refuse(operation, errors)
        request = Request(method="POST", path=f"{self.path}/{path}", body=to_wire(document))
        response = await self._send(operation, request, deadline=deadline, priority=priority)
        return self._read(operation, TestBalanceReport, response)


class AccountsPayableResource(SiigoResource[AccountPayable]):
    """What is owed to suppliers, instalment by instalment (Siigo, "Reportes"). Its records have no id."""

    name: ClassVar[str] = "accounts_payable"
    path: ClassVar[str] = "v1/accounts-payable"
    model: ClassVar[type[Record]] = AccountPayable
    evidence: ClassVar[str] = "documented"

    def list(
        self,
        *,
        due_date_start: Day | None = None,
        due_date_end: Day | None = None,
        provider_identification: str | None = None,
        provider_branch_office: int | None = None,
        page: int | None = None,
        page_size: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[AccountPayable]:
        """
        Stream what is owed.

        Args:
            due_date_start: Due that day or later.
            due_date_end: Due that day or before.
            provider_identification: The supplier's.
            provider_branch_office: Branch office of the supplier, 0 to 999; needs the identification.
            page: Page to begin with, from 1.
            page_size: Records on a page, 10 to 100.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Raises:
            ValidationFailed: A filter's value cannot be sent, or a branch office is given without identification.

        Source: Siigo, "Reportes/Generar reporte de cuentas por pagar".
        """
        if provider_branch_office is not None and provider_identification is None:
            message = "provider_branch_office needs provider_identification"
            errors = [FieldError("parameter_required", "provider_identification", message)]
            raise ValidationFailed(message, vendor=self._adapter.vendor, account=self._label, errors=errors)
        filters: dict[str, Any] = {
            "due_date_start": due_date_start,
            "due_date_end": due_date_end,
            "provider_identification": provider_identification,
            "provider_branch_office": provider_branch_office,
        }
        return self._list(filters, params, page=page, page_size=page_size, deadline=deadline, priority=priority)
