"""``blender --command gantlitz sample --seeds 0-3 --outdir maps``: the runtime's command line, called through Blender."""

import bpy

from . import blender_commands, command_process
from .preferences import chosen_model, chosen_python

PROGRAM = "blender --command gantlitz"

_command: object | None = None


def _run(arguments: list[str]) -> int:
    python, model = chosen_python(bpy.context), chosen_model(bpy.context, "") or ""
    return command_process.run(arguments, python, PROGRAM, blender_commands.verbs(PROGRAM, python), model)


def register() -> None:
    global _command
    _command = bpy.utils.register_cli_command("gantlitz", _run)


def unregister() -> None:
    global _command
    if _command is not None:
        bpy.utils.unregister_cli_command(_command)
        _command = None
