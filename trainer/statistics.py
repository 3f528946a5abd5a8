"""What the generator starts from: normalisation constants, the mean face, its joint components and where detail lies."""

from __future__ import annotations

import cv2
import numpy as np
import torch

from gantlitz_blender.runtime.model.config import channels_of
from gantlitz_blender.runtime.model.generator import Generator
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.model.resample import upsample2

from .store import CHANNELS, Store

NORMAL = channels_of("normal")
STRONGEST = 0.4  # natural logarithm of the noise strength, relative to its mean over the face


def normalisation(store: Store, subjects: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """(mean, sigma) of the seven channels over the mask at the store's own level; normals: mean 0 and one sigma for x and y."""
    inside = store.mask > 0.5
    first = second = np.zeros(CHANNELS)
    chosen = range(min(subjects, len(store)))
    for i in chosen:
        maps = store.subject(i, store.level)
        values = [maps[c][inside].astype(np.float64) for c in range(CHANNELS)]
        first = first + [v.mean() for v in values]
        second = second + [np.square(v).mean() for v in values]
    mean, square = first / len(chosen), second / len(chosen)
    mean[NORMAL] = 0.0
    square[NORMAL] = square[NORMAL].mean()
    return mean, np.sqrt(square - mean**2)


def spread_outward(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(C, H, W) with the values outside the mask replaced by blurred values from inside, so that no edge is learnt there."""
    weight = (mask > 0.9).astype(np.float32)
    out = np.where(weight > 0, image, 0.0)
    for c in range(len(out)):
        sigma, total, value = 2.0, weight, out[c].astype(np.float32)
        filled = weight > 0
        result = value.copy()
        while not filled.all() and sigma < 4 * max(mask.shape):
            w = cv2.GaussianBlur(total, (0, 0), sigma)
            v = cv2.GaussianBlur(value, (0, 0), sigma)
            now = ~filled & (w > 0.02)
            result[now] = v[now] / w[now]
            filled |= now
            sigma *= 2
        result[~filled] = value[weight > 0].mean()
        out[c] = result
    return out


def _residuals(image: np.ndarray, finest: int, coarsest: int) -> dict[int, np.ndarray]:
    """Split (N, C, H, W) at level ``finest`` into what the skip sum adds at each level ``finest`` .. ``coarsest``."""
    pyramid = {finest: torch.from_numpy(image.astype(np.float32))}
    for level in range(finest + 1, coarsest + 1):
        pyramid[level] = torch.nn.functional.avg_pool2d(pyramid[level - 1], 2)
    out = {coarsest: pyramid[coarsest].numpy()}
    for level in range(coarsest - 1, finest - 1, -1):
        h, w = pyramid[level].shape[-2:]
        want = Rect(0, 0, h, w)
        padded = torch.nn.functional.pad(pyramid[level + 1], (1, 1, 1, 1), mode="replicate")
        coarse = upsample2(padded, Rect(-1, -1, h // 2 + 1, w // 2 + 1), want)
        out[level] = (pyramid[level] - coarse).numpy()
    return out


def _stack(store: Store, level: int, channels: list[int], mean: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Every subject and its mirror image at a level, standardised, (2 n, C, H, W)."""
    out = []
    for i in range(len(store)):
        maps = store.subject(i, level).astype(np.float32)
        maps = (maps - mean[:, None, None]) / sigma[:, None, None]
        mirror = maps[..., ::-1].copy()
        mirror[3] *= -1
        out += [maps[channels], mirror[channels]]
    return np.stack(out)


def fit_canvas(generator: Generator, store: Store, mean: np.ndarray, sigma: np.ndarray) -> None:
    """Fill the canvas: masked mean, joint principal components scaled to one standard deviation, whitened coefficients of w."""
    config, canvas = generator.config, generator.canvas
    channels = [c for m in config.canvas_modalities for c in range(CHANNELS)[channels_of(m.name)]]
    finest = max(config.mean_level, store.level)
    average = np.zeros((len(channels), *config.size(finest)), np.float32)
    for i in range(len(store)):
        maps = (store.subject(i, finest).astype(np.float32) - mean[:, None, None]) / sigma[:, None, None]
        average += (maps[channels] + maps[channels][..., ::-1]) / (2 * len(store))
    average = spread_outward(average, store.mask_at(finest))
    for level, part in _residuals(average[None], finest, config.levels).items():
        canvas.mean[str(level)].data.copy_(torch.from_numpy(part[0]))
    if not config.components:
        return

    level = config.component_level
    data = _stack(store, level, channels, mean, sigma)
    mask = store.mask_at(level)
    data = (data - data.mean(axis=0)) * mask
    flat = data.reshape(len(data), -1)
    gram = flat @ flat.T / len(flat)
    values, vectors = np.linalg.eigh(gram.astype(np.float64))
    top = np.argsort(values)[::-1][: config.components]
    parts = (vectors[:, top].T @ flat / len(flat) ** 0.5).reshape(len(top), *data.shape[1:])
    parts = np.stack([spread_outward(p, mask) for p in parts])
    for lv, part in _residuals(parts, level, config.levels).items():
        canvas.component[str(lv)].data[: len(top)].copy_(torch.from_numpy(part))
    print(
        f"identity canvas: {len(top)} components hold {values[top].sum() / values.sum():.1%} of the variance at level {level}"
    )

    with torch.no_grad():  # whiten the mapping's own distribution
        z = torch.randn(20_000, config.z_dim, generator=torch.Generator().manual_seed(0))
        w = generator.mapping(z)
        origin = w.mean(dim=0)
        strength, directions = torch.linalg.eigh(torch.cov(w.T))
        order = strength.argsort(descending=True)[: config.components]
        canvas.origin.copy_(origin)
        canvas.projection.copy_((directions[:, order] / strength[order].sqrt()).T)


def fit_noise_maps(generator: Generator, store: Store, mean: np.ndarray, sigma: np.ndarray, subjects: int = 8) -> None:
    """Start each level's noise strength where the data has energy in that octave.

    The energy is the median over subjects of the local mean square of the octave (a level minus its coarser level) of the
    albedo's green and of the displacement: the median keeps one subject's mole from becoming everybody's noise. It is cut
    off a little above the average, because edges of ears, lids and lips have energy too and are not noise.
    """
    config = generator.config
    for key, parameter in generator.patch_stage.noise_map.items():
        level = int(key)
        if level < store.level:
            continue
        logs = []
        for channel in (1, 6):
            energies = []
            for i in range(min(subjects, len(store))):
                fine = store.subject(i, level)[channel].astype(np.float32) / sigma[channel]
                coarse = cv2.resize(
                    store.subject(i, level + 1)[channel].astype(np.float32) / sigma[channel], fine.shape[::-1]
                )
                h, w = config.size(config.levels)
                energies.append(
                    np.square(fine - coarse).reshape(h, fine.shape[0] // h, w, fine.shape[1] // w).mean(axis=(1, 3))
                )
            energy = np.median(energies, axis=0)
            energy = 0.5 * (energy + energy[:, ::-1])
            logs.append(0.5 * np.log(energy + 1e-8 + 0.01 * energy.mean()))
        field = cv2.GaussianBlur(np.mean(logs, axis=0).astype(np.float32), (0, 0), 0.7)
        inside = store.mask_at(config.levels) > 0.5
        field = np.clip(field - field[inside].mean(), -1.5, STRONGEST)
        parameter.data.copy_(torch.from_numpy(field)[None, None])
