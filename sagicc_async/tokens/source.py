"""Where credentials come from: given once, or read again from the caller when the vendor refuses them."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeAlias, TypeVar

import attrs

from ..errors import ConfigError
from ..secrets import Secret
from ..setting_values import types_of

C = TypeVar("C")

#: What `open` takes: the adapter's credentials class, a mapping with its fields, or a callable (sync or async) that
#: gives either. A callable is asked lazily, and again when the vendor refuses what it gave.
CredentialsInput: TypeAlias = (
    C | Mapping[str, Any] | Callable[[], C | Mapping[str, Any] | Awaitable[C | Mapping[str, Any]]]
)


@attrs.frozen(eq=False)
class CredentialSource(Generic[C]):
    """
    Reads credentials and gives them their class.

    Args:
        given: What the user handed to `open`.
        kind: The adapter's credentials class, an attrs class.
    """

    given: CredentialsInput[C] = attrs.field(repr=False)
    kind: type[C]

    def known(self) -> C | None:
        """The credentials, if they were given as such; `None` if they must be asked for."""
        return None if callable(self.given) else self._shape(self.given)

    async def read(self) -> C:
        """
        Ask for the credentials as they are now.

        A sync callable runs in a thread, since it may well ask a vault over the network.

        Raises:
            ConfigError: They do not have the shape that the adapter needs. No value of them is in the message.
        """
        given = self.given
        if not callable(given):
            return self._shape(given)
        if inspect.iscoroutinefunction(given):
            answer: Any = await given()
        else:
            answer = await asyncio.to_thread(given)
            if inspect.isawaitable(answer):
                answer = await answer
        return self._shape(answer)

    def _shape(self, value: object) -> C:
        if isinstance(value, self.kind):
            return value
        kind: Any = self.kind
        name = kind.__name__
        fields = [field.name for field in attrs.fields(kind) if field.init]
        if not isinstance(value, Mapping):
            raise ConfigError(f"credentials must be {name}, a mapping or a callable, not {type(value).__name__}")
        unknown = sorted(set(map(str, value)) - set(fields))
        if unknown:
            raise ConfigError(f"{name} has no field {', '.join(unknown)}; it has {', '.join(fields)}")
        try:
            return self.kind(**_revealed(kind, value))
        except (TypeError, ValueError):  # a validator's message may quote the value
            required = [field.name for field in attrs.fields(kind) if field.default is attrs.NOTHING]
            missing = [field for field in required if field not in value]
        raise ConfigError(f"{name} needs {', '.join(missing) or 'other values'}")


def _revealed(kind: type[Any], given: Mapping[Any, Any]) -> dict[str, Any]:
    """
    The fields, with a text where a text is declared: whoever read them may not have known that it is no secret.

    A `Secret` there would reach the vendor as `[redacted]`.
    """
    hints = types_of(kind)
    return {
        str(key): item.reveal() if isinstance(item, Secret) and hints.get(str(key)) in (str, str | None) else item
        for key, item in given.items()
    }
