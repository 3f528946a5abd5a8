"""FaceModel: the object a user holds. Load a model once, then ask it for faces."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from . import draft as drafts
from .directions import Directions
from .errors import GantlitzError
from .inversion.fit import Fit, FittedNoise
from .inversion.fitting import FitPlan, Watch, fit_maps
from .inversion.target import Target
from .maps import MapSet
from .model import checkpoint
from .model.config import MODALITIES
from .model.generator import Generator, NoiseSource
from .model.noise import HashNoise
from .model.noise_scales import ScaledNoise
from .model.weights_file import provenance
from .model_facts import BUNDLED
from .recipe import Recipe
from .sizing import check_level, height_for, level_for, render_sized
from .synthesis import Synthesis
from .thinning import Thinning
from .tiling import Tile, in_tiles, requested

GUIDE_WEIGHT = 0.5  # of a map that was guessed, beside one that is known
GUIDED_NOISE_FROM = 5  # the coarsest level whose noise is fitted where no map is left free
PREVIEW_TILE = 192  # smaller than usual, so that a small picture too has a tile for every core


class FaceModel:
    """A loaded model.

    name, sha256: what recipes record. width, height: the canvas in texels; ``levels``: the coarsest level that can be
    rendered. provenance, licence: what the checkpoint says of its training and its terms.
    """

    def __init__(
        self,
        generator: Generator,
        name: str,
        sha256: str,
        header: dict[str, str],
        device: str,
        dtype: torch.dtype,
        directions: Directions | None = None,
    ):
        self._generator = generator.to(device)
        self.name, self.sha256, self.device, self.dtype = name, sha256, device, dtype
        self.config = generator.config
        self.width, self.height, self.levels = self.config.width, self.config.height, self.config.levels
        self.modalities = tuple(m.name for m in MODALITIES)
        self.provenance = provenance(header)
        self.licence = header.get("licence", "")
        self._directions = directions or Directions.none(self.config.w_dim)
        self._last_fit: Fit | None = None
        self._reading = threading.Lock()
        self._thinnings: dict[int, dict[str, dict[int, Thinning]]] = {}  # by level, measured with its first draft
        self.parameters = sum(p.numel() for p in generator.parameters())

    @classmethod
    def load(cls, path: Path | str | None = None, device: str = "auto", precision: str = "auto") -> FaceModel:
        """Load a safetensors model; None is the bundled one.

        device: auto, cpu or cuda. precision: float32, bfloat16, or auto (bfloat16 where the device multiplies it natively).
        Raises GantlitzError for a file that is no model, a newer format, or a device that is not there.
        """
        path = BUNDLED if path is None else Path(path)
        chosen = choose_device(device)
        generator, directions, header = checkpoint.load_with_directions(path)
        dtype = choose_dtype(precision, chosen)
        return cls(generator, path.stem, checkpoint.sha256(path), header, chosen, dtype, directions)

    @property
    def directions(self) -> Directions:
        """The labelled directions along which faces can be edited; with no labels where the model has none."""
        return self._directions

    def _check(self, recipe: Recipe) -> None:
        if recipe.model_sha256 and recipe.model_sha256 != self.sha256:
            raise GantlitzError(
                f"The recipe was made with model {recipe.model or '?'} ({recipe.model_sha256[:12]}), but {self.name} "
                f"({self.sha256[:12]}) is loaded.",
                "Load that model, or clear model_sha256 in the recipe to sample this one.",
                "model-mismatch",
            )

    def stamped(self, recipe: Recipe) -> Recipe:
        """The recipe with this model's name and hash in it."""
        return replace(recipe, model=self.name, model_sha256=self.sha256)

    @torch.no_grad()
    def w(self, recipe: Recipe) -> Tensor:
        """The truncated latent, (1, w_dim): w_avg + psi (w - w_avg), moved by the recipe's edits and towards its other end.

        Of a fit, or where other faces are mixed in, (1, config.styles, w_dim).
        Raises GantlitzError (``no-direction``) for an edit that the model has no direction for.
        """
        if recipe.fit:
            w = torch.lerp(self._generator.w_avg, self._fit(recipe).codes[None].to(self.device), recipe.psi)
        else:
            w = self._sampled(recipe.seed, recipe.psi)
        if recipe.mix:
            w = w if w.dim() == 3 else w[:, None].repeat(1, self.config.styles, 1)
            for band, mix in recipe.mix.items():
                styles = self.config.styles_of(band)
                w[:, styles] = torch.lerp(w[:, styles], self._sampled(mix.seed, recipe.psi)[:, None], mix.amount)
        if recipe.edits:
            w = w + self._directions.shift(recipe.edits, recipe.locks).to(self.device)
        if recipe.towards is not None:
            other = self.w(recipe.towards)
            if w.dim() != other.dim():
                w, other = (x if x.dim() == 3 else x[:, None] for x in (w, other))
            w = torch.lerp(w, other, recipe.amount)
        return w

    def _sampled(self, seed: int, psi: float) -> Tensor:
        """(1, w_dim). z is drawn by numpy's legacy Mersenne Twister, whose stream is frozen on every platform, as the StyleGAN
        scripts do."""
        z = np.random.RandomState(seed).standard_normal((1, self.config.z_dim))
        w = self._generator.mapping(torch.from_numpy(z).float().to(self.device))
        return torch.lerp(self._generator.w_avg[None], w, psi)

    def _noise(self, recipe: Recipe) -> NoiseSource:
        if recipe.fit and recipe.noise_seed == 0:
            base: NoiseSource = FittedNoise(self._fit(recipe), recipe.noise_strength, self.device)
        else:
            base = HashNoise(recipe.noise_seed, recipe.noise_strength, self.device)
        if not recipe.grain:
            return base
        return ScaledNoise(base, recipe.grain, self.config, recipe.noise_strength, self.device)

    def _fit(self, recipe: Recipe) -> Fit:
        """A recipe's fit, kept since it was read. Raises GantlitzError (``fit-missing``, -mismatch)."""
        with self._reading:
            if self._last_fit is None or self._last_fit.sha256 != recipe.fit_sha256:
                self._last_fit = Fit.load(Path(recipe.fit), self.config)
            fit = self._last_fit
        if fit.sha256 != recipe.fit_sha256 or fit.model_sha256 != self.sha256:
            raise GantlitzError(
                f"The fit {recipe.fit} is not the one that the recipe was made with.",
                "Put the *_fit.safetensors that was written with it back, load its model, or complete again.",
                "model-mismatch",
            )
        return fit

    def render(
        self,
        recipe: Recipe,
        *,
        level: int = 0,
        region: tuple[int, int, int, int] | None = None,
        tile: int = 512,
        threads: int | None = None,
        draft: bool = False,
        progress: Callable[[float], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        notice: Callable[[str], None] | None = None,
    ) -> MapSet:
        """The maps of a recipe at 1/2^level of the canvas.

        region: (x0, y0, x1, y1) in texels of that level, half-open; exactly the crop of the whole. tile: side of the squares
        in which the work is done: memory grows with it, the result does not change. threads: Python threads with one torch
        thread each on a CPU; None takes one a core. draft: quick and near, to be looked at: fewer channels at the finest levels
        (``draft.py``), tiles that need not agree to the last bit, and coarse levels too in the model's precision, where bfloat16
        would band a 16-bit displacement. progress(fraction) and cancelled() are called between tiles.
        Where the memory is too full for such tiles they are halved, and where a GPU has no room for the smallest either, the
        maps are made on the processor; notice(sentence) says so.
        Raises GantlitzError for a bad level, region, tile or foreign recipe, ``out-of-memory``, and Cancelled.
        """
        self._check(recipe)
        check_level(self, level)
        request = requested(self.config.size(level), region, level)

        def begin() -> Tile:
            w, noise = self.w(recipe), self._noise(recipe)
            if not draft:
                return Synthesis(self._generator, w, noise, self.dtype, level).maps
            thinning = self._thinning(level, cancelled)
            return Synthesis(self._generator, w, noise, self.dtype, level, self.levels + 1, thinning).maps

        try:
            return in_tiles(request, tile, self.device, threads, begin, progress, cancelled, notice)
        except GantlitzError as error:
            if error.code != "out-of-memory" or self.device == "cpu":
                raise
        if notice:
            notice("The graphics card's memory is full: the maps were made on the processor, which takes longer.")
        with self._on_processor():
            return in_tiles(request, tile, self.device, threads, begin, progress, cancelled, notice)

    @contextlib.contextmanager
    def _on_processor(self) -> Iterator[None]:
        """The model on the CPU for a while; it stays there if the graphics card has no room for it afterwards either."""
        device, dtype = self.device, self.dtype
        self._move("cpu", choose_dtype("auto", "cpu") if dtype == torch.bfloat16 else dtype)
        try:
            yield
        finally:
            try:
                self._move(device, dtype)
            except torch.OutOfMemoryError:
                self._move("cpu", choose_dtype("auto", "cpu") if dtype == torch.bfloat16 else dtype)

    def _move(self, device: str, dtype: torch.dtype) -> None:
        self._generator.to(device)
        self.device, self.dtype = device, dtype
        self._thinnings.clear()

    def prepare_draft(self, width: int, cancelled: Callable[[], bool] | None = None) -> None:
        """Have measured what drafts of that width need: the first of them would do it, and take several times as long as others.

        Raises as preview does.
        """
        self._thinning(level_for(self, width, height_for(self, width)), cancelled)

    def _thinning(self, level: int, cancelled: Callable[[], bool] | None) -> dict[str, dict[int, Thinning]]:
        with self._reading:
            if level not in self._thinnings:
                self._thinnings[level] = drafts.measure(self._generator, level, cancelled)
            return self._thinnings[level]

    def preview(
        self,
        recipe: Recipe,
        width: int,
        draft: bool = False,
        cancelled: Callable[[], bool] | None = None,
        notice: Callable[[str], None] | None = None,
    ) -> MapSet:
        """The maps ``width`` texels wide, from the coarsest level that is at least as wide: no finer level is computed.

        draft, cancelled, notice as in render. Raises GantlitzError for a width below 1 or beyond the canvas, and Cancelled.
        """
        height = height_for(self, width)
        return render_sized(self, recipe, width, height, tile=PREVIEW_TILE, draft=draft, cancelled=cancelled, notice=notice)

    def complete(
        self,
        maps: Mapping[str, np.ndarray],
        known: Sequence[str] | None = None,
        *,
        level: int | None = None,
        trust: np.ndarray | None = None,
        guide: MapSet | None = None,
        plan: FitPlan | None = None,
        progress: Callable[[float], None] | None = None,
        shown: Callable[[Fit], None] | None = None,
        kept: Callable[[Fit], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        begun: Fit | None = None,
    ) -> Fit:
        """The face of this model whose maps are nearest to those that are known (GAN inversion): codes first, then noise.

        maps: any of albedo, normal, specular and displacement as in MapSet, in the model's layout and colours, each of the
        canvas's size halved some times; known: which of them count, None is all. level: at which the fit is to be rendered;
        None is that of the widest known map. trust: (H, W) in [0, 1], where they show skin. guide: a first idea of all four
        maps, such as a completer's, towards which what is not known is drawn; as large as the known maps.
        ``remember`` makes a recipe of the fit.

        progress(share), shown(fit so far), kept(fit so far) and cancelled() as of ``inversion.fitting.Watch``; begun: what
        was kept of the same fit before it was broken off. Raises GantlitzError (``bad-maps``, ``bad-request``) and Cancelled.
        """
        chosen = {name: maps[name] for name in (known or maps)}
        weights = dict.fromkeys(chosen, 1.0)
        if guide is not None:
            plan = plan or FitPlan(noise_from=GUIDED_NOISE_FROM)
            for m in MODALITIES:
                if m.name not in chosen:
                    chosen[m.name], weights[m.name] = getattr(guide, m.name), GUIDE_WEIGHT
        target = Target(self._generator, chosen, trust, weights)
        made_at = target.finest if level is None else min(level, target.finest)
        check_level(self, made_at)
        watch = Watch(progress, shown, kept, cancelled)
        return fit_maps(self._generator, target, self.sha256, made_at, plan or FitPlan(), watch, begun, self.dtype)

    def remember(self, fit: Fit) -> Recipe:
        """The recipe of a fit that is not in a file, or not yet: good until another fit is remembered or read."""
        with self._reading:
            self._last_fit = fit
        return self.stamped(Recipe(0, 1.0, fit="(in memory)", fit_sha256=fit.sha256))


def choose_device(name: str) -> str:
    """auto, cpu or cuda -> cpu or cuda. Raises GantlitzError (``no-device``) where that is not there."""
    if name not in ("auto", "cpu", "cuda"):
        raise GantlitzError(f"There is no device {name!r}.", "Choose auto, cpu or cuda.")
    if name == "cuda" and not torch.cuda.is_available():
        raise GantlitzError(
            "torch sees no CUDA GPU.", "Install the CUDA build of torch and a driver, or use the CPU.", "no-device"
        )
    if name == "cpu" or not torch.cuda.is_available():
        return "cpu"
    torch.backends.cudnn.allow_tf32 = False  # else float32 convolutions keep ten bits, and tiles would not agree
    return "cuda"


def choose_dtype(precision: str, device: str) -> torch.dtype:
    """float32, bfloat16 or auto -> the type of fine features: bfloat16 where the device multiplies it natively."""
    if precision not in ("auto", "float32", "bfloat16"):
        raise GantlitzError(f"There is no precision {precision!r}.", "Choose auto, float32 or bfloat16.")
    if precision != "auto":
        return torch.float32 if precision == "float32" else torch.bfloat16
    # Emulated bf16 is slower than float32, so only where the processor multiplies it.
    native = torch.cuda.is_bf16_supported(including_emulation=False) if device == "cuda" else torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if native else torch.float32
