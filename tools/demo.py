"""The whole road once, as an artist goes it: build the extension, install it in real Blender, sample a face, render it.

    python tools/demo.py [--out out/demo] [--seed 7] [--model FILE] [--resolution FULL]

Leaves in the folder: maps/ (four maps and the recipe), face.blend (relative paths), render.png. What an earlier demo left
there is replaced; a folder with anything else in it is refused.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAPS_BEGIN = ("face_seed", ".face_seed")  # the latter while they are written
MODULE = "bl_ext.user_default.gantlitz_face_maps"
SUBDIVISIONS = 1  # a vertex every 0.6 mm for the displacement to move; finer relief is the normal map's


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "demo")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--psi", type=float, default=0.7)
    parser.add_argument("--model", default="", help="a .safetensors model (default: the bundled one)")
    parser.add_argument("--resolution", default="FULL", choices=("FULL", "HALF", "QUARTER", "EIGHTH"))
    args = parser.parse_args()
    out = args.out.resolve()
    begun = time.monotonic()
    clear(out)

    with step("build and validate the extension"):
        zip_path = build_extension()
    with tempfile.TemporaryDirectory(prefix="gantlitz-demo-") as resources:
        with step("start Blender and install the extension"):
            bpy = start_blender(Path(resources))
            bpy.ops.extensions.package_install_files(filepath=str(zip_path), repo="user_default", enable_on_install=True)
        with step(f"sample seed {args.seed} onto the preview head"):
            bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
            bpy.ops.wm.save_as_mainfile(filepath=str(out / "face.blend"))
            sample(bpy, args)
        with step("light the head and render it with Cycles"):
            render(bpy)
        with step("save the .blend"):
            bpy.ops.wm.save_mainfile(compress=True)
        bpy.ops.preferences.addon_disable(module=MODULE)  # ends the worker
    (out / "face.blend1").unlink(missing_ok=True)

    print(f"demo: done in {time.monotonic() - begun:.0f} s. Look at:")
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        print(f"    {os.path.relpath(path)}  {path.stat().st_size / 1e6:.1f} MB")


def clear(out: Path) -> None:
    """An empty folder `out`: an earlier demo's files go, and nothing but those is ever removed."""
    if out.exists() and not out.is_dir():
        sys.exit(f"demo: {out} is a file. Choose a folder.")
    if foreign := sorted(path for path in out.rglob("*") if not is_made_here(path.relative_to(out))):
        sys.exit(f"demo: {out} holds files that no demo made, such as {foreign[0].relative_to(out)}. Choose another folder.")
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)


def is_made_here(path: Path) -> bool:
    if path.parent == Path("maps"):
        return path.name.startswith(MAPS_BEGIN)
    return str(path) in ("maps", "face.blend", "face.blend1", "render.png")


@contextmanager
def step(what: str) -> Iterator[None]:
    print(f"demo: {what} ...", flush=True)
    begun = time.monotonic()
    yield
    print(f"demo: {what}: {time.monotonic() - begun:.1f} s", flush=True)


def build_extension() -> Path:
    sys.path.insert(0, str(ROOT / "tools"))
    from build_extension import build

    return build(ROOT / "dist")


def start_blender(resources: Path):
    """Blender as a module, with empty user settings, and this Python as the one that runs the model."""
    os.environ["BLENDER_USER_RESOURCES"] = str(resources)
    os.environ["GANTLITZ_PYTHON"] = sys.executable
    import bpy

    print(f"    Blender {bpy.app.version_string}")
    return bpy


def sample(bpy, args: argparse.Namespace) -> None:
    try:
        bpy.ops.gantlitz.sample(
            seed=args.seed,
            psi=args.psi,
            folder="//maps/",
            model=args.model and os.path.abspath(args.model),
            resolution=args.resolution,
        )
    except RuntimeError as error:  # what the operator reports; it has the fix in it
        sys.exit(f"demo: {error}")


def render(bpy) -> None:
    import demo_scene

    scene, head = bpy.context.scene, bpy.context.object
    demo_scene.build_studio(scene, head)
    demo_scene.smooth_head(head, SUBDIVISIONS)
    demo_scene.set_up_render(scene, "//render.png")
    with muted():
        bpy.ops.render.render(write_still=True)


@contextmanager
def muted() -> Iterator[None]:
    """Cycles writes hundreds of lines to the process's standard output: keep them from the demo's own."""
    kept = os.dup(1)
    with open(os.devnull, "w") as nowhere:
        sys.stdout.flush()
        os.dup2(nowhere.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)


if __name__ == "__main__":
    main()
