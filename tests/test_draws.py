"""The random numbers of a step: by place, and the same however the places are shared."""

import torch

from gantlitz_blender.runtime.model.rects import Rect
from trainer.draws import FIRST_OF_PATCHES, Draws

RECT = Rect(0, 0, 6, 6)


def test_noise_is_the_same_for_all_modalities_and_new_in_each_layer_and_place() -> None:
    draws = Draws(0, 0, range(2))
    noise = draws(FIRST_OF_PATCHES, [RECT, RECT], 3)
    assert noise.shape == (6, 1, 6, 6)
    assert draws(FIRST_OF_PATCHES, [RECT, RECT], 3) is noise
    assert not torch.equal(draws(FIRST_OF_PATCHES + 1, [RECT, RECT], 3), noise)
    assert not torch.equal(noise[:3], noise[3:])


def test_who_has_some_of_the_places_draws_what_is_drawn_for_them_among_all() -> None:
    both, second = Draws(4, 7, range(2)), Draws(4, 7, range(1, 2))
    assert torch.equal(both(FIRST_OF_PATCHES - 1, [RECT], 3), second(FIRST_OF_PATCHES - 1, [RECT], 3)), "the global stage's"
    assert torch.equal(both(FIRST_OF_PATCHES, [RECT, RECT], 3)[3:], second(FIRST_OF_PATCHES, [RECT], 3))


def test_every_seed_and_step_has_numbers_of_its_own() -> None:
    first = [torch.randn(1, generator=Draws(seed, step, range(1)).places[0]).item() for seed in range(3) for step in range(3)]
    assert len(set(first)) == 9
