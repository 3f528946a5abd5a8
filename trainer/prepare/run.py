"""A folder of scans into a store: subject by subject, resumable; one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.failures import as_gantlitz_error
from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.pictures.naming import MAPS
from gantlitz_blender.runtime.pictures.reading import read_image

from ..store_format import is_vacant, open_root
from ..store_writer import StoreWriter
from ..workers import begin_worker
from .checks import check_aspects
from .cropping import cropped
from .masking import SHOWN_BY, Flags, agreed, background, given_mask, seen_behind, soft_mask
from .report import report
from .settings import Settings
from .subject import examine, make_maps, provenance
from .subjects import Subject, find_subjects

MASK_SUBJECTS = 16  # so many tell the layout; the others must agree

Result = tuple[Subject, str, GantlitzError | None]  # the report, and what went wrong


def prepare_scans(scans: Path, store: Path, settings: Settings, workers: int = 1, dry_run: bool = False) -> None:
    """Prepare every subject under ``scans`` that the store does not hold yet; print what was found of each.

    Of a subject that it does hold, it is said when the files it was made of are no longer those in its folder.
    dry_run: find out and print, write nothing. Raises GantlitzError (``subjects-failed``) at the end if any failed; the
    others are in the store by then, and the same command goes on from there.
    """
    from tqdm import tqdm

    subjects = find_subjects(scans)
    mask = layout_mask(subjects, store, settings)
    width, height = settings.size
    print(f"store: {width}x{height} texels of {settings.texel_mm:.3f} mm; mask {settings.mask}: {mask.mean():.0%} of them")
    kept = f"waves up to {settings.high_pass_mm:g} mm are" if settings.high_pass_mm else "all is"
    print(f"crop {settings.crop}, resize, decide, complete, mask; of displacement {kept} kept")
    writer = None if dry_run and is_vacant(store) else StoreWriter(store, *settings.size, mask, settings.about())
    there = writer.names() if writer else set()
    waiting = [subject for subject in subjects if subject.problem or subject.name not in there]
    for subject in subjects:
        if subject not in waiting and (changes := _changes(subject, store)):
            print(f"{subject.name}: NOT PREPARED AGAIN, but {changes}. To have it, delete {store / 'subjects' / subject.name}.")
    failed: list[str] = []
    results = _prepare_all(waiting, partial(_prepare_one, settings, mask, None if dry_run else writer), workers)
    with tqdm(results, total=len(waiting), unit="subject") as bar:
        for subject, said, error in bar:
            if error:
                failed.append(subject.name)
                said += f"{subject.name}: NOT PREPARED. {error}"
            bar.write(said)
    done = len(waiting) - len(failed)
    kept = f", {len(subjects) - len(waiting)} were there" if there else ""
    print(f"{done} {'can be' if dry_run else 'were'} prepared{kept}, {len(failed)} failed")
    if failed:
        raise GantlitzError(
            f"{len(failed)} of {len(subjects)} subjects could not be prepared: {', '.join(sorted(set(failed)))}.",
            "Mend what is said of each above and run the same command again: what is prepared is kept.",
            "subjects-failed",
        )


def layout_mask(subjects: list[Subject], store: Path, settings: Settings) -> Array:
    """(H, W) float32 in [0, 1], as the settings say.

    Found from the background ("auto"), it is what more than half of the subjects agree on, the whole picture where none has
    a constant background, and that of the store where there is one already: it is found once.
    Raises GantlitzError (``file-unreadable``, ``bad-aspect``) for a given mask that cannot be read or has another shape.
    """
    size = settings.size
    whole = np.ones(size[::-1], np.float32)
    if settings.mask == "whole":
        return whole
    if settings.mask == "layout":
        return layout.mask(*size)
    if settings.mask != "auto":
        image = read_image(Path(settings.mask))
        check_aspects([image.facts], *settings.whole_size)
        return given_mask(cropped(image, settings.crop), size)
    if not is_vacant(store):
        held = open_root(store)["mask"][:].astype(np.float32) / 255
        return held if held.shape == whole.shape else whole  # which the writer refuses, saying why
    sound = [subject for subject in subjects if not subject.problem]
    behind = agreed(_background_of(subject, settings) for subject in sound[:MASK_SUBJECTS])
    return whole if behind is None else soft_mask(behind)


def _changes(subject: Subject, store: Path) -> str:
    """What is different about a subject's files since it was prepared, by their names and lengths."""
    try:
        sources = open_root(store)[f"subjects/{subject.name}"].attrs["provenance"]["sources"]
        then = {kind: (source["file"], source["bytes"]) for kind, source in sources.items()}
    except Exception:  # zarr lets through whatever its parsers raise
        return "its zarr.json in the store is damaged"
    now = {kind: (path.name, _length(path)) for kind, path in subject.files.items()}
    kinds = [kind for kind in MAPS if then.get(kind) != now.get(kind)]
    return f"its folder has another {' and another '.join(kinds)} map now" if kinds else ""


def _length(path: Path) -> int | None:
    """In bytes; None where it cannot be told."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def _background_of(subject: Subject, settings: Settings) -> Flags:
    """What the maps of one subject show; nothing where they cannot be read, which is said when its turn comes."""
    size = settings.size
    images = (read_image(path) for kind, path in subject.files.items() if kind in SHOWN_BY)
    try:
        return seen_behind((background(cropped(image, settings.crop), size) for image in images), size)
    except GantlitzError:
        return np.zeros(size[::-1], bool)


def _prepare_one(settings: Settings, mask: Array, writer: StoreWriter | None, subject: Subject) -> Result:
    said = ""
    try:
        found = examine(subject, settings, mask)
        said = report(found) + "\n"
        if writer:
            said_of = provenance(found, settings)
            writer.write(subject.name, make_maps(found, settings, mask), said_of, found.licence)
    except Exception as error:  # whatever is wrong with one subject, the others are prepared
        return subject, said, as_gantlitz_error(error)
    return subject, said, None


def _prepare_all(subjects: list[Subject], prepare: partial, workers: int) -> Iterator[Result]:
    if min(workers, len(subjects)) < 2:
        yield from map(prepare, subjects)
        return
    with ProcessPoolExecutor(min(workers, len(subjects)), get_context("spawn"), _start_worker, (prepare,)) as pool:
        jobs = {pool.submit(_work, subject): subject for subject in subjects}
        try:
            for job in as_completed(jobs):
                yield (jobs[job], "", _killed()) if job.exception() else job.result()
        finally:
            pool.shutdown(cancel_futures=True)  # when stopped, begin no other


def _killed() -> GantlitzError:
    return GantlitzError(
        "A process that was preparing subjects was ended from outside, as systems do when memory runs out.",
        "Use fewer --workers.",
        "out-of-memory",
    )


_prepare: partial | None = None  # in a worker: what it does with a subject, so that the mask is sent once


def _start_worker(prepare: partial) -> None:
    global _prepare
    _prepare = prepare
    begin_worker()


def _work(subject: Subject) -> Result:
    assert _prepare is not None
    return _prepare(subject)
