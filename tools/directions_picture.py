"""The picture of the sliders: python -m tools.directions_picture [--model FILE] [--out docs/images/directions.jpg]

One row a label, on the preview head: one seed edited by -2 .. +2 standard deviations, with the other labels locked.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.portrait.shading import shade
from gantlitz_blender.runtime.portrait.thumbnail import HEAD, Thumbnails
from gantlitz_blender.runtime.recipe import Recipe

ROOT = Path(__file__).resolve().parent.parent
STEPS = (-2.0, -1.0, 0.0, 1.0, 2.0)
WIDTH = 184  # pixels of a portrait
MAPS = 768  # texels that its maps are wide: enough for stubble and freckles to be seen in it
MARGIN, LINE = 96, 24  # pixels: of the labels' column, of the line of numbers
GREY, INK = 235, 40
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 84]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images" / "directions.jpg")
    options = parser.parse_args()
    model = FaceModel.load(options.model)
    view = Thumbnails().view(HEAD, WIDTH)

    def portrait(label: str, step: float) -> np.ndarray:
        others = tuple(other for other in model.directions.labels if other != label)
        maps = model.preview(Recipe(options.seed, edits={label: step}, locks=others), MAPS)
        picture = shade(view, maps).astype(np.float32)
        opacity = picture[..., 3:] / 255
        return picture[..., :3] * opacity + GREY * (1 - opacity)

    rows = [
        np.hstack([written(label, MARGIN, WIDTH), *(portrait(label, step) for step in STEPS)]) for label in model.directions.labels
    ]
    head = np.hstack([written("", MARGIN, LINE), *(written(f"{step:+g}" if step else "0", WIDTH, LINE) for step in STEPS)])
    options.out.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(options.out), np.vstack([head, *rows])[..., ::-1].round().astype(np.uint8), QUALITY)


def written(text: str, width: int, height: int) -> np.ndarray:
    """(height, width, 3), grey, with a word in its middle."""
    out = np.full((height, width, 3), GREY, np.uint8)
    (wide, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)
    at = ((width - wide) // 2, (height + high) // 2)
    cv2.putText(out, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (INK,) * 3, 1, cv2.LINE_AA)
    return out.astype(np.float32)


if __name__ == "__main__":
    main()
