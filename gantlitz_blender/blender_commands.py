"""The verbs of the command line that Blender itself carries out, whichever entry they came by (cli.py, batch.py)."""

from __future__ import annotations

import argparse
import atexit

import bpy

from . import doctor_command, properties
from .command_process import Verb, run_in_runtime
from .doctor import Subject, addon_version


def verbs(prog: str, python: str) -> dict[str, Verb]:
    """{verb: what takes its options and returns the exit code}. prog: how the command was called.

    python: the preferences', empty where there is none.
    """

    def in_runtime(arguments: list[str]) -> int:
        return run_in_runtime(arguments, python, prog)

    def render(options: argparse.Namespace) -> int:
        from . import render_command

        _know_properties()
        return render_command.render(options, in_runtime)

    def population(options: argparse.Namespace) -> int:
        from . import population_command

        _know_properties()
        return population_command.population(options, in_runtime)

    return {"doctor": lambda options: _doctor(options, python), "render": render, "population": population}


def _know_properties() -> None:
    """Register what materials and scenes hold of ours, where the extension has not: it may not be installed, or not be enabled."""
    if not hasattr(bpy.types.Material, "gantlitz"):
        properties.register()
        atexit.register(properties.unregister)


def _doctor(options: argparse.Namespace, python: str) -> int:
    subject = Subject(
        python=options.python or python,
        model=str(options.model or ""),
        maps=str(options.outdir or ""),
        online=bpy.app.online_access,
        versions=(("GANtlitz", addon_version()), ("Blender", bpy.app.version_string)),
    )
    return doctor_command.tell(subject, options.json)
