"""How well are missing maps completed? Faces that no training has seen (seeds from 90000), as they are and worn as foreign scans.

Beside it, what it must beat: the average texture of the training faces, and what photo tools do: luminance without its
broad shapes as height, normals of that, a straight line from luminance to specular; for each face the filter, strengths and
line are fitted to the truth, in their favour.

python -m benchmarks.completion [COMPLETER] [--stores STORE...] [--subjects 6] [--width 768] [--picture JPEG]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.completion.completer import Completer
from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.model.rects import Rect
from trainer.capture import draw_subject
from trainer.completer.wear import Wear
from trainer.store import Store

from . import completion_pictures
from .completion_figures import FIGURES, LUMINANCE, OF, degrees, errors, flat, photo_tools, table, well_inside

HELD_OUT = 90_000
OVERVIEW = (256, 384)
COMPLETER = Path("runs/completer/completer.safetensors")


def photo_tool(albedo: Array, truth: MapSet, inside: Array) -> MapSet:
    """What is made of an albedo alone where nothing is known of skin, with the truth's help: the setting of the least error."""
    luminance = albedo @ LUMINANCE
    ones = np.stack([luminance[inside], np.ones(inside.sum(), np.float32)], axis=1)
    line = np.linalg.lstsq(ones, truth.specular[inside], rcond=None)[0]
    specular = (luminance * line[0] + line[1]).clip(0, 1).astype(np.float32)
    return min((maps for _, _, maps in photo_tools(albedo, specular)), key=lambda m: degrees(m.normal, truth.normal, inside))


def average(store: Store, level: int, most: int = 64) -> MapSet:
    """The mean of training faces and their mirror images at a level."""
    total = sum(store.subject(i, level, m).astype(np.float64) for i in range(min(most, len(store))) for m in (False, True))
    mean = (np.asarray(total) / (2 * min(most, len(store)))).astype(np.float32)
    xy = mean[3:5]
    normal = np.stack([*xy, np.sqrt(np.maximum(1 - np.square(xy).sum(axis=0), 0.01))], axis=2)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    return MapSet(np.ascontiguousarray(mean[:3].transpose(1, 2, 0)), normal, mean[5], mean[6])


def worn(maps: MapSet, seed: int) -> dict[str, Array]:
    """All maps as a foreign scan might have them."""
    planes = np.concatenate([maps.albedo, maps.normal[..., :2], maps.specular[..., None], maps.displacement[..., None]], axis=2)
    planes = np.ascontiguousarray(planes.transpose(2, 0, 1))
    overview = np.stack([cv2.resize(p, OVERVIEW[::-1], interpolation=cv2.INTER_AREA) for p in planes])
    size = (maps.height, maps.width)
    mask = layout.mask(maps.width, maps.height)
    wear = Wear(np.random.default_rng([seed, HELD_OUT]), overview, (0, 0, 0, 0))
    out = wear(planes, mask, 0, Rect(0, 0, *size), size)
    z = np.sqrt(np.maximum(1 - np.square(out[3:5]).sum(axis=0, keepdims=True), 0.01))
    normal = np.concatenate([out[3:5], z]).transpose(1, 2, 0)
    normal = normal / np.linalg.norm(normal, axis=2, keepdims=True)
    return {"albedo": out[:3].transpose(1, 2, 0).copy(), "normal": normal, "specular": out[5], "displacement": out[6]}


def rows(completer: Completer, mean: MapSet, subjects: int, width: int) -> Iterator[tuple[str, dict[str, float]]]:
    """(what made them, figures) for each held-out face."""
    height = width * 2 // 3
    inside = well_inside(layout.mask(width, height))
    for seed in range(HELD_OUT, HELD_OUT + subjects):
        truth = draw_subject(seed, width, height)
        clean = {name: getattr(truth, name) for name in ("albedo", "normal", "specular", "displacement")}
        old = worn(truth, seed)
        yield "flat, without gloss", errors(flat(truth.albedo), truth, inside)
        yield "average face", errors(mean, truth, inside)
        yield "photo tool, clean albedo", errors(photo_tool(truth.albedo, truth, inside), truth, inside)
        yield "photo tool, worn albedo", errors(photo_tool(old["albedo"], truth, inside), truth, inside)
        for names in (("albedo",), ("normal",), ("displacement",), ("specular",), ("albedo", "normal")):
            for kind, maps in (("clean", clean), ("worn", old)):
                found = completer.complete({name: maps[name] for name in names})
                figures = errors(found, truth, inside)
                given = {key for key in FIGURES for name in names if OF[key] == name}
                yield f"completer, {kind} {' + '.join(names)}", {k: v for k, v in figures.items() if k not in given}


def show(path: Path, completer: Completer, width: int) -> None:
    """Write a picture of the first face: the truth, the completer's and the photo tool's."""
    truth = draw_subject(HELD_OUT, width, width * 2 // 3)
    inside = well_inside(layout.mask(width, width * 2 // 3))
    albedo = worn(truth, HELD_OUT)["albedo"]
    shown = {"its own": truth, "completer": completer.complete({"albedo": albedo}), "photo tool": photo_tool(albedo, truth, inside)}
    completion_pictures.write(path, albedo, shown, inside, specular=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("completer", nargs="?", type=Path, default=COMPLETER)
    parser.add_argument("--stores", nargs="+", type=Path, default=[Path("stores/coarse"), Path("stores/fine")])
    parser.add_argument("--subjects", type=int, default=6)
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--picture", type=Path, metavar="JPEG", help="show the first face completed from its worn albedo")
    options = parser.parse_args()
    completer = Completer.load(options.completer, precision="float32")
    stores = [Store(folder, completer.width) for folder in options.stores]
    fitting = [s for s in stores if s.width >= options.width]
    mean = average(min(fitting, key=lambda s: s.width), (completer.width // options.width).bit_length() - 1)
    made: dict[str, list[dict[str, float]]] = {}
    for name, row in rows(completer, mean, options.subjects, options.width):
        made.setdefault(name, []).append(row)
    step = completer.provenance.get("step")
    print(f"{options.completer} after {step} steps: {options.subjects} unseen faces, {options.width} texels wide\n")
    means = {name: {key: float(np.mean([row[key] for row in found])) for key in found[0]} for name, found in made.items()}
    print(table(means, "known maps", "given"))
    if options.picture:
        show(options.picture, completer, options.width)


if __name__ == "__main__":
    main()
