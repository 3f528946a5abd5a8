"""One visit to a GPU machine, in less than nine minutes: does the trainer work there, how fast, in how much memory, how exactly?

Two lines on a bare machine, the first for the CUDA that its driver knows:

make setup TORCH_INDEX=https://download.pytorch.org/whl/cu130
.venv/bin/python -m benchmarks.gpu --out out/gpu

Every section is a process of its own with a limit of its own: what fails or takes too long is written down, and the rest goes on.
--out holds gpu.txt, all that was said, and gpu.json, the figures; both grow with every section. ``--device cpu --small`` goes
through the same sections at sizes that a processor does in minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 600  # seconds for a section on a processor, which may have other work
SHORT, LONG = ["--steps", "2"], ["--steps", "8"]


@dataclass
class Section:
    """A command that writes its figures to ``--json``. least: seconds without which it is not begun; most: after which it ends."""

    name: str
    command: list[str]
    least: float
    most: float
    figures: bool = True


@dataclass
class Visit:
    """Runs sections while there is time, and writes down what came of each."""

    out: Path
    ends: float
    results: dict[str, dict] = field(default_factory=dict)

    def say(self, text: str) -> None:
        print(text, flush=True)
        with open(self.out / "gpu.txt", "a") as file:
            file.write(text + "\n")

    def run(self, section: Section, scratch: Path) -> None:
        self.say(f"\n== {section.name}: python {' '.join(section.command)}")
        left = self.ends - time.monotonic()
        if left < section.least:
            self.record(section.name, f"not begun: {left:.0f} s are left", 0.0)
            return
        file, said = scratch / f"{section.name}.json", scratch / f"{section.name}.txt"
        more = ["--json", str(file)] if section.figures else []
        begun = time.monotonic()
        with open(said, "w") as log:
            command = [sys.executable, *section.command, *more]
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
            try:
                code = process.wait(min(left, section.most))
                outcome = "done" if code == 0 else f"failed with code {code}"
            except subprocess.TimeoutExpired:
                outcome = "stopped: it took too long"
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)  # with all that it has started
                    process.wait()
        self.say(said.read_text().rstrip())
        self.record(section.name, outcome, time.monotonic() - begun, json.loads(file.read_text()) if file.exists() else None)

    def record(self, name: str, outcome: str, seconds: float, figures: object = None) -> None:
        self.say(f"-- {name}: {outcome} ({seconds:.0f} s)")
        self.results[name] = {"outcome": outcome, "seconds": round(seconds, 1), "figures": figures}
        aside = self.out / ".gpu.json"
        aside.write_text(json.dumps(self.results, indent=1))
        aside.replace(self.out / "gpu.json")


def sections(device: str, small: bool, scratch: Path) -> list[Section]:
    """What is done, the most wanted first: the little store is drawn before them all, the fine one beside the first."""
    little, fine = str(scratch / "little"), str(scratch / "fine")
    on = ["--device", device]
    training = ["-m", "benchmarks.training", *on]
    memory = ["-m", "benchmarks.training_memory", *on]
    precision = ["-m", "benchmarks.training_precision", little, "--small", *on]
    doctor = Section("doctor", ["-m", "trainer", "doctor", "--preset", "XS" if small else "L", *on], 5, 60, figures=False)
    tests = Section("tests", ["-m", "pytest", "-q", "-rs", "tests/test_reading.py"], 10, 90, figures=False)
    resume = Section("resume", ["-m", "benchmarks.training_resume", little, *on], 30, PATIENCE if small else 150)
    sampling = ["-m", "benchmarks.sampling_devices", *on]
    if small:
        tiny = ["--small", "--patch", "32", "--set", "subjects=2", "--set", "places=2"]
        return [
            doctor,
            tests,
            resume,
            Section("speed-XS", [*training, little, "--starve", *tiny, *SHORT], 5, PATIENCE),
            Section("sampling", [*sampling, "--level", "4"], 5, PATIENCE),
            Section("memory-XS", [*memory, little, *tiny], 5, PATIENCE),
            Section("precision", [*precision, "--steps", "20"], 5, PATIENCE),
        ]
    large = ["--patch", "512"]
    return [
        doctor,
        tests,
        resume,
        Section("speed-S", [*training, fine, "--starve", "--preset", "S", *large, *LONG], 45, 110),
        Section("speed-L", [*training, fine, "--preset", "L", *large, *LONG], 60, 150),
        Section("sampling", sampling, 20, 70),
        Section("memory-S", [*memory, fine, "--preset", "S"], 40, 90),
        Section("precision", [*precision, "--steps", "120"], 40, 110),
        Section("speed-XS", [*training, fine, "--starve", *LONG], 20, 60),
        Section("memory-XS", [*memory, fine], 40, 90),
    ]


def capture(out: Path, subjects: int, size: str, workers: int) -> list[str]:
    numbers = ["--subjects", str(subjects), "--workers", str(workers)]
    return [sys.executable, "-m", "trainer", "capture", "--out", str(out), "--size", size, *numbers]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("out/gpu"))
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--small", action="store_true", help="small sizes throughout")
    parser.add_argument("--minutes", type=float, default=8.8, help="what is not done by then is left out")
    options = parser.parse_args()
    begun = time.monotonic()
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "gpu.txt").unlink(missing_ok=True)
    visit = Visit(options.out, begun + 60 * options.minutes)
    if shutil.which("nvidia-smi"):
        visit.say(subprocess.run(["nvidia-smi"], capture_output=True, text=True).stdout)
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(capture(scratch / "little", 4, "768x512", min(4, cores)), check=True, **quiet)
        fine = None if options.small else subprocess.Popen(capture(scratch / "fine", 4, "6144x4096", min(4, cores)), **quiet)
        visit.say(f"the little store was drawn in {time.monotonic() - begun:.0f} s")
        try:
            for section in sections(options.device, options.small, scratch):
                if fine and str(scratch / "fine") in section.command:
                    fine.wait()
                    visit.say(f"the fine store is there after {time.monotonic() - begun:.0f} s")
                    fine = None
                visit.run(section, scratch)
        finally:
            if fine:
                fine.terminate()
    visit.say(f"\n{time.monotonic() - begun:.0f} s in all")


if __name__ == "__main__":
    main()
