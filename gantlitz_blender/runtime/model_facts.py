"""What a plan needs to know of a model, read from its file without torch."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass
from pathlib import Path

from .errors import GantlitzError
from .model.config import ModelConfig

BUNDLED = Path(__file__).parent / "bundled" / "gantlitz-xs.safetensors"
BUNDLED_COMPLETER = BUNDLED.with_name("gantlitz-completer.safetensors")
HEADER_LIMIT = 100 << 20  # bytes, as safetensors has it


@dataclass(frozen=True)
class ModelFacts:
    """name and sha256 as recipes record them; width, height: the canvas in texels; levels: the coarsest that can be rendered."""

    name: str
    sha256: str
    width: int
    height: int
    levels: int

    @classmethod
    def read(cls, path: Path | None) -> ModelFacts:
        """Of a model's file, None is the bundled one. Raises GantlitzError (``model-not-found``, ``model-broken``)."""
        path = path or BUNDLED
        if not path.is_file():
            fix = "Choose a .safetensors file of a face model."
            raise GantlitzError(f"There is no face model at {path}.", fix, "model-not-found")
        try:
            with path.open("rb") as file:
                (length,) = struct.unpack("<Q", file.read(8))
                metadata = json.loads(file.read(min(length, HEADER_LIMIT)))["__metadata__"]
            config = ModelConfig.from_dict(json.loads(metadata["config"]))
        except (OSError, ValueError, LookupError, TypeError, struct.error, GantlitzError) as error:
            raise GantlitzError(
                f"{path} cannot be read as a face model ({error or type(error).__name__}).",
                "It is truncated or of another kind; copy, download or export it again.",
                "model-broken",
            ) from error
        return cls(path.stem, sha256_of(path), config.width, config.height, config.levels)


def sha256_of(path: Path) -> str:
    """Of a file's contents, 64 hexadecimal digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
