"""Faces without Blender: ``python -m gantlitz_blender.runtime render | complete | upscale | info``."""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .embedded_recipe import read_recipe
from .failures import as_gantlitz_error
from .recipe import NOISE_STRENGTH_MAX, PSI_MAX, UINT32_MAX, Recipe
from .scan_command import add_commands

if TYPE_CHECKING:
    from tqdm import tqdm

    from .face_model import FaceModel

OK, FAILED, BAD_CALL, INTERRUPTED = 0, 1, 2, 130
RENDER_SHARE = 0.75  # of a face's time; the rest is writing its files


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed, 2 called wrongly, 130 interrupted."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
        return OK
    except KeyboardInterrupt:
        print("error: Interrupted; no file was left half-written.", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        failure = as_gantlitz_error(error)
        if failure.code == "internal":
            traceback.print_exc()
        print(f"error: {failure}", file=sys.stderr)
        return BAD_CALL if failure.code == "bad-request" else FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gantlitz_blender.runtime",
        description="Samples registered albedo, normal, specular and displacement maps of faces that do not exist, and makes the "
        "missing ones of scans.",
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    render = commands.add_parser(
        "render",
        help="render faces into map files",
        description="Renders one face per seed: seed0007_albedo.png (8-bit sRGB), _normal.png (16-bit, OpenGL), "
        "_specular.png (16-bit), _displacement.exr (32-bit float, millimetres) and _recipe.json. The recipe is also in "
        "each file's metadata. The same seed, truncation, noise and model give the same face.",
    )
    render.set_defaults(run=_render)
    which = render.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--seeds", type=seed_ranges, metavar="LIST", help="which faces: numbers and ranges, such as 7 or 0-3,7"
    )
    which.add_argument(
        "--recipe", type=Path, metavar="FILE",
        help="a *_recipe.json, or a map that holds one: that face again, a fitted one too; the options below change it",
    )  # fmt: skip
    render.add_argument("--outdir", type=Path, required=True, metavar="DIR", help="where the files go; made if need be")
    render.add_argument(
        "--trunc", type=float, metavar="PSI",
        help=f"how far from the mean face: 0 (the mean) to {PSI_MAX:g} (extreme); 0.7 is a safe variety (default)",
    )  # fmt: skip
    render.add_argument(
        "--noise-seed", type=int, metavar="N",
        help="another number gives the same face other pores and hairs (default 0)",
    )  # fmt: skip
    render.add_argument(
        "--noise-strength", type=float, metavar="X",
        help=f"how strong that detail is: 0 (none) to {NOISE_STRENGTH_MAX:g}; 1 is as trained (default)",
    )  # fmt: skip
    size = render.add_mutually_exclusive_group()
    size.add_argument(
        "--size", type=_size, metavar="WxH",
        help="size in texels, such as 2048x1365, of the canvas's aspect; the next finer level is area-averaged to it",
    )  # fmt: skip
    size.add_argument(
        "--level", type=int, default=0, metavar="K",
        help="render the canvas at 1/2^K: 0 is full size (default), 1 half, 2 a quarter",
    )  # fmt: skip
    render.add_argument("--model", type=Path, metavar="PATH", help="a .safetensors model; default: the bundled one")
    render.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="auto takes the GPU when there is one (default)",
    )
    render.add_argument(
        "--threads", type=_positive, metavar="N", help="threads that render tiles on a CPU; default: one per core"
    )
    render.add_argument(
        "--tile", type=_positive, default=512, metavar="N",
        help="side of the squares rendered at a time: smaller takes less memory and more time (default 512)",
    )  # fmt: skip

    add_commands(commands)

    info = commands.add_parser(
        "info", help="say what a model is", description="Says what a model is and where it is from."
    )
    info.set_defaults(run=_info)
    info.add_argument(
        "model", nargs="?", type=Path, metavar="MODEL", help="a .safetensors model; default: the bundled one"
    )
    return parser


