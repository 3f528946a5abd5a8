"""What the runtime's Python needs, in one place. Standard library only."""

MODULES = {
    "torch": "torch",
    "numpy": "numpy",
    "safetensors": "safetensors",
    "scipy": "scipy",
    "cv2": "opencv-python-headless",
    "OpenEXR": "OpenEXR",
}  # imported by the worker -> to be installed
# tqdm draws the command line's progress: recommended with the others, but Blender does without.
INSTALL = " ".join((*MODULES.values(), "tqdm"))
