"""Both networks, their optimisers and one step of training."""

from __future__ import annotations

import copy
from functools import partial

import numpy as np
import torch
from torch import Tensor

from gantlitz_blender.runtime.model.config import MODALITIES
from gantlitz_blender.runtime.model.generator import Generator

from .adaptive import AdaptiveRate
from .augment import augment, band_filter
from .averaging import ema_decay
from .distributed import Ranks
from .draws import Draws
from .importance import importance_map
from .losses import band_statistics_loss, discriminator_loss, generator_loss, likeness_loss, r1_penalty, spreads
from .mixing import draw_crossovers, mix_styles
from .origin import Origin, check_freezing, is_fitted
from .pairing import People, stand_in
from .patches import ALL, PAIRS, Batch, PatchSampler
from .path_length import PathLength, path_lengths
from .presets import TrainConfig
from .reading import Reader
from .statistics import fit_canvas, fit_noise_maps, normalisation
from .store import Store
from .transfer import send

Row = dict[str, Tensor | int | float]  # what the log shows of a step


class Trainer:
    """Both networks, their optimisers and one step.

    Every random draw follows from (seed, step, place): a resumed run goes on exactly, and processes that share a step's places
    do together what one would do alone.

    fresh: fit the canvas and the noise strengths to the stores; a run that is resumed loads them with its state instead, and
    processes beside the first one are sent its own.
    origin: what a fresh one begins with, another run or an exported model; what is fitted to stores is fitted to these.
    ranks: this process among those that train together.
    """

    def __init__(
        self,
        config: TrainConfig,
        stores: list[Store],
        device: str = "cpu",
        dtype: torch.dtype = torch.bfloat16,
        fresh: bool = True,
        origin: Origin | None = None,
        ranks: Ranks | None = None,
    ):
        if fresh:
            check_freezing(config, origin)
        self.ranks = ranks or Ranks()
        self.places = self.ranks.part(config.places)
        self.config, self.device, self.dtype = config, device, dtype
        finest = min(stores, key=lambda s: s.level)
        constants = normalisation(stores)
        mean, sigma = constants
        importance = importance_map(config.importance, finest, config.model, sigma)
        self.sampler = PatchSampler(stores, config.model, config.patch, constants, importance)
        torch.manual_seed(config.seed)
        self.generator = Generator(config.model)
        self.people = People(self.generator, self.sampler) if config.paired else None
        self.generator.std_mean.copy_(torch.from_numpy(mean))
        self.generator.std_sigma.copy_(torch.from_numpy(sigma))
        self.generator.mask.copy_(torch.from_numpy(self.sampler.mask(config.model.mask_level)))
        if origin:
            origin.load_generator(self.generator, config)
        if fresh:
            most = max(stores, key=len)
            strengths = self.people.strengths(most) if self.people else None
            fitted = fit_canvas(self.generator, most, mean, sigma, strengths)
            if self.people and strengths is not None:
                self.people.keep(strengths, *fitted)
            fit_noise_maps(self.generator, finest, mean, sigma)
        self.discriminator = config.discriminator()
        if origin:
            origin.load_discriminator(self.discriminator)
        for network in (self.generator, self.discriminator):
            network.to(device)
            for name, p in network.named_parameters():
                if p.dim() == 4 and not is_fitted(name):  # convolutions: the libraries' faster road
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
        adam = partial(torch.optim.Adam, betas=(0.0, 0.99), eps=1e-8, fused=device == "cuda")
        self.adam_g = adam(groups, lr=config.lr_g)
        self.adam_d = adam(self.discriminator.parameters(), lr=config.lr_d)
        self.path = PathLength()
        adaptive = "adaptive" in (config.augment, config.filter)
        self.rate = AdaptiveRate(adaptive, config.augment_target, config.augment_adjust_kimg, config.augment_cap)
        self.step = 0
        self.reader = Reader(self.draw, device)

    @property
    def modules(self) -> dict[str, torch.nn.Module]:
        networks = {"generator": self.generator, "ema": self.ema, "discriminator": self.discriminator}
        return networks | ({"people": self.people} if self.people else {})

    @property
    def optimisers(self) -> dict[str, torch.optim.Adam]:
        return {"adam_g": self.adam_g, "adam_d": self.adam_d}

    def counters(self) -> dict:
        """What a resumed run goes on with beside tensors, as JSON holds it."""
        return {"step": self.step, "path": self.path.to_dict(), "rate": self.rate.to_dict()}

    def restore(self, counters: dict) -> None:
        """Go on with what ``counters`` gave."""
        self.step = counters["step"]
        self.path.from_dict(counters.get("path", {}))
        self.rate.from_dict(counters.get("rate", {}))

    def draw(self, step: int) -> Batch:
        """This process's share of a step's places, subjects and modalities."""
        c = self.config
        rng = np.random.default_rng([c.seed, step])
        share = step / c.steps
        weights = next(w for until, w in c.schedule if share <= until or until >= 1.0)
        level = int(rng.choice(len(weights), p=weights))
        modalities = ALL if rng.random() < c.all_modalities_p else PAIRS[rng.integers(len(PAIRS))]
        paired = bool(c.paired) and rng.random() < c.paired
        return self.sampler.draw(rng, level, c.places, c.subjects, modalities, self.places, paired)

    def next_batch(self) -> Batch:
        """This step's batch, on the device."""
        return self.reader.batch(self.step)

    def faces(self, count: int, level: int, draws: Draws) -> Tensor:
        """w of so many faces: (count, w_dim), or (count, styles, w_dim) where some are mixed of two."""
        c, mapping = self.config, self.generator.mapping
        first = mapping(send(torch.randn(count, c.model.z_dim, generator=draws.shared), self.device))
        if not c.style_mixing:
            return first
        second = mapping(send(torch.randn(count, c.model.z_dim, generator=draws.shared), self.device))
        crossovers = draw_crossovers(count, c.style_mixing, c.model.style_of(level) + 1, draws.shared)
        return mix_styles(first, second, crossovers, c.model.styles)

    def stand_ins(self, batch: Batch, draws: Draws) -> Tensor:
        """(subjects, w_dim): faces with the coefficients of the batch's people, drawn at random in all else."""
        assert self.people is not None
        z = torch.randn(len(batch.people), self.config.model.z_dim, generator=draws.shared)
        w = self.generator.mapping(send(z, self.device))
        return stand_in(self.generator.canvas, w, self.people.coefficients(batch.level, batch.people))

    def fake(self, batch: Batch, draws: Draws) -> Tensor:
        """(places * subjects, 7, P, P): the generator at the batch's places, masked; of its people's stand-ins where it has some.

        What the real patch beside it lacks is 0 here too: the discriminator compares like with like.
        """
        c = self.config
        w = self.stand_ins(batch, draws) if batch.people else self.faces(c.subjects, batch.level, draws)
        maps = self.generator(w, batch.level, batch.places, draws, batch.modalities)
        mask = batch.mask.to(self.device)
        parts = []
        for m, present in zip(MODALITIES, batch.present.to(self.device).T, strict=True):
            shape = (len(mask), m.channels, c.patch, c.patch)
            part = maps[m.name] * mask if m.name in maps else torch.zeros(shape, device=self.device)
            parts.append(part * present[:, None, None, None])
        return torch.cat(parts, dim=1)

    def train_step(self) -> Row:
        """One update of each network; returns what the log shows, losses as scalars that are still on the device."""
        draws = Draws(self.config.seed, self.step, self.places, self.device)
        batch = self.next_batch()
        real = batch.real.to(self.device)
        fake, row = self._train_generator(batch, real, draws)
        row |= self._train_discriminator(batch, real, fake, draws) | spreads(fake, real, batch.modalities)
        self._average()
        self.step += 1
        return {"step": self.step, "level": batch.level, "maps": len(batch.modalities), **row}

    @property
    def augment_p(self) -> float:
        """Rate of the geometric transforms in this step."""
        return {"none": 0.0, "fixed": self.config.augment_p, "adaptive": self.rate.p}[self.config.augment]

    @property
    def filter_p(self) -> float:
        """Rate of the mid-band filter in this step."""
        return {"off": 0.0, "constant": self.config.filter_p, "adaptive": self.rate.p}[self.config.filter]

    def judge(self, image: Tensor, batch: Batch, draws: Draws) -> Tensor:
        """Logits (N,) of augmented patches (N, 7, P, P) of a batch's places."""
        image = band_filter(augment(image, self.augment_p, draws.places), self.filter_p, draws.places)
        present, box = batch.present.to(self.device), batch.box.to(self.device)
        return self.discriminator(image, present, box, self.dtype)

    def _train_generator(self, batch: Batch, real: Tensor, draws: Draws) -> tuple[Tensor, dict[str, Tensor | float]]:
        """Update the generator; returns the patches it made, detached, and what the log shows."""
        c = self.config
        self.discriminator.requires_grad_(False)
        fake = self.fake(batch, draws)
        loss = generator_loss(self.judge(fake, batch, draws))
        group = 1 if batch.people else c.subjects  # a person's detail, or a place's
        bands = band_statistics_loss(fake, real, group) if c.band_loss else torch.zeros((), device=self.device)
        total = loss + c.band_loss * bands
        row: Row = {"g": loss.detach(), "bands": bands.detach()}
        if batch.people:
            unlike = likeness_loss(fake, real)
            total = total + c.likeness * unlike
            row["unlike"] = unlike.detach()
        if c.path_weight and self.step % c.path_every == 0:
            penalty = self._path_penalty(batch)
            total = total + c.path_weight * c.path_every * penalty
            row["path"] = penalty.detach()
        self._update(self.adam_g, total)
        return fake.detach(), row

    def _path_penalty(self, batch: Batch) -> Tensor:
        """Path-length penalty of some of the step's faces at its places, unaugmented."""
        c, count = self.config, self.config.subjects // self.config.path_shrink
        # The first faces of the step again, with noise of their number; of a paired step as they were before they stood for people.
        draws = Draws(c.seed, self.step, self.places, self.device)
        w = self.faces(count, batch.level, draws)
        w = w if w.dim() == 3 else w[:, None].expand(-1, c.model.styles, -1)
        maps = self.generator(w, batch.level, batch.places, draws, batch.modalities)
        mask = batch.mask[:: c.subjects].repeat_interleave(count, dim=0).to(self.device)
        pictures = torch.cat(list(maps.values()), dim=1) * mask
        shape = (count, *pictures.shape[1:])
        noise = torch.cat([torch.randn(shape, generator=rng) for rng in draws.places])
        noise = send(noise / (c.places * c.patch**2) ** 0.5, self.device)
        lengths = path_lengths(pictures, noise, w, c.model.style_of(batch.level) + 1, self.ranks)
        return self.path.penalty(lengths, batch.level, batch.modalities)

    def _train_discriminator(self, batch: Batch, real: Tensor, fake: Tensor, draws: Draws) -> Row:
        """Update the discriminator, every ``r1_every`` steps with R1; returns what the log shows."""
        c = self.config
        self.discriminator.requires_grad_(True)
        for stage in self.discriminator.stages[: c.freeze_d]:
            stage.requires_grad_(False)
        real_logits, fake_logits = self.judge(real, batch, draws), self.judge(fake, batch, draws)
        total = loss = discriminator_loss(real_logits, fake_logits)
        seen = self.ranks.joined(real_logits)  # of all processes: what an adaptive rate observes, the same in each
        row: Row = {"d": loss.detach(), "real": seen.mean(), "fake": fake_logits.detach().mean(), "sign": seen.sign().mean()}

        def unfiltered(image: Tensor, present: Tensor, box: Tensor) -> Tensor:
            """As in StyleGAN2-ADA, R1 is of patches before their transforms; the filter, which would hide some, is left out."""
            return self.discriminator(augment(image, self.augment_p, draws.places), present, box)

        if self.step % c.r1_every == 0:
            penalty = r1_penalty(unfiltered, real, batch.present.to(self.device), batch.box.to(self.device))
            total = total + 0.5 * c.gamma * c.r1_every * penalty
            row["r1"] = penalty.detach()
        self._update(self.adam_d, total)
        row |= {"p": self.augment_p, "filter_p": self.filter_p}
        self.rate.observe(seen)
        return row

    def _update(self, optimiser: torch.optim.Adam, loss: Tensor) -> None:
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.ranks.average_gradients(p for group in optimiser.param_groups for p in group["params"])
        optimiser.step()

    def _average(self) -> None:
        """Let the averaged generator follow; it starts fast."""
        c = self.config
        beta = ema_decay(self.step * c.batch, c.batch, c.ema_kimg, c.ema_rampup)
        with torch.no_grad():
            torch._foreach_lerp_(list(self.ema.parameters()), list(self.generator.parameters()), 1 - beta)

    @torch.no_grad()
    def track_w_avg(self, samples: int = 8192) -> None:
        """w_avg and the canvas's origin of the averaged generator: the mean of w over many z."""
        z = torch.randn(samples, self.config.model.z_dim, generator=torch.Generator().manual_seed(1)).to(self.device)
        self.ema.w_avg.copy_(self.ema.mapping(z).mean(dim=0))
        self.ema.canvas.origin.copy_(self.ema.w_avg)
