"""Completer: the object a user holds. Load it once, then give it the maps of a scan and get all four."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from ..errors import GantlitzError
from ..face_model import choose_device, choose_dtype
from ..maps import MapSet, normalise
from ..model import checkpoint
from ..model.physical import physical
from ..model.rects import Rect, up_in
from ..model.resample import crop_clamped
from ..model.weights_file import provenance
from ..tiling import Tile, in_tiles, requested
from . import completer_file
from .known import KnownMaps, mask_at
from .network import CompletionNet, Estimate


class Completer:
    """A loaded completer. width, height: its canvas; provenance, licence: what its file says of its training and its terms;
    sha256: of its file."""

    def __init__(self, net: CompletionNet, header: dict[str, str], device: str, dtype: torch.dtype, sha256: str = ""):
        self._net = net.to(device)
        self.device, self.dtype, self.config = device, dtype, net.config
        self.width, self.height = net.config.width, net.config.height
        self.sha256 = sha256
        self.provenance = provenance(header)
        self.licence = header.get("licence", "")
        self.parameters = sum(p.numel() for p in net.parameters())

    @classmethod
    def load(cls, path: Path | str | None = None, device: str = "auto", precision: str = "auto") -> Completer:
        """Load a safetensors file; None is the bundled one. device, precision: as of ``FaceModel.load``.

        Raises GantlitzError for anything else.
        """
        path = Path(path) if path else completer_file.BUNDLED
        net, header = completer_file.load(path)
        chosen = choose_device(device)
        return cls(net, header, chosen, choose_dtype(precision, chosen), checkpoint.sha256(path))

    @torch.no_grad()
    def complete(
        self,
        maps: Mapping[str, np.ndarray],
        width: int | None = None,
        *,
        region: tuple[int, int, int, int] | None = None,
        tile: int = 512,
        threads: int | None = None,
        progress: Callable[[float], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> MapSet:
        """All four maps of a face of which some are known, aligned with the model's layout.

        maps: any of albedo, normal, specular and displacement as in MapSet, each of the canvas's size halved some times, or not.
        width: of the answer, one of those sizes; None is that of the widest known map. A known map of that size comes back
        untouched, a larger one area-averaged; a smaller one is enlarged, the network adding what it expects of finer levels.
        Outside the UV mask what was missing is mid grey, a flat normal, 0 mm.
        region: (x0, y0, x1, y1) in texels of the answer, half-open; exactly the crop of the whole. tile, threads, progress,
        cancelled: as of ``FaceModel.render``. Raises GantlitzError (``bad-maps``, ``bad-request``) and Cancelled.
        """
        known = KnownMaps(maps, self._net)
        level = min(known.finest.values()) if width is None else self._level(width)
        request = requested(self.config.size(level), region, level)

        def begin() -> Tile:
            top = self.config.levels
            start = self._net.start(known.seen(top, Rect(0, 0, *self.config.size(top))))
            return lambda part: self._tile(known, start, part, level)

        found = in_tiles(request, tile, self.device, threads, begin, progress, cancelled)
        rows, columns = slice(request.top, request.bottom), slice(request.left, request.right)
        for name in maps:
            if known.finest[name] <= level:
                getattr(found, name)[:] = _reduced(maps[name], level - known.finest[name])[rows, columns]
                if name == "normal" and known.finest[name] < level:
                    normalise(found.normal)
        return found

    @torch.no_grad()  # it runs on threads of its own, which do not inherit this
    def _tile(self, known: KnownMaps, start: Estimate, part: Rect, level: int) -> Tensor:
        """(8, h, w) of a rectangle of a level, in physical units."""
        net, top = self._net, self.config.levels
        if level == top:
            maps = crop_clamped(start.maps, part)
        else:
            rects = net.plan(part, level)
            have = up_in(rects[top - 1].wide)
            seen = {lv: known.seen(lv, r.seen) for lv, r in rects.items()}
            maps = net.refine(crop_clamped(start.state, have), have, rects, seen, self.dtype)[level].maps
        return physical(maps[0], net.mean, net.sigma, mask_at(net, level, part))

    def _level(self, width: int) -> int:
        widths = [self.config.size(level)[1] for level in range(self.config.levels + 1)]
        if width not in widths:
            raise GantlitzError(
                f"Maps cannot be completed at a width of {width} texels.", f"Choose one of {', '.join(map(str, widths))}."
            )
        return widths.index(width)


def _reduced(array: np.ndarray, octaves: int) -> np.ndarray:
    """A known map at the answer's level: itself, or its area average."""
    if not octaves:
        return array
    return cv2.resize(np.asarray(array, np.float32), None, fx=0.5**octaves, fy=0.5**octaves, interpolation=cv2.INTER_AREA)
