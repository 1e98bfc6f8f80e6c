"""
A server that costs nothing: every answer rendered beforehand, a process of its own.

It speaks just enough of SERPI's envelope, of a Laravel paginator for Sagicc's and of Siigo's, for an adapter to stream
from it. It checks nothing; for strictness there is the sandbox.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from . import cores

_PAGE = re.compile(rb"[?&]pag(?:e|ina)=(\d+)")
_EMPTY = {"success": True, "code": 201, "message": "No se encontraron registros", "result": []}


def cost_centre(number: int) -> dict[str, Any]:
    """SERPI's cost centre: 4 fields, about 90 bytes."""
    return {
        "id": number,
        "codigo": f"{number:05d}",
        "abreviatura": f"A{number:04d}",
        "descripcion": f"CENTRO DE COSTOS DE PRUEBA {number}",
    }


def wide(number: int) -> dict[str, Any]:
    """A record of 25 fields, about 680 bytes, as accounting systems send them: some null, 0 to 2 contacts inside."""
    contacts = [
        {
            "nombre": f"Muñoz Peña {number} {i}",
            "correo": f"persona.{i}@empresa-{number}.example",
            "telefono": None if i else "+57 601 555 0100",
        }
        for i in range(number % 3)
    ]
    return {
        "id": number,
        **{f"campo_{i}": f"valor {i} del registro {number}" for i in range(8)},
        **{f"campo_{i}": f"opción {i} de {number}" if (number + i) % 2 else None for i in range(8, 11)},
        "contactos": contacts,
        **{f"numero_{i}": number + i for i in range(4)},
        **{f"numero_{i}": number * i if (number + i) % 2 else None for i in range(4, 6)},
        **{f"activo_{i}": (number + i) % 2 == 0 for i in range(2)},
        **{f"nulo_{i}": None for i in range(2)},
        "valor": 1000.25 + number,
        "saldo": 12345678.91,
    }


def case(number: int) -> dict[str, Any]:
    """Sagicc's case with two levels of relations: 0 to 3 `gestiones`, each with its `caso`; about 480 bytes."""
    gestiones = [
        {
            "id": number * 4 + i,
            "caso_id": number,
            "observacion": f"Se responde al cliente por teléfono, intento {i}",
            "created_at": "2026-01-31 08:15:00",
            "caso": {"id": number, "prioridad": "Alta"},
        }
        for i in range(number % 4)
    ]
    return {
        "id": number,
        "cliente_id": number % 1000,
        "asunto": f"El cliente pregunta por la factura {number}",
        "prioridad": "Alta",
        "fecha_cierre": None,
        "gestiones": gestiones,
    }


def invoice(number: int) -> dict[str, Any]:
    """Siigo's invoice with three items: 69 values in 21 objects, about 1,900 bytes."""
    items = [
        {
            "id": f"6f0c3b1e-52a4-4d0b-9d57-{number * 4 + i:012d}",
            "code": f"P{i:05d}",
            "description": f"Camiseta de algodón talla {i}",
            "quantity": 2,
            "price": round(1069.77 + i, 2),
            "discount": {"percentage": 5.0, "value": 106.98},
            "taxes": [{"id": 13156, "name": "IVA 19%", "type": "IVA", "percentage": 19.0, "value": 386.2}],
            "total": round(2418.76 + i, 2),
        }
        for i in range(3)
    ]
    return {
        "id": f"63f918c2-ff66-4d5c-9c12-{number:012d}",
        "document": {"id": 24446},
        "number": number,
        "name": f"FV-2-{number}",
        "date": "2026-01-15",
        "customer": {
            "id": "6b6ceb04-b2a1-4a40-8b7f-3b1a2c9d8e7f",
            "identification": f"9000{number:06d}",
            "branch_office": 0,
        },
        "cost_center": 235,
        "currency": {"code": "USD", "exchange_rate": 3825.03},
        "total": round(7259.28 + number, 2),
        "balance": 7259.28,
        "seller": 629,
        "stamp": {"status": "Accepted", "cufe": f"{number:096x}"},
        "mail": {"status": "sent", "observations": "The invoice was sent"},
        "observations": f"Pedido {number}",
        "items": items,
        "payments": [{"id": 5636, "name": "Crédito", "value": round(7259.28 + number, 2), "due_date": "2026-02-15"}],
        "public_url": f"https://documentview.siigo.com/document?data={number}",
        "global_discounts": [{"id": 13156, "name": "Descuento", "percentage": 10.0, "value": 132.0}],
        "metadata": {"created": "2026-01-15T13:33:17.208Z", "last_updated": None},
    }


