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

# The versions that the installer takes: those of requirements.txt, which the extension's zip does not carry.
TORCH = "torch==2.13.0"
PINNED = (
    'numpy==1.26.4; python_version < "3.13"',
    'numpy==2.3.5; python_version >= "3.13"',  # 1.26 has no wheels for Python 3.13
    "safetensors==0.8.0",
    "opencv-python-headless==4.11.0.86",
    "OpenEXR==3.5.3",
    "scipy==1.17.1",
    "tqdm==4.70.1",
    "filelock==4.2.11",
    "fsspec==2026.9.0",
    "Jinja2==3.1.6",
    "MarkupSafe==3.0.4",
    "mpmath==1.3.0",
    "networkx==3.6.1",
    "sympy==1.14.0",
    "typing_extensions==4.16.0",
)
PYTHONS = ((3, 11), (3, 12), (3, 13), (3, 14))  # for which all of these have wheels, the best tested first
