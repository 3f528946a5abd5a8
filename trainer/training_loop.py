"""Patch-wise adversarial training of the dual-style generator."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gantlitz_blender.runtime.face_model import choose_dtype
from gantlitz_blender.runtime.model.config import MODALITIES
from gantlitz_blender.runtime.model.generator import Generator
from gantlitz_blender.runtime.model.noise import RandomNoise

from .augment import band_filter
from .discriminator import Discriminator
from .history import History, cut_log, origin_of
from .losses import anchor_loss, band_statistics_loss, discriminator_loss, generator_loss, r1_penalty
from .patches import ALL, PAIRS, Batch, PatchSampler, channel_presence
from .presets import TrainConfig
from .state import load_learnt, load_state, recover, save_state
from .statistics import fit_canvas, fit_noise_maps, normalisation
from .store import Store


def is_fitted(name: str) -> bool:
    """Whether a tensor of a network is fitted to the stores before training: canvas, noise strengths, constants, mask."""
    return name.startswith(("canvas.", "std_", "mask")) or ".noise_map." in name


class Trainer:
    """Both networks, their optimisers and one step. Every random draw follows from (seed, step): a resumed run goes on exactly.

    fresh: fit the canvas and the noise strengths to the stores; a run that is resumed loads them with its state instead.
    start: another run's folder, whose networks a fresh one begins with; what is fitted to stores is fitted to these.
    """

    def __init__(
        self,
        config: TrainConfig,
        stores: list[Store],
        device: str = "cpu",
        dtype: torch.dtype = torch.bfloat16,
        fresh: bool = True,
        start: Path | None = None,
    ):
        self.config, self.device, self.dtype = config, device, dtype
        finest = min(stores, key=lambda s: s.level)
        constants = normalisation(stores)
        self.sampler = PatchSampler(stores, config.model, config.patch, constants)
        torch.manual_seed(config.seed)
        self.generator = Generator(config.model)
        mean, sigma = constants
        self.generator.std_mean.copy_(torch.from_numpy(mean))
        self.generator.std_sigma.copy_(torch.from_numpy(sigma))
        self.generator.mask.copy_(torch.from_numpy(self.sampler.mask(config.model.mask_level)))
        if start:
            load_learnt(start, "ema", self.generator, is_fitted)
        if fresh:
            fit_canvas(self.generator, max(stores, key=len), mean, sigma)
            fit_noise_maps(self.generator, finest, mean, sigma)
        self.discriminator = Discriminator(config.d_channels, config.patch, config.subjects, config.model.levels)
        if start:
            load_learnt(start, "discriminator", self.discriminator, is_fitted)
        for network in (self.generator, self.discriminator):
            network.to(device)
            for p in network.parameters():
                if p.dim() == 4:  # convolutions: the libraries' faster road
                    p.data = p.data.contiguous(memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.generator).requires_grad_(False)
        self.generator.global_stage.dtype = dtype
        slow: list[torch.nn.Parameter] = []
        quick: list[torch.nn.Parameter] = []
        for name, p in self.generator.named_parameters():
            (slow if is_fitted(name) else quick).append(p)
        for p in slow:
            p.requires_grad_(config.canvas_lr > 0)
        groups: list[dict] = [{"params": quick}, {"params": slow, "lr": config.lr_g * config.canvas_lr}]
        self.adam_g = torch.optim.Adam(groups, lr=config.lr_g, betas=(0.0, 0.99), eps=1e-8)
        self.adam_d = torch.optim.Adam(self.discriminator.parameters(), lr=config.lr_d, betas=(0.0, 0.99), eps=1e-8)
        self.step = 0
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._ahead: dict[int, Future[Batch]] = {}

    @property
    def modules(self) -> dict[str, torch.nn.Module]:
        return {"generator": self.generator, "ema": self.ema, "discriminator": self.discriminator}

    @property
    def optimisers(self) -> dict[str, torch.optim.Adam]:
        return {"adam_g": self.adam_g, "adam_d": self.adam_d}

    def draw(self, step: int) -> Batch:
        """A step's places, subjects and modalities."""
        c = self.config
        rng = np.random.default_rng([c.seed, step])
        share = step / c.steps
        weights = next(w for until, w in c.schedule if share <= until or until >= 1.0)
        level = int(rng.choice(len(weights), p=weights))
        modalities = ALL if rng.random() < c.all_modalities_p else PAIRS[rng.integers(len(PAIRS))]
        return self.sampler.draw(rng, level, c.places, c.subjects, modalities)

    def next_batch(self) -> Batch:
        """This step's batch; the next one is read meanwhile, which changes nothing of what it holds."""
        ahead = self._ahead.pop(self.step, None)
        batch = ahead.result() if ahead else self.draw(self.step)
        self._ahead = {self.step + 1: self._reader.submit(self.draw, self.step + 1)}
        return batch

    def fake(self, batch: Batch, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """(places * subjects, 7, P, P): the generator at the batch's places, masked; and the anchor loss.

        What the real patch beside it lacks is 0 here too: the discriminator compares like with like.
        """
        c = self.config
        z = torch.randn(c.subjects, c.model.z_dim, generator=rng).to(self.device)
        noise = RandomNoise(rng, self.device)
        w = self.generator.mapping(z)
        maps = self.generator(w, batch.level, batch.places, noise, batch.modalities)
        mask = batch.mask.to(self.device)
        anchor = torch.zeros((), device=self.device)
        held = [name for name in ("albedo", "specular") if name in maps and c.anchor_loss]
        if held:
            with torch.no_grad():
                anchors = {name: self.generator.canvas_only(name, w, batch.level, batch.places) for name in held}
            anchor = anchor_loss(maps, anchors, mask)
        parts = []
        for m in MODALITIES:
            shape = (len(mask), m.channels, c.patch, c.patch)
            parts.append(maps[m.name] * mask if m.name in maps else torch.zeros(shape, device=self.device))
        return torch.cat(parts, dim=1) * channel_presence(batch.present.to(self.device)), anchor

    def train_step(self) -> dict[str, float | int]:
        """One update of each network; returns what the log shows."""
        c = self.config
        rng = torch.Generator().manual_seed(c.seed * 1_000_003 + self.step)
        batch = self.next_batch()
        present, box = batch.present.to(self.device), batch.box.to(self.device)

        def judge(image: Tensor) -> Tensor:
            return self.discriminator(band_filter(image, c.filter_p, rng), present, box, self.dtype)

        self.discriminator.requires_grad_(False)
        fake, anchor = self.fake(batch, rng)
        real = batch.real.to(self.device)
        loss_g = generator_loss(judge(fake))
        bands = band_statistics_loss(fake, real, c.subjects) if c.band_loss else torch.zeros(())
        self.adam_g.zero_grad(set_to_none=True)
        (loss_g + c.band_loss * bands + c.anchor_loss * anchor).backward()
        self.adam_g.step()

        self.discriminator.requires_grad_(True)
        real_logits, fake_logits = judge(real), judge(fake.detach())
        loss_d = discriminator_loss(real_logits, fake_logits)
        total = loss_d
        penalty = torch.zeros(())
        if self.step % c.r1_every == 0:
            penalty = r1_penalty(self.discriminator, real, present, box)
            total = total + 0.5 * c.r1_gamma * c.r1_every * penalty
        self.adam_d.zero_grad(set_to_none=True)
        total.backward()
        self.adam_d.step()

        beta = min(c.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.ema.parameters()), list(self.generator.parameters()), 1 - beta)
        self.step += 1
        return {
            "step": self.step, "level": batch.level, "maps": len(batch.modalities), "g": loss_g.item(), "d": loss_d.item(),
            "r1": penalty.item(), "bands": bands.item(), "anchor": anchor.item(),
            "real": real_logits.mean().item(), "fake": fake_logits.mean().item(),
        }  # fmt: skip

    @torch.no_grad()
    def track_w_avg(self, samples: int = 8192) -> None:
        """w_avg and the canvas's origin of the averaged generator: the mean of w over many z."""
        z = torch.randn(samples, self.config.model.z_dim, generator=torch.Generator().manual_seed(1)).to(self.device)
        self.ema.w_avg.copy_(self.ema.mapping(z).mean(dim=0))
        self.ema.canvas.origin.copy_(self.ema.w_avg)


