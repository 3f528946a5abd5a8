"""The wire between Blender and the worker: JSON lines, the requests and the answers. Standard library only.

Every message is one JSON object on one line with a ``kind``. A request carries an ``id`` chosen by the client; every
answer names it.

Requests                                      ``done`` answers with, beside id
``load``    model (path or null), device      name, sha256, width, height, levels, modalities, device, provenance,
                                              directions [label ...]
``preview`` recipe, width, layout, refine,    path (.npy, see Preview), width, height, recipe, seconds (the model's own),
            draft                             notices [sentence ...]
``render``  recipe, level or size,            paths {albedo, normal, specular, displacement, recipe}, width, height,
            folder, name, output              recipe, clipped (share of the texels whose relief does not fit),
                                              notices [sentence ...]
``complete`` request (ScanRequest), folder,   paths {the maps; error, recipe, fit where there are any}, width, height,
            name                              recipe or null, warnings [sentence ...]
``thumbnail`` recipe, width, shape            path (.npy, uint8 (H, W, 4), sRGB and alpha, top row first),
                                              width, height, recipe
``cancel``  target (id of another request)    found (whether it was still waiting or running)
``release`` gpu_only                          released (whether there was something to let go), resident, gpu_held
``ping``                                      busy (id of the running request, or null), memory (free bytes where the model
                                              is, or null), state (empty, loading, ready, released), device, resident (bytes
                                              that the worker holds, or null), gpu_held (bytes of GPU memory)
``quit``                                      nothing; the worker then ends

``hello`` {protocol, torch, device, memory, threads, pid, previews} comes once, when torch is loaded; none of ``load``, ``preview``,
``thumbnail``, ``render`` and ``complete`` is begun before. device is what auto would take, cuda or cpu; memory is free RAM.
previews is the folder of the preview files; it goes when the worker ends. While a request runs: ``progress`` {id, fraction, text},
during a ``complete`` also ``picture`` {id, path (as a preview's), width, height}, the maps so far; and instead of
``done``, ``error`` {id, code, sentence, fix}. An error whose id is null belongs to no request: the line could not be
read, or the worker could not start.

A ``thumbnail`` is one face, to be seen beside others. shape: ``flat``, the albedo (H = 2/3 W); ``head``, a lit portrait on the
preview head (H = W, transparent around it); or the path of a mesh (portrait.mesh.PortraitMesh.save), a portrait on that.
Thumbnails are answered in order and none overtakes another, but a preview goes before those that wait. The files of the last
128 are kept: read each when it is answered.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from .errors import Cancelled, GantlitzError
from .export_profiles import Output
from .recipe import Recipe
from .scan_request import ScanRequest

PROTOCOL_VERSION = 3
LAYOUTS = ("maps", "blender")
DEVICES = ("auto", "cpu", "cuda")
Message: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Load:
    """Make a model ready. model: path of a checkpoint, None for the bundled one."""

    id: int
    model: str | None = None
    device: str = "auto"


@dataclass(frozen=True)
class Preview:
    """A small MapSet, `width` texels wide, as a memory-mapped file.

    layout: ``maps``, float32 (H, W, 8), or ``blender``, float32 (4, H, W, 4), as of ``image_pixels``. refine: given up for any
    newer preview even while it is made, and then answered ``superseded``. draft: quick and near, as of ``FaceModel.render``.
    """

    id: int
    recipe: Recipe
    width: int
    layout: str = "maps"
    refine: bool = False
    draft: bool = False


@dataclass(frozen=True)
class Thumbnail:
    """A small picture of one face, `width` pixels wide. shape: flat, head, or the path of a mesh."""

    id: int
    recipe: Recipe
    width: int
    shape: str = "flat"


@dataclass(frozen=True)
class Render:
    """Maps as files in `folder`. Exactly one of level (0 = the whole canvas) and size (width, height) is not None.

    output: names, formats and conventions of the files, the default's if None. A square one is as wide as size or level is high.
    """

    id: int
    recipe: Recipe
    folder: str
    name: str
    level: int | None = None
    size: tuple[int, int] | None = None
    output: Output | None = None


@dataclass(frozen=True)
class Complete:
    """The missing maps of a scan, as files in `folder`."""

    id: int
    request: ScanRequest
    folder: str
    name: str


@dataclass(frozen=True)
class Release:
    """Let go of what is loaded and give its memory back; the next task loads it again by itself.

    gpu_only: leave a model alone that is not on a GPU.
    """

    id: int
    gpu_only: bool = False


@dataclass(frozen=True)
class Cancel:
    """Give up the request with the id `target`."""

    id: int
    target: int


@dataclass(frozen=True)
class Ping:
    """Answered at once, even during a render."""

    id: int


@dataclass(frozen=True)
class Quit:
    """End the worker; what it was doing is dropped."""

    id: int


Task: TypeAlias = Load | Preview | Thumbnail | Render | Complete | Release
"""Requests that take their time, one after another; the others are answered at once."""
Request: TypeAlias = Task | Cancel | Ping | Quit
_KINDS: dict[str, type] = {
    "load": Load, "preview": Preview, "thumbnail": Thumbnail, "render": Render, "complete": Complete, "release": Release,
    "cancel": Cancel, "ping": Ping, "quit": Quit,
}  # fmt: skip


def encode(message: Message) -> bytes:
    """`message` as one line, ASCII, newline included."""
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"


def decode(line: bytes) -> Message:
    """The object on `line`. Raises GantlitzError (``bad-request``) when it is not a JSON object."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise GantlitzError(f"A line on the wire is not JSON: {error}.", "Send one JSON object per line.") from error
    if not isinstance(message, dict):
        raise GantlitzError(f"A line on the wire holds a {type(message).__name__}.", "Send one JSON object per line.")
    return message


