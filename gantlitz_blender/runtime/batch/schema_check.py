"""Values against a JSON schema, with sentences that say where and name the nearest known key; as much as job_schema.py uses."""

from __future__ import annotations

import difflib
import re
from typing import Any

from ..errors import GantlitzError

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float),
}  # fmt: skip
_NAMES = {
    "object": "an object", "array": "a list", "string": "a text", "boolean": "true or false", "integer": "a whole number",
    "number": "a number",
}  # fmt: skip


def check(value: Any, schema: dict[str, Any], where: str) -> None:
    """Raises GantlitzError (``bad-request``) for the first thing in `value` that the schema does not allow.

    where: what the value is, in words. Of ``anyOf`` the first choice of the value's type counts; ``const`` and ``oneOf`` are for
    the caller.
    """
    if "anyOf" in schema:
        _check_any(value, schema["anyOf"], where)
        return
    kind = schema.get("type")
    if kind and not _is(value, kind):
        raise GantlitzError(f"{where} must be {_NAMES[kind]}, not {value!r}.", "Correct it.")
    if "enum" in schema and value not in schema["enum"]:
        known = schema["enum"]
        raise GantlitzError(f"{where} cannot be {value!r}.", f"{nearest(str(value), known)}Known: {', '.join(known)}.")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        raise GantlitzError(f"{where} cannot be {value!r}.", "Write numbers and ranges, such as 0-3,7.")
    if kind in ("integer", "number"):
        _check_number(value, schema, where)
    elif kind == "array":
        least, most = schema.get("minItems", 0), schema.get("maxItems", len(value))
        if not least <= len(value) <= most:
            raise GantlitzError(f"{where} has {len(value)} entries.", f"Give {least}{'' if least == most else ' or more'}.")
        for n, entry in enumerate(value):
            check(entry, schema["items"], f"{where}[{n}]")
    elif kind == "object" and "properties" in schema:
        _check_object(value, schema, where)
    elif kind == "object" and "additionalProperties" in schema:
        for name, entry in value.items():
            check(entry, schema["additionalProperties"], f"{where}.{name}")


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _check_any(value: Any, choices: list[dict[str, Any]], where: str) -> None:
    choices = [inner for choice in choices for inner in choice.get("anyOf", [choice])]
    fitting = [choice for choice in choices if _is(value, choice["type"])]
    if not fitting:
        names = [_NAMES[choice["type"]] for choice in choices]
        raise GantlitzError(f"{where} must be {' or '.join(names)}, not {value!r}.", "Correct it.")
    check(value, fitting[0], where)


def _check_number(value: float, schema: dict[str, Any], where: str) -> None:
    least, most = schema.get("minimum"), schema.get("maximum")
    if (least is not None and not value >= least) or (most is not None and not value <= most):
        bounds = f"between {least:g} and {most:g}" if most is not None else f"{least:g} or more"
        raise GantlitzError(f"{where} must be {bounds}, not {value!r}.", "Correct it.")


def _check_object(value: dict[str, Any], schema: dict[str, Any], where: str) -> None:
    known = schema["properties"]
    for name in value:
        if name not in known:
            raise GantlitzError(f"{where} has an unknown key {name!r}.", f"{nearest(name, list(known))}Known: {', '.join(known)}.")
    for name in schema.get("required", ()):
        if name not in value:
            raise GantlitzError(f"{where} needs the key {name!r}.", "Add it.")
    for name, entry in value.items():
        check(entry, known[name], f"{where}.{name}")


def nearest(word: str, known: list[str]) -> str:
    """``Did you mean ...? `` for the known word that is most like this one; empty where none is."""
    found = difflib.get_close_matches(word.lower(), known, 1, 0.5)
    return f"Did you mean {found[0]!r}? " if found else ""
