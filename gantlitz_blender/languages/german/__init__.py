"""German. Maps, Seed, Look and Textur stay as German-speaking artists say them; instructions are in the infinitive."""

from .descriptions import SETTINGS
from .errors import ERRORS
from .labels import LABELS
from .panels import PANELS
from .tooltips import BUTTONS

GERMAN: dict[str, str] = {**LABELS, **PANELS, **BUTTONS, **SETTINGS, **ERRORS}
