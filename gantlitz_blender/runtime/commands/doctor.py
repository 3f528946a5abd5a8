"""``doctor``: is everything there that a face needs?"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..errors import GantlitzError
from .options import Help

EXAMPLES = """examples:
  {prog} doctor
  {prog} doctor --json > report.json
  {prog} doctor --model studio.safetensors --outdir //server/maps
"""


def add(commands: argparse._SubParsersAction, prog: str) -> None:  # type: ignore[type-arg]
    """Add the command to the parser."""
    parser = commands.add_parser(
        "doctor",
        help="look whether everything is there that a face needs",
        description="Looks at the driver, torch, memory, disks and the model, starts a worker and has it make a small face: about "
        "ten seconds. Each line is good, or has its fix. The exit code is 0 where nothing needs one, else 1.",
        epilog=EXAMPLES.format(prog=prog),
        formatter_class=Help,
    )
    parser.set_defaults(run=_run)
    parser.add_argument("--json", action="store_true", help="as JSON: good, and findings with about, good, text and fix")
    parser.add_argument("--python", metavar="PATH", help="the Python to look at; default: the one that would be used")
    parser.add_argument("--model", type=Path, metavar="PATH", help="a .safetensors model; default: the one that would be used")
    parser.add_argument("--outdir", type=Path, metavar="DIR", help="a folder for maps, to see whether its disk has room")


def _run(options: argparse.Namespace) -> int:
    try:
        # Beside the runtime, not in it: it starts workers, as Blender does. Absent where the runtime is opened by its path.
        from ... import doctor, doctor_command
    except ImportError as error:
        raise GantlitzError(
            "The doctor is a part of gantlitz_blender, not of the runtime alone.",
            "Run it as: python -m gantlitz_blender.runtime doctor",
            "no-runtime",
        ) from error
    subject = doctor.Subject(
        python=options.python or sys.executable,
        model=str(options.model or ""),
        maps=str(options.outdir or ""),
        versions=(("GANtlitz", doctor.addon_version()),),
    )
    return int(doctor_command.tell(subject, options.json))

