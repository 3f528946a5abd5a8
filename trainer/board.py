"""A run in TensorBoard: every number of the log, and the sample pictures map by map."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from gantlitz_blender.runtime.errors import GantlitzError

from .samples import SHOWN

CHARTS = {
    "g": "loss/generator", "d": "loss/discriminator", "r1": "loss/r1", "bands": "loss/bands", "unlike": "loss/unlike",
    "real": "logits/real", "fake": "logits/fake", "sign": "logits/sign of real",
    **{f"spread_{name}": f"spread beside the data's/{name}" for name in SHOWN},
    "s_per_step": "run/seconds a step", "memory": "run/memory in bytes",
}  # fmt: skip
NOT_CHARTED = ("step", "seconds", "level", "maps")
BY_MAPS = ("g", "d")  # charted once more for each number of maps: a pair is judged by other features than all four


class Board:
    """Event files in a folder, from ``step`` on: what a killed run wrote of later steps is dropped by TensorBoard."""

    def __init__(self, folder: Path, step: int):
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise GantlitzError(
                f"--tensorboard needs the tensorboard package ({error}).", "Run: pip install tensorboard", "no-tensorboard"
            ) from error
        self.writer = SummaryWriter(str(folder), purge_step=step + 1)
        self.seconds: float | None = None

    def rows(self, rows: list[dict]) -> None:
        """Numbers as in ``log.jsonl``; those without a chart of their own go under ``run/``."""
        for row in rows:
            before, self.seconds = self.seconds, row["seconds"]
            if before is not None:
                row = row | {"s_per_step": row["seconds"] - before}
            for name, value in row.items():
                if name not in NOT_CHARTED:
                    self.writer.add_scalar(CHARTS.get(name, f"run/{name}"), value, row["step"])
            for name in BY_MAPS:
                self.writer.add_scalar(f"{CHARTS[name]} of {row['maps']} maps", row[name], row["step"])
        self.writer.flush()

    def pictures(self, step: int, paths: Iterable[Path]) -> None:
        """8-bit pictures of the maps ``SHOWN`` side by side, each map under the file's name without the step (``faces/albedo``)."""
        for path in paths:
            picture = cv2.imread(str(path))
            if picture is not None:
                kind = path.stem.partition("_")[2]
                for name, part in zip(SHOWN, np.split(picture[..., ::-1], len(SHOWN), axis=1), strict=True):
                    self.writer.add_image(f"{kind}/{name}", part.copy(), step, dataformats="HWC")
        self.writer.flush()

    def close(self) -> None:
        """Finish the file."""
        self.writer.close()
