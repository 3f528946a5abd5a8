"""GANtlitz Face Maps: four registered 6K skin maps of faces that do not exist, sampled inside Blender.

Importing this package needs no Blender: `runtime` is used without one, too. Blender calls register().
"""

_MODULES = (
    "translation",
    "properties",
    "live_properties",
    "bake_properties",
    "scan_properties",
    "looks_properties",
    "sheet_properties",
    "preferences",
    "previews",
    "thumbnails",
    "sheet",
    "walk_animation",
    "live",
    "operators",
    "panels",
    "truce",
    "cli",
)


def register() -> None:
    for module in _modules():
        module.register()


def unregister() -> None:
    from . import session

    session.stop()
    for module in reversed(_modules()):
        module.unregister()


def _modules() -> list:
    """The parts that have something to register, imported only now: they need bpy."""
    from importlib import import_module

    return [import_module(f".{name}", __package__) for name in _MODULES]
