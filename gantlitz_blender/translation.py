"""The add-on in the artist's language: labels and tooltips by Blender's own means, sentences with values in them by languages/."""

import bpy

from .languages import LANGUAGES, translated
from .runtime.errors import GantlitzError

_CONTEXTS = ("*", "Operator")  # buttons of operators are looked up in the second


def said(text: str) -> str:
    """A sentence in the language of the interface, or as it is where there is no translation of it."""
    if not bpy.context.preferences.view.use_translate_interface:
        return text
    return translated(text, bpy.app.translations.locale)


def told(error: GantlitzError) -> str:
    """An error in that language: what is wrong, and what to do."""
    return f"{said(error.sentence)} {said(error.fix)}".strip()


def register() -> None:
    tables = {
        locale: {(context, english): other for english, other in table.items() for context in _CONTEXTS}
        for locale, table in LANGUAGES.items()
    }
    bpy.app.translations.register(__package__, tables)


def unregister() -> None:
    bpy.app.translations.unregister(__package__)
