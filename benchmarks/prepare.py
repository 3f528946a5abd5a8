"""Is a displacement integrated from a real scan's normal map the displacement of that scan?

For a subject that has both maps: the displacement made by ``trainer.prepare`` from the normals alone, against the scan's
own, octave by octave over the layout mask, with two controls that must fail (the green channel turned, the displacement
mirrored), and how well the two files lie on each other. A picture shows both, and both normals, at 1:1.

python -m benchmarks.prepare SCAN [--width 1024] [--picture FILE.png]

SCAN: a folder with one subject, such as "Infinite, 3D Head Scan" by Lee Perry-Smith (Infinite-Realities), CC BY 3.0. Waves
are given in texels of the width at which both files hold detail; choose that of the smaller one.
"""

from __future__ import annotations

import argparse
from itertools import pairwise, product
from pathlib import Path

import cv2
import numpy as np

from gantlitz_blender.runtime.pictures.bands import band
from gantlitz_blender.runtime.pictures.reading import read_image
from gantlitz_blender.runtime.slopes import normals_of_displacement, normals_of_slopes
from trainer.prepare.relief import integrate
from trainer.prepare.run import layout_mask
from trainer.prepare.settings import Settings
from trainer.prepare.subject import examine
from trainer.prepare.subjects import find_subjects

OCTAVES = (2, 4, 8, 16, 32, 64, 128, 256)  # wavelengths in texels
DETAIL = (8, 128)  # shorter waves drown in 8 bits and JPEG, longer ones a normal map does not hold
WINDOW = 128  # texels, of the local alignment
CROP = 240
PLACES = ((0.5, 0.42), (0.42, 0.74))  # (x, y) of the centres of the crops: nose and mouth, the side of the neck


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scan", type=Path)
    parser.add_argument("--width", type=int, default=1024)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()

    subjects = find_subjects(options.scan)
    facts = read_image(subjects[0].files["displacement"]).facts
    settings = Settings(size=(options.width, round(options.width * facts.height / facts.width)), licence="not stored")
    mask = layout_mask(subjects, options.scan / "no store", settings)
    found = examine(subjects[0], settings, mask)
    assert found.displacement is not None and found.slopes is not None
    dx, dy = found.slopes
    true, made = found.displacement, integrate(dx, dy, settings.texel_mm, mask)
    inside = cv2.erode((mask > 0.99).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0

    for what, decision in found.decisions.items():
        print(f"{what}: {decision}")
    for what, controlled in {
        "integrated displacement": (made, true),
        "control, green turned": (integrate(dx, -dy, settings.texel_mm, mask), true),
        "control, mirrored": (made, true[:, ::-1]),
    }.items():
        print(f"{what}: correlation with the scan's own displacement over {inside.mean():.0%} of the picture")
        for low, high in (DETAIL, *pairwise(OCTAVES)):
            a, b = (band(plane, mask, 1.0, low, high)[inside] for plane in controlled)
            print(f"  {low:>3} - {high:<3} texels  {np.corrcoef(a, b)[0, 1]:+.3f}   strength {a.std() / b.std():.2f}")
    details = [band(plane, mask, 1.0, *DETAIL) for plane in (made, true)]
    local = [np.corrcoef(*(d[place].ravel() for d in details))[0, 1] for place in windows(inside)]
    low, middle = np.quantile(local, (0.1, 0.5))
    print(f"within windows of {WINDOW} texels, {DETAIL[0]} - {DETAIL[1]}: median {middle:+.3f}, 9 of 10 above {low:+.3f}")
    shifts = local_shifts(*details, inside)
    low, middle = np.quantile(shifts, (0.9, 0.5))
    print(f"shifts of these windows: median {middle:.2f} texels, 9 of 10 below {low:.2f}")
    own, derived = normals_of_slopes(*found.slopes), normals_of_displacement(true, settings.texel_mm)
    for low, high in ((2, 8), DETAIL):
        r = [np.corrcoef(*(band(n[..., c], mask, 1.0, low, high)[inside] for n in (own, derived)))[0, 1] for c in (0, 1)]
        print(f"normals from the displacement against the scan's own, {low} - {high} texels: x {r[0]:+.3f}, y {r[1]:+.3f}")
    if options.picture:
        shown = [band(plane, mask, 1.0, 2.5, DETAIL[1]) for plane in (true, made)]
        cv2.imwrite(str(options.picture), picture(*shown, derived, own), [cv2.IMWRITE_PNG_COMPRESSION, 9])


def windows(inside: np.ndarray) -> list[tuple[slice, slice]]:
    """Squares of WINDOW texels, half overlapping, that lie inside."""
    starts = (range(0, n - WINDOW + 1, WINDOW // 2) for n in inside.shape)
    places = [np.s_[y : y + WINDOW, x : x + WINDOW] for y, x in product(*starts)]
    return [place for place in places if inside[place].all()]


def local_shifts(one: np.ndarray, other: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Lengths, in texels, by which windows of one must move to lie on the other, from the phase of their spectra."""
    taper = cv2.createHanningWindow((WINDOW, WINDOW), cv2.CV_32F)
    shifts = (cv2.phaseCorrelate(one[place].copy(), other[place].copy(), taper)[0] for place in windows(inside))
    return np.array([np.hypot(*shift) for shift in shifts])


def picture(true: np.ndarray, made: np.ndarray, derived: np.ndarray, own: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 BGR: a row a place; the scan's displacement, the integrated one, derived normals, the scan's own."""
    rows = []
    for u, v in PLACES:
        x, y = round(u * true.shape[1]) - CROP // 2, round(v * true.shape[0]) - CROP // 2
        place = np.s_[y : y + CROP, x : x + CROP]
        reach = 3 * true[place].std()
        greys = [np.repeat((0.5 + 0.5 * d[place] / reach)[..., None], 3, axis=2) for d in (true, made)]
        colours = [0.5 + 0.5 * n[place][..., ::-1] for n in (derived, own)]
        rows.append(np.hstack([*greys, *colours]))
    return (np.vstack(rows).clip(0, 1) * 255).round().astype(np.uint8)


if __name__ == "__main__":
    main()
