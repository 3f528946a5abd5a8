"""What shows a label in a face's maps, as one vector: the whole face seen from afar, and some places of it from near.

From afar: colours, gloss and relief by region, and the energies of what detail there is. From near: energies and skewness of
the octaves of detail, for wrinkles, freckles, stubble and pores. Texels as they are tell less of people that were not seen, and
nothing that holds for a model's faces too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.layout_regions import region
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.octaves import octaves_of

NEAR = 768  # texels that the canvas is wide for the places: one is 0.43 mm
FAR = 4  # how many times smaller the whole face is
OCTAVES = 4
PLACE = 1 / 12  # side of a place, of the canvas's width: 28 mm
CELL = 16  # texels to whose multiples places keep: then they cover equally many texels of every coarser level
PLACES = {  # (u, v) of the centres
    "forehead": (0.5, 0.17),
    "cheek": (0.35, 0.50),
    "nose": (0.5, 0.51),
    "jaw": (0.40, 0.76),
}
REGIONS = (
    "forehead", "glabella", "temple", "crows_feet", "under_eye", "nose", "nose_tip", "cheek", "cheekbone", "nasolabial",
    "lips", "moustache", "chin", "jaw", "beard", "neck", "lateral",
)  # fmt: skip
CHANNELS = 5
MEANS = len(REGIONS) * CHANNELS  # that many features, the first, are the regions' means


@dataclass(frozen=True)
class View:
    """How faces are looked at. width, height: of the canvas at the level of the places, in texels."""

    width: int
    height: int

    @cached_property
    def places(self) -> list[Rect]:
        """The places, texels of their level."""
        side = max(CELL, round(self.width * PLACE / CELL) * CELL)
        corners = [
            tuple(
                round((at * texels - side / 2) / CELL) * CELL for at, texels in zip(place, (self.width, self.height), strict=True)
            )
            for place in PLACES.values()
        ]
        return [Rect(top, left, top + side, left + side) for left, top in corners]

    @cached_property
    def mask(self) -> Tensor:
        """(H, W) of the whole face."""
        return torch.from_numpy(layout.mask(self.width // FAR, self.height // FAR))

    @cached_property
    def regions(self) -> Tensor:
        """(R, H, W), each summing to 1, of the whole face."""
        u, v = layout.uv_grid(self.width // FAR, self.height // FAR)
        found = torch.from_numpy(np.stack([region(name, u, v) for name in REGIONS])) * self.mask
        return found / found.sum(dim=(1, 2), keepdim=True)

    def features(self, face: Tensor, places: Tensor) -> Tensor:
        """(F,) float64. face: (7, H, W) whole, FAR times smaller than the places' level; places: (P, 7, side, side).

        Channels and units of a store; the normal's are not looked at, since displacement says the same.
        """
        x = _channels(face[None]) * self.mask
        parts = [torch.einsum("rhw,chw->rc", self.regions, x[0])]
        weights = self.regions
        for octave in octaves_of(x, OCTAVES // 2)[:-1]:
            parts.append((torch.einsum("rhw,chw->rc", weights, octave[0].square()) + 1e-6).log())
            weights = 4 * F.avg_pool2d(weights[None], 2)[0]
        for octave in octaves_of(_channels(places), OCTAVES)[:-1]:
            energy = octave.square().mean(dim=(2, 3)) + 1e-6
            parts += [energy.log(), octave.pow(3).mean(dim=(2, 3)) / energy**1.5]
        return torch.cat([part.flatten() for part in parts]).double()


def _channels(maps: Tensor) -> Tensor:
    """(N, 7, h, w) -> (N, 5, h, w), each about one in size: optical density, its differences between colours, gloss, relief.

    Pigments add up in optical density: melanin's is in all colours, that of blood in green rather than red.
    """
    red, green, blue = (-maps[:, i].clamp(min=0.02).pow(2.2).log() for i in range(3))
    gloss = maps[:, 5].clamp(min=0.01).log()
    return torch.stack([(red + green + blue) / 3, 2 * (green - red), 2 * (blue - green), 2 * gloss, 10 * maps[:, 6]], dim=1)
