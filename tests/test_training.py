"""From a captured store to a model: patches, starting statistics, steps, exact resume and export. All of it real, and small."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.model.config import channels_of
from gantlitz_blender.runtime.model.noise import HashNoise
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.recipe import Recipe
from tests.tiny_model import TINY
from trainer.capture import capture_dataset, draw_subject
from trainer.distributed import Ranks
from trainer.doctor import Memory, check_memory
from trainer.draws import Draws
from trainer.export import export_model
from trainer.memory import estimate
from trainer.origin import Origin, is_fitted
from trainer.patches import ALL, PatchSampler
from trainer.presets import PRESETS, TrainConfig, configured
from trainer.state import last_state, read_tensors
from trainer.statistics import normalisation
from trainer.store import KEPT_BYTES, Store
from trainer.store_writer import StoreWriter
from trainer.trainer import Trainer
from trainer.training_loop import train

CONFIG = TrainConfig(
    dataclasses.replace(
        TINY, width=384, height=256, levels=3, channels=(16, 16, 16), mean_level=2, component_level=2, mask_level=2
    ),
    steps=6, patch=32, subjects=2, places=2, schedule=((1.0, (0.6, 0.4)),), d_channels=(16, 16, 16), r1_every=2,
    band_loss=1.0, snapshot_every=3,
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("store")
    capture_dataset(folder, 4, 384, 256, workers=1, progress=False)
    return Store(folder, canvas_width=384)


@pytest.fixture(scope="module")
def finished(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    train(CONFIG, [store], folder, "cpu")
    return folder


def test_coarser_levels_are_area_averages(store: Store) -> None:
    fine, coarse = (store.read(0, level, Rect(0, 0, 256 >> level, 384 >> level)) for level in (0, 2))
    np.testing.assert_allclose(coarse, fine.reshape(7, 64, 4, 96, 4).mean(axis=(2, 4)), atol=2e-3)


def test_a_mirrored_subject_turns_its_normals(store: Store) -> None:
    rect = Rect(100, 60, 132, 92)
    plain, mirrored = store.read(1, 0, Rect(100, 292, 132, 324)), store.read(1, 0, rect, mirrored=True)
    np.testing.assert_array_equal(mirrored[[0, 4, 5, 6]], plain[[0, 4, 5, 6], :, ::-1])
    np.testing.assert_array_equal(mirrored[3], -plain[3, :, ::-1])


def test_a_folder_that_is_no_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GantlitzError, match="not a store"):
        Store(tmp_path)


def test_a_store_of_another_size_is_refused(store: Store) -> None:
    with pytest.raises(GantlitzError, match="384"):
        Store(store.folder, canvas_width=1000)


def test_batches_lie_inside_the_mask_and_name_their_place(store: Store) -> None:
    sampler = PatchSampler([store], CONFIG.model, 32, normalisation([store]))
    batch = sampler.draw(np.random.default_rng(0), 1, places=8, subjects=3, modalities=ALL)
    assert batch.real.shape == (24, 7, 32, 32)
    assert batch.mask.mean(dim=(1, 2, 3)).min() > 0.1
    assert abs(batch.real.std() - 1) < 0.5, "standardised"
    for i, rect in enumerate(batch.places):
        expected = (rect.left / 192, rect.top / 128, 32 / 192, 32 / 128)
        torch.testing.assert_close(batch.box[3 * i], torch.tensor(expected, dtype=batch.box.dtype))


def test_absent_modalities_are_zero_in_real_batches(store: Store) -> None:
    sampler = PatchSampler([store], CONFIG.model, 32, normalisation([store]))
    batch = sampler.draw(np.random.default_rng(0), 0, 2, 2, ("normal", "displacement"))
    assert (batch.real[:, [0, 1, 2, 5]] == 0).all()
    assert (batch.real[:, [3, 4, 6]] != 0).any()
    assert batch.present[0].tolist() == [0, 1, 0, 1]


@pytest.fixture(scope="module")
def mixed(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two full subjects, one of albedo and specular, one of normal and displacement."""
    folder = tmp_path_factory.mktemp("mixed") / "store"
    writer = StoreWriter(folder, 384, 256, layout.mask(384, 256), {"maker": "test"})
    for i, kinds in enumerate((ALL, ALL, ("albedo", "specular"), ("normal", "displacement"))):
        maps = draw_subject(i, 384, 256)
        writer.write(str(i), {kind: getattr(maps, kind) for kind in kinds}, {}, "CC0-1.0")
    return Store(folder, canvas_width=384)


