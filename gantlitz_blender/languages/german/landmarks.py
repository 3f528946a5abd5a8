"""The points of a scan: what to click, and what each is called in lists, in the picture and in scripts."""

_MIDLINE = {
    "chin": ("Kinn", "the foremost point of the chin", "der vorderste Punkt des Kinns"),
    "forehead_top": ("Haaransatz", "the middle of the hairline", "die Mitte des Haaransatzes"),
    "nose_root": ("Nasenwurzel", "the deepest point between the eyes", "der tiefste Punkt zwischen den Augen"),
    "nose_tip": ("Nasenspitze", "the foremost point of the nose", "der vorderste Punkt der Nase"),
    "nose_base": (
        "Nasensteg",
        "where the partition of the nose meets the upper lip",
        "wo die Nasenscheidewand auf die Oberlippe trifft",
    ),
    "lip_top": ("Oberlippe", "the dip in the middle of the upper lip's red", "die Senke in der Mitte des Oberlippenrots"),
    "lip_bottom": (
        "Unterlippe",
        "the lower edge of the lower lip's red, in the middle",
        "der untere Rand des Unterlippenrots, in der Mitte",
    ),
    "neck": (
        "Hals",
        "where the chin turns into the neck, in the middle",
        "wo das Kinn in den Hals übergeht, in der Mitte",
    ),
}
_SIDES = {
    "eye_inner": ("Innerer Augenwinkel", "the corner of the eye beside the nose", "der Augenwinkel an der Nase"),
    "eye_outer": ("Äußerer Augenwinkel", "the corner of the eye beside the temple", "der Augenwinkel an der Schläfe"),
    "nostril": ("Nasenloch", "the middle of the nostril", "die Mitte des Nasenlochs"),
    "mouth_corner": ("Mundwinkel", "the corner of the mouth", "der Mundwinkel"),
    "ear_front": (
        "Ohr vorn",
        "the small flap before the opening of the ear",
        "der kleine Knorpel vor der Ohröffnung",
    ),
    "nose_wing": ("Nasenflügel", "the outermost point of the nostril's wing", "der äußerste Punkt des Nasenflügels"),
    "brow_inner": ("Braue innen", "the inner end of the eyebrow", "das innere Ende der Augenbraue"),
    "brow_outer": ("Braue außen", "the outer end of the eyebrow", "das äußere Ende der Augenbraue"),
    "lid_top": ("Oberlid", "the middle of the upper lid's edge", "die Mitte des Oberlidrands"),
    "lid_bottom": ("Unterlid", "the middle of the lower lid's edge", "die Mitte des Unterlidrands"),
    "ear_top": ("Ohr oben", "the highest point of the ear", "der höchste Punkt des Ohrs"),
    "ear_back": ("Ohr hinten", "the outermost point of the ear's rim", "der äußerste Punkt des Ohrrands"),
    "ear_lobe": ("Ohrläppchen", "the lowest point of the ear's lobe", "der tiefste Punkt des Ohrläppchens"),
    "jaw_corner": ("Kieferwinkel", "the corner of the jaw below the ear", "der Kieferwinkel unter dem Ohr"),
}
_WAYS = {"left": "links", "right": "rechts"}


def _all() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, (called, where, german) in _MIDLINE.items():
        found |= _spelled(name, called) | _at(where, german)
    for name, (called, where, german) in _SIDES.items():
        found[where] = german
        for side, way in _WAYS.items():
            found |= _spelled(f"{name}_{side}", f"{called} {way}")
            found |= _at(f"{where}, on the {side} of the picture", f"{german}, {way} im Bild")
    return found


def _spelled(name: str, called: str) -> dict[str, str]:
    """As scripts, the picture and lists have it."""
    words = name.replace("_", " ")
    return dict.fromkeys((name, words, words.capitalize()), called)


def _at(where: str, german: str) -> dict[str, str]:
    return {where: german, where.capitalize(): german[0].upper() + german[1:]}


LANDMARKS = {**_all(), ", on the {0} of the picture": ", {0} im Bild"}
