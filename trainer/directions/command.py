"""The command line of ``python -m trainer directions``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def register(verbs: argparse._SubParsersAction) -> None:
    """Add the verb; what it needs is imported when it runs."""
    verb = verbs.add_parser("directions", help="give a model sliders with a meaning, from captured people")
    verb.add_argument("model", type=Path, help="a .safetensors model, as export writes it")
    verb.add_argument("store", type=Path, help="store of captured people, 768x512 or larger")
    verb.add_argument("-o", "--out", type=Path, required=True, metavar="MODEL", help="the model to write; may be the same file")
    verb.add_argument("--faces", type=int, default=1000, help="how many of the model's faces are read (default 1000)")
    verb.add_argument("--tried", type=int, default=16, help="on how many more the sliders are tried (default 16)")
    verb.add_argument("--device", default="auto", help="auto, cpu or cuda")
    verb.set_defaults(run=_directions)


def _directions(options: argparse.Namespace) -> None:
    from gantlitz_blender.runtime.face_model import choose_device
    from gantlitz_blender.runtime.model import checkpoint

    from ..store import Store
    from .run import add_directions

    width = checkpoint.load(options.model)[0].config.width
    about = add_directions(
        options.model, Store(options.store, width), options.out, options.faces, options.tried, choose_device(options.device)
    )
    print(table(about))
    print(f"wrote {options.out}")


def table(about: dict[str, Any]) -> str:
    """The figures of a model's directions, in Markdown."""
    rows = [
        "| label | read in people (R2) | linear in w (R2) | response | reach | monotonic | largest other | largest locked |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for label, f in about["figures"].items():
        free, locked = (max(f[kind].items(), key=lambda item: abs(item[1])) for kind in ("others", "locked"))
        name = f"{label} (dropped)" if label in about["dropped"] else label
        rows.append(
            f"| {name} | {f['read']:.2f} | {f['linear']:.2f} | {f['response']:.2f} | {f['reach']:.2f} | {f['monotonic']:.2f} "
            f"| {free[0]} {free[1]:+.2f} | {locked[0]} {locked[1]:+.2f} |"
        )
    rows += [f"\n{label} is no slider: {reason}." for label, reason in about["dropped"].items()]
    return "\n".join(rows)
