"""What map files are called and how their values are written, for the programs that read them. Standard library only.

An Output says it for one bake; PROFILES are the Outputs that other programs expect, by identifier. Blender offers them, the wire
carries an Output as JSON, and map_encoding.py writes by it.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from .errors import GantlitzError

KINDS = ("albedo", "normal", "specular", "displacement")
ENDINGS = {"PNG": ".png", "TIFF": ".tif", "EXR": ".exr"}
# Which (file, bits) each map may have. 8 bits of a normal or of a relief step visibly: they are not offered.
FORMATS = {
    "albedo": (("PNG", 8), ("PNG", 16), ("TIFF", 16)),
    "normal": (("PNG", 16), ("TIFF", 16), ("EXR", 32)),
    "specular": (("PNG", 8), ("PNG", 16), ("TIFF", 16)),
    "displacement": (("EXR", 32), ("PNG", 16), ("TIFF", 16)),
}
INTEGER_MM, INTEGER_MIDLEVEL = 10.0, 0.5  # -5 to 5 mm in steps of 0.00015 mm
DISPLACEMENT_MM_MAX = 1000.0
FORBIDDEN_IN_SUFFIXES = set('<>:"/\\|?*')


@dataclass(frozen=True)
class MapFormat:
    """One map's file: <name><suffix><ending>. file: PNG, TIFF or EXR; bits: of a channel, 32 being floats."""

    suffix: str
    file: str = "PNG"
    bits: int = 8

    @property
    def end(self) -> str:
        """What follows the face's name."""
        return self.suffix + ENDINGS[self.file]


def _check_format(kind: str, given: MapFormat) -> None:
    suffix = given.suffix
    if not isinstance(suffix, str) or not suffix or suffix[-1] in ". " or FORBIDDEN_IN_SUFFIXES & set(suffix):
        raise GantlitzError(f"{suffix!r} cannot be in a file name of the {kind} map.", "Use letters, digits, dots, - and _.")
    if (given.file, given.bits) not in FORMATS[kind]:
        known = ", ".join(f"{file} with {bits} bits" for file, bits in FORMATS[kind])
        raise GantlitzError(f"The {kind} map cannot be {given.file} with {given.bits} bits.", f"Choose {known}.")


