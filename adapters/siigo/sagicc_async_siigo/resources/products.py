"""Products, and the account groups that they belong to."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from sagicc_async import Deadline, Priority, Record, Safety, Stream

from ..checks import check_account_group, check_product
from ..filters import Moment
from ..models import AccountGroup, AccountGroupIn, Product, ProductIn
from ..operations import READ, WRITE, Deletable, Rules
from ..recovery import Search
from ..replacement import Replaceable, Updatable
from ..unshown import Unshown
from .catalogues import CatalogueResource


class ProductsResource(Updatable[Product, ProductIn], Deletable[Product]):
    """
    Products and services (Siigo, "Productos").

    A product's code is unique, so a lost `create` is looked up by it. The list is newest first. Siigo does not show how
    many of each component a Combo has, so an `edit` of one takes `components` as well; nor the `milliliters` and `rate`
    of the tax on sugary drinks, so that Siigo refuses an `edit` of such a drink without its `taxes`.
    """

    name: ClassVar[str] = "products"
    path: ClassVar[str] = "v1/products"
    model: ClassVar[type[Record]] = Product
    requests: ClassVar[tuple[type[Record], ...]] = (ProductIn,)
    operations: ClassVar[Mapping[str, Safety]] = {**READ, **WRITE, "delete": Safety.REPEATABLE}
    evidence: ClassVar[str] = "documented"
    rules: ClassVar[Rules] = staticmethod(check_product)
    #: The vendor's JavaScript SDK alone says of `active` that it is true by default, and not whether it means the filter.
    parts: ClassVar[tuple[Mapping[str, Any], ...]] = ({"active": True}, {"active": False})
    search: ClassVar[Search] = Search(compared=("code", "name", "account_group", "type", "reference"), unique=True)
    #: Of a Combo. A tax's `milliliters` and `rate` are not shown either; where it has them they are required, not lost,
    #: and nothing that Siigo shows of a tax says whether it has them.
    unshown: ClassVar[tuple[Unshown, ...]] = (Unshown("components[].quantity"),)

    def list(
        self,
        *,
        code: str | None = None,
        ids: Iterable[str] | None = None,
        created_start: Moment | None = None,
        created_end: Moment | None = None,
        updated_start: Moment | None = None,
        updated_end: Moment | None = None,
        updated_since: Moment | None = None,
        account_group: int | None = None,
        type: str | None = None,  # noqa: A002 - the vendor's word
        stock_control: bool | None = None,
        active: bool | None = None,
        page: int | None = None,
        page_size: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[Product]:
        """
        Stream the products.

        Args:
            code: A product's code.
            ids: Up to 20 ids.
            created_start: Created then or later; see `filters.Moment` for the forms of a moment.
            created_end: Created then or before.
            updated_start: Changed then or later; a change of the stock counts.
            updated_end: Changed then or before.
            updated_since: As `updated_start`, less the overlap: older products come too.
            account_group: Id of an account group. This and the next three are not on the vendor's older page.
            type: Product, Service, ConsumerGood or Combo.
            stock_control: With stock control, or without.
            active: In use, or not. Whether those that are not come without it is not said: `everything` asks for both.
            page: Page to begin with, from 1.
            page_size: Records on a page, 10 to 100.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Raises:
            ValidationFailed: A filter's value cannot be sent, such as a datetime without a time zone, or more than 20 ids.

        Source: Siigo, "Productos/Listar Productos".
        """
        return self._list(
            {
                "code": code,
                "ids": ids,
                "created_start": created_start,
                "created_end": created_end,
                "updated_start": self._updated_start(updated_start, updated_since),
                "updated_end": updated_end,
                "account_group": account_group,
                "type": type,
                "stock_control": stock_control,
                "active": active,
            },
            params,
            page=page,
            page_size=page_size,
            deadline=deadline,
            priority=priority,
        )

    def _candidates(self, document: Mapping[str, Any], since: datetime | None) -> AsyncIterable[Product]:
        return self._anywhere(code=document.get("code"), priority=Priority.NORMAL)


class AccountGroupsResource(CatalogueResource[AccountGroup], Replaceable[AccountGroup, AccountGroupIn]):
    """
    Account groups, which classify products (Siigo, "Categorías de Inventario").

    An answer has no code, so a group cannot be read, changed and written back: `update` takes code and name. Nor does
    it say when a group was changed: one that has the name of a lost `update` may have had it before.
    """

    name: ClassVar[str] = "account_groups"
    path: ClassVar[str] = "v1/account-groups"
    model: ClassVar[type[Record]] = AccountGroup
    requests: ClassVar[tuple[type[Record], ...]] = (AccountGroupIn,)
    operations: ClassVar[Mapping[str, Safety]] = {
        "list": Safety.REPEATABLE,
        "create": Safety.UNSAFE,
        "update": Safety.UNSAFE,
    }
    rules: ClassVar[Rules] = staticmethod(check_account_group)
    search: ClassVar[Search] = Search(compared=("name",))

    def _candidates(self, document: Mapping[str, Any], since: datetime | None) -> AsyncIterable[AccountGroup]:
        return self.list(priority=Priority.NORMAL)

    async def _current(self, id: str) -> AccountGroup | None:  # noqa: A002 - the vendor's word
        groups = await self.list(priority=Priority.NORMAL).collect()
        return next((group for group in groups if str(group.id) == str(id)), None)
