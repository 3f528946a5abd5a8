"""Export profiles as a command line and a job file name them. Standard library only."""

from __future__ import annotations

from ..errors import GantlitzError
from ..export_profiles import PROFILES


def profile_named(name: str) -> str:
    """``METAHUMAN`` for metahuman and MetaHuman, ``TEXTURING_XYZ`` for texturing-xyz. Raises GantlitzError (``bad-request``)."""
    found = name.strip().upper().replace("-", "_")
    if found not in PROFILES:
        raise GantlitzError(f"There is no export profile {name!r}.", f"Known: {', '.join(map(spoken, PROFILES))}.")
    return found


def spoken(profile: str) -> str:
    """``texturing-xyz`` for TEXTURING_XYZ."""
    return profile.lower().replace("_", "-")
