"""Models come from safetensors files alone; anything else is refused in one sentence."""

import json
import pickle
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model import checkpoint
from gantlitz_blender.runtime.model.config import ModelConfig
from tests.tiny_model import TINY, tiny_generator


def rewritten(source: Path, target: Path, **header: str) -> Path:
    with safe_open(source, framework="pt") as file:
        fields = dict(file.metadata())
    save_file(load_file(source), target, fields | header)
    return target


def refused(path: Path) -> GantlitzError:
    with pytest.raises(GantlitzError) as caught:
        checkpoint.load(path)
    assert path.name in caught.value.sentence
    assert caught.value.fix
    return caught.value


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    generator = tiny_generator()
    checkpoint.save(tmp_path / "m.safetensors", generator, {"steps": 3}, "CC0-1.0")
    loaded, header = checkpoint.load(tmp_path / "m.safetensors")
    assert loaded.config == TINY
    assert json.loads(header["provenance"]) == {"steps": 3}
    assert header["licence"] == "CC0-1.0"
    for name, tensor in generator.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], tensor, atol=1e-3, rtol=1e-3, msg=name)
    assert torch.equal(loaded.std_sigma, generator.std_sigma)
    assert [p.name for p in tmp_path.iterdir()] == ["m.safetensors"]


def test_a_missing_file(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.safetensors").code == "model-not-found"


def test_a_truncated_file(tmp_path: Path, tiny_model_path: Path) -> None:
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(tiny_model_path.read_bytes()[:-1000])
    assert refused(cut).code == "model-broken"


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple:
            return (Path.touch, (tmp_path / "sprung",))

    path = tmp_path / "trap.safetensors"
    path.write_bytes(pickle.dumps(Trap()))
    assert refused(path).code == "model-broken"
    torch.save({"x": Trap()}, path)
    assert refused(path).code == "model-broken"
    assert not (tmp_path / "sprung").exists()


def test_another_safetensors_file(tmp_path: Path) -> None:
    save_file({"x": torch.zeros(1)}, tmp_path / "other.safetensors")
    assert refused(tmp_path / "other.safetensors").code == "model-wrong"


def test_a_newer_format(tmp_path: Path, tiny_model_path: Path) -> None:
    newer = rewritten(tiny_model_path, tmp_path / "newer.safetensors", format="99")
    assert refused(newer).code == "model-newer"


def test_a_config_of_the_future(tmp_path: Path, tiny_model_path: Path) -> None:
    config = json.dumps(TINY.to_dict() | {"holography": True})
    with pytest.raises(GantlitzError, match="holography"):
        checkpoint.load(rewritten(tiny_model_path, tmp_path / "future.safetensors", config=config))


def test_weights_that_do_not_fit_the_config(tmp_path: Path, tiny_model_path: Path) -> None:
    config = json.dumps(TINY.to_dict() | {"w_dim": 32})
    assert refused(rewritten(tiny_model_path, tmp_path / "misfit.safetensors", config=config)).code == "model-broken"


@pytest.mark.parametrize(
    "config",
    [
        [1, 2],
        "config",
        TINY.to_dict() | {"levels": "6"},
        TINY.to_dict() | {"levels": True},
        TINY.to_dict() | {"levels": 0},
        TINY.to_dict() | {"w_dim": -5},
        TINY.to_dict() | {"w_dim": 16.0},
        TINY.to_dict() | {"w_dim": 10**12},
        TINY.to_dict() | {"channels": 16},
        TINY.to_dict() | {"channels": [16, 16, None, 16]},
        TINY.to_dict() | {"global_channels": []},
        TINY.to_dict() | {"noise_maps": None},
        TINY.to_dict() | {"width": 1000},
        TINY.to_dict() | {"mask_level": 60},
    ],
)
def test_a_damaged_config(tmp_path: Path, tiny_model_path: Path, config: object) -> None:
    damaged = rewritten(tiny_model_path, tmp_path / "damaged.safetensors", config=json.dumps(config))
    assert refused(damaged).code == "model-broken"


def test_a_config_nested_beyond_reading(tmp_path: Path, tiny_model_path: Path) -> None:
    damaged = rewritten(tiny_model_path, tmp_path / "damaged.safetensors", config="[" * 100000)
    assert refused(damaged).code == "model-broken"


def test_a_config_survives_json() -> None:
    assert ModelConfig.from_dict(json.loads(json.dumps(TINY.to_dict()))) == TINY


def test_a_canvas_that_does_not_fit_its_levels_is_refused() -> None:
    with pytest.raises(GantlitzError, match="1000 x 512"):
        ModelConfig(width=1000, height=512)
