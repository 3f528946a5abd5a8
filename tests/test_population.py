"""A population: spread evenly over the labels, none too like another, each compared with the people of the training."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gantlitz_blender.asset_catalogue import FILE, add_catalogue
from gantlitz_blender.runtime.batch.manifest import read_manifest
from gantlitz_blender.runtime.commands import BAD_CALL, FAILED, OK, main
from gantlitz_blender.runtime.commands.parser import build_parser
from gantlitz_blender.runtime.commands.population import asked
from gantlitz_blender.runtime.embedded_recipe import read_recipe
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.population.choosing import choose, nearest, nearest_others, usual_distance
from gantlitz_blender.runtime.population.labels import Labels
from gantlitz_blender.runtime.population.people import Wanted, choose_people, compared, read_people, small_maps
from gantlitz_blender.runtime.population.training_people import TOO_NEAR, TrainingPeople
from gantlitz_blender.runtime.recipe import Recipe


@pytest.fixture(scope="module")
def bundled() -> FaceModel:
    return FaceModel.load(None, "cpu")


def cloud(count: int = 1000, labels: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Labels that are dense in the middle, and latents that know nothing of them."""
    rng = np.random.default_rng(5)
    return rng.normal(size=(count, labels)), rng.normal(size=(count, 64))


def test_the_chosen_cover_the_labels_more_evenly_than_the_first_seeds():
    labels, w = cloud()
    chosen = choose(labels, w, 20, 0.0)
    assert len(set(chosen)) == 20
    apart, before = (np.median(nearest_others(labels[some])) for some in (chosen, list(range(20))))
    assert apart > 1.5 * before
    for column in labels[chosen].T:  # each third of the covered range, from -1.7 to 1.7, has some
        assert np.histogram(column, 3, (-1.75, 1.75))[0].min() >= 3


def test_none_is_nearer_to_another_than_asked_and_too_few_is_said():
    labels, w = cloud(200)
    w = w / usual_distance(w)
    chosen = choose(labels, w, 20, 0.9)
    assert nearest_others(w[chosen]).min() >= 0.9 > nearest_others(w[choose(labels, w, 20, 0.0)]).min()
    with pytest.raises(GantlitzError, match="candidates are as far from each other") as caught:
        choose(labels, w, 20, 1.2)
    assert caught.value.code == "too-alike"


def test_a_larger_population_begins_with_the_smaller_one():
    labels, w = cloud()
    assert choose(labels, w, 30, 0.0)[:20] == choose(labels, w, 20, 0.0)


def test_without_labels_what_lies_far_apart_is_chosen():
    _, w = cloud(300)
    chosen = choose(np.zeros((300, 0)), w, 10, 0.0)
    assert np.median(nearest_others(w[chosen])) > np.median(nearest_others(w[:10]))


def test_the_nearest_is_found():
    a, b = np.array([[0.0, 0], [3, 4]]), np.array([[0.0, 1], [3, 3]])
    np.testing.assert_allclose(nearest(a, b), [1, 1])
    np.testing.assert_allclose(nearest_others(a), [5, 5])


def test_labels_are_read_as_edits_move_them(bundled):
    labels = Labels(bundled)
    assert labels.names == bundled.directions.labels
    for name in labels.names:
        before, after = (labels.of(bundled.w(Recipe(3, 1.0, edits=edits)))[0] for edits in ({}, {name: 1.0}))
        assert float((after - before)[labels.names.index(name)]) == pytest.approx(1, abs=0.2)


def test_people_have_labels_tags_and_their_distance(bundled):
    people = choose_people(bundled, Wanted(4, ["tone"], candidates=60))
    tones = sorted(person.labels["tone"] for person in people)
    assert tones[0] < -0.5 and tones[-1] > 0.5 and all(person.nearest >= 0.5 for person in people)
    assert {tag for person in people for tag in person.tags() if tag.startswith("tone")} >= {"tone low", "tone high"}
    with pytest.raises(GantlitzError, match="no label 'age'"):
        choose_people(bundled, Wanted(2, ["age"], candidates=10))


# Compared with the training


@pytest.fixture(scope="module")
def store(tiny_model_path, tmp_path_factory):
    """Three waves, and seed 3 of the tiny model: a model that has learnt one by heart."""
    from tests.tiny_run import HEIGHT, WIDTH, make_store
    from trainer.store_writer import StoreWriter

    folder = tmp_path_factory.mktemp("training") / "store"
    made = make_store(folder)
    model = FaceModel.load(tiny_model_path, "cpu", "float32")
    maps = model.render(Recipe(3), level=1).resized(WIDTH, HEIGHT)  # random weights: its levels do not agree
    writer = StoreWriter(folder, WIDTH, HEIGHT, made.mask, {"maker": "test"})
    writer.write("face", {kind: getattr(maps, kind) for kind in ("albedo", "normal", "specular", "displacement")}, {}, "CC0-1.0")
    return folder


def test_a_face_of_the_training_is_told_from_others(tiny_model_path, store):
    model = FaceModel.load(tiny_model_path, "cpu", "float32")
    training = TrainingPeople(store)
    assert len(training.names) == 4
    known, other = (training.distance(small_maps(model, Recipe(seed), training)) for seed in (3, 4))
    assert known < 0.2 * other
    people = choose_people(model, Wanted(6, candidates=6, least=0.0))
    found = {person.recipe.seed: person for person in compared(people, model, training)}
    assert found[3].warnings and found[3].nearest_training < TOO_NEAR


