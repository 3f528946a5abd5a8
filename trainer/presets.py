"""One table of training presets. Every field can be set from the command line.

XS, S and L are ours. ``paper`` is GANtlitz (Gruber et al. 2024) as far as it is known, without any extra of ours; numbers that
are not known are StyleGAN2-ADA's or chosen here. The rest are its ablations: ``paper`` with one thing changed. ``NAME@PLAN`` is
a preset at another size, ``no-aug@XS`` for instance.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.config import PLANS, ModelConfig

from .train_config import FAULT, TrainConfig

# The discriminator's at each size; the last one repeats for larger patches.
D_CHANNELS = {"XS": (32, 64, 96, 128), "S": (64, 128, 256, 512), "L": (64, 128, 256, 512)}

# Patches of 512 texels fit level 3 and finer.
FINE = ((0.1, (0.0, 0.0, 0.5, 0.5)), (0.3, (0.0, 0.4, 0.4, 0.2)), (1.0, (0.4, 0.2, 0.2, 0.2)))

SELDOM = 1000  # steps between two states: those of large networks are 0.5 to 1 GB, and a GPU idles while one is written

PAPER = TrainConfig(
    # The canvas holds the mean at the coarsest level alone: tone, no features.
    replace(PLANS["S"], mean_level=PLANS["S"].levels, components=0, noise_maps=False, structural_normal=False),
    steps=100_000,
    patch=512,
    schedule=((1.0, (1.0,)),),
    d_channels=D_CHANNELS["S"],
    d_slopes=False,
    augment="adaptive",
    r1_every=16,
    ema_kimg=10.0,
    ema_rampup=0.05,
    snapshot_every=SELDOM,
)

PRESETS = {
    "XS": TrainConfig(PLANS["XS"], r1_gamma=0.5, band_loss=1.0, canvas_lr=0.0),
    "S": TrainConfig(
        PLANS["S"],
        steps=50_000,
        patch=256,
        d_channels=(64, 128, 256, 512, 512, 512, 512),
        r1_gamma=2.0,
        augment="adaptive",
        snapshot_every=SELDOM,
    ),
    "L": TrainConfig(
        PLANS["L"],
        steps=100_000,
        patch=512,
        d_channels=(64, 128, 256, 512, 512, 512, 512, 512),
        r1_gamma=8.0,
        augment="adaptive",
        schedule=FINE,
        snapshot_every=SELDOM,
    ),
    "paper": PAPER,
    "no-aug": replace(PAPER, augment="none", filter="off"),
    "adaptive-frequency": replace(PAPER, filter="adaptive"),
    "small-no-drop": replace(PAPER, all_modalities_p=1.0),  # all maps in every step
    "no-pos-disc": replace(PAPER, d_location="none"),
    "uv-disc": replace(PAPER, d_location="uv"),
    # Ours, the other end of what the dual style is for: StyleGAN2's blocks, the modalities apart by their heads alone.
    "single-style": replace(PAPER, model=replace(PAPER.model, dual_style=False)),
}


def configured(preset: str, settings: list[str]) -> TrainConfig:
    """A preset, or ``preset@plan``, with ``field=value`` settings. Fields of the model are named ``model.field``; values are JSON,
    and text needs no quotes.

    All settings are made at once: what does not fit together is judged at the end. Raises GantlitzError for an unknown preset,
    plan or field, a value of the wrong kind, or what does not fit together.
    """
    name, at, plan = preset.partition("@")
    if name not in PRESETS:
        raise GantlitzError(f"There is no preset {name!r}.", f"{_nearest(name, PRESETS)}Choose one of {', '.join(PRESETS)}.", FAULT)
    if at and plan not in PLANS:
        raise GantlitzError(f"--preset {preset}: there is no size {plan!r}.", f"Choose one of {', '.join(PLANS)}.", FAULT)
    config = _resized(PRESETS[name], plan) if at else PRESETS[name]
    changes: dict[str, Any] = {}
    of_model: dict[str, Any] = {}
    for setting in settings:
        field, value = _parsed(setting)
        if field.startswith("model."):
            of_model[field.removeprefix("model.")] = value
        else:
            changes[field] = value
    return replace(config, **changes, model=_changed(config.model, of_model))


def _changed(model: ModelConfig, changes: dict[str, Any]) -> ModelConfig:
    try:
        return ModelConfig.from_dict(model.to_dict() | changes)
    except GantlitzError as error:
        fix = "Choose another value." if error.code == "model-broken" else error.fix
        raise GantlitzError(f"--set model.*: {error.sentence}", fix, FAULT) from error


def _resized(config: TrainConfig, plan: str) -> TrainConfig:
    """The same training of a network of another plan's widths."""
    widths = ("plan", "channels", "global_channels", "z_dim", "w_dim", "embed_dim")
    model = replace(config.model, **{name: getattr(PLANS[plan], name) for name in widths})
    return replace(config, model=model, d_channels=D_CHANNELS[plan])


def _parsed(setting: str) -> tuple[str, object]:
    """``field=value`` -> the field's name and the value, of the kind that the field is declared as."""
    name, _, text = setting.partition("=")
    owner, field = (ModelConfig, name[6:]) if name.startswith("model.") else (TrainConfig, name)
    if field not in {f.name for f in dataclasses.fields(owner)} or field == "model":
        fix = _nearest(name, _fields()) + "See trainer/train_config.py for the fields."
        raise GantlitzError(f"--set {setting}: there is no field {name!r}.", fix, FAULT)
    kind = typing.get_type_hints(owner)[field]
    try:
        value = _tuples(json.loads(text))
    except ValueError:
        value = text  # a bare word
    if not _is_a(value, kind):
        shown = kind.__name__ if isinstance(kind, type) else kind
        raise GantlitzError(f"--set {setting}: {name} cannot be {text}.", f"It is declared as {shown}; write it as JSON.", FAULT)
    return name, value


def _fields() -> list[str]:
    """The names of all that can be set."""
    own, model = ([f.name for f in dataclasses.fields(owner)] for owner in (TrainConfig, ModelConfig))
    return [name for name in own if name != "model"] + [f"model.{name}" for name in model]


def _nearest(name: str, names: Iterable[str]) -> str:
    """The name that was probably meant, as a question to begin advice with; nothing where none is near."""
    known = {n.lower(): n for n in names}
    near = get_close_matches(name.lower(), known, 1)
    return f"Did you mean {known[near[0]]}? " if near else ""


def _tuples(value: object) -> object:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


def _is_a(value: object, kind: Any) -> bool:
    """Whether a value is of a declared kind: bool, int, float, str, None, a union of these, or tuples of them."""
    arguments = typing.get_args(kind)
    if isinstance(kind, types.UnionType):
        return any(_is_a(value, one) for one in arguments)
    if typing.get_origin(kind) is tuple:
        if not isinstance(value, tuple):
            return False
        kinds = arguments[:1] * len(value) if arguments[-1] is ... else arguments
        return len(kinds) == len(value) and all(_is_a(v, k) for v, k in zip(value, kinds, strict=True))
    if isinstance(value, bool) or kind is bool:
        return isinstance(value, bool) and kind is bool
    return isinstance(value, (int, float) if kind is float else kind)
