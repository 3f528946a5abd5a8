"""Faces without Blender: ``python -m gantlitz_blender.runtime sample | complete | upscale | batch | info``."""

import sys

from .commands import main

if __name__ == "__main__":
    sys.exit(main())
