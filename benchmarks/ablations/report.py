"""The table of docs/ablations.md."""

from __future__ import annotations

import numpy as np

TITLES = {
    "joint": "KID joint",
    "agreement": "KID agreement",
    "albedo": "albedo",
    "normal": "normal",
    "specular": "specular",
    "displacement": "displacement",
    "slopes": "normal ~ slope",
    "position": "detail's place",
}


def table(rows: dict[str, list[dict[str, float]]]) -> str:
    """Markdown: mean and, in brackets, standard deviation over the seeds of each variant."""
    lines = [" | ".join(["", "variant", "seeds", *TITLES.values(), ""]).strip(), "|---" * (len(TITLES) + 2) + "|"]
    for name, runs in rows.items():
        cells = [_cell([run[key] for run in runs]) for key in TITLES]
        lines.append(f"| {name} | {len(runs)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(values: list[float]) -> str:
    digits = 1 if abs(np.mean(values)) >= 10 else 2
    mean = f"{np.mean(values):.{digits}f}"
    return f"{mean} ({np.std(values, ddof=1):.{digits}f})" if len(values) > 1 else mean
