"""The rules that SERPI documents for a cost centre, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator

from sagicc_async import FieldError, ValidationFailed

from .models import CentroCosto

#: Longest texts (SERPI, "API Documentos Contables/Centro Costos", POST and PUT).
_LONGEST = {"codigo": 5, "abreviatura": 5, "descripcion": 200}


def check_centro_costo(record: CentroCosto, *, updating: bool, account: str) -> None:
    """
    Check required fields and lengths.

    Args:
        record: What is to be sent.
        updating: Whether it replaces an existing one, so that `id` is required.
        account: The account's label, for the error.

    Raises:
        ValidationFailed: With all complaints at once; nothing was sent.
    """
    complaints = list(_complaints(record, updating=updating))
    if complaints:
        fields = ", ".join(dict.fromkeys(complaint.path for complaint in complaints))
        raise ValidationFailed(
            f"not sent: check {fields}",
            vendor="serpi",
            account=account,
            operation=f"centro_costo.{'update' if updating else 'create'}",
            errors=complaints,
            hint="the reasons stand in errors",
        )


def _complaints(record: CentroCosto, *, updating: bool) -> Iterator[FieldError]:
    if updating and record.id is None:
        yield _required("id")
    for name, longest in _LONGEST.items():
        value = getattr(record, name)
        if not isinstance(value, str) or not value.strip():
            yield _required(name)
        elif len(value) > longest:
            yield FieldError("too_long", name, f"{name} has {len(value)} characters, SERPI takes {longest}")


def _required(name: str) -> FieldError:
    return FieldError("required", name, f"El campo {name} es obligatorio")
