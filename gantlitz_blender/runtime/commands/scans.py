"""``complete`` and ``upscale``: scans without Blender."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..scan_request import METHODS
from .options import Help, add_batch, add_dask, add_model, add_profile, made_by, settings

EXAMPLES = """examples:
  A photograph's albedo, whose layout eleven points tell:
    {prog} {verb} head_albedo.png --points points.json --width 4096 --outdir {done}
  All scans of a folder (a folder each, or anna_albedo.png, ben_albedo.png, ...); one that is damaged is skipped and listed:
    {prog} {verb} scans --points points.json --outdir {done}
  What that would make, and how much disk it takes:
    {prog} {verb} scans --points points.json --outdir {done} --dry-run
"""


def add(commands: argparse._SubParsersAction, prog: str) -> None:  # type: ignore[type-arg]
    """Add both commands to the parser."""
    complete = commands.add_parser(
        "complete",
        help="make the missing maps of scans",
        description="Makes the maps that a scan has not: albedo, normal, specular, displacement. The scan's own maps are kept. "
        "Its UV layout may be any: say with --points where its features lie (docs/alignment.md), or leave a points.json beside "
        "its maps; without, it must be the model's.",
        epilog=EXAMPLES.format(prog=prog, verb="complete", done="completed"),
        formatter_class=Help,
    )
    _add_common(complete)
    complete.add_argument(
        "--method", choices=METHODS, default="fast",
        help="fast: the completer (default). fit: the model's own nearest face, as a recipe that can be edited; fit-from-fast: "
        "likewise, drawn towards what fast made. Fits take minutes",
    )  # fmt: skip
    complete.add_argument("--replace", action="store_true", help="write the fit's version of the known maps too, not your own")
    complete.set_defaults(run=_run, only_known=False)
    upscale = commands.add_parser(
        "upscale",
        help="enlarge the maps of scans",
        description="Enlarges the maps that a scan has, with detail that made small again is what they were.",
        epilog=EXAMPLES.format(prog=prog, verb="upscale", done="larger"),
        formatter_class=Help,
    )
    _add_common(upscale)
    upscale.set_defaults(run=_run, only_known=True, method="fast", replace=False)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "scans", type=Path, nargs="+", metavar="IN",
        help="one picture, a folder whose pictures are named after their kind, or a folder of many",
    )  # fmt: skip
    parser.add_argument("--name", metavar="NAME", help="how the files of a single scan begin; default: as the scan is called")
    parser.add_argument("--prefix", default="", metavar="TEXT", help="what all names begin with")
    parser.add_argument("--points", type=Path, metavar="JSON", help="named points in the scan's albedo; of all, if there are many")
    parser.add_argument("--mesh", type=Path, metavar="OBJ", help="the scan's mesh, with its UVs: alignment goes over the surfaces")
    parser.add_argument("--refine", action="store_true", help="lay the points on the features of the mean face")
    parser.add_argument("--width", type=int, metavar="N", help="texels of the answer; default: as the widest known map")
    parser.add_argument("--directx", action="store_true", help="the normal's green points down")
    parser.add_argument(
        "--displacement-mm", type=float, default=0.0, metavar="MM", help="from black to white, where the file is not an EXR"
    )
    add_profile(parser)
    add_dask(parser)
    add_batch(parser)
    add_model(parser, completer=True)


def _run(options: argparse.Namespace) -> int:
    from ..batch.running import run
    from ..batch.scans import ScanGroup

    asked = {
        "mesh": str(options.mesh) if options.mesh else None,
        "method": options.method,
        "width": options.width,
        "keep": not options.replace,
        "refine": options.refine,
        "directx": options.directx,
        "displacement_mm": options.displacement_mm,
    }
    group = ScanGroup(options.scans, asked, options.only_known, options.points, options.name, options.prefix, options.profile)
    items = group.items(made_by(options.model, options.completer))
    return run(items, settings(options), dry=options.dry_run, listed=True)
