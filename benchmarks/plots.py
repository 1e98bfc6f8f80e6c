"""
The figures of a question as a picture: a dot for each ratio, a line for its interval, a mark for its goal.

The axis is logarithmic, so that twice as much and half as much lie equally far from 1. The SVG is written by hand: it is
a few lines and rectangles, and text stays text.
"""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import attrs

from .report import Answer, Figure

_ROW: Final = 20
_HEAD: Final = 44
_LABELS: Final = 470
_AXIS: Final = 430
_NUMBERS: Final = 180
_INK: Final = "#1f2328"
_PALE: Final = "#d0d7de"
#: By verdict; without a goal there is none.
_COLOURS: Final = {"held": "#1a7f37", "open": "#9a6700", "missed": "#cf222e", "": "#57606a"}


@attrs.frozen
class _Scale:
    """From ratios to places on the axis."""

    low: float
    high: float

    @classmethod
    def of(cls, figures: Sequence[Figure]) -> _Scale:
        """Whole powers of two around all that is shown, 1 among them."""
        values = [1.0, *itertools.chain.from_iterable(_values(figure) for figure in figures)]
        return cls(math.floor(math.log2(min(values)) - 0.1), math.ceil(math.log2(max(values)) + 0.1))

    def __call__(self, ratio: float) -> float:
        share = (math.log2(max(ratio, 2**self.low)) - self.low) / (self.high - self.low)
        return round(_LABELS + _AXIS * share, 1)

    @property
    def ticks(self) -> list[float]:
        """The powers of two, or every second one of many."""
        step = 1 if self.high - self.low <= 8 else 2
        return [2.0**power for power in range(int(self.low), int(self.high) + 1, step)]


def _values(figure: Figure) -> list[float]:
    goal = [] if figure.goal is None else [figure.goal.limit]
    return [value for value in (figure.ratio.low, figure.ratio.median, figure.ratio.high, *goal) if value > 0]


def svg(title: str, figures: Sequence[Figure]) -> str:
    """
    Draw the figures of one question.

    Args:
        title: The heading.
        figures: What was measured, in the order of the table; neighbours of the same case share a heading.
    """
    scale = _Scale.of(figures)
    rows: list[str] = []
    y = _HEAD + _ROW
    for (case, what), group in itertools.groupby(figures, key=lambda figure: (figure.case, figure.what)):
        rows.append(_text(8, y + 14, f"{case}: {what}", weight="bold"))
        y += _ROW
        for figure in group:
            rows += _row(figure, y, scale)
            y += _ROW
    width, height = _LABELS + _AXIS + _NUMBERS, y + 12
    size = f'width="{width}" height="{height}"'
    canvas = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {size}'
    return "\n".join(
        [
            f'{canvas} font-family="system-ui, sans-serif" font-size="12">',
            f'<rect {size} fill="#ffffff"/>',
            _text(
                8,
                20,
                f"{title}: ratios, 1 = the same; a bar is the goal, green: held, ochre: open, red: missed",
                weight="bold",
            ),
            *_axis(scale, y),
            *rows,
            "</svg>\n",
        ]
    )


def _axis(scale: _Scale, bottom: int) -> Iterable[str]:
    for tick in scale.ticks:
        x, colour = scale(tick), _INK if tick == 1 else _PALE
        yield f'<line x1="{x}" y1="{_HEAD}" x2="{x}" y2="{bottom}" stroke="{colour}"/>'
        yield _text(x, _HEAD - 6, f"{tick:g}", anchor="middle")


def _row(figure: Figure, y: int, scale: _Scale) -> Iterable[str]:
    middle = y + _ROW // 2
    colour = _COLOURS[figure.verdict]
    yield _text(20, y + 14, f"{figure.variant} / {figure.against}")
    if figure.goal is not None:
        x = scale(figure.goal.limit)
        yield f'<line x1="{x}" y1="{y + 2}" x2="{x}" y2="{y + _ROW - 2}" stroke="{colour}" stroke-width="2"/>'
    low, high = scale(figure.ratio.low), scale(figure.ratio.high)
    yield f'<line x1="{low}" y1="{middle}" x2="{high}" y2="{middle}" stroke="{colour}" stroke-width="2"/>'
    yield f'<circle cx="{scale(figure.ratio.median)}" cy="{middle}" r="4" fill="{colour}"/>'
    yield _text(_LABELS + _AXIS + 12, y + 14, str(figure.ratio))


def _text(x: float, y: float, content: str, *, anchor: str = "start", weight: str = "normal") -> str:
    escaped = html.escape(content, quote=False)
    return f'<text x="{x}" y="{y}" fill="{_INK}" text-anchor="{anchor}" font-weight="{weight}">{escaped}</text>'


def draw(answers: Iterable[Answer], folder: Path) -> None:
    """Write `QUESTION.svg` for each question that has figures."""
    folder.mkdir(parents=True, exist_ok=True)
    for answer in answers:
        if answer.figures:
            picture = svg(answer.question.title, answer.figures)
            (folder / f"{answer.question.name}.svg").write_text(picture, encoding="utf-8")
