# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "sagicc-async-siigo", "uvicorn"]
# ///
"""
A web backend on Siigo: people look customers up and create invoices while an export of all invoices runs.

    export SIIGO_PARTNER_ID=MyProduct SIIGO_USERNAME=... SIIGO_ACCESS_KEY=... SIIGO_WEBHOOK_SECRET=...
    python web_backend.py

All of it shares one login, and the company's window of requests, in which people go before the export. So run it in one
process: each further one would take the window for itself alone.

Amounts leave as text ("1190.50"), which loses no digit in any client; they may come as text or as numbers.
`sagicc-async sandbox siigo` prints what to export for a Siigo on your own machine.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import uvicorn
from fastapi import Body, Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from sagicc_async import (
    Conflict,
    CredentialsRejected,
    DeadlineExceeded,
    NotFound,
    OutcomeUnknown,
    Priority,
    ProtocolError,
    RateLimited,
    RequestError,
    SessionManager,
    Timeouts,
    TokenBusy,
    ValidationFailed,
)
from sagicc_async.export import ExportProgress, export
from sagicc_async_siigo import Siigo, SiigoCredentials, batch_errors, parse_batch_notification
from sagicc_async_siigo.models import Customer, Invoice, InvoiceIn

logger: Final = logging.getLogger(__name__)


class ExportStatus(BaseModel):
    """How far the export is."""

    state: Literal["idle", "running", "done", "failed"] = "idle"
    records: int = 0
    total: int | None = None
    drifted: bool = False  # the list changed while it was read: export it again if it must be complete
    error: str | None = None


class InvoiceExport:
    """All invoices into a JSONL file: one export at a time, which goes on where an earlier one was interrupted."""

    def __init__(self, siigo: Siigo, file: Path, tasks: asyncio.TaskGroup) -> None:
        self._siigo, self._file, self._tasks = siigo, file, tasks
        self._task: asyncio.Task[None] | None = None
        self.status = ExportStatus()

    def start(self) -> None:
        """Start it in the task group, which does not end before it."""
        self.status = ExportStatus(state="running")
        self._task = self._tasks.create_task(self._run())

    def stop(self) -> None:
        """Interrupt it; what was written stays, and the next export goes on behind it."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        try:
            result = await export(self._siigo.invoices.list(), self._file, resume=True, progress=self._show)
            self.status.state, self.status.drifted = "done", result.drifted
        except Exception as error:  # whatever it is: out of the task group it would end the whole application
            logger.exception("the export of invoices failed")
            self.status.state, self.status.error = "failed", type(error).__name__

    def _show(self, progress: ExportProgress) -> None:
        self.status.records, self.status.total = progress.records, progress.total


@dataclass(frozen=True)
class Services:
    """What the routes share; the lifespan makes it."""

    siigo: Siigo
    invoice_export: InvoiceExport
    webhook_secret: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[Mapping[str, Services]]:
    """Everything ends in reverse: first the export, then the connections that it uses."""
    file, webhook_secret = Path(os.environ.get("EXPORT_FILE", "invoices.jsonl")), os.environ["SIIGO_WEBHOOK_SECRET"]
    settings = {"siigo": {"partner_id": os.environ.get("SIIGO_PARTNER_ID")}}
    async with SessionManager(settings=settings, timeouts=Timeouts(read=120, total=150)) as sessions:  # as Siigo asks
        siigo = sessions.open(Siigo, SiigoCredentials.from_env(), base_url=os.environ.get("SIIGO_BASE_URL"))
        async with asyncio.TaskGroup() as tasks:
            invoice_export = InvoiceExport(siigo, file, tasks)
            yield {"services": Services(siigo, invoice_export, webhook_secret)}
            invoice_export.stop()


async def services(request: Request) -> Services:
    """Give a route what the lifespan made."""
    made: Services = request.state.services
    return made


