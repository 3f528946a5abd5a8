"""One JSON object a line; a request that is not quite right is refused with the name of what is wrong."""

import pytest

from gantlitz_blender.runtime import protocol
from gantlitz_blender.runtime.errors import Cancelled, GantlitzError
from gantlitz_blender.runtime.export_profiles import Output
from gantlitz_blender.runtime.recipe import Recipe
from gantlitz_blender.runtime.scan_request import ScanRequest

RECIPE = {"seed": 7}
COMPLETE = {"kind": "complete", "id": 1, "request": {"maps": {"albedo": "a.png"}, "width": 512}, "folder": "/maps", "name": "anna"}
RENDER = {"kind": "render", "id": 1, "recipe": RECIPE, "folder": "/maps", "name": "anna"}


def test_a_message_is_one_ascii_line_and_comes_back():
    message = {"kind": "progress", "id": 3, "text": "Jörg\n顔", "fraction": 0.5}
    line = protocol.encode(message)
    assert line.isascii() and line.endswith(b"\n") and line.count(b"\n") == 1
    assert protocol.decode(line) == message


@pytest.mark.parametrize(
    ("message", "request_"),
    [
        ({"kind": "load", "id": 1}, protocol.Load(1, None, "auto")),
        ({"kind": "load", "id": 1, "model": None, "device": "cpu"}, protocol.Load(1, None, "cpu")),
        ({"kind": "preview", "id": 2, "recipe": RECIPE, "width": 256}, protocol.Preview(2, Recipe(7), 256)),
        (
            {"kind": "preview", "id": 2, "recipe": RECIPE, "width": 256, "layout": "blender", "refine": True},
            protocol.Preview(2, Recipe(7), 256, "blender", refine=True),
        ),
        ({**RENDER, "level": 0}, protocol.Render(1, Recipe(7), "/maps", "anna", level=0)),
        ({**RENDER, "size": [96, 64]}, protocol.Render(1, Recipe(7), "/maps", "anna", size=(96, 64))),
        (
            {**RENDER, "level": 0, "output": {"directx": True}},
            protocol.Render(1, Recipe(7), "/maps", "anna", level=0, output=Output(directx=True)),
        ),
        (COMPLETE, protocol.Complete(1, ScanRequest({"albedo": "a.png"}, width=512), "/maps", "anna")),
        ({"kind": "cancel", "id": 9, "target": 1}, protocol.Cancel(9, 1)),
        ({"kind": "ping", "id": 0}, protocol.Ping(0)),
        ({"kind": "quit", "id": 1}, protocol.Quit(1)),
    ],
)
def test_each_kind_of_request_is_understood(message, request_):
    assert protocol.parse_request(message) == request_


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ({}, "kind None"),
        ({"kind": "pong", "id": 1}, "'pong'.*Known kinds: load"),
        ({"kind": ["ping"], "id": 1}, "kind"),
        ({"kind": "ping"}, "needs the field 'id'"),
        ({"kind": "ping", "id": -1}, "id of a ping"),
        ({"kind": "ping", "id": True}, "id of a ping"),
        ({"kind": "ping", "id": "1"}, "id of a ping"),
        ({"kind": "ping", "id": 1, "wdith": 3}, "no field 'wdith'"),
        ({"kind": "load", "id": 1, "model": ""}, "model of a load"),
        ({"kind": "load", "id": 1, "device": "tpu"}, "auto, cpu, cuda, not 'tpu'"),
        ({"kind": "preview", "id": 1, "width": 5}, "needs the field 'recipe'"),
        ({"kind": "preview", "id": 1, "recipe": RECIPE, "width": 0}, "width of a preview request must not be 0"),
        ({"kind": "preview", "id": 1, "recipe": RECIPE, "width": 2.5}, "width of a preview"),
        ({"kind": "preview", "id": 1, "recipe": {"seed": -1}, "width": 5}, "recipe's seed"),
        ({"kind": "preview", "id": 1, "recipe": "{}", "width": 5}, "recipe must be a JSON object"),
        ({"kind": "preview", "id": 1, "recipe": RECIPE, "width": 5, "layout": "gimp"}, "one of maps, blender, not 'gimp'"),
        ({"kind": "preview", "id": 1, "recipe": RECIPE, "width": 5, "refine": 1}, "refine of a preview.*true or false"),
        (RENDER, "either a level or a size"),
        ({**RENDER, "level": 0, "output": {"midlevel": 2}}, "output's midlevel"),
        ({**RENDER, "level": 0, "size": [3, 2]}, "either a level or a size"),
        ({**RENDER, "level": -1}, "level of a render"),
        ({**RENDER, "size": [3]}, r"\[width, height\]"),
        ({**RENDER, "size": [3, 0]}, "size of a render"),
        ({**RENDER, "level": 0, "folder": 3}, "folder of a render"),
        ({**RENDER, "level": 0, "name": ""}, "name of a render"),
        ({**COMPLETE, "request": {"maps": {}}}, "scan's maps"),
        ({**COMPLETE, "request": "a.png"}, "A scan must be a JSON object"),
        ({**COMPLETE, "request": None}, "needs the field 'request'"),
        ({**COMPLETE, "name": ""}, "name of a complete"),
        ({"kind": "cancel", "id": 1}, "needs the field 'target'"),
    ],
)
def test_a_bad_request_is_refused_with_the_name_of_what_is_bad(message, sentence):
    with pytest.raises(GantlitzError, match=sentence) as caught:
        protocol.parse_request(message)
    assert caught.value.code == "bad-request"


@pytest.mark.parametrize("line", [b"", b"{", b"3", b"[]", b"null", b"\xff\xfe", b"[" * 100000])
def test_a_line_that_is_no_object_is_refused(line):
    with pytest.raises(GantlitzError, match="line on the wire") as caught:
        protocol.decode(line)
    assert caught.value.code == "bad-request"


def test_an_error_crosses_the_wire_whole():
    error = GantlitzError("The disk is full.", "Free some space.", "disk-full")
    again = protocol.error_of(protocol.decode(protocol.encode(protocol.error_answer(4, error))))
    assert (again.sentence, again.fix, again.code) == (error.sentence, error.fix, error.code)
    assert isinstance(protocol.error_of(protocol.error_answer(4, Cancelled())), Cancelled)
