"""The add-on in the artist's language: labels and tooltips by Blender's own means, sentences with values in them by languages/."""

import bpy

from .languages import LANGUAGES, translated
from .runtime.errors import GantlitzError

# Blender's own dictionary goes before an add-on's, and has other words for ours ("Seed" is "Startwert" there, "Fast" "Einfügen"),
# but not in a context of our own.
CONTEXT = "GANtlitz"
_CONTEXTS = ("*", "Operator", CONTEXT)  # tooltips are looked up in the first, dropped files in the second


def said(text: str) -> str:
    """A sentence in the language of the interface, or as it is where there is no translation of it."""
    if not bpy.context.preferences.view.use_translate_interface:
        return text
    return translated(text, bpy.app.translations.locale)


def told(error: GantlitzError) -> str:
    """An error in that language: what is wrong, and what to do."""
    return f"{said(error.sentence)} {said(error.fix)}".strip()


def named(text: str) -> str:
    """The name of something new: in that language where the artist wants new data named so."""
    return said(text) if bpy.context.preferences.view.use_translate_new_dataname else text


def register_class(cls: type) -> None:
    """Make a class known to Blender, with the names of it and of its properties in our context."""
    cls.bl_translation_context = CONTEXT  # type: ignore[attr-defined]
    for base in cls.__mro__:
        for found in getattr(base, "__annotations__", {}).values():  # from Python 3.14 on they are made when asked for
            if "name" in getattr(found, "keywords", {}):
                found.keywords["translation_context"] = CONTEXT
    bpy.utils.register_class(cls)


def register() -> None:
    tables = {
        locale: {(context, english): other for english, other in table.items() for context in _CONTEXTS}
        for locale, table in LANGUAGES.items()
    }
    bpy.app.translations.register(__package__, tables)


def unregister() -> None:
    bpy.app.translations.unregister(__package__)
