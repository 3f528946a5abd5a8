"""German. Maps, Seed, Look and Textur stay as German-speaking artists say them; instructions are in the infinitive."""

from .labels import LABELS
from .panels import PANELS

GERMAN: dict[str, str] = {**LABELS, **PANELS}
