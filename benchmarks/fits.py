"""The methods beside each other: the completer, the model's inversion, and the one drawn towards the other, from an albedo alone.

Faces that no training has seen, whole, with what must be beaten: the average face and the photo tools' heuristic. Then the albedo
at half the width, enlarged: how near its detail is to the truth's, and how exactly it is what it was when made small again.

python -m benchmarks.fits [--subjects 2] [--width 768] [--stores stores/coarse]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.completion.completer import Completer
from gantlitz_blender.runtime.completion.frame import resized
from gantlitz_blender.runtime.completion.keeping import kept, psnr
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.maps import MapSet
from trainer.capture import draw_subject
from trainer.figures import correlation
from trainer.store import Store

from .completion import HELD_OUT, average, photo_tool
from .completion_figures import detail, errors, table, well_inside

Row = tuple[str, dict[str, float]]


def completed(model: FaceModel, completer: Completer, mean: MapSet, truth: MapSet, inside: Array) -> Iterator[Row]:
    """(method, figures) of what each makes of the albedo."""
    known = {"albedo": truth.albedo}
    level = (model.width // truth.width).bit_length() - 1
    yield "average face", errors(mean, truth, inside)
    yield "photo tool", errors(photo_tool(truth.albedo, truth, inside), truth, inside)
    begun = time.perf_counter()
    fast = completer.complete(known)
    yield "fast", errors(fast, truth, inside) | {"seconds": time.perf_counter() - begun}
    for name, guide in (("fit", None), ("fit-from-fast", fast)):
        begun = time.perf_counter()
        fit = model.complete(known, guide=guide)
        seconds = time.perf_counter() - begun
        found = model.render(model.remember(fit), level=level)
        albedo = float(np.abs(found.albedo - truth.albedo)[inside].mean())
        yield name, errors(found, truth, inside) | {"seconds": seconds, "albedo error": albedo}


def enlarged(model: FaceModel, completer: Completer, truth: MapSet, inside: Array) -> Iterator[Row]:
    """(method, figures) of an albedo of half the width made as wide as the truth."""
    size = (truth.width, truth.height)
    small = truth.resized(truth.width // 2, truth.height // 2).albedo
    level = (model.width // truth.width).bit_length() - 1
    fit = model.complete({"albedo": small}, level=level)
    ways = {
        "cubic": resized("albedo", small, size),
        "fast": completer.complete({"albedo": small}, truth.width).albedo,
        "fit": model.render(model.remember(fit), level=level).albedo,
    }
    mask = layout.mask(small.shape[1], small.shape[0])[..., None]
    for name, made in ways.items():
        for step, out in (("", made), (" + back-projection", kept("albedo", small, made))):
            alike = correlation(_fine(out)[inside], _fine(truth.albedo)[inside])
            decibels = psnr(small * mask, resized("albedo", out, (small.shape[1], small.shape[0])) * mask)
            strength = float(_fine(out)[inside].std() / _fine(truth.albedo)[inside].std())
            yield name + step, {"finest octave": alike, "its strength": strength, "dB made small again": decibels}


def _fine(albedo: Array) -> Array:
    return detail(np.ascontiguousarray(albedo.mean(axis=2)), 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=2)
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--store", type=Path, default=Path("stores/coarse"), help="of training faces, for the average")
    options = parser.parse_args()
    width, height = options.width, options.width * 2 // 3
    model, completer = FaceModel.load(), Completer.load()
    store = Store(options.store, model.width)
    mean = average(store, (model.width // width).bit_length() - 1)
    inside = well_inside(layout.mask(width, height))
    tables: tuple[dict[str, list[dict[str, float]]], ...] = ({}, {})
    for seed in range(HELD_OUT, HELD_OUT + options.subjects):
        truth = draw_subject(seed, width, height)
        made = (completed(model, completer, mean, truth, inside), enlarged(model, completer, truth, inside))
        for rows, found in zip(tables, made, strict=True):
            for name, row in found:
                rows.setdefault(name, []).append(row)
    print(f"{model.name}, completer after {completer.provenance.get('step')} steps, {options.subjects} unseen faces, {width} wide")
    for rows in tables:
        means = {name: {key: float(np.mean([row[key] for row in found])) for key in found[0]} for name, found in rows.items()}
        print("\n" + table(means, "method"))


if __name__ == "__main__":
    main()
