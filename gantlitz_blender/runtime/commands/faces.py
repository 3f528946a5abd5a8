"""Which faces: what the verbs that make some share. Standard library only."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..batch.faces import FaceGroup
from ..batch.items import Output
from ..embedded_recipe import read_recipe
from ..recipe import PSI_MAX
from ..recipe_parts import BANDS, EDIT_MAX, NOISE_STRENGTH_MAX, SCALES
from . import values


def add_faces(parser: argparse.ArgumentParser) -> None:
    """Seeds or recipes, and what is done to them."""
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


def face_group(options: argparse.Namespace, output: Output) -> FaceGroup:
    """Of the options that add_faces adds. Raises GantlitzError for a recipe that cannot be read."""
    # Checked before the model is loaded, and so before torch is.
    recipes = [(name_of_recipe(path), read_recipe(path)) for path in options.recipe or ()]
    return FaceGroup(
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
        output=output,
    )


def name_of_recipe(path: Path) -> str:
    """``anna`` for anna_recipe.json and anna_albedo.png."""
    return path.stem.rpartition("_")[0] or path.stem