def train(
    config: TrainConfig,
    stores: list[Store],
    run: Path,
    device: str,
    on_snapshot: Callable[[Trainer], None] | None = None,
    start: Path | None = None,
) -> Trainer:
    """Train until ``config.steps``, resuming whatever ``run/state`` holds; log to ``run/log.jsonl``, show with ``on_snapshot``.

    start: the folder of another run, with whose networks a run that is not resumed begins.
    """
    run.mkdir(parents=True, exist_ok=True)
    entry = {"config": asdict(config), "data": [store.description() for store in stores]}
    history = History(run / "history.json")
    history.check(entry)
    resumed = recover(run / "state")
    if origin := history.origin if resumed else start and origin_of(start):
        entry["start"] = origin
    trainer = Trainer(config, stores, device, choose_dtype("auto", device), fresh=not resumed, start=None if resumed else start)
    seconds = 0.0
    if resumed:
        counters = load_state(run / "state", trainer.modules, trainer.optimisers)
        trainer.step, seconds = counters["step"], counters["seconds"]
        print(f"resuming at step {trainer.step}")
    history.add(trainer.step, entry)
    cut_log(run / "log.jsonl", trainer.step)
    with open(run / "log.jsonl", "a") as log:
        while trainer.step < config.steps:
            begun = time.perf_counter()
            row = trainer.train_step()
            seconds += time.perf_counter() - begun
            log.write(json.dumps(row | {"seconds": round(seconds, 2)}) + "\n")
            if trainer.step % 20 == 0:
                log.flush()
                print(
                    " ".join(f"{k} {v:.3g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()),
                    f"{seconds:.0f}s",
                )
            if trainer.step % config.snapshot_every == 0 or trainer.step == config.steps:
                trainer.track_w_avg()
                save_state(run / "state", trainer.modules, trainer.optimisers, {"step": trainer.step, "seconds": seconds})
                if on_snapshot:
                    on_snapshot(trainer)
    return trainer
