"""The walk: its looks, its keys, and its maps as image sequences."""

from collections.abc import Callable

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty

from .. import looks, naming, session, walk_animation, walk_images
from ..assign import assign_face, find_target, is_suitable
from ..head import add_head
from ..look import settings_of
from ..preferences import chosen_model, chosen_python
from ..properties import BLEND_RELATIVE, LEVELS, RESOLUTIONS
from ..runtime.errors import GantlitzError
from ..runtime.recipe import Recipe
from ..translation import said
from ..walk import even_keys
from ..walk_job import WalkJob, WalkOrder, WalkResult
from .changing import Changing, move_in, remove_from
from .job_operator import BUSY, JobOperator

ADD_SHOWN = "Add what the sliders show now to the end of the walk"
TOO_SHORT = "A walk needs two looks or more: add looks first."


def frame_range(context: bpy.types.Context, operator) -> tuple[int, int]:
    """The frames that were given, else the scene's. Raises GantlitzError for a range that is none."""
    given = operator.properties.is_property_set
    start = operator.frame_start if given("frame_start") else context.scene.frame_start
    end = operator.frame_end if given("frame_end") else context.scene.frame_end
    if end < start:
        raise GantlitzError(f"The walk would end at frame {end}, before it begins at {start}.", "Change the frames.")
    return start, end


def frame(name: str):
    return IntProperty(name=name, description="By default the scene's", default=1, min=0, max=99999, options={"SKIP_SAVE"})


class OfWalk:
    """A mixin: the operator needs a walk of two looks or more."""

    poll_message_set: Callable[[str], None]  # bpy.types.Operator's

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if len(context.scene.gantlitz_looks.walk) < 2:
            cls.poll_message_set(said(TOO_SHORT))
            return False
        return True


class OfStop:
    """A mixin: the operator is about the chosen look of the walk."""

    bl_options = {"REGISTER", "UNDO"}
    poll_message_set: Callable[[str], None]  # bpy.types.Operator's

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        found = context.scene.gantlitz_looks
        if not 0 <= found.walk_active < len(found.walk):
            cls.poll_message_set(said("The walk has no looks yet."))
            return False
        return True


class GANTLITZ_OT_walk_add(Changing, bpy.types.Operator):
    __doc__ = ADD_SHOWN

    bl_idname = "gantlitz.walk_add"
    bl_label = "Add to Walk"
    bl_options = {"REGISTER", "UNDO"}

    index: IntProperty(
        name="Look",
        description="A look of the history, from 0; -1 is what the sliders show",
        default=-1,
        min=-1,
        options={"SKIP_SAVE", "HIDDEN"},
    )

    @classmethod
    def description(cls, context, properties) -> str:
        return said(ADD_SHOWN if properties.index < 0 else "Add this look to the end of the walk")

    def change(self, context: bpy.types.Context) -> set[str]:
        found = context.scene.gantlitz_looks
        if self.index >= len(found.entries):
            raise GantlitzError(f"The history has no look {self.index}.", f"It has {len(found.entries)}, counted from 0.")
        recipe = Recipe.from_json(found.entries[self.index].recipe) if self.index >= 0 else looks.current(context.scene)
        settings_of(recipe)
        stop = found.walk.add()
        if self.index >= 0:
            looks.copy(found.entries[self.index], stop)
        else:
            looks.fill(stop, recipe)
        found.walk_active = len(found.walk) - 1
        return {"FINISHED"}


class GANTLITZ_OT_walk_add_favourites(bpy.types.Operator):
    """Add every look with a star to the end of the walk, in the order of the list"""

    bl_idname = "gantlitz.walk_add_favourites"
    bl_label = "Add Favourites"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not any(entry.favourite for entry in context.scene.gantlitz_looks.entries):
            cls.poll_message_set(said("No look of the history has a star yet."))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        found = context.scene.gantlitz_looks
        for entry in found.entries:
            if entry.favourite:
                looks.copy(entry, found.walk.add())
        found.walk_active = len(found.walk) - 1
        return {"FINISHED"}


class GANTLITZ_OT_walk_remove(OfStop, bpy.types.Operator):
    """Take the chosen look out of the walk"""

    bl_idname = "gantlitz.walk_remove"
    bl_label = "Remove from Walk"

    def execute(self, context: bpy.types.Context) -> set[str]:
        found = context.scene.gantlitz_looks
        return remove_from(found, "walk", "walk_active", found.walk_active)


