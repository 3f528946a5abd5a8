"""A scan's files in, four maps in its own layout out; whatever the method, nothing half-written, what is known kept."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from gantlitz_blender.runtime import layout, map_files
from gantlitz_blender.runtime.completion.alignment import Alignment
from gantlitz_blender.runtime.completion.completer import Completer
from gantlitz_blender.runtime.completion.landmarks import LANDMARKS, Points
from gantlitz_blender.runtime.completion.network import CompleterConfig
from gantlitz_blender.runtime.embedded_recipe import read_recipe
from gantlitz_blender.runtime.errors import Cancelled, GantlitzError
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.inversion import fitting
from gantlitz_blender.runtime.inversion.codes import CodesPlan
from gantlitz_blender.runtime.inversion.details import DetailsPlan
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.recipe import Recipe
from gantlitz_blender.runtime.scan_job import complete_scan
from gantlitz_blender.runtime.scan_request import ScanRequest
from tests.tiny_completer import tiny_net

KINDS = ("albedo", "normal", "specular", "displacement")
CANVAS = CompleterConfig(width=768, height=512, levels=2, channels=(12, 8), coarse_channels=8, carry=3, mask_level=1)
IMAGE = (300, 300)


@pytest.fixture(scope="module")
def model(tiny_model_path: Path) -> FaceModel:
    return FaceModel.load(tiny_model_path, "cpu", "float32")


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(tiny_net(config=CANVAS), {}, "cpu", torch.float32)


@pytest.fixture(autouse=True)
def short_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fits of a few steps: how good they are is for the tests of the inversion."""
    plan = fitting.FitPlan(codes=CodesPlan(2, 2), details=DetailsPlan(passes=(2,)))
    monkeypatch.setattr("gantlitz_blender.runtime.face_model.FitPlan", lambda **_: plan)


@pytest.fixture(scope="module")
def face(model: FaceModel) -> MapSet:
    return model.render(Recipe(5), level=1)


def picture(path: Path, values: np.ndarray) -> Path:
    pixels = (values[..., ::-1] if values.ndim == 3 else values) * 255
    cv2.imwrite(str(path), np.rint(pixels).astype(np.uint8))
    return path


@pytest.fixture
def albedo(face: MapSet, tmp_path: Path) -> Path:
    return picture(tmp_path / "head_albedo.png", face.albedo)


@pytest.fixture(scope="module")
def points() -> dict:
    """A layout of its own: 300 x 300, a little turned."""
    c, s = np.cos(0.1) * 270, np.sin(0.1) * 270
    places = {}
    for name, landmark in LANDMARKS.items():
        x, y = landmark.uv[0] - 0.5, (landmark.uv[1] - 0.5) / 1.5
        places[name] = (150 + c * x - s * y, 150 + s * x + c * y)
    return Points(IMAGE, places).to_dict()


def read(path: Path) -> np.ndarray:
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_one_known_map_gives_four_and_is_kept(albedo: Path, model: FaceModel, completer: Completer, tmp_path: Path) -> None:
    answer = complete_scan(ScanRequest({"albedo": str(albedo)}), tmp_path / "out", "a", model, completer)
    assert set(answer.paths) == set(KINDS) and answer.recipe is None
    assert (answer.width, answer.height) == (384, 256)
    assert np.array_equal(read(answer.paths["albedo"]), read(albedo))
    maps = map_files.read(tmp_path / "out", "a")
    assert maps.width == 384 and np.isfinite(maps.stacked()).all()
    assert names_in(tmp_path / "out") == {"a_albedo.png", "a_normal.png", "a_specular.png", "a_displacement.exr"}


@pytest.mark.parametrize("method", ["fit", "fit-from-fast"])
def test_a_fit_leaves_a_recipe_that_renders_it(
    albedo: Path, model: FaceModel, completer: Completer, tmp_path: Path, method: str
) -> None:
    shown: list[MapSet] = []
    request = ScanRequest({"albedo": str(albedo)}, method=method, keep=False)
    answer = complete_scan(request, tmp_path / "out", "a", model, completer, picture=shown.append)
    assert {"fit", "error", "recipe"} <= set(answer.paths)
    recipe = Recipe.from_json((tmp_path / "out" / "a_recipe.json").read_text()).beside(tmp_path / "out")
    assert recipe.fit_sha256 == answer.recipe.fit_sha256
    rendered = model.render(recipe, level=1)
    written = map_files.read(tmp_path / "out", "a")
    inside = layout.mask(384, 256) == 1
    assert np.abs(rendered.specular - written.specular)[inside].max() < 2e-5
    assert read(answer.paths["error"]).shape == (256, 384)
    assert all(maps.width <= 384 for maps in shown)
    assert not any("unfinished" in name for name in names_in(tmp_path / "out"))


