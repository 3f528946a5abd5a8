"""The doctor on a terminal: its findings as text or as JSON, and an exit code. Knows no bpy."""

from __future__ import annotations

import json
import sys

from .doctor import Finding, Subject, examine, report, without_private


def tell(subject: Subject, as_json: bool) -> int:
    """Examine, and print what is found: a line each as it comes, or all as one JSON object. Returns 1 if there is a fix."""
    findings = examine(subject, None if as_json else lambda finding: print(report([finding]), flush=True))
    bad = [finding for finding in findings if finding.good is False]
    if as_json:
        print(json.dumps({"good": not bad, "findings": [_as_json(finding) for finding in findings]}, indent=2, ensure_ascii=False))
    elif bad:
        print(f"Something needs a fix: {', '.join(finding.about for finding in bad)}.", file=sys.stderr)
    return 1 if bad else 0


def _as_json(finding: Finding) -> dict[str, object]:
    text, fix = without_private(finding.text), without_private(finding.fix)
    return {"about": finding.about, "good": finding.good, "text": text, "fix": fix}
