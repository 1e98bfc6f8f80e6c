"""Customers, suppliers and other third parties."""

from __future__ import annotations

from sagicc_async import field, record

from .base import SiigoRecord
from .common import Address, Contact, Metadata, Phone


@record
class IdType(SiigoRecord):
    """The kind of an identification; a request has its code alone (Siigo, "Clientes/Consultar Cliente"). 13 is text."""

    code: str | None = field(default=None)
    name: str | None = field(default=None)


@record
class FiscalResponsibility(SiigoRecord):
    """
    A fiscal responsibility (Siigo, "Clientes/Crear Cliente").

    Required: `code`: R-99-PN, O-13, O-15, O-23 or O-47. `name` stands in answers.
    """

    code: str | None = field(default=None)
    name: str | None = field(default=None)


@record
class RelatedUsers(SiigoRecord):
    """Who sells to a customer and who collects, by their ids in `/v1/users` (Siigo, "Clientes/Crear Cliente")."""

    seller_id: int | None = field(default=None)
    collector_id: int | None = field(default=None)


@record
class CustomField(SiigoRecord):
    """A field of the company's own: its key and its value (Siigo, "Clientes/Crear Cliente", the newer site)."""

    key: str | None = field(default=None)
    value: str | None = field(default=None)


@record
class Customer(SiigoRecord):
    """
    Third party (Siigo, "Clientes/Consultar Cliente").

    `type` is Customer, Supplier or Other, `person_type` Person or Company. `name` has two elements for a person, one
    for a company. Fields that are empty are absent from many answers, a contact's `phone` may have none.
    """

    id: str
    type: str | None = field(default=None)
    person_type: str | None = field(default=None)
    id_type: IdType | None = field(default=None)
    identification: str | None = field(default=None)
    check_digit: str | None = field(default=None)
    name: list[str] | None = field(default=None)
    commercial_name: str | None = field(default=None)
    branch_office: int | str | None = field(default=None)
    active: bool | None = field(default=None)
    vat_responsible: bool | None = field(default=None)
    fiscal_responsibilities: list[FiscalResponsibility] | None = field(default=None)
    address: Address | None = field(default=None)
    phones: list[Phone] | None = field(default=None)
    contacts: list[Contact] | None = field(default=None)
    comments: str | None = field(default=None)
    related_users: RelatedUsers | None = field(default=None)
    custom_fields: list[CustomField] | None = field(default=None)
    metadata: Metadata | None = field(default=None)


@record
class CustomerIn(SiigoRecord):
    """
    Third party (Siigo, "Clientes/Crear Cliente").

    Required: `person_type`, `id_type` (a code: 13, 31, ...), `identification`, `name` (two elements for a person, one
    for a company), `address`, `phones`, `contacts`. An update replaces the whole: a field that is left out ends empty.
    """

    type: str | None = field(default=None)
    person_type: str | None = field(default=None)
    id_type: str | None = field(default=None)
    identification: str | None = field(default=None)
    check_digit: str | None = field(default=None)
    name: list[str] | None = field(default=None)
    commercial_name: str | None = field(default=None)
    branch_office: int | str | None = field(default=None)
    active: bool | None = field(default=None)
    vat_responsible: bool | None = field(default=None)
    fiscal_responsibilities: list[FiscalResponsibility] | None = field(default=None)
    address: Address | None = field(default=None)
    phones: list[Phone] | None = field(default=None)
    contacts: list[Contact] | None = field(default=None)
    comments: str | None = field(default=None)
    related_users: RelatedUsers | None = field(default=None)
    custom_fields: list[CustomField] | None = field(default=None)
