"""What a verb that needs Blender says without one."""

from __future__ import annotations

import argparse

from ..errors import GantlitzError


def refuse(options: argparse.Namespace) -> int:
    """Raises GantlitzError (``bad-request``) that says how the verb is run."""
    verb = options.verb
    raise GantlitzError(
        f"{verb.capitalize()} needs Blender.",
        f"Run it as: blender --command gantlitz {verb} ..., or blender -b --python gantlitz_blender/batch.py -- {verb} ...",
    )
