"""Batches: patches of random faces at a level and all that they depend on at coarser ones, some maps of them known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gantlitz_blender.runtime.completion.network import NAMES, CompletionNet, Seen, StageRects, channel_flags
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.model.config import ModelConfig
from gantlitz_blender.runtime.model.rects import Rect, up_in

from ..patches import PatchSampler
from ..store import Store
from .config import CompleterTrainConfig
from .fields import OVERVIEW, where_of
from .rescan import Rescan
from .wear import Wear


@dataclass
class Batch:
    """One step's faces. ``whole`` is the coarsest level's key; the dicts have the levels ``level`` .. ``whole``.

    rects: of the first patch; the others differ by whole cells of the coarsest level. starts: what each patch reads there.
    known: as the network sees it, worn. target: (N, 7, h, w) standardised truth on the level's request. mask: (N, 1, h, w).
    there: (N, 4), the maps that a face has; box: (N, 4), the patch's place as the discriminator is told it.
    """

    level: int
    rects: dict[int, StageRects]
    starts: list[Rect]
    known: dict[int, Seen]
    target: dict[int, Tensor]
    mask: dict[int, Tensor]
    there: Tensor
    box: Tensor

    def missing(self, level: int) -> Tensor:
        """(N, 7, 1, 1): channels that are there but not known at a level."""
        return channel_flags(self.there * (1 - self.known[level].flags))

    def unknown(self) -> Tensor:
        """(N, 7, 1, 1): channels that are there and known at no level."""
        return channel_flags(self.there * (1 - self.known[max(self.known)].flags))

    def to(self, device: str) -> Batch:
        """The batch on a device."""
        if device == "cpu":
            return self
        known = {lv: Seen(s.maps.to(device), s.flags.to(device)) for lv, s in self.known.items()}
        target, mask = ({lv: t.to(device) for lv, t in x.items()} for x in (self.target, self.mask))
        return Batch(self.level, self.rects, self.starts, known, target, mask, self.there.to(device), self.box.to(device))


class Batches:
    """Draws batches from stores; what a step holds follows from (seed, step) alone."""

    def __init__(self, config: CompleterTrainConfig, stores: list[Store], constants: tuple[Array, Array], net: CompletionNet):
        c = config.net
        self.config, self.net = config, net
        self.mean, self.sigma = (np.asarray(x, np.float32)[:, None, None] for x in constants)
        sizes = ModelConfig(
            width=c.width, height=c.height, levels=c.levels, channels=(1,) * c.levels, global_channels=(1,), margin=0
        )
        self.sampler = PatchSampler(stores, sizes, config.patch, constants)
        self.overview = max(min(s.level for s in stores), min(c.levels, (c.width // OVERVIEW).bit_length() - 1))

    def draw(self, step: int) -> Batch:
        """The batch of a step."""
        c = self.config
        rng = np.random.default_rng([c.seed, step])
        share = step / c.steps
        weights = next((w for until, w in c.schedule if share < until), c.schedule[-1][1])
        return self.at_level(rng, int(rng.choice(len(weights), p=weights)))

    def at_level(self, rng: np.random.Generator, level: int, known: tuple[str, ...] | None = None) -> Batch:
        """A batch that ends at a level. known: these maps, unworn, in place of random ones."""
        c, n = self.config, self.config.batch
        store = self.sampler.store_for(level)
        able = [i for i in range(len(store)) if len(store.modalities(i)) > 1]
        if not able:
            raise GantlitzError(f"No subject of the store {store.folder} has two maps.", "There is nothing to learn from.")
        lattice, weight = self.sampler.origins(level)
        corners = lattice[rng.choice(len(lattice), n, p=weight)].tolist()
        subjects = rng.choice(able, n, replace=len(able) < n).tolist()
        faces = []
        for (top, left), subject in zip(corners, subjects, strict=True):
            request = Rect(top, left, top + c.patch, left + c.patch)
            faces.append(self._face(rng, store, subject, bool(rng.integers(2)), level, request, known))
        plans = [self.net.plan(Rect(t, x, t + c.patch, x + c.patch), level) for t, x in corners]
        height, width = c.net.size(level)
        stacked = {lv: [torch.from_numpy(np.stack(part)) for part in zip(*(f[lv] for f in faces), strict=True)] for lv in faces[0]}
        return Batch(
            level,
            plans[0],
            [up_in(plan[c.net.levels - 1].wide) for plan in plans],
            {lv: Seen(s[0], s[1]) for lv, s in stacked.items()},
            {lv: s[2] for lv, s in stacked.items()},
            {lv: s[3][:, None] for lv, s in stacked.items()},
            torch.tensor([[float(name in store.modalities(i)) for name in NAMES] for i in subjects]),
            torch.tensor([(x / width, t / height, c.patch / width, c.patch / height) for t, x in corners]),
        )

    def _face(
        self,
        rng: np.random.Generator,
        store: Store,
        subject: int,
        mirrored: bool,
        level: int,
        request: Rect,
        names: tuple[str, ...] | None,
    ) -> dict[int, tuple[Array, Array, Array, Array]]:
        """level -> (known maps, flags, target, mask) of one face."""
        c, top = self.config, self.config.net.levels
        whole = Rect(0, 0, *c.net.size(top))
        rects = {lv: (r.seen, r.request) for lv, r in self.net.plan(request, level).items()} | {top: (whole, whole)}
        finest, worn = self._drawn(rng, store.modalities(subject), level, names)
        files = tuple(finest.get(name, level) for name in NAMES)
        overview = store.subject(subject, self.overview, mirrored)
        wear = Wear(rng, overview, files) if worn else None
        rescan = Rescan(rng, overview) if worn and rng.random() < c.rescan else None
        found = {}
        for lv, (seen, inner) in rects.items():
            size, mask = c.net.size(lv), _crop_clamped(self.sampler.mask(lv), seen)
            source = rescan.source(seen, size) if rescan else seen
            planes = _read_clamped(store, subject, lv, source, mirrored, size)
            shown = wear.relit(planes, where_of(source, size), size) if wear else planes
            if rescan:
                planes, shown = rescan(planes, shown[:3], source, seen, size)
            clean = (planes - self.mean) / self.sigma
            shown = (wear.filed(shown, mask, lv) - self.mean) / self.sigma if wear else clean
            flags = np.array([float(finest.get(name, top + 1) <= lv) for name in NAMES], np.float32)
            known = channel_flags(torch.from_numpy(flags)[None])[0].numpy()
            rows, columns = seen.slices_of(inner)
            found[lv] = (shown * known, flags, clean[:, rows, columns], np.ascontiguousarray(mask[rows, columns]))
        return found

    def _drawn(
        self, rng: np.random.Generator, there: tuple[str, ...], level: int, names: tuple[str, ...] | None
    ) -> tuple[dict[str, int], bool]:
        """The level down to which each known map is known, and whether they are worn."""
        c = self.config
        if names:
            return dict.fromkeys([n for n in names if n in there] or there[:1], level), False
        if "albedo" in there and rng.random() < c.albedo_only:
            chosen = ["albedo"]
        else:
            count = int(rng.integers(1, len(there)))
            chosen = rng.choice(there, count, replace=False).tolist()
        files = rng.choice(len(c.files), len(chosen), p=c.files).tolist()
        finest = {name: min(max(level, file), c.net.levels) for name, file in zip(chosen, files, strict=True)}
        return finest, bool(rng.random() < c.wear)


def _read_clamped(store: Store, subject: int, level: int, rect: Rect, mirrored: bool, size: tuple[int, int]) -> Array:
    """(7, h, w) of a rectangle that may stick out of the canvas or lie beyond it; the border is repeated."""
    rows, columns = (np.arange(low, high).clip(0, n - 1) for low, high, n in zip(rect[:2], rect[2:], size, strict=True))
    inside = Rect(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
    planes = store.read(subject, level, inside, mirrored)
    return planes[:, (rows - rows[0])[:, None], columns - columns[0]] if inside != rect else planes


def _crop_clamped(plane: Array, rect: Rect) -> Array:
    """(h, w) of a plane (H, W), its border repeated outside."""
    rows = np.arange(rect.top, rect.bottom).clip(0, plane.shape[0] - 1)
    columns = np.arange(rect.left, rect.right).clip(0, plane.shape[1] - 1)
    return np.asarray(plane[rows[:, None], columns], np.float32)
