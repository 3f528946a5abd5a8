"""Sentences find their translation, with the values that are in them; what has none stays English."""

import re

import pytest

from gantlitz_blender import languages
from gantlitz_blender.languages import german as german_tables
from tests.texts import shown_texts, unsaid_labels

TABLE = {
    "Sample": "Ziehen",
    "{0} is ready.": "{0} ist fertig.",
    "There is no {0} in {1}.": "In {1} fehlt {0}.",
    "the preferences": "den Einstellungen",
    "On {0}": "Auf {0:name}",
    "Head": "Kopf",
}


@pytest.fixture
def german(monkeypatch):
    languages.translated.cache_clear()
    languages._templates.cache_clear()
    monkeypatch.setitem(languages.LANGUAGES, "xx", TABLE)
    yield lambda text: languages.translated(text, "xx")
    languages.translated.cache_clear()
    languages._templates.cache_clear()


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("Sample", "Ziehen"),
        ("face_7 is ready.", "face_7 ist fertig."),
        ("There is no python in the preferences.", "In den Einstellungen fehlt python."),
        ("There is no file\n(a. b?) in /a {b}.", "In /a {b} fehlt file\n(a. b?)."),
        ("On Head", "Auf Head"),
        ("7_a is ready. There is no b in c.", "7_a ist fertig. In c fehlt b."),
        ("Sample, 7: Head", "Ziehen, 7: Kopf"),
        ("/b/Head is ready.", "/b/Head ist fertig."),
        ("Nobody has translated this.", "Nobody has translated this."),
        ("", ""),
    ],
)
def test_translates(german, english, expected):
    assert german(english) == expected


def test_another_language_is_left_as_it_is():
    assert languages.translated("Sample", "fr_FR") == "Sample"


@pytest.mark.parametrize("locale", languages.LANGUAGES)
def test_templates_keep_their_values(locale):
    """A translation has the values of its English text, each at least once, and no others."""
    for english, other in languages.LANGUAGES[locale].items():
        values = [set(re.findall(r"\{(\d+)(?::name)?\}", text)) for text in (english, other)]
        assert values[0] == values[1], english
        assert other.strip(), english


def test_no_text_has_two_translations():
    found: dict[str, str] = {}
    for part in german_tables.PARTS:
        twice = [english for english, other in part.items() if found.setdefault(english, other) != other]
        assert not twice, twice


def test_a_seed_is_a_seed_in_german_too():
    table = languages.LANGUAGES["de_DE"]
    seeds = {english: other for english, other in table.items() if re.search(r"\bseeds?\b", english, re.IGNORECASE)}
    strays = [english for english, other in seeds.items() if "seed" not in other.lower()]
    assert not strays, strays


def test_every_text_that_can_be_shown_is_in_german():
    missing = [f"{place}: {text}" for text, place in shown_texts().items() if text not in languages.LANGUAGES["de_DE"]]
    assert not missing, "\n".join(missing)


def test_labels_are_translated_by_ourselves():
    """Blender's own dictionary goes before ours in a label, and calls a history "Protokol"."""
    assert not unsaid_labels()


def test_a_template_has_its_values_apart():
    """Two values side by side cannot be told from each other in a text that was made of them."""
    assert not [english for english in languages.LANGUAGES["de_DE"] if "}{" in english]


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("seed 7, variety 0.70, detail 3, mixed, on its way", "Seed 7, Vielfalt 0.70, Detail 3, gemischt, unterwegs"),
        ("Seed 7, mixed, 20% to seed 9", "Seed 7, gemischt, 20% hin zu Seed 9"),
        ("completed (fit-from-fast) from albedo, normal", "vervollständigt (Anpassen nach Schnell) aus Albedo, Normal"),
        ("a.png, 64 x 64, 8 bit, packed", "a.png, 64 x 64, 8 Bit, gepackt"),
        ("Cancelled: the scene is as it was.", "Abgebrochen: Die Szene ist wie vorher."),
        ("Skin is on Head. Maps: /a/Head of 2", "Skin ist auf Head. Maps: /a/Head of 2"),
        (
            "The albedo image Head has lost its file: /b/c. Find it, or choose another image.",
            "Das Bild Head (Albedo) hat seine Datei verloren: /b/c. Sie wiederfinden, oder ein anderes Bild wählen.",
        ),
        ("3 of 9: the corner of the mouth, on the left of the picture", "3 von 9: der Mundwinkel, links im Bild"),
        (
            "The worker ended with exit code 3: No module named x.",
            "Der Arbeitsprozess endete mit Exit-Code 3: No module named x.",
        ),
        (
            "The memory was too full for tiles of 512 texels: the maps were made in tiles of 256.",
            "Der Speicher war zu voll für Kacheln von 512 Texeln: Die Maps entstanden in Kacheln von 256.",
        ),
        ("Head, seed 7, 4096 px", "Head, Seed 7, 4096 px"),
        (
            "a_disp.png does not say how many millimetres lie between black and white: 3 mm, assumed: the usual range of a face's "
            "detail. State the range.",
            "a_disp.png sagt nicht, wie viele Millimeter zwischen Schwarz und Weiß liegen: 3 mm, angenommen: der übliche Bereich "
            "der Details eines Gesichts. Den Bereich angeben.",
        ),
        (
            "Taken from Skin: albedo, normal. The displacement is scaled by 3 mm there, but an EXR is taken to hold millimetres: "
            "bake it in millimetres, or leave it out.",
            "Aus Skin genommen: Albedo, Normal. Das Displacement ist dort mit 3 mm skaliert, aber bei einem EXR gelten "
            "Millimeter: in Millimetern backen, oder weglassen.",
        ),
        ("RTX 4090, NVIDIA driver 580.1", "RTX 4090, NVIDIA-Treiber 580.1"),
        ("Python 3.11 of this Blender, /b", "Python 3.11 dieses Blenders, /b"),
    ],
)
def test_says_in_german_what_is_made_of_parts(english, expected):
    assert languages.translated(english, "de_DE") == expected