def test_a_subject_without_a_modality_is_zero_there_and_flagged_so(mixed: Store) -> None:
    sampler = PatchSampler([mixed], CONFIG.model, 32, normalisation([mixed]))
    batch = sampler.draw(np.random.default_rng(0), 1, places=1, subjects=4, modalities=ALL)
    assert sorted(batch.present.tolist()) == [[0, 1, 0, 1], [1, 0, 1, 0], [1, 1, 1, 1], [1, 1, 1, 1]]
    for image, flags in zip(batch.real, batch.present, strict=True):
        for name, flag in zip(ALL, flags, strict=True):
            assert (image[channels_of(name)] != 0).any() == bool(flag), name
    pair = sampler.draw(np.random.default_rng(0), 1, places=2, subjects=3, modalities=("albedo", "specular"))
    assert (pair.present == torch.tensor([1, 0, 1, 0])).all(), "who has neither of the two is not drawn"


def test_the_discriminator_sees_the_same_modalities_in_real_and_fake(mixed: Store) -> None:
    trainer = Trainer(CONFIG, [mixed])
    batch = trainer.sampler.draw(np.random.default_rng(0), 1, CONFIG.places, CONFIG.subjects, ALL)
    while batch.present.all():
        batch = trainer.sampler.draw(np.random.default_rng(trainer.step + 1), 1, CONFIG.places, CONFIG.subjects, ALL)
        trainer.step += 1
    fake = trainer.fake(batch, Draws(0, 0, range(CONFIG.places)))
    for real, made, flags in zip(batch.real, fake, batch.present, strict=True):
        for name, flag in zip(ALL, flags, strict=True):
            assert (real[channels_of(name)] != 0).any() == (made[channels_of(name)] != 0).any() == bool(flag), name


def test_what_training_starts_from_comes_from_subjects_that_have_the_channel(mixed: Store, tmp_path: Path) -> None:
    full = StoreWriter(tmp_path / "two", 384, 256, layout.mask(384, 256), {"maker": "test"})
    for i in (0, 1, 3):
        maps = draw_subject(i, 384, 256)
        full.write(str(i), {kind: getattr(maps, kind) for kind in ALL}, {}, "CC0-1.0")
    relief = Store(full.folder, canvas_width=384)  # the three that have a displacement, complete
    some, all_three = Trainer(CONFIG, [mixed]).generator, Trainer(CONFIG, [relief]).generator
    np.testing.assert_allclose(some.std_sigma[[3, 4, 6]], all_three.std_sigma[[3, 4, 6]], rtol=1e-6)
    d = [c for m in CONFIG.model.canvas_modalities for c in [m.name] * m.channels].index("displacement")
    for level, mean in some.canvas.mean.items():
        torch.testing.assert_close(mean[d], all_three.canvas.mean[level][d], atol=1e-5, rtol=0)


def test_a_channel_that_no_subject_of_the_finest_store_has_is_measured_on_the_next(store: Store, tmp_path: Path) -> None:
    writer = StoreWriter(tmp_path / "albedo", 768, 512, layout.mask(768, 512), {"maker": "test"})
    writer.write("0", {"albedo": draw_subject(0, 768, 512).albedo}, {}, "CC0-1.0")
    fine, coarse = Store(writer.folder, canvas_width=768), Store(store.folder, canvas_width=768)
    mean, sigma = normalisation([coarse, fine])
    assert mean[0] == fine.moments()[0][0] and mean[6] == coarse.moments()[0][6] and sigma[6] == coarse.moments()[1][6]
    assert (normalisation([fine])[1][3:] == 1).all()


def test_an_interrupted_run_on_incomplete_subjects_ends_bit_identical(mixed: Store, tmp_path: Path) -> None:
    train(CONFIG, [mixed], tmp_path / "once", "cpu")
    train(dataclasses.replace(CONFIG, steps=3), [mixed], tmp_path / "twice", "cpu")
    train(CONFIG, [Store(mixed.folder, canvas_width=384)], tmp_path / "twice", "cpu")
    for name in ("generator", "discriminator"):
        once, twice = (read_tensors(last_state(tmp_path / run))[name] for run in ("once", "twice"))
        assert all(torch.equal(tensor, twice[key]) for key, tensor in once.items())
        assert all(torch.isfinite(tensor).all() for tensor in once.values())


