"""What a job file may hold, as a JSON schema: the published one (docs/job.schema.json), by which a file is checked too."""

from __future__ import annotations

from typing import Any

from ..export_profiles import PROFILES
from ..recipe import PSI_MAX
from ..recipe_parts import BANDS, EDIT_MAX, NOISE_STRENGTH_MAX, SCALES, UINT32_MAX
from ..scan_request import METHODS
from .profiles import spoken

VERSION = 1
Schema = dict[str, Any]


def _object(description: str, properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    found: Schema = {"type": "object", "description": description, "properties": properties, "additionalProperties": False}
    return {**found, "required": list(required)} if required else found


def _of(kind: str, description: str, **more: Any) -> Schema:
    return {"type": kind, "description": description, **more}


def _or_list(one: Schema, description: str) -> Schema:
    return {"description": description, "anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


_SEED = {"type": "integer", "minimum": 0, "maximum": UINT32_MAX}
_RANGES = {"type": "string", "pattern": "^[0-9, -]+$"}
_SEEDS = {"anyOf": [_SEED, _RANGES, {"type": "array", "items": {"anyOf": [_SEED, _RANGES]}, "minItems": 1}]}
_STRENGTH = {"type": "number", "minimum": 0, "maximum": NOISE_STRENGTH_MAX}
_LEVEL = _of("integer", "The canvas at 1/2^level; 0 is full size.", minimum=0)
_SIZE = _of(
    "array", "[width, height] in texels, of the canvas's aspect.",
    items={"type": "integer", "minimum": 1}, minItems=2, maxItems=2,
)  # fmt: skip
_PROFILE = _of("string", "The names and formats that a program expects.", enum=[spoken(name) for name in PROFILES])
_SQUARE = _of("boolean", "As wide as they are high.")
_PREFIX = _of("string", "What all names of this entry begin with.")

_AMOUNT = _of("number", "How much of them; 1 by default.", minimum=0, maximum=1)
_MIX = _object("Other faces in one band of the styles.", {"seeds": _SEEDS, "amount": _AMOUNT}, ("seeds",))
_GRAIN = _object("One scale of the detail.", {"strength": _STRENGTH, "seed": _SEED})

SAMPLE = _object(
    "Faces: every combination of what is listed.",
    {
        "do": {"const": "sample"},
        "seeds": {**_SEEDS, "description": 'Which faces: 7, "0-3,7", or a list of these.'},
        "recipes": _or_list(
            {"anyOf": [{"type": "string"}, {"type": "object"}]},
            "In place of seeds: *_recipe.json or map files, or recipes as they are in such files.",
        ),
        "psi": _or_list({"type": "number", "minimum": 0, "maximum": PSI_MAX}, "How far from the mean face; 0.7 by default."),
        "noise_seed": {**_SEEDS, "description": "Which pores and hairs; 0 by default."},
        "noise_strength": {**_STRENGTH, "description": "How strong they are; 1 by default."},
        "mix": _object("Other faces, in bands of the styles.", dict.fromkeys(BANDS, _MIX)),
        "grain": _object("The detail, scale by scale.", dict.fromkeys(SCALES, _GRAIN)),
        "edits": _of(
            "object", "Moves along the model's labelled directions, in standard deviations.",
            additionalProperties={"type": "number", "minimum": -EDIT_MAX, "maximum": EDIT_MAX},
        ),
        "locks": _of("array", "Labels that the edits leave as they are.", items={"type": "string"}),
        "walk": _of("integer", "Frames from each seed to the next.", minimum=1),
        "loop": _of("boolean", "Close the walk."),
        "level": _LEVEL,
        "size": _SIZE,
        "profile": _PROFILE,
        "square": _SQUARE,
        "prefix": _PREFIX,
    },
    ("do",),
)  # fmt: skip
_SCAN: Schema = {
    "scans": _or_list({"type": "string"}, "Pictures, scans' folders, or folders of scans."),
    "points": _of("string", "A points file for all of them; without, each takes the points.json beside its maps."),
    "mesh": _of("string", "The mesh of a single scan, an OBJ with UVs."),
    "refine": _of("boolean", "Lay the points on the features of the mean face."),
    "width": _of("integer", "Texels of the answer; as the widest known map by default.", minimum=1),
    "directx": _of("boolean", "The normals' green points down."),
    "displacement_mm": _of("number", "From black to white, where the file is not an EXR.", minimum=0),
    "profile": _PROFILE,
    "prefix": _PREFIX,
}
COMPLETE = _object(
    "Scans whose missing maps are made.",
    {
        "do": {"const": "complete"},
        **_SCAN,
        "method": _of("string", "fast is the default; fits take minutes.", enum=list(METHODS)),
        "replace": _of("boolean", "Write a fit's version of the known maps too."),
    },
    ("do", "scans"),
)
UPSCALE = _object("Scans whose own maps are enlarged.", {"do": {"const": "upscale"}, **_SCAN}, ("do", "scans"))
ENTRIES = {"sample": SAMPLE, "complete": COMPLETE, "upscale": UPSCALE}

SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "GANtlitz Face Maps job",
    **_object(
        "What a batch makes. Relative paths start at the job file's folder; the command line's options come before this.",
        {
            "$schema": _of("string", "For editors."),
            "version": _of("integer", "Of this form of a job.", minimum=1, maximum=VERSION),
            "outdir": _of("string", "Where the files go."),
            "model": _of("string", "A .safetensors model; the bundled one by default."),
            "completer": _of("string", "A .safetensors completer; the bundled one by default."),
            "device": _of("string", "auto takes the GPU when there is one.", enum=["auto", "cpu", "cuda"]),
            "threads": _of("integer", "Threads that render tiles on a CPU.", minimum=1),
            "tile": _of("integer", "Side of the squares rendered at a time.", minimum=1),
            "level": {**_LEVEL, "description": "Of all faces that say nothing else."},
            "size": {**_SIZE, "description": "Of all faces that say nothing else."},
            "profile": {**_PROFILE, "description": "Of all faces and scans that say nothing else."},
            "square": {**_SQUARE, "description": "Of all faces that say nothing else."},
            "jobs": {"type": "array", "minItems": 1, "items": {"oneOf": [SAMPLE, COMPLETE, UPSCALE]}},
        },
        ("jobs",),
    ),
}
