"""The laws, by what they are about; importing this declares all of them."""

from . import admission, declarations, errors, leaks, logins, paging, records, retries, secrecy, windows, writes

__all__ = [
    "admission",
    "declarations",
    "errors",
    "leaks",
    "logins",
    "paging",
    "records",
    "retries",
    "secrecy",
    "windows",
    "writes",
]
