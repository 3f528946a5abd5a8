"""What Blender itself shows of the add-on's classes, against the German table: it has no languages built in to switch to here."""

import bpy
from inside import MODULE, check, part

# Names that are never on screen: properties without a name of their own, and Blender's inherited ones.
INHERITED = {"Defines the structure of the panel in the UI", "Unique name used in the code and scripting"}
BASES = ("Operator", "Panel", "Menu", "Header", "UIList", "PropertyGroup", "FileHandler", "AddonPreferences")
OWNERS = ("Scene", "Object", "Material", "Image", "WindowManager")
CONTEXT = "GANtlitz"


def subclasses(base):
    for cls in base.__subclasses__():
        yield cls
        yield from subclasses(cls)


def ours():
    bases = [getattr(bpy.types, name) for name in BASES]
    return [cls for base in bases for cls in subclasses(base) if cls.__module__.startswith(MODULE) and hasattr(cls, "bl_rna")]


def operators():
    """What Blender knows of every registered operator: its type, and its properties."""
    return [getattr(bpy.ops.gantlitz, name).get_rna_type() for name in dir(bpy.ops.gantlitz)]


def properties_of(rna):
    """Those that have a name of their own."""
    return [item for item in rna.properties if item.name not in ("", item.identifier) and item.name not in INHERITED]


def owned():
    """The add-on's properties on Blender's own types that have a name."""
    for name in OWNERS:
        for item in getattr(bpy.types, name).bl_rna.properties:
            if item.identifier.startswith("gantlitz") and item.name != item.identifier:
                yield item


def all_properties():
    found = [*owned()]
    for rna in [cls.bl_rna for cls in ours()] + operators():
        inherited = {item.identifier for item in rna.base.properties} if rna.base else set()
        found += [item for item in properties_of(rna) if item.identifier not in inherited]
    return found


def choices_of(item):
    return [*item.enum_items] if item.type == "ENUM" else []


def shown():
    for cls in ours():
        yield getattr(cls, "bl_label", "")
    for rna in operators():
        yield rna.name
        yield rna.description
    for item in all_properties():
        yield item.name
        yield item.description
        for choice in choices_of(item):
            yield choice.name
            yield choice.description


def is_to_be_said(text):
    return any(letter.isalpha() and letter not in "xK" for letter in text) and text not in INHERITED


@check
def every_operator_is_looked_at(folder):
    assert {rna.name for rna in operators()} >= {cls.bl_label for cls in ours() if issubclass(cls, bpy.types.Operator)}


@check
def names_choices_and_tooltips_are_in_german(folder):
    german = part("languages").LANGUAGES["de_DE"]
    texts = {text for text in shown() if is_to_be_said(text)}
    assert len(texts) > 350, f"only {len(texts)} texts were found"
    missing = sorted(texts - set(german))
    assert not missing, "\n".join(missing)


@check
def names_are_not_looked_up_in_blenders_own_dictionary(folder):
    """There "Seed" is "Startwert", and "Fast" is "Einfügen"."""
    types = [rna for rna in operators()] + [cls.bl_rna for cls in ours() if issubclass(cls, bpy.types.Panel)]
    strays = [rna.identifier for rna in types if rna.translation_context != CONTEXT]
    strays += [item.identifier for item in all_properties() if item.translation_context != CONTEXT]
    assert not strays, sorted(strays)


@check
def sentences_stay_english_in_an_english_interface(folder):
    assert part("translation").said("Rendering") == "Rendering"
