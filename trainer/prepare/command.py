"""The command line of ``python -m trainer prepare``."""

from __future__ import annotations

import argparse
from pathlib import Path


def register(verbs: argparse._SubParsersAction) -> None:
    """Add the verb; what it needs is imported when it runs."""
    verb = verbs.add_parser("prepare", help="bring scans into a store: align, mask, complete; run again to go on")
    verb.add_argument("scans", type=Path, help="folder with a folder of maps per subject")
    verb.add_argument("store", type=Path, help="folder of the store")
    verb.add_argument("--dry-run", action="store_true", help="say what was found and what would be done; write nothing")
    verb.add_argument("--size", default="6144x4096", help="WxH of the store in texels (default 6144x4096)")
    verb.add_argument("--crop", default="0,0,1,1", metavar="L,T,R,B", help="part of each picture to use, as shares of its sides")
    verb.add_argument("--mask", default="auto", help="auto (the constant background), layout (the model's), whole, or a picture")
    verb.add_argument("--normals", default="auto", choices=("auto", "opengl", "directx"), help="green up or green down")
    verb.add_argument("--albedo", default="auto", choices=("auto", "srgb", "linear"), help="encoding of the albedo maps")
    verb.add_argument("--texels-per-mm", type=float, help="of the store (default: the model's layout, 18.5 at 6144 wide)")
    verb.add_argument("--displacement-mm", type=float, metavar="RANGE", help="from black to white, or for 1.0 of a float map")
    verb.add_argument("--high-pass", type=float, metavar="MM", help="longest wave of displacement to keep (default 10; 0: all)")
    verb.add_argument("--consent", help="what the people agreed to, for the card of a model that learns from the store")
    verb.add_argument("--licence", help="of all subjects (default: the first line of LICENSE*.txt beside the maps)")
    verb.add_argument("--workers", type=int, default=1, help="processes (default 1)")
    verb.set_defaults(run=_prepare)


def _prepare(options: argparse.Namespace) -> None:
    from gantlitz_blender.runtime.errors import GantlitzError

    from .run import prepare_scans
    from .settings import HIGH_PASS_MM, Settings

    try:
        width, height = (int(n) for n in options.size.lower().split("x"))
    except ValueError:
        raise GantlitzError(f"--size {options.size!r} is not a size.", "Write it as WxH, for instance 2048x2048.") from None
    try:
        left, top, right, bottom = (float(n) for n in options.crop.split(","))
    except ValueError:
        raise GantlitzError(f"--crop {options.crop!r} is no box.", "Write four numbers, for instance 0.1,0,0.9,1.") from None
    settings = Settings(
        size=(width, height),
        mask=options.mask,
        crop=(left, top, right, bottom),
        normals=options.normals,
        albedo=options.albedo,
        texels_per_mm=options.texels_per_mm,
        displacement_mm=options.displacement_mm,
        high_pass_mm=HIGH_PASS_MM if options.high_pass is None else options.high_pass,
        licence=options.licence,
        consent=options.consent,
    )
    prepare_scans(options.scans, options.store, settings, options.workers, options.dry_run)
