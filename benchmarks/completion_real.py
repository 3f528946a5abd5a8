"""How well is the relief of a real scan completed from its albedo? Its own normal and displacement are the truth.

All is compared in the model's layout, where the scan shows skin. Beside the completer: no relief; what the completer makes of
the mean face, which shows how much it takes from this albedo; and photo tools, which take luminance without its broad shapes for
height, in 24 settings: the best figure of any of them, found with the truth.

python -m benchmarks.completion_real FOLDER POINTS.json [--completer FILE] [--width 768] [--picture JPEG]
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.completion.alignment import Alignment
from gantlitz_blender.runtime.completion.colour import ColourTransform
from gantlitz_blender.runtime.completion.completer import Completer
from gantlitz_blender.runtime.completion.landmarks import Points
from gantlitz_blender.runtime.completion.mesh_forms import take_out
from gantlitz_blender.runtime.completion.scan_files import read_scan
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.layout_regions import region
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.pictures.naming import find_maps
from gantlitz_blender.runtime.recipe import Recipe
from gantlitz_blender.runtime.slopes import normals_of_displacement

from . import completion_pictures
from .completion_figures import FIGURES, errors, flat, photo_tools, table, well_inside

JUDGED = tuple(key for key in FIGURES if not key.startswith("specular"))
PARTS = ("forehead", "brow", "lids", "nose", "cheek", "lips", "chin", "beard", "neck", "ear")
MEAN_WIDTH = 384
USUAL = (4.0, 0.4)  # filter in texels, mm from black to white


def judged(found: MapSet, truth: MapSet, inside: Array) -> dict[str, float]:
    """The figures that do not ask for a specular map."""
    row = errors(found, truth, inside)
    return {key: row[key] for key in JUDGED}


def best_of(rows: list[dict[str, float]]) -> dict[str, float]:
    """The least error and the highest correlations of any row."""
    return {key: (min if key == JUDGED[0] else max)(row[key] for row in rows) for key in JUDGED}


def completed(completer: Completer, albedo: Array, mean: Array, known: Array) -> MapSet:
    """What the completer makes of an albedo in the model's layout, in the model's colours and on the scan's own mesh."""
    mask = layout.mask(albedo.shape[1], albedo.shape[0])[..., None]
    seen = ColourTransform.fit(albedo, mean, known).to_model(albedo) * mask + np.float32(0.5) * (1 - mask)
    found = completer.complete({"albedo": seen})
    take_out(found)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of a scan with an albedo, a normal and a displacement map")
    parser.add_argument("points", type=Path, help="its points file, as docs/alignment.md has it")
    parser.add_argument("--completer", type=Path, help="default: the bundled one")
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--picture", type=Path, metavar="JPEG", help="show its relief, the completer's and a photo tool's")
    options = parser.parse_args()
    width, height = options.width, options.width * 2 // 3
    completer = Completer.load(options.completer, precision="float32")
    mean = FaceModel.load().preview(Recipe(0, psi=0.0), MEAN_WIDTH).albedo
    alignment = Alignment(Points.read(options.points))
    files = find_maps(options.folder)
    scan = read_scan({name: files[name] for name in ("albedo", "normal", "displacement")})
    ours = alignment.to_layout(scan.maps, width, height)
    known = alignment.known(width, height)
    inside = well_inside(known)
    truth = MapSet(ours["albedo"], ours["normal"], np.full((height, width), 0.5, np.float32), ours["displacement"])
    of_mean = np.asarray(cv2.resize(mean, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
    found = completed(completer, truth.albedo, mean, known)
    sloped = replace(truth, normal=normals_of_displacement(truth.displacement, layout.texel_mm(width)))
    tools = [(sigma, gain, maps, judged(maps, truth, inside)) for sigma, gain, maps in photo_tools(truth.albedo, truth.specular)]
    usual, of_usual = next((maps, row) for sigma, gain, maps, row in tools if (sigma, gain) == USUAL)
    rows = {
        "the slopes of its own displacement": judged(sloped, truth, inside),
        "flat": judged(flat(truth.albedo), truth, inside),
        f"photo tool, {USUAL[0]:g} texels and {USUAL[1]:g} mm": of_usual,
        "photo tool, best of 24 for each figure": best_of([row for *_, row in tools]),
        "completer, the mean face's albedo": judged(completed(completer, of_mean, mean, known), truth, inside),
        "completer, its albedo": judged(found, truth, inside),
    }
    print(f"{options.folder.name}, {width} texels wide\n\n{table(rows, 'relief from')}\n")
    u, v = layout.uv_grid(width, height)
    parts = {}
    for name in PARTS:
        where = inside & (region(name, u, v) > 0.5)
        ours_here, tool_here = judged(found, truth, where), best_of([judged(maps, truth, where) for *_, maps, _ in tools])
        parts[name] = {f"{who} {key}": row[key] for key in JUDGED[1:] for who, row in (("ours", ours_here), ("tool", tool_here))}
    print(table(parts, "part"))
    if options.picture:
        shown = {"its own": truth, "completer": found, "photo tool": usual}
        completion_pictures.write(options.picture, truth.albedo, shown, inside, specular=False)


if __name__ == "__main__":
    main()
