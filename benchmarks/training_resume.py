"""A run that is killed and resumed beside one that is not: do they end with the same weights on this device?

On a CPU they do to the last bit, which tests hold; on a GPU the sums of some kernels have no fixed order.

python -m benchmarks.training_resume STORE [--steps 12] [--device auto] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from safetensors.torch import load_file

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.config import PLANS
from trainer.state import last_state
from trainer.store import Store

SMALL = {"patch": 32, "subjects": 2, "places": 2, "r1_every": 2}
PATIENCE = 300.0  # seconds that the first state may take


def command(store: Path, run: Path, steps: int, device: str) -> list[str]:
    level = Store(store, PLANS["XS"].width).level
    schedule = [[1.0, [0.0] * level + [1.0]]]  # the store's own level
    settings = {"steps": steps, "snapshot_every": steps // 2, "schedule": schedule, **SMALL}
    sets = [f"--set={name}={json.dumps(value)}" for name, value in settings.items()]
    return [sys.executable, "-m", "trainer", "train", str(store), "--outdir", str(run), "--device", device, *sets]


def kill_in_the_middle(arguments: list[str], run: Path) -> int:
    """Start it, and kill it once it has saved a state; the step of that state."""
    process = subprocess.Popen(arguments)
    ends = time.monotonic() + PATIENCE
    while (state := last_state(run)) is None:
        if process.poll() is not None or time.monotonic() > ends:
            process.kill()
            raise GantlitzError("The run that was to be killed has saved no state.", "See what it said above.")
        time.sleep(0.02)
    process.kill()
    process.wait()
    return int(state.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        killed, whole = Path(scratch) / "killed", Path(scratch) / "whole"
        commands = [command(options.store, run, options.steps, options.device) for run in (killed, whole)]
        step = kill_in_the_middle(commands[0], killed)
        for arguments in commands:
            subprocess.run(arguments, check=True)
        steps = [json.loads(line)["step"] for line in (killed / "log.jsonl").read_text().splitlines()]
        assert steps == list(range(1, options.steps + 1)), f"the log of the resumed run has the steps {steps}"
        one, other = (load_file(run / "states" / f"{options.steps:06d}" / "generator.safetensors") for run in (killed, whole))
        apart = max(float((one[name].double() - other[name].double()).abs().max()) for name in one)
        print(f"killed after step {step} was saved, resumed to step {options.steps}; the log has every step once")
        print(f"the generator's weights differ by {apart:.3g} at most from those of a run that was not killed")
    if options.json:
        options.json.write_text(json.dumps({"killed_after": step, "steps": options.steps, "apart": apart}, indent=1))


if __name__ == "__main__":
    main()
