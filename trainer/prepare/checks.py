"""What cannot be a map of its kind: refused with one sentence, the file named."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gantlitz_blender.runtime.errors import GantlitzError

from .reading import Facts, Image

ASPECT_TOLERANCE = 0.01
GREY = 1.5 / 255  # mean difference of red, green and blue below which a picture has no colour: JPEG noise is allowed
CONSTANT = 0.25  # standard deviation in levels of an integer file
CONSTANT_FLOATS = 1e-6  # the same of floats, relative to the largest
LENGTHS = (0.85, 1.15)  # of the middle vector of a normal map; 8 bits and JPEG move it by less


def check_aspects(files: Iterable[Facts], width: float, height: float) -> None:
    """Raises GantlitzError (``bad-aspect``) unless all have one aspect ratio, and (cropped) that of the store.

    width, height: of the store, divided by the share of the picture that the crop box keeps of each side.
    """
    first, *others = files
    for other in others:
        if abs(other.width * first.height / (other.height * first.width) - 1) > ASPECT_TOLERANCE:
            raise GantlitzError(
                f"{other.path} is {other.width}x{other.height} and {first.path.name} is {first.width}x{first.height}:"
                " maps of one subject may differ in size, but not in shape.",
                "Export them again in one layout.",
                "bad-aspect",
            )
    if abs(first.width * height / (first.height * width) - 1) > ASPECT_TOLERANCE:
        raise GantlitzError(
            f"{first.path} is {first.width}x{first.height}, which is not of the store's shape ({width / height:.3f} : 1).",
            "Give a --size of the same shape, or a --crop.",
            "bad-aspect",
        )


def check_map(image: Image, kind: str) -> None:
    """Raises GantlitzError (``bad-map``) for a picture that cannot be an albedo, normal, specular or displacement map."""
    texels = image.sample()
    least = CONSTANT_FLOATS * float(np.abs(texels).max()) if image.facts.is_float else CONSTANT / image.white
    if texels.std(axis=0, dtype=np.float64).max() <= least:
        raise _bad(image, f"has one value everywhere, so it is no {kind} map", "Remove it, or export it again.")
    grey = image.channels == 1 or float(np.abs(np.diff(texels, axis=1)).mean()) < GREY
    if kind == "albedo" and grey:
        raise _bad(image, "is grey, but an albedo map has colour", "Export the colour map, or name the file for what it is.")
    if kind == "displacement" and image.channels == 3 and not grey:
        raise _bad(
            image,
            "has three different channels, but a displacement map is grey",
            "Export one grey map: packed bands have to be added up with their own scales first.",
        )
    if kind == "normal":
        _check_normals(image, texels, grey)


def _check_normals(image: Image, texels: np.ndarray, grey: bool) -> None:
    if grey:
        raise _bad(image, "is grey, so it is no tangent space normal map", "Name it for what it is, or export it again.")
    vectors = texels if image.holds_vectors else texels * 2 - 1
    x, y, z = vectors.mean(axis=0)
    if not (z > 0.5 and z > abs(x) and z > abs(y)):
        raise _bad(
            image,
            f"is not bluish (mean vector {x:.2f}, {y:.2f}, {z:.2f}), so it is no tangent space normal map",
            "Export a tangent space normal map with its blue channel.",
        )
    length = float(np.median(np.linalg.norm(vectors, axis=1)))
    if not LENGTHS[0] < length < LENGTHS[1]:
        raise _bad(
            image,
            f"holds vectors of length {length:.2f}, not 1",
            "Export it again without a strength, a gamma or a compression that drops a channel.",
        )


def _bad(image: Image, what: str, fix: str) -> GantlitzError:
    return GantlitzError(f"{image.path} {what}.", fix, "bad-map")
