"""A fit: the codes and the noise that make a given face, in a file beside its recipe."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from ..errors import GantlitzError
from ..model.config import ModelConfig
from ..model.noise import LARGEST, HashNoise
from ..model.rects import Rect
from ..model.weights_file import FileKind, provenance

FILE = FileKind("gantlitz-fit", 1, "fit", "python -m gantlitz_blender.runtime complete")
STEP = LARGEST / 127  # of the noise as it is kept, in standard deviations


@dataclass(frozen=True, eq=False)
class Fit:
    """What a face was found to be made of. A model needs nothing else to render it.

    model_sha256: of the checkpoint it was fitted with.
    codes: (config.styles, w_dim) float32, a w for each style level, coarsest first.
    noise: layer -> (H, W) int8 in steps of ``STEP``, from the upper left corner of the layer's grid on. Where there is none, that
    of the noise seed 0 goes on.
    notes: how it was made, what of it is done; JSON.
    """

    model_sha256: str
    codes: Tensor
    noise: dict[int, Tensor] = field(default_factory=dict)
    notes: dict = field(default_factory=dict)

    @cached_property
    def sha256(self) -> str:
        """Of what it renders: codes, noise and its places. Two files of the same fit have the same."""
        digest = hashlib.sha256(self.model_sha256.encode())
        digest.update(self.codes.float().cpu().contiguous().numpy().tobytes())
        for layer in sorted(self.noise):
            digest.update(f"{layer} {tuple(self.noise[layer].shape)}".encode())
            digest.update(self.noise[layer].cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()

    def save(self, path: Path) -> None:
        """Write a safetensors file beside ``path``, then rename."""
        tensors = {"codes": self.codes.float().cpu().contiguous()}
        tensors |= {f"noise.{layer}": values.cpu().contiguous() for layer, values in self.noise.items()}
        FILE.save(path, tensors, {"model_sha256": self.model_sha256}, self.notes, "")

    @classmethod
    def load(cls, path: Path, config: ModelConfig) -> Fit:
        """Read a fit for a model of a config. Raises GantlitzError for anything else, ``fit-missing`` where there is no file."""
        if not path.is_file():
            fix = "Put the *_fit.safetensors back beside its recipe, or complete again."
            raise GantlitzError(f"The fit {path} is not there.", fix, "fit-missing")
        tensors, fields, header = FILE.load(path)
        try:
            codes = tensors["codes"]
            noise = {int(key.removeprefix("noise.")): value for key, value in tensors.items() if key != "codes"}
            good = codes.shape == (config.styles, config.w_dim) and bool(codes.isfinite().all())
            if not good or any(n.dim() != 2 or n.dtype != torch.int8 for n in noise.values()):
                raise ValueError("its tensors are not those of this model's fits")
            return cls(str(fields["model_sha256"]), codes, noise, provenance(header))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise GantlitzError(f"{path} cannot be read as a fit ({error}).", "Complete the scan again.", "model-broken") from error


class FittedNoise:
    """A fit's noise, and that of the noise seed 0 where it holds none."""

    def __init__(self, fit: Fit, strength: float = 1.0, device: torch.device | str = "cpu"):
        self.fit, self.strength, self.device = fit, strength, device
        self.elsewhere = HashNoise(0, strength, device)

    def __call__(self, layer: int, rects: list[Rect], batch: int) -> Tensor:
        """As of ``HashNoise``."""
        drawn = self.elsewhere(layer, rects, batch)
        if layer not in self.fit.noise:
            return drawn
        held = self.fit.noise[layer]
        area = Rect(0, 0, *held.shape)
        for i, rect in enumerate(rects):
            both = area.common(rect)
            if both.height > 0 and both.width > 0:
                values = held[area.slices_of(both)].to(self.device).float() * (STEP * self.strength)
                drawn[(slice(i * batch, (i + 1) * batch), 0, *rect.slices_of(both))] = values
        return drawn


def quantised(noise: Tensor) -> Tensor:
    """Noise in standard deviations -> int8, as a Fit keeps it; bounded as drawn noise is."""
    return (noise / STEP).round().clamp(-127, 127).to(torch.int8)
