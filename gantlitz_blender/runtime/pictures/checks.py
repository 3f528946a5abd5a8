"""What cannot be a map of its kind: refused with one sentence, the file named."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..errors import GantlitzError
from ..layout import Array
from .reading import Facts, Image

ASPECT_TOLERANCE = 0.01
GREY = 1.5 / 255  # mean difference of red, green and blue below which a picture has no colour: JPEG noise is allowed
CONSTANT = 0.25  # standard deviation in levels of an integer file
CONSTANT_FLOATS = 1e-6  # the same of floats, relative to the largest
LENGTHS = (0.85, 1.15)  # of the middle vector of a normal map; 8 bits and JPEG move it by less


def check_shapes(files: Iterable[Facts]) -> None:
    """Raises GantlitzError (``bad-aspect``) unless the maps of one subject have one aspect ratio."""
    first, *others = files
    for other in others:
        if abs(other.width * first.height / (other.height * first.width) - 1) > ASPECT_TOLERANCE:
            raise GantlitzError(
                f"{other.path} is {other.width}x{other.height} and {first.path.name} is {first.width}x{first.height}:"
                " maps of one subject may differ in size, but not in shape.",
                "Export them again in one layout.",
                "bad-aspect",
            )


def is_grey(image: Image) -> bool:
    """Whether a picture has no colour, however many channels it has."""
    return _is_grey(image.sample())


def _is_grey(texels: Array) -> bool:
    return texels.shape[1] == 1 or float(np.abs(np.diff(texels, axis=1)).mean()) < GREY


def check_map(image: Image, kind: str) -> None:
    """Raises GantlitzError (``bad-map``) for a picture that cannot be a normal or displacement map, or shows nothing."""
    texels = image.sample()
    least = CONSTANT_FLOATS * float(np.abs(texels).max()) if image.facts.is_float else CONSTANT / image.white
    if texels.std(axis=0, dtype=np.float64).max() <= least:
        raise bad_map(f"{image.path} has one value everywhere, so it is no {kind} map.", "Remove it, or export it again.")
    grey = _is_grey(texels)
    if kind == "displacement" and image.channels == 3 and not grey:
        raise bad_map(
            f"{image.path} has three different channels, but a displacement map is grey.",
            "Export one grey map: packed bands have to be added up with their own scales first.",
        )
    if kind == "normal":
        _check_normals(image, texels, grey)


def _check_normals(image: Image, texels: Array, grey: bool) -> None:
    if grey:
        raise bad_map(
            f"{image.path} is grey, so it is no tangent space normal map.", "Name it for what it is, or export it again."
        )
    vectors = texels if image.holds_vectors else texels * 2 - 1
    x, y, z = vectors.mean(axis=0)
    if not (z > 0.5 and z > abs(x) and z > abs(y)):
        raise bad_map(
            f"{image.path} is not bluish (mean vector {x:.2f}, {y:.2f}, {z:.2f}), so it is no tangent space normal map.",
            "Export a tangent space normal map with its blue channel.",
        )
    length = float(np.median(np.linalg.norm(vectors, axis=1)))
    if not LENGTHS[0] < length < LENGTHS[1]:
        raise bad_map(
            f"{image.path} holds vectors of length {length:.2f}, not 1.",
            "Export it again without a strength, a gamma or a compression that drops a channel.",
        )


def bad_map(sentence: str, fix: str) -> GantlitzError:
    """A ``bad-map``; the sentence names the file."""
    return GantlitzError(sentence, fix, "bad-map")
