"""``info``: what a model is."""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def add(commands: argparse._SubParsersAction, prog: str) -> None:  # type: ignore[type-arg]
    """Add the command to the parser."""
    parser = commands.add_parser("info", help="say what a model is", description="Says what a model is and where it is from.")
    parser.set_defaults(run=_run)
    parser.add_argument("model", nargs="?", type=Path, metavar="MODEL", help="a .safetensors model; default: the bundled one")


def _run(options: argparse.Namespace) -> int:
    from ..face_model import FaceModel

    model = FaceModel.load(options.model, "cpu")
    sizes = ", ".join(f"{model.width >> k} x {model.height >> k}" for k in range(model.levels + 1))
    print(f"name        {model.name}")
    print(f"sha256      {model.sha256}")
    print(f"canvas      {model.width} x {model.height}")
    print(f"levels      {sizes}")
    print(f"modalities  {', '.join(model.modalities)}")
    print(f"labels      {', '.join(model.directions.labels) or 'none'}")
    print(f"parameters  {model.parameters:,}")
    print(f"licence     {model.licence or 'not stated'}")
    print(f"provenance  {json.dumps(model.provenance, indent=2, ensure_ascii=False)}")
    return 0
