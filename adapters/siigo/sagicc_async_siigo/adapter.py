"""Siigo (accounting, Colombia): the adapter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import attrs
from attrs.validators import ge, gt, optional

from sagicc_async import (
    Account,
    Adapter,
    Auth,
    Deadline,
    ErrorMap,
    ErrorShare,
    ErrorShareSettings,
    Paging,
    Priority,
    Settings,
    Stream,
    TokenRules,
    Window,
    mount,
)

from .answers import read_answer
from .auth import SiigoAuth, SiigoCredentials, check_partner_id
from .catalogue import TTL, Catalogue, Shelves
from .idempotency import HEADER, idempotency_key
from .readers import ENVELOPE
from .resource import PAGING, unmodelled
from .resources import (
    AccountGroupsResource,
    AccountsPayableResource,
    AssetGroupsResource,
    AvailableDocumentsResource,
    CostCentersResource,
    CreditNotesResource,
    CustomersResource,
    DocumentTypesResource,
    ExpensesResource,
    FixedAssetsResource,
    InvoicesResource,
    JournalsResource,
    MiscIncomesResource,
    PaymentReceiptsResource,
    PaymentTypesResource,
    PriceListsResource,
    ProductsResource,
    PurchasesResource,
    QuotationsResource,
    ReportsResource,
    TaxesResource,
    UsersResource,
    VouchersResource,
    WarehousesResource,
    WebhooksResource,
)

#: Requests a minute that Siigo documents for a company, and for the company that everybody tests with.
_REQUESTS: Final = 100
_TEST_REQUESTS: Final = 10
#: Requests that the latter takes at once. Not documented: five were seen to be too many, although its minute had room.
_TEST_BURST: Final = 4


@attrs.frozen(kw_only=True)
class SiigoSettings(ErrorShareSettings):
    """
    Settings of `open("siigo", ...)`.

    Args:
        partner_id: The name of your software, 3 to 100 letters and digits: one for all companies, so it may stand in
            `SessionManager(settings={"siigo": {"partner_id": ...}})`.
        test_company: The company is Siigo's shared test company, which has 10 requests a minute instead of 100.
        requests: Requests a minute to be content with, where other programs use the same company; the documented
            figure if not given.
        window: Seconds of Siigo's minute; shorter only against a sandbox whose clock is scaled.
        burst: Requests that may go out at once, before the minute's even pace holds them back; 0 for all of the minute's.
            Siigo documents nothing of the kind. By default 4 for the test company, which was seen to refuse more, and 0
            for others.
        overlap: Seconds by which `updated_since` goes back, a day: the time zone of Siigo's filters is not documented.
        support_documents: Whether `document_types.everything()` asks for DS too, documents in support of purchases: the
            vendor's newer site alone names that kind.
        company: A name that is this company's for good, for idempotency keys. Without one it is the API user, so give
            one if a regeneration of the credentials changes that: a key would become another.
    """

    partner_id: str | None = None
    test_company: bool = False
    requests: int | None = attrs.field(default=None, validator=optional(ge(1)))
    window: float = attrs.field(default=60.0, converter=float, validator=gt(0))
    burst: int | None = attrs.field(default=None, validator=optional(ge(0)))
    overlap: float = attrs.field(default=86_400.0, converter=float, validator=ge(0))
    support_documents: bool = False
    company: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.partner_id is not None:
            check_partner_id(self.partner_id)


class Siigo(Adapter):
    """
    Siigo Nube, for one company.

    Its limit of requests a minute is the company's, shared by all resources and all accounts opened on it.
    """

    vendor: ClassVar[str] = "siigo"
    title: ClassVar[str] = "Siigo"
    base_url: ClassVar[str | None] = "https://api.siigo.com"
    credentials: ClassVar[type] = SiigoCredentials
    settings_class: ClassVar[type[Settings]] = SiigoSettings
    auth: ClassVar[Auth[SiigoCredentials]] = SiigoAuth()
    #: Requests on one token may overlap. `settle` is our assumption: how long Siigo may work on a request that we lost
    #: sight of; it advises clients to wait for 120 seconds.
    rules: ClassVar[TokenRules] = TokenRules(settle=120)
    windows: ClassVar[tuple[Window, ...]] = (Window(_REQUESTS, per=60, scope="company"),)
    errors: ClassVar[ErrorMap] = ErrorMap(inspect=read_answer)
    #: Siigo blocks users of whose requests more than 80 % failed in 7 days, until they are mended.
    error_share: ClassVar[ErrorShare | None] = ErrorShare(limit=0.8, days=7)
    idempotency_header: ClassVar[str | None] = HEADER
    paging: ClassVar[Paging | None] = PAGING
    items: ClassVar[str | None] = ENVELOPE
    settings: SiigoSettings

    products: mount[ProductsResource] = mount(ProductsResource)
    account_groups: mount[AccountGroupsResource] = mount(AccountGroupsResource)
    customers: mount[CustomersResource] = mount(CustomersResource)
    invoices: mount[InvoicesResource] = mount(InvoicesResource)
    quotations: mount[QuotationsResource] = mount(QuotationsResource)
    credit_notes: mount[CreditNotesResource] = mount(CreditNotesResource)
    purchases: mount[PurchasesResource] = mount(PurchasesResource)
    vouchers: mount[VouchersResource] = mount(VouchersResource)
    payment_receipts: mount[PaymentReceiptsResource] = mount(PaymentReceiptsResource)
    journals: mount[JournalsResource] = mount(JournalsResource)
    reports: mount[ReportsResource] = mount(ReportsResource)
    accounts_payable: mount[AccountsPayableResource] = mount(AccountsPayableResource)
    taxes: mount[TaxesResource] = mount(TaxesResource)
    price_lists: mount[PriceListsResource] = mount(PriceListsResource)
    warehouses: mount[WarehousesResource] = mount(WarehousesResource)
    users: mount[UsersResource] = mount(UsersResource)
    document_types: mount[DocumentTypesResource] = mount(DocumentTypesResource)
    payment_types: mount[PaymentTypesResource] = mount(PaymentTypesResource)
    cost_centers: mount[CostCentersResource] = mount(CostCentersResource)
    fixed_assets: mount[FixedAssetsResource] = mount(FixedAssetsResource)
    expenses: mount[ExpensesResource] = mount(ExpensesResource)
    misc_incomes: mount[MiscIncomesResource] = mount(MiscIncomesResource)
    asset_groups: mount[AssetGroupsResource] = mount(AssetGroupsResource)
    available_documents: mount[AvailableDocumentsResource] = mount(AvailableDocumentsResource)
    webhooks: mount[WebhooksResource] = mount(WebhooksResource)

    def __init__(self, account: Account, settings: Settings) -> None:
        super().__init__(account, settings)
        self._shelves = Shelves(account.clock)

    @classmethod
    def address(cls, settings: Settings, base_url: str | None) -> str | None:
        """
        Siigo's one address; the Partner-Id is looked at here, before anything is sent.

        Raises:
            ConfigError: There is no Partner-Id.
        """
        assert isinstance(settings, SiigoSettings)
        check_partner_id(settings.partner_id)
        return super().address(settings, base_url)

    @classmethod
    def auth_for(cls, settings: Settings) -> Auth[SiigoCredentials]:
        """How to log in, and the name of the software for every request."""
        assert isinstance(settings, SiigoSettings)
        return SiigoAuth(settings.partner_id or "")

    @classmethod
    def windows_for(cls, settings: Settings) -> tuple[Window, ...]:
        """The documented limit, or the lower one that a user is content with; and one for bursts, where they are to be few."""
        assert isinstance(settings, SiigoSettings)
        documented, seen = (_TEST_REQUESTS, _TEST_BURST) if settings.test_company else (_REQUESTS, 0)
        limit = documented if settings.requests is None else settings.requests
        burst = seen if settings.burst is None else settings.burst
        minute = Window(limit, per=settings.window, scope="company")
        if not 0 < burst < limit:
            return (minute,)
        # As many in the time that they take at an even pace: then no stretch of time holds more than those of that pace
        # and one burst.
        return (minute, Window(burst, per=burst * minute.pace, scope="company"))

    def list_path(
        self,
        path: str,
        *,
        params: Mapping[str, str | int | None] | None = None,
        size: int | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[dict[str, Any]]:
        """
        Stream a list that is not modelled, as exact mappings: pages of 100, or one array.

        Args:
            path: Below the base URL: `v1/...`.
            params: Query parameters, sent as they are.
            size: Records to ask for on a page, 10 to 100.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.
        """
        stream = unmodelled(self, path)._list({}, params, page_size=size, deadline=deadline, priority=priority)
        return stream.raw()

    async def idempotency_key(self, operation: str, key: str) -> str:
        """
        A text of the caller's as Siigo takes it; frozen, see `idempotency`.

        Args:
            operation: Method and path: the key of an invoice is not that of its voucher.
            key: Any text.

        Raises:
            RequestError: The company's name is not a setting, and there is no token to be had.
        """
        verb, _, path = operation.partition(" ")
        company = await self.account.company_id() if self.settings.company is None else self.settings.company
        return idempotency_key(company, f"{verb} {path.strip('/')}", key)

    def catalogue(self, *, ttl: float = TTL) -> Catalogue:
        """
        The ids that every document needs, read once and kept for a while.

        Args:
            ttl: Seconds for which a catalogue is used before it is read again. All views of this account object share
                what was read.

        Raises:
            ConfigError: `ttl` is negative.
        """
        return Catalogue(self, self._shelves, ttl)
