"""
What Siigo answers when it does not do what is asked: one function a kind of failure.

Codes are the vendor's. Where it prints no message for a code, the message is the sandbox's own; so is the status where
the vendor does not tie one to the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

from sagicc_async.sandbox import Reply, to_json

#: How the keys of the envelope are written: as synchronous answers have them, or as the batch notification has them.
Casing: TypeAlias = Literal["pascal", "lower"]

_DETAIL: Final = "Check the API documentation: https://developer.siigo.com/introduction/codigos-de-error/"


@attrs.frozen
class Failure:
    """
    One error of an answer.

    Args:
        code: The vendor's.
        message: What it says.
        params: The fields that it is about.
        status: The HTTP status of an answer whose first error this is.
        detail: Whether it points to the documentation of its code.
    """

    code: str
    message: str
    params: tuple[str, ...] = ()
    status: int = 400
    detail: bool = True

    def fields(self) -> dict[str, Any]:
        """Return it with the keys of the envelope."""
        link = f"{_DETAIL}{self.code}" if self.detail else None
        return {"Code": self.code, "Message": self.message, "Params": list(self.params), "Detail": link}


class Refused(Exception):
    """
    A request that gets no further.

    Args:
        failures: Every error of the answer; the first one decides the status.
        headers: Of the answer.
        rejected: The request broke the rate limit.
    """

    def __init__(self, *failures: Failure, headers: Mapping[str, str] | None = None, rejected: bool = False) -> None:
        super().__init__(*(failure.code for failure in failures))
        self.failures = failures
        self.headers: dict[str, str] = dict(headers or {})
        self.rejected = rejected

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return self.failures[0].status

    def envelope(self, casing: Casing = "pascal") -> dict[str, Any]:
        """Return the body of the answer."""
        body = {"Status": self.status, "Errors": [failure.fields() for failure in self.failures]}
        return body if casing == "pascal" else _lower(body)

    def reply(self, casing: Casing = "pascal") -> Reply:
        """Return the answer."""
        body = to_json(self.envelope(casing))
        return Reply(status=self.status, body=body, headers=self.headers, rejected=self.rejected)


def _lower(value: Any) -> Any:
    if isinstance(value, dict):
        return {name.lower(): _lower(inner) for name, inner in value.items()}
    return [_lower(inner) for inner in value] if isinstance(value, list) else value


# The way to the route.


def no_route(method: str, path: str) -> Failure:
    """Nothing is served there. A wrong method is answered alike, since the vendor lists no 405."""
    return Failure("not_found", f"The resource {method} {path} does not exist", status=404)


def unsupported_media_type() -> Failure:
    """A body that is not JSON; the status is the vendor's, it prints no code."""
    return Failure("unsupported_media_type", "The Content-Type must be application/json", status=415)


def unauthorized() -> Failure:
    """No token, or one that no longer opens anything. The vendor's message goes on; how is not known."""
    return Failure(
        "unauthorized",
        "Verify the authorization header: the token may be invalid or expired",
        status=401,
    )


def bad_credentials() -> Failure:
    """A username or access key that is not valid (any more)."""
    return Failure("unauthorized", "Verify the username and the access key", status=401)


def token_in_use() -> Failure:
    """A request on a token that is in use, where the user of the sandbox asked for that to be refused."""
    return Failure("unauthorized", "The token is in use", status=409)


def header_required(name: str) -> Failure:
    """A header is missing."""
    return Failure("header_required", f"The header {name} is required", (name,))


def invalid_partner_id() -> Failure:
    """A Partner-Id that is not alphanumeric, or too short or long."""
    return Failure("invalid_partner_id", "The header Partner-Id has an invalid value", ("Partner-Id",))


def requests_limit(wait: int) -> Failure:
    """Too many requests; the message says how many seconds to wait."""
    return Failure("requests_limit", f"Too many requests. Try again in {wait} seconds.", status=429)


def invalid_idempotency_key() -> Failure:
    """An Idempotency-Key with other characters than letters and digits, or too many."""
    return Failure("invalid_idempotency_key", "The header Idempotency-Key has an invalid value", detail=False)


def unreadable() -> Failure:
    """A body that is not JSON, or no object."""
    return Failure("invalid_type", "The body must be a JSON object")


# One field.


def parameter_required(name: str) -> Failure:
    """A field or query parameter is missing."""
    return Failure("parameter_required", f"The field {name} is required", (name,))


