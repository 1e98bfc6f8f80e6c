"""What the author of an adapter tells the suite: which list to read, which writes to make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from ...errors import RequestError


@attrs.frozen(init=False, eq=False)
class Write:
    """
    A write that the suite may make, as often as it likes: each time at a sandbox of its own.

        Write("cost_centers", "create", {"code": "Z1"})
        Write("cost_centers", "update", lambda vendor: vendor.rows("cost_centers")[0]["id"], {"name": "other"})

    The sandbox has at least the first ten of its records. A function among the arguments is given the sandbox's vendor,
    and what it returns is sent.

    Args:
        resource: The resource.
        operation: One of its `operations`.
        arguments: What the operation is called with.
        options: Its keywords.
    """

    resource: str
    operation: str
    arguments: tuple[Any, ...] = attrs.field(repr=False)
    options: Mapping[str, Any] = attrs.field(repr=False)

    def __init__(self, resource: str, operation: str, /, *arguments: Any, **options: Any) -> None:
        self.__attrs_init__(resource, operation, arguments, options)

    @property
    def name(self) -> str:
        """How it is called in messages."""
        return f"{self.resource}.{self.operation}"


@attrs.frozen(kw_only=True)
class Samples:
    """
    Samples of a vendor's records and answers, and where the sandbox needs to be told something.

    Args:
        list: The resource whose list is read: one that has many pages, and amounts of money if the vendor has any.
        writes: Writes that may be made.
        errors: The vendor's own error answers: HTTP status, body, and the error that it means.
        arguments: Keywords that the lists of some resources cannot do without.
        rows: Records that the writes need, by resource; they are added to every sandbox.
        settings: Settings of `open`, besides those that the sandbox asks its clients for.
        sandbox: Settings of the sandbox.
        limited: Settings of the sandbox under which it lets in few requests in a window (about ten).
        records: How many records the sandbox invents, at least 40.
        no_lookup: Writes whose outcome cannot be looked up (`resource.operation`), and why.
    """

    list: str
    writes: Sequence[Write] = ()
    errors: Sequence[tuple[int, bytes | str, type[RequestError]]] = ()
    arguments: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    rows: Mapping[str, Sequence[Mapping[str, Any]]] = attrs.field(factory=dict)
    settings: Mapping[str, Any] = attrs.field(factory=dict)
    sandbox: Mapping[str, Any] = attrs.field(factory=dict)
    limited: Mapping[str, Any] = attrs.field(factory=dict)
    records: int = attrs.field(default=60, validator=attrs.validators.ge(40))
    no_lookup: Mapping[str, str] = attrs.field(factory=dict)
