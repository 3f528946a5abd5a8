"""The command line through Blender: the same files as without it, and what only Blender can make."""

import contextlib
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import bpy
from inside import add_plane, arguments, check, face, files, mean_of, modal_operator, part, sample

ROOT = Path(__file__).resolve().parents[2]
TINY = ("--size", "32x40", "--samples", "1")


def command(*words) -> int:
    """`blender --command gantlitz WORDS`, as Blender calls it."""
    return part("cli")._run([str(word) for word in words])


def manifest(folder) -> dict:
    lines = [json.loads(line) for line in (Path(folder) / "gantlitz_manifest.jsonl").read_text().splitlines()[1:]]
    return {line["name"]: line for line in lines}


def hashes(folder) -> dict:
    return {name: (line["key"], line["files"]) for name, line in manifest(folder).items()}


def faces(outdir, *words) -> int:
    return command("render", "--model", arguments.model, "--device", "cpu", "--level", "3", "--outdir", outdir, *words)


@check
def a_job_file_makes_the_same_files_as_without_blender(folder):
    job = folder / "job.json"
    entries = [{"do": "sample", "seeds": "0-1", "psi": [0.5, 1]}, {"do": "sample", "seeds": 3, "profile": "metahuman"}]
    job.write_text(json.dumps({"level": 3, "model": str(arguments.model), "device": "cpu", "jobs": entries}))
    assert command("batch", job, "--outdir", folder / "inside") == 0
    outside = [str(arguments.python), "-m", "gantlitz_blender.runtime", "batch", str(job), "--outdir", str(folder / "outside")]
    assert subprocess.run(outside, cwd=ROOT).returncode == 0
    assert hashes(folder / "inside") == hashes(folder / "outside") and len(hashes(folder / "inside")) == 5


@check
def the_script_for_older_habits_takes_the_same_command_line(folder):
    script = ROOT / "gantlitz_blender" / "batch.py"
    words = ["sample", "--seeds", "7", "--level", "3", "--device", "cpu", "--model", str(arguments.model), "--outdir"]
    environment = {**os.environ, "GANTLITZ_PYTHON": str(arguments.python)}
    done = subprocess.run([sys.executable, str(script), "--", *words, str(folder / "script")], env=environment)
    assert done.returncode == 0 and command(*words, folder / "command") == 0
    assert hashes(folder / "script") == hashes(folder / "command")


@check
def a_bad_call_ends_with_2_and_help_with_0(folder):
    with contextlib.redirect_stderr(io.StringIO()) as said, contextlib.redirect_stdout(io.StringIO()):
        assert command("sample", "--seeds", "3-1", "--outdir", folder / "out") == 2
        assert command("--help") == 0
        assert faces(folder / "out", "--seeds", "0", "--slot", "Skin") == 2
    assert "must rise" in said.getvalue() and "parts of a .blend" in said.getvalue() and not (folder / "out").exists()


@check
def the_doctor_speaks_json(folder):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = command("doctor", "--json", "--model", arguments.model)
    found = json.loads(said.getvalue())
    bad = [finding for finding in found["findings"] if finding["good"] is False]
    assert code == (1 if bad else 0) and found["good"] is not bool(bad), bad
    assert any(bpy.app.version_string in finding["text"] for finding in found["findings"])


@check
def a_turntable_turns_and_a_sheet_shows_it(folder):
    out = folder / "out"
    call = ("--seeds", "0-1", "--turntable", "3", "--sheet", *TINY)
    assert faces(out, *call) == 0
    names = {f"seed000{n}_{what}.png" for n in (0, 1) for what in ("turn0000", "turn0001", "turn0002", "sheet")}
    assert {name for name in files(out) if name.endswith(".png")} == names | {"sheet.png"}
    assert all(not name.endswith(".part") for name in files(out))
    images = {name: bpy.data.images.load(str(out / name)) for name in sorted(names)}
    assert tuple(images["seed0000_turn0000.png"].size) == (32, 40)
    front, side = (mean_of(images[f"seed0000_turn000{n}.png"]) for n in (0, 1))
    assert max(abs(a - b) for a, b in zip(front, side, strict=True)) > 0.01, "turned by 120 degrees it shows something else"
    lines = manifest(out)
    assert lines["seed0001_turn0002"]["angle"] == 240 and lines["seed0001_turn0002"]["recipe"]["seed"] == 1
    recipe = part("runtime.embedded_recipe").read_recipe(out / "seed0001_turn0000.png")
    assert recipe.seed == 1 and recipe.model_sha256
    # Again: what is whole is left, what is damaged is rendered anew, and is what it was.
    before = {name: (out / name).stat().st_mtime_ns for name in names}
    (out / "seed0001_turn0001.png").write_bytes(b"torn")
    assert faces(out, *call) == 0
    assert {name for name in names if (out / name).stat().st_mtime_ns != before[name]} == {"seed0001_turn0001.png"}
    assert manifest(out)["seed0001_turn0001"]["files"] == lines["seed0001_turn0001"]["files"]


