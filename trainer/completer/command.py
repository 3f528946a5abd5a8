"""The command line of ``python -m trainer train-completer``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def register(verbs: argparse._SubParsersAction) -> None:
    """Add the verb; what it needs is imported when it runs."""
    verb = verbs.add_parser("train-completer", help="train the network that gives a scan its missing maps; run again to resume")
    verb.add_argument("stores", type=Path, nargs="+", help="stores; coarse levels are read from the coarsest that has them")
    verb.add_argument("--outdir", type=Path, required=True, metavar="RUN", help="folder of the run: state, log, samples, model")
    verb.add_argument("--device", default="auto", help="auto, cpu or cuda")
    verb.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="any field of completer/config.py: --set steps=2000",
    )
    verb.set_defaults(run=_train)


def _train(options: argparse.Namespace) -> int:
    from gantlitz_blender.runtime.face_model import choose_device

    from ..store import Store
    from .config import configured
    from .run import MODEL, train

    config = configured(options.set)
    stores = [Store(folder, config.net.width) for folder in options.stores]
    trainer = train(config, stores, options.outdir, choose_device(options.device))
    if trainer.step < config.steps:
        print(f"stopped after step {trainer.step}, which is saved; run the same command again to go on", file=sys.stderr)
        return 130
    print(f"wrote {options.outdir / MODEL}")
    return 0
