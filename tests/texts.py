"""The texts that the code can show, read from its source: as they stand, or as templates with {0}, {1} ... for values.

Two kinds are found: what is handed to something that shows texts, if it is only a word; and every literal of several words,
wherever it stands, unless it is known to be for no artist. So a text that is new is found without being told of.
What Blender knows of classes and properties, built at run time, is found by tests/blender/checks_language.py.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "gantlitz_blender"
# Who shows a text -> which of its positional arguments are texts.
SHOWN_BY = {
    "GantlitzError": (0, 1),
    "Finding": (0, 2, 3),
    "poll_message_set": (0,),
    "draw_wrapped": (2,),
    "draw_line": (1,),
    "said": (0,),
    "report": (1,),
    "_tell": (2,),
    "tell": (2,),
}
DRAWING = {"label", "prop", "operator", "menu", "progress", "popover", "column", "row", "box", "template_ID", "prop_search"}
KEYWORDS = {"text", "heading", "label", "sentence", "fix", "title", "message", "confirm_text"}
SHOWN_ATTRIBUTES = {"text", "result", "cancelled"}  # of jobs, of states and of operators

# What is said on a terminal only, which speaks English; and what is read from Blender's own knowledge of properties instead.
NOT_READ = {("runtime", "batch"), ("runtime", "commands"), ("runtime", "model_facts.py"), ("runtime", "__init__.py")}
NOT_READ |= {("runtime", "start_worker.py"), ("runtime", "packages.py"), ("runtime", "pictures", "naming.py")}
NOT_READ |= {("runtime", "population")}
NOT_READ_FILES = {
    *("batch.py", "cli.py", "command_process.py", "blender_commands.py", "doctor_command.py"),
    *("render_command.py", "render_plan.py", "stage.py", "population_command.py", "asset_library.py", "blender_items.py"),
}
PROPERTIES = "properties.py"
# Calls whose texts are for programs, or for who reads the code.
FOR_PROGRAMS = {"compile", "fullmatch", "search", "match", "findall", "sub", "split", "startswith", "print", "Thread", "save"}
FOR_PROGRAMMERS = {"TypeError", "AttributeError", "AssertionError", "NotImplementedError"}
# Names of Blender's sockets, of our nodes and datablocks, words of other programs; and what only programmers can bring about.
NOT_SHOWN = {
    "Base Color",
    "Specular IOR Level",
    "Subsurface Weight",
    "Subsurface Radius",
    "Normal Map",
    "Material Output",
    "From Min",
    "From Max",
    "To Min",
    "To Max",
    "Displacement in Millimetres",
    "Roughness from Specular",
    "DirectX to OpenGL",
    "{0} Eyes",
    "{0} Cap",
    "Application Support",
    "a contact sheet needs a thumbnail",
    "python -m trainer export",
    "python -m trainer train-completer",
    "python -m gantlitz_blender.runtime complete",
    "{0} is not inside {1}",
    "{0}x{1} {2}-bit{3} {4}",
    "(in memory)",
    "GANtlitz: {0}",
}
OF_DATABLOCKS = re.compile(r"GANtlitz [\w{}]+( [\w{}]+)*")


def shown_texts(package: Path = PACKAGE) -> dict[str, str]:
    """{text: where it stands, file:line}."""
    found: dict[str, str] = {}
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package)
        if _is_read(inside):
            tree = ast.parse(path.read_text("utf-8"))
            for node, text in (*_shown(tree), *_sentences(tree)):
                found.setdefault(text, f"{inside}:{node.lineno}")
    return found


def unsaid_labels(package: Path = PACKAGE) -> list[str]:
    """file:line of labels with a text of their own that does not go through said(): Blender has other words for some."""
    found = []
    for path in sorted(package.rglob("*.py")):
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            if _name(call) == "label":
                texts = [keyword.value for keyword in call.keywords if keyword.arg == "text"]
                if any(_has_words(text) for argument in texts for text in _templates_of(argument)):
                    found.append(f"{path.relative_to(package)}:{call.lineno}")
    return found


def _is_read(inside: Path) -> bool:
    parts = inside.parts
    if "languages" in parts or inside.name in NOT_READ_FILES or inside.name.endswith(PROPERTIES):
        return False
    return not any(parts[: len(left)] == left for left in NOT_READ)


def _shown(tree: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    for node in ast.walk(tree):
        arguments: list[ast.expr] = []
        if isinstance(node, ast.Call):
            arguments = list(_texts_of(node))
        elif isinstance(node, ast.Assign):
            arguments = list(_texts_set(node))
        else:
            continue
        for argument in arguments:
            yield from ((node, text) for text in _templates_of(argument) if _has_words(text))


def _texts_of(call: ast.Call) -> Iterator[ast.expr]:
    name = _name(call)
    yield from (call.args[index] for index in SHOWN_BY.get(name, ()) if index < len(call.args))
    if name in SHOWN_BY or name in DRAWING:
        yield from (keyword.value for keyword in call.keywords if keyword.arg in KEYWORDS)


def _texts_set(node: ast.Assign) -> Iterator[ast.expr]:
    """What is assigned to an attribute that is shown, alone or beside others."""
    for target in node.targets:
        both = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
        pairs = zip(target.elts, node.value.elts, strict=True) if both else ((target, node.value),)
        yield from (value for place, value in pairs if isinstance(place, ast.Attribute) and place.attr in SHOWN_ATTRIBUTES)


def _sentences(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Every literal of several words that an artist may see."""
    passed_over: set[int] = set()
    for node in ast.walk(tree):
        for other in _not_shown_in(node):
            passed_over.update(id(part) for part in ast.walk(other))
    for node in ast.walk(tree):
        if id(node) in passed_over or not isinstance(node, (ast.Constant, ast.JoinedStr)):
            continue
        for text in _templates_of(node):
            several = " " in text.strip() and "\n" not in text and _has_words(text)
            if several and text not in NOT_SHOWN and not OF_DATABLOCKS.fullmatch(text):
                yield node, text


def _not_shown_in(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of this node whose texts nobody is shown; and, of a text with values, its pieces, which count as one."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value  # a docstring
    elif isinstance(node, ast.JoinedStr):
        for piece in node.values:
            yield from [piece] if isinstance(piece, ast.Constant) else [piece.format_spec] if piece.format_spec else []
    elif isinstance(node, ast.Assert) and node.msg is not None:
        yield node.msg
    elif isinstance(node, ast.Compare):
        yield from (part for part in (node.left, *node.comparators) if isinstance(part, (ast.Constant, ast.Tuple)))
    elif isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id.endswith("_TEXTS") for t in node.targets):
        yield node.value  # what other programs say
    elif isinstance(node, ast.Subscript):
        yield node.slice
    elif isinstance(node, ast.comprehension) and isinstance(node.iter, ast.Tuple):
        yield node.iter
    elif isinstance(node, ast.Call) and _name(node) in FOR_PROGRAMS | FOR_PROGRAMMERS:
        yield from node.args
        yield from (keyword.value for keyword in node.keywords)
    elif isinstance(node, ast.keyword) and node.arg == "thread_name_prefix":
        yield node.value


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _has_words(text: str) -> bool:
    return re.search(r"[A-Za-z]{2}", re.sub(r"\{\d+\}", "", text)) is not None


def _templates_of(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may be: of both branches of a condition."""
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