@check
def a_file_of_the_artists_is_rendered_by_its_camera_and_not_changed(folder):
    plane = add_plane("Head")
    for name in ("Body", "Skin"):
        plane.data.materials.append(bpy.data.materials.new(name))
    camera = bpy.data.objects.new("Mine", bpy.data.cameras.new("Mine"))
    camera.location = (0, 0, 3)
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    light = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    bpy.context.scene.collection.objects.link(light)
    bpy.context.scene.render.engine = "CYCLES"
    bpy.context.scene.render.resolution_x, bpy.context.scene.render.resolution_y = 64, 32
    mine = folder / "mine.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(mine))
    before = mine.read_bytes()
    call = ("--seeds", "4", "--blend", mine, "--object", "Head", "--slot", "Skin", "--samples", "1")
    assert faces(folder / "out", *call) == 0
    assert mine.read_bytes() == before
    assert [m.name for m in bpy.data.objects["Head"].data.materials] == ["Body", "seed0004"]
    picture = bpy.data.images.load(str(folder / "out" / "seed0004.png"))
    assert tuple(picture.size) == (64, 32) and max(mean_of(picture)[:3]) > 0.02, "it is lit, and seen"
    with contextlib.redirect_stderr(io.StringIO()) as said:
        assert faces(folder / "none", "--seeds", "4", "--blend", mine, "--object", "Haed") == 2
    assert "no mesh 'Haed'" in said.getvalue() and "Head" in said.getvalue()


@check
def a_file_without_a_camera_is_rendered_by_ours(folder):
    assert sample(seed=1, resolution="EIGHTH") == {"FINISHED"}
    worn = face().name
    mine = folder / "mine.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(mine))
    assert faces(folder / "out", "--seeds", "5", "--blend", mine, *TINY) == 0
    assert bpy.context.scene.camera.name.startswith("GANtlitz Camera") and face().name == worn
    picture = bpy.data.images.load(str(folder / "out" / "seed0005.png"))
    assert max(mean_of(picture)[:3]) > 0.02


@check
def a_population_is_an_asset_library(folder):
    library = folder / "library"
    mine = bpy.data.materials.new("Mine")
    mine.use_fake_user = True
    call = ["population", "--count", "2", "--candidates", "4", "--level", "3", "--preview", "64", "--device", "cpu"]
    call += ["--model", arguments.model, "--outdir", library, "--author", "Studio", "--catalog", "Skin/People"]
    assert command(*call) == 0
    assert {m.name for m in bpy.data.materials} == {"Mine"} and not bpy.data.images, "what is open stays as it is"
    lines = (library / "blender_assets.cats.txt").read_text().splitlines()
    catalogue = next(line.split(":")[0] for line in lines if ":Skin/People:" in line)
    made = manifest(library)
    assert len(made) == 2
    before = {name: (library / f"{name}.blend").stat().st_mtime_ns for name in made}
    assert command(*call) == 0
    assert {name: (library / f"{name}.blend").stat().st_mtime_ns for name in made} == before, "whole, so not made again"
    people = {person["name"]: person for person in json.loads((library / "gantlitz_people.json").read_text())["people"]}
    for name, line in made.items():
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        with bpy.data.libraries.load(str(library / f"{name}.blend"), assets_only=True) as (there, taken):
            assert list(there.materials) == [name]
            taken.materials = [name]
        worn = bpy.data.materials[name]
        about = worn.asset_data
        assert (about.author, about.license, about.catalog_id) == ("Studio", line["licence"], catalogue)
        assert {tag.name for tag in about.tags} >= {"GANtlitz", "face"} and "Recipe: {" in about.description
        assert tuple(worn.preview.image_size) == (64, 64) and len(set(worn.preview.image_pixels_float[:])) > 9
        assert json.loads(worn.gantlitz.recipe) == people[name]["recipe"]
        for image in (n.image for n in worn.node_tree.nodes if n.type == "TEX_IMAGE"):
            assert Path(bpy.path.abspath(image.filepath)).parent.samefile(library / "maps") and image.size[0] == 96
    # It may grow, and may be somebody else's.
    maps = hashes(library / "maps")
    call[2] = "4"
    assert command(*call) == 0 and len(manifest(library)) == 4 and set(made) < set(manifest(library))
    assert {name: line for name, line in hashes(library / "maps").items() if name in made} == maps
    assert command(*call, "--author", "Other") == 0 and {line["author"] for line in manifest(library).values()} == {"Other"}