def _check_number(name: str, value: object, least: float, largest: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or not least <= value <= largest:
        raise GantlitzError(f"The output's {name} must be a number from {least:g} to {largest:g}, not {value!r}.", "Correct it.")


def _known(cls: type, data: dict[str, Any], what: str) -> dict[str, Any]:
    names = [field.name for field in dataclasses.fields(cls)]
    for name in data:
        if name not in names:
            raise GantlitzError(f"{what} has no field {name!r}.", f"Its fields: {', '.join(names)}.")
    return dict(data)


@dataclass(frozen=True)
class Output:
    """How the four maps are written.

    directx: green of the normals points down (-Y), as in Unreal; else up (+Y, OpenGL), as in Blender. Normals are 0.5 + 0.5 n in
    every format. displacement_mm, midlevel: a value v of the displacement map means (v - midlevel) * displacement_mm millimetres.
    square: the maps are made as wide as they are high; the UV map stays what it is.

    Raises GantlitzError (``bad-request``) for what cannot be written.
    """

    albedo: MapFormat = MapFormat("_albedo", "PNG", 8)
    normal: MapFormat = MapFormat("_normal", "PNG", 16)
    specular: MapFormat = MapFormat("_specular", "PNG", 16)
    displacement: MapFormat = MapFormat("_displacement", "EXR", 32)
    directx: bool = False
    displacement_mm: float = 1.0
    midlevel: float = 0.0
    square: bool = False

    def __post_init__(self) -> None:
        for kind in KINDS:
            _check_format(kind, getattr(self, kind))
        if len({getattr(self, kind).end.lower() for kind in KINDS}) < len(KINDS):
            raise GantlitzError("Two maps would have the same file name.", "Give each map a suffix of its own.")
        for name in ("directx", "square"):
            if not isinstance(getattr(self, name), bool):
                raise GantlitzError(f"The output's {name} must be true or false.", "Correct it.")
        _check_number("displacement_mm", self.displacement_mm, 1e-6, DISPLACEMENT_MM_MAX)
        _check_number("midlevel", self.midlevel, 0.0, 1.0)

    def ends(self) -> dict[str, str]:
        """What follows the face's name in the file of each map."""
        return {kind: getattr(self, kind).end for kind in KINDS}

    def bytes_per_texel(self) -> int:
        """Of the four files together, as if nothing compressed."""
        return sum(getattr(self, kind).bits // 8 * (3 if kind in ("albedo", "normal") else 1) for kind in KINDS)

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data: object) -> Output:
        """The Output of a JSON object; what it lacks is the default's. Raises GantlitzError (``bad-request``)."""
        if not isinstance(data, dict):
            raise GantlitzError(f"An output must be a JSON object, not {data!r}.", "Correct it.")
        values = _known(cls, data, "An output")
        for kind in KINDS:
            if kind in values:
                if not isinstance(values[kind], dict):
                    raise GantlitzError(f"The output's {kind} must be a JSON object, not {values[kind]!r}.", "Correct it.")
                fields = _known(MapFormat, values[kind], f"The output's {kind}")
                values[kind] = dataclasses.replace(getattr(cls(), kind), **fields)
        return cls(**values)


NODE_WRANGLER = Output()
PROFILES = {
    "NODE_WRANGLER": NODE_WRANGLER,
    "METAHUMAN": Output(
        albedo=MapFormat("_Color_MAIN", "PNG", 8),
        normal=MapFormat("_Normal_MAIN", "PNG", 16),
        specular=MapFormat("_Specular_MAIN", "PNG", 16),
        displacement=MapFormat("_Displacement_MAIN", "PNG", 16),
        directx=True,
        displacement_mm=INTEGER_MM,
        midlevel=INTEGER_MIDLEVEL,
    ),
    "CHARACTER_CREATOR": Output(
        albedo=MapFormat("_Diffuse", "PNG", 8),
        normal=MapFormat("_Normal", "PNG", 16),
        specular=MapFormat("_Specular", "PNG", 8),
        displacement=MapFormat("_Displacement", "PNG", 16),
        displacement_mm=INTEGER_MM,
        midlevel=INTEGER_MIDLEVEL,
    ),
    # Offline renderers: everything beyond 8 bits, displacement in floats and centimetres, the unit of Maya.
    "TEXTURING_XYZ": Output(
        albedo=MapFormat("_Albedo", "TIFF", 16),
        normal=MapFormat("_Normal", "TIFF", 16),
        specular=MapFormat("_Specular", "TIFF", 16),
        displacement=MapFormat("_Displacement32", "EXR", 32),
        displacement_mm=10.0,
    ),
    "UDIM": Output(
        albedo=MapFormat("_albedo.1001", "PNG", 8),
        normal=MapFormat("_normal.1001", "PNG", 16),
        specular=MapFormat("_specular.1001", "PNG", 16),
        displacement=MapFormat("_displacement.1001", "EXR", 32),
    ),
}


def customised(
    output: Output,
    formats: dict[str, tuple[str, int]],
    directx: bool | None = None,
    displacement_mm: float | None = None,
    midlevel: float | None = None,
) -> Output:
    """`output` with another (file, bits) for some maps, another convention and other units; None leaves what it has.

    A displacement that becomes integers can hold no negative numbers: unless told otherwise it takes the units of integers, and one
    that becomes floats takes millimetres around 0.
    """
    changes: dict[str, Any] = {
        kind: dataclasses.replace(getattr(output, kind), file=file, bits=bits) for kind, (file, bits) in formats.items()
    }
    now = changes.get("displacement", output.displacement)
    if (now.bits == 32) != (output.displacement.bits == 32):
        units = (1.0, 0.0) if now.bits == 32 else (INTEGER_MM, INTEGER_MIDLEVEL)
        changes["displacement_mm"], changes["midlevel"] = units
    given = {"directx": directx, "displacement_mm": displacement_mm, "midlevel": midlevel}
    return dataclasses.replace(output, **changes | {name: value for name, value in given.items() if value is not None})
