"""
Async SDK for business APIs that give one token a company, and punish careless use of it.

A `SessionManager` owns every token: it serialises its use, renews it once for all callers, paces it, and survives
cancellation, crashes and rotation. Adapters of vendors are declarations on top, found through entry points.
"""

from .account import Account, Terms
from .adapter import Adapter, ErrorShareSettings, Settings
from .auth import Auth, Login
from .clock import Clock, SystemClock
from .config import AccountConfig, Credentials, load_account
from .error_share.files import FileErrorCounts
from .error_share.rules import ErrorShare
from .error_share.store import ErrorCounts
from .error_share.tally import OutcomeCount
from .errors import (
    Absent,
    AdapterNotFound,
    CheckpointMismatch,
    ConfigError,
    Conflict,
    CredentialsRejected,
    DeadlineExceeded,
    FieldError,
    Found,
    LeaseLost,
    NotFound,
    NotSent,
    Outcome,
    OutcomeUnknown,
    PagingLoop,
    PermissionDenied,
    ProtocolError,
    RateLimited,
    RequestError,
    SagiccAsyncError,
    ServerError,
    SessionClosed,
    StillOpen,
    TokenBusy,
    Unsupported,
    ValidationFailed,
)
from .findings import Finding
from .manager import SessionManager
from .observe.events import ErrorShareHigh, Event, LateOutcome, RequestFinished, RetryPlanned, ScopePaused, TokenRenewed
from .records import quirks
from .records.checkpoint import Checkpoint
from .records.convert import EncodedReader, PageData, PageReader, RawReader, read_record
from .records.model import Record, field, record
from .records.paging import LinkPaging, NumberPaging, OffsetPaging, Paging, SinglePage
from .records.plan import Reader
from .records.poll import Pass, Poll
from .records.prefetch import Prefetch
from .records.readers import DeclaredReaders, Readers
from .records.shape import wire_name
from .records.stream import Page, Stream
from .records.timestamps import Timestamp
from .records.walk import StreamStats
from .records.writing import to_wire
from .registry import InstalledAdapter, find_adapter, installed_adapters
from .resource import Capabilities, Resource, mount
from .secrets import Secret
from .tokens.cache import StoredToken, TokenCache
from .tokens.coordination import Coordinator, Lease, Scope, ScopeStatus
from .tokens.coordination.file import FileCoordinator
from .tokens.coordination.memory import MemoryCoordinator
from .tokens.coordination.postgres import PostgresCoordinator
from .tokens.coordination.redis import RedisCoordinator
from .tokens.file_cache import FileTokenCache
from .tokens.postgres_cache import PostgresTokenCache
from .tokens.redis_cache import RedisTokenCache
from .tokens.rules import TokenRules
from .tokens.slot import Token
from .tokens.window import Window
from .wire.classify import STATUS, Action, ErrorMap, Verdict
from .wire.limits import Timeouts
from .wire.request import Deadline, Priority, Request, Response, Safety
from .wire.retry import RetryPolicy

__all__ = [
    "STATUS",
    "Absent",
    "Account",
    "AccountConfig",
    "Action",
    "Adapter",
    "AdapterNotFound",
    "Auth",
    "Capabilities",
    "Checkpoint",
    "CheckpointMismatch",
    "Clock",
    "ConfigError",
    "Conflict",
    "Coordinator",
    "Credentials",
    "CredentialsRejected",
    "Deadline",
    "DeadlineExceeded",
    "DeclaredReaders",
    "EncodedReader",
    "ErrorCounts",
    "ErrorMap",
    "ErrorShare",
    "ErrorShareHigh",
    "ErrorShareSettings",
    "Event",
    "FieldError",
    "FileCoordinator",
    "FileErrorCounts",
    "FileTokenCache",
    "Finding",
    "Found",
    "InstalledAdapter",
    "LateOutcome",
    "Lease",
    "LeaseLost",
    "LinkPaging",
    "Login",
    "MemoryCoordinator",
    "NotFound",
    "NotSent",
    "NumberPaging",
    "OffsetPaging",
    "Outcome",
    "OutcomeCount",
    "OutcomeUnknown",
    "Page",
    "PageData",
    "PageReader",
    "Paging",
    "PagingLoop",
    "Pass",
    "PermissionDenied",
    "Poll",
    "PostgresCoordinator",
    "PostgresTokenCache",
    "Prefetch",
    "Priority",
    "ProtocolError",
    "RateLimited",
    "RawReader",
    "Reader",
    "Readers",
    "Record",
    "RedisCoordinator",
    "RedisTokenCache",
    "Request",
    "RequestError",
    "RequestFinished",
    "Resource",
    "Response",
    "RetryPlanned",
    "RetryPolicy",
    "Safety",
    "SagiccAsyncError",
    "Scope",
    "ScopePaused",
    "ScopeStatus",
    "Secret",
    "ServerError",
    "SessionClosed",
    "SessionManager",
    "Settings",
    "SinglePage",
    "StillOpen",
    "StoredToken",
    "Stream",
    "StreamStats",
    "SystemClock",
    "Terms",
    "Timeouts",
    "Timestamp",
    "Token",
    "TokenBusy",
    "TokenCache",
    "TokenRenewed",
    "TokenRules",
    "Unsupported",
    "ValidationFailed",
    "Verdict",
    "Window",
    "field",
    "find_adapter",
    "installed_adapters",
    "load_account",
    "mount",
    "quirks",
    "read_record",
    "record",
    "to_wire",
    "wire_name",
]
