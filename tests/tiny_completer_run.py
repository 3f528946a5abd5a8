"""The smallest training of a completer that goes through everything."""

from tests.tiny_completer import TINY
from tests.tiny_run import HEIGHT, WIDTH
from trainer.completer.config import CompleterTrainConfig

NET = type(TINY)(width=WIDTH, height=HEIGHT, levels=2, channels=(12, 8), coarse_channels=8, carry=3, mask_level=1)
CONFIG = CompleterTrainConfig(
    NET, steps=8, patch=32, batch=2, schedule=((1.0, (0.6, 0.4)),), d_channels=(8, 8, 8), adversarial=0.1, r1_every=2,
    snapshot_every=4,
)  # fmt: skip
