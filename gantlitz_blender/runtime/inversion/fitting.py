"""Both stages of a fit, in order, with its progress and what is needed to go on after a break."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ..errors import Cancelled
from ..model.generator import Generator
from .codes import CodesPlan, fit_codes
from .details import DetailsPlan, fit_details
from .fit import Fit
from .target import Target
from .variables import NoiseVariables

CODES_LEVEL = 4  # at which the codes are found
WATCH_EVERY = 5.0  # seconds between two fits that are shown


@dataclass(frozen=True)
class FitPlan:
    """How much work a fit is. noise_from: the coarsest level whose noise is fitted: where maps are missing, coarse noise meets the
    known ones at the cost of what it does to the others."""

    noise_from: int = 3
    codes: CodesPlan = field(default_factory=CodesPlan)
    details: DetailsPlan = field(default_factory=DetailsPlan)


@dataclass(frozen=True)
class Watch:
    """Who looks on. progress(share) often; shown(fit so far) every few seconds; kept(fit so far) after each level."""

    progress: Callable[[float], None] | None = None
    shown: Callable[[Fit], None] | None = None
    kept: Callable[[Fit], None] | None = None
    cancelled: Callable[[], bool] | None = None


def fit_maps(
    generator: Generator,
    target: Target,
    model_sha256: str,
    made_at: int,
    plan: FitPlan,
    watch: Watch,
    begun: Fit | None = None,
    dtype: torch.dtype = torch.float32,
) -> Fit:
    """The codes and noise that make the target's maps; with them maps down to the level ``made_at``, which may be finer than
    what is known. dtype: of the features while noise is fitted.

    begun: a fit of the same target and plan that was broken off, as ``watch.kept`` got it: it goes on from there.
    Raises Cancelled.
    """
    config = generator.config
    start = max(min(plan.noise_from, config.levels - 1), target.finest)
    # The coarsest level has no noise of its own.
    levels = [level for level in range(start, target.finest - 1, -1) if level < config.levels]
    if made_at < target.finest and levels:
        levels.append(made_at)
    costs = [_cost(generator, target, plan, level) for level in levels]
    done = -1 if begun is None else int(begun.notes.get("stages", 0))
    noise = NoiseVariables(config, generator.w_avg.device, begun)
    teller = _Teller(watch, noise, model_sha256, sum(costs))
    level = max(min(CODES_LEVEL, config.levels - 1), target.finest)
    if begun is None:
        codes = fit_codes(generator, target, noise, level, plan.codes, teller.codes)
        teller.keep(codes, 0)
    else:
        codes = begun.codes.to(generator.w_avg.device)
    teller.codes(1.0, codes)
    for stage, (at, cost) in enumerate(zip(levels, costs, strict=True), 1):
        if stage > done:
            pooled = at < target.finest
            heard = teller.detail(codes, cost)
            with _features_in(generator, dtype):
                fit_details(generator, target, noise, codes, max(at, target.finest), plan.details, heard, at if pooled else None)
            noise.settle()
            teller.keep(codes, stage)
        teller.spent += cost
    return teller.fit(codes, len(levels))


@contextlib.contextmanager
def _features_in(generator: Generator, dtype: torch.dtype) -> Iterator[None]:
    before = generator.global_stage.dtype
    generator.global_stage.dtype = dtype
    try:
        yield
    finally:
        generator.global_stage.dtype = before


def _cost(generator: Generator, target: Target, plan: FitPlan, level: int) -> float:
    """Of a level's passes, in units of the codes' stage: texels times maps times passes, about."""
    height, width = generator.config.size(level)
    return plan.details.of(level) * height * width * len(target.names(max(level, target.finest))) / 3e6


class _Teller:
    """Tells a watch how far the fit is, and what it is so far."""

    def __init__(self, watch: Watch, noise: NoiseVariables, model_sha256: str, cost: float):
        self.watch, self.noise, self.model_sha256 = watch, noise, model_sha256
        self.whole, self.spent = 1.0 + cost, 0.0
        self.due = time.monotonic()  # the first at once: a small fit is done before the second

    def fit(self, codes: Tensor, stages: int) -> Fit:
        return Fit(self.model_sha256, codes.detach().cpu().clone(), self.noise.fitted(), {"stages": stages})

    def codes(self, share: float, codes: Tensor) -> None:
        self.spent = share
        self._tell(self.spent, codes)

    def detail(self, codes: Tensor, cost: float) -> Callable[[float], None]:
        return lambda share: self._tell(self.spent + share * cost, codes)

    def keep(self, codes: Tensor, stages: int) -> None:
        if self.watch.kept:
            self.watch.kept(self.fit(codes, stages))

    def _tell(self, spent: float, codes: Tensor) -> None:
        if self.watch.cancelled and self.watch.cancelled():
            raise Cancelled
        if self.watch.progress:
            self.watch.progress(spent / self.whole)
        if self.watch.shown and time.monotonic() > self.due:
            self.watch.shown(self.fit(codes, -1))
            self.due = time.monotonic()  # the first at once: a small fit is done before the second
