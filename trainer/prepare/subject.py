"""One subject: read its files, find what they are, and make its maps."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.pictures.bands import band
from gantlitz_blender.runtime.pictures.checks import check_map
from gantlitz_blender.runtime.pictures.conventions import (
    Decision,
    albedo_encoding,
    displacement_scale,
    displacement_zero,
    normal_handedness,
)
from gantlitz_blender.runtime.pictures.decoding import load_albedo, load_grey, load_slopes
from gantlitz_blender.runtime.pictures.naming import MAPS
from gantlitz_blender.runtime.pictures.reading import Facts, read_image
from gantlitz_blender.runtime.slopes import normals_of_displacement, normals_of_slopes

from .checks import check_aspects, check_colour
from .cropping import cropped
from .masking import LEAST_AGREEMENT, SHOWN_BY, Flags, agreement, background, seen_behind
from .relief import integrate
from .settings import Settings
from .subjects import Subject

NEUTRAL = 0.5  # of albedo and specular outside the mask


@dataclass
class Findings:
    """A subject's planes at the store's size, not yet masked, and what was decided about them.

    albedo: (H, W, 3) sRGB-encoded. specular: (H, W). slopes: dh/dx, dh/dy (y down) of the normal map, each (H, W).
    displacement: (H, W) in mm. Each None where there is no such file.
    """

    subject: Subject
    licence: str
    files: dict[str, Facts] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    albedo: Array | None = None
    specular: Array | None = None
    slopes: tuple[Array, Array] | None = None
    displacement: Array | None = None

    def derived(self) -> dict[str, str]:
        """Maps that are made from others, and how."""
        if "displacement" in self.files and "normal" not in self.files:
            return {"normal": "slopes of the displacement"}
        if "normal" in self.files and "displacement" not in self.files:
            return {"displacement": "integrated from the normals"}
        return {}


def examine(subject: Subject, settings: Settings, mask: Array) -> Findings:
    """Read a subject's files and decide what they are. mask: (H, W) of the store.

    Raises GantlitzError: what the names told (``subject.problem``), ``no-licence``, ``file-unreadable``, ``bad-map``,
    ``bad-aspect``, ``other-layout``.
    """
    if subject.problem:
        raise subject.problem
    found = Findings(subject, settings.licence or licence_beside(subject.folder))
    raw: Array | None = None
    backgrounds = []
    for kind, path in subject.files.items():
        image = read_image(path)
        check_map(image, kind)
        if kind == "albedo":
            check_colour(image)
        found.files[kind] = image.facts
        image = cropped(image, settings.crop)
        if settings.mask == "auto" and kind in SHOWN_BY:
            backgrounds.append(background(image, settings.size))
        if kind == "albedo":
            found.decisions["albedo encoding"] = encoding = albedo_encoding(image, settings.albedo)
            found.albedo = load_albedo(image, settings.size, str(encoding.value))
        elif kind == "specular":
            found.specular = np.clip(load_grey(image, settings.size), 0, 1)
        elif kind == "normal":
            found.slopes = load_slopes(image, settings.size)
        else:
            raw = load_grey(image, settings.size)
    check_aspects(found.files.values(), *settings.whole_size)
    _check_layout(subject, seen_behind(backgrounds, settings.size), mask)
    if found.slopes is not None:
        handed = normal_handedness(found.files["normal"], found.slopes, mask, raw, settings.normals)
        found.decisions["normal convention"] = handed
        if handed.value == "directx":
            found.slopes = (found.slopes[0], -found.slopes[1])
    if raw is not None:
        facts = found.files["displacement"]
        zero = displacement_zero(facts, raw, mask)
        scale = displacement_scale(facts, raw, found.slopes, mask, settings.texel_mm, settings.displacement_mm)
        found.decisions |= {"displacement zero": zero, "displacement mm per 1": scale}
        found.displacement = (raw - np.float32(zero.value)) * np.float32(scale.value)
    found.notes = _notes(found, settings)
    return found


def make_maps(found: Findings, settings: Settings, mask: Array) -> dict[str, Array]:
    """The maps that a store takes, masked; what is missing and can be derived is. Uses up ``found``'s planes.

    Outside the mask albedo and specular are 0.5, the normal is flat and the displacement 0.
    """
    maps: dict[str, Array] = {}
    if found.albedo is not None:
        maps["albedo"] = _settled(found.albedo, mask[..., None])
    if found.specular is not None:
        maps["specular"] = _settled(found.specular, mask)
    texel = settings.texel_mm
    displacement = found.displacement
    if displacement is None and found.slopes is not None:
        displacement = integrate(*found.slopes, texel, mask)
    if displacement is not None:
        if settings.high_pass_mm:
            displacement = band(displacement, mask, texel, longest=settings.high_pass_mm)
        maps["displacement"] = displacement * mask
    if found.slopes is not None:
        maps["normal"] = normals_of_slopes(found.slopes[0] * mask, found.slopes[1] * mask)
    elif displacement is not None:
        maps["normal"] = normals_of_displacement(maps["displacement"], texel)
    return maps


def provenance(found: Findings, settings: Settings) -> dict[str, Any]:
    """Where a subject's maps come from, and what was done to them, in order."""
    steps: list[dict[str, Any]] = [
        {"crop": list(settings.crop)},
        {"resize": list(settings.size), "shrinking": "area", "growing": "bicubic", "normals": "as slopes"},
        *({"derive": {name: how}} for name, how in found.derived().items()),
        {"high-pass displacement, mm": settings.high_pass_mm},
        {"mask": Path(settings.mask).name},
    ]
    return {
        "sources": {
            kind: {"file": f.path.name, "bytes": f.path.stat().st_size, "sha256": f.sha256, "is": str(f)}
            for kind, f in found.files.items()
        },
        "decided": {what: {"value": d.value, "how": d.how} for what, d in found.decisions.items()},
        "derived": found.derived(),
        "ignored": {path.name: why for path, why in found.subject.ignored.items()},
        "notes": found.notes,
        "steps": steps,
    }


