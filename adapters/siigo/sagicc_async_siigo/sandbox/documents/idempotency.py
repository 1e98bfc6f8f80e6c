"""
The header Idempotency-Key.

Documented: a key that was used before answers the document that it created. Not documented, and the sandbox's own
choice: a key is remembered for ever, for its company and route; another body under it makes no difference; a request
that was refused uses up no key. A second request under a key cannot meet a first one that is still at work, since a
document comes into being in one step: of two at once the later one is answered with the document of the other, and
`duplicated_document` (409) does not occur.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sagicc_async.sandbox import Reply, Table

from ..context import Context, Handler

TABLE: Final = Table("idempotency_keys", lookups=("key",))

#: Makes a document of a request, keeps it and returns the answer.
Create = Callable[[Context], dict[str, Any]]


def once(scope: str, create: Create) -> Handler:
    """Return a handler that creates at most one document under a key."""

    def handle(context: Context) -> Reply:
        answer, replayed = made_once(context, scope, create)
        return context.answer(answer, context.settings.replay_status if replayed else 201)

    return handle


def made_once(context: Context, scope: str, create: Create) -> tuple[dict[str, Any], bool]:
    """
    Create a document unless its key did so before.

    Args:
        context: The request.
        scope: Where the key counts: a route.
        create: Makes the document.

    Returns:
        The answer, and whether it is a former one.
    """
    if context.idempotency_key is None:
        return create(context), False
    # Lookups compare without regard to case, keys do not.
    key = f"{scope}/{context.idempotency_key.encode().hex()}"
    found = context.store.find(TABLE.name, "key", key)
    if found is not None:
        return found.record["answer"], True
    answer = create(context)
    context.store.insert(TABLE.name, {"key": key, "answer": answer})
    return answer, False
