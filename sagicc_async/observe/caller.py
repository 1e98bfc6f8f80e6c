"""
Whose context hooks are called in: the caller's, also where a task works for it that has an empty context of its own.

An empty context keeps a caller's deadline and priority from leaking into work for everybody; yet who hears of that work wants
to know whose it was: the current span of a trace, the id of a web request.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context

_caller: ContextVar[Context | None] = ContextVar("sagicc_async_caller", default=None)


def context_for_caller() -> Context:
    """A context for a task that works for this caller: empty but for the way back, `in_callers_context`."""
    context, caller = Context(), _caller.get()
    context.run(_caller.set, copy_context() if caller is None else caller)
    return context


def in_callers_context(tell: Callable[[], object]) -> None:
    """Call it in the context of the caller that the code here works for; where that is here, just call it."""
    caller = _caller.get()
    if caller is None:
        tell()
    else:
        caller.copy().run(tell)  # a copy, as one context cannot be entered twice: what hears of something may do more
