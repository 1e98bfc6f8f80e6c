"""Read a body in all ways that there are, and write it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs
import msgspec

from sagicc_async import PageReader, Record, read_record
from sagicc_async_siigo import models

from .vendor_examples import exact

#: All classes of the models, by name.
WHOLE: Final = {
    name: value for name, value in vars(models).items() if isinstance(value, type) and issubclass(value, Record)
}


def encode(value: Any) -> bytes:
    return msgspec.json.Encoder(decimal_format="number").encode(value)


def as_written(value: Any) -> Any:
    """What is expected back: the same keys, and numbers by their digits."""
    if isinstance(value, dict):
        return {key: as_written(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_written(item) for item in value]
    return (type(value).__name__, str(value))


def unknown(made: Any) -> Iterator[str]:
    """Keys that no field declares, in a record and those inside it. A null of a declared field is none."""
    if isinstance(made, list):
        for item in made:
            yield from unknown(item)
    elif isinstance(made, Record):
        yield from (f"{type(made).__name__}.{key}" for key, item in made.extra.items() if item is not None)
        for attribute in attrs.fields(type(made)):
            yield from unknown(getattr(made, attribute.name))


def round_trip(model: type[Record], body: dict[str, Any]) -> Record:
    """Read a body in all three ways, and write it; give the record."""
    made = model.from_dict(body)
    page = PageReader(model, items="results")
    for _ in range(2):  # the first page teaches, the second is read with what was learned
        read = page.read(encode({"results": [body, body]}))
        assert read.problem is None, read.problem
        assert read.items == [made, made]
    single = read_record(model, encode(body))
    for record in (made, single, *read.items):
        assert record == made
        assert as_written(exact(record.to_json())) == as_written(body)
    return made
