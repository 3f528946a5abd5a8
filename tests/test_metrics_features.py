"""Texture features: what they see of a patch, without learnt weights."""

import pytest
import torch

from gantlitz_blender.runtime.model.config import MODALITIES
from gantlitz_blender.runtime.octaves import octaves_of
from trainer.metrics.features import CHANNELS, PAIRS_OF_CHANNELS, TextureFeatures

SIDE = 32


@pytest.fixture
def patches():
    return torch.randn(3, CHANNELS, SIDE, SIDE, generator=torch.Generator().manual_seed(0))


def test_they_are_the_same_every_time(patches):
    assert torch.equal(TextureFeatures(SIDE)(patches), TextureFeatures(SIDE)(patches))


def test_every_feature_belongs_to_one_modality_or_to_the_agreement(patches):
    extractor = TextureFeatures(SIDE)
    parts = [extractor.columns(name) for name in (*[m.name for m in MODALITIES], "agreement")]
    assert torch.equal(torch.cat(parts).sort().values, extractor.columns("joint"))
    assert extractor(patches).shape == (3, len(extractor.columns("joint")))


@pytest.mark.parametrize("m", MODALITIES, ids=lambda m: m.name)
def test_a_change_of_one_map_leaves_the_features_of_the_others(patches, m):
    extractor, before = TextureFeatures(SIDE), 0
    for other in MODALITIES:
        if other is m:
            break
        before += other.channels
    changed = patches.clone()
    changed[:, before : before + m.channels] *= 2
    moved = (extractor(changed) != extractor(patches)).any(dim=0)
    for other in MODALITIES:
        assert bool(moved[extractor.columns(other.name)].any()) == (other is m)


def test_the_pyramid_holds_all_of_the_picture(patches):
    first, second = octaves_of(patches, 2)[:-1]
    whole = torch.nn.functional.avg_pool2d(patches, 4)
    for band in (second, first):
        whole = torch.nn.functional.interpolate(whole, scale_factor=2, mode="bilinear", align_corners=False) + band
    assert torch.allclose(whole, patches, atol=1e-5)


def test_equal_channels_are_seen_as_correlated_and_independent_ones_as_not(patches):
    extractor = TextureFeatures(SIDE)
    twins = patches.clone()
    twins[:, 1] = twins[:, 0]
    agreement = extractor(twins)[:, extractor.columns("agreement")].view(3, extractor.bands, -1)
    of_twins = agreement[..., 0]
    assert PAIRS_OF_CHANNELS[0].tolist() == [0, 1]
    assert (of_twins > 0.99).all() and (agreement[..., 1:].mean().abs() < 0.1)


def test_doubling_the_relief_adds_the_logarithm_of_four_to_its_energies(patches):
    extractor = TextureFeatures(SIDE)
    change = extractor(2 * patches) - extractor(patches)
    per_channel = change[:, : len(extractor.columns("specular"))]
    assert torch.isclose(per_channel, torch.tensor(4.0).log(), atol=1e-3).sum(dim=1).eq(8 * extractor.bands).all()
