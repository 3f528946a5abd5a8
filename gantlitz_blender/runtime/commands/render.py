"""``render``: pictures of faces, rendered by Blender. Here are its options; blender_commands.py carries it out."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import values
from .blender_only import refuse
from .faces import add_faces
from .options import Help, add_batch, add_model

EXAMPLES = """examples:
  A portrait of each of four people, on the preview head in a studio:
    {prog} render --seeds 0-3 --outdir pictures
  A turntable of 24 pictures of each, and contact sheets:
    {prog} render --seeds 0-3 --turntable 24 --sheet --size 540x675 --samples 32 --outdir turntables
  On a character of your own, with its file's camera and light:
    {prog} render --seeds 0-9 --blend anna.blend --object Head --slot Skin --sheet --outdir casting
"""
ENGINES = ("cycles", "eevee")


def add(commands: argparse._SubParsersAction, prog: str) -> None:  # type: ignore[type-arg]
    """Add the command to the parser."""
    parser = commands.add_parser(
        "render",
        help="render pictures of faces (in Blender)",
        description="Renders portraits, turntables and contact sheets of faces. Their maps are made first, into OUTDIR/maps, and "
        "stay there. A picture that is whole is not rendered again. Needs Blender: blender --command gantlitz render, or "
        "blender -b --python batch.py -- render.",
        epilog=EXAMPLES.format(prog=prog),
        formatter_class=Help,
    )
    parser.set_defaults(run=refuse)
    add_faces(parser)
    parser.add_argument(
        "--level", type=int, default=2, metavar="K", help="the maps are the canvas at 1/2^K (default 2, a quarter: 1536 x 1024)"
    )
    stage = parser.add_argument_group("the stage")
    stage.add_argument("--blend", type=Path, metavar="FILE", help="a .blend whose mesh wears the faces; default: the preview head")
    stage.add_argument("--object", metavar="NAME", help="its mesh; default: the active one, or the one that wears a face")
    stage.add_argument("--slot", metavar="NAME", help="the material, in the slot of which the face goes; default: the face's")
    picture = parser.add_argument_group("the pictures")
    picture.add_argument("--turntable", type=values.positive, default=0, metavar="N", help="N pictures around each face")
    picture.add_argument(
        "--sheet", action="store_true",
        help="contact sheets too: of all faces, and with a turntable of each face's pictures; not with --shard",
    )  # fmt: skip
    picture.add_argument("--engine", choices=ENGINES, help="default: the .blend's own, or cycles")
    picture.add_argument("--size", type=values.size, metavar="WxH", help="in pixels; default: the .blend's own, or 1080x1350")
    picture.add_argument(
        "--samples", type=values.positive, metavar="N", help="of each pixel, at most; default: the .blend's own, or 64"
    )
    add_batch(parser)
    add_model(parser)