class GANTLITZ_OT_walk_move(OfStop, bpy.types.Operator):
    """Move the chosen look earlier or later in the walk"""

    bl_idname = "gantlitz.walk_move"
    bl_label = "Move in Walk"

    by: IntProperty(name="By", description="-1 is earlier, 1 is later", default=1, min=-1, max=1, options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        found = context.scene.gantlitz_looks
        return move_in(found, "walk", "walk_active", found.walk_active, found.walk_active + self.by)


class GANTLITZ_OT_walk_clear(OfStop, bpy.types.Operator):
    """Take all looks out of the walk; its keys stay"""

    bl_idname = "gantlitz.walk_clear"
    bl_label = "Clear Walk"

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.scene.gantlitz_looks.walk.clear()
        context.scene.gantlitz_looks.walk_active = 0
        return {"FINISHED"}


class GANTLITZ_OT_keyframe_walk(OfWalk, Changing, bpy.types.Operator):
    """Set keys so that the face goes from the first look of the walk to the last. Keys that the walk has are replaced"""

    bl_idname = "gantlitz.keyframe_walk"
    bl_label = "Keyframe Walk"
    bl_options = {"REGISTER", "UNDO"}

    frame_start: frame("From Frame")
    frame_end: frame("To Frame")
    smooth: BoolProperty(
        name="Smooth", description="Begin and end gently; else the same pace throughout", default=True, options={"SKIP_SAVE"}
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.frame_start, self.frame_end = context.scene.frame_start, context.scene.frame_end
        return context.window_manager.invoke_props_dialog(self)

    def change(self, context: bpy.types.Context) -> set[str]:
        start, end = frame_range(context, self)
        keys = even_keys(len(context.scene.gantlitz_looks.walk), start, end)
        walk_animation.set_keys(context.scene, keys, self.smooth)
        # By assignment, as if the artist had moved the slider: the face shows this frame's look at once.
        (context.scene.gantlitz.walk,) = walk_animation.positions(context.scene, [context.scene.frame_current])
        return {"FINISHED"}


class GANTLITZ_OT_bake_walk(OfWalk, JobOperator, bpy.types.Operator):
    """Make the maps of every frame of the walk and put them on the face as image sequences: the animation then renders \
anywhere, without the model. Frames that are there already are not made again"""

    bl_idname = "gantlitz.bake_walk"
    bl_label = "Bake Walk"
    bl_options = {"REGISTER", "UNDO"}

    state_name = "gantlitz"
    cancelled = "the frames that are done stay; Bake Walk goes on from there"

    resolution: EnumProperty(
        name="Resolution",
        description="Size of the maps; by default the scene's",
        items=RESOLUTIONS,
        options={"SKIP_SAVE", "HIDDEN"},
    )
    folder: StringProperty(
        name="Folder",
        description="Where the walk gets a folder of its own; by default the scene's",
        subtype="DIR_PATH",
        options={"SKIP_SAVE", "HIDDEN"} | BLEND_RELATIVE,
    )
    model: StringProperty(name="Model", description="By default the scene's", options={"SKIP_SAVE", "HIDDEN"})
    frame_start: frame("From Frame")
    frame_end: frame("To Frame")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if session.running():
            cls.poll_message_set(said(BUSY))
            return False
        if len(context.scene.gantlitz_looks.walk) < 2:
            cls.poll_message_set(said(TOO_SHORT))
            return False
        if walk_animation.curve_of(context.scene) is None:
            cls.poll_message_set(said("The walk has no keys: press Keyframe Walk first."))
            return False
        if context.mode != "OBJECT":
            cls.poll_message_set(said("Baking changes objects and materials: go to Object Mode first."))
            return False
        return True

    def make_job(self, context: bpy.types.Context) -> WalkJob:
        target = find_target(context)
        self.target_name = target.name if target else ""
        start, end = frame_range(context, self)
        frames = range(start, end + 1)
        self.first, self.count = start, len(frames)
        order = WalkOrder(
            frames=dict(zip(frames, walk_animation.recipes(context.scene, frames), strict=True)),
            level=LEVELS[self.value(context, "resolution")],
            folder=naming.output_folder(self.value(context, "folder"), bpy.data.filepath),
            prefix=context.scene.gantlitz.prefix,
            model=chosen_model(context, self.value(context, "model")),
            device=context.scene.gantlitz.device,
        )
        python = chosen_python(context)
        return WalkJob(lambda: session.connect(python), order)

    def value(self, context: bpy.types.Context, name: str):
        """What this call was given, else the scene's setting."""
        given = self.properties.is_property_set(name)
        return getattr(self if given else context.scene.gantlitz, name)

    def hindrance(self, context: bpy.types.Context) -> str:
        return "" if context.mode == "OBJECT" else "Ready: go to Object Mode to get the face"

    def finish(self, context: bpy.types.Context, result: WalkResult) -> str:
        held = bpy.data.objects.get(self.target_name) if self.target_name else None
        target = held if is_suitable(held) else add_head(context)
        assert target is not None
        assign_face(context, result.paths, result.recipe, result.name, target.name, pack=False)
        walk_images.show_sequences(target, self.first, self.count)
        return f"{self.count} frames are on {target.name}, {result.made} of them new. Maps: {result.paths['albedo'].parent}"


CLASSES = (
    GANTLITZ_OT_walk_add,
    GANTLITZ_OT_walk_add_favourites,
    GANTLITZ_OT_walk_remove,
    GANTLITZ_OT_walk_move,
    GANTLITZ_OT_walk_clear,
    GANTLITZ_OT_keyframe_walk,
    GANTLITZ_OT_bake_walk,
)
