"""From declared fields to a class of records: `model_of`."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from collections.abc import Callable, Mapping
from datetime import UTC, date, tzinfo
from decimal import Decimal
from typing import Any, Final

from ..records import quirks
from ..records.as_written import Amount, Day, Minutes
from ..records.model import Record, field, record
from ..records.quirks import Quirk
from ..records.structuring import Unfit, exact_decimal, exact_int, plain_date
from ..records.timestamps import Timestamp
from .declaration import Declaration, FieldEntry, ResourceEntry
from .names import python_name

#: Names that no field can have: what every record has, and the arguments of attrs and cattrs beside which a record's
#: fields stand.
TAKEN: Final = frozenset({"extra", "from_dict", "omit_none", "to_dict", "to_json"}) | frozenset(
    {"attrs", "cl", "converter", "self", "typevar_map"}
)
#: `0000-00-00`, with or without a time: what some databases write for no date.
_ZERO_DATE: Final = re.compile(r"0000-00-00(?:[T ]00:00(?::00(?:\.0+)?)?)?Z?")
_BRAZILIAN: Final = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?", re.ASCII)
_HOURS: Final = re.compile(r"(-?)(\d{1,6}):([0-5]\d)(?::[0-5]\d)?", re.ASCII)


def attribute_names(resource: ResourceEntry) -> dict[str, str]:
    """The Python names of a resource's fields, by their wire names; each once, and those that the file gives as given."""
    found = {wire: entry.name for wire, entry in resource.fields.items() if entry.name is not None}
    used = set(found.values())
    for wire, name in own_names(resource).items():
        found[wire] = _free(name, used)
        used.add(found[wire])
    return {wire: found[wire] for wire in _wires(resource)}


def own_names(resource: ResourceEntry) -> dict[str, str]:
    """What the vendor's names become in Python, of the fields that the file gives no other name; some may be equal."""
    named = {wire for wire, entry in resource.fields.items() if entry.name is not None}
    return {wire: python_name(wire, TAKEN) for wire in _wires(resource) if wire not in named}


def _free(name: str, used: set[str]) -> str:
    while name in used:
        name += "_"
    return name


def _wires(resource: ResourceEntry) -> list[str]:
    """The fields in order; the id is one, whether it is declared among them or not."""
    if resource.id is None or resource.id in resource.fields:
        return [*resource.fields]
    return [*resource.fields, resource.id]


def model_of(declaration: Declaration, name: str, resource: ResourceEntry) -> type[Record]:
    """
    Make the class of a resource's records.

    Every field may be missing or null, and what is not declared is kept: a resource file seldom describes all.

    Args:
        declaration: For formats and the time zone.
        name: The resource's.
        resource: Its entry.
    """
    zone: tzinfo = UTC if declaration.time_zone is None else zoneinfo.ZoneInfo(declaration.time_zone)
    annotations: dict[str, Any] = {}
    namespace: dict[str, Any] = {"__doc__": f"A record of {name}, as the resource file declares it.", "omit_none": True}
    for wire, attribute in attribute_names(resource).items():
        entry = resource.fields.get(wire)
        annotation, read = (Any, None) if entry is None else _way(entry, declaration.format_of(entry), zone)
        annotations[attribute] = annotation
        namespace[attribute] = field(wire=wire, default=None, read=read)
    namespace["__annotations__"] = annotations
    title = "".join(word.capitalize() for word in name.split("_"))
    return record(type(title, (Record,), {**namespace, "__module__": __name__}))


def _way(entry: FieldEntry, form: str | None, zone: tzinfo) -> tuple[Any, Quirk | None]:
    """The annotation of a field, and how its values are read."""
    fixed: Mapping[str, tuple[Any, Quirk | None]] = {
        "text": (str | None, quirks.text),
        "int": (int | None, Quirk(Any, _int_or_blank, int)),
        "decimal": (Decimal | None, quirks.decimal_or_blank),
        "object": (dict[str, Any] | None, None),
        "list": (list[Any] | None, None),
    }
    if entry.type in fixed:
        return fixed[entry.type]
    made: Mapping[str, Callable[[], tuple[Any, Quirk]]] = {
        "money": lambda: (Decimal | None, quirks.decimal_or_blank if form != "1.234,56" else brazilian_money),
        "date": lambda: (date | None, Quirk(Any, _day_reader(form))),
        "datetime": lambda: (Timestamp | None, Quirk(Any, _moment_reader(form, zone))),
        "duration": lambda: (int | None, Quirk(Any, _minutes, int)),
        "flag": lambda: (bool | None, quirks.flag if form is None else Quirk(Any, _flag_reader(form), bool)),
    }
    return made[entry.type]()


def _int_or_blank(value: Any) -> int | None:
    return None if value == "" else exact_int(value)


def _money(value: Any) -> Decimal | None:
    """An amount with a comma before the cents; a number of JSON's own stands for itself."""
    if not isinstance(value, str):
        return exact_decimal(value)
    text = value.removeprefix("R$").strip()
    if not text:
        return None
    if not _BRAZILIAN.fullmatch(text):
        raise Unfit("an amount like 1.234,56")
    return Amount.read(value, exact_decimal(text.replace(".", "").replace(",", ".")))


#: For `Decimal | None`: `1.234,56`, whose text is written back as it came.
brazilian_money: Final = Quirk(Any, _money, Decimal)


def _minutes(value: Any) -> int | None:
    """A duration in minutes: a whole number, or `HH:MM`, in whichever form it comes."""
    if isinstance(value, str) and (found := _HOURS.fullmatch(value.strip())):
        minutes = int(found[2]) * 60 + int(found[3])
        return Minutes.read(value, -minutes if found[1] else minutes)
    return _int_or_blank(value)


def _is_no_date(text: str) -> bool:
    return not text.strip() or _ZERO_DATE.fullmatch(text.strip()) is not None


def _day_reader(form: str | None) -> Callable[[Any], date | None]:
    def read(value: Any) -> date | None:
        if not isinstance(value, str):
            raise Unfit("date")
        if _is_no_date(value):
            return None
        if form is not None:
            return Day.read(value, datetime.datetime.strptime(value, form).date())  # noqa: DTZ007 - a day has no zone
        day = plain_date(value)
        return Day.read(value, Timestamp.parse(value).date()) if day is None else day

    return read


def _moment_reader(form: str | None, zone: tzinfo) -> Callable[[Any], Timestamp | None]:
    def read(value: Any) -> Timestamp | None:
        if not isinstance(value, str):
            raise Unfit("timestamp")
        if _is_no_date(value):
            return None
        if form is None:
            return Timestamp.parse(value, zone)
        moment = datetime.datetime.strptime(value, form)  # noqa: DTZ007 - the zone follows
        return Timestamp.written(value, moment if moment.tzinfo else moment.replace(tzinfo=zone))

    return read


def _flag_reader(form: str) -> Callable[[Any], bool]:
    yes, _, no = form.partition("/")

    def read(value: Any) -> bool:
        if isinstance(value, bool):
            return value
        word = str(value)
        if word not in (yes, no):
            raise Unfit(f"{yes} or {no}")
        return word == yes

    return read
