"""What a run needs, said before it is begun."""

from dataclasses import replace
from pathlib import Path

import pytest

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.face_model import choose_dtype
from tests.tiny_run import CONFIG, make_store
from trainer.__main__ import main
from trainer.distributed import Ranks
from trainer.doctor import Memory, check_memory, examine
from trainer.memory import estimate
from trainer.presets import PRESETS

ROOMY = Memory(8e9, 16e9)
HUGE = replace(CONFIG, subjects=4_000_000)


def test_a_run_that_fits_is_told_what_it_needs(tmp_path: Path) -> None:
    lines = examine(CONFIG, "tiny", "cpu", tmp_path / "new" / "run", ROOMY)
    assert lines[-1] == "It fits." and any("memory: about" in line for line in lines) and any("disk" in line for line in lines)


def test_too_little_memory_is_said_with_a_preset_that_fits(tmp_path: Path) -> None:
    with pytest.raises(GantlitzError, match=r"needs about .* GB of memory; 1 GB are free\. None of") as refused:
        examine(CONFIG, "tiny", "cpu", tmp_path, Memory(1e9, 16e9))
    assert refused.value.code == "out-of-memory"


def need() -> float:
    """Bytes that HUGE is estimated to need on the CPU."""
    return estimate(HUGE, "cpu", choose_dtype("auto", "cpu")).total


def test_training_that_may_run_out_of_memory_says_so_and_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    check_memory(HUGE, "tiny", "cpu", Ranks(), Memory(0.9 * need(), 1.1 * need()))
    said = capsys.readouterr().err
    assert "Preset tiny with patches of 32 texels needs about" in said and "are free. Preset L fits" in said
    check_memory(HUGE, "tiny", "cpu", Ranks(), Memory(1.1 * need(), 2 * need()))
    assert capsys.readouterr().err == "", "nothing to say"


def test_training_that_needs_more_than_there_is_is_refused() -> None:
    memory = Memory(0.5 * need(), 0.9 * need())
    with pytest.raises(GantlitzError, match=r"needs about .* for 2 processes; there are .* GB\. Preset L fits") as refused:
        check_memory(HUGE, "tiny", "cpu", Ranks(0, 2, here=2), memory)
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
        examine(replace(CONFIG, steps=10**13), "tiny", "cpu", tmp_path, ROOMY)
    assert refused.value.code == "disk-full"


@pytest.mark.parametrize("spelling", ["--outdir", "--run"])
def test_the_runs_folder_has_two_spellings(
    spelling: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PRESETS, "tiny", CONFIG)
    main(["doctor", "--preset", "tiny", "--device", "cpu", spelling, str(tmp_path / "run")])  # whether it fits or not
    assert f"free in {tmp_path / 'run'}" in capsys.readouterr().out
    assert main(["train", str(tmp_path / "none"), "--device", "cpu", spelling, str(tmp_path / "run")]) == 1
    assert f"{tmp_path / 'none'}" in capsys.readouterr().err, "read as it should be, it is the store that is refused"