def error_answer(request_id: int | None, error: GantlitzError) -> Message:
    """`error` as the answer to a request, or to none."""
    return {"kind": "error", "id": request_id, "code": error.code, "sentence": error.sentence, "fix": error.fix}


def error_of(answer: Message) -> GantlitzError:
    """The exception that an ``error`` answer stands for; Cancelled for the code ``cancelled``."""
    if answer["code"] == "cancelled":
        return Cancelled()
    return GantlitzError(answer["sentence"], answer["fix"], answer["code"])


def id_of(message: Message) -> int | None:
    """The id that an answer to `message` must name; None when it has no usable one."""
    value = message.get("id")
    return value if _is_count(value) else None


def parse_request(message: Message) -> Request:
    """The request in `message`, every field checked.

    Raises GantlitzError (``bad-request``) that names the bad field.
    """
    kind = message.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise GantlitzError(f"There is no request of the kind {kind!r}.", f"Known kinds: {', '.join(_KINDS)}.")
    given = {key: value for key, value in message.items() if key != "kind"}
    known = {field.name: field for field in dataclasses.fields(_KINDS[kind])}
    for name in given:
        if name not in known:
            raise GantlitzError(f"A {kind} request has no field {name!r}.", f"Its fields: {', '.join(known)}.")
    checked = {}
    for name, field in known.items():
        if given.get(name) is not None:
            checked[name] = _CHECKS[name](f"The {name} of a {kind} request", given[name])
        elif field.default is dataclasses.MISSING:
            raise GantlitzError(f"A {kind} request needs the field {name!r}.", "Send it.")
    if kind == "render" and ("level" in checked) == ("size" in checked):
        raise GantlitzError("A render request needs either a level or a size.", "Send exactly one of the two.")
    request: Request = _KINDS[kind](**checked)
    return request


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _count(where: str, value: object) -> int:
    if not isinstance(value, int) or not _is_count(value):
        raise GantlitzError(f"{where} must be a whole number, 0 or more, not {value!r}.", "Correct it.")
    return value


def _positive(where: str, value: object) -> int:
    count = _count(where, value)
    if count == 0:
        raise GantlitzError(f"{where} must not be 0.", "Send 1 or more.")
    return count


def _text(where: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise GantlitzError(f"{where} must be a text that is not empty, not {value!r}.", "Correct it.")
    return value


def _device(where: str, value: object) -> str:
    if value not in DEVICES:
        raise GantlitzError(f"{where} must be one of {', '.join(DEVICES)}, not {value!r}.", "Correct it.")
    return str(value)


def _layout(where: str, value: object) -> str:
    if value not in LAYOUTS:
        raise GantlitzError(f"{where} must be one of {', '.join(LAYOUTS)}, not {value!r}.", "Correct it.")
    return str(value)


def _flag(where: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise GantlitzError(f"{where} must be true or false, not {value!r}.", "Correct it.")
    return value


def _size(where: str, value: object) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise GantlitzError(f"{where} must be [width, height], not {value!r}.", "Correct it.")
    return _positive(where, value[0]), _positive(where, value[1])


_CHECKS: dict[str, Callable[[str, object], Any]] = {
    "id": _count,
    "target": _count,
    "model": _text,
    "device": _device,
    "recipe": lambda _, value: Recipe.from_dict(value),
    "request": lambda _, value: ScanRequest.from_dict(value),
    "width": _positive,
    "layout": _layout,
    "refine": _flag,
    "draft": _flag,
    "folder": _text,
    "name": _text,
    "shape": _text,
    "level": _count,
    "size": _size,
    "gpu_only": _flag,
    "output": lambda _, value: Output.from_dict(value),
}