def test_what_is_no_store_is_refused(tmp_path):
    with pytest.raises(GantlitzError, match="training store") as caught:
        TrainingPeople(tmp_path)
    assert caught.value.code == "bad-store"


# The command


def test_the_command_makes_maps_portraits_and_a_list(tiny_model_path, store, tmp_path, capsys):
    call = ["population", "--count", "2", "--candidates", "4", "--level", "3", "--preview", "64", "--device", "cpu"]
    call += ["--model", str(tiny_model_path), "--outdir", str(tmp_path / "library")]
    assert main(call) == OK
    assert "blender --command gantlitz population" in capsys.readouterr().err
    people, about = read_people(tmp_path / "library")
    assert len(people) == 2 and "not measured" in about["nearest_training"] and people[0].nearest_training is None
    for person in people:
        assert read_recipe(tmp_path / "library" / "maps" / f"{person.name}_portrait.png") == person.recipe
        assert read_manifest(tmp_path / "library" / "maps")[person.name]["state"] == "done"
    assert main([*call, "--store", str(store)]) == OK
    people, about = read_people(tmp_path / "library")
    assert about["nearest_training"] == "measured with store" and people[0].nearest_training is not None
    said = capsys.readouterr().out
    assert "0 made, 2 were there" in said


def test_a_file_in_the_librarys_way_is_known_before_any_map_is_made(tiny_model_path, tmp_path, capsys):
    call = ["population", "--count", "2", "--candidates", "2", "--level", "3", "--preview", "64", "--device", "cpu"]
    call += ["--min-distance", "0", "--model", str(tiny_model_path), "--outdir", str(tmp_path)]
    assert main([*call, "--dry-run"]) == OK
    said = capsys.readouterr().out
    assert "seed0001: to sample" in said and "seed0001: to population" in said
    (tmp_path / "seed0001.blend").write_bytes(b"mine")
    for more in ([], ["--dry-run"]):
        assert main([*call, *more]) == BAD_CALL
        assert "seed0001.blend is there already" in capsys.readouterr().err
    assert not (tmp_path / "maps").exists()


def test_a_list_says_of_what_call_it_is(tiny_model_path, tmp_path):
    call = ["population", "--count", "1", "--candidates", "2", "--level", "3", "--preview", "32", "--device", "cpu"]
    call += ["--model", str(tiny_model_path), "--outdir", str(tmp_path)]
    assert main(call) == OK
    _, about = read_people(tmp_path)
    assert about["asked"] == asked(build_parser().parse_args(call))
    assert about["asked"] != asked(build_parser().parse_args([*call, "--store", "elsewhere"]))


def test_what_cannot_be_is_refused(tiny_model_path, tmp_path, capsys):
    call = ["population", "--count", "2", "--model", str(tiny_model_path), "--outdir", str(tmp_path / "out"), "--device", "cpu"]
    assert main([*call, "--spread", "age", "--candidates", "2"]) == BAD_CALL
    assert "no label 'age'" in capsys.readouterr().err
    assert main([*call, "--min-distance", "9", "--candidates", "20"]) == FAILED
    assert "Lower --min-distance" in capsys.readouterr().err


# The catalogue


def test_a_catalogue_is_added_once_beside_others(tmp_path):
    other = "aaaaaaaa-0000-0000-0000-000000000000:Props:Props\n"
    (tmp_path / FILE).write_text(f"VERSION 1\n\n{other}")
    first = add_catalogue(tmp_path, " Skin / People ")
    assert add_catalogue(tmp_path, "Skin/People") == first != add_catalogue(tmp_path, "People")
    text = (tmp_path / FILE).read_text()
    assert other in text and text.count(f"{first}:Skin/People:Skin-People\n") == 1
    with pytest.raises(GantlitzError):
        add_catalogue(tmp_path, "a:b")


def test_many_who_add_catalogues_at_once_lose_none(tmp_path):
    names = [f"People {n}" for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda name: add_catalogue(tmp_path, name), names))
    lines = (tmp_path / FILE).read_text().splitlines()
    assert sorted(lines[-40:]) == sorted(f"{uuid}:{name}:{name}" for uuid, name in zip(made, names, strict=True))
    assert lines.count("VERSION 1") == 1


def test_a_shard_makes_its_own_portraits(tiny_model_path, tmp_path):
    call = ["population", "--count", "2", "--candidates", "2", "--level", "3", "--preview", "32", "--device", "cpu"]
    call += ["--min-distance", "0", "--model", str(tiny_model_path), "--outdir", str(tmp_path)]
    assert main([*call, "--shard", "2/2"]) == OK
    people, _ = read_people(tmp_path)
    assert [path.name for path in (tmp_path / "maps").glob("*_portrait.png")] == [f"{people[1].name}_portrait.png"]
    assert not list(tmp_path.rglob(".*"))


def test_the_list_is_json(tmp_path):
    (tmp_path / "gantlitz_people.json").write_text(json.dumps({"people": [{}]}))
    with pytest.raises(GantlitzError, match="cannot be read"):
        read_people(tmp_path)
