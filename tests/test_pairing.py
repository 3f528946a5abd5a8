"""Faces that stand for people of a store: whose coefficients they have, and what a step makes of them."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.noise import HashNoise
from gantlitz_blender.runtime.model.rects import Rect
from tests.tiny_run import CONFIG as TINY_RUN
from tests.tiny_run import HEIGHT, WIDTH, make_store
from trainer.draws import Draws
from trainer.losses import likeness_loss
from trainer.pairing import canvas_pictures, stand_in
from trainer.state import last_state, read_tensors
from trainer.store import Store
from trainer.trainer import Trainer
from trainer.training_loop import train

CONFIG = replace(
    TINY_RUN, model=replace(TINY_RUN.model, component_level=1, mean_level=1, components=6), canvas_lr=0.0, paired=1.0,
    all_modalities_p=1.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    torch.set_num_threads(1)
    return make_store(tmp_path_factory.mktemp("store") / "store", subjects=6)


@pytest.fixture(scope="module")
def trainer(store: Store) -> Trainer:
    return Trainer(CONFIG, [store])


def test_the_canvas_alone_is_what_an_untrained_generator_shows(trainer: Trainer) -> None:
    g = trainer.generator
    w = g.mapping(torch.randn(2, CONFIG.model.z_dim, generator=torch.Generator().manual_seed(0)))
    with torch.no_grad():
        shown = g(w, 1, [Rect(0, 0, HEIGHT // 2, WIDTH // 2)], HashNoise(0, 0.0), ["albedo"])["albedo"]
        alone = canvas_pictures(g, g.canvas.coefficients(w))[:, :3]
    torch.testing.assert_close(shown, alone, rtol=0, atol=1e-4)


def test_a_stand_in_has_the_persons_coefficients_and_keeps_the_rest_of_w(trainer: Trainer) -> None:
    g = trainer.generator
    with torch.no_grad():
        w = g.mapping(torch.randn(3, CONFIG.model.z_dim, generator=torch.Generator().manual_seed(0)))
        wanted = torch.randn(3, 6, generator=torch.Generator().manual_seed(1)).clamp(-2, 2)
        moved = stand_in(g.canvas, w, wanted)
    torch.testing.assert_close(g.canvas.coefficients(moved), wanted, rtol=0, atol=1e-3)
    own = torch.linalg.pinv(g.canvas.projection) @ g.canvas.projection  # onto what the canvas reads of w
    torch.testing.assert_close(moved - moved @ own.T, w - w @ own.T, rtol=0, atol=1e-4)
    torch.testing.assert_close(stand_in(g.canvas, moved, wanted), moved, rtol=0, atol=1e-4)


def test_a_persons_coefficients_show_that_person_on_the_canvas(trainer: Trainer, store: Store) -> None:
    people = [(i, mirrored) for i in range(len(store)) for mirrored in (False, True)]
    a = trainer.people.coefficients(1, people)
    assert a.shape == (12, 6) and a.abs().max() <= 2.5
    with torch.no_grad():
        shown = canvas_pictures(trainer.generator, a)[:, :3]
    inside = torch.from_numpy(store.mask_at(1) > 0.5)
    sampler = trainer.sampler
    real = torch.stack([torch.from_numpy((store.subject(i, 1, m) - sampler.mean) / sampler.sigma)[:3] for i, m in people])
    apart = (shown[:, None] - real[None])[..., inside].square().mean(dim=(2, 3))
    assert (apart.argmin(dim=0) == torch.arange(12)).all(), "each is nearest to its own picture"


def test_a_paired_step_has_the_same_people_at_every_place_and_makes_their_stand_ins(trainer: Trainer, store: Store) -> None:
    batch = trainer.draw(0)
    assert len(batch.people) == CONFIG.subjects
    for i, place in enumerate(batch.places):
        for j, (index, mirrored) in enumerate(batch.people):
            maps = store.read(index, batch.level, place, mirrored)
            there = torch.from_numpy((maps - trainer.sampler.mean) / trainer.sampler.sigma)
            row = i * CONFIG.subjects + j
            torch.testing.assert_close(batch.real[row], there * batch.mask[row], rtol=0, atol=1e-5)
    unpaired = Trainer(replace(CONFIG, paired=0.0), [store]).draw(0)
    assert not unpaired.people


def test_stand_ins_are_more_like_their_people_than_like_others(trainer: Trainer) -> None:
    """Before training, when the canvas is all there is; later steps train what it does not hold."""
    own, other = 0.0, 0.0
    for step in range(8):
        batch = trainer.draw(step)
        with torch.no_grad():
            fake = trainer.fake(batch, Draws(CONFIG.seed, step, trainer.places))
        real = batch.real.view(-1, CONFIG.subjects, *batch.real.shape[1:])
        own += float(likeness_loss(fake, batch.real))
        other += float(likeness_loss(fake, real.flip(1).flatten(0, 1)))
    assert own < 0.9 * other


def test_people_of_a_coarser_store_are_found_by_what_all_stores_show(store: Store, tmp_path: Path) -> None:
    """The canvas is fitted to the store with the most people; here that is the finer one."""
    coarse = make_store(tmp_path / "coarse", subjects=3, level=1)
    trainer = Trainer(CONFIG, [coarse, store])
    for level in (0, 1):
        people = [(i, False) for i in range(3)]
        a = trainer.people.coefficients(level, people)
        assert torch.isfinite(a).all() and a.std(dim=0).max() > 0.1
        assert trainer.sampler.store_for(level) is (coarse if level else store)


def test_paired_runs_log_their_likeness_and_resume_bit_identical(store: Store, tmp_path: Path) -> None:
    config = replace(CONFIG, paired=0.5, steps=4, snapshot_every=2, path_weight=0.0)
    seen: list[dict] = []
    train(config, [store], tmp_path / "once", "cpu", on_rows=seen.extend)
    assert {"unlike" in row for row in seen} == {True, False}
    train(replace(config, steps=2), [store], tmp_path / "twice", "cpu")
    train(config, [store], tmp_path / "twice", "cpu")
    once, twice = (read_tensors(last_state(tmp_path / run))["generator"] for run in ("once", "twice"))
    assert all(torch.equal(tensor, twice[name]) for name, tensor in once.items())


def test_a_run_cannot_begin_to_be_paired_on_the_way(store: Store, tmp_path: Path) -> None:
    train(replace(CONFIG, paired=0.5, steps=1), [store], tmp_path / "run", "cpu")
    with pytest.raises(GantlitzError, match=r"another model: paired was 0\.5 and is 0\.0"):
        train(replace(CONFIG, paired=0.0, steps=2), [store], tmp_path / "run", "cpu")
    train(replace(CONFIG, paired=0.25, steps=2), [store], tmp_path / "run", "cpu")


@pytest.mark.parametrize("changes", ({"canvas_lr": 0.1}, {"model": replace(CONFIG.model, components=0)}))
def test_pairing_needs_an_identity_canvas_that_stays(changes: dict) -> None:
    with pytest.raises(GantlitzError, match="paired finds people by the identity canvas"):
        replace(CONFIG, **changes)


def test_pairing_needs_the_mean_where_the_components_are() -> None:
    with pytest.raises(GantlitzError, match="canvas's mean at level 1, and it ends at 2"):
        replace(CONFIG, model=replace(CONFIG.model, mean_level=2))


def test_a_store_too_small_to_find_people_in_is_named(store: Store, tmp_path: Path) -> None:
    tiny = make_store(tmp_path / "tiny", level=2)
    with pytest.raises(GantlitzError, match=r"level 1, which the store .*tiny is too small for"):
        Trainer(CONFIG, [store, tiny])
