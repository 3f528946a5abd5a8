"""``population``: many people who differ. Here they are chosen and their maps made; Blender makes an asset library of them."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from ..batch.items import FaceItem
from . import FAILED, OK, values
from .options import Help, add_batch, add_model, add_output, output, settings

EXAMPLES = """examples:
  Twenty people as assets, spread evenly over all that the model has labels for:
    {prog} population --count 20 --outdir library
  A hundred, spread over tone and stubble, none too like another, at half the size:
    {prog} population --count 100 --spread tone,stubble --min-distance 0.7 --level 1 --outdir library
  Each compared with the people that the model was trained on:
    {prog} population --count 20 --store stores/fine --outdir library
"""
MAPS = "maps"  # below the library's folder
ASKED = (
    *("count", "spread", "min_distance", "candidates", "first_seed", "trunc", "prefix", "store", "author", "catalog"),
    *("level", "size", "profile", "square", "model"),
)


def add(commands: argparse._SubParsersAction, prog: str) -> None:  # type: ignore[type-arg]
    """Add the command to the parser."""
    parser = commands.add_parser(
        "population",
        help="make people who differ, as a Blender asset library",
        description="Chooses people from many seeds, spread evenly over labelled factors such as tone, makes their maps "
        "(OUTDIR/maps) and, in Blender, an asset library of them: a .blend each with the material, a picture, tags, a catalogue, "
        "author and licence. Without Blender it does all but the .blend files. The same command goes on; a larger --count keeps "
        "those there are.",
        epilog=EXAMPLES.format(prog=prog),
        formatter_class=Help,
    )
    parser.set_defaults(run=_run, prog=prog)
    people = parser.add_argument_group("the people")
    people.add_argument("--count", type=values.positive, required=True, metavar="N", help="how many")
    people.add_argument(
        "--spread", type=lambda text: [word.strip() for word in text.split(",")], default=[], metavar="LABELS",
        help="labels that are covered evenly, such as tone,redness; default: all of the model's",
    )  # fmt: skip
    people.add_argument(
        "--min-distance", type=values.fraction, default=0.5, metavar="D",
        help="in w, between any two: the median of two faces of the model being 1 (default 0.5)",
    )  # fmt: skip
    people.add_argument(
        "--candidates", type=values.positive, default=0, metavar="N", help="how many seeds to choose from (default 1000)"
    )
    people.add_argument("--first-seed", type=int, default=0, metavar="N", help="the first of them (default 0)")
    people.add_argument("--trunc", type=float, default=0.7, metavar="PSI", help="how far from the mean face (default 0.7)")
    people.add_argument("--prefix", default="", metavar="TEXT", help="what all names begin with")
    people.add_argument(
        "--store", type=Path, metavar="DIR",
        help="a training store: each face is compared with its subjects, and a likeness is a warning (needs zarr)",
    )  # fmt: skip
    library = parser.add_argument_group("the library")
    library.add_argument("--author", default="", metavar="TEXT", help="of the assets; default: GANtlitz and the model's name")
    library.add_argument("--catalog", default="People", metavar="NAME", help="where the assets are listed (default People)")
    library.add_argument("--preview", type=values.positive, default=256, metavar="N", help="pixels of the pictures (default 256)")
    add_output(parser)
    add_batch(parser)
    add_model(parser)


def _run(options: argparse.Namespace) -> int:
    code = make_people(options)
    if code == OK and not options.dry_run and not options.prog.startswith("blender"):
        print("The asset library of them needs Blender: run the same as blender --command gantlitz population ...", file=sys.stderr)
    return code


def asked(options: argparse.Namespace) -> dict[str, str]:
    """What tells one population from another, as JSON."""
    return {name: str(getattr(options, name)) for name in ASKED}


def make_people(options: argparse.Namespace) -> int:
    """Choose them, and make their maps and pictures; returns the exit code."""
    from ..batch.planning import plan, refuse_full_disk
    from ..batch.running import run
    from ..face_model import FaceModel
    from ..model_facts import ModelFacts
    from ..population.assets import asset_items
    from ..population.people import Wanted, choose_people, compared, write_people
    from ..population.pictures import write_pictures

    model = FaceModel.load(options.model, options.device or "auto")
    wanted = Wanted(
        options.count, options.spread, options.min_distance, options.candidates, options.first_seed, options.trunc, options.prefix
    )
    people = choose_people(model, wanted)
    if options.store:
        from ..population.training_people import TrainingPeople

        people = compared(people, model, TrainingPeople(options.store))
    about = {
        "model": {"name": model.name, "sha256": model.sha256, "licence": model.licence},
        "spread": list(options.spread or model.directions.labels),
        "min_distance": options.min_distance,
        "nearest_training": f"measured with {options.store.name}" if options.store else "not measured: no --store was given",
        "catalog": options.catalog,
        "author": options.author or f"GANtlitz Face Maps ({model.name})",
        "profile": options.profile,
        "asked": asked(options),
    }
    maps = options.outdir / MAPS
    items = [FaceItem(person.name, person.recipe, output(options)) for person in people]
    library = asset_items(people, about, output(options))
    of_library = settings(options)
    of_maps = replace(of_library, outdir=maps)
    facts = ModelFacts.read(options.model)
    refuse_full_disk([plan(items, of_maps, facts), plan(library, of_library, facts)], options.outdir)
    code = run(items, of_maps, dry=options.dry_run)
    if options.dry_run:
        print("The library:")
        return run(library, of_library, dry=True)
    if code not in (OK, FAILED):
        return code
    write_pictures(maps, people[options.shard[0] - 1 :: options.shard[1]], model, options.preview)  # of those whose maps it makes
    write_people(options.outdir, people, about)
    for person in people:
        for warning in person.warnings:
            print(f"note: {person.name}: {warning}")
    return code
