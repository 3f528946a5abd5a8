"""What the add-on says in other languages than English. Knows no bpy.

LANGUAGES: {Blender's locale: {English text: its translation}}. A text with values in it stands there as a template: {0}, {1} ...
are the values in the order of the English text, and may come in another order in the translation. Values are translated likewise,
except those that stand as {0:name}: an artist's own object called Head stays Head.
"""

import re
from functools import lru_cache

from .german import GERMAN

LANGUAGES = {"de_DE": GERMAN}
_SENTENCE_END = re.compile(r"(?<=[.!?]) ")
_PATH = re.compile(r"[/~]|[A-Za-z]:[\\/]")
_JOINTS = (": ", "; ", ", ")  # of a list of texts, the loosest first


@lru_cache(maxsize=512)
def translated(text: str, locale: str) -> str:
    """`text` in a language: from the table, or by the template that gave it, or sentence by sentence and part by part; what is in
    none of these stays as it is."""
    found = _known(text, locale)
    if found is not None:
        return found
    for joint in _JOINTS:
        if joint in text:
            return joint.join(translated(part, locale) for part in text.split(joint, 1))
    return text


def _known(text: str, locale: str) -> str | None:
    """The translation of a text that is in the table as a whole, or is made of sentences that are."""
    table = LANGUAGES.get(locale, {})
    if text in table:
        return table[text]
    sentences = _SENTENCE_END.split(text)
    if len(sentences) > 1:
        each = [_known(sentence, locale) for sentence in sentences]
        if None not in each:
            return " ".join(filter(None, each))
    for template, pattern in _templates(locale):
        if found := pattern.fullmatch(text):
            return table[template].format(*(_Value(value, locale) for value in found.groups()))
    return None


class _Value:
    """A value of a template: translated, or as it is where it is a path, or the template says that it is a name."""

    def __init__(self, text: str, locale: str):
        self._text, self._locale = text, locale

    def __format__(self, kind: str) -> str:
        as_it_is = kind == "name" or _PATH.match(self._text)
        return self._text if as_it_is else translated(self._text, self._locale)


def pattern_of(template: str) -> re.Pattern[str]:
    """What a text made of `template` looks like: a value is any text, line breaks included."""
    return re.compile("(.+?)".join(map(re.escape, _own_words(template))), re.DOTALL)


@lru_cache(maxsize=len(LANGUAGES))
def _templates(locale: str) -> list[tuple[str, re.Pattern[str]]]:
    """The templates of a language, those with the most words of their own first: they leave the least to chance."""
    known = [template for template in LANGUAGES.get(locale, {}) if "{0}" in template]
    known.sort(key=lambda template: sum(map(len, _own_words(template))), reverse=True)
    return [(template, pattern_of(template)) for template in known]


def _own_words(template: str) -> list[str]:
    return re.split(r"\{\d+\}", template)
