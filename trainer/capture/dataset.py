"""A folder of procedural subjects: aligned maps as .npy files, drawn by several processes, resumable at any moment.

``store.json``: format, width, height, displacement_scale_mm, capture_version, subjects (the seeds that are whole).
``mask.npy``: (H, W) uint8, the face mask times 255.
``<seed:05d>.albedo.npy``: (H, W, 3) uint8, sRGB-encoded.
``<seed:05d>.normal.npy``: (H, W, 2) int16, x and y times 32767; z = sqrt(1 - x^2 - y^2).
``<seed:05d>.specular.npy``: (H, W) uint8, linear, times 255.
``<seed:05d>.displacement.npy``: (H, W) int16, in steps of displacement_scale_mm (0.1 micrometre).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.maps import MapSet

from .subject import draw_subject

FORMAT = 1
CAPTURE_VERSION = 2  # raise it when subjects of old seeds look different: a store holds one version only
DISPLACEMENT_SCALE_MM = 1e-4
MAPS = ("albedo", "normal", "specular", "displacement")


def capture_dataset(
    out: Path, subjects: int, width: int, height: int, first_seed: int = 0, workers: int = 2, progress: bool = True
) -> Path:
    """Draw the subjects first_seed .. first_seed + subjects - 1 into a folder; returns the path of its store.json.

    Run again with the same folder it goes on where it stopped: subjects whose four files are whole are kept. Files are
    written aside and renamed, and store.json always names just the subjects that are whole.
    """
    out = Path(out)
    if subjects < 1 or workers < 1 or first_seed < 0:
        raise GantlitzError(
            f"{subjects} subjects from seed {first_seed} by {workers} workers cannot be drawn.",
            "Ask for at least one subject and one worker, and a seed that is not negative.",
            "bad-request",
        )
    out.mkdir(parents=True, exist_ok=True)
    header = _header(out, width, height)
    if not (out / "mask.npy").exists():
        _save(out / "mask.npy", np.round(layout.mask(width, height) * 255).astype(np.uint8))
    wanted = range(first_seed, first_seed + subjects)
    whole = {*header["subjects"], *(seed for seed in wanted if _is_whole(out, seed))}
    missing = [seed for seed in wanted if seed not in whole]
    _write_header(out, header, whole)
    for seed in _progress(_draw_all(out, missing, width, height, workers), len(missing), progress):
        whole.add(seed)
        _write_header(out, header, whole)
    return out / "store.json"


def pack(maps: MapSet) -> dict[str, NDArray[Any]]:
    """A subject's arrays as a store holds them, by name."""
    return {
        "albedo": np.round(maps.albedo * 255).astype(np.uint8),
        "normal": np.round(maps.normal[..., :2] * 32767).astype(np.int16),
        "specular": np.round(maps.specular * 255).astype(np.uint8),
        "displacement": np.round(np.clip(maps.displacement / DISPLACEMENT_SCALE_MM, -32767, 32767)).astype(np.int16),
    }


def subject_path(out: Path, seed: int, name: str) -> Path:
    """Where a store keeps one map of one subject."""
    return out / f"{seed:05d}.{name}.npy"


def _draw_all(out: Path, seeds: list[int], width: int, height: int, workers: int) -> Iterator[int]:
    """Draw and write the seeds, yielding each as it becomes whole; in this process where one worker is enough."""
    jobs = [(out, seed, width, height) for seed in seeds]
    if min(workers, len(jobs)) < 2:
        yield from map(_draw_one, jobs)
        return
    with get_context("spawn").Pool(min(workers, len(jobs)), _one_thread) as pool:
        yield from pool.imap_unordered(_draw_one, jobs)


def _draw_one(job: tuple[Path, int, int, int]) -> int:
    out, seed, width, height = job
    for name, array in pack(draw_subject(seed, width, height)).items():
        _save(subject_path(out, seed, name), array)
    return seed


def _one_thread() -> None:
    """Each worker keeps to one core: the pool is the parallelism."""
    import cv2

    cv2.setNumThreads(1)


def _progress(items: Iterator[int], total: int, show: bool) -> Iterator[int]:
    from tqdm import tqdm

    return iter(tqdm(items, total=total, unit="subject", disable=not show))


def _is_whole(out: Path, seed: int) -> bool:
    return all(subject_path(out, seed, name).exists() for name in MAPS)


def _header(out: Path, width: int, height: int) -> dict[str, Any]:
    """What store.json says of everything but progress, checked against one that is already there."""
    header: dict[str, Any] = {
        "format": FORMAT,
        "width": width,
        "height": height,
        "capture_version": CAPTURE_VERSION,
        "displacement_scale_mm": DISPLACEMENT_SCALE_MM,
        "subjects": [],
    }
    path = out / "store.json"
    if not path.exists():
        return header
    try:
        old = json.loads(path.read_text())
    except ValueError as error:
        raise GantlitzError(
            f"{path} cannot be read: {error}.", "Delete it to go on: finished subjects are kept.", "bad-store"
        ) from error
    for key in ("format", "width", "height", "capture_version"):
        if old.get(key) != header[key]:
            raise GantlitzError(
                f"{path} has {key} {old.get(key)}, but {header[key]} was asked for.",
                "Write to another folder, or delete this one.",
                "bad-store",
            )
    return {**header, "subjects": [seed for seed in old.get("subjects", []) if _is_whole(out, seed)]}


def _write_header(out: Path, header: dict[str, Any], whole: set[int]) -> None:
    path = out / "store.json"
    aside = path.with_name(".store.json")
    aside.write_text(json.dumps({**header, "subjects": sorted(whole)}, indent=1))
    os.replace(aside, path)


def _save(path: Path, array: NDArray[Any]) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(aside, "wb") as file:
            np.save(file, array)
        os.replace(aside, path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise GantlitzError(
            f"{path} could not be written: {error}.", "Free some space or choose another folder.", "disk-full"
        ) from error
