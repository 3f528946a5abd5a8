"""What is said of a subject: what was found, how it was decided, what is done about it."""

from __future__ import annotations

from gantlitz_blender.runtime.pictures.naming import MAPS

from .subject import Findings


def report(found: Findings) -> str:
    """Several lines: a map a line, then the decisions, what was left aside and what to know."""
    lines = [f"{found.subject.name}  ({found.subject.folder}; licence: {found.licence})"]
    derived = found.derived()
    for kind in MAPS:
        if kind in found.files:
            facts = found.files[kind]
            lines.append(_line(kind, f"{facts.path.name}  {facts}"))
        else:
            lines.append(_line(kind, f"will be made: {derived[kind]}" if kind in derived else "missing"))
    lines += [_line(what, str(decision)) for what, decision in found.decisions.items()]
    lines += [_line("left aside", f"{path.name}: {why}") for path, why in found.subject.ignored.items()]
    lines += [_line("note", note) for note in found.notes]
    return "\n".join(lines)


def _line(what: str, text: str) -> str:
    return f"  {what:<20} {text}"
