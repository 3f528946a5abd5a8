"""Where a face's maps go and what their files are called. Knows no bpy.

A name never takes files away from the artist: the same recipe at the same size goes to the same files, as long as
nobody has changed them, and anything else to new ones (``face_seed0007``, then ``face_seed0007_v2``, ...).
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from .runtime.embedded_recipe import read_recipe
from .runtime.errors import GantlitzError
from .runtime.export_profiles import NODE_WRANGLER, PROFILES, Output
from .runtime.recipe import Recipe

MAPS = {
    "albedo": "_albedo.png",
    "normal": "_normal.png",
    "specular": "_specular.png",
    "displacement": "_displacement.exr",
}
RECIPE_SUFFIX = "_recipe.json"
# What a completed scan may have besides its maps.
SCAN_SUFFIXES = (RECIPE_SUFFIX, "_error.png", "_fit.safetensors", "_alignment.json")
VERSIONS_MAX = 1000
# An EXR header's one float channel Y. Blender keeps the recipe in an EXR that it saves, but not this: it writes R, G and B.
OUR_EXR_CHANNEL = b"channels\0chlist\0\x13\0\0\0Y\0\x02\0\0\0"
EXR_CHANNELS_WITHIN = 1 << 16  # bytes from the file's begin
# A TIFF whose directory comes first and has eleven entries. Blender keeps the recipe in a TIFF, but writes eighteen.
OUR_TIFF_START = b"II*\0\x08\0\0\0\x0b\0"


def fallback_folder() -> Path:
    """Where maps go while the .blend has no place of its own: a folder that outlives the session."""
    return Path.home() / "GANtlitz"


def output_folder(setting: str, blend_file: str) -> Path:
    """The folder that a setting such as ``//gantlitz/`` means; ``//`` is the folder of the .blend, if it has one."""
    setting = setting.strip()
    if not setting.startswith("//"):
        return Path(os.path.expanduser(setting)) if setting else output_folder("//gantlitz/", blend_file)
    if not blend_file:
        return fallback_folder()
    return Path(os.path.normpath(Path(blend_file).parent / setting[2:].replace("\\", "/")))


def base_name(prefix: str, seed: int, size: tuple[int, int], full_size: tuple[int, int]) -> str:
    """``face_seed0007``, or ``face_seed0007_1536x1024`` for a size below the model's own."""
    name = f"{prefix.strip() or 'face'}_seed{seed:04d}"
    return name if size == full_size else f"{name}_{size[0]}x{size[1]}"


def output_suffix(profile: str, output: Output) -> str:
    """What a name has besides for files of another convention than Blender's own: one recipe may be baked in several.

    ``_metahuman``, or ``_metahuman_1a2b`` for one that is customised.
    """
    if output == NODE_WRANGLER:
        return ""
    name = "" if profile == "NODE_WRANGLER" else f"_{profile.lower()}"
    if output == PROFILES[profile]:
        return name
    return f"{name}_{hashlib.sha256(json.dumps(output.to_dict(), sort_keys=True).encode()).hexdigest()[:4]}"


def free_name(
    folder: Path,
    base: str,
    recipe: Recipe,
    is_edited: Callable[[Path], bool] = lambda path: False,
    ends: Mapping[str, str] = MAPS,
) -> str:
    """`base`, or the first ``base_v2``, ``base_v3`` ... that is unused or holds this very recipe's maps, unchanged.

    is_edited: whether a file is open with changes that are not saved yet. ends: of the files of each map.
    """
    for version in range(1, VERSIONS_MAX + 1):
        name = base if version == 1 else f"{base}_v{version}"
        if is_ours(folder, name, recipe, ends) and not any(map(is_edited, map_paths(folder, name, ends).values())):
            return name
    raise _no_name_left(folder, base)


def scan_name(prefix: str) -> str:
    """``face_scan``: how the files of a completed scan begin."""
    return f"{prefix.strip() or 'face'}_scan"


def unused_name(folder: Path, base: str) -> str:
    """`base`, or the first ``base_v2``, ``base_v3`` ... of which there is no file in `folder`."""
    for version in range(1, VERSIONS_MAX + 1):
        name = base if version == 1 else f"{base}_v{version}"
        if not any(os.path.lexists(folder / f"{name}{suffix}") for suffix in (*MAPS.values(), *SCAN_SUFFIXES)):
            return name
    raise _no_name_left(folder, base)


def map_paths(folder: Path, name: str, ends: Mapping[str, str] = MAPS) -> dict[str, Path]:
    """The four map files of a name, by kind."""
    return {kind: folder / f"{name}{suffix}" for kind, suffix in ends.items()}


def _no_name_left(folder: Path, base: str) -> GantlitzError:
    return GantlitzError(
        f"There are {VERSIONS_MAX} versions of {base} in {folder} already.", "Choose another folder or name."
    )


def is_ours(folder: Path, name: str, recipe: Recipe, ends: Mapping[str, str] = MAPS) -> bool:
    """Whether `name` may be written: nothing is there, or only what this recipe gave.

    A map that another program has saved since, repainted perhaps, shows it.
    """
    record = folder / f"{name}{RECIPE_SUFFIX}"
    taken = [path for path in (record, *map_paths(folder, name, ends).values()) if os.path.lexists(path)]
    try:
        return all(read_recipe(path) == recipe and not _is_foreign(path) for path in taken)
    except (GantlitzError, OSError):
        return False


def _is_foreign(path: Path) -> bool:
    """Whether another program has saved a file in which the recipe lives on: an EXR or a TIFF that is not laid out as ours are."""
    if path.suffix not in (".exr", ".tif"):
        return False
    with path.open("rb") as file:
        if path.suffix == ".tif":
            return file.read(len(OUR_TIFF_START)) != OUR_TIFF_START
        return OUR_EXR_CHANNEL not in file.read(EXR_CHANNELS_WITHIN)
