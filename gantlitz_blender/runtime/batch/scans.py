"""Many scans to complete or enlarge: a path and what is wanted of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import GantlitzError
from ..scan_request import ScanRequest
from .items import USUAL, ScanItem
from .scan_folders import points_beside, scans_at


@dataclass(frozen=True)
class ScanGroup:
    """scans: paths as scan_folders.scans_at reads them. options: fields of ScanRequest, of all. only_known: enlarge them.

    points: a points file for all; without, each scan takes those beside it (points.json). name: in place of a single scan's own.
    profile: of the files, one of export_profiles.PROFILES.
    """

    scans: Sequence[Path]
    options: dict[str, Any]
    only_known: bool = False
    points: Path | None = None
    name: str | None = None
    prefix: str = ""
    profile: str = USUAL

    def items(self, made_by: tuple[str, str]) -> list[ScanItem]:
        """All its scans; made_by: sha256 of model and completer. Raises GantlitzError for what is wrong with all of them."""
        from ..completion.landmarks import Points

        common = Points.read(self.points).to_dict() if self.points else None
        found = [scan for path in self.scans for scan in scans_at(path)]
        if self.name and len(found) != 1:
            raise GantlitzError(f"One name cannot serve {len(found)} scans.", "Leave it out: each is called as its files are.")
        made = []
        for name, maps, problem in found:
            request = None
            if problem is None:
                own = None if self.points else points_beside(maps, name)
                try:
                    points = Points.read(own).to_dict() if own else common
                    paths = {kind: str(path) for kind, path in maps.items()}
                    request = ScanRequest(paths, points, **self.options).absolute()
                except GantlitzError as error:
                    if len(found) == 1 or own is None:  # the call's fault, not this scan's
                        raise
                    problem = error
            named = f"{self.prefix}{self.name or name}"
            made.append(ScanItem(named, request, self.only_known, made_by, problem, self.profile))
        return made
