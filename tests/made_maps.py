"""Maps of no face, small, for tests of what maps and their files are."""

import numpy as np

from gantlitz_blender.runtime.maps import MapSet, normalise
from gantlitz_blender.runtime.recipe import Recipe

RECIPE = Recipe(7, 0.8, 3, 1.25, "Jörg's faces")
MAPS = ("albedo", "normal", "specular", "displacement")


def made_up_maps(width=37, height=23, seed=0) -> MapSet:
    """Odd in size, every value different, so that a swapped axis, channel or row shows."""
    rng = np.random.default_rng(seed)
    normal = rng.standard_normal((height, width, 3), dtype=np.float32) * 0.3 + np.float32([0, 0, 1])
    normalise(normal)
    return MapSet(
        albedo=rng.random((height, width, 3), dtype=np.float32),
        normal=normal,
        specular=rng.random((height, width), dtype=np.float32),
        displacement=rng.standard_normal((height, width), dtype=np.float32) * 3,
    )
