"""Scans as a studio might deliver them, small: a face-shaped patch of skin on a constant background."""

from pathlib import Path

import cv2
import numpy as np

from gantlitz_blender.runtime.layout import texel_mm
from gantlitz_blender.runtime.slopes import normals_of_displacement

WIDTH, HEIGHT = 192, 128
MM_PER_WHITE = 3.0  # of the displacement files
NAMES = {
    "albedo": "head_Albedo.png",
    "normal": "head_Normal.png",
    "specular": "head_Specular.png",
    "displacement": "head_Displacement.png",
}


def noise(seed: int, sigma: float, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """(H, W) float32, standard deviation 1, no waves much shorter than 5 sigma."""
    rough = np.random.default_rng(seed).standard_normal((height, width)).astype(np.float32)
    plane = cv2.GaussianBlur(rough, (0, 0), sigma)
    return plane / plane.std()


def face(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """(H, W) bool: an ellipse that fills most of the picture."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return ((x / (width - 1) - 0.5) / 0.42) ** 2 + ((y / (height - 1) - 0.5) / 0.46) ** 2 < 1


def made_maps(seed: int = 0, width: int = WIDTH, height: int = HEIGHT) -> dict[str, np.ndarray]:
    """Maps as in MapSet, before any mask: skin everywhere, and relief of which a part is coarser than 10 mm."""
    relief = 0.1 * noise(seed, 2, width, height) + 0.15 * noise(seed + 100, 5, width, height)
    tone = np.float32([0.72, 0.55, 0.47]) + 0.03 * noise(seed + 200, 3, width, height)[..., None]
    return {
        "albedo": np.clip(tone, 0, 1).astype(np.float32),
        "normal": normals_of_displacement(relief, texel_mm(width)),
        "specular": np.clip(0.3 + 0.05 * noise(seed + 300, 2, width, height), 0, 1).astype(np.float32),
        "displacement": relief,
    }


def pictures(maps: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The maps as files hold them, [0, 1]: the albedo on black, the displacement on mid-grey, OpenGL normals."""
    inside = face(*maps["specular"].shape[::-1])
    return {
        "albedo": maps["albedo"] * inside[..., None],
        "normal": 0.5 + 0.5 * maps["normal"],
        "specular": maps["specular"],
        "displacement": np.where(inside, 0.5 + maps["displacement"] / MM_PER_WHITE, 0.5),
    }


def save(path: Path, picture: np.ndarray, bits: int = 16) -> None:
    """Write a picture in [0, 1] as PNG, TIFF or JPEG of 8 or 16 bits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    full = 255 if bits == 8 else 65535
    integers = np.round(np.clip(picture, 0, 1) * full).astype(np.uint8 if bits == 8 else np.uint16)
    assert cv2.imwrite(str(path), integers[..., ::-1] if integers.ndim == 3 else integers)


def save_scan(folder: Path, seed: int = 0, kinds: tuple[str, ...] = tuple(NAMES), bits: int = 16) -> dict[str, np.ndarray]:
    """A subject's folder with maps of some kinds; -> the true maps."""
    maps = made_maps(seed)
    for kind in kinds:
        save(folder / NAMES[kind], pictures(maps)[kind], bits)
    return maps
