"""FaceModel: the object a user holds. Load a model once, then ask it for faces."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .errors import Cancelled, GantlitzError
from .maps import MapSet
from .model import checkpoint
from .model.config import MODALITIES
from .model.generator import Generator
from .model.rects import Rect
from .recipe import Recipe
from .sizing import check_level, height_for, render_sized
from .synthesis import FLOAT32_FROM, Synthesis

BUNDLED = Path(__file__).parent / "bundled" / "gantlitz-xs.safetensors"
PREVIEW_TILE = 256  # smaller than usual, so that a small picture too has a tile for every core


class FaceModel:
    """A loaded model.

    name, sha256: what recipes record. width, height: the canvas in texels; ``levels``: the coarsest level that can be
    rendered. provenance, licence: what the checkpoint says of its training and its terms.
    """

    def __init__(
        self, generator: Generator, name: str, sha256: str, header: dict[str, str], device: str, dtype: torch.dtype
    ):
        self._generator = generator.to(device)
        self.name, self.sha256, self.device, self.dtype = name, sha256, device, dtype
        self.config = generator.config
        self.width, self.height, self.levels = self.config.width, self.config.height, self.config.levels
        self.modalities = tuple(m.name for m in MODALITIES)
        self.provenance: dict = json.loads(header.get("provenance", "{}"))
        self.licence = header.get("licence", "")
        self.parameters = sum(p.numel() for p in generator.parameters())

    @classmethod
    def load(cls, path: Path | str | None = None, device: str = "auto", precision: str = "auto") -> FaceModel:
        """Load a safetensors model; None is the bundled one.

        device: auto, cpu or cuda. precision: float32, bfloat16, or auto (bfloat16 where the device multiplies it natively).
        Raises GantlitzError for a file that is no model, a newer format, or a device that is not there.
        """
        path = BUNDLED if path is None else Path(path)
        chosen = choose_device(device)
        generator, header = checkpoint.load(path)
        return cls(generator, path.stem, checkpoint.sha256(path), header, chosen, choose_dtype(precision, chosen))

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
        return Recipe(recipe.seed, recipe.psi, recipe.noise_seed, recipe.noise_strength, self.name, self.sha256)

    @torch.no_grad()
    def w(self, recipe: Recipe) -> Tensor:
        """The truncated latent, (1, w_dim): w_avg + psi (w - w_avg).

        z is drawn by numpy's legacy Mersenne Twister, whose stream is frozen on every platform, as the StyleGAN scripts do.
        """
        z = np.random.RandomState(recipe.seed).standard_normal((1, self.config.z_dim))
        w = self._generator.mapping(torch.from_numpy(z).float().to(self.device))
        return torch.lerp(self._generator.w_avg[None], w, recipe.psi)

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
    ) -> MapSet:
        """The maps of a recipe at 1/2^level of the canvas.

        region: (x0, y0, x1, y1) in texels of that level, half-open; exactly the crop of the whole. tile: side of the squares
        in which the work is done: memory grows with it, the result does not change. threads: Python threads with one torch
        thread each on a CPU; None takes one a core. draft: coarse levels too in the model's precision: good enough to look at,
        but bfloat16 there would band a 16-bit displacement. progress(fraction) and cancelled() are called between tiles.
        Raises GantlitzError for a bad level, region, tile or foreign recipe, ``out-of-memory`` on a full GPU, and Cancelled.
        """
        self._check(recipe)
        request = self._request(level, region)
        if tile < 16:
            raise GantlitzError(f"A tile of {tile} texels is too small.", "Choose 16 or more; 512 is usual.")
        workers = 1 if self.device != "cpu" else threads or torch.get_num_threads()
        stacked = np.empty((request.height, request.width, 8), np.float32)
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            float32_from = self.levels + 1 if draft else FLOAT32_FROM
            w = self.w(recipe)
            face = Synthesis(self._generator, w, recipe.noise_seed, recipe.noise_strength, self.dtype, level, float32_from)

            def work(part: Rect) -> None:
                maps = face.maps(part).permute(1, 2, 0).cpu().numpy()
                stacked[request.slices_of(part)] = maps

            _run(work, _tiles(request, tile), workers, progress, cancelled)
        except torch.OutOfMemoryError as error:
            torch.cuda.empty_cache()
            raise GantlitzError(
                f"The GPU has too little free memory for tiles of {tile} texels.",
                "Close other programs that use it, or set the device to the processor (cpu).",
                "out-of-memory",
            ) from error
        finally:
            torch.set_num_threads(before)
        return MapSet.from_stacked(stacked)

    def preview(self, recipe: Recipe, width: int, cancelled: Callable[[], bool] | None = None) -> MapSet:
        """The maps ``width`` texels wide, from the coarsest level that is at least as wide: no finer level is computed.

        Raises GantlitzError for a width below 1 or beyond the canvas, and Cancelled.
        """
        height = height_for(self, width)
        return render_sized(self, recipe, width, height, tile=PREVIEW_TILE, draft=True, cancelled=cancelled)

    def _request(self, level: int, region: tuple[int, int, int, int] | None) -> Rect:
        check_level(self, level)
        height, width = self.config.size(level)
        if region is None:
            return Rect(0, 0, height, width)
        x0, y0, x1, y1 = region
        if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
            raise GantlitzError(
                f"The region {tuple(region)} does not lie in the {width} x {height} texels of level {level}.",
                "Give (x0, y0, x1, y1) with x0 < x1 and y0 < y1 inside it.",
            )
        return Rect(y0, x0, y1, x1)


def _tiles(request: Rect, side: int) -> list[Rect]:
    rows, cols = range(request.top, request.bottom, side), range(request.left, request.right, side)
    return [Rect(t, x, min(t + side, request.bottom), min(x + side, request.right)) for t in rows for x in cols]


def _run(
    work: Callable[[Rect], None],
    tiles: list[Rect],
    workers: int,
    progress: Callable[[float], None] | None,
    cancelled: Callable[[], bool] | None,
) -> None:
    """Work through the tiles on threads; ask ``cancelled`` and tell ``progress`` from the calling thread."""
    with ThreadPoolExecutor(workers) as pool:
        pending = {pool.submit(work, t) for t in tiles}
        try:
            while pending:
                done, pending = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                if cancelled and cancelled():
                    raise Cancelled
                if progress and done:
                    progress(1 - len(pending) / len(tiles))
        finally:
            pool.shutdown(cancel_futures=True)


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