Shared = Annotated[Services, Depends(services)]
app: Final = FastAPI(title="A web backend on Siigo", lifespan=lifespan)


@app.get("/customers/{identification}")
async def customer(identification: str, shared: Shared) -> Customer:
    """Look a customer up. A person is waiting: this overtakes the export, and gives up after 2.5 seconds."""
    found = await shared.siigo.customers.list(
        identification=identification, priority=Priority.INTERACTIVE, deadline=2.5
    ).first()
    if found is None:
        raise HTTPException(404, "Siigo has no customer with this identification")
    return found


@app.post("/invoices", status_code=201)
async def create_invoice(
    invoice: Annotated[InvoiceIn, Body()],
    idempotency_key: Annotated[str, Header(min_length=1, description="Your order's number")],
    shared: Shared,
) -> Invoice:
    """Create an invoice. After a failure send the same request again, with the same key: one key is one invoice."""
    return await shared.siigo.invoices.create(invoice, key=idempotency_key, deadline=30)


@app.post("/exports/invoices", status_code=202)
async def start_export(shared: Shared) -> ExportStatus:
    """Start the export of all invoices."""
    if shared.invoice_export.status.state == "running":
        raise HTTPException(409, "the export is running already")
    shared.invoice_export.start()
    return shared.invoice_export.status


@app.get("/exports/invoices")
async def export_status(shared: Shared) -> ExportStatus:
    """Show how far the export is."""
    return shared.invoice_export.status


@app.post("/siigo/batches/{secret}", status_code=204, include_in_schema=False)
async def batch_done(secret: str, request: Request, shared: Shared) -> None:
    """Hear what became of a batch of invoices. Siigo signs nothing: only who knows the address is believed."""
    if not secrets.compare_digest(secret.encode(), shared.webhook_secret.encode()):
        raise HTTPException(404)
    try:
        notification = parse_batch_notification(await request.body())
    except ProtocolError as error:
        raise HTTPException(400, str(error)) from None
    for result in notification.invoices or ():
        refused = ", ".join(error.code for error in batch_errors(result))
        logger.info("batch %s, %s: %s", notification.id, result.idempotency_key, refused or result.name)


@dataclass(frozen=True)
class Answer:
    """What a caller of this backend is told of an error."""

    status: int
    detail: str
    retry_after: int | None = None  # seconds, where Siigo does not say how many


#: The nearest class counts: `RequestError` is for all that have no line of their own.
ANSWERS: Final[Mapping[type[RequestError], Answer]] = {
    NotFound: Answer(404, "Siigo has no such record"),
    ValidationFailed: Answer(422, "the values are refused; see errors"),
    Conflict: Answer(409, "it collides with what Siigo has; see errors"),
    RateLimited: Answer(503, "too many requests for this company", retry_after=10),
    TokenBusy: Answer(503, "Siigo is busy with another request", retry_after=5),
    DeadlineExceeded: Answer(504, "Siigo did not answer in time"),
    OutcomeUnknown: Answer(502, "nobody knows whether Siigo did it: look there before you send it again"),
    CredentialsRejected: Answer(503, "this service cannot reach Siigo at the moment"),
    RequestError: Answer(502, "Siigo failed; try again later"),
}


@app.exception_handler(RequestError)
async def tell(request: Request, error: RequestError) -> JSONResponse:
    """Tell callers what they can mend, field by field; the log has the rest."""
    answer = next(ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS)
    if answer.status >= 500:
        logger.warning("%s", error)
    errors = [{"code": item.code, "path": item.path, "message": item.message} for item in error.errors]
    return JSONResponse(
        {"detail": answer.detail, "errors": errors} if answer.status < 500 else {"detail": answer.detail},
        answer.status,
        {} if answer.retry_after is None else {"Retry-After": str(math.ceil(error.retry_after or answer.retry_after))},
    )


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    uvicorn.run(app, access_log=False)  # it would show the webhook's address, which is a secret
