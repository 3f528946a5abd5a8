"""The command line of ``python -m trainer evaluate``."""

from __future__ import annotations

import argparse
from pathlib import Path


def register(verbs: argparse._SubParsersAction) -> None:
    """Add the verb; what it needs is imported when it runs."""
    verb = verbs.add_parser("evaluate", help="measure a model beside a store: JSON and a page of figures and pictures")
    verb.add_argument("model", type=Path, help="a .safetensors model, as export writes it")
    verb.add_argument("store", type=Path, help="store of people")
    verb.add_argument("-o", "--out", type=Path, default=Path("evaluation"), metavar="FOLDER", help="folder of the report")
    verb.add_argument(
        "--held-out",
        metavar="STORE|N",
        help="a store of people that the model has not learnt from, or how many of the last people of the store those are",
    )
    verb.add_argument("--faces", type=int, default=64, help="how many of the model's faces (default 64)")
    verb.add_argument("--psi", type=float, default=1.0, help="their truncation (default 1: none)")
    verb.add_argument("--level", type=int, help="measure at 1/2^level of the model's canvas (default: the store's size)")
    verb.add_argument("--patch", type=int, help="side of a patch in texels (default: about a twelfth of the width)")
    verb.add_argument("--places", type=int, default=48, help="patches a face, at most (default 48)")
    verb.add_argument("--truncated", type=int, default=24, help="faces at each psi of the truncation curve (default 24)")
    verb.add_argument("--draws", type=int, default=1000, help="of the bootstrap (default 1000)")
    verb.add_argument("--seed", type=int, default=0, help="of the places and of the order of the pictures")
    verb.add_argument("--device", default="auto", help="auto, cpu or cuda")
    verb.set_defaults(run=_evaluate)


def _evaluate(options: argparse.Namespace) -> None:
    from gantlitz_blender.runtime.face_model import FaceModel

    from .report import summary, write_report
    from .run import Asked, evaluate

    names = ("faces", "psi", "level", "patch", "places", "draws", "seed", "truncated", "held_out")
    asked = Asked(**{name: getattr(options, name) for name in names})
    model = FaceModel.load(options.model, options.device, "float32")  # the same figures on every machine
    found = evaluate(model, options.store, asked)
    for path in write_report(found, options.out):
        print(f"wrote {path}")
    print(summary(found.figures))