def parameter_empty(name: str) -> Failure:
    """A field has nothing in it."""
    return Failure("parameter_empty", f"The field {name} cannot be empty", (name,))


def parameter_not_allowed(name: str, reason: str) -> Failure:
    """A field that cannot be sent here."""
    return Failure("parameter_not_allowed", f"The field {name} is not allowed: {reason}", (name,))


def parameters_exclusive(*names: str) -> Failure:
    """Fields of which only one can be sent."""
    return Failure("parameters_exclusive", f"The fields {' and '.join(names)} are mutually exclusive", names)


def parameter_inactive(name: str) -> Failure:
    """A reference to something that is not active."""
    return Failure("parameter_inactive", f"The {name} is inactive", (name,))


def invalid_type(name: str, kind: str) -> Failure:
    """A value of another type."""
    return Failure("invalid_type", f"The field {name} must be {kind}", (name,))


def invalid_value(name: str, allowed: str) -> Failure:
    """A value that is not one of those that can be."""
    return Failure("invalid_value", f"The field {name} has an invalid value; it must be {allowed}", (name,))


def invalid_format(code: str, name: str) -> Failure:
    """A text that does not have its form: `invalid_code`, `invalid_name`, `invalid_email` and the like."""
    return Failure(code, f"The field {name} has an invalid format", (name,))


def length_max(name: str, most: int) -> Failure:
    """A text that is too long."""
    return Failure("length_max", f"The field {name} must have at most {most} characters", (name,))


def length_min(name: str, least: int) -> Failure:
    """A text that is too short."""
    return Failure("length_min", f"The field {name} must have at least {least} characters", (name,))


def invalid_amount(name: str, reason: str) -> Failure:
    """A number of money, quantity or percentage that cannot be."""
    return Failure("invalid_amount", f"The field {name} {reason}", (name,))


def invalid_range(name: str, least: int, most: int) -> Failure:
    """A whole number out of its range."""
    return Failure("invalid_range", f"The field {name} must be between {least} and {most}", (name,))


def invalid_date(name: str) -> Failure:
    """A date that is none."""
    return Failure("invalid_date", f"The field {name} must be a date: yyyy-MM-dd", (name,))


def invalid_moment(name: str) -> Failure:
    """A filter that is neither a date nor a UTC time."""
    return Failure("invalid_date", f"The parameter {name} must be yyyy-MM-dd or yyyy-MM-ddTHH:mm:ssZ", (name,))


def invalid_date_range(name: str, reason: str) -> Failure:
    """Dates that do not go together."""
    return Failure("invalid_date_range", f"The field {name} {reason}", (name,))


def invalid_url(name: str) -> Failure:
    """An address that is none."""
    return Failure("invalid_url", f"The field {name} must be a URL", (name,))


def invalid_array(name: str, reason: str) -> Failure:
    """An array that has too much or too little in it, or the same thing twice."""
    return Failure("invalid_array", f"The field {name} {reason}", (name,))


# References and rules.


def invalid_reference(name: str, value: object) -> Failure:
    """A reference to something that does not exist."""
    return Failure("invalid_reference", f"The {name} doesn't exist: {value}", (name,))


def already_exists(name: str) -> Failure:
    """A value that must be unique and is not."""
    return Failure("already_exists", f"The {name} already exists", (name,))


def not_found(name: str, value: object) -> Failure:
    """No record has this id."""
    return Failure("not_found", f"The {name} {value} was not found", (name,), status=404)


def duplicated_document() -> Failure:
    """The same document is being created."""
    return Failure("duplicated_document", "the document already exists", status=409)


def update_not_allowed(name: str, reason: str) -> Failure:
    """A field, or a record, that can no longer be changed."""
    return Failure("update_not_allowed", f"The {name} cannot be updated: {reason}", (name,))


def non_editable(name: str) -> Failure:
    """A field that never changes."""
    return Failure("non_editable", f"The field {name} cannot be edited", (name,))


def delete_not_allowed(name: str, reason: str) -> Failure:
    """A record that has movements or related transactions."""
    return Failure("delete_not_allowed", f"The {name} cannot be deleted: {reason}", (name,))


def disabled_functionality() -> Failure:
    """Something that is switched off."""
    return Failure("disabled_functionality", "This functionality is temporarily disabled.", status=403)
