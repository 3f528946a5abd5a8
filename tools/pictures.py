"""The README's pictures of sampled maps: python -m tools.pictures [--model FILE] [--out docs/images]

faces.jpg: the albedo of eight seeds. maps.jpg: the four maps of one seed. crops.jpg: places of it at 1:1, all four maps.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.recipe import Recipe

ROOT = Path(__file__).resolve().parent.parent
FACES = range(8)
SEED = 7
CROP = 400  # texels
PLACES = {"cheek": (0.35, 0.53), "nose": (0.5, 0.5), "lips": (0.53, 0.68), "brow": (0.42, 0.3)}  # (u, v) of the centres
RELIEF_MM = 0.25  # displacement from black to white
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 88]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    model = FaceModel.load(options.model)

    def save(name: str, rows: list[list[np.ndarray]]) -> None:
        picture = np.vstack([np.hstack(row) for row in rows])
        cv2.imwrite(str(options.out / name), (picture[..., ::-1].clip(0, 1) * 255).round().astype(np.uint8), QUALITY)

    albedos = [model.preview(Recipe(seed), 384).albedo for seed in FACES]
    save("faces.jpg", [albedos[:4], albedos[4:]])
    save("maps.jpg", [shown(model.preview(Recipe(SEED), 384))])
    crops = []
    for u, v in PLACES.values():
        x, y = round(u * model.width) - CROP // 2, round(v * model.height) - CROP // 2
        crops.append(shown(model.render(Recipe(SEED), region=(x, y, x + CROP, y + CROP))))
    save("crops.jpg", crops)


def shown(maps: MapSet) -> list[np.ndarray]:
    """Albedo, normal, specular and displacement as pictures (H, W, 3) in [0, 1]; displacement about its mean."""
    relief = 0.5 + (maps.displacement - np.median(maps.displacement)) / RELIEF_MM
    grey = [np.repeat(x[..., None], 3, axis=2) for x in (maps.specular, relief)]
    return [maps.albedo, 0.5 + 0.5 * maps.normal, *grey]


if __name__ == "__main__":
    main()
