"""The discriminator judges a patch together with its place and with what is present."""

import pytest
import torch

from trainer.discriminator import (
    LOCATION_CHANNELS,
    Discriminator,
    block_widths,
    encode_location,
    finite_differences,
    minibatch_spread,
)


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


def test_plain_coordinates_and_no_place_at_all() -> None:
    box = torch.tensor([[0.25, 0.5, 0.25, 0.125]])
    plain = encode_location(box, 2, 4, "uv")[0]
    torch.testing.assert_close(plain[0, 0], torch.tensor([-0.375, -0.125]))  # u of the two columns, 0 in the middle of the canvas
    torch.testing.assert_close(plain[1, :, 0], torch.tensor([0.0625, 0.1875]))  # v of the two rows
    assert (plain[2] == -0.5).all(), "log2 of a quarter, over 4 levels"
    torch.testing.assert_close(encode_location(box, 2, 4, "none")[0], plain[2:])


def test_without_a_place_it_judges_alike_everywhere_but_not_at_every_level() -> None:
    torch.manual_seed(0)
    blind = Discriminator((16, 16, 16), patch=16, group=2, levels=4, location="none").requires_grad_(False)
    image, present, box = inputs()
    torch.testing.assert_close(blind(image, present, box + torch.tensor([0.3, 0.1, 0.0, 0.0])), blind(image, present, box))
    coarser = box * torch.tensor([1.0, 1.0, 2.0, 2.0])
    assert (blind(image, present, box) - blind(image, present, coarser)).abs().min() > 1e-3


def test_a_place_that_lies_beside_the_image_enters_the_first_layer_alone() -> None:
    torch.manual_seed(0)
    early = Discriminator((16, 16, 16), patch=16, group=2, levels=4, late=False).requires_grad_(False)
    assert early.stem.weight.shape[1] == 7 + 4 + 2 + LOCATION_CHANNELS["sinusoidal"]
    assert not [name for name, _ in early.named_parameters() if "location" in name]
    image, present, box = inputs()
    moved = box + torch.tensor([0.3, 0.0, 0.0, 0.0])
    assert (early(image, present, box) - early(image, present, moved)).abs().min() > 1e-3


def test_flags_and_differences_can_be_left_out() -> None:
    torch.manual_seed(0)
    plain = Discriminator((16, 16), patch=8, group=2, levels=4, presence=False, slopes=False).requires_grad_(False)
    image, present, box = inputs()
    assert plain.stem.weight.shape[1] == 7
    crop = image[..., :8, :8]
    torch.testing.assert_close(plain(crop, present, box), plain(crop, 0 * present, box))


def test_differences_are_those_of_a_normal_of_the_displacement() -> None:
    rows, cols = torch.meshgrid(torch.arange(6.0), torch.arange(5.0), indexing="ij")
    slopes = finite_differences((3 * cols + 10 * rows)[None, None])[0, :, 1:-1, 1:-1]
    assert (slopes[0] == -6).all(), "rises to the right: the normal leans left"
    assert (slopes[1] == 20).all(), "rises downward: the normal leans up"


def test_the_minibatch_spread_by_hand() -> None:
    x = torch.zeros(4, 1, 1, 2)
    x[0], x[1] = torch.tensor([1.0, 0.0]), torch.tensor([3.0, 0.0])  # standard deviations 1 and 0, of a group of two
    x[2:] = 5.0
    spread = minibatch_spread(x, 2)
    assert spread.shape == (4, 1, 1, 2)
    torch.testing.assert_close(spread[:, 0, 0, 0], torch.tensor([0.5, 0.5, 0.0, 0.0]), atol=2e-4, rtol=0)


def test_a_larger_patch_is_halved_down_to_four_texels() -> None:
    assert block_widths((16, 32, 64), 16) == (16, 32, 64)
    assert block_widths((16, 32), 64) == (16, 32, 32, 32, 32)
    assert block_widths((16, 32, 64, 64), 16) == (16, 32, 64, 64), "what is given is kept"
