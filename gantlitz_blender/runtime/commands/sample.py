"""``sample``: faces into map files."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..batch.faces import FaceGroup
from ..embedded_recipe import read_recipe
from ..recipe import PSI_MAX
from ..recipe_parts import BANDS, EDIT_MAX, NOISE_STRENGTH_MAX, SCALES
from . import values
from .options import Help, add_batch, add_model, add_output, output, settings

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
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--seeds", type=values.seeds, metavar="LIST", help="which faces: numbers and ranges, such as 7 or 0-3,7")
    which.add_argument(
        "--recipe", type=Path, nargs="+", metavar="FILE",
        help="a *_recipe.json, or a map that holds one: that face again, a fitted one too; the options below change it",
    )  # fmt: skip
    face = parser.add_argument_group("the faces")
    face.add_argument(
        "--trunc", type=values.numbers, default=[], metavar="PSI",
        help=f"how far from the mean face: 0 (the mean) to {PSI_MAX:g} (extreme), or several; 0.7 is a safe variety (default)",
    )  # fmt: skip
    face.add_argument(
        "--noise-seed", type=values.seeds, default=[], metavar="LIST",
        help="another number gives the same face other pores and hairs (default 0)",
    )  # fmt: skip
    face.add_argument(
        "--noise-strength", type=float, metavar="X",
        help=f"how strong that detail is: 0 (none) to {NOISE_STRENGTH_MAX:g}; 1 is as trained (default)",
    )  # fmt: skip
    face.add_argument(
        "--mix", type=values.mix, action="append", default=[], metavar="BAND=SEEDS[:AMOUNT]",
        help=f"other faces in one band of the styles ({', '.join(BANDS)}), such as fine=55,821 or coarse=3:0.5; may be repeated",
    )  # fmt: skip
    face.add_argument(
        "--grain", type=values.grain, action="append", default=[], metavar="SCALE=STRENGTH[:SEED]",
        help=f"one scale of the detail ({', '.join(SCALES)}) stronger, weaker or of another seed; may be repeated",
    )  # fmt: skip
    face.add_argument(
        "--edit", type=values.edit, action="append", default=[], metavar="LABEL=SD",
        help=f"along a labelled direction, -{EDIT_MAX:g} to {EDIT_MAX:g} standard deviations; may be repeated",
    )  # fmt: skip
    face.add_argument("--lock", action="append", default=[], metavar="LABEL", help="leave this label as it is; may be repeated")
    face.add_argument(
        "--walk", type=values.positive, default=0, metavar="N", help="N frames from each seed to the next: walk0000, walk0001, ..."
    )
    face.add_argument("--loop", action="store_true", help="close the walk")
    face.add_argument("--prefix", default="", metavar="TEXT", help="what all names begin with")
    add_output(parser)
    add_batch(parser)
    add_model(parser)


def _run(options: argparse.Namespace) -> int:
    # Checked before the model is loaded, and so before torch is.
    recipes = [(name_of_recipe(path), read_recipe(path)) for path in options.recipe or ()]
    group = FaceGroup(
        seeds=options.seeds or (),
        recipes=recipes,
        psi=options.trunc,
        noise_seed=options.noise_seed,
        noise_strength=options.noise_strength,
        mix=dict(options.mix),
        grain=dict(options.grain),
        edits=dict(options.edit),
        locks=options.lock,
        walk=options.walk,
        loop=options.loop,
        prefix=options.prefix,
        output=output(options),
    )
    items = group.items()
    from ..batch.running import run

    return run(items, settings(options), dry=options.dry_run)


def name_of_recipe(path: Path) -> str:
    """``anna`` for anna_recipe.json and anna_albedo.png."""
    return path.stem.rpartition("_")[0] or path.stem
