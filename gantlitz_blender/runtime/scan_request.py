"""What is asked of a completion: which maps of a scan there are, how they lie, how the missing ones are to be found; and its JSON.

Standard library only, so that Blender can import it.
"""

from __future__ import annotations

import math
import os
from dataclasses import asdict, dataclass, fields, replace

from .errors import GantlitzError

MAPS = ("albedo", "normal", "specular", "displacement")
METHODS = ("fast", "fit", "fit-from-fast")


@dataclass(frozen=True)
class ScanRequest:
    """One scan to be completed.

    maps: kind (one of MAPS) -> path of a picture (PNG, JPEG, TIFF or EXR); at least one.
    points: the JSON object of a points file (completion/landmarks.py); None when the maps lie in the model's layout already.
    mesh: path of the scan's OBJ with UVs, None without; the points are then aligned through the surfaces.
    method: "fast", the completer; "fit", the model's inversion; "fit-from-fast", the inversion begun at the completer's maps.
    width: texels of the answer, in the scan's own layout where there are points; None is that of the widest known map.
    keep: known maps come back as they are (an albedo in 8 bits), enlarged where they are smaller than the answer.
    refine: the points are laid on the features of the model's mean face.
    directx: the normal's green points down.
    displacement_mm: what black to white means in a displacement that is no EXR, in mm; 0 is not stated.

    Raises GantlitzError (``bad-request``) that names the bad field.
    """

    maps: dict[str, str]
    points: dict | None = None
    mesh: str | None = None
    method: str = "fast"
    width: int | None = None
    keep: bool = True
    refine: bool = False
    directx: bool = False
    displacement_mm: float = 0.0

    def __post_init__(self) -> None:
        _check_maps(self.maps)
        if self.points is not None and not isinstance(self.points, dict):
            raise _bad("points", "the JSON object of a points file", self.points)
        if self.mesh is not None and not _is_text(self.mesh):
            raise _bad("mesh", "the path of an OBJ", self.mesh)
        if self.method not in METHODS:
            raise _bad("method", f"one of {', '.join(METHODS)}", self.method)
        if self.width is not None and not (type(self.width) is int and self.width > 0):
            raise _bad("width", "a whole number of texels above 0", self.width)
        for name in ("keep", "refine", "directx"):
            if not isinstance(getattr(self, name), bool):
                raise _bad(name, "true or false", getattr(self, name))
        number = self.displacement_mm
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not (number >= 0 and math.isfinite(number)):
            raise _bad("displacement_mm", "a number of millimetres, 0 or more", number)
        object.__setattr__(self, "displacement_mm", float(number))
        for name in ("mesh", "refine"):
            if getattr(self, name) and self.points is None:
                raise GantlitzError(f"The scan's {name} is of use only with points.", f"Give the points too, or leave {name} out.")

    def absolute(self) -> ScanRequest:
        """The same request with paths that hold in any working directory."""
        maps = {kind: os.path.abspath(path) for kind, path in self.maps.items()}
        return replace(self, maps=maps, mesh=os.path.abspath(self.mesh) if self.mesh else None)

    def to_dict(self) -> dict[str, object]:
        """The fields as a JSON object."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: object) -> ScanRequest:
        """Read what to_dict made; missing fields take their defaults, except maps. Raises as the class does."""
        if not isinstance(data, dict):
            raise GantlitzError(f"A scan must be a JSON object, not {type(data).__name__}.", "Correct it.")
        known = [field.name for field in fields(cls)]
        for name in data:
            if name not in known:
                raise GantlitzError(f"A scan has no field {name!r}.", f"Its fields: {', '.join(known)}.")
        if "maps" not in data:
            raise GantlitzError("A scan needs the field 'maps'.", "Name at least one of its maps.")
        return cls(**data)


def _check_maps(maps: object) -> None:
    if not isinstance(maps, dict) or not maps:
        raise _bad("maps", f"an object of at least one of {', '.join(MAPS)}, each with a path", maps)
    for kind, path in maps.items():
        if kind not in MAPS:
            raise GantlitzError(f"A scan has no map of the kind {kind!r}.", f"Known: {', '.join(MAPS)}.")
        if not _is_text(path):
            raise _bad(f"{kind} map", "the path of a picture", path)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _bad(name: str, what: str, value: object) -> GantlitzError:
    return GantlitzError(f"The scan's {name} must be {what}, not {value!r}.", "Correct it.")
