"""What the coefficients of the identity canvas tell of captured people's labels, with and without the strength of detail.

python -m benchmarks.identity STORE [--components 32]        STORE: of trainer capture, 768 texels wide or more
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from gantlitz_blender.runtime.model.generator import Generator
from trainer.directions.labels import LABELS, labels_of
from trainer.directions.readers import held_out
from trainer.pairing import People
from trainer.patches import PatchSampler
from trainer.presets import PRESETS
from trainer.statistics import fit_canvas, normalisation
from trainer.store import Store


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("--components", type=int, default=32)
    options = parser.parse_args()
    store = Store(options.store)
    config = replace(PRESETS["XS"].model, components=options.components)
    constants = normalisation([store])
    generator = Generator(config)
    people = People(generator, PatchSampler([store], config, 64, constants))
    labels = labels_of([store.labels(i) for i in range(len(store))])
    print(f"{len(store)} people, {options.components} components; R2 of a ridge regression, of people left out")
    print("| components of | " + " | ".join(LABELS) + " |")
    print("|---" * (1 + len(LABELS)) + "|")
    for name, beside in (("pictures alone", None), ("pictures and strength of detail", people.strengths(store))):
        a, _ = fit_canvas(generator, store, *constants, beside)
        read = held_out(a[::2], labels)  # every other one is a mirror image
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in read) + " |")


if __name__ == "__main__":
    main()
