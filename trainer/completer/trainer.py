"""The completer's network, its optimiser, an optional discriminator, and one step of training."""

from __future__ import annotations

import copy
from concurrent.futures import Future, ThreadPoolExecutor

import torch
from torch import Tensor

from gantlitz_blender.runtime.completion.network import CompletionNet, Estimate, channel_flags
from gantlitz_blender.runtime.model.resample import crop_clamped

from ..discriminator import Discriminator
from ..losses import discriminator_loss, generator_loss, r1_penalty
from ..statistics import normalisation
from ..store import Store
from .batches import Batch, Batches
from .config import CompleterTrainConfig
from .fitting import fit
from .losses import reconstruction


class CompleterTrainer:
    """One network of all levels, always run from the whole face down: it learns on its own estimates of the coarser levels.

    fresh: fit constants to the stores; a resumed run loads them with its state. Every draw follows from (seed, step).
    """

    def __init__(self, config: CompleterTrainConfig, stores: list[Store], device: str, dtype: torch.dtype, fresh: bool = True):
        self.config, self.device, self.dtype = config, device, dtype
        torch.manual_seed(config.seed)
        self.net = CompletionNet(config.net)
        self.batches = Batches(config, stores, normalisation(stores), self.net)
        if fresh:
            fit(self.net, self.batches, stores)
        self.net.to(device)
        self.ema = copy.deepcopy(self.net).requires_grad_(False)
        self.adam = torch.optim.Adam(self.net.parameters(), lr=config.lr, betas=(0.9, 0.99))
        self.modules: dict[str, torch.nn.Module] = {"net": self.net, "ema": self.ema}
        self.optimisers = {"adam": self.adam}
        self.judge: Discriminator | None = None
        if config.adversarial:
            self.judge = Discriminator(config.d_channels, config.patch, 1, config.net.levels).to(device)
            self.adam_d = torch.optim.Adam(self.judge.parameters(), lr=config.lr_d, betas=(0.0, 0.99))
            self.modules["judge"], self.optimisers["adam_d"] = self.judge, self.adam_d
        self.step = 0
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._ahead: tuple[int, Future[Batch]] | None = None

    def next_batch(self) -> Batch:
        """This step's batch, on the device; the next one is begun."""
        step, ahead = self.step, self._ahead
        batch = ahead[1].result() if ahead and ahead[0] == step else self.batches.draw(step)
        self._ahead = (step + 1, self._pool.submit(self.batches.draw, step + 1))
        return batch.to(self.device)

    def estimates(self, batch: Batch, net: CompletionNet | None = None) -> dict[int, Estimate]:
        """Of all levels of a batch; the coarsest is the whole face."""
        net = net or self.net
        whole = self.config.net.levels
        start = net.start(batch.known[whole], self.dtype)
        state = torch.cat([crop_clamped(s[None], rect) for s, rect in zip(start.state, batch.starts, strict=True)])
        return net.refine(state, batch.starts[0], batch.rects, batch.known, self.dtype) | {whole: start}

    def train_step(self) -> dict[str, Tensor | int | float]:
        """One update; returns what the log shows."""
        c, batch = self.config, self.next_batch()
        for group in self.adam.param_groups:
            group["lr"] = c.learning_rate(self.step)
        found = self.estimates(batch)
        parts = reconstruction(self.net, found, batch)
        loss = parts["octave"] + c.total * parts["total"] + c.slope * parts["slope"]
        row = {name: value.detach() for name, value in parts.items()}
        if self.judge:
            fake, real, present = self._shown(found[batch.level].maps, batch)
            self.judge.requires_grad_(False)
            opinion = generator_loss(self.judge(fake, present, batch.box, self.dtype))
            loss = loss + c.adversarial * opinion
            row["g"] = opinion.detach()
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        row["gradient"] = torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.adam.step()
        if self.judge:
            row |= self._train_judge(self.judge, fake.detach(), real, present, batch)
        with torch.no_grad():
            keep = 0.5 ** (1 / min(c.ema_half_life, 0.1 * self.step + 1))
            torch._foreach_lerp_(list(self.ema.parameters()), list(self.net.parameters()), 1 - keep)
        self.step += 1
        return {"step": self.step, "level": batch.level, "loss": loss.detach(), **row}

    def _shown(self, maps: Tensor, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """(fake, real, present): both with known maps as the network saw them; maps known only at coarser levels are left out."""
        flags = batch.known[batch.level].flags
        never = 1 - batch.known[self.config.net.levels].flags
        present = batch.there * torch.maximum(flags, never)
        shown, known = channel_flags(present) * batch.mask[batch.level], channel_flags(flags)
        rows, columns = batch.rects[batch.level].seen.slices_of(batch.rects[batch.level].request)
        given = batch.known[batch.level].maps[..., rows, columns]
        return maps * shown, torch.lerp(batch.target[batch.level], given, known) * shown, present

    def _train_judge(self, judge: Discriminator, fake: Tensor, real: Tensor, present: Tensor, batch: Batch) -> dict[str, Tensor]:
        c = self.config
        judge.requires_grad_(True)
        loss = discriminator_loss(judge(real, present, batch.box, self.dtype), judge(fake, present, batch.box, self.dtype))
        row = {"d": loss.detach()}
        if self.step % c.r1_every == 0:
            penalty = r1_penalty(judge, real, present, batch.box)
            loss = loss + 0.5 * c.r1_gamma * c.r1_every * penalty
            row["r1"] = penalty.detach()
        self.adam_d.zero_grad(set_to_none=True)
        loss.backward()
        self.adam_d.step()
        return row
