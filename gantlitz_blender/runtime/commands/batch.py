"""``batch``: whatever a job file asks for."""

from __future__ import annotations

import argparse
import functools
import json
from pathlib import Path

from ..errors import GantlitzError
from .options import Help, add_batch, add_dask, add_model, made_by, settings

EXAMPLES = """a job file:
  {{
    "outdir": "maps",
    "level": 1,
    "jobs": [
      {{"do": "sample", "seeds": "0-99,105", "psi": [0.5, 0.7]}},
      {{"do": "sample", "seeds": [7, 9], "mix": {{"fine": {{"seeds": "55,821"}}}}, "prefix": "mixed_"}},
      {{"do": "sample", "seeds": "3,14,15", "walk": 24, "loop": true, "size": [1536, 1024]}},
      {{"do": "complete", "scans": "scans", "points": "points.json"}}
    ]
  }}

examples:
  {prog} batch job.json --dry-run
  {prog} batch job.json --jobs 2
  {prog} batch job.json --shard 2/4 --outdir //server/maps
  {prog} batch job.json --dask tcp://server:8786 --outdir //server/maps
  {prog} batch --schema          what a job file may hold, as a JSON schema
"""


def add(commands: argparse._SubParsersAction, prog: str) -> None:  # type: ignore[type-arg]
    """Add the command to the parser."""
    parser = commands.add_parser(
        "batch",
        help="make what a job file asks for",
        description="Makes faces, mixes, walks and completions as a job file (JSON) lists them. Its keys: docs/headless.md and "
        "docs/job.schema.json. What is given here comes before what the file says.",
        epilog=EXAMPLES.format(prog=prog),
        formatter_class=Help,
    )
    parser.set_defaults(run=_run)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("job", nargs="?", type=Path, metavar="JOB", help="a JSON file")
    which.add_argument("--schema", action="store_true", help="print the schema of job files")
    add_dask(parser)
    add_batch(parser, outdir=False)
    add_model(parser, completer=True)


def _run(options: argparse.Namespace) -> int:
    if options.schema:
        from ..batch.job_schema import SCHEMA

        print(json.dumps(SCHEMA, indent=2))
        return 0
    from ..batch.job_file import Job
    from ..batch.running import run

    job = Job.read(options.job)
    for name in ("outdir", "model", "completer", "device", "threads", "tile"):
        if getattr(options, name) is None:
            setattr(options, name, getattr(job, name))
    if options.outdir is None:
        raise GantlitzError(f"{options.job} names no outdir.", "Add the key outdir, or give --outdir.")
    items = job.items(functools.cache(lambda: made_by(options.model, options.completer)))
    return run(items, settings(options), dry=options.dry_run)
