"""Procedural subjects on the preview head, rendered with Cycles: python -m tools.render_subjects 3 12 40 --out DIR

Writes <seed>.png for each seed. It is for judging the capture as light falls on it, not only its maps.
"""

import argparse
import tempfile
from pathlib import Path

import bpy
import cv2

import gantlitz_blender
from gantlitz_blender import head, images, material
from gantlitz_blender.runtime.recipe import Recipe
from tools import demo_scene
from tools.demo import muted
from trainer.capture import draw_subject


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seeds", type=int, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--width", type=int, default=6144, help="of the maps, in texels")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(2)
    gantlitz_blender.register()
    for seed in options.seeds:
        render(seed, options.width, (options.out / f"{seed}.png").resolve())
    gantlitz_blender.unregister()


def render(seed: int, width: int, picture: Path) -> None:
    """One subject, as the demo lights a sampled face."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with tempfile.TemporaryDirectory() as folder:
        recipe = Recipe(seed)
        paths = draw_subject(seed, width, width * 2 // 3).write(folder, "subject", recipe)
        skin = head.add_head(bpy.context)
        skin.data.materials.append(material.build_face_material(images.load_maps(paths), recipe, "Subject"))
        demo_scene.build_studio(bpy.context.scene, skin)
        demo_scene.smooth_head(skin, levels=1)
        demo_scene.set_up_render(bpy.context.scene, str(picture))
        with muted():
            bpy.ops.render.render(write_still=True)


if __name__ == "__main__":
    main()
