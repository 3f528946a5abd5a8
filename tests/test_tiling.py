"""A picture made in tiles when the memory is too full for them: smaller ones, the same picture, and a word about it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.recipe import Recipe
from gantlitz_blender.runtime.tiling import SMALLEST_TILE, in_tiles

ROOT = Path(__file__).parents[1]
WHOLE = Rect(0, 0, 600, 700)


def painted(part: Rect) -> torch.Tensor:
    """A picture whose texels know their places."""
    rows, cols = torch.meshgrid(torch.arange(part.top, part.bottom), torch.arange(part.left, part.right), indexing="ij")
    return (rows * 1000 + cols).float().expand(8, -1, -1)


def full_beyond(side: int, error: Exception):
    """Makes tiles, but raises what a full memory raises for those wider or higher than `side`."""
    made: list[Rect] = []

    def tile(part: Rect) -> torch.Tensor:
        if max(part.width, part.height) > side:
            raise error
        made.append(part)
        return painted(part)

    return tile, made


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
        MemoryError(),
    ],
)
def test_tiles_are_halved_until_they_fit_and_it_is_said(error: Exception) -> None:
    tile, made = full_beyond(150, error)
    notices, told = [], []
    maps = in_tiles(WHOLE, 512, "cpu", 2, lambda: tile, told.append, notice=notices.append)
    np.testing.assert_array_equal(maps.stacked(), painted(WHOLE).permute(1, 2, 0).numpy())
    assert max(max(part.width, part.height) for part in made) == 128
    assert notices == ["The memory was too full for tiles of 512 texels: the maps were made in tiles of 128."]
    assert told == sorted(told) and told[-1] == 1


def test_what_was_made_before_the_memory_was_full_is_kept() -> None:
    """The first tile fits, the second one no longer."""
    made: list[Rect] = []

    def tile(part: Rect) -> torch.Tensor:
        if made and part.width > 100:
            raise MemoryError
        made.append(part)
        return painted(part)

    maps = in_tiles(WHOLE, 512, "cpu", 1, lambda: tile)
    np.testing.assert_array_equal(maps.stacked(), painted(WHOLE).permute(1, 2, 0).numpy())
    assert made[0] == Rect(0, 0, 512, 512) and sum(part.width * part.height for part in made) == WHOLE.width * WHOLE.height


def test_no_word_when_all_is_well() -> None:
    notices: list[str] = []
    in_tiles(WHOLE, 512, "cpu", 1, lambda: painted, notice=notices.append)
    assert notices == []


def test_there_is_an_end_to_it() -> None:
    tile, _ = full_beyond(SMALLEST_TILE - 1, torch.OutOfMemoryError("full"))
    with pytest.raises(GantlitzError, match=r"graphics card.*64 texels") as raised:
        in_tiles(WHOLE, 512, "cuda", None, lambda: tile)
    assert raised.value.code == "out-of-memory" and "processor" in raised.value.fix


def test_other_failures_are_not_taken_for_a_full_memory() -> None:
    def broken(part: Rect) -> torch.Tensor:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        in_tiles(WHOLE, 512, "cpu", 1, lambda: broken)


class OnFullCard(FaceModel):
    """A model on a graphics card that is full. There is no card here: only its name is, and what torch raises on one."""

    def w(self, recipe: Recipe) -> torch.Tensor:
        if self.device == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return super().w(recipe)

    def _move(self, device: str, dtype: torch.dtype) -> None:
        self.device, self.dtype = device, dtype


def test_a_full_card_leaves_the_work_to_the_processor_and_says_so(tiny_model_path: Path) -> None:
    model = OnFullCard.load(tiny_model_path, "cpu", "float32")
    expected = model.render(Recipe(3)).stacked()
    model.device = "cuda"
    notices: list[str] = []
    np.testing.assert_array_equal(model.render(Recipe(3), notice=notices.append).stacked(), expected)
    assert model.device == "cuda"  # for the next face the card may have room again
    (said,) = notices
    assert "processor" in said


@pytest.mark.skipif(sys.platform != "linux", reason="limits its address space")
def test_a_real_shortage_of_memory_ends_in_smaller_tiles_and_the_same_face(slow_model_path: Path) -> None:
    """In a process that may take no more than 160 MB beyond what it has when the model is loaded and warm."""
    script = f"""
import re, resource, sys
from pathlib import Path
import numpy as np
import torch
torch.set_num_threads(1)
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.recipe import Recipe
model = FaceModel.load({str(slow_model_path)!r}, "cpu", "float32")
region = (1000, 1000, 2024, 2024)
expected = model.render(Recipe(3), region=region, tile=128, threads=1).stacked()
taken = int(re.search(r"VmSize:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (taken + 160 * 2**20,) * 2)
said = []
found = model.render(Recipe(3), region=region, tile=1024, threads=1, notice=said.append).stacked()
print(said[0] if said else "nothing was said", bool((found == expected).all()))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "too full for tiles of 1024 texels" in done.stdout and done.stdout.strip().endswith("True"), done.stdout
