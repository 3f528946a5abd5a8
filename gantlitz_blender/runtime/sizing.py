"""From a size that a person asks for to a level that the model renders and the reduction that is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from .errors import GantlitzError
from .maps import MapSet
from .recipe import Recipe

if TYPE_CHECKING:
    from .face_model import FaceModel


class Canvas(Protocol):
    """What sizes depend on: a FaceModel, or what is known of one that is not loaded."""

    @property
    def name(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def levels(self) -> int: ...


def height_for(model: Canvas, width: int) -> int:
    """The height in texels that keeps the canvas's aspect at `width`."""
    return max(1, round(width * model.height / model.width))


def check_level(model: Canvas, level: int) -> None:
    """Raises GantlitzError (``bad-request``) for a level that the model does not have."""
    if not 0 <= level <= model.levels:
        raise GantlitzError(f"There is no level {level}.", f"Choose 0 (full size) to {model.levels}.")


def level_for(model: Canvas, width: int, height: int) -> int:
    """The coarsest level that is at least width x height.

    Raises GantlitzError (``bad-request``) for a size that is not positive, larger than the canvas, or of another aspect
    (a height may be one texel off, where the exact one is a fraction).
    """
    largest = f"{model.width} x {model.height}"
    if width < 1 or height < 1:
        raise GantlitzError(f"A size of {width} x {height} has no texels.", f"Ask for 1 x 1 to {largest}.")
    if width > model.width or height > model.height:
        raise GantlitzError(
            f"{width} x {height} is larger than the canvas of {model.name}.", f"The largest size is {largest}."
        )
    if abs(width * model.height - height * model.width) >= model.width:
        raise GantlitzError(
            f"{width} x {height} has not the aspect of the canvas, {largest}.",
            f"For this width ask for {width} x {height_for(model, width)}.",
        )
    return max(
        level for level in range(model.levels + 1) if model.width >> level >= width and model.height >> level >= height
    )


def size_of(model: Canvas, level: int | None, size: tuple[int, int] | None) -> tuple[int, int]:
    """(width, height) of the maps that a request for `level`, or else for `size`, makes. Raises as level_for does."""
    if size is None:
        level = level or 0
        check_level(model, level)
        return model.width >> level, model.height >> level
    level_for(model, *size)
    return size


def render_sized(
    model: FaceModel,
    recipe: Recipe,
    width: int,
    height: int,
    *,
    tile: int = 512,
    threads: int | None = None,
    draft: bool = False,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    notice: Callable[[str], None] | None = None,
) -> MapSet:
    """The maps of `recipe` at exactly width x height: the next finer level, area-averaged where it is larger.

    progress, cancelled, notice, tile, threads and draft as in FaceModel.render. Raises as level_for and FaceModel.render do.
    """
    level = level_for(model, width, height)
    maps = model.render(
        recipe, level=level, tile=tile, threads=threads, draft=draft, progress=progress, cancelled=cancelled, notice=notice
    )
    return maps.resized(width, height)
