"""A mixed face takes each style level's w from the right z."""

import torch

from trainer.mixing import draw_crossovers, mix_styles


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_levels_before_the_crossover_are_the_first_face_and_the_others_the_second() -> None:
    first, second = torch.randn(3, 8, generator=rng()), torch.randn(3, 8, generator=rng(1))
    mixed = mix_styles(first, second, torch.tensor([1, 4, 6]), styles=6)
    for face, crossover in enumerate((1, 4, 6)):
        for level in range(6):
            assert torch.equal(mixed[face, level], (first if level < crossover else second)[face]), (face, level)


def test_crossovers_are_uniform_over_the_levels_in_use_and_as_frequent_as_asked() -> None:
    drawn = draw_crossovers(20_000, 0.9, 5, rng())
    share = torch.bincount(drawn, minlength=6) / len(drawn)
    torch.testing.assert_close(share, torch.tensor([0, 0.225, 0.225, 0.225, 0.225, 0.1]), atol=0.015, rtol=0)


def test_a_single_level_cannot_be_mixed() -> None:
    assert (draw_crossovers(50, 1.0, 1, rng()) == 1).all()
