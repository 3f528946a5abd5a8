"""The sentences that the code can show, read from its source: as they stand, or as templates with {0}, {1} ... for values."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "gantlitz_blender"
# Who shows a text -> which of its positional arguments are texts; keywords named text, heading or label are always.
SHOWN_BY = {
    "GantlitzError": (0, 1),
    "poll_message_set": (0,),
    "draw_wrapped": (2,),
    "said": (0,),
    "report": (1,),
    "_tell": (2,),
    "tell": (2,),
}
# What is said on a terminal only, which speaks English.
COMMAND_LINE = {("runtime", "batch"), ("runtime", "commands"), ("runtime", "population")}
COMMAND_LINE_FILES = {
    *("batch.py", "cli.py", "command_process.py", "model_facts.py", "blender_commands.py", "doctor_command.py"),
    *("render_command.py", "render_plan.py", "stage.py", "population_command.py", "asset_library.py"),
}
KEYWORDS = {"text", "heading", "label", "sentence", "fix"}


def shown_texts(package: Path = PACKAGE) -> dict[str, str]:
    """{text: where it stands, file:line}."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package)
        if "languages" in inside.parts or inside.parts[:2] in COMMAND_LINE or inside.name in COMMAND_LINE_FILES:
            continue
        for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
            for argument in _texts_of(call):
                for text in _templates_of(argument):
                    if any(letter.isalpha() for letter in text.replace("{", "")):
                        found.setdefault(text, f"{path.relative_to(package)}:{call.lineno}")
    return found


def _texts_of(call: ast.Call) -> Iterator[ast.expr]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    yield from (call.args[index] for index in SHOWN_BY.get(name, ()) if index < len(call.args))
    if name in SHOWN_BY or name in {"label", "prop", "operator", "menu", "progress", "popover", "column", "row", "box"}:
        yield from (keyword.value for keyword in call.keywords if keyword.arg in KEYWORDS)


def _templates_of(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may be: of both branches of a condition, and of literals joined by +."""
    if isinstance(node, ast.IfExp):
        yield from _templates_of(node.body)
        yield from _templates_of(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts, values = [], 0
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append(str(part.value))
            else:
                parts.append(f"{{{values}}}")
                values += 1
        yield "".join(parts)
