"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest

# Side by side, the processes of pytest-xdist share the cores; before torch is imported, which reads this once.
if side_by_side := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // side_by_side)))

from tests.tiny_model import save_slow_model, save_tiny_model


@pytest.fixture(scope="session")
def tiny_model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of 768 x 512 texels with random weights."""
    return save_tiny_model(tmp_path_factory.mktemp("model") / "tiny.safetensors")


@pytest.fixture(scope="session")
def slow_model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of 6144 x 4096 texels with random weights: whole faces take seconds, long enough to interrupt."""
    return save_slow_model(tmp_path_factory.mktemp("model") / "slow.safetensors")