def test_before_the_first_step_the_generator_is_a_linear_model_of_the_faces(store: Store) -> None:
    trainer = Trainer(CONFIG, [store])
    g = trainer.ema
    maps = g(g.mapping(torch.randn(64, CONFIG.model.z_dim)), 2, [Rect(0, 0, 64, 96)], HashNoise(0, 0.0), ["albedo"])
    mean, sigma = g.normalisation("albedo")
    made = maps["albedo"] * sigma[:, None, None] + mean[:, None, None]
    both = [store.read(i, 2, Rect(0, 0, 64, 96), m)[:3] for i in range(4) for m in (False, True)]
    real = torch.from_numpy(np.stack(both))
    inside = torch.from_numpy(store.mask_at(2) > 0.99)
    assert (made.mean(dim=0) - real.mean(dim=0))[:, inside].abs().mean() < 0.03
    ratio = made.std(dim=0)[:, inside].mean() / real.std(dim=0)[:, inside].mean()
    assert 0.5 < ratio < 1.5, "identities vary as much as the subjects do"


def test_a_step_moves_both_networks_and_reports(store: Store) -> None:
    trainer = Trainer(CONFIG, [store])
    before = {name: [p.clone() for p in m.parameters()] for name, m in trainer.modules.items()}
    row = trainer.train_step()
    assert all(np.isfinite(v) for v in row.values())
    for name in ("generator", "discriminator", "ema"):
        after = trainer.modules[name].parameters()
        assert any(not torch.equal(a, b) for a, b in zip(before[name], after, strict=True)), name


def test_weights_of_convolutions_alone_have_their_channels_last(store: Store) -> None:
    trainer = Trainer(CONFIG, [store])
    for network in (trainer.generator, trainer.discriminator):
        for name, p in network.named_parameters():
            if p.dim() == 4 and p.shape[1] > 1:
                assert p.is_contiguous(memory_format=torch.channels_last) != is_fitted(name), name


def test_a_run_can_start_with_the_networks_of_another_one_refitted_to_its_stores(
    mixed: Store, finished: Path, tmp_path: Path
) -> None:
    begun = Trainer(CONFIG, [mixed], origin=Origin(finished))
    other, plain = read_tensors(last_state(finished))["ema"], Trainer(CONFIG, [mixed]).generator.state_dict()
    for name, tensor in begun.generator.state_dict().items():
        if name not in ("canvas.origin", "canvas.projection"):  # they follow from the mapping that was taken over
            expected = plain if is_fitted(name) else other
            assert torch.equal(tensor.float(), expected[name].float()), name
    train(dataclasses.replace(CONFIG, steps=1), [mixed], tmp_path / "run", "cpu", start=finished)
    train(dataclasses.replace(CONFIG, steps=2), [mixed], tmp_path / "run", "cpu", start=finished)
    entries = json.loads((tmp_path / "run" / "history.json").read_text())
    assert [entry["start"]["step"] for entry in entries] == [6, 6], "a resumed run still says where it came from"


def test_a_start_that_is_no_run_of_this_model_is_refused(store: Store, finished: Path, tmp_path: Path) -> None:
    with pytest.raises(GantlitzError, match="no training state"):
        train(CONFIG, [store], tmp_path / "run", "cpu", start=tmp_path / "nothing")
    other = dataclasses.replace(CONFIG, model=dataclasses.replace(CONFIG.model, channels=(16, 16, 32)))
    with pytest.raises(GantlitzError, match=r"model.channels is \[16,16,16\] there .* --set 'model.channels=\[16,16,16\]'"):
        train(other, [store], tmp_path / "run", "cpu", start=finished)


def test_an_interrupted_run_ends_bit_identical(store: Store, finished: Path, tmp_path: Path) -> None:
    train(dataclasses.replace(CONFIG, steps=3), [store], tmp_path, "cpu")
    train(CONFIG, [store], tmp_path, "cpu")
    for name in ("generator", "ema", "discriminator", "adam_g", "adam_d"):
        once, twice = (read_tensors(last_state(run))[name] for run in (finished, tmp_path))
        assert once.keys() == twice.keys()
        for key, tensor in once.items():
            assert torch.equal(tensor, twice[key]), f"{name} {key}"


PLAIN = dataclasses.replace(
    CONFIG,
    model=dataclasses.replace(
        CONFIG.model, dual_style=False, structural_normal=False, components=0, noise_maps=False, mean_level=CONFIG.model.levels
    ),
    steps=4, snapshot_every=2, path_weight=2.0, path_every=2, style_mixing=0.9, importance="detail",
    d_location="uv", d_presence=False, d_slopes=False, stddev_group=1, band_loss=0.0,
)  # fmt: skip


