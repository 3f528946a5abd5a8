"""German. Maps, Seed, Look and Textur stay as German-speaking artists say them; instructions are in the infinitive."""

from .arguments import ARGUMENTS
from .descriptions import SETTINGS
from .errors import ERRORS
from .labels import LABELS
from .landmarks import LANDMARKS
from .panels import PANELS
from .scans import SCANS
from .setup import SETUP
from .tooltips import BUTTONS
from .work import WORK
from .worker_errors import WORKER_ERRORS

PARTS = (ARGUMENTS, LABELS, PANELS, BUTTONS, SETTINGS, SETUP, WORK, SCANS, LANDMARKS, ERRORS, WORKER_ERRORS)
GERMAN: dict[str, str] = {english: german for part in PARTS for english, german in part.items()}
