"""
The speed table of the README, in each of its languages, from the latest results.

    python -m benchmarks.readme
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from .compare import Ratio

_HERE: Final = Path(__file__).parent
READMES: Final = ("README.md", "README.es.md", "README.pt.md")

#: What the rows of the table are in the results; what they are called in it is a matter of its language.
_ROWS: Final = (
    "sagicc-async",
    "sagicc-async, through files",
    "aiohttp + msgspec -> attrs",
    "aiohttp + cattrs",
    "aiohttp + pydantic",
    "httpx + pydantic",
)
_SIZES: Final = (50, 100, 1000)
_AGAINST: Final = "aiohttp + msgspec.Struct"
_TABLE: Final = re.compile(r"(?<=\| 50 \| 100 \| 1000 \|\n\|---\|--:\|--:\|--:\|\n)(?:\|.*\n)+")


def figures(results: Any) -> Iterator[list[str]]:
    """
    The figures of the table, row by row.

    Args:
        results: What `results.json` holds.
    """
    found = {
        (each["case"], each["variant"], each["against"]): each["ratio"] for each in results["questions"]["records"]
    }
    for row in _ROWS:
        yield [str(Ratio(**found[f"typed, 25 fields, {size} a page", row, _AGAINST])) for size in _SIZES]


def filled(text: str, rows: Sequence[Sequence[str]]) -> str:
    """
    A README with these figures in its table.

    Args:
        text: The README.
        rows: The figures, row by row.
    """
    (table,) = _TABLE.findall(text)
    labels = [line.split(" | ")[0] for line in table.splitlines()]
    lines = [" | ".join([label, *row]) + " |\n" for label, row in zip(labels, rows, strict=True)]
    return text.replace(table, "".join(lines))


def main() -> None:
    """Fill them all."""
    rows = list(figures(json.loads((_HERE / "results.json").read_text(encoding="utf-8"))))
    for name in READMES:
        readme = _HERE.parent / name
        readme.write_text(filled(readme.read_text(encoding="utf-8"), rows), encoding="utf-8")


if __name__ == "__main__":
    main()
