"""A store of procedural subjects: drawn by several processes, resumable at any moment."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.errors import GantlitzError

from ..workers import begin_worker
from .identity import Identity
from .subject import draw_subject

if TYPE_CHECKING:
    from ..store_writer import StoreWriter

CAPTURE_VERSION = 3  # raise it when subjects of old seeds look different: a store holds one version only
LICENCE = "CC0-1.0"  # of the maps
MAPS = ("albedo", "normal", "specular", "displacement")


def capture_dataset(
    out: Path, subjects: int, width: int, height: int, first_seed: int = 0, workers: int = 2, progress: bool = True
) -> Path:
    """Draw the subjects first_seed .. first_seed + subjects - 1 into a store, one called ``00007`` for seed 7; returns its path.

    Run again with the same folder it goes on where it stopped: subjects that are whole are kept. What a seed becomes does
    not depend on the other seeds or on the number of workers. width, height: texels, see ``draw_subject``.

    Raises GantlitzError: ``bad-request`` for numbers that make no sense, else what ``StoreWriter`` and ``draw_subject`` raise.
    """
    from ..store_writer import StoreWriter  # drawing alone needs no zarr, which takes as long to load as all the rest

    if subjects < 1 or workers < 1 or first_seed < 0:
        raise GantlitzError(
            f"{subjects} subjects from seed {first_seed} by {workers} workers cannot be drawn.",
            "Ask for at least one subject and one worker, and a seed that is not negative.",
            "bad-request",
        )
    about = {"maker": "capture", "capture_version": CAPTURE_VERSION}
    writer = StoreWriter(out, width, height, layout.mask(width, height), about)
    whole = writer.names()
    missing = [seed for seed in range(first_seed, first_seed + subjects) if subject_name(seed) not in whole]
    for _ in _progress(_draw_all(writer, missing, workers), len(missing), progress):
        pass
    return out


def subject_name(seed: int) -> str:
    """What a store calls the subject of a seed."""
    return f"{seed:05d}"


def _draw_all(writer: StoreWriter, seeds: list[int], workers: int) -> Iterator[int]:
    """Draw and write the seeds, yielding each as it becomes whole; in this process where one worker is enough."""
    jobs = [(writer, seed) for seed in seeds]
    if min(workers, len(jobs)) < 2:
        yield from map(_draw_one, jobs)
        return
    with get_context("spawn").Pool(min(workers, len(jobs)), begin_worker) as pool:
        yield from pool.imap_unordered(_draw_one, jobs)
        pool.close()
        pool.join()  # workers that are ended instead leave semaphores that Python complains of


def _draw_one(job: tuple[StoreWriter, int]) -> int:
    writer, seed = job
    maps = draw_subject(seed, writer.width, writer.height)
    factors = {k: float(v) for k, v in dataclasses.asdict(Identity.from_seed(seed)).items() if k != "seed"}
    provenance = {"maker": "capture", "capture_version": CAPTURE_VERSION, "seed": seed}
    writer.write(subject_name(seed), {name: getattr(maps, name) for name in MAPS}, provenance, LICENCE, factors)
    return seed


def _progress(items: Iterator[int], total: int, show: bool) -> Iterator[int]:
    from tqdm import tqdm

    return iter(tqdm(items, total=total, unit="subject", disable=not show))
