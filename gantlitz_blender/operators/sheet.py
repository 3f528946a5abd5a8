"""The contact sheet: show seeds, walk through them, pick one."""

import random
import time
from pathlib import Path

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty

from .. import looks, session
from ..job import explained
from ..look import SEED_MAX
from ..preferences import chosen_model, chosen_python
from ..properties import BLEND_RELATIVE
from ..runtime.errors import GantlitzError
from ..sheet import fill_on_timer, seeds_from, settings_now, sheet
from ..sheet_picture import contact_sheet
from ..sheet_properties import SHAPES
from ..translation import said, told

COUNT_MAX = 64
IMAGE = "GANtlitz Contact Sheet"


class GANTLITZ_OT_contact_sheet(bpy.types.Operator):
    """Show many seeds at once as small pictures, with the look that is set now. Nothing in the scene changes until you pick one. \
From scripts it waits until all are there"""

    bl_idname = "gantlitz.contact_sheet"
    bl_label = "Show Seeds"

    count: IntProperty(name="Seeds", description="How many; 0 takes the panel's", min=0, max=COUNT_MAX, options={"SKIP_SAVE"})
    first: IntProperty(
        name="First Seed", description="The first; -1 takes the panel's", default=-1, min=-1, max=SEED_MAX, options={"SKIP_SAVE"}
    )
    on: EnumProperty(name="Show On", description="What the faces are shown on", items=SHAPES, default="HEAD", options={"SKIP_SAVE"})
    filepath: StringProperty(
        name="File",
        description="A PNG of the whole sheet to write; empty writes none",
        subtype="FILE_PATH",
        options={"SKIP_SAVE", "HIDDEN"} | BLEND_RELATIVE,
    )
    anew: BoolProperty(
        name="Anew", description="Make the thumbnails again even where they are there", options={"SKIP_SAVE", "HIDDEN"}
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if not self.begin(context):
            return {"CANCELLED"}
        fill_on_timer()
        return {"FINISHED"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        if not self.begin(context):
            return {"CANCELLED"}
        try:
            while sheet.running:
                sheet.step()
                time.sleep(0.01)
        finally:
            sheet.stop()
        if sheet.error is not None:
            return self.refuse(sheet.error)
        if self.filepath:
            try:
                write_picture(Path(bpy.path.abspath(self.filepath)))
            except (OSError, RuntimeError) as error:
                return self.refuse(explained(error))
        self.report({"INFO"}, said(f"{len(sheet.seeds)} seeds from {sheet.seeds[0]} on."))
        return {"FINISHED"}

    def begin(self, context: bpy.types.Context) -> bool:
        chosen = context.scene.gantlitz_sheet
        given = self.properties.is_property_set
        count, first = self.count or int(chosen.count), chosen.first if self.first < 0 else self.first
        python = chosen_python(context)
        try:
            model = chosen_model(context, context.scene.gantlitz.model)
            settings = settings_now(context, self.on if given("on") else chosen.on, model)
            sheet.begin(seeds_from(first, count), settings, context, lambda: session.connect(python), self.anew)
        except Exception as error:
            sheet.error = explained(error)
            self.refuse(sheet.error)
            return False
        return True

    def refuse(self, error: GantlitzError) -> set[str]:
        self.report({"ERROR"}, told(error))
        return {"CANCELLED"}


class GANTLITZ_OT_sheet_page(bpy.types.Operator):
    """Go on to other seeds"""

    bl_idname = "gantlitz.sheet_page"
    bl_label = "Other Seeds"
    bl_options = {"INTERNAL"}

    to: EnumProperty(
        items=(("BACK", "Back", ""), ("FORWARD", "Forward", ""), ("RANDOM", "Random", "")), default="FORWARD", options={"SKIP_SAVE"}
    )

    @classmethod
    def description(cls, context, properties) -> str:
        return said(
            {
                "BACK": "Show the seeds before these",
                "FORWARD": "Show the seeds after these",
                "RANDOM": "Show seeds from somewhere else",
            }[properties.to]
        )

    def execute(self, context: bpy.types.Context) -> set[str]:
        chosen = context.scene.gantlitz_sheet
        count = int(chosen.count)
        if self.to == "RANDOM":
            chosen.first = random.randrange(0, 10000 - COUNT_MAX)  # four digits, as the random seed's
        else:
            chosen.first = (chosen.first + (count if self.to == "FORWARD" else -count)) % (SEED_MAX + 1)
        call = "EXEC_DEFAULT" if bpy.app.background else "INVOKE_DEFAULT"
        return bpy.ops.gantlitz.contact_sheet(call)


class GANTLITZ_OT_sheet_cancel(bpy.types.Operator):
    """Make no more thumbnails; those that are there stay"""

    bl_idname = "gantlitz.sheet_cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not sheet.running:
            cls.poll_message_set(said("No thumbnails are being made."))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        sheet.stop()
        return {"FINISHED"}


class GANTLITZ_OT_sheet_image(bpy.types.Operator):
    """Keep the sheet as one image in this .blend, to look at in an Image Editor"""

    bl_idname = "gantlitz.sheet_image"
    bl_label = "Sheet as Image"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not sheet.thumbnails():
            cls.poll_message_set(said("There are no thumbnails yet: press Show Seeds first."))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        image = as_image()
        image.pack()
        for area in context.screen.areas if context.screen else ():
            if area.type == "IMAGE_EDITOR":
                area.spaces.active.image = image
        self.report({"INFO"}, said(f"The sheet is the image {image.name}: choose it in an Image Editor."))
        return {"FINISHED"}


class GANTLITZ_OT_pick_seed(bpy.types.Operator):
    """Take this seed"""

    bl_idname = "gantlitz.pick_seed"
    bl_label = "Pick Seed"
    bl_options = {"REGISTER", "UNDO"}

    seed: IntProperty(name="Seed", description="Which face", min=0, max=SEED_MAX)

    @classmethod
    def description(cls, context, properties) -> str:
        return said("Take this seed: the face settings stay as they are")

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.scene.gantlitz.seed = self.seed
        looks.note(context)
        return {"FINISHED"}


def as_image() -> bpy.types.Image:
    """The sheet as an image datablock, in place of the last one."""
    pixels = contact_sheet(sheet.thumbnails())
    old = bpy.data.images.get(IMAGE)
    if old is not None:
        bpy.data.images.remove(old)
    height, width = pixels.shape[:2]
    image = bpy.data.images.new(IMAGE, width, height)
    image.pixels.foreach_set((pixels[::-1].astype("float32") / 255).ravel())
    image.update()
    return image


def write_picture(path: Path) -> None:
    """The sheet as a PNG, written aside first. Raises OSError or RuntimeError where that cannot be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.stem}.part.png")
    image = as_image()
    try:
        image.filepath_raw, image.file_format = str(aside), "PNG"
        image.save()
        aside.replace(path)
    finally:
        bpy.data.images.remove(image)
        aside.unlink(missing_ok=True)


CLASSES = (
    GANTLITZ_OT_contact_sheet,
    GANTLITZ_OT_sheet_page,
    GANTLITZ_OT_sheet_cancel,
    GANTLITZ_OT_sheet_image,
    GANTLITZ_OT_pick_seed,
)
