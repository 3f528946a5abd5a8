"""Where pictures of faces are taken: our studio around the preview head, or an artist's file; nothing of it is saved."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from math import radians
from pathlib import Path

import bpy
from mathutils import Matrix, Vector

from . import studio
from .assign import assign_face, is_suitable, worn_face
from .runtime.errors import GantlitzError
from .runtime.recipe import Recipe

EEVEE = "BLENDER_EEVEE_NEXT" if bpy.app.version < (5, 0, 0) else "BLENDER_EEVEE"
ENGINES = {"cycles": "CYCLES", "eevee": EEVEE}
SAMPLES = 64
STAMPS = ("date", "time", "render_time", "frame", "frame_range", "memory", "hostname", "camera", "lens", "scene", "marker",
          "filename", "sequencer_strip", "note")  # fmt: skip


class Stage:
    """A scene that is open now, with an object that wears one face after another.

    blend: a file to be opened in place of what is open; None for a new file with the studio. target, slot: names in it.
    engine, size, samples: None for the file's own. Raises GantlitzError (``bad-request``) for what the file has not.
    """

    def __init__(
        self,
        blend: Path | None = None,
        target: str | None = None,
        slot: str | None = None,
        engine: str | None = None,
        size: tuple[int, int] | None = None,
        samples: int | None = None,
    ):
        self._own = blend is None
        if blend is None:
            bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
            studio.build_studio(bpy.context)
            self._target = bpy.context.view_layer.objects.active.name
            samples = samples or SAMPLES
        else:
            _open(blend)
            self._target = _find(target).name
        held = bpy.data.objects[self._target]
        if slot is not None:
            _choose_slot(held, slot)
        self._turning: list[tuple[bpy.types.Object, Matrix]] | None = None
        _set_up(bpy.context.scene, engine, size, samples)

    @property
    def size(self) -> tuple[int, int]:
        """Of a picture in pixels."""
        render = bpy.context.scene.render
        return render.resolution_x * render.resolution_percentage // 100, render.resolution_y * render.resolution_percentage // 100

    def wear(self, paths: dict[str, Path], recipe: Recipe, name: str) -> None:
        """Put a face's maps on the object; the images of the face before go."""
        before = {image.name for image in bpy.data.images}
        assign_face(bpy.context, paths, recipe, name, self._target, False)
        for image in [image for image in bpy.data.images if image.name in before and not image.users]:
            bpy.data.images.remove(image)
        if self._turning is None:  # now that the object can be told by its face
            self._turning = [(held, held.matrix_world.copy()) for held in self._around()]

    def take(self, angle: float, path: Path) -> None:
        """Render a PNG, with the head turned by this many degrees. Raises GantlitzError (``render-failed``)."""
        assert self._turning is not None, "a face is worn first"
        middle = self._middle()
        turn = Matrix.Translation(middle) @ Matrix.Rotation(radians(angle), 4, "Z") @ Matrix.Translation(-middle)
        for held, placed in self._turning:
            held.matrix_world = turn @ placed
        scene = bpy.context.scene
        scene.render.filepath = str(path)
        try:
            _render()
        except RuntimeError as error:
            if self._own and scene.cycles.use_denoising and "denois" in str(error).lower():  # a build without a denoiser
                scene.cycles.use_denoising = False
                self.take(angle, path)
                return
            said = str(error).replace("Error: ", "").strip().partition("\n")[0].rstrip(".")
            fix = "Look at the file's settings and camera; EEVEE needs graphics with OpenGL, Cycles does not."
            raise GantlitzError(f"Blender could not render: {said}.", fix, "render-failed") from error
        if not path.is_file():
            fix = "Look at the output settings of the file."
            raise GantlitzError(f"Blender rendered, but wrote no {path.name}.", fix, "render-failed")

    def _around(self) -> list[bpy.types.Object]:
        """What is turned about the head: the studio, or the file's own camera alone, freed of what moves it."""
        scene = bpy.context.scene
        held = bpy.data.objects[self._target]
        if self._own:
            return _studio_without(held)
        if scene.camera is not None:
            placed = scene.camera.evaluated_get(bpy.context.evaluated_depsgraph_get()).matrix_world.copy()
            camera = scene.camera.copy()
            camera.animation_data_clear()
            camera.constraints.clear()
            camera.parent = None
            scene.collection.objects.link(camera)
            camera.matrix_world = placed
            scene.camera = camera
            return [camera]
        lit = any(other.type == "LIGHT" for other in scene.objects)
        kept = scene.render.engine, scene.render.resolution_x, scene.render.resolution_y
        bpy.context.view_layer.objects.active = held
        held.select_set(True)
        studio.build_studio(bpy.context)
        scene.render.engine, scene.render.resolution_x, scene.render.resolution_y = kept
        if lit:  # the file's own light is what the face is to be seen in
            for other in _studio_without(held):
                if other.type != "CAMERA":
                    bpy.data.objects.remove(other)
        return _studio_without(held)

    def _middle(self) -> Vector:
        held = bpy.data.objects[self._target]
        if self._own:
            return held.matrix_world.translation.copy()
        corners = [held.matrix_world @ Vector(corner) for corner in held.bound_box]
        return sum(corners, Vector()) / len(corners)


