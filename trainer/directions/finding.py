"""Labels of a model's faces as a linear function of w, and the directions that follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from gantlitz_blender.runtime.directions import Directions
from gantlitz_blender.runtime.model.generator import Generator

from .readers import Array, fit_reader

POPULATION = 20000  # w's of which the covariance is taken: the mapping alone makes them in a second
SMALLEST_VARIANCE = 1e-6  # of w along an axis, relative to the largest: what never varies says nothing


@torch.no_grad()
def latents(generator: Generator, seeds: Iterable[int]) -> Tensor:
    """(N, w_dim): w of the faces of seeds, untruncated; the same seeds as in a recipe."""
    z = np.stack([np.random.RandomState(seed).standard_normal(generator.config.z_dim) for seed in seeds])
    return generator.mapping(torch.from_numpy(z).float().to(generator.w_avg.device))


@torch.no_grad()
def population(generator: Generator) -> tuple[Array, Array]:
    """Mean (w_dim,) and covariance (w_dim, w_dim) of w."""
    z = torch.randn(POPULATION, generator.config.z_dim, generator=torch.Generator().manual_seed(0))
    w = generator.mapping(z.to(generator.w_avg.device)).double().cpu().numpy()
    return w.mean(axis=0), np.cov(w, rowvar=False)


def whitened(ws: Tensor, mean: Array, covariance: Array) -> tuple[Array, Array]:
    """Coordinates (N, K) of w's along the axes on which they vary, variance 1 each, and what turns w into them (w_dim, K)."""
    variances, axes = np.linalg.eigh(covariance)
    kept = variances > SMALLEST_VARIANCE * variances[-1]
    whitener = axes[:, kept] / np.sqrt(variances[kept])
    return (ws.double().cpu().numpy() - mean) @ whitener, whitener


def directions_of(labels: Sequence[str], coordinates: Array, whitener: Array, covariance: Array, values: Array) -> Directions:
    """From faces at ``whitened`` coordinates (N, K) and their labels' values (N, L), in standard deviations of the faces."""
    reader = fit_reader(coordinates, values)
    gradients = whitener @ (reader.weights / reader.scale[:, None])  # (w_dim, L)
    spread = covariance @ gradients
    return Directions(tuple(labels), torch.from_numpy(spread).float(), torch.from_numpy(gradients.T @ spread).float())


def chosen(directions: Directions, labels: Sequence[str]) -> Directions:
    """Those of some labels, in this order."""
    at = [directions.labels.index(label) for label in labels]
    return Directions(tuple(labels), directions.spread[:, at], directions.gram[at][:, at])
