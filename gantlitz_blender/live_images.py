"""The four images that the live look paints into. They are generated: in a file that is saved with them they open black."""

import bpy
import numpy as np

from .images import COLOUR_MAPS, set_colour_space
from .runtime.image_pixels import KINDS

NEUTRAL = {  # RGBA until the first preview is there
    "albedo": (0.75, 0.58, 0.5, 1.0),
    "normal": (0.5, 0.5, 1.0, 1.0),
    "specular": (0.25, 0.25, 0.25, 1.0),
    "displacement": (0.0, 0.0, 0.0, 1.0),
}
START_SIZE = (24, 16)


def live_image(kind: str) -> bpy.types.Image:
    """The image of that kind, made where there is none: looked up anew each time, since undo and files take it away."""
    for image in bpy.data.images:
        if image.gantlitz_live == kind and image.library is None:
            return image
    width, height = START_SIZE
    # Bytes for the colour, as in its file: Blender takes the numbers of float images for linear light.
    numbers = kind not in COLOUR_MAPS
    image = bpy.data.images.new(
        f"GANtlitz Live {kind.capitalize()}", width, height, alpha=False, float_buffer=numbers, is_data=numbers
    )
    set_colour_space(image, kind)  # before any pixel: afterwards it would throw them away
    image.gantlitz_live = kind
    paint(image, np.tile(np.array(NEUTRAL[kind], np.float32), (height, width, 1)))
    return image


def live_images() -> dict[str, bpy.types.Image]:
    return {kind: live_image(kind) for kind in KINDS}


def paint(image: bpy.types.Image, pixels: np.ndarray) -> None:
    """Show `pixels`, float32 (H, W, 4), row 0 at the bottom, as the whole of the image."""
    height, width = pixels.shape[:2]
    if tuple(image.size) != (width, height):
        image.generated_width, image.generated_height = width, height
    image.pixels.foreach_set(pixels.reshape(-1))
    image.update()
    image.update_tag()


def drop_unused() -> None:
    """Remove those of the images that nothing shows any more."""
    for image in [image for image in bpy.data.images if image.gantlitz_live and not image.users]:
        bpy.data.images.remove(image)


def keep(image: bpy.types.Image, name: str) -> None:
    """Make a live image one of the file's own, with its pixels packed in it."""
    image.gantlitz_live = ""
    image.name = name
    image.pack()
