"""python -m trainer VERB: make a dataset, train a model or a completer on it, measure it, write it for artists.

On several GPUs or machines: torchrun --nproc-per-node=GPUS -m -- trainer train ... (mind the --)
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.failures import as_gantlitz_error
from gantlitz_blender.runtime.layout import WIDTH

from .completer.command import register as register_train_completer
from .directions.command import register as register_directions
from .evaluation.command import register as register_evaluate
from .prepare.command import register as register_prepare


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m trainer", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    folder: dict[str, Any] = {"dest": "folder", "type": Path, "metavar": "RUN"}  # of train and doctor

    capture = verbs.add_parser("capture", help="draw procedural subjects into a store; run again to go on")
    capture.add_argument("--subjects", type=int, required=True, help="how many people")
    capture.add_argument("--size", default="6144x4096", help="WxH in texels (default 6144x4096)")
    capture.add_argument("--out", type=Path, required=True, help="folder of the store")
    capture.add_argument("--seed", type=int, default=0, help="seed of the first subject")
    capture.add_argument("--workers", type=int, default=2, help="processes")
    capture.add_argument(
        "--report",
        action="store_true",
        help="then measure the store beside published skin: prints a table, writes it and pictures into OUT/report",
    )
    capture.set_defaults(run=_capture)

    register_prepare(verbs)

    check = verbs.add_parser("check", help="compare a store's files with the checksums they were written with")
    check.add_argument("store", type=Path, help="folder of the store")
    check.set_defaults(run=_check)

    doctor = verbs.add_parser("doctor", help="say what this computer has, and whether a preset fits it")
    doctor.add_argument("--preset", default="XS", help="XS, S, L, paper or one of its ablations")
    doctor.add_argument("--patch", type=int, help="side of the patches in texels (default: the preset's)")
    doctor.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="any field, as for train")
    doctor.add_argument("--device", default="auto", help="auto, cpu or cuda")
    doctor.add_argument("--outdir", "--run", **folder, default=Path("."), help="where the run will be (default: here)")
    doctor.set_defaults(run=_doctor)

    train = verbs.add_parser("train", help="train on one or more stores; run again to resume")
    train.add_argument("stores", type=Path, nargs="+", help="stores; coarse levels are read from the coarsest that has them")
    train.add_argument("--outdir", "--run", **folder, required=True, help="folder of the run: state, log, samples")
    train.add_argument(
        "--init",
        dest="start",
        type=Path,
        metavar="START",
        help="begin with the networks of another run, its folder, or with an exported model; refitted to these stores",
    )
    train.add_argument("--preset", default="XS", help="XS, S, L, paper or one of its ablations; NAME@XS for another size")
    train.add_argument("--device", default="auto", help="auto, cpu or cuda")
    train.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="any field of the preset: --set steps=2000"
    )
    train.add_argument("--tensorboard", action="store_true", help="write event files into RUN/tensorboard too")
    train.set_defaults(run=_train)

    register_train_completer(verbs)

    export = verbs.add_parser("export", help="write a run's averaged generator as a model")
    export.add_argument("folder", type=Path, help="folder of the run")
    export.add_argument("model", type=Path, help="the .safetensors file to write")
    export.add_argument("--licence", help="what the model says of its terms (default: the licences of all it has learnt from)")
    export.set_defaults(run=_export)

    register_directions(verbs)
    register_evaluate(verbs)

    options = parser.parse_args(arguments)
    one_of_many = "RANK" in os.environ  # torchrun's
    try:
        return options.run(options) or 0
    except KeyboardInterrupt:
        print("stopped; run the same command again to go on", file=sys.stderr)
        code = 130
    except (GantlitzError, OSError, MemoryError, RuntimeError) as error:
        who = f"process {os.environ['RANK']}: " if one_of_many else ""
        print(f"{who}error: {as_gantlitz_error(error)}", file=sys.stderr)
        code = 1
    if one_of_many:
        from .distributed import abandon

        abandon(code)
    return code


def _capture(options: argparse.Namespace) -> None:
    from .capture.dataset import capture_dataset

    try:
        width, height = (int(n) for n in options.size.lower().split("x"))
    except ValueError:
        raise GantlitzError(f"--size {options.size!r} is not a size.", "Write it as WxH, for instance 768x512.") from None
    if options.report and width != WIDTH:  # before hours of drawing, not after
        fix = "Leave out --report, or --size."
        raise GantlitzError(f"--report measures skin at {WIDTH} texels, not at {width}.", fix, "bad-request")
    capture_dataset(options.out, options.subjects, width, height, options.seed, options.workers)
    if options.report:
        from .capture.report import write_report
        from .store import Store

        print(write_report(Store(options.out, width), options.out / "report"))


def _check(options: argparse.Namespace) -> None:
    from .store import Store

    store = Store(options.store, canvas_width=None)
    problems = store.verify()
    print(*problems, sep="\n", end="\n" if problems else "")
    if problems:
        raise GantlitzError(
            f"{options.store} is damaged.", "Delete what is named above and make it again: what is whole is kept.", "bad-store"
        )
    print(f"{options.store}: {len(store)} subjects, all as they were written")


def _doctor(options: argparse.Namespace) -> None:
    from gantlitz_blender.runtime.face_model import choose_device

    from .doctor import examine
    from .presets import configured

    settings = options.set + ([f"patch={options.patch}"] if options.patch else [])
    lines = examine(configured(options.preset, settings), options.preset, choose_device(options.device), options.folder)
    print(*lines, sep="\n")


def _train(options: argparse.Namespace) -> int:
    from gantlitz_blender.runtime.face_model import choose_device

    from .board import Board
    from .distributed import join, leave
    from .doctor import check_memory
    from .presets import configured
    from .samples import write_samples
    from .store import Store
    from .trainer import Trainer
    from .training_loop import train

    config = configured(options.preset, options.set)
    device = choose_device(options.device)
    stores = [Store(folder, config.model.width) for folder in options.stores]
    boards: list[Board] = []

    def begin(trainer: Trainer) -> None:
        if options.tensorboard:
            boards.append(Board(options.folder / "tensorboard", trainer.step))

    def log(rows: list[dict]) -> None:
        for board in boards:
            board.rows(rows)

    def show(trainer: Trainer) -> None:
        pictures = write_samples(trainer, options.folder / "samples")
        for board in boards:
            board.pictures(trainer.step, pictures)

    ranks = join(device)
    try:
        check_memory(config, options.preset, device, ranks, stores=len(stores))
        trainer = train(config, stores, options.folder, device, show, options.start, ranks, log, begin)
    finally:
        for board in boards:
            board.close()
    leave()
    if trainer.step < config.steps:
        if ranks.first:
            print(f"stopped after step {trainer.step}, which is saved; run the same command again to go on", file=sys.stderr)
        return 130
    return 0


def _export(options: argparse.Namespace) -> None:
    from .export import export_model

    path = export_model(options.folder, options.model, options.licence)
    print(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    sys.exit(main())
