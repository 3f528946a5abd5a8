"""The one definition of the command line. Standard library only: a call is understood, or refused, before torch is imported.

A verb is a module with add(commands, prog), which adds a parser whose default ``run`` takes the options and returns the exit code.
"""

from __future__ import annotations

import argparse

from . import batch, doctor, info, population, render, sample, scans

PROGRAM = "python -m gantlitz_blender.runtime"
VERBS = (sample, scans, batch, render, population, info, doctor)
CODES = (
    "Exit codes: 0 all is done; 1 something failed, and a list says what; 2 the call was wrong; 130 interrupted (143 by SIGTERM), "
    "and the same command goes on from there. Each command has a help of its own, with examples: {prog} sample --help"
)


def build_parser(prog: str | None = None) -> argparse.ArgumentParser:
    """prog: how the command is called."""
    prog = prog or PROGRAM
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Samples registered albedo, normal, specular and displacement maps of faces that do not exist, and makes the "
        "missing ones of scans.",
        epilog=CODES.format(prog=prog),
    )
    commands = parser.add_subparsers(required=True, metavar="command", dest="verb")
    for verb in VERBS:
        verb.add(commands, prog)
    return parser
