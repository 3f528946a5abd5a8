"""One scan completed: its files read, brought into the model's layout and colours, completed, brought back and written."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
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
from .face_model import FaceModel
from .inversion.fit import Fit
from .layout import Array
from .maps import MapSet
from .recipe import Recipe
from .scan_request import MAPS, ScanRequest

PICTURE_WIDTH = 384
MEAN_WIDTH = 384
PORES_SEED, PORES_PSI = 0, 0.5  # of the sample whose finest octaves stand for what is not known
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


def complete_scan(
    request: ScanRequest,
    folder: Path,
    name: str,
    face_model: FaceModel,
    completer: Completer,
    *,
    only_known: bool = False,
    progress: Callable[[float, str], None] | None = None,
    picture: Callable[[MapSet], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ScanAnswer:
    """Complete the maps of a scan and write them, in the scan's own layout, as ``<name>_albedo.png`` and so on into ``folder``.

    A fit also writes <name>_recipe.json, <name>_fit.safetensors and <name>_error.png (0.25 of difference from a known map is
    white); one that was broken off goes on when it is asked for again. With points, <name>_alignment.json says where the
    scan's layout lies in the model's. only_known: known maps alone are written, larger. Raises GantlitzError and Cancelled.
    """
    listener = Listener(progress, picture, cancelled)
    listener.tell(0.0, "Reading the scan")
    job = _ScanJob(request, face_model, completer, listener)
    map_files.check(folder, name, *job.size)
    unfinished = folder / f".{name}_{job.key()}.unfinished"
    made, fit = job.completed(unfinished)
    listener.tell(MADE, "Back to the scan's layout")
    maps = job.back(made)
    if not only_known and fit:
        maps["error"] = job.error(made)
    if only_known:
        maps = {kind: array for kind, array in maps.items() if kind in request.maps}
    listener.tell(BACK, "Writing files")
    beside: dict[str, Path] = {}
    recipe = None
    try:
        if fit and not only_known:
            beside["fit"] = folder / f"{name}_fit.safetensors"
            folder.mkdir(parents=True, exist_ok=True)
            fit.save(beside["fit"])
            recipe = face_model.stamped(Recipe(0, 1.0, fit=beside["fit"].name, fit_sha256=fit.sha256))
        if job.frame.alignment:
            beside["alignment"] = folder / f"{name}_alignment.json"
            folder.mkdir(parents=True, exist_ok=True)
            job.frame.alignment.write(beside["alignment"])
        paths = map_files.write(
            maps, folder, name, recipe, lambda share: listener.tell(BACK + (1 - BACK) * share, "Writing files"), cancelled
        )
    except BaseException:
        for path in beside.values():
            path.unlink(missing_ok=True)
        raise
    for left in folder.glob(f".{glob.escape(name)}_*.unfinished"):
        left.unlink()
    decibels = {
        kind: psnr(known, maps[kind])
        for kind, known in job.scan.maps.items()
        if kind in ("albedo", "specular") and kind in maps and known.shape[1] < job.size[0]
    }
    return ScanAnswer({**paths, **beside}, *job.size, recipe and recipe.beside(folder), job.warnings(), decibels)


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
        self.coarsest = min(face_model.levels, completer.config.levels)
        self.mean = face_model.preview(Recipe(0, psi=0.0), MEAN_WIDTH).albedo
        clicked = Alignment(Points.from_dict(request.points)) if request.points is not None else None
        self.scan = self._read(clicked.across_mm if clicked else layout.WIDTH / layout.TEXELS_PER_MM)
        self.frame = Frame(self.scan.maps, self._aligned(clicked) if clicked else None, canvas, self.coarsest)
        self.size = self.frame.size(request.width)
        self.known = self.frame.known()
        self.trust = self.frame.trust()
        self.doubts: list[str] = []
        self.colour: ColourTransform | None = None
        if "albedo" in self.known:
            self.doubts += doubts(self.known["albedo"], self.mean)
            self.colour = ColourTransform.fit(self.known["albedo"], self.mean, self.trust)
            self.known["albedo"] = self.colour.to_model(self.known["albedo"])
        # Where a level of the canvas would be finer than the answer shows, it is not made.
        self.level = min(self.frame.level(self.size[0], least=True), *(self._level_of(array) for array in self.known.values()))

    def _read(self, across_mm: float) -> ScanMaps:
        maps = {kind: Path(path) for kind, path in self.request.maps.items()}
        request = self.request
        return read_scan(maps, directx=request.directx, displacement_mm=request.displacement_mm, across_mm=across_mm)

    def _aligned(self, clicked: Alignment) -> Alignment:
        alignment = through_mesh(clicked, read_mesh(Path(self.request.mesh))).alignment if self.request.mesh else clicked
        if not self.request.refine:
            return alignment
        if "albedo" not in self.scan.maps:
            raise GantlitzError("The points can be refined on an albedo alone.", "Give it too, or leave refine out.")
        return refine(alignment, self.scan.maps["albedo"], self.mean).alignment

    def _level_of(self, array: Array) -> int:
        return (self.model.width // array.shape[1]).bit_length() - 1

    def warnings(self) -> list[str]:
        """All that a person should know."""
        return [*self.scan.warnings, *self.doubts]

    def key(self) -> str:
        """Of all that a fit depends on, so that only the same one goes on where it was broken off."""
        digest = hashlib.sha256(json.dumps([self.request.method, self.level, self.model.sha256]).encode())
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
            unfinished.parent.mkdir(parents=True, exist_ok=True)
            fit.save(unfinished)

        def show(fit: Fit) -> None:
            if self.listener.picture:
                self.listener.picture(self.model.preview(self.model.remember(fit), PICTURE_WIDTH))

        start = READ if guide is None else 0.15
        return self.model.complete(
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

    def back(self, made: dict[str, Array]) -> dict[str, Array]:
        """Maps in the scan's layout at the answer's size; known ones kept where that is asked for."""
        own = {kind: resized(kind, array, self.size) for kind, array in self.scan.maps.items()}
        for kind in ("albedo", "specular"):
            if kind not in own:  # around the face goes on what is usual in it: grey would show in the shading
                usual = np.median(made[kind][layout.mask(made[kind].shape[1], made[kind].shape[0]) > 0], axis=0)
                own[kind] = np.broadcast_to(np.float32(usual), (self.size[1], self.size[0], *made[kind].shape[2:]))
        maps = self.frame.back(made, self.size, own)
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
