"""Path lengths are gradients' lengths, averages are kept for each level, and the generator can be differentiated twice."""

import json

import torch

from gantlitz_blender.runtime.model.noise import HashNoise
from gantlitz_blender.runtime.model.rects import Rect
from tests.tiny_model import TINY, tiny_generator
from trainer.distributed import Ranks
from trainer.patches import ALL, PAIRS
from trainer.path_length import PathLength, path_lengths


def test_of_a_linear_generator() -> None:
    rng = torch.Generator().manual_seed(0)
    w = torch.randn(2, 3, 4, generator=rng, requires_grad=True)
    matrix, noise = torch.randn(3, 4, 5, generator=rng), torch.randn(2, 5, generator=rng)
    pictures = torch.einsum("nld,ldk->nk", w, matrix)
    for used in (3, 2):
        gradients = [[matrix[level] @ noise[face] for level in range(used)] for face in range(2)]
        expected = [(sum(g.square().sum() for g in face) / used) ** 0.5 for face in gradients]
        torch.testing.assert_close(path_lengths(pictures, noise, w, used, Ranks()), torch.stack(expected))


def test_of_a_generator_that_does_not_look_at_w() -> None:
    w, weight = torch.ones(2, 3, 4, requires_grad=True), torch.zeros(4, 5, requires_grad=True)
    lengths = path_lengths(w.sum(dim=1) @ weight, torch.ones(2, 5), w, 3, Ranks())
    lengths.square().mean().backward()
    assert lengths.max() < 1e-3 and weight.grad is not None and torch.isfinite(weight.grad).all()


def test_lengths_are_held_to_the_moving_average_of_their_own_level_and_modalities() -> None:
    path = PathLength()
    lengths = torch.tensor([1.0, 3.0])
    torch.testing.assert_close(path.penalty(lengths, 0, ALL), (lengths - 0.02).square().mean())
    for _ in range(1000):
        path.penalty(lengths, 0, ALL)
    torch.testing.assert_close(path.penalty(lengths, 0, ALL), torch.tensor(1.0), atol=1e-3, rtol=0)
    for other in ((3, ALL), (0, PAIRS[0]), (0, PAIRS[1])):
        torch.testing.assert_close(path.penalty(lengths, *other), (lengths - 0.02).square().mean(), msg=str(other))


def test_averages_go_on_after_a_trip_through_json_to_the_last_bit() -> None:
    path, again = PathLength(), PathLength()
    path.penalty(torch.tensor([0.1, 0.7]), 2, ALL)
    again.from_dict(json.loads(json.dumps(path.to_dict())))
    for one in (path, again):
        one.penalty(torch.tensor([1 / 3]), 2, ALL)
        one.penalty(torch.tensor([1 / 7]), 0, PAIRS[0])
    assert path.to_dict() == again.to_dict() and len(path.to_dict()) == 2


def test_averages_of_levels_alone_as_older_states_have_them_begin_anew() -> None:
    path = PathLength()
    path.from_dict({"0": 2.0, "3": 1.0})
    assert path.means == {}


def test_the_generator_can_be_differentiated_twice() -> None:
    generator = tiny_generator().requires_grad_(True)
    z = torch.randn(1, TINY.z_dim, generator=torch.Generator().manual_seed(0))
    w = generator.mapping(z)[:, None].expand(-1, TINY.styles, -1)
    maps = generator(w, 2, [Rect(8, 8, 24, 24)], HashNoise(0))
    pictures = torch.cat(list(maps.values()), dim=1)
    noise = torch.randn(pictures.shape, generator=torch.Generator().manual_seed(1)) / 16
    lengths = path_lengths(pictures, noise, w, TINY.style_of(2) + 1, Ranks())
    assert (lengths > 0).all()
    lengths.square().mean().backward()
    for parameter in (generator.patch_stage.convs(2)[0].weight, generator.mapping.layers[0].weight, generator.embedding["albedo"]):
        assert parameter.grad is not None and torch.isfinite(parameter.grad).all() and parameter.grad.abs().max() > 0
