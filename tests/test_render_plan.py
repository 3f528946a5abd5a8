"""What `render` plans: pictures, turntables and sheets; and the sheets themselves."""

import json
import shutil
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from gantlitz_blender import picture_sheet, render_plan
from gantlitz_blender.runtime.batch.items import key_of
from gantlitz_blender.runtime.batch.job_file import Job
from gantlitz_blender.runtime.batch.making import files_of
from gantlitz_blender.runtime.batch.planning import plan
from gantlitz_blender.runtime.batch.running import run
from gantlitz_blender.runtime.commands.options import settings
from gantlitz_blender.runtime.commands.parser import build_parser
from gantlitz_blender.runtime.embedded_recipe import read_recipe
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model_facts import ModelFacts
from gantlitz_blender.runtime.recipe import Recipe


@pytest.fixture
def planned(tiny_model_path, tmp_path):
    """(options, faces, pictures) of a call."""

    def of(*words: str):
        call = ["render", "--outdir", str(tmp_path / "out"), "--model", str(tiny_model_path), *words]
        options = build_parser().parse_args(call)
        faces = render_plan.faces_of(options)
        return options, faces, render_plan.pictures_of(faces, options)

    return of


def test_a_face_has_one_picture_or_a_turntable(planned):
    _, faces, pictures = planned("--seeds", "0-1")
    assert [picture.name for picture in pictures] == ["seed0000", "seed0001"] and faces[0].recipe.model_sha256
    _, _, turned = planned("--seeds", "4", "--turntable", "4")
    assert [picture.of["angle"] for picture in turned] == [0, 90, 180, 270] and turned[3].name == "seed0004_turn0003"


def test_sheets_come_last_and_no_sheet_has_more_than_a_hundred(planned):
    _, _, pictures = planned("--seeds", "0-149", "--turntable", "2", "--sheet")
    sheets = [picture for picture in pictures if picture.kind == render_plan.SHEET]
    assert pictures[-len(sheets) :] == sheets and len(sheets) == 150 + 2
    assert [len(sheet.of["pictures"]) for sheet in sheets[-2:]] == [100, 50]
    assert sheets[-1].name == "sheet0001" and sheets[-1].of["pictures"][0] == "seed0100_turn0000"


def test_a_shard_renders_the_faces_that_it_has_the_maps_of(planned):
    for shard, names in (("1/2", ["seed0000", "seed0002"]), ("2/2", ["seed0001"])):
        options, faces, pictures = planned("--seeds", "0-2", "--turntable", "3", "--shard", shard)
        facts = ModelFacts.read(options.model)
        assert [face.name for face in plan(faces, settings(options), facts).items] == names
        made = [item.of["face"] for item in plan(pictures, settings(options), facts).items]
        assert made == [name for name in names for _ in range(3)]


def made(items, options) -> list[str]:
    """The names of what was made: an empty file each."""
    names = []

    def make(missing, tell, stop):
        for item in missing:
            (options.outdir / f"{item.name}{item.end}").write_bytes(b"")
            names.append(item.name)
            entry = {"files": files_of({"picture": options.outdir / f"{item.name}{item.end}"})}
            tell({"news": "done", "name": item.name, "kind": item.kind, "seconds": {}, **entry})

    assert run(items, settings(options), make=make) == 0
    return names


def test_a_sheet_is_made_anew_when_there_are_more_faces(planned):
    options, _, pictures = planned("--seeds", "0-1", "--sheet")
    assert made(pictures, options) == ["seed0000", "seed0001", "sheet"] and made(pictures, options) == []
    options, _, pictures = planned("--seeds", "0-2", "--sheet")
    assert made(pictures, options) == ["seed0002", "sheet"]
    options, _, pictures = planned("--seeds", "0-3")  # the sheet that is there is nobody else's job
    assert made(pictures, options) == ["seed0003"]
    options, _, pictures = planned("--seeds", "0-3", "--trunc", "1")
    with pytest.raises(GantlitzError, match="another job"):
        made(pictures, options)


