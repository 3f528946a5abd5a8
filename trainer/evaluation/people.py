"""Which of the store's people stand for those that the model has learnt from, and which for everyone else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.config import MODALITIES

from ..metrics.faces import People
from ..store import Store

FEWEST = 8  # on either side: fewer say nothing of a distribution


@dataclass(frozen=True)
class Split:
    """training: seen by the model; held_out: not, if ``about`` says so."""

    training: People
    held_out: People
    about: str


def split(store: Store, held_out: str | None) -> Split:
    """held_out: the folder of another store of the same size, a number (so many of the store's last subjects), or None: two halves
    of the store, of which nothing is claimed. Subjects that lack a map are left out.

    Raises GantlitzError (``bad-store``, ``bad-request``) where either side has fewer than FEWEST, or the sizes differ.
    """
    whole = _complete(store)
    if held_out is None:
        parts = People(store, whole[::2]), People(store, whole[1::2])
        about = "two halves of the store: the model may have learnt from both, so that over-fitting cannot show"
    elif held_out.isdecimal():
        count = int(held_out)
        parts = People(store, whole[: len(whole) - count]), People(store, whole[len(whole) - count :])
        about = f"the last {count} subjects of the store count as held out, as asked for"
    else:
        other = Store(Path(held_out), store.width << store.level)
        if (other.width, other.height) != (store.width, store.height):
            raise GantlitzError(
                f"{held_out} is {other.width} x {other.height} texels, and {store.folder} {store.width} x {store.height}.",
                "Capture both at one --size.",
                "bad-store",
            )
        parts = People(store, whole), People(other, _complete(other))
        about = f"the subjects of {other.folder.name} count as held out, as asked for"
    if min(map(len, parts)) < FEWEST:
        raise GantlitzError(
            f"{len(parts[0])} training and {len(parts[1])} held-out subjects are too few to compare with.",
            f"Give {FEWEST} whole subjects or more of each.",
            "bad-request",
        )
    return Split(*parts, about)


def _complete(store: Store) -> list[int]:
    return [i for i in range(len(store)) if len(store.modalities(i)) == len(MODALITIES)]
