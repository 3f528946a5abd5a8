"""x2 upsampling is the filter it claims to be."""

import numpy as np
import pytest
import torch
from scipy.signal import upfirdn

from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.model.resample import upsample2, upsample2_exact

FIR = np.array([1, 3, 3, 1]) / 4


@pytest.mark.parametrize("upsample", [upsample2, upsample2_exact])
def test_x2_upsampling_is_the_1_3_3_1_filter(upsample) -> None:
    x = torch.randn(2, 3, 9, 12, generator=torch.Generator().manual_seed(0))
    expected = upfirdn(FIR, upfirdn(FIR, x.numpy(), up=2, axis=-1), up=2, axis=-2)  # texel (0, 0) lies at its (1, 1)
    inside = Rect(1, 3, 14, 20)  # at odd places, away from the border that a filter pads
    got = upsample(x, Rect(0, 0, 9, 12), inside)
    np.testing.assert_allclose(got, expected[..., 2:15, 4:21], atol=1e-6)