def test_what_is_in_the_way_of_a_picture_is_known_before_any_map_is_made(planned, monkeypatch):
    options, faces, pictures = planned("--seeds", "0-1")
    render_plan.look_ahead(faces, pictures, options)
    for free, enough in ((1e9, True), (5e6, False)):  # two pictures of 4.4 MB, and maps of 0.4
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=int(free)))
        if enough:
            render_plan.look_ahead(faces, pictures, options)
        else:
            with pytest.raises(GantlitzError, match="needs about"):
                render_plan.look_ahead(faces, pictures, options)
    monkeypatch.undo()
    options.outdir.mkdir()
    (options.outdir / "seed0001.png").write_bytes(b"mine")
    with pytest.raises(GantlitzError, match="is there already"):
        render_plan.look_ahead(faces, pictures, options)


def test_whatever_changes_a_picture_changes_its_key(planned, tmp_path):
    (tmp_path / "a.blend").write_bytes(b"a")
    calls = [(), ("--size", "9x9"), ("--samples", "2"), ("--engine", "eevee"), ("--level", "3"), ("--trunc", "1"),
             ("--blend", str(tmp_path / "a.blend"))]  # fmt: skip
    keys = [key_of(planned("--seeds", "0", *call)[2][0]) for call in calls]
    (tmp_path / "a.blend").write_bytes(b"b")
    keys.append(key_of(planned("--seeds", "0", *calls[-1])[2][0]))
    assert len(set(keys)) == len(keys)


def test_the_maps_job_makes_the_faces_by_their_names(planned, tmp_path):
    options, faces, _ = planned("--seeds", "0-1", "--trunc", "0.5,1", "--level", "3", "--threads", "2", "--no-resume")
    job = render_plan.write_job(faces, options, tmp_path)
    made = Job.read(job).items(lambda: ("", ""))
    assert [(item.name, item.recipe, item.output.level) for item in made] == [(f.name, f.recipe, 3) for f in faces]
    given = build_parser().parse_args(render_plan.arguments_for_maps(job, options))
    assert (given.outdir, given.threads, given.resume, given.add) == (tmp_path / "out" / "maps", 2, False, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sheet", "--shard", "1/2"], "not all the pictures"),
        (["--slot", "Skin"], "parts of a .blend"),
        (["--blend", "nowhere.blend"], "no .blend at"),
    ],
)
def test_what_cannot_be_is_refused(planned, words, said):
    with pytest.raises(GantlitzError, match=said):
        planned("--seeds", "0", *words)


def test_a_sheet_shows_each_picture_small_in_its_place(tmp_path):
    pictures = [np.full((1000, 800, 3), value, np.uint8) for value in (10, 60, 110, 160, 210)]
    pictures[4][:, :, 0] = 0
    sheet = picture_sheet.joined(pictures)
    height, width = 333, 266  # a third: 480 at most
    across = (sheet.shape[1] - 4) // (width + 4)
    down = (sheet.shape[0] - 4) // (height + 4)
    assert across * down >= 5 and 0.7 < sheet.shape[1] / sheet.shape[0] < 2.5
    for n, picture in enumerate(pictures):
        row, column = divmod(n, across)
        middle = sheet[4 + row * (height + 4) + height // 2, 4 + column * (width + 4) + width // 2]
        assert (middle == picture[0, 0]).all()
    (tmp_path / "sheet.png").write_bytes(picture_sheet.png(sheet))
    assert (cv2.imread(str(tmp_path / "sheet.png"))[..., ::-1] == sheet).all()


def test_a_picture_carries_the_recipe(tmp_path):
    path = tmp_path / "seed0007.png"
    path.write_bytes(picture_sheet.png(np.zeros((4, 4, 3), np.uint8)))
    picture_sheet.put_recipe(path, Recipe(7))
    assert read_recipe(path) == Recipe(7) and cv2.imread(str(path)).shape == (4, 4, 3)
    assert json.loads(Recipe(7).to_json())["seed"] == 7