def licence_beside(folder: Path) -> str:
    """The first line that says something of the LICENSE*.txt in a folder or the one above it."""
    for place in (folder, folder.parent):
        for path in sorted(p for p in place.glob("*.txt") if p.name.lower().startswith(("license", "licence"))):
            lines = path.read_text(errors="replace").splitlines()
            if said := next((line.strip() for line in lines if line.strip()), None):
                return said
    raise GantlitzError(
        f"{folder} does not say under which licence its maps may be used.",
        "Give --licence TEXT, or put a LICENSE.txt there whose first line says it.",
        "no-licence",
    )


def _settled(plane: Array, mask: Array) -> Array:
    plane -= np.float32(NEUTRAL)
    plane *= mask
    plane += np.float32(NEUTRAL)
    return plane


def _check_layout(subject: Subject, behind: Flags, mask: Array) -> None:
    if behind.any() and (share := agreement(behind, mask == 0)) < LEAST_AGREEMENT:
        raise GantlitzError(
            f"The background of {subject.folder} agrees by {share:.0%} only with that of the other subjects.",
            "Wrap all scans to one layout, give --mask FILE, or prepare this one into a store of its own.",
            "other-layout",
        )


def _notes(found: Findings, settings: Settings) -> list[str]:
    """What a person should know before training on it."""
    notes = []
    derived = found.derived()
    missing = [kind for kind in MAPS if kind not in found.files and kind not in derived]
    if missing:
        notes.append(f"no {' and no '.join(missing)} map: trained without")
    share = settings.crop[2] - settings.crop[0]
    for kind, facts in found.files.items():
        if (growth := settings.size[0] / (facts.width * share)) > 1.01:
            notes.append(f"the {kind} map is enlarged {growth:.2g} times: it has no finer detail")
    if "displacement" in found.files and found.files["displacement"].bits == 8:
        notes.append("8 bits are coarse for a displacement: fine detail shows steps")
    return notes