@check
def scripts_have_an_operator_for_each_verb(folder):
    job = folder / "job.json"
    job.write_text(json.dumps({"level": 3, "device": "cpu", "jobs": [{"do": "sample", "seeds": "0-1"}]}))
    model = f"--model '{arguments.model}'"
    assert bpy.ops.gantlitz.batch(job=str(job), outdir=str(folder / "batch"), more=model) == {"FINISHED"}
    assert len(manifest(folder / "batch")) == 2
    mine = bpy.data.filepath
    more = f"{model} --device cpu --level 3"
    pictures = str(folder / "pictures")
    assert bpy.ops.gantlitz.render(seeds="1", outdir=pictures, more=f"{more} --size 32x40 --samples 1") == {"FINISHED"}
    assert (folder / "pictures" / "seed0001.png").is_file() and bpy.data.filepath == mine, "the open file stays open"
    library = str(folder / "library")
    assert bpy.ops.gantlitz.population(count=1, outdir=library, more=f"{more} --candidates 2 --preview 32") == {"FINISHED"}
    assert [name for name in files(library) if name.endswith(".blend")] and bpy.data.filepath == mine
    try:
        bpy.ops.gantlitz.upscale(scans=str(folder / "none"), outdir=str(folder / "larger"))
        raise AssertionError("a missing folder was not refused")
    except RuntimeError as error:
        assert "There is no file and no folder" in str(error)


@check
def in_a_window_a_batch_runs_beside_and_escape_ends_it(folder):
    job = folder / "job.json"
    job.write_text(json.dumps({"level": 3, "device": "cpu", "jobs": [{"do": "sample", "seeds": "0-1"}]}))
    timer, escape = SimpleNamespace(type="TIMER", value="NOTHING"), SimpleNamespace(type="ESC", value="PRESS")
    operator = modal_operator("GANTLITZ_OT_batch", job=str(job), outdir=str(folder / "out"), more=f"--model '{arguments.model}'")
    assert operator.begin(bpy.context)
    assert operator.modal(bpy.context, timer) == {"PASS_THROUGH"}, "the window is not held up"
    deadline = time.monotonic() + 240
    while (outcome := operator.modal(bpy.context, timer)) == {"PASS_THROUGH"} and time.monotonic() < deadline:
        time.sleep(0.05)
    assert outcome == {"FINISHED"} and len(manifest(folder / "out")) == 2, operator.reports
    job.write_text(json.dumps({"device": "cpu", "jobs": [{"do": "sample", "seeds": "0-9"}]}))
    operator = modal_operator(
        "GANTLITZ_OT_batch", job=str(job), outdir=str(folder / "long"), more=f"--model '{arguments.slow_model}'"
    )
    assert operator.begin(bpy.context)
    while not (folder / "long" / "gantlitz_manifest.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert operator.modal(bpy.context, escape) == {"RUNNING_MODAL"}
    while (outcome := operator.modal(bpy.context, timer)) == {"PASS_THROUGH"} and time.monotonic() < deadline:
        time.sleep(0.05)
    assert outcome == {"CANCELLED"} and "Cancelled" in operator.reports[-1][1], operator.reports
    assert not [name for name in files(folder / "long") if name.endswith(".part")]
