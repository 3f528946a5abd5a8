"""``blender --command gantlitz sample --seeds 0-3 --outdir maps``: the runtime's command line, called through Blender."""

import bpy

from . import command_process
from .preferences import preferences

_command: object | None = None


def _run(arguments: list[str]) -> int:
    found = preferences(bpy.context)
    return command_process.run(arguments, found.python if found else None, "blender --command gantlitz")


def register() -> None:
    global _command
    _command = bpy.utils.register_cli_command("gantlitz", _run)


def unregister() -> None:
    global _command
    if _command is not None:
        bpy.utils.unregister_cli_command(_command)
        _command = None