RECORDS = {"cost_centre": cost_centre, "wide": wide, "case": case, "invoice": invoice}


def render(kind: str, size: int, pages: int, *, close: bool = False) -> list[bytes]:
    """The answers for page 1 to `pages`, and an empty one behind them."""
    bodies: list[dict[str, Any]] = []
    for page in range(pages):
        rows = [RECORDS[kind](page * size + i + 1) for i in range(size)]
        if kind == "case":
            extent = {"last_page": pages, "per_page": size, "to": (page + 1) * size, "total": pages * size}
            bodies.append({"current_page": page + 1, "data": rows, **extent})
        elif kind == "invoice":
            pagination = {"page": page + 1, "page_size": size, "total_results": pages * size}
            link = {"href": f"https://api.siigo.com/v1/invoices?page={page + 1}&page_size={size}"}
            bodies.append({"pagination": pagination, "results": rows, "_links": {"self": link}})
        else:
            envelope = {"success": True, "code": 200, "errors": None, "message": f"{size} registro(s) encontrados"}
            bodies.append({**envelope, "result": rows})
    return [_answer(body, close=close) for body in (*bodies, _EMPTY)]


def _answer(body: dict[str, Any], *, close: bool) -> bytes:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    head = [
        "HTTP/1.1 200 OK",
        "Content-Type: application/json; charset=utf-8",
        f"Content-Length: {len(content)}",
        *(["Connection: close"] if close else []),
    ]
    return "\r\n".join([*head, "", ""]).encode() + content


class _Connection(asyncio.Protocol):
    def __init__(self, answers: list[bytes], latency: float, *, close: bool) -> None:
        self._answers = answers
        self._latency = latency
        self._close = close
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._received.endswith(b"\r\n\r\n"):  # requests have no body
            found = _PAGE.search(self._received)
            number = int(found[1]) if found else 1
            self._received = b""
            answer = self._answers[min(number, len(self._answers)) - 1]
            if self._latency:
                asyncio.get_running_loop().call_later(self._latency, self._answer, answer)
            else:
                self._answer(answer)

    def _answer(self, answer: bytes) -> None:
        self._transport.write(answer)
        if self._close:
            self._transport.close()


async def _serve(kind: str, size: int, pages: int, latency: float, *, close: bool) -> None:
    answers = render(kind, size, pages, close=close)
    gc.freeze()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(answers, latency, close=close), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    # The parent holds the other end of stdin: when it goes, however it goes, so does the server.
    await loop.run_in_executor(None, sys.stdin.read)


@contextmanager
def serving(kind: str, size: int, pages: int, *, latency: float = 0.0, close: bool = False) -> Iterator[str]:
    """
    Run the server in a process of its own, away from the core of this one.

    Args:
        kind: Which of `RECORDS`.
        size: Records a page.
        pages: Pages of the list.
        latency: Seconds before each answer.
        close: Whether each answer ends its connection.

    Yields:
        The base URL.
    """
    command = [sys.executable, "-m", "benchmarks.server", kind, str(size), str(pages), "--latency", str(latency)]
    command += ["--close"] if close else []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        cores.move_away(process.pid)
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/api/v1"
        finally:
            process.stdin.close()
            process.wait(10)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=RECORDS)
    parser.add_argument("size", type=int)
    parser.add_argument("pages", type=int)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--close", action="store_true")
    arguments = parser.parse_args()
    asyncio.run(_serve(arguments.kind, arguments.size, arguments.pages, arguments.latency, close=arguments.close))
