"""Fixtures shared by all tests."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

# Side by side, the processes of pytest-xdist share the cores; before torch is imported, which reads this once.
if side_by_side := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // side_by_side)))

from gantlitz_blender.client import RuntimeClient
from tests.tiny_model import save_slow_model, save_tiny_model
from trainer.capture.dataset import capture_dataset


@pytest.fixture(scope="session")
def tiny_model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of 768 x 512 texels with random weights."""
    return save_tiny_model(tmp_path_factory.mktemp("model") / "tiny.safetensors")


@pytest.fixture(scope="session")
def slow_model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of 6144 x 4096 texels with random weights: whole faces take seconds, long enough to interrupt."""
    return save_slow_model(tmp_path_factory.mktemp("model") / "slow.safetensors")


@pytest.fixture(scope="session")
def completer_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A completer of the tiny model's canvas with random weights."""
    from gantlitz_blender.runtime.completion import completer_file
    from tests.test_scan_job import CANVAS
    from tests.tiny_completer import tiny_net

    path = tmp_path_factory.mktemp("completer") / "tiny.safetensors"
    completer_file.save(path, tiny_net(config=CANVAS), {}, "CC0-1.0")
    return path


@pytest.fixture
def scans(tiny_model_path: Path, tmp_path: Path) -> Path:
    """A folder of three scans, anna, ben (corrupt) and cleo, an albedo each."""
    import cv2

    from gantlitz_blender.runtime.face_model import FaceModel
    from gantlitz_blender.runtime.recipe import Recipe
    from tests.test_scan_job import picture

    albedo = FaceModel.load(tiny_model_path, "cpu", "float32").render(Recipe(5), level=1).albedo
    for name in ("anna", "ben", "cleo"):
        (tmp_path / "scans" / name).mkdir(parents=True)
        picture(tmp_path / "scans" / name / "albedo.png", cv2.resize(albedo, (192, 128), interpolation=cv2.INTER_AREA))
    whole = (tmp_path / "scans" / "ben" / "albedo.png").read_bytes()
    (tmp_path / "scans" / "ben" / "albedo.png").write_bytes(whole[: len(whole) // 2])
    return tmp_path / "scans"


@pytest.fixture(scope="session")
def people_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 captured people of 192 x 128 texels, seeds from 700 on: drawn once, for all the processes that run tests side by side."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if side_by_side else folder
    with FileLock(shared / "people.lock"):
        return capture_dataset(shared / "people", 20, 192, 128, 700, 1, progress=False)  # what is there already is kept


@pytest.fixture(scope="module")
def client() -> Iterator[RuntimeClient]:
    """One client for a module: what a test ends, the next test's first request starts again."""
    client = RuntimeClient(sys.executable)
    yield client
    client.stop()