def test_a_fit_may_take_the_place_of_what_was_known(albedo: Path, model: FaceModel, completer: Completer, tmp_path: Path) -> None:
    for keep in (True, False):
        request = ScanRequest({"albedo": str(albedo)}, method="fit", keep=keep)
        answer = complete_scan(request, tmp_path / str(keep), "a", model, completer)
        assert np.array_equal(read(answer.paths["albedo"]), read(albedo)) == keep


def test_an_answer_may_be_larger_than_the_scan_and_agrees_with_it(
    face: MapSet, model: FaceModel, completer: Completer, tmp_path: Path
) -> None:
    small = picture(tmp_path / "small.png", cv2.GaussianBlur(face.albedo, (0, 0), 1.5))
    answer = complete_scan(ScanRequest({"albedo": str(small)}, width=768), tmp_path / "out", "a", model, completer, only_known=True)
    assert set(answer.paths) == {"albedo"} and answer.width == 768
    assert answer.decibels["albedo"] > 40
    again = cv2.resize(read(answer.paths["albedo"]).astype(np.float32), (384, 256), interpolation=cv2.INTER_AREA)
    assert np.abs(again - read(small)).mean() < 1.5


def test_a_foreign_layout_comes_back_as_it_was(
    points: dict, model: FaceModel, completer: Completer, face: MapSet, tmp_path: Path
) -> None:
    """The answer lies in the scan's layout: skin where its face is, the scan's own pixels kept, nothing made outside."""
    alignment = Alignment(Points.from_dict(points))
    scan = alignment.to_scan({"albedo": face.albedo}, *IMAGE)["albedo"]
    path = picture(tmp_path / "scan_albedo.png", scan)
    answer = complete_scan(ScanRequest({"albedo": str(path)}, points), tmp_path / "out", "a", model, completer)
    assert (answer.width, answer.height) == IMAGE
    assert np.array_equal(read(answer.paths["albedo"]), read(path))
    maps = map_files.read(tmp_path / "out", "a")
    inside = alignment.to_scan({"specular": np.ones((256, 384), np.float32)}, *IMAGE)["specular"] > 0.99
    assert maps.displacement[inside].std() > 0
    corner = (slice(0, 20), slice(0, 20))
    assert (maps.displacement[corner] == 0).all() and np.allclose(maps.normal[corner], (0, 0, 1), atol=1e-4)
    assert np.ptp(maps.specular[corner]) < 0.01  # what skin is there on the average, no picture of anything
    assert Alignment.read(answer.paths["alignment"]).points.to_dict() == Points.from_dict(points).to_dict()


def test_without_points_a_map_of_another_shape_is_refused(model: FaceModel, completer: Completer, tmp_path: Path) -> None:
    path = picture(tmp_path / "square.png", np.random.default_rng(0).random((64, 64, 3)))
    with pytest.raises(GantlitzError, match=r"64 x 64, and the model's layout is 3:2"):
        complete_scan(ScanRequest({"albedo": str(path)}), tmp_path / "out", "a", model, completer)


def test_missing_points_are_named(points: dict, albedo: Path, model: FaceModel, completer: Completer, tmp_path: Path) -> None:
    fewer = json.loads(json.dumps(points))
    del fewer["points"]["chin"]
    with pytest.raises(GantlitzError, match="chin"):
        complete_scan(ScanRequest({"albedo": str(albedo)}, fewer), tmp_path / "out", "a", model, completer)
    assert not names_in(tmp_path / "out")


def test_a_cancelled_fit_goes_on_where_it_was(albedo: Path, model: FaceModel, completer: Completer, tmp_path: Path) -> None:
    request = ScanRequest({"albedo": str(albedo)}, method="fit")
    asked = iter([False] * 12 + [True] * 1000)
    with pytest.raises(Cancelled):
        complete_scan(request, tmp_path / "out", "a", model, completer, cancelled=lambda: next(asked))
    left = names_in(tmp_path / "out")
    assert len(left) == 1 and "unfinished" in next(iter(left))
    shares: list[float] = []
    answer = complete_scan(request, tmp_path / "out", "a", model, completer, progress=lambda share, _: shares.append(share))
    whole = complete_scan(request, tmp_path / "whole", "a", model, completer)
    assert answer.recipe.fit_sha256 == whole.recipe.fit_sha256
    assert not any("unfinished" in name for name in names_in(tmp_path / "out"))
    assert shares == sorted(shares)


def test_a_model_and_a_completer_of_other_canvases_are_refused(albedo: Path, model: FaceModel, tmp_path: Path) -> None:
    other = Completer(tiny_net(), {}, "cpu", torch.float32)
    with pytest.raises(GantlitzError, match="canvas is 768 x 512, the completer's 384 x 256"):
        complete_scan(ScanRequest({"albedo": str(albedo)}), tmp_path / "out", "a", model, other)


