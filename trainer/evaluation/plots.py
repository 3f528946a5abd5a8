"""Plots as inline SVG: dots with intervals, one row each, and curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

COLOURS = ("#0b6e99", "#c4540c", "#5c7f3c", "#7a4b94")  # of the series, in order
BAND = "#e4e7ea"
WIDTH, LABEL, ROW = 760, 230, 22


@dataclass(frozen=True)
class Dot:
    """A value, and the interval in which it is sure to lie, where that is known."""

    value: float
    interval: Sequence[float] | None = None


def dots(
    rows: Mapping[str, Mapping[str, Dot]], marks: Sequence[float] = (), bands: Mapping[str, Sequence[float]] | None = None
) -> str:
    """One row a name, one dot a series. marks: values with an upright line; bands: of each row, a grey span."""
    bands = bands or {}
    series = list(dict.fromkeys(name for row in rows.values() for name in row))
    values = [v for row in rows.values() for d in row.values() for v in (d.value, *(d.interval or ()))]
    values += [*marks, *(v for band in bands.values() for v in band)]
    low, high = min(values), max(values)
    pad = 0.04 * (high - low or 1)
    low, high = low - pad, high + pad

    def x(value: float) -> float:
        return LABEL + (value - low) / (high - low) * (WIDTH - LABEL - 20)

    height = ROW * len(rows) + 44
    out = []
    for k, (name, row) in enumerate(rows.items()):
        y = ROW * k + 30
        if name in bands:
            a, b = bands[name]
            out.append(f'<rect x="{x(a):.1f}" y="{y - 8}" width="{x(b) - x(a):.1f}" height="16" fill="{BAND}"/>')
        out.append(f'<text x="{LABEL - 10}" y="{y + 4}" text-anchor="end">{escape(name)}</text>')
        for label, d in row.items():
            i = series.index(label)
            at, colour = y + 4 * (i - (len(series) - 1) / 2), COLOURS[i % len(COLOURS)]
            if d.interval:
                a, b = d.interval
                out.append(f'<line x1="{x(a):.1f}" x2="{x(b):.1f}" y1="{at}" y2="{at}" stroke="{colour}" stroke-width="2"/>')
            out.append(f'<circle cx="{x(d.value):.1f}" cy="{at}" r="3.4" fill="{colour}"/>')
    lines = [
        f'<line x1="{x(m):.1f}" x2="{x(m):.1f}" y1="18" y2="{height - 24}" stroke="#999" stroke-dasharray="3 3"/>' for m in marks
    ]
    ticks = [(low + pad) + (high - low - 2 * pad) * k / 4 for k in range(5)]
    axis = [f'<text x="{x(t):.1f}" y="{height - 6}" text-anchor="middle">{t:.3g}</text>' for t in ticks]
    return _svg(height, [*lines, *out, *axis, *_legend(series)])


def curves(
    lines: Mapping[str, Sequence[float | None]], columns: Sequence[str], span: Sequence[Sequence[float] | None] | None = None
) -> str:
    """One line a name over named columns, from 0 up; None leaves a gap. span: of each column, a grey range."""
    left, right, top, bottom = 50, WIDTH - 20, 26, 246
    values = [v for line in lines.values() for v in line if v is not None] + [v for s in span or () if s for v in s]
    high = max(1e-9, *values) * 1.05

    def at(k: int, value: float) -> tuple[float, float]:
        return left + (k + 0.5) / len(columns) * (right - left), bottom - value / high * (bottom - top)

    out = []
    for k, limits in enumerate(span or ()):
        if limits:
            (x, a), (_, b) = at(k, limits[0]), at(k, limits[1])
            out.append(f'<rect x="{x - 14:.1f}" y="{b - 2:.1f}" width="28" height="{a - b + 4:.1f}" fill="{BAND}"/>')
    for i, line in enumerate(lines.values()):
        points = [at(k, v) for k, v in enumerate(line) if v is not None]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        out.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[i % len(COLOURS)]}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[i % len(COLOURS)]}"/>' for x, y in points]
    for k, name in enumerate(columns):
        out.append(f'<text x="{at(k, 0)[0]:.1f}" y="{bottom + 18}" text-anchor="middle">{escape(name)}</text>')
    for k in range(5):
        x, y = left, at(0, high * k / 4)[1]
        out.append(f'<text x="{x - 6}" y="{y + 4:.1f}" text-anchor="end">{high * k / 4:.2g}</text>')
        out.append(f'<line x1="{x}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
    return _svg(bottom + 28, [*out, *_legend(list(lines))])


def _legend(names: Sequence[str]) -> list[str]:
    out, x = [], LABEL
    for i, name in enumerate(names):
        out.append(
            f'<circle cx="{x}" cy="9" r="4" fill="{COLOURS[i % len(COLOURS)]}"/><text x="{x + 8}" y="13">{escape(name)}</text>'
        )
        x += 30 + 7 * len(name)
    return out


def _svg(height: float, parts: Sequence[str]) -> str:
    head = f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" xmlns="http://www.w3.org/2000/svg">'
    return head + "".join(parts) + "</svg>"
