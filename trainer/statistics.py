"""What the generator starts from: normalisation constants, the mean face, its joint components and where detail lies."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import torch

from gantlitz_blender.runtime.model.config import MODALITIES, ModelConfig, channels_of
from gantlitz_blender.runtime.model.generator import Generator
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.model.resample import upsample2

from .store import Store
from .store_format import CHANNELS

NORMAL = channels_of("normal")
STRONGEST = 0.4  # natural logarithm of the noise strength, relative to its mean over the face


def normalisation(stores: list[Store]) -> tuple[np.ndarray, np.ndarray]:
    """(mean, sigma) of the seven channels over the mask; normals: mean 0 and one sigma for x and y.

    Of all subjects of the finest store that has the channel; mean 0 and sigma 1 where no store has it.
    """
    mean, sigma = np.zeros(CHANNELS), np.zeros(CHANNELS)
    for store in sorted(stores, key=lambda s: s.level):
        there = sigma > 0
        mean, sigma = (np.where(there, *pair) for pair in zip((mean, sigma), store.moments(), strict=True))
    square = np.square(sigma) + np.square(mean)
    mean[NORMAL], sigma[NORMAL] = 0.0, np.sqrt(square[NORMAL].mean())
    sigma[sigma == 0] = 1.0
    return mean, sigma


def presence(store: Store, index: int) -> np.ndarray:
    """(7,) bool: the channels that a subject has."""
    there = store.modalities(index)
    return np.concatenate([np.full(m.channels, m.name in there) for m in MODALITIES])


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


def _standardised(store: Store, level: int, channels: list[int], mean: np.ndarray, sigma: np.ndarray) -> Iterator[np.ndarray]:
    """Every subject and its mirror image at a level, (C, H, W); channels that a subject lacks are 0, the mean of all faces."""
    shift, scale = (x.astype(np.float32)[:, None, None] for x in (mean, sigma))
    for i in range(len(store)):
        there = presence(store, i)[:, None, None]
        for mirrored in (False, True):
            yield ((store.subject(i, level, mirrored) - shift) / scale * there)[channels]


def _subjects_having(store: Store, channels: list[int]) -> np.ndarray:
    """(C,): how many have each channel; 1 where none has, to be divided by."""
    return np.maximum(np.sum([presence(store, i)[channels] for i in range(len(store))], axis=0), 1)


def _deviations(store: Store, level: int, channels: list[int], mean: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Every subject and its mirror image less their average, (2 n, C, H, W); 0 where a subject has no such channel."""
    data = np.stack(list(_standardised(store, level, channels, mean, sigma)))
    average = data.sum(axis=0) / (2 * _subjects_having(store, channels))[:, None, None].astype(np.float32)
    for i, maps in enumerate(data):
        maps -= average * presence(store, i // 2)[channels][:, None, None]
    return data


def canvas_channels(config: ModelConfig) -> list[int]:
    """Which of the seven channels the canvas holds, in its order."""
    return [c for m in config.canvas_modalities for c in range(CHANNELS)[channels_of(m.name)]]


def fit_canvas(
    generator: Generator, store: Store, mean: np.ndarray, sigma: np.ndarray, beside: np.ndarray | None = None
) -> tuple[np.ndarray, float]:
    """Fill the canvas: masked mean, joint principal components scaled to one standard deviation, whitened coefficients of w.

    beside: (2 n, F), what else of each subject and its mirror image the components are of, less its mean; it counts as much as the
    pictures do. Returns the coefficients (2 n, components) of all of them, white, and the weight of a squared value beside a
    squared texel.
    """
    config, canvas = generator.config, generator.canvas
    channels = canvas_channels(config)
    finest = max(config.mean_level, store.level)
    average = np.zeros((len(channels), *config.size(finest)), np.float32)
    for maps in _standardised(store, finest, channels, mean, sigma):
        average += maps
    average /= 2 * _subjects_having(store, channels)[:, None, None]
    average = spread_outward(average, store.mask_at(finest))
    for level, part in _residuals(average[None], finest, config.levels).items():
        canvas.mean[str(level)].data.copy_(torch.from_numpy(part[0]))
    if not config.components:
        return np.zeros((2 * len(store), 0)), 0.0

    level = config.component_level
    mask = store.mask_at(level)
    data = _deviations(store, level, channels, mean, sigma) * mask
    flat = data.reshape(len(data), -1)
    gram, weight = flat @ flat.T / len(flat), 0.0
    if beside is not None and beside.any():
        weight = float(np.square(flat).sum() / np.square(beside).sum())
        gram = gram + weight * (beside @ beside.T) / len(flat)
    values, vectors = np.linalg.eigh(gram.astype(np.float64))
    top = np.argsort(values)[::-1][: config.components]
    parts = (vectors[:, top].T @ flat / len(flat) ** 0.5).reshape(len(top), *data.shape[1:])
    parts = np.stack([spread_outward(p, mask) for p in parts])
    for lv, part in _residuals(parts, level, config.levels).items():
        canvas.component[str(lv)].data[: len(top)].copy_(torch.from_numpy(part))
    shown = np.square(vectors[:, top].T @ flat).sum() / np.square(flat).sum()
    print(f"identity canvas: {len(top)} components hold {shown:.1%} of the variance at level {level}")

    with torch.no_grad():  # whiten the mapping's own distribution
        z = torch.randn(20_000, config.z_dim, generator=torch.Generator().manual_seed(0))
        w = generator.mapping(z)
        origin = w.mean(dim=0)
        strength, directions = torch.linalg.eigh(torch.cov(w.T))
        order = strength.argsort(descending=True)[: config.components]
        canvas.origin.copy_(origin)
        canvas.projection.copy_((directions[:, order] / strength[order].sqrt()).T)
    return vectors[:, top] * len(flat) ** 0.5, weight


def fit_noise_maps(generator: Generator, store: Store, mean: np.ndarray, sigma: np.ndarray, subjects: int = 8) -> None:
    """Start each level's noise strength where the data has energy in that octave.

    The energy is the median over subjects of the local mean square of the octave (a level minus its coarser level) of the
    albedo's green and of the displacement: the median keeps one subject's mole from becoming everybody's noise. It is cut
    off a little above the average, because edges of ears, lids and lips have energy too and are not noise. A level stays as
    it is where no subject has either map.
    """
    config = generator.config
    grid = config.size(config.levels)
    for key, parameter in generator.patch_stage.noise_map.items():
        level = int(key)
        if level < store.level:
            continue
        logs = []
        for channel in (1, 6):
            having = [i for i in range(len(store)) if presence(store, i)[channel]][:subjects]
            if not having:
                continue
            energy = np.median([octave_energy(store, i, level, channel, grid) / sigma[channel] ** 2 for i in having], axis=0)
            energy = 0.5 * (energy + energy[:, ::-1])
            logs.append(0.5 * np.log(energy + 1e-8 + 0.01 * energy.mean()))
        if not logs:
            continue
        field = cv2.GaussianBlur(np.mean(logs, axis=0).astype(np.float32), (0, 0), 0.7)
        inside = store.mask_at(config.levels) > 0.5
        field = np.clip(field - field[inside].mean(), -1.5, STRONGEST)
        parameter.data.copy_(torch.from_numpy(field)[None, None])


def octave_energy(store: Store, index: int, level: int, channel: int, grid: tuple[int, int]) -> np.ndarray:
    """(h, w) = grid: local mean square of one channel less its next coarser level."""
    fine, coarse = (store.channel(index, k, channel) for k in (level, level + 1))
    (height, width), (h, w) = fine.shape, grid
    octave = fine - cv2.resize(coarse, (width, height))
    return np.square(octave).reshape(h, height // h, w, width // w).mean(axis=(1, 3))