def seed_ranges(text: str) -> list[range]:
    """``"0-3,7"`` -> [range(0, 4), range(7, 8)]. Raises ArgumentTypeError."""
    ranges = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,10})(?:\s*-\s*([0-9]{1,10}))?\s*", part)
        if match is None:
            raise argparse.ArgumentTypeError(f"{part!r} is neither a seed nor a range; write 7 or 0-3,7")
        first, last = int(match[1]), int(match[2] or match[1])
        if first > last or last > UINT32_MAX:
            raise argparse.ArgumentTypeError(f"{part!r} must rise and stay within 0-{UINT32_MAX}")
        ranges.append(range(first, last + 1))
    return ranges


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(-?[0-9]{1,9})[xX×](-?[0-9]{1,9})", text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write it like 3072x2048")
    return int(match[1]), int(match[2])


def _positive(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def _render(options: argparse.Namespace) -> None:
    # Checked before the model is loaded, and so before torch is.
    chosen = read_recipe(options.recipe) if options.recipe else Recipe(options.seeds[0][0])
    asked = {"psi": options.trunc, "noise_seed": options.noise_seed, "noise_strength": options.noise_strength}
    chosen = replace(chosen, **{key: value for key, value in asked.items() if value is not None})
    from tqdm import tqdm

    from . import sizing
    from .face_model import FaceModel

    model = FaceModel.load(options.model, options.device)
    if options.size is not None:
        sizing.level_for(model, *options.size)
    recipes = [chosen] if options.recipe else [replace(chosen, seed=seed) for seed in itertools.chain(*options.seeds)]
    with tqdm(total=len(recipes), bar_format="{desc}{percentage:3.0f}%|{bar}| [{elapsed}<{remaining}]") as bar:
        for done, recipe in enumerate(recipes):
            name = _name_of(options.recipe) if options.recipe else f"seed{recipe.seed:04d}"
            bar.set_description(f"{name} ({done + 1} of {len(recipes)})")
            _render_face(model, name, recipe, options, progress=functools.partial(_advance, bar, done))


def _advance(bar: tqdm, done: int, share: float) -> None:
    bar.update(done + share - bar.n)


def _name_of(path: Path) -> str:
    """``anna`` for anna_recipe.json and anna_albedo.png."""
    return path.stem.rpartition("_")[0] or path.stem


def _render_face(
    model: FaceModel, name: str, recipe: Recipe, options: argparse.Namespace, progress: Callable[[float], None]
) -> None:
    from . import map_files, sizing

    map_files.check(options.outdir, name, *sizing.size_of(model, options.level, options.size))

    def rendered(share: float) -> None:
        progress(share * RENDER_SHARE)

    def written(share: float) -> None:
        progress(RENDER_SHARE + share * (1 - RENDER_SHARE))

    how = {"tile": options.tile, "threads": options.threads, "progress": rendered}
    if options.size is None:
        maps = model.render(recipe, level=options.level, **how)
    else:
        maps = sizing.render_sized(model, recipe, *options.size, **how)
    maps.write(options.outdir, name, model.stamped(recipe), progress=written)


def _info(options: argparse.Namespace) -> None:
    from .face_model import FaceModel

    model = FaceModel.load(options.model, "cpu")
    sizes = ", ".join(f"{model.width >> k} x {model.height >> k}" for k in range(model.levels + 1))
    print(f"name        {model.name}")
    print(f"sha256      {model.sha256}")
    print(f"canvas      {model.width} x {model.height}")
    print(f"levels      {sizes}")
    print(f"modalities  {', '.join(model.modalities)}")
    print(f"parameters  {model.parameters:,}")
    print(f"directions  {', '.join(model.directions.labels) or 'none'}")
    print(f"licence     {model.licence or 'not stated'}")
    print(f"provenance  {json.dumps(model.provenance, indent=2, ensure_ascii=False)}")


if __name__ == "__main__":
    sys.exit(main())