def test_an_answer_never_takes_the_place_of_what_it_is_made_from(
    albedo: Path, model: FaceModel, completer: Completer, tmp_path: Path
) -> None:
    before = albedo.read_bytes()
    with pytest.raises(GantlitzError, match="would replace the scan's own"):
        complete_scan(ScanRequest({"albedo": str(albedo)}), tmp_path, "head", model, completer)
    assert albedo.read_bytes() == before


def test_a_second_answer_of_a_name_takes_the_place_of_the_first_whole_or_not_at_all(
    albedo: Path, model: FaceModel, completer: Completer, tmp_path: Path
) -> None:
    fit = ScanRequest({"albedo": str(albedo)}, method="fit")
    first = complete_scan(fit, tmp_path / "out", "a", model, completer)
    files = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    said: list[str] = []

    def progress(share: float, text: str) -> None:
        said.append(text)

    with pytest.raises(Cancelled):  # while the files of the second are written
        complete_scan(
            fit, tmp_path / "out", "a", model, completer, progress=progress, cancelled=lambda: "Writing files" in said
        )
    kept = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir() if "unfinished" not in path.name}
    assert kept == files
    complete_scan(ScanRequest({"albedo": str(albedo)}), tmp_path / "out", "a", model, completer)
    assert names_in(tmp_path / "out") == {"a_albedo.png", "a_normal.png", "a_specular.png", "a_displacement.exr"}
    assert first.recipe is not None and not Path(first.recipe.fit).exists()


def test_a_finished_scan_leaves_the_unfinished_one_of_another_name(
    albedo: Path, model: FaceModel, completer: Completer, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    other, own = (tmp_path / "out" / f".{name}_0123456789abcdef.unfinished" for name in ("a_b", "a"))
    other.touch(), own.touch()
    complete_scan(ScanRequest({"albedo": str(albedo)}), tmp_path / "out", "a", model, completer)
    assert other.exists() and not own.exists()


def test_a_fit_rendered_elsewhere_takes_its_fit_along(
    albedo: Path, model: FaceModel, completer: Completer, tmp_path: Path
) -> None:
    answer = complete_scan(ScanRequest({"albedo": str(albedo)}, method="fit"), tmp_path / "out", "a", model, completer)
    recipe = read_recipe(answer.paths["normal"])
    paths = model.render(recipe, level=2).write(tmp_path / "other", "b", recipe)
    moved = (tmp_path / "other").rename(tmp_path / "moved")
    again = read_recipe(moved / paths["recipe"].name)
    assert Path(again.fit).parent == moved
    assert np.array_equal(model.render(again, level=2).stacked(), model.render(recipe, level=2).stacked())
    with pytest.raises(GantlitzError, match="not in a file"):
        fit = model.complete({"albedo": model.render(recipe, level=2).albedo})
        model.render(recipe, level=2).write(tmp_path / "c", "c", model.remember(fit))


def test_a_small_answer_is_made_at_its_own_level(
    face: MapSet, albedo: Path, model: FaceModel, completer: Completer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    widths: list[int | None] = []
    complete = Completer.complete

    def spy(self, maps, width=None, **rest):
        widths.extend([width, *(array.shape[1] for array in maps.values())])
        return complete(self, maps, width, **rest)

    monkeypatch.setattr(Completer, "complete", spy)
    answer = complete_scan(ScanRequest({"albedo": str(albedo)}, width=190), tmp_path / "out", "a", model, completer)
    assert (answer.width, answer.height) == (190, 127) and widths == [192, 192]
    with pytest.raises(GantlitzError, match="too large"):
        complete_scan(ScanRequest({"albedo": str(albedo)}, width=20000), tmp_path / "out", "a", model, completer)


def test_around_the_face_skin_goes_on(points: dict, model: FaceModel, completer: Completer, face: MapSet, tmp_path: Path) -> None:
    """No grey rim: beside the border specular is what it is within."""
    alignment = Alignment(Points.from_dict(points))
    path = picture(tmp_path / "scan_albedo.png", alignment.to_scan({"albedo": face.albedo}, *IMAGE)["albedo"])
    complete_scan(ScanRequest({"albedo": str(path)}, points), tmp_path / "out", "a", model, completer)
    specular = map_files.read(tmp_path / "out", "a").specular
    weight = alignment.to_scan({"displacement": np.ones((256, 384), np.float32)}, *IMAGE)["displacement"]
    near = cv2.dilate((weight > 0).astype(np.uint8), np.ones((9, 9))) > 0
    assert abs(np.median(specular[near & (weight == 0)]) - np.median(specular[(weight > 0.9)])) < 0.06
