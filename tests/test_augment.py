"""The mid-band filter hides random frequencies from the discriminator without leaking into the generator."""

import torch

from trainer.augment.bands import band_filter, band_gain


def patches(n: int = 4, size: int = 64) -> torch.Tensor:
    return torch.randn(n, 7, size, size, generator=torch.Generator().manual_seed(0))


def test_with_p_zero_nothing_changes() -> None:
    x = patches()
    torch.testing.assert_close(band_filter(x, 0.0, [torch.Generator().manual_seed(1)]), x, atol=1e-5, rtol=0)


def test_the_mean_is_always_kept() -> None:
    x = patches()
    y = band_filter(x, 1.0, [torch.Generator().manual_seed(1)])
    torch.testing.assert_close(y.mean(dim=(2, 3)), x.mean(dim=(2, 3)), atol=1e-5, rtol=0)
    assert (y - x).abs().max() > 0.1


def test_no_frequency_is_hidden_on_average() -> None:
    rng = torch.Generator().manual_seed(2)
    impulse = torch.zeros(2000, 1, 32, 32)
    impulse[:, :, 0, 0] = 1.0
    mean_gain = torch.fft.rfft2(band_filter(impulse, 0.85, [rng])).real.mean(dim=(0, 1))
    assert mean_gain.min() > 0.15
    assert mean_gain.max() < 1.3


def test_the_gain_is_a_bell_over_octaves() -> None:
    gain = band_gain(64, torch.tensor([3.0]), torch.tensor([0.2]), torch.device("cpu"))[0]
    assert gain[0, 0] == 1
    torch.testing.assert_close(gain[0, 8], torch.tensor(0.2))
    assert gain[0, 1] > 0.99
    assert gain[0, 32] > 0.95
    torch.testing.assert_close(gain[8, 0], gain[0, 8])


def test_gradients_flow_through_it() -> None:
    x = patches().requires_grad_(True)
    band_filter(x, 0.85, [torch.Generator().manual_seed(3)]).square().sum().backward()
    assert x.grad is not None
    assert torch.isfinite(x.grad).all()
