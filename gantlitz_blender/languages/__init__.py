"""What the add-on says in other languages than English. Knows no bpy.

LANGUAGES: {Blender's locale: {English text: its translation}}. A text with values in it stands there as a template: {0}, {1} ...
are the values in the order of the English text, and may come in another order in the translation.
"""

import re
from functools import lru_cache

from .german import GERMAN

LANGUAGES = {"de_DE": GERMAN}


@lru_cache(maxsize=512)
def translated(text: str, locale: str) -> str:
    """`text` in a language: from the table, or by the template that gave it, its values translated likewise; else as it is."""
    table = LANGUAGES.get(locale, {})
    if text in table:
        return table[text]
    for template, pattern in _templates(locale):
        if found := pattern.fullmatch(text):
            return table[template].format(*(translated(value, locale) for value in found.groups()))
    return text


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
