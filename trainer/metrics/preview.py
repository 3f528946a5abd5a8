"""Is a preview the face that will be made? Skip sums, and drafts, beside the full render made smaller."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.model.config import MODALITIES, channels_of
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.recipe import Recipe

from ..figures import WINDOWS, correlation
from .faces import planes_of
from .skin import windows_at

FEWEST = 32  # texels of a window at the preview's level


def preview_windows(model: FaceModel, level: int) -> list[Rect]:
    """Windows of the face at a level: those of ``skin.windows_at``, or FEWEST texels where that is more."""
    height, width = model.config.size(level)
    found = []
    for name, window in windows_at(model.width, model.height).items():
        (u, v), side = WINDOWS[name], max(FEWEST, window.width >> level)
        top, left = (min(max(0, round(x * n) - side // 2), n - side) for x, n in ((v, height), (u, width)))
        found.append(Rect(top, left, top + side, left + side))
    return found


def preview_fidelity(model: FaceModel, recipes: Sequence[Recipe], level: int) -> dict[str, dict[str, dict[str, float]]]:
    """{preview or draft: {map: rms and correlation}} at a level, over the windows of all recipes' faces.

    rms: root mean square difference in the map's own unit (1 = full range, of the normal's x and y too; millimetres). The
    reference is level 0, area-averaged: what an artist's file gives at the same size.
    """
    told: dict[str, list[tuple[Array, Array]]] = {"preview": [], "draft": []}
    for recipe in recipes:
        for r in preview_windows(model, level):
            region = (r.left, r.top, r.right, r.bottom)
            finest = (r.left << level, r.top << level, r.right << level, r.bottom << level)
            whole = planes_of(model.render(recipe, region=finest))
            full = np.stack([cv2.resize(p, (r.width, r.height), interpolation=cv2.INTER_AREA) for p in whole])
            for kind, pairs in told.items():
                pairs.append((full, planes_of(model.render(recipe, level=level, region=region, draft=kind == "draft"))))
    return {kind: {m.name: _apart(pairs, channels_of(m.name)) for m in MODALITIES} for kind, pairs in told.items()}


def _apart(pairs: list[tuple[Array, Array]], channels: slice) -> dict[str, float]:
    rms = np.sqrt(np.mean([np.square(a[channels] - b[channels]).mean() for a, b in pairs]))
    agreement = np.mean([correlation(p, q) for a, b in pairs for p, q in zip(a[channels], b[channels], strict=True)])
    return {"rms": float(rms), "correlation": float(agreement)}
