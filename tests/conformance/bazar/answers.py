"""What Bazar's answers mean."""

from __future__ import annotations

import msgspec

from sagicc_async import Action, Conflict, FieldError, NotFound, ProtocolError, ValidationFailed, Verdict

CODES = {"taken": Conflict, "missing": NotFound, "invalid": ValidationFailed}


class Complaint(msgspec.Struct):
    code: str
    message: str
    field: str = ""


class Body(msgspec.Struct):
    error: Complaint


def read_answer(response):
    if response.ok:
        if response.body.lstrip()[:1] in (b"{", b"["):
            return None
        return Verdict(action=Action.FAIL, error=ProtocolError, message="the answer is not Bazar's JSON")
    try:
        complaint = msgspec.json.decode(response.body, type=Body).error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if complaint.code not in CODES:
        return None
    return Verdict(
        action=Action.FAIL,
        error=CODES[complaint.code],
        message="Bazar refuses the request",
        code=complaint.code,
        errors=[FieldError(complaint.code, complaint.field, complaint.message)],
    )
