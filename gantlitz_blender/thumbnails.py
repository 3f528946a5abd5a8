"""The small pictures of the looks: asked of the worker while it has nothing else to do, kept in the .blend, shown as icons.

A timer looks after them, in windows only. It never starts a worker, and does nothing during a render.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import bpy
import bpy.utils.previews
import numpy as np

from . import session, thumbnail
from .client import RuntimeClient, read_thumbnail
from .redrawing import redraw
from .runtime.errors import GantlitzError
from .runtime.recipe import Recipe

SECONDS = 0.3  # between two looks at what is missing
ICONS_A_TICK = 8  # decoded at once: about a millisecond
REFUSED = ""  # of a look that the model cannot render

_icons: bpy.utils.previews.ImagePreviewCollection | None = None
_packed: dict[str, str] = {}  # recipe -> thumbnail, REFUSED too: an undo takes them from the scene, not from here
_asked: tuple[RuntimeClient, int, str] | None = None  # client, request, recipe


def icon_of(look) -> int:
    """The icon of an entry of the history, a slot or a stop; 0 where there is none yet. Cheap: for drawing."""
    found = _icons.get(look.recipe) if _icons is not None and look.recipe else None
    return found.icon_id if found else 0


def register() -> None:
    global _icons
    _icons = bpy.utils.previews.new()
    if not bpy.app.background:
        bpy.app.timers.register(_tick, first_interval=SECONDS, persistent=True)


def unregister() -> None:
    global _icons, _asked
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    bpy.utils.previews.remove(_icons)
    _icons = _asked = None
    _packed.clear()


def _tick() -> float:
    if bpy.app.is_job_running("RENDER"):
        return SECONDS
    _hear()
    made, missing = 0, ""
    for look in _looks():
        if not look.thumbnail and _packed.get(look.recipe):
            look.thumbnail = _packed[look.recipe]
        if not look.thumbnail:
            missing = missing or ("" if look.recipe in _packed else look.recipe)
        elif made < ICONS_A_TICK and not icon_of(look):
            made += _make_icon(look)
    if missing and _asked is None:
        _ask(missing)
    if made:
        redraw("VIEW_3D")
    return SECONDS


def _looks() -> Iterator[Any]:
    for scene in bpy.data.scenes:
        if scene.library is None:
            looks = scene.gantlitz_looks
            for look in (looks.slot_a, looks.slot_b, *looks.entries, *looks.walk):
                if look.recipe:
                    yield look


def _ask(recipe: str) -> None:
    """Only of a worker that runs, and has no job: pictures are not worth waking or keeping one."""
    global _asked
    client = session.warm_client()
    if client is None or session.running():
        return
    try:
        wanted = Recipe.from_json(recipe)
        _asked = (client, client.request("thumbnail", recipe=wanted, width=thumbnail.WIDTH), recipe)
    except GantlitzError:
        _packed[recipe] = REFUSED


def _hear() -> None:
    global _asked
    if _asked is None:
        return
    client, request, recipe = _asked
    if client is not session.warm_client():  # another Python was chosen, or the worker has ended
        _asked = None
        return
    for answer in client.poll({request}):
        if answer["kind"] == "done":
            _asked = None
            with contextlib.suppress(GantlitzError):  # the worker has died since, and taken its files along: asked for again
                _packed[recipe] = thumbnail.pack(read_thumbnail(answer)[..., :3] / 255)
        elif answer["kind"] == "error":
            _asked = None
            if answer["code"] not in ("cancelled", "worker-died"):
                _packed[recipe] = REFUSED


def _make_icon(look) -> int:
    """1 if an icon was made. A text that is no picture is thrown away, and asked for again."""
    assert _icons is not None
    pixels = thumbnail.unpack(look.thumbnail)
    if pixels is None:
        look.thumbnail = ""
        return 0
    side = thumbnail.HEIGHT
    left = (thumbnail.WIDTH - side) // 2
    square = np.ones((side, side, 4), np.float32)  # icons are square, and the face is in the middle of the map
    square[..., :3] = pixels[:, left : left + side] / np.float32(255)
    icon = _icons.new(look.recipe)
    icon.image_size = icon.icon_size = (side, side)
    flat = np.ascontiguousarray(square[::-1]).ravel()
    icon.image_pixels_float.foreach_set(flat)
    icon.icon_pixels_float.foreach_set(flat)
    return 1
