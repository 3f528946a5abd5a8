"""Faces without Blender: ``python -m gantlitz_blender.runtime VERB``.

Verbs: sample, complete, upscale, batch, render, population, info, doctor (commands/parser.py).
"""

import sys

from .commands import main

if __name__ == "__main__":
    sys.exit(main())
