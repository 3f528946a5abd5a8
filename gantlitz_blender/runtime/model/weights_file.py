"""Networks in one safetensors file: tensors, and in its header the kind, config, provenance and licence as JSON."""

from __future__ import annotations

import errno
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialise
from torch import Tensor

from ..errors import GantlitzError


@dataclass(frozen=True)
class FileKind:
    """What a file holds. key: in its header; version: the newest that is read; name: as a person calls it; maker: its command."""

    key: str
    version: int
    name: str
    maker: str

    def save(
        self, path: Path, tensors: dict[str, Tensor], config: dict, provenance: dict, licence: str, version: int | None = None
    ) -> None:
        """Write a file beside ``path``, then rename. provenance: what it was trained on, how, for how long; JSON. version: the
        oldest that can read it; None is the newest.

        Raises GantlitzError (``disk-full``, ``write-failed``).
        """
        header = {
            "kind": self.key,
            "format": str(self.version if version is None else version),
            "config": json.dumps(config),
            "provenance": json.dumps(provenance),
            "licence": licence,
        }
        temporary = path.with_name(f".{path.name}.part")
        try:
            temporary.write_bytes(serialise(tensors, header))  # as others write files: save_file would let nobody else read it
            temporary.replace(path)
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            raise GantlitzError(
                f"{path} could not be written: {error.strerror or error}.",
                "Free some space, or choose another folder." if full else "Choose another folder.",
                "disk-full" if full else "write-failed",
            ) from error
        finally:
            temporary.unlink(missing_ok=True)

    def load(self, path: Path) -> tuple[dict[str, Tensor], Any, dict[str, str]]:
        """-> tensors, config and header. Raises GantlitzError (``model-not-found``, -wrong, -newer, -broken)."""
        if not path.is_file():
            raise GantlitzError(
                f"There is no {self.name} at {path}.", f"Choose a .safetensors file of a {self.name}.", "model-not-found"
            )
        try:
            with safe_open(path, framework="pt") as file:
                header = file.metadata() or {}
                if header.get("kind") != self.key:
                    raise GantlitzError(
                        f"{path} is a safetensors file but not a GANtlitz {self.name}.",
                        f"Choose one that was written by: {self.maker}.",
                        "model-wrong",
                    )
                if int(header["format"]) > self.version:
                    raise GantlitzError(
                        f"{path} has {self.name} format {header['format']}, this version reads up to {self.version}.",
                        "Update GANtlitz Face Maps.",
                        "model-newer",
                    )
                config = json.loads(header["config"])
                tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (not a dict)
        except (SafetensorError, OSError, ValueError, KeyError, RecursionError) as error:
            raise GantlitzError(
                f"{path} cannot be read as a {self.name} ({error}).",
                "It is truncated or of another kind (pickles are never loaded); copy, download or export it again.",
                "model-broken",
            ) from error
        return tensors, config, header


def provenance(header: dict[str, str]) -> dict:
    """What a file says of how it was made; empty where it says nothing."""
    found = json.loads(header.get("provenance", "{}"))
    return found if isinstance(found, dict) else {}
