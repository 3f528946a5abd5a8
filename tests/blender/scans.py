"""What the checks of scans share: small pictures, points, and what a refusal says."""

import bpy
import numpy as np

SIZE = 192
NEEDED = (
    ("eye_inner_left", 0.42, 0.40), ("eye_inner_right", 0.58, 0.40), ("eye_outer_left", 0.30, 0.40),
    ("eye_outer_right", 0.70, 0.40),
    ("nostril_left", 0.46, 0.55), ("nostril_right", 0.54, 0.55), ("mouth_corner_left", 0.40, 0.66),
    ("mouth_corner_right", 0.60, 0.66), ("chin", 0.50, 0.82), ("ear_front_left", 0.08, 0.48), ("ear_front_right", 0.92, 0.48),
)  # fmt: skip


def scan():
    return bpy.context.scene.gantlitz_scan


def state():
    return bpy.context.window_manager.gantlitz_scan


def picture(name="albedo", size=(SIZE, SIZE), *, floats=False, data=False):
    """A generated image: skin that darkens downwards."""
    image = bpy.data.images.new(name, *size, float_buffer=floats, is_data=data)
    pixels = np.ones((size[1], size[0], 4), np.float32)
    pixels[..., :3] = np.linspace(0.3, 0.8, size[1], dtype=np.float32)[:, None, None] * (1, 0.75, 0.6)
    image.pixels.foreach_set(pixels.ravel())
    return image


def saved(folder, name="albedo", **given):
    """An image with a file of its own."""
    image = picture(name, **given)
    image.filepath_raw, image.file_format = str(folder / f"{name}.png"), "PNG"
    image.save()
    bpy.data.images.remove(image)
    return bpy.data.images.load(str(folder / f"{name}.png"))


def place_all(size=SIZE):
    for name, u, v in NEEDED:
        assert bpy.ops.gantlitz.scan_point(name=name, x=u * size, y=v * size) == {"FINISHED"}


def said_by(operator, **given) -> str:
    try:
        outcome = getattr(bpy.ops.gantlitz, operator)("EXEC_DEFAULT", True, **given)
    except RuntimeError as error:
        return str(error)
    raise AssertionError(f"{operator} did not refuse: {outcome}")
