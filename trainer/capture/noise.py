"""Band-limited noise that is the same at every size: lattices of white noise laid over the canvas, upsampled.

An octave of wavelengths b/2 .. b texels is white noise on a lattice of spacing b / 5.1, less its own blur, cubically
interpolated; where that lattice would be about as fine as the canvas, white noise on the canvas is filtered instead.
Neither depends on the size drawn, so a smaller texture shows the same octaves, and those finer than its texels vanish.
"""

from __future__ import annotations

import cv2
import numpy as np

from gantlitz_blender.runtime.layout import HEIGHT, WIDTH, Array

from .identity import generator

_SPACING = 5.1  # lattice steps per longest wavelength: puts the octave's energy between b/2 and b
_KEPT = 0.74  # std that cubic interpolation leaves of the lattice's
_LESS_BLUR = 0.87  # std of white noise less its blur by one step
_FINEST = 2.5  # lattices closer than this, in texels, would show: their octaves are filtered at the canvas's own resolution


def fit(plane: Array, width: int, height: int) -> Array:
    """A plane at another size: averaged where it shrinks, cubic where it grows."""
    if plane.shape[:2] == (height, width):
        return plane
    shrinks = width < plane.shape[1]
    resized = cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    return np.asarray(resized, np.float32)


def blur(plane: Array, sigma: float, sigma_y: float = 0.0) -> Array:
    """A Gaussian blur; sigma in texels of the plane, sigma_y where it differs."""
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma, sigmaY=sigma_y), np.float32)


def band_noise(seed: int, layer: str, size: tuple[int, int], low: float, high: float, slope: float = 0.0) -> Array:
    """Gaussian noise of unit deviation with wavelengths low .. high canvas texels: (height, width) float32.

    size: (width, height) to draw. slope: an octave's deviation grows as wavelength ** slope.
    What is finer than the drawn texels is left out, and the deviation is lower for it.
    """
    width, height = size
    octaves = max(1, round(np.log2(high / low)))
    weights = np.float64(2.0) ** (-slope * np.arange(octaves))
    weights /= np.sqrt((weights**2).sum()) * _KEPT
    image: Array | None = None
    for k, weight in enumerate(weights):
        spacing = max(high / 2**k / _SPACING, 1.0)
        if spacing * width / WIDTH < 0.7:
            break
        if spacing < _FINEST:
            fine = _filtered(generator(seed, layer, k), high / 2**k) * np.float32(weight * _KEPT)
            image = fine if image is None else fit(image, WIDTH, HEIGHT) + fine
            continue
        nx, ny = round(WIDTH / spacing) + 1, round(HEIGHT / spacing) + 1
        lattice = generator(seed, layer, k).standard_normal((ny, nx), np.float32)
        lattice -= blur(lattice, 1.0)
        lattice *= np.float32(weight / _LESS_BLUR)
        if image is not None:
            lattice += fit(image, nx, ny)
        image = lattice
    if image is None:
        return np.zeros((height, width), np.float32)
    return fit(image, width, height)


def _filtered(random: np.random.Generator, longest: float) -> Array:
    """One octave of unit deviation, the same in all directions, on the whole canvas: a difference of Gaussians."""
    inner, outer = 0.09 * longest, 0.18 * longest
    white = random.standard_normal((HEIGHT, WIDTH), np.float32)
    octave = blur(white, inner)
    octave -= blur(white, outer)
    power = (1 / inner**2 + 1 / outer**2) / (4 * np.pi) - 1 / (np.pi * (inner**2 + outer**2))
    octave *= np.float32(power**-0.5)
    return octave


def directed_noise(seed: int, layer: str, size: tuple[int, int], angle: Array, across: float, along: float) -> Array:
    """Noise drawn out along a field of axes, unit deviation: (height, width) float32.

    angle: radians at any size, the axes. across, along: the blur in canvas texels on either side of the grain.
    Four fixed directions are blended by how well each fits the axis: cheaper than following the field.
    """
    width, height = size
    scale = width / WIDTH
    total = np.zeros((height, width), np.float32)
    if across * scale < 0.4:
        return total
    power = np.zeros_like(total)
    reach = int(np.ceil(2 * along * scale)) | 1
    grid = np.arange(-reach, reach + 1, dtype=np.float32)
    for i in range(4):
        theta = np.pi * i / 4
        x = np.cos(theta) * grid[None, :] + np.sin(theta) * grid[:, None]
        y = np.cos(theta) * grid[:, None] - np.sin(theta) * grid[None, :]
        wave = 1 - (y / (across * scale)) ** 2
        kernel = wave * np.exp(-0.5 * ((x / (along * scale)) ** 2 + (y / (across * scale)) ** 2))
        kernel /= np.sqrt((kernel**2).sum())
        white = generator(seed, layer, i).standard_normal((height, width), np.float32)
        fits = np.clip(np.cos(2 * (angle - np.float32(theta))), 0, 1).astype(np.float32)
        weight = fit(fits, width, height)
        total += weight * cv2.filter2D(white, -1, kernel.astype(np.float32))
        power += weight * weight
    total /= np.sqrt(np.maximum(power, np.float32(0.2)))
    return total
