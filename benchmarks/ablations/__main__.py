"""The ablations: train every variant on a small capture, measure it, print the table of docs/ablations.md.

python -m trainer capture --subjects 96  --size 384x256 --seed 2000 --out stores/ablation
python -m trainer capture --subjects 192 --size 384x256 --seed 4000 --out stores/ablation-unseen
python -m benchmarks.ablations train stores/ablation --runs runs/ablations     # run again to go on; about 3 minutes a run
python -m benchmarks.ablations table stores/ablation-unseen --train stores/ablation --runs runs/ablations
python -m benchmarks.ablations pictures stores/ablation-unseen --runs runs/ablations --out docs/images/ablations.jpg
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch
from tqdm import tqdm

from gantlitz_blender.runtime.model import checkpoint
from trainer.export import export_model
from trainer.state import last_state, read_counters, write_aside
from trainer.store import Store
from trainer.training_loop import train

from .measure import Judge, untrained, wholes
from .pictures import write_pictures
from .report import table
from .variants import VARIANTS, WIDTH, WRONG_PLACE, UpsideDown


def _slug(name: str) -> str:
    return name.replace(" ", "-")


def _train(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    names = options.only or [*VARIANTS, WRONG_PLACE]
    jobs = [(seed, name) for seed in range(options.seeds) for name in names]
    for seed, name in tqdm(jobs[options.part :: options.parts], unit="run"):
        kind = UpsideDown if name == WRONG_PLACE else Store
        config = VARIANTS["paper" if name == WRONG_PLACE else name]
        config = replace(config, steps=options.steps, seed=seed, snapshot_every=options.steps)
        folder = options.runs / f"{_slug(name)}-{seed}"
        if train(config, [kind(options.store, WIDTH)], folder, "cpu").step < config.steps:
            raise SystemExit("stopped; run the same command again to go on")


def _table(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    judge = Judge(Store(options.store, WIDTH))
    rows = {"training subjects": [judge.figures(wholes(Store(options.train, WIDTH)))]}
    rows["untrained"] = [judge.of(untrained(VARIANTS["paper"], Store(options.train, WIDTH)), options.faces)]
    for name in tqdm([*VARIANTS, WRONG_PLACE], unit="variant"):
        for folder in sorted(options.runs.glob(f"{_slug(name)}-[0-9]")):
            if is_finished(folder):
                rows.setdefault(name, []).append(_measured(folder, judge, options.faces))
    print(table(rows))


def is_finished(folder: Path) -> bool:
    """Whether a run has made all the steps that it was told to."""
    state = last_state(folder)
    return state is not None and read_counters(state)["step"] == json.loads((folder / "config.json").read_text())["steps"]


def _measured(folder: Path, judge: Judge, faces: int) -> dict[str, float]:
    """A run's figures; they are kept beside it with what they were measured on."""
    kept, asked = folder / "figures.json", {"faces": faces, "store": judge.store.description()}
    found = json.loads(kept.read_text()) if kept.exists() else {}
    if found.get("asked") != asked:
        generator, _ = checkpoint.load(export_model(folder, folder / "model.safetensors"))
        found = {"asked": asked, "figures": judge.of(generator, faces)}
        write_aside(kept, json.dumps(found, indent=1))
    return found["figures"]


def _pictures(options: argparse.Namespace) -> None:
    folders = [(name, options.runs / f"{_slug(name)}-0") for name in options.only or [*VARIANTS, WRONG_PLACE]]
    found = [(name, checkpoint.load(export_model(folder, folder / "model.safetensors"))[0]) for name, folder in folders]
    write_pictures(options.out, Store(options.store, WIDTH), found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    training = verbs.add_parser("train")
    training.add_argument("store", type=Path)
    training.add_argument("--runs", type=Path, required=True)
    training.add_argument("--steps", type=int, default=1000)
    training.add_argument("--seeds", type=int, default=3)
    training.add_argument("--only", nargs="*", help="some of the variants")
    training.add_argument("--part", type=int, default=0, help="which part of the runs: with --parts, for several processes")
    training.add_argument("--parts", type=int, default=1)
    training.set_defaults(run=_train)
    measuring = verbs.add_parser("table")
    measuring.add_argument("store", type=Path, help="subjects that no run has seen")
    measuring.add_argument("--train", type=Path, required=True, help="the store that was trained on")
    measuring.add_argument("--runs", type=Path, required=True)
    measuring.add_argument("--faces", type=int, default=192)
    measuring.set_defaults(run=_table)
    showing = verbs.add_parser("pictures")
    showing.add_argument("store", type=Path, help="subjects that no run has seen")
    showing.add_argument("--runs", type=Path, required=True)
    showing.add_argument("--only", nargs="*", help="some of the variants")
    showing.add_argument("--out", type=Path, required=True, help="the JPEG to write")
    showing.set_defaults(run=_pictures)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