def _render() -> None:
    with _quietly():
        bpy.ops.render.render(write_still=True)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Blender tells of each step of a render on its standard output: hundreds of lines a picture, among ours."""
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _open(blend: Path) -> None:
    try:
        bpy.ops.wm.open_mainfile(filepath=str(blend.absolute()), load_ui=False)
    except RuntimeError as error:
        raise GantlitzError(f"Blender cannot open {blend}: {error}", "Choose a .blend that this Blender can open.") from error


def _find(name: str | None) -> bpy.types.Object:
    meshes = [held for held in bpy.context.scene.objects if is_suitable(held)]
    known = ", ".join(sorted(held.name for held in meshes)) or "none"
    if name is not None:
        found = next((held for held in meshes if held.name == name), None)
        if found is None:
            raise GantlitzError(f"The file has no mesh {name!r} with a UV map.", f"Its meshes with one: {known}.")
        return found
    active = bpy.context.view_layer.objects.active
    if active in meshes:
        return active
    wearing = [held for held in meshes if worn_face(held) is not None] or meshes
    if len(wearing) != 1:
        raise GantlitzError("It is not clear which mesh of the file is to wear the faces.", f"Name it with --object: {known}.")
    return wearing[0]


def _choose_slot(held: bpy.types.Object, slot: str) -> None:
    if held.material_slots.find(slot) < 0:
        known = ", ".join(sorted(each.name for each in held.material_slots if each.name)) or "none"
        raise GantlitzError(f"{held.name} has no slot with the material {slot!r}.", f"Its materials: {known}.")
    held.gantlitz_slot = slot


def _studio_without(head: bpy.types.Object) -> list[bpy.types.Object]:
    collection = next(each for each in bpy.context.scene.collection.children_recursive if each.name.startswith(studio.COLLECTION))
    return [held for held in collection.objects if held != head and held.parent != head]


def _set_up(scene: bpy.types.Scene, engine: str | None, size: tuple[int, int] | None, samples: int | None) -> None:
    render = scene.render
    if engine is not None:
        render.engine = ENGINES[engine]
    if size is not None:
        render.resolution_x, render.resolution_y = size
        render.resolution_percentage = 100
    if samples is not None:
        scene.cycles.samples = samples
        scene.eevee.taa_render_samples = samples
    render.use_overwrite, render.use_placeholder, render.use_file_extension = True, False, False
    render.use_stamp = False
    for stamp in STAMPS:  # PNG files have them as text: two renders of one picture would differ
        if hasattr(render, f"use_stamp_{stamp}"):
            setattr(render, f"use_stamp_{stamp}", False)
    settings = render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGB", "8"
