"""What the checks share: short names for Blender's state, and stand-ins for what exists only in a window."""

import argparse
import sys
from pathlib import Path
from types import SimpleNamespace

import bpy
import numpy as np

MODULE = "bl_ext.user_default.gantlitz_face_maps"
MAPS = ("albedo", "normal", "specular", "displacement")
NODES = {kind: f"GANtlitz {kind.capitalize()}" for kind in MAPS}

arguments = argparse.Namespace()  # the command line, filled by check_extension.py
CHECKS = {}  # name -> function(folder); test_extension.py finds them by their decorator


def check(function):
    CHECKS[function.__name__] = function
    return function


def inputs():
    return bpy.context.scene.gantlitz


def state():
    return bpy.context.window_manager.gantlitz


def preferences():
    return bpy.context.preferences.addons[MODULE].preferences


def part(name):
    """A module of the installed extension."""
    return sys.modules[f"{MODULE}.{name}"]


def sample(**given) -> set:
    return bpy.ops.gantlitz.sample("EXEC_DEFAULT", True, **{"model": str(arguments.model), **given})


def refusal(**given) -> str:
    """The text with which sampling refuses."""
    try:
        outcome = sample(**given)
    except RuntimeError as error:
        return str(error)
    raise AssertionError(f"sampling did not fail: {outcome}")


def face():
    return bpy.context.object.active_material


def node(kind):
    return face().node_tree.nodes[NODES[kind]]


def source_of(socket):
    assert len(socket.links) == 1, f"{socket.node.name}.{socket.name} has {len(socket.links)} links"
    return socket.links[0].from_node


def near(value, expected, tolerance=1e-6):
    assert abs(value - expected) <= tolerance * max(1, abs(expected)), f"{value} is not {expected}"


def mean_of(image) -> list:
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(-1, image.channels).mean(axis=0).tolist()


def add_plane(name="Plane"):
    bpy.ops.mesh.primitive_plane_add()
    bpy.context.object.name = name
    return bpy.context.object


def files(folder) -> list:
    return sorted(path.name for path in Path(folder).iterdir()) if Path(folder).exists() else []


def panel_methods(name):
    """The panel's own helpers, bound to no panel: panels cannot be made outside of a window."""
    panel = getattr(bpy.types, name)
    own = {k: v for base in reversed(panel.__mro__) for k, v in vars(base).items() if k.startswith("draw_")}
    return {k: (lambda *a, _v=v: _v(None, *a)) for k, v in own.items()}


def modal_operator(kind="GANTLITZ_OT_sample", **given):
    """An object with the operator's methods: Blender makes real ones only for events in a window."""
    bases = [base for base in reversed(getattr(bpy.types, kind).__mro__) if base.__module__.startswith(MODULE)]
    own = {k: v for base in bases for k, v in vars(base).items() if not k.startswith(("_", "bl_"))}
    values = {"model": str(arguments.model), **given}
    operator = type("Operator", (), own)()
    operator.properties = SimpleNamespace(is_property_set=lambda name: name in values)
    operator.__dict__.update(values)
    operator.reports = []
    operator.report = lambda *said: operator.reports.append(said)
    return operator
