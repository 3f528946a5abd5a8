"""The verbs of the command line that Blender itself carries out, whichever entry they came by (cli.py, batch.py)."""

from __future__ import annotations

import argparse

import bpy

from . import doctor_command
from .command_process import Verb
from .doctor import Subject, addon_version


def verbs(prog: str, python: str, model: str) -> dict[str, Verb]:
    """{verb: what takes its options and returns the exit code}. prog: how the command was called.

    python, model: the preferences', empty where there are none.
    """
    return {"doctor": lambda options: _doctor(options, python, model)}


def _doctor(options: argparse.Namespace, python: str, model: str) -> int:
    subject = Subject(
        python=options.python or python,
        model=str(options.model or model),
        maps=str(options.outdir or ""),
        online=bpy.app.online_access,
        versions=(("GANtlitz", addon_version()), ("Blender", bpy.app.version_string)),
    )
    return doctor_command.tell(subject, options.json)
