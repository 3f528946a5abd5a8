"""One scan completed: its files read, brought into the model's layout and colours, completed, brought back and written."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from . import layout, map_files
from .completion import mesh_forms
from .completion.alignment import Alignment
from .completion.colour import ColourTransform
from .completion.completer import Completer
from .completion.doubts import doubts
from .completion.fine_detail import add_detail
from .completion.frame import Frame, resized
from .completion.keeping import kept, psnr
from .completion.landmarks import Points
from .completion.mesh import read_mesh
from .completion.refinement import refine
from .completion.scan_files import ScanMaps, read_scan
from .completion.surface import through_mesh
from .errors import GantlitzError
from .export_profiles import NODE_WRANGLER, Output
from .face_model import FaceModel
from .inversion.fit import Fit
from .layout import Array
from .maps import MapSet
from .recipe import Recipe
from .scan_request import MAPS, ScanRequest

PICTURE_WIDTH = 384
MEAN_WIDTH = 384
PORES_SEED, PORES_PSI = 0, 0.5  # of the sample whose finest octaves stand for what is not known
MOST = 8192  # texels: the longest side of what is read and written
READ, MADE, BACK = 0.05, 0.8, 0.9  # shares of the time at which these are done
ERROR_SCALE = 4.0  # of a difference from a known map, in an error map


@dataclass(frozen=True)
class Listener:
    """Who looks on. progress(fraction, text); picture(small MapSet in the model's layout, the state so far); cancelled()."""

    progress: Callable[[float, str], None] | None = None
    picture: Callable[[MapSet], None] | None = None
    cancelled: Callable[[], bool] | None = None

    def tell(self, fraction: float, text: str) -> None:
        if self.progress:
            self.progress(fraction, text)


@dataclass(frozen=True, eq=False)
class ScanAnswer:
    """paths: kind -> file, of what was written. recipe: of a fit, None without. warnings: sentences for a person to read.

    decibels: peak signal to noise ratio of each enlarged albedo or specular, made small again, beside what it was.
    """

    paths: dict[str, Path]
    width: int
    height: int
    recipe: Recipe | None = None
    warnings: list[str] = field(default_factory=list)
    decibels: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class MadeScan:
    """A completed scan that is not written yet: so that the next one can be begun meanwhile. size: (width, height)."""

    maps: dict[str, Array]
    size: tuple[int, int]
    folder: Path
    name: str
    output: Output
    recipe: Recipe | None
    beside: dict[str, Callable[[Path], None]]
    warnings: list[str]
    decibels: dict[str, float]

    def write(self, listener: Listener) -> ScanAnswer:
        """Write its files. Raises what map_files.write does, and Cancelled."""

        def written(share: float) -> None:
            listener.tell(BACK + (1 - BACK) * share, "Writing files")

        listener.tell(BACK, "Writing files")
        paths = map_files.write(
            self.maps, self.folder, self.name, self.recipe, written, listener.cancelled, self.beside, self.output
        )
        mine = re.compile(rf"\.{re.escape(self.name)}_[0-9a-f]{{16}}\.unfinished")
        for left in self.folder.iterdir():
            if mine.fullmatch(left.name):
                left.unlink()
        recipe = self.recipe and self.recipe.beside(self.folder)
        return ScanAnswer(paths, *self.size, recipe, self.warnings, self.decibels)


def complete_scan(
    request: ScanRequest,
    folder: Path,
    name: str,
    face_model: FaceModel,
    completer: Completer,
    *,
    only_known: bool = False,
    output: Output = NODE_WRANGLER,
    progress: Callable[[float, str], None] | None = None,
    picture: Callable[[MapSet], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ScanAnswer:
    """Complete the maps of a scan and write them, in the scan's own layout, as ``<name>_albedo.png`` and so on into ``folder``.

    A fit also writes <name>_recipe.json, <name>_fit.safetensors and <name>_error.png (0.25 of difference from a known map is
    white); one that was broken off goes on when it is asked for again. With points, <name>_alignment.json says where the
    scan's layout lies in the model's. only_known: known maps alone are written, larger. output: names, formats and conventions
    of the maps; `square` does not count. Raises GantlitzError and Cancelled.
    """
    listener = Listener(progress, picture, cancelled)
    return made_scan(request, folder, name, face_model, completer, listener, only_known, output).write(listener)


def made_scan(
    request: ScanRequest,
    folder: Path,
    name: str,
    face_model: FaceModel,
    completer: Completer,
    listener: Listener,
    only_known: bool = False,
    output: Output = NODE_WRANGLER,
) -> MadeScan:
    """complete_scan, but for the writing."""
    _check_not_its_own(request, folder, name, output)
    listener.tell(0.0, "Reading the scan")
    job = _ScanJob(request, face_model, completer, listener)
    map_files.check(folder, name, *job.size, output)
    unfinished = folder / f".{name}_{job.key()}.unfinished"
    made, fit = job.completed(unfinished)
    listener.tell(MADE, "Back to the scan's layout")
    error = job.error(made) if fit and not only_known else None
    maps = job.back(made)
    if error is not None:
        maps["error"] = error
    if only_known:
        maps, fit = {kind: array for kind, array in maps.items() if kind in request.maps}, None
    beside: dict[str, Callable[[Path], None]] = {}
    recipe = None
    if fit:
        beside["fit"] = fit.save
        recipe = face_model.stamped(Recipe(0, 1.0, fit=f"{name}{map_files.SUFFIXES['fit']}", fit_sha256=fit.sha256))
    if job.frame.alignment:
        beside["alignment"] = job.frame.alignment.write
    decibels = {
        kind: psnr(known, maps[kind])
        for kind, known in job.scan.maps.items()
        if kind in ("albedo", "specular") and kind in maps and known.shape[1] < job.size[0]
    }
    return MadeScan(maps, job.size, folder, name, output, recipe, beside, job.warnings(), decibels)


def _check_not_its_own(request: ScanRequest, folder: Path, name: str, output: Output) -> None:
    """Raises GantlitzError (``bad-request``) where the answer would take the place of what it is made from."""
    answers = {(folder / f"{name}{suffix}").absolute() for suffix in (map_files.SUFFIXES | output.ends()).values()}
    for path in (*request.maps.values(), *([request.mesh] if request.mesh else [])):
        for answer in answers:
            if answer == Path(path).absolute() or (answer.exists() and Path(path).exists() and answer.samefile(path)):
                raise GantlitzError(f"The answer would replace the scan's own {path}.", "Choose another folder or name for it.")


class _ScanJob:
    """What is known of the scan, in its own layout (``scan``) and in the model's (``known``)."""

    def __init__(self, request: ScanRequest, face_model: FaceModel, completer: Completer, listener: Listener):
        self.request, self.model, self.completer, self.listener = request, face_model, completer, listener
        canvas = (face_model.width, face_model.height)
        if canvas != (completer.width, completer.height):
            raise GantlitzError(
                f"The model's canvas is {face_model.width} x {face_model.height}, the completer's {completer.width} x "
                f"{completer.height}.",
                "Load a completer that was trained for this model's canvas.",
                "model-mismatch",
            )
        coarsest = min(face_model.levels, completer.config.levels)
        self.mean = face_model.preview(Recipe(0, psi=0.0), MEAN_WIDTH).albedo
        clicked = Alignment(Points.from_dict(request.points)) if request.points is not None else None
        self.scan = self._read(clicked.across_mm if clicked else layout.WIDTH / layout.TEXELS_PER_MM)
        self.notes: list[str] = []
        self.frame = Frame(self.scan.maps, self._aligned(clicked) if clicked else None, canvas, coarsest)
        self.size = self._size()
        self.level = self.frame.level(self.size[0], least=True)
        self.known = self.frame.known(self.level)
        self.trust = self.frame.trust()
        self.colour: ColourTransform | None = None
        if "albedo" in self.known:
            self.notes += doubts(self.known["albedo"], self.mean)
            self.colour = ColourTransform.fit(self.known["albedo"], self.mean, self.trust)
            self.known["albedo"] = self.colour.to_model(self.known["albedo"])
        if request.method == "fast" and not request.keep:
            self.notes.append("The fast method keeps the known maps: only a fit can take their place.")

    def _size(self) -> tuple[int, int]:
        """The answer's (width, height). Raises GantlitzError (``bad-request``) for one that is too large."""
        size = self.frame.size(self.request.width)
        if max(size) > MOST:
            what = f"An answer of {size[0]} x {size[1]} texels is too large."
            raise GantlitzError(what, f"Ask for a width that makes no side longer than {MOST}.")
        return size

    def _read(self, across_mm: float) -> ScanMaps:
        maps = {kind: Path(path) for kind, path in self.request.maps.items()}
        request = self.request
        return read_scan(maps, directx=request.directx, displacement_mm=request.displacement_mm, across_mm=across_mm, most=MOST)

    def _aligned(self, clicked: Alignment) -> Alignment:
        alignment = clicked
        if self.request.mesh:
            cancelled = self.listener.cancelled
            through = through_mesh(clicked, read_mesh(Path(self.request.mesh), cancelled), cancelled)
            alignment = through.alignment
            if not through.share:
                self.notes.append("The mesh could not say where the face lies: that was left to the points.")
        if not self.request.refine:
            return alignment
        if "albedo" not in self.scan.maps:
            raise GantlitzError("The points can be refined on an albedo alone.", "Give it too, or leave refine out.")
        refined = refine(alignment, self.scan.maps["albedo"], self.mean)
        if not refined.kept:
            self.notes.append("The points were left as they are: refined, they would not lie nearer to the mean face.")
        elif self.request.mesh:
            self.notes.append("The points were refined on the albedo, which has the last word over the mesh.")
        return refined.alignment

    def _level_of(self, array: Array) -> int:
        return (self.model.width // array.shape[1]).bit_length() - 1

    def warnings(self) -> list[str]:
        """All that a person should know."""
        return [*self.scan.warnings, *self.notes]

    def key(self) -> str:
        """Of all that a fit depends on, so that only the same one goes on where it was broken off."""
        made_by = [self.request.method, self.level, self.model.sha256, self.completer.sha256]
        digest = hashlib.sha256(json.dumps(made_by).encode())
        for kind in MAPS:
            if kind in self.known:
                digest.update(kind.encode() + np.ascontiguousarray(self.known[kind]).tobytes())
        return digest.hexdigest()[:16]

    def completed(self, unfinished: Path) -> tuple[dict[str, Array], Fit | None]:
        """All maps in the model's layout, in the scan's colours, and the fit that makes them."""
        fit = None
        fast = self.request.method == "fast"
        guide = None
        if self.request.method != "fit":
            width = self.model.width >> self.level
            share = MADE - 0.1 if fast else 0.15
            guide = self.completer.complete(
                self.known,
                width,
                progress=lambda done: self.listener.tell(READ + (share - READ) * done, "Completing"),
                cancelled=self.listener.cancelled,
            )
            if self.listener.picture:
                self.listener.picture(_small(guide))
        if fast:
            assert guide is not None
            found = guide
            self._add_detail(found)
        else:
            fit = self._fit(guide, unfinished)
            found = self.model.render(self.model.remember(fit), level=self.level, cancelled=self.listener.cancelled)
        if self.frame.alignment and not {"normal", "displacement"} & self.known.keys():
            mesh_forms.take_out(found)
        maps = {kind: getattr(found, kind) for kind in MAPS}
        if self.colour:
            maps["albedo"] = self.colour.to_scan(maps["albedo"])
        return maps, fit

    def _add_detail(self, maps: MapSet) -> None:
        """Pores for the octaves that no known map is fine enough to tell."""
        finest = min(self._level_of(array) for array in self.known.values())
        lacking = {kind: (self._level_of(self.known[kind]) if kind in self.known else finest) - self.level for kind in MAPS}
        if any(lacking.values()):
            self.listener.tell(MADE - 0.1, "Pores")
            sample = self.model.render(Recipe(PORES_SEED, PORES_PSI), level=self.level, cancelled=self.listener.cancelled)
            add_detail(maps, sample, lacking)

    def _fit(self, guide: MapSet | None, unfinished: Path) -> Fit:
        begun = None
        if unfinished.exists():
            with contextlib.suppress(GantlitzError):  # damaged: begun anew
                begun = Fit.load(unfinished, self.model.config)

        def keep(fit: Fit) -> None:
            try:
                unfinished.parent.mkdir(parents=True, exist_ok=True)
                fit.save(unfinished)
            except (GantlitzError, OSError) as error:  # it is a courtesy: the fit itself goes on
                note = f"What was fitted could not be kept for a break: {error}"
                if note not in self.notes:
                    self.notes.append(note)

        def show(fit: Fit) -> None:
            if self.listener.picture:
                self.listener.picture(self.model.preview(self.model.remember(fit), PICTURE_WIDTH))

        start = READ if guide is None else 0.15
        fit = self.model.complete(
            self.known,
            guide=guide,
            level=self.level,
            trust=self.trust,
            progress=lambda share: self.listener.tell(start + (MADE - 0.03 - start) * share, "Fitting"),
            shown=show,
            kept=keep,
            cancelled=self.listener.cancelled,
            begun=begun,
        )
        light = self.colour.coefficients.tolist() if self.colour else None  # of the scan beside the model's faces
        return replace(fit, notes={**fit.notes, "colour": light})

    def back(self, made: dict[str, Array]) -> dict[str, Array]:
        """Maps in the scan's layout at the answer's size; known ones kept where that is asked for."""
        own = {kind: resized(kind, array, self.size) for kind, array in self.scan.maps.items()}
        self.known.clear()  # memory: an answer of 8K is large by itself
        maps: dict[str, Array] = {}
        for kind in MAPS:
            maps |= self.frame.back({kind: made.pop(kind)}, self.size, {kind: own[kind]} if kind in own else {})
        # What the completer enlarges is a known map too: only a fit can take its place.
        if self.request.keep or self.request.method == "fast":
            for kind, known in self.scan.maps.items():
                maps[kind] = kept(kind, known, maps[kind])
        return maps

    def error(self, made: dict[str, Array]) -> Array:
        """(H, W) of the answer's size: how far the fit is from the known maps, mean of their channels, 0.25 as 1."""
        parts = []
        for kind, known in self.known.items():
            shown = self.colour.to_scan(known) if kind == "albedo" and self.colour else known
            here = resized(kind, made[kind], (known.shape[1], known.shape[0]))
            far = np.abs(here - shown)
            far = far.mean(axis=2) if far.ndim == 3 else far
            parts.append(resized("specular", np.clip(far * ERROR_SCALE, 0, 1), (PICTURE_WIDTH * 4, PICTURE_WIDTH * 8 // 3)))
        whole = np.mean(parts, axis=0, dtype=np.float32)
        none = np.zeros((self.size[1], self.size[0]), np.float32)
        return np.clip(self.frame.back({"specular": whole}, self.size, {"specular": none})["specular"], 0, 1)


def _small(maps: MapSet) -> MapSet:
    width = min(PICTURE_WIDTH, maps.width)
    return maps.resized(width, round(width * maps.height / maps.width))
