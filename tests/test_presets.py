"""The table of presets: what each one is, at which sizes, and what is refused."""

import dataclasses

import pytest

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.config import PLANS, ModelConfig
from trainer.memory import without_step
from trainer.presets import PRESETS, configured
from trainer.train_config import TrainConfig

ABLATIONS = {
    "no-aug": {"augment", "filter"},
    "adaptive-frequency": {"filter"},
    "small-no-drop": {"all_modalities_p"},
    "no-pos-disc": {"d_location"},
    "uv-disc": {"d_location"},
    "single-style": {"model.dual_style"},
}


def differing(a: TrainConfig, b: TrainConfig) -> set[str]:
    fields = {f.name for f in dataclasses.fields(a) if f.name != "model" and getattr(a, f.name) != getattr(b, f.name)}
    model = {f"model.{f.name}" for f in dataclasses.fields(ModelConfig) if getattr(a.model, f.name) != getattr(b.model, f.name)}
    return fields | model


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("name", ABLATIONS)
def test_an_ablation_is_the_paper_with_one_thing_changed(name: str, plan: str) -> None:
    assert differing(configured(f"{name}@{plan}", []), configured(f"paper@{plan}", [])) == ABLATIONS[name]


def test_the_paper_has_none_of_our_extras() -> None:
    paper = PRESETS["paper"]
    assert paper.model.channels == PLANS["S"].channels
    assert not (paper.model.components or paper.model.noise_maps or paper.model.structural_normal or paper.d_slopes)
    assert not (paper.band_loss or paper.importance or paper.path_weight)
    assert (paper.augment, paper.filter, paper.filter_p, paper.patch) == ("adaptive", "constant", 0.85, 512)
    assert paper.schedule == ((1.0, (1.0,)),), "the finest level from the first step on"
    assert paper.model.mean_level == paper.model.levels, "a canvas of tones, not of features"


@pytest.mark.parametrize("name", PRESETS)
def test_a_run_writes_a_megabyte_of_states_a_step_at_most(name: str) -> None:
    config = PRESETS[name]
    assert without_step(config, "cpu").state / config.snapshot_every <= 1e6


def test_a_preset_at_another_size_is_the_same_training_of_other_widths() -> None:
    large = configured("paper@L", [])
    assert large.model == dataclasses.replace(PLANS["L"], mean_level=6, components=0, noise_maps=False, structural_normal=False)
    assert configured("paper@S", []) == PRESETS["paper"]


def test_settings_are_judged_together() -> None:
    model = ["model.levels=2", "model.channels=[32,16]", "model.mean_level=2", "model.component_level=2"]
    config = configured("XS", [*model, "patch=96", "d_channels=[16,32]", "schedule=[[1,[0,1]]]"])
    assert (config.model.channels, config.patch) == ((32, 16), 96)


def test_a_value_may_be_null_where_that_means_something() -> None:
    assert configured("XS", ["r1_gamma=null"]).gamma == pytest.approx(0.0002 * 64**2 / 16)
    assert configured("XS", ["r1_gamma=2"]).gamma == 2
    assert configured("XS", ["patch=128", "places=8", "r1_gamma=null"]).gamma == pytest.approx(0.0002 * 128**2 / 32)


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("stepz=7", "stepz"),
        ("steps=null", "steps"),
        ("steps=true", "steps"),
        ("d_presence=1", "d_presence"),
        ("schedule=[1]", "schedule"),
        ('model.channels=["a"]', "model.channels"),
        ("patch=72", "patch 72"),
        ("patch=65536", "65536 texels is larger"),
        ("stddev_group=3", "stddev_group 3"),
        ("stddev_group=8", "stddev_group 8"),
        ("subjects=0", "subjects"),
        ("filter_p=1.5", "filter_p"),
        ("style_mixing=-1", "style_mixing"),
        ("lr_g=0", "lr_g"),
        ("r1_gamma=-1", "r1_gamma"),
        ("r1_gamma=NaN", "r1_gamma"),
        ("augment_target=NaN", "augment_target"),
        ("augment_target=-1.5", "augment_target"),
        ("augment_p=NaN", "augment_p"),
        ("band_loss=Infinity", "band_loss"),
        ("lr_d=Infinity", "lr_d"),
        ("ema_kimg=NaN", "ema_kimg"),
        ("schedule=[[NaN,[1]],[1,[1]]]", "schedule"),
        ("schedule=[[1,[NaN]]]", "schedule"),
        ('d_location="polar"', "d_location"),
        ("d_channels=[]", "d_channels"),
        ("schedule=[[0.5,[1]]]", "schedule"),
        ("schedule=[[1,[0.5]]]", "0.5"),
        ("schedule=[[1,[0,0,0,0,0,0,0,1]]]", "level 7"),
        ("model.levels=5", "channels"),
        ("model.w_dim=0", "w_dim"),
        ("model.mean_level=7", "model.mean_level 7"),
    ],
)
def test_what_cannot_be_is_refused_by_field_and_value(setting: str, named: str) -> None:
    with pytest.raises(GantlitzError) as refusal:
        configured("XS", [setting])
    assert named in refusal.value.sentence
    assert refusal.value.fix


@pytest.mark.parametrize("setting", ["filter=adaptive", 'filter="adaptive"'])
def test_text_needs_no_quotes(setting: str) -> None:
    assert configured("XS", [setting]).filter == "adaptive"
    assert configured("XS", ["importance="]).importance == ""


@pytest.mark.parametrize("setting", ["steps=many", "schedule=[[1,[1]", "d_presence=yes", "filter=7"])
def test_other_values_are_json_of_the_declared_kind(setting: str) -> None:
    with pytest.raises(GantlitzError, match=r"cannot be .* It is declared as"):
        configured("XS", [setting])


@pytest.mark.parametrize(
    ("preset", "setting", "meant"),
    [("no-agu", "", "no-aug"), ("xs", "", "XS"), ("XS", "stepz=7", "steps"), ("XS", "w_dim=64", "model.w_dim")],
)
def test_the_nearest_name_is_suggested(preset: str, setting: str, meant: str) -> None:
    with pytest.raises(GantlitzError, match="here is no") as refusal:
        configured(preset, [setting])
    assert f"Did you mean {meant}? " in refusal.value.fix


def test_a_name_that_is_near_to_none_gets_no_suggestion() -> None:
    with pytest.raises(GantlitzError) as refusal:
        configured("XS", ["colour=7"])
    assert "Did you mean" not in str(refusal.value)


def test_faces_for_path_lengths_must_be_left() -> None:
    with pytest.raises(GantlitzError, match="path_shrink 8"):
        configured("XS", ["path_weight=2", "path_shrink=8"])


@pytest.mark.parametrize("preset", ["XXL", "paper@XXL", "paper@"])
def test_an_unknown_preset_or_size_is_refused(preset: str) -> None:
    with pytest.raises(GantlitzError, match="preset"):
        configured(preset, [])
