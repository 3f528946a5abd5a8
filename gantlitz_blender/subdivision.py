"""True displacement with adaptive subdivision, as an option that leaves nothing behind when it is switched off.

Cycles dices the mesh as finely as the picture needs. Until Blender 4.5 that is an experimental feature of the scene and a switch on
the object; from 5.0 on a switch on the modifier.
"""

import bpy

MODIFIER = "GANtlitz Subdivision"
FEATURES_BEFORE = "gantlitz_feature_set"  # on the scene: what it was set to


def is_adaptive(target: bpy.types.Object) -> bool:
    modifier = _last_subdivision(target)
    if modifier is None:
        return False
    if hasattr(modifier, "use_adaptive_subdivision"):
        return bool(modifier.use_adaptive_subdivision)
    return bool(target.cycles.use_adaptive_subdivision)


def switch_on(scene: bpy.types.Scene, target: bpy.types.Object) -> None:
    """Have the object diced adaptively: by its last subdivision modifier, or one that it gets for it."""
    modifier = _last_subdivision(target) or target.modifiers.new(MODIFIER, "SUBSURF")
    if hasattr(modifier, "use_adaptive_subdivision"):
        modifier.use_adaptive_subdivision = True
        return
    if scene.cycles.feature_set != "EXPERIMENTAL":
        scene[FEATURES_BEFORE] = scene.cycles.feature_set
        scene.cycles.feature_set = "EXPERIMENTAL"
    target.cycles.use_adaptive_subdivision = True


def switch_off(scene: bpy.types.Scene, target: bpy.types.Object) -> None:
    """As it was before: a modifier of ours goes, another stays."""
    modifier = _last_subdivision(target)
    if modifier is not None and hasattr(modifier, "use_adaptive_subdivision"):
        modifier.use_adaptive_subdivision = False
    elif hasattr(target, "cycles") and hasattr(target.cycles, "use_adaptive_subdivision"):
        target.cycles.use_adaptive_subdivision = False
        others = any(is_adaptive(other) for other in scene.objects if other.type == "MESH")
        if FEATURES_BEFORE in scene and not others:
            scene.cycles.feature_set = scene[FEATURES_BEFORE]
            del scene[FEATURES_BEFORE]
    if modifier is not None and modifier.name == MODIFIER:
        target.modifiers.remove(modifier)


def _last_subdivision(target: bpy.types.Object) -> bpy.types.Modifier | None:
    last = target.modifiers[-1] if target.modifiers else None
    return last if last is not None and last.type == "SUBSURF" else None
