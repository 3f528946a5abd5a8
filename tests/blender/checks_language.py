"""What Blender itself shows of the add-on's classes, against the German table: it has no languages built in to switch to here."""

import bpy
from inside import MODULE, check, part

# Names that are never on screen: properties without a name of their own, and Blender's inherited ones.
INHERITED = {"Defines the structure of the panel in the UI", "Unique name used in the code and scripting"}


def subclasses(base):
    for cls in base.__subclasses__():
        yield cls
        yield from subclasses(cls)


def ours():
    bases = (bpy.types.Operator, bpy.types.Panel, bpy.types.PropertyGroup, bpy.types.FileHandler, bpy.types.AddonPreferences)
    return [cls for base in bases for cls in subclasses(base) if cls.__module__.startswith(MODULE) and hasattr(cls, "bl_rna")]


def texts_of(rna):
    """The names and descriptions of properties that have a name; of enumerations those of the items, too."""
    for item in rna.properties:
        if not item.is_runtime or item.name in ("", item.identifier):
            continue
        yield item.name
        yield item.description
        if item.type == "ENUM":
            for choice in item.enum_items:
                yield choice.name
                yield choice.description


def shown():
    for cls in ours():
        yield getattr(cls, "bl_label", "")
        if issubclass(cls, bpy.types.Operator):
            yield cls.bl_rna.description or cls.__doc__ or ""
        yield from texts_of(cls.bl_rna)
    for owner in (bpy.types.Scene, bpy.types.Object):
        for item in owner.bl_rna.properties:
            if item.identifier.startswith("gantlitz") and item.name != item.identifier:
                yield item.name
                yield item.description


@check
def labels_and_tooltips_are_in_german(folder):
    german = part("languages").LANGUAGES["de_DE"]
    texts = {text for text in shown() if any(letter.isalpha() and letter not in "xK" for letter in text)} - INHERITED
    assert len(texts) > 200, f"only {len(texts)} texts were found"
    missing = sorted(texts - set(german))
    assert not missing, "\n".join(missing)


@check
def sentences_stay_english_in_an_english_interface(folder):
    assert part("translation").said("Rendering") == "Rendering"
