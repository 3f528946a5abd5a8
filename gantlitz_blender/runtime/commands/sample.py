"""``sample``: faces into map files."""

from __future__ import annotations

import argparse

from .faces import add_faces, face_group
from .options import Help, add_batch, add_dask, add_model, add_output, output, settings

EXAMPLES = """examples:
  Four people, at full size:
    {prog} sample --seeds 0-3 --trunc 0.7 --outdir maps
  A hundred and one at a quarter of the size, on two processes; the same line again goes on after an interruption:
    {prog} sample --seeds 0-99,105 --level 2 --jobs 2 --outdir maps
  Each of ten people at three varieties, and with the texture of two others:
    {prog} sample --seeds 0-9 --trunc 0.5,0.7,1 --mix fine=55,821 --outdir grid
  A walk through five people, 24 frames from each to the next, back to the first:
    {prog} sample --seeds 3,14,15,92,65 --walk 24 --loop --size 1536x1024 --outdir walk
  A face again, with other pores:
    {prog} sample --recipe maps/seed0002_recipe.json --noise-seed 9 --outdir again
  For Unreal, as its MetaHumans have them (names, DirectX normals, 16-bit displacement), and square:
    {prog} sample --seeds 7 --profile metahuman --square --outdir unreal
  The second of four parts of a batch, for the second machine:
    {prog} sample --seeds 0-999 --shard 2/4 --outdir //server/maps
"""


def add(commands: argparse._SubParsersAction, prog: str) -> None:  # type: ignore[type-arg]
    """Add the command to the parser."""
    parser = commands.add_parser(
        "sample",
        help="sample faces into map files",
        description="Makes one face per seed: seed0007_albedo.png (8-bit sRGB), _normal.png (16-bit, OpenGL), "
        "_specular.png (16-bit), _displacement.exr (32-bit float, millimetres) and _recipe.json. The recipe is also in "
        "each file's metadata. The same seed, truncation, noise and model give the same face. Lists make every combination.",
        epilog=EXAMPLES.format(prog=prog),
        formatter_class=Help,
    )
    parser.set_defaults(run=_run)
    add_faces(parser)
    add_output(parser)
    add_dask(parser)
    add_batch(parser)
    add_model(parser)


def _run(options: argparse.Namespace) -> int:
    items = face_group(options, output(options)).items()
    from ..batch.running import run

    return run(items, settings(options), dry=options.dry_run)
