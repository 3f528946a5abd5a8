"""The files of a scan as maps in the units of a MapSet; what was decided about them on the way is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ..errors import GantlitzError
from ..layout import Array
from ..pictures.checks import check_map, check_shapes, is_grey
from ..pictures.conventions import Decision, Slopes, albedo_encoding, displacement_scale, displacement_zero, normal_handedness
from ..pictures.decoding import Size, load_albedo, load_grey, load_slopes, resized
from ..pictures.reading import Facts, Image, read_image
from ..scan_request import MAPS
from ..slopes import normals_of_slopes

DISAGREEMENT = 2.0  # times: a displacement in millimetres this far from its normals' strength is in other units
MOST_RELIEF = 3.0  # mm, standard deviation: of the model's faces it is 0.05


@dataclass(frozen=True, eq=False)
class ScanMaps:
    """maps: any of albedo, normal, specular and displacement as in a MapSet, each of its own size. sizes: (width, height) of
    each file. warnings: sentences that a person should read."""

    maps: dict[str, Array] = field(default_factory=dict)
    sizes: dict[str, Size] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def read_scan(
    maps: Mapping[str, Path],
    *,
    directx: bool = False,
    displacement_mm: float = 0.0,
    most: int | None = None,
    across_mm: float | None = None,
) -> ScanMaps:
    """Read the maps of one scan: PNG, TIFF, JPEG or EXR of 8, 16 or 32 bits, at most 16384 texels a side.

    maps: name -> file. directx: the normal's green points down. displacement_mm: from black to white of a displacement in
    integers, doubted where the normals tell otherwise; 0: found from them, else assumed, and said. Floats are millimetres,
    whatever is stated. most: a wider map is area-averaged to this width, normals as slopes. across_mm: how wide the
    picture is on the skin, without which strengths of normals and displacement cannot be compared: layout.WIDTH /
    layout.TEXELS_PER_MM in our layout, else ``Alignment.across_mm``.

    Raises GantlitzError, which names the file: ``file-unreadable`` (missing, damaged, no picture, too large, NaN),
    ``bad-map`` (one value everywhere, or no map of its kind), ``bad-aspect`` (maps of several shapes), ``bad-request``.
    """
    if not maps:
        raise GantlitzError("The scan has no map.", f"Give one or more of {', '.join(MAPS)}.")
    if unknown := [name for name in maps if name not in MAPS]:
        raise GantlitzError(f"There is no map {unknown[0]!r}.", f"Name them {', '.join(MAPS)}.")
    out = ScanMaps()
    files: dict[str, Facts] = {}
    slopes: tuple[Array, Array] | None = None
    raw: Array | None = None
    for name in (name for name in MAPS if name in maps):
        image = read_image(Path(maps[name]))
        check_map(image, name)
        facts = files[name] = image.facts
        out.sizes[name] = (facts.width, facts.height)
        check_shapes(files.values())
        size = out.sizes[name]
        if most and facts.width > most:
            size = (most, max(1, round(facts.height * most / facts.width)))
        if name == "albedo":
            out.maps[name] = _albedo(image, size, out.warnings)
        elif name == "specular":
            out.maps[name] = np.clip(load_grey(image, size), 0, 1)
        elif name == "normal":
            slopes = load_slopes(image, size)
        else:
            raw = load_grey(image, size)
    if slopes is not None:
        beside = None if raw is None else resized(raw, _size(slopes[0]))
        if warning := _doubt_of_green(files["normal"], slopes, beside, directx):
            out.warnings.append(warning)
        if directx:
            slopes = (slopes[0], -slopes[1])
        out.maps["normal"] = normals_of_slopes(*slopes)
    if raw is not None:
        out.maps["displacement"] = _displacement(files["displacement"], raw, slopes, across_mm, displacement_mm, out.warnings)
    return out


def _albedo(image: Image, size: Size, warnings: list[str]) -> Array:
    name = image.path.name
    if is_grey(image):
        warnings.append(f"{name} is grey: what is made from it is less sure than from a map with colour.")
        image = replace(image, pixels=np.broadcast_to(image.pixels[..., :1], (*image.pixels.shape[:2], 3)))
    encoding = albedo_encoding(image)
    if (encoding.value == "linear") != image.facts.is_float:
        warnings.append(f"{name} is taken to be {encoding.value}, {encoding.how}.")
    return load_albedo(image, size, str(encoding.value))


def _doubt_of_green(facts: Facts, slopes: Slopes, raw: Array | None, directx: bool) -> str | None:
    """A sentence where the file's name or its data, all of one shape, say that green points the other way than was said."""
    found = normal_handedness(facts, slopes, np.ones_like(slopes[0]), raw)
    if found.how.startswith("assumed") or (found.value == "directx") == directx:
        return None
    ways = ("down (DirectX)", "up (OpenGL)")
    said, shown = ways if directx else ways[::-1]
    return f"{facts.path.name} is read with green pointing {said}, but seems to have it {shown}: {found.how}."


def _displacement(
    facts: Facts, raw: Array, slopes: Slopes | None, across_mm: float | None, stated_mm: float, warnings: list[str]
) -> Array:
    """Millimetres from the file's values."""
    name = facts.path.name
    zero = displacement_zero(facts, raw, np.ones_like(raw))
    scale = _scale(facts, raw, slopes, across_mm)
    found = float(scale.value)
    mm = 1.0 if facts.is_float else stated_mm or found
    measured = not scale.how.startswith("assumed")
    disagree = measured and not 1 / DISAGREEMENT < found / mm < DISAGREEMENT
    if facts.is_float:
        if stated_mm and abs(stated_mm - 1) > 0.01:
            warnings.append(f"{name} holds floats, which are millimetres: the stated {stated_mm:.3g} mm are not used.")
        if disagree:
            warnings.append(f"{name} is taken to be in millimetres, but a unit seems to be {found:.3g} mm, {scale.how}.")
    elif not stated_mm:
        warnings.append(
            f"{name} does not say how many millimetres lie between black and white: {mm:.2g} mm, {scale.how}. State the range."
        )
    elif disagree:
        warnings.append(
            f"{name} is stated to have {mm:.3g} mm between black and white, but they seem to be {found:.2g} mm, {scale.how}."
        )
    if (facts.is_float and zero.value) or zero.how.startswith("the median"):
        unit = "mm" if facts.is_float else "of white"
        warnings.append(f"{name}: {zero.value:.3g} {unit} is taken for the plain skin and becomes 0 ({zero.how}).")
    if facts.bits == 8:
        warnings.append(f"{name} has 8 bits, which are coarse for a displacement: fine detail shows steps.")
    relief = (raw - np.float32(zero.value)) * np.float32(mm)
    if (deviation := float(relief.std())) > MOST_RELIEF:
        warnings.append(
            f"{name} moves the skin by {deviation:.3g} mm on average (standard deviation), wrinkles and pores by far less: "
            "its millimetres are probably wrong."
        )
    return relief


def _scale(facts: Facts, raw: Array, slopes: Slopes | None, across_mm: float | None) -> Decision:
    if slopes is None or not across_mm:
        return displacement_scale(facts, raw, None, np.ones_like(raw), 1.0)
    raw = resized(raw, _size(slopes[0]))
    return displacement_scale(facts, raw, slopes, np.ones_like(raw), across_mm / raw.shape[1])


def _size(plane: Array) -> Size:
    return plane.shape[1], plane.shape[0]
