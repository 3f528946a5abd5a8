"""What a whole store is prepared with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.pictures.decoding import Size

from .cropping import WHOLE, Box

PREPARE_VERSION = 1  # raise it when the same files are prepared differently: a store holds one version only
HIGH_PASS_MM = 10.0  # wrinkles and pores are finer; what is coarser is the head's shape, which the mesh holds


@dataclass(frozen=True)
class Settings:
    """size: texels of the store. mask: "auto" (found from the constant background), "layout" (the model's own),
    "whole", or the path of a picture. crop: the part of every picture that is used. normals: "auto", "opengl" or
    "directx". albedo: "auto", "srgb" or "linear". texels_per_mm: of the store; None: the model's layout's. displacement_mm:
    for a step of 1 (black to white); None: from the normals, else assumed. high_pass_mm: longest wave of displacement
    that is kept; 0 keeps all. licence: None: the first line of LICENSE*.txt beside the maps.
    consent: what the people agreed to; a model that learns from the store says it. None: not recorded.
    """

    size: Size = (layout.WIDTH, layout.HEIGHT)
    mask: str = "auto"
    crop: Box = WHOLE
    normals: str = "auto"
    albedo: str = "auto"
    texels_per_mm: float | None = None
    displacement_mm: float | None = None
    high_pass_mm: float = HIGH_PASS_MM
    licence: str | None = None
    consent: str | None = None

    def __post_init__(self) -> None:
        left, top, right, bottom = self.crop
        if min(self.size) < 16:
            raise GantlitzError(f"--size {self.size[0]}x{self.size[1]} is too small.", "Use at least 16x16.", "bad-size")
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise GantlitzError(
                f"--crop {self.crop} is no box.", "Give left,top,right,bottom as shares, for instance 0.1,0,0.9,1.", "bad-crop"
            )
        for name in ("texels_per_mm", "displacement_mm", "high_pass_mm"):
            value = getattr(self, name)
            if value is not None and not (value > 0 or (name == "high_pass_mm" and value == 0)):
                raise GantlitzError(f"--{name.replace('_', '-')} {value} is not a length.", "Give a positive number.", "bad-length")

    @property
    def whole_size(self) -> tuple[float, float]:
        """Of a whole picture, in texels of the store: its size, divided by the share of each side that the crop keeps."""
        left, top, right, bottom = self.crop
        return self.size[0] / (right - left), self.size[1] / (bottom - top)

    @property
    def texel_mm(self) -> float:
        """The width of one texel of the store."""
        return 1 / self.texels_per_mm if self.texels_per_mm else layout.texel_mm(self.size[0])

    def about(self) -> dict[str, Any]:
        """What a store says of its making: only runs with the same may go on with it."""
        return {
            "maker": "prepare",
            "prepare_version": PREPARE_VERSION,
            "mask": Path(self.mask).name,
            "crop": list(self.crop),
            "texels_per_mm": round(1 / self.texel_mm, 6),
            "high_pass_mm": self.high_pass_mm,
            **({"consent": self.consent} if self.consent else {}),
        }
