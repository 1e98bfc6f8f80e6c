"""A document as a file: small, but real PDF and XML. What the vendor's look like is not documented."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape


def as_base64(content: bytes) -> str:
    """Write bytes as the vendor sends files."""
    return b64encode(content).decode()


def pdf(document: Mapping[str, Any]) -> bytes:
    """Return one page with the document's name, date and total."""
    line = f"{document['name']}  {document['date']}  {document['total']}"
    drawing = f"BT /F1 14 Tf 72 760 Td ({_pdf_text(line)}) Tj ET".encode("latin-1", "replace")
    return _assembled(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )


def xml(document: Mapping[str, Any]) -> bytes:
    """Return a UBL-like invoice with the document's name, date, buyer and total."""
    fields = {
        "ID": document["name"],
        "UUID": document.get("stamp", {}).get("cufe", ""),
        "IssueDate": document["date"],
        "CustomerAssignedAccountID": document["customer"]["identification"],
        "PayableAmount": document["total"],
    }
    inside = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items())
    root = f'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">{inside}</Invoice>'
    return f'<?xml version="1.0" encoding="UTF-8"?>{root}'.encode()


def _pdf_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _assembled(*objects: bytes) -> bytes:
    """Put numbered objects behind each other, with the table of where each begins."""
    content, starts = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        starts.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(content))
    return content + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + trailer
