"""Sentences find their translation, with the values that are in them; what has none stays English."""

import pytest

from gantlitz_blender import languages
from tests.texts import shown_texts

TABLE = {
    "Sample": "Ziehen",
    "{0} is ready.": "{0} ist fertig.",
    "There is no {0} in {1}.": "In {1} fehlt {0}.",
    "the preferences": "den Einstellungen",
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
    import re

    for english, other in languages.LANGUAGES[locale].items():
        values = [set(re.findall(r"\{[^}]*\}", text)) for text in (english, other)]
        assert values[0] == values[1], english
        assert other.strip(), english


def test_every_text_that_can_be_shown_is_in_german():
    missing = [f"{place}: {text}" for text, place in shown_texts().items() if text not in languages.LANGUAGES["de_DE"]]
    assert not missing, "\n".join(missing)
