"""German. Maps, Seed, Look and Textur stay as German-speaking artists say them; instructions are in the infinitive."""

from .arguments import ARGUMENTS
from .descriptions import SETTINGS
from .errors import ERRORS
from .labels import LABELS
from .panels import PANELS
from .tooltips import BUTTONS
from .worker_errors import WORKER_ERRORS

GERMAN: dict[str, str] = {**ARGUMENTS, **LABELS, **PANELS, **BUTTONS, **SETTINGS, **ERRORS, **WORKER_ERRORS}
