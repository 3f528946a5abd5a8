"""The discriminator judges a patch together with its place and with what is present."""

import pytest
import torch

from trainer.discriminator import Discriminator, encode_location


@pytest.fixture(scope="module")
def judge() -> Discriminator:
    torch.manual_seed(0)
    return Discriminator((16, 16, 16), patch=16, group=2, levels=4).requires_grad_(False)


def inputs(n: int = 4) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    return torch.randn(n, 7, 16, 16), torch.ones(n, 4), torch.tensor([[0.25, 0.5, 0.125, 0.125]]).repeat(n, 1)


def test_one_logit_a_patch(judge: Discriminator) -> None:
    assert judge(*inputs()).shape == (4,)


def test_the_place_matters(judge: Discriminator) -> None:
    image, present, box = inputs()
    moved = box + torch.tensor([0.3, 0.0, 0.0, 0.0])
    assert (judge(image, present, box) - judge(image, present, moved)).abs().min() > 1e-3


def test_the_level_matters(judge: Discriminator) -> None:
    image, present, box = inputs()
    coarser = box * torch.tensor([1.0, 1.0, 2.0, 2.0])
    assert (judge(image, present, box) - judge(image, present, coarser)).abs().min() > 1e-3


def test_presence_matters(judge: Discriminator) -> None:
    image, present, box = inputs()
    fewer = present * torch.tensor([1.0, 1.0, 0.0, 1.0])
    assert (judge(image, present, box) - judge(image, fewer, box)).abs().min() > 1e-3


def test_a_group_sees_its_own_spread_and_no_other(judge: Discriminator) -> None:
    image, present, box = inputs()
    other = image.clone()
    other[2:] = torch.randn_like(other[2:])
    torch.testing.assert_close(judge(image, present, box)[:2], judge(other, present, box)[:2])
    twins = image.clone()
    twins[1] = twins[0]
    assert (judge(image, present, box)[0] - judge(twins, present, box)[0]).abs() > 1e-4


def test_a_cell_is_encoded_by_where_it_lies_not_by_its_patch() -> None:
    whole = encode_location(torch.tensor([[0.0, 0.0, 0.5, 0.5]]), 8, 6)
    half = encode_location(torch.tensor([[0.25, 0.0, 0.25, 0.25]]), 4, 6)
    torch.testing.assert_close(whole[0, :-1, :4, 4:], half[0, :-1], atol=1e-5, rtol=0)
