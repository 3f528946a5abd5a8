"""The looks of a scene: which one it has now, going to another, and the history of those that were tried."""

from __future__ import annotations

import datetime

import bpy

from . import history, walk
from .look import recipe_of, settings_of
from .runtime.errors import GantlitzError
from .runtime.recipe import Recipe
from .translation import named

_placing = False  # whether the slider between A and B is only put in its place


def current(scene: bpy.types.Scene) -> Recipe:
    """What the scene's sliders stand for. Raises GantlitzError for settings that no recipe can hold."""
    return recipe_of(lambda name: getattr(scene.gantlitz, name))


def put(scene: bpy.types.Scene, recipe: Recipe) -> None:
    """Set the scene's sliders to a look. Only those that change: each tells whoever listens to it.

    Raises GantlitzError for a recipe that the sliders cannot hold; they are as they were then.
    """
    inputs = scene.gantlitz
    for name, value in settings_of(recipe).items():
        now = getattr(inputs, name)
        if (round(now, walk.DIGITS) if isinstance(now, float) else now) != value:
            setattr(inputs, name, value)


def note(context: bpy.types.Context, recipe: Recipe | None = None) -> None:
    """Remember a look (the scene's own by default) as the newest of its history. Cheap; never raises.

    One that is the newest, or that was restored last, is not noted twice; nor is a place on the scene's walk.
    """
    scene = context.scene
    looks = scene.gantlitz_looks
    try:
        recipe = recipe or current(scene)
        settings_of(recipe)  # a fit, say, could not be restored
        on_walk = walk_recipe(scene)
    except GantlitzError:
        return
    text = recipe.to_json()
    if on_walk is not None and history.same_look(text, on_walk.to_json()):
        return
    for index in {0, looks.active} & set(range(len(looks.entries))):
        entry = looks.entries[index]
        if history.same_look(entry.recipe, text):
            if recipe.model:
                entry.recipe = text  # now it is known which model it is of
            looks.active = index
            return
    fill(looks.entries.add(), recipe)
    looks.entries.move(len(looks.entries) - 1, 0)
    for index in history.surplus([entry.favourite for entry in looks.entries]):
        looks.entries.remove(index)
    looks.active = 0


def fill(entry, recipe: Recipe, name: str = "", thumbnail: str = "") -> None:
    """Make an entry, a slot or a stop of the walk one of this look."""
    entry.recipe = recipe.to_json()
    entry.name = name or named(history.label_of(recipe))
    entry.date = datetime.datetime.now().strftime("%Y-%m-%d %H:%M")
    entry.thumbnail = thumbnail


def copy(source, target) -> None:
    """One entry's look into another."""
    for name in ("recipe", "name", "date", "thumbnail"):
        setattr(target, name, getattr(source, name))


def walk_looks(scene: bpy.types.Scene) -> list[Recipe]:
    """The looks of the scene's walk. Raises GantlitzError for one that is no recipe."""
    return [Recipe.from_json(stop.recipe) for stop in scene.gantlitz_looks.walk]


def walk_recipe(scene: bpy.types.Scene, position: float | None = None) -> Recipe | None:
    """The look at the walk's position, or at another; None where there is no walk. Raises GantlitzError."""
    stops = walk_looks(scene)
    if len(stops) < 2:
        return None
    return walk.recipe_at(stops, round(scene.gantlitz.walk if position is None else position, walk.DIGITS))


def go_along_walk(scene: bpy.types.Scene) -> None:
    """Give the sliders the look at the walk's position. A walk that cannot be gone leaves them as they are."""
    scene.gantlitz_looks.walk_shown = scene.gantlitz.walk
    try:
        recipe = walk_recipe(scene)
        if recipe is not None:
            put(scene, recipe)
    except GantlitzError as error:
        print(f"GANtlitz: {error}")


def on_walk(inputs: bpy.types.PropertyGroup, context: bpy.types.Context) -> None:
    """The update callback of the walk's slider."""
    assert isinstance(inputs.id_data, bpy.types.Scene)
    go_along_walk(inputs.id_data)


def place_slider(scene: bpy.types.Scene, value: float) -> None:
    """Put the slider between A and B where the look is that is shown already: the look stays as it is."""
    global _placing
    _placing = True
    try:
        scene.gantlitz_looks.crossfade = value
    finally:
        _placing = False


def on_crossfade(looks: bpy.types.PropertyGroup, context: bpy.types.Context) -> None:
    """The update callback of the slider between A and B."""
    scene = looks.id_data
    assert isinstance(scene, bpy.types.Scene)
    slots = scene.gantlitz_looks
    if _placing or not (slots.slot_a.recipe and slots.slot_b.recipe):
        return
    try:
        ends = [Recipe.from_json(slot.recipe) for slot in (slots.slot_a, slots.slot_b)]
        put(scene, walk.crossfade(ends[0], ends[1], slots.crossfade))
    except GantlitzError as error:
        print(f"GANtlitz: {error}")
