"""Options that several commands share, and what becomes of them. Standard library only."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..batch.items import USUAL, Output
from ..batch.profiles import spoken
from ..export_profiles import PROFILES
from . import values

if TYPE_CHECKING:
    from ..batch.planning import Settings

DEVICES = ("auto", "cpu", "cuda")


class Help(argparse.HelpFormatter):
    """Fills paragraphs, and leaves examples as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


def add_output(parser: argparse.ArgumentParser) -> None:
    """How large the maps of a face are, and how they are written."""
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--size", type=values.size, metavar="WxH",
        help="size in texels, such as 2048x1365, of the canvas's aspect; the next finer level is area-averaged to it",
    )  # fmt: skip
    size.add_argument(
        "--level", type=int, default=0, metavar="K",
        help="render the canvas at 1/2^K: 0 is full size (default), 1 half, 2 a quarter",
    )  # fmt: skip
    add_profile(parser)
    parser.add_argument("--square", action="store_true", help="squeeze the maps to as wide as they are high")


def add_profile(parser: argparse.ArgumentParser) -> None:
    """For which program the files are."""
    parser.add_argument(
        "--profile", type=values.profile, default=USUAL, metavar="NAME",
        help=f"the names and formats that a program expects: {', '.join(map(spoken, PROFILES))} (default: {spoken(USUAL)})",
    )  # fmt: skip


def output(options: argparse.Namespace) -> Output:
    """Of the options that add_output adds."""
    return Output(options.level, options.size, options.profile, options.square)


def add_model(parser: argparse.ArgumentParser, completer: bool = False) -> None:
    """Which networks, and on what they run."""
    group = parser.add_argument_group("model and machine")
    group.add_argument("--model", type=Path, metavar="PATH", help="a .safetensors model; default: the bundled one")
    if completer:
        group.add_argument("--completer", type=Path, metavar="PATH", help="a .safetensors completer; default: the bundled one")
    group.add_argument("--device", choices=DEVICES, help="auto takes the GPU when there is one (default)")
    group.add_argument("--threads", type=values.positive, metavar="N", help="threads that render on a CPU (default: one a core)")
    group.add_argument(
        "--tile", type=values.positive, metavar="N",
        help="side of the squares rendered at a time: smaller takes less memory and more time (default 512)",
    )  # fmt: skip


def add_batch(parser: argparse.ArgumentParser, outdir: bool = True) -> None:
    """How many items become files: whatever the items are."""
    group = parser.add_argument_group("batch")
    group.add_argument(
        "--outdir", type=Path, required=outdir, metavar="DIR",
        help="where the files and their manifest (gantlitz_manifest.jsonl) go; made if need be",
    )  # fmt: skip
    group.add_argument("--dry-run", action="store_true", help="say what would be made, and how much disk it takes; make nothing")
    group.add_argument(
        "--resume", action=argparse.BooleanOptionalAction, default=True,
        help="leave what is whole, by the hashes in the manifest (default); --no-resume makes all anew and replaces it",
    )  # fmt: skip
    group.add_argument("--add", action="store_true", help="put this job's files into a folder that has another job's manifest")
    group.add_argument(
        "--shard", type=values.shard, default=(1, 1), metavar="I/N",
        help="make only each Nth item, from the Ith on: N machines, or tasks of a farm, share a batch and its folder",
    )  # fmt: skip
    group.add_argument(
        "--jobs", type=values.positive, default=1, metavar="N", help="processes here, each with a model of its own (default 1)"
    )


def add_dask(parser: argparse.ArgumentParser) -> None:
    """A cluster that makes the items, for verbs whose items the runtime makes."""
    parser.add_argument(
        "--dask", metavar="ADDRESS",
        help="have the workers of a Dask cluster make it: tcp://server:8786, or local:2 for two workers here (needs distributed)",
    )  # fmt: skip


def settings(options: argparse.Namespace) -> Settings:
    """Of the options that the functions above add."""
    from ..batch.planning import Settings

    return Settings(
        outdir=options.outdir,
        model=options.model,
        completer=getattr(options, "completer", None),
        device=options.device or "auto",
        threads=options.threads,
        tile=options.tile or 512,
        shard=options.shard,
        processes=options.jobs,
        dask=getattr(options, "dask", None),
        resume=options.resume,
        add=options.add,
    )


def made_by(model: Path | None, completer: Path | None) -> tuple[str, str]:
    """sha256 of the files of both networks. Raises GantlitzError (``model-not-found``)."""
    from ..errors import GantlitzError
    from ..model_facts import BUNDLED_COMPLETER, ModelFacts, sha256_of

    completer = completer or BUNDLED_COMPLETER
    if not completer.is_file():
        fix = "Choose a .safetensors file of a completer."
        raise GantlitzError(f"There is no completer at {completer}.", fix, "model-not-found")
    return ModelFacts.read(model).sha256, sha256_of(completer)
