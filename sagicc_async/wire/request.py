"""What travels: `Request`, `Response`; and what a caller wishes for it: `Deadline`, `Priority`, `Safety`."""

from __future__ import annotations

import datetime
import decimal
import email.utils
import enum
import functools
import re
import urllib.parse
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from types import MappingProxyType, TracebackType
from typing import Any, Final, Self, TypeAlias

import attrs
import msgspec
from multidict import CIMultiDict, CIMultiDictProxy

from ..clock import SystemClock
from ..errors import ConfigError

_NO_HEADERS: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())
_ambient_clock = SystemClock()


class Priority(enum.IntEnum):
    """
    Who goes first when requests wait for one token or window: lower numbers do.

    Each member is a context, so `with Priority.interactive():` marks every call made inside.
    """

    INTERACTIVE = 0
    NORMAL = 1
    BULK = 2

    @classmethod
    def interactive(cls) -> Priority:
        """A person is waiting: overtakes everything that has not started yet."""
        return cls.INTERACTIVE

    @classmethod
    def normal(cls) -> Priority:
        """The default of single calls."""
        return cls.NORMAL

    @classmethod
    def bulk(cls) -> Priority:
        """The default of streams; ageing keeps it from starving."""
        return cls.BULK

    def __enter__(self) -> Self:
        _priorities.set((*_priorities.get(), self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _priorities.set(_priorities.get()[:-1])


class Deadline:
    """
    How long a call may take in all: queues, lease, window, every attempt and the waits between them.

    Use it as a context around calls, or hand it (or plain seconds) to a call as `deadline=`. Of nested deadlines the
    nearest holds. A stream applies the seconds to each of its pages.

    Time runs from entering the context, in each task that enters it; without a context, from making the object.

    Args:
        seconds: More than zero.

    Raises:
        ConfigError: `seconds` is not a number greater than zero.
    """

    __slots__ = ("_ends", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds: float = _positive(seconds)
        self._ends = _ambient_clock.now() + self.seconds

    def remaining(self) -> float:
        """Seconds that are left; negative once the deadline has passed."""
        entered = (ends for scope, ends in reversed(_deadlines.get()) if scope is self)
        return next(entered, self._ends) - _ambient_clock.now()

    def __enter__(self) -> Self:
        _deadlines.set((*_deadlines.get(), (self, _ambient_clock.now() + self.seconds)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _deadlines.set(_deadlines.get()[:-1])

    def __repr__(self) -> str:
        return f"Deadline({self.seconds:g})"


def _positive(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        raise ConfigError("a deadline is a number of seconds greater than 0")
    return float(value)


# Stacks instead of tokens: a context variable's token belongs to one context, a stack may be left in any copy of it.
# When a deadline ends stands here too, not in the object: many tasks may share one, each with its own time.
_priorities: ContextVar[tuple[Priority, ...]] = ContextVar("sagicc_async_priorities", default=())
_deadlines: ContextVar[tuple[tuple[Deadline, float], ...]] = ContextVar("sagicc_async_deadlines", default=())


def chosen_priority(given: Priority | None, default: Priority) -> Priority:
    """The priority of a call made here: the one given, else the innermost context's, else the default."""
    if given is not None:
        return Priority(given)
    scopes = _priorities.get()
    return scopes[-1] if scopes else default


def seconds_left(given: Deadline | float | None, default: float | None = None) -> float | None:
    """Seconds that a call made here may take: the nearest of the deadline given and those around it, else `default`."""
    now = _ambient_clock.now()
    limits = [ends - now for _, ends in _deadlines.get()]
    if given is not None:
        limits.append(given.remaining() if isinstance(given, Deadline) else Deadline(given).seconds)
    return min(limits, default=default)


def seconds_per_page(given: Deadline | float | None, default: float | None = None) -> float | None:
    """Seconds that each page of a stream made here may take: the least given here or around it, else `default`."""
    limits = [scope.seconds for scope, _ in _deadlines.get()]
    if given is not None:
        limits.append(given.seconds if isinstance(given, Deadline) else Deadline(given).seconds)
    return min(limits, default=default)


class Safety(enum.Enum):
    """Whether an operation may be sent again when its outcome is not known."""

    REPEATABLE = "repeatable"
    """Sending it twice changes nothing: reads, and writes that the vendor documents so."""

    KEYED = "keyed"
    """Repeatable while it carries the same idempotency key."""

    UNSAFE = "unsafe"
    """Never sent twice once a byte of it may be out, unless the vendor refused it before doing anything."""

    ONCE = "once"
    """Never sent twice once a byte of it may be out; only a token that was refused is renewed first."""


#: A method of HTTP, which is one word: a blank or a line break would begin another part of the request.
_METHOD: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def verb_of(method: str) -> str:
    """
    An HTTP method as it is sent: in capitals.

    Raises:
        ConfigError: It is none.
    """
    try:
        fits = _METHOD.fullmatch(method)
    except TypeError:  # it is no text
        fits = None
    if fits is None:
        raise ConfigError("the method of a request is one word of HTTP, such as GET or POST")
    return method.upper()


#: A value of a query parameter; a list sends it several times.
Parameter: TypeAlias = "str | int | list[str] | None"


@attrs.frozen(kw_only=True)
class Request:
    """
    One request, without the account's credentials.

    Args:
        method: HTTP method; kept and sent in capitals.
        path: Below the account's base URL (`CentroCosto`), or a whole URL of the same origin.
        params: Query, in the order to be sent; `None` values are left out, a list sends its parameter several times.
        headers: Further headers. Credentials are added by the gate.
        body: Bytes to send.
        content_type: Type of `body`.
        redirects: Whether a redirect of a read is followed inside the origin. A write's never is.
        if_too_large: What to do about an answer beyond `max_body`, for the error's hint.
    """

    method: str = attrs.field(converter=verb_of)
    path: str
    params: Mapping[str, Parameter] = attrs.field(
        factory=dict, repr=lambda params: repr(sorted(params))
    )  # a token may be one
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    body: bytes | None = attrs.field(default=None, repr=False)
    content_type: str = "application/json; charset=utf-8"
    redirects: bool = True
    if_too_large: str | None = None

    def url(self, base_url: str, further: Mapping[str, Parameter] = MappingProxyType({})) -> str:
        """
        The whole URL, percent-encoded.

        Args:
            base_url: Where the account's vendor is.
            further: Parameters beside the request's own, which they replace where the names are the same.

        Raises:
            ConfigError: A parameter is neither text nor a whole number: only the vendor's own form of it can be sent. Or
                the path holds a control character.
        """
        path = self.path if _SENT_AS_IT_IS.fullmatch(self.path) else _encoded(self.path)
        if is_whole(path):
            whole = path
        else:
            whole = f"{base_url.rstrip('/')}/{path.lstrip('/')}"
        query = ""
        for name, value in {**self.params, **further}.items():
            if type(value) is int:  # the place and the size of a page, in every request of a stream
                query += f"&{_name(name)}={value}"
                continue
            for one in value if isinstance(value, list) else (value,):
                if one is not None:
                    query += f"&{_name(name)}={_quote(_word(name, one))}"
        if not query:
            return whole
        return whole + query if "?" in whole else f"{whole}?{query[1:]}"


_WHOLE = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)
#: What stands in a path, and in a query behind it, without being encoded. A % is taken for the caller's own encoding.
_KEPT: Final = "/%?&=:@!$'()*+,;~[]"
_SENT_AS_IT_IS: Final = re.compile(rf"[\w.{re.escape(_KEPT)}-]*", re.ASCII)
#: A control character, line breaks among them.
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


def _encoded(path: str) -> str:
    """A path with blanks, `#` and what is not ASCII percent-encoded; of a whole URL all but its origin."""
    if CONTROL.search(path):
        raise ConfigError(f"the path {safe_path(path)!r} holds a line break or another control character; take it out")
    whole = _WHOLE.match(path)
    start = whole.end() if whole else 0
    return path[:start] + urllib.parse.quote(path[start:], safe=_KEPT)


def _word(name: str, value: object) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ConfigError(
            f"the parameter {name} is text or a whole number, not {type(value).__name__}; write it as the vendor does"
        )
    return value


def _quote(value: str | int) -> str:
    if isinstance(value, int) or (value.isascii() and value.isalnum()):
        return str(value)
    return urllib.parse.quote(value, safe="")  # a blank is %20, which every server reads as one; + is HTML's own way


#: The same for names, which are few and always the same ones; values may be secrets, and are not kept.
_name: Final[Callable[[str], str]] = functools.lru_cache(maxsize=1024)(_quote)


@attrs.frozen
class Response:
    """
    A complete answer.

    Args:
        status: HTTP status.
        headers: Case-insensitive headers.
        body: The whole body, decompressed.
        request_id: The id under which this SDK logged the request.
        method: HTTP method of the request.
    """

    status: int
    headers: CIMultiDictProxy[str] = attrs.field(default=_NO_HEADERS, repr=False)
    body: bytes = attrs.field(default=b"", repr=lambda body: f"<{len(body)} bytes>")
    request_id: str = ""
    method: str = "GET"

    @property
    def ok(self) -> bool:
        """Whether the status is one of success (2xx)."""
        return 200 <= self.status < 300

    @property
    def date(self) -> datetime.datetime | None:
        """The vendor's clock when it answered, from the `Date` header; `None` if there is none that can be read."""
        text = self.headers.get("Date")
        if text is None:
            return None
        try:
            moment = email.utils.parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)

    def json(self) -> Any:
        """
        The body as plain Python values, numbers exact (`Decimal` where there is a fraction or an exponent).

        Raises:
            msgspec.DecodeError: The body is not JSON.
        """
        return _exact_json.decode(self.body)


_exact_json = msgspec.json.Decoder(float_hook=decimal.Decimal)


@attrs.frozen
class Origin:
    """
    Scheme, host and port: what credentials are pinned to.

    Args:
        scheme: `https`, or `http`.
        host: In lower case.
        port: Also where it is the scheme's own.
        prefix: How the base URL spells it, up to and with the slash behind the host.
    """

    scheme: str
    host: str
    port: int
    prefix: str = attrs.field(eq=False)

    def holds(self, url: str) -> bool:
        """
        Whether a URL lies in this origin.

        Raises:
            ConfigError: It is no URL at all.
        """
        # The spelling of the base URL up to the slash decides in the common case; parsing every URL costs too much.
        return url.startswith(self.prefix) or origin_of(url) == self


def origin_of(url: str) -> Origin:
    """
    The origin of a URL.

    Raises:
        ConfigError: The URL has no scheme or host, carries a user and password, or its port is no number.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urllib.parse.urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError("a base URL looks like https://host/path; check base_url")
    if parts.username or parts.password:
        raise ConfigError("a base URL must not carry a user or password; give them as credentials")
    return Origin(
        parts.scheme,
        parts.hostname.lower(),
        port or (443 if parts.scheme == "https" else 80),
        f"{parts.scheme}://{parts.netloc}/",
    )


def check_base(url: str, origin: Origin) -> None:
    """
    Refuse what no path can be put behind, or what would be sent to no host.

    Args:
        url: A base URL.
        origin: Its origin.

    Raises:
        ConfigError: It is none; the message says what to change.
    """
    if " " in url or CONTROL.search(url):
        raise ConfigError("a base URL has no blanks or line breaks, also not around it; check base_url")
    if "?" in url or "#" in url:
        raise ConfigError(
            f"a base URL ends before its ? or #: give {safe_url(url)}, and parameters with each call (params=)"
        )
    if not _SENT_AS_IT_IS.fullmatch(urllib.parse.urlsplit(url).path):
        raise ConfigError("the path of a base URL is percent-encoded (%C3%B1 for ñ); check base_url")
    try:
        origin.host.encode("idna")
    except UnicodeError:
        raise ConfigError(f"{origin.host} cannot be the name of a host; check base_url") from None


def is_whole(path: str) -> bool:
    """Whether a request's path is a whole URL; one whose query holds a URL is none."""
    return "://" in path and _WHOLE.match(path) is not None


def safe_path(path: str) -> str:
    """A request's path for logs and errors: without query and fragment, and without a user if it is a whole URL."""
    return safe_url(path) if is_whole(path) else path.partition("?")[0].partition("#")[0]


def safe_url(url: str) -> str:
    """A URL for logs and errors: origin and path, without query, user or fragment."""
    try:
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "(not a URL)"
    where = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{where}{f':{port}' if port else ''}{parts.path}"
