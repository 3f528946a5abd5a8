"""What a run needs, said before it is begun."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.face_model import choose_dtype
from tests.tiny_run import CONFIG, make_store
from trainer.__main__ import main
from trainer.distributed import Ranks
from trainer.doctor import check_memory, examine, free_memory, total_memory
from trainer.memory import estimate, kept
from trainer.train_config import TrainConfig
from trainer.trainer import Trainer


def test_what_autograd_keeps_is_counted_once_and_without_weights() -> None:
    network = torch.nn.Linear(8, 4, bias=False)
    x = torch.ones(16, 8)
    with kept(network) as total:
        y = network(x)
        y.square() + y.square()
    assert total == [4 * (16 * 8 + 16 * 4)], "x and y"


def test_the_estimate_counts_the_networks_that_a_trainer_has(tmp_path: Path) -> None:
    trainer = Trainer(CONFIG, [make_store(tmp_path / "store")])
    g, d = (4 * sum(p.numel() for p in m.parameters()) for m in (trainer.generator, trainer.discriminator))
    need = estimate(CONFIG, "cpu", torch.float32)
    assert need.networks == 5 * g + 4 * d and need.state == 4 * g + 3 * d


def test_a_step_needs_more_for_more_or_larger_patches_and_less_in_half_precision() -> None:
    def step(dtype: torch.dtype = torch.float32, **changes: int) -> float:
        return estimate(replace(CONFIG, **changes), "cpu", dtype).step

    assert step(places=4) == pytest.approx(2 * step(), rel=0.2)
    assert 2 * step() < step(patch=64) < 4.5 * step()
    assert step(torch.bfloat16) < 0.8 * step()
    assert estimate(replace(CONFIG, places=4), "cpu", torch.float32, ranks=2).step == step()


def test_a_run_that_fits_is_told_what_it_needs(tmp_path: Path) -> None:
    lines = examine(CONFIG, "tiny", "cpu", tmp_path / "new" / "run")
    assert lines[-1] == "It fits." and any("memory: about" in line for line in lines) and any("disk" in line for line in lines)


def test_too_little_memory_is_said_with_a_preset_that_fits(tmp_path: Path) -> None:
    with pytest.raises(GantlitzError, match=r"needs about .* GB of memory; .* free. (Preset (L|S|XS) fits|None of)") as refused:
        examine(replace(CONFIG, subjects=4_000_000, places=4), "tiny", "cpu", tmp_path)
    assert refused.value.code == "out-of-memory"


def sized(memory: float) -> TrainConfig:
    """Settings that are estimated to need about so many bytes on the CPU."""
    one, two = (estimate(replace(CONFIG, subjects=n), "cpu", choose_dtype("auto", "cpu")).total for n in (64, 128))
    return replace(CONFIG, subjects=round(64 * (1 + (memory - one) / (two - one))))


def test_training_that_may_run_out_of_memory_says_so_and_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    between = (free_memory("cpu") + total_memory("cpu")) / 2
    check_memory(sized(between), "tiny", "cpu", Ranks())
    assert "Preset tiny with patches of 32 texels needs about" in (said := capsys.readouterr().err) and "are free. Preset" in said
    check_memory(CONFIG, "tiny", "cpu", Ranks())
    assert capsys.readouterr().err == "", "nothing to say"


def test_training_that_needs_more_than_there_is_is_refused_with_a_preset_that_fits() -> None:
    config = sized(1.5 * total_memory("cpu"))
    with pytest.raises(
        GantlitzError, match=r"needs about .* of memory for 2 processes; there are .* GB\. (Preset (L|S|XS) fits|None of)"
    ) as refused:
        check_memory(config, "tiny", "cpu", Ranks(0, 2, here=2))
    assert refused.value.code == "out-of-memory"


def test_train_refuses_before_anything_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = make_store(tmp_path / "store")
    sizes = ["model.width=192", "model.height=128", "model.levels=2", "model.channels=[16,16]", "model.mean_level=2"]
    sizes += ["model.component_level=2", "model.mask_level=2", "model.global_channels=[16,16]", "schedule=[[1,[1]]]"]
    settings = [word for setting in [*sizes, "subjects=4000000"] for word in ("--set", setting)]
    assert main(["train", str(store.folder), "--outdir", str(tmp_path / "run"), "--device", "cpu", *settings]) == 1
    assert "of memory; there are" in capsys.readouterr().err and not (tmp_path / "run").exists()


def test_too_little_disk_is_said(tmp_path: Path) -> None:
    with pytest.raises(GantlitzError, match="Make room") as refused:
        examine(replace(CONFIG, steps=10**13), "tiny", "cpu", tmp_path)
    assert refused.value.code == "disk-full"


@pytest.mark.parametrize("spelling", ["--outdir", "--run"])
def test_the_runs_folder_has_two_spellings(spelling: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--device", "cpu", spelling, str(tmp_path / "run")]) == 0
    assert f"free in {tmp_path / 'run'}" in capsys.readouterr().out
    assert main(["train", str(tmp_path / "none"), "--device", "cpu", spelling, str(tmp_path / "run")]) == 1
    assert f"{tmp_path / 'none'}" in capsys.readouterr().err, "read as it should be, it is the store that is refused"
