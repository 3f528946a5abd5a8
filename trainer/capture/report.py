"""A captured store beside published skin: a table of figures with their bands, and pictures to judge by eye."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.layout import WIDTH, Array
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.model.rects import Rect

from ..figures import (
    CORRELATION_BANDS,
    MIRROR_BAND,
    SHARE_BANDS,
    STD_BANDS,
    WINDOWS,
    mirror_difference,
    window_box,
    window_figures,
)
from ..state import write_aside
from ..store import Store

_THUMB_LEVEL = 4  # of the store's pyramid: 384 x 256
_COLUMNS = 10


def write_report(store: Store, out: Path, progress: bool = True) -> str:
    """Measure a full-size store; write figures.md, figures.json, faces.jpg and crops.jpg into ``out``; return the table.

    Raises GantlitzError (``bad-store``) for a store that is not 6144 wide, for which the bands say nothing, or lacks a map.
    """
    from tqdm import tqdm

    if store.width != WIDTH:
        raise GantlitzError(
            f"{store.folder} is {store.width} texels wide, but the published figures hold for {WIDTH}.",
            "Capture at the full size to get a report.",
            "bad-store",
        )
    rows: list[dict[str, float]] = []
    mirrors: list[float] = []
    for index in tqdm(range(len(store)), unit="subject", desc="measuring", disable=not progress):
        rows += [window_figures(read_window(store, index, name)) for name in WINDOWS]
        mirrors.append(_mirror(store, index))
    out.mkdir(parents=True, exist_ok=True)
    table, figures = tabulate(rows, mirrors)
    write_aside(out / "figures.md", table + "\n")
    write_aside(out / "figures.json", json.dumps({"subjects": store.names, "windows": list(WINDOWS), **figures}, indent=1) + "\n")
    _save(out / "faces.jpg", _faces(store))
    _save(out / "crops.jpg", _crops(store))
    return table


def read_window(store: Store, index: int, name: str) -> MapSet:
    """One window of one subject."""
    left, top, right, bottom = window_box(name, store.width, store.height)
    return as_maps(store.read(index, 0, Rect(top, left, bottom, right)))


def as_maps(channels: Array) -> MapSet:
    """(7, H, W) of a store as maps; the normal's z follows from x and y."""
    albedo, slope = np.moveaxis(channels[:3], 0, -1), channels[3:5]
    z = np.sqrt(np.maximum(1 - (slope**2).sum(0), 0))
    normal = np.stack([slope[0], slope[1], z], -1)
    return MapSet(*(np.ascontiguousarray(m, np.float32) for m in (albedo, normal, channels[5], channels[6])))


def _mirror(store: Store, index: int) -> float:
    parts = []
    for top in range(0, store.height, 512):
        strip = store.read(index, 0, Rect(top, 0, min(top + 512, store.height), store.width))
        parts.append(mirror_difference(np.moveaxis(strip[:3], 0, -1)) * strip.shape[1])
    return sum(parts) / store.height


def tabulate(rows: list[dict[str, float]], mirrors: list[float]) -> tuple[str, dict]:
    """(Markdown table, figures as JSON) of the windows' figures beside the bands; a figure is the mean over all windows."""
    lines = ["| figure | published | captured: mean | 5 to 95 % of windows | inside |", "|---|---|---|---|---|"]
    groups = (("octave shares", SHARE_BANDS), ("deviations", STD_BANDS), ("correlations", CORRELATION_BANDS))
    counts, figures = [], {}

    def add(name: str, band: tuple[float, float], values: NDArray[np.float64]) -> bool:
        mean, (low, high) = float(values.mean()), np.percentile(values, (5, 95))
        inside = band[0] <= round(mean, 3) <= band[1]
        lines.append(
            f"| {name} | {band[0]:g} .. {band[1]:g} | {mean:.3f} | {low:.3f} .. {high:.3f} | {'yes' if inside else 'NO'} |"
        )
        share = float(((values >= band[0]) & (values <= band[1])).mean())
        figures[name] = {"band": band, "mean": mean, "p5": float(low), "p95": float(high), "windows_inside": share}
        return inside

    for title, bands in groups:
        met = sum([add(name, band, np.array([row[name] for row in rows])) for name, band in bands.items()])
        counts.append(f"{met} of {len(bands)} {title}")
    add("albedo against its mirror image", MIRROR_BAND, np.array(mirrors))
    lines.append(f"\nInside the published bands: {', '.join(counts)} ({len(mirrors)} subjects, {len(rows)} windows).")
    return "\n".join(lines), {"figures": figures, "verdict": counts}


def _faces(store: Store) -> Array:
    """Every face's albedo, small, in a grid."""
    thumbs = [np.moveaxis(store.subject(i, _THUMB_LEVEL)[:3], 0, -1) for i in range(len(store))]
    blank = np.full_like(thumbs[0], 0.5)
    thumbs += [blank] * (-len(thumbs) % _COLUMNS)
    rows = [np.concatenate(thumbs[i : i + _COLUMNS], 1) for i in range(0, len(thumbs), _COLUMNS)]
    return np.concatenate(rows, 0)


def _crops(store: Store) -> Array:
    """1:1 windows of three subjects from light to dark: for each albedo, specular, lit normal and displacement."""
    by_tone = sorted(range(len(store)), key=lambda i: -float(read_window(store, i, "forehead").albedo.mean()))
    chosen = [by_tone[round(share * (len(by_tone) - 1))] for share in (0.12, 0.5, 0.88)]
    strips = [np.concatenate([picture(read_window(store, i, name)) for i in chosen], 1) for name in WINDOWS]
    return np.concatenate(strips, 0)


def picture(maps: MapSet) -> Array:
    """Albedo, specular, the normal map lit from the upper left, and displacement, side by side: (H, 4 W, 3) in [0, 1].

    Specular is doubled, displacement shown without its broad shapes at 6 of grey a millimetre.
    """
    light = np.array([-0.55, 0.45, 0.7], np.float32)
    light /= np.linalg.norm(light)
    half = light + np.array([0, 0, 1], np.float32)
    half /= np.linalg.norm(half)
    lit = 0.75 * np.clip(maps.normal @ light, 0, 1) + 0.35 * np.clip(maps.normal @ half, 0, 1) ** 40
    height = 0.5 + 6 * (maps.displacement - cv2.GaussianBlur(maps.displacement, (0, 0), 40))
    greys = [np.repeat(np.clip(p, 0, 1)[..., None], 3, 2) for p in (2 * maps.specular, lit, height)]
    return np.concatenate([maps.albedo, *greys], 1).astype(np.float32)


def _save(path: Path, image: Array) -> None:
    aside = path.with_name(f".{path.name}.jpg")
    if not cv2.imwrite(
        str(aside), np.round(np.clip(image[..., ::-1], 0, 1) * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 88]
    ):
        raise GantlitzError(f"{path} could not be written.", "Free some space or choose another folder.", "disk-full")
    aside.replace(path)
