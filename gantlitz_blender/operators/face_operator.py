"""What sampling and baking share: a face by the settings, on the active object, or on a new head."""

from typing import Any

import bpy

from .. import images, looks, naming, session
from ..assign import assign_face, find_target
from ..bake_queue import BakeItem
from ..job import Order, Result, SampleJob
from ..look import recipe_of
from ..preferences import chosen_model, chosen_python
from ..slots import face_slot
from .job_operator import JobOperator


class FaceOperator(JobOperator):
    """A mixin beside bpy.types.Operator. The subclass has the settings' names as inputs, and says how the maps are to be."""

    state_name = "gantlitz"
    cancelled = "the scene is as it was"
    item: BakeItem | None = None  # what is being made

    def how(self, context: bpy.types.Context) -> dict[str, Any]:
        """The fields of Order that say how large the maps are, and in which files."""
        raise NotImplementedError

    def value(self, context: bpy.types.Context, name: str):
        """What this call was given, else the scene's setting."""
        raise NotImplementedError

    def order(self, context: bpy.types.Context) -> BakeItem:
        """All that is asked for, by values and names. Raises GantlitzError for settings that cannot be."""
        order = Order(
            recipe=recipe_of(lambda name: self.value(context, name)),
            folder=naming.output_folder(self.value(context, "folder"), bpy.data.filepath),
            prefix=self.value(context, "prefix"),
            model=chosen_model(context, self.value(context, "model")),
            device=self.value(context, "device"),
            **self.how(context),
        )
        target = find_target(context)
        return BakeItem(
            order=order,
            target_name=target.name if target else "",
            pack=self.value(context, "pack"),
            label=f"{order.prefix.strip() or 'face'}, seed {order.recipe.seed}",
            slot=face_slot(target) if target else -1,
        )

    def make_job(self, context: bpy.types.Context) -> SampleJob:
        self.item = self.item or self.order(context)
        python = chosen_python(context)
        return SampleJob(lambda: session.connect(python), self.item.order, images.is_edited)

    def hindrance(self, context: bpy.types.Context) -> str:
        return "" if context.mode == "OBJECT" else "Ready: go to Object Mode to get the face"

    def finish(self, context: bpy.types.Context, result: Result) -> str:
        assert self.item is not None
        done = assign_face(
            context,
            result.paths,
            result.recipe,
            result.name,
            self.item.target_name,
            self.item.pack,
            output=self.item.order.output,
            slot=self.item.slot if self.item.slot >= 0 else None,
        )
        looks.note(context, result.recipe)
        self.state(context).warnings = "\n".join(result.notices)
        return f"{done} Maps: {result.paths['albedo'].parent}"