def test_a_run_with_every_option_changed_trains_and_resumes_bit_identical(store: Store, tmp_path: Path) -> None:
    train(PLAIN, [store], tmp_path / "once", "cpu")
    train(dataclasses.replace(PLAIN, steps=2), [store], tmp_path / "twice", "cpu")
    train(PLAIN, [store], tmp_path / "twice", "cpu")
    once, twice = (read_tensors(last_state(tmp_path / run)) for run in ("once", "twice"))
    for network in ("generator", "ema", "discriminator"):
        for name, tensor in once[network].items():
            assert torch.isfinite(tensor).all() and torch.equal(tensor, twice[network][name]), name
    rows = [json.loads(line) for line in (tmp_path / "once" / "log.jsonl").read_text().splitlines()]
    assert ["path" in row for row in rows] == [True, False, True, False]


def test_a_run_that_was_told_something_new_says_so(store: Store, tmp_path: Path) -> None:
    train(dataclasses.replace(CONFIG, steps=3), [store], tmp_path, "cpu")
    train(dataclasses.replace(CONFIG, steps=4, lr_g=0.001), [store], tmp_path, "cpu")
    history = json.loads((tmp_path / "history.json").read_text())
    assert [(e["from_step"], e["config"]["lr_g"]) for e in history] == [(0, 0.002), (3, 0.001)]
    with pytest.raises(GantlitzError, match="another model"):
        train(dataclasses.replace(CONFIG, model=dataclasses.replace(CONFIG.model, w_dim=32)), [store], tmp_path, "cpu")


def test_what_is_kept_of_every_store_counts_as_memory() -> None:
    one, three = (estimate(CONFIG, "cpu", torch.float32, stores=n).total for n in (1, 3))
    assert three - one == 2 * KEPT_BYTES
    said = Memory(free=one + KEPT_BYTES, total=one + KEPT_BYTES)
    check_memory(CONFIG, "tiny", "cpu", Ranks(), said)
    with pytest.raises(GantlitzError, match="of memory; there are"):
        check_memory(CONFIG, "tiny", "cpu", Ranks(), said, stores=3)


def test_a_level_that_no_store_has_is_named(store: Store) -> None:
    coarse = Store(store.folder, canvas_width=768)
    with pytest.raises(GantlitzError, match="level 0"):
        PatchSampler([coarse], TINY, 32, normalisation([store])).store_for(0)


def test_a_patch_larger_than_a_scheduled_level_is_refused() -> None:
    with pytest.raises(GantlitzError, match="level 1"):
        dataclasses.replace(CONFIG, patch=256)


def test_the_log_has_a_row_a_step(finished: Path) -> None:
    rows = [json.loads(line) for line in (finished / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == list(range(1, 7))
    assert {"g", "d", "r1", "level", "seconds"} <= rows[0].keys()
    assert ["r1" in row for row in rows] == [True, False] * 3, "only where it was computed"


def test_an_exported_run_is_a_model_that_says_how_it_was_made(finished: Path, tmp_path: Path) -> None:
    model = FaceModel.load(export_model(finished, tmp_path / "m.safetensors"), device="cpu")
    assert model.provenance["step"] == 6
    (chapter,) = model.provenance["history"]
    assert chapter["config"]["patch"] == 32
    assert [d["subjects"] for d in chapter["data"]] == [4]
    assert model.licence == "CC0-1.0"
    maps = model.render(Recipe(1))
    assert maps.albedo.std() > 0.02


def test_a_run_without_state_cannot_be_exported(tmp_path: Path) -> None:
    with pytest.raises(GantlitzError, match="no training state"):
        export_model(tmp_path, tmp_path / "m.safetensors")


def test_every_field_of_a_preset_can_be_set() -> None:
    config = configured("XS", ["steps=7", "lr_g=1", "model.w_dim=64", "schedule=[[1.0,[1,0]]]"])
    assert (config.steps, config.lr_g, config.model.w_dim, config.schedule) == (7, 1, 64, ((1.0, (1, 0)),))
    assert config.patch == PRESETS["XS"].patch


@pytest.mark.parametrize("setting", ["stepz=7", "steps=many", 'steps="7"', "model=3", "model.nothing=1"])
def test_settings_that_make_no_sense_are_refused(setting: str) -> None:
    with pytest.raises(GantlitzError):
        configured("XS", [setting])
