"""
What SERPI says about records that it does not take.

Texts marked [own] are the sandbox's own, because the vendor's are not documented: nothing should depend on them. The
others are the wiki's ("API Documentos Contables/Centro Costos"), two of them by analogy, as it shows them for one field.
Whether letter case counts where a value must be unique is not documented either: here `ab` is a duplicate of `AB`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagicc_async.sandbox import Row, Store

from .resources import Resource

_ID_DIGITS = 11


def id_errors(value: Any) -> list[str]:
    """Check the `id` of a PUT."""
    if value is None:
        return ["El campo id es obligatorio"]
    if not isinstance(value, int) or isinstance(value, bool):
        return ["El campo id debe ser un numero entero"]  # [own]
    if len(str(abs(value))) > _ID_DIGITS:
        return [f"El campo id supera la longitud maxima de {_ID_DIGITS}"]  # [own]
    return []


def field_errors(resource: Resource, record: Mapping[str, Any], store: Store, *, own_id: int | None) -> list[str]:
    """
    Check the fields of a POST or PUT; all complaints at once, as the vendor makes them.

    Args:
        resource: With its documented rules.
        record: What was sent.
        store: What exists.
        own_id: The id of the record that is modified, `None` for a new one.
    """
    errors: list[str] = []
    for name, rule in resource.rules.items():
        value = record.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            errors.append(f"El campo {name} es obligatorio")
        elif not isinstance(value, str):
            errors.append(f"El campo {name} debe ser texto")  # [own]
        elif len(value) > rule.length:
            errors.append(f"El campo {name} supera la longitud maxima de {rule.length}")  # [own]
        elif rule.article is not None:
            errors += _duplicate(store.find(resource.name, name, value), f"{rule.article} {name} {value}", own_id)
    return errors


def _duplicate(found: Row | None, subject: str, own_id: int | None) -> list[str]:
    if found is None or found.record["id"] == own_id:
        return []
    if own_id is None:
        return [f"{subject} ya existe"]
    return [f"{subject} ya esta asociado al id {found.record['id']}"]
