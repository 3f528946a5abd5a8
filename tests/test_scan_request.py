"""What is asked of a completion comes over the wire whole, and what is not quite right is refused by name."""

import json

import pytest

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.scan_request import ScanRequest

POINTS = {"version": 1, "image": [64, 64], "points": {"chin": [32, 50]}}
MAPS = {"albedo": "/scan/albedo.png"}


@pytest.mark.parametrize(
    "request_",
    [
        ScanRequest(MAPS),
        ScanRequest(
            {**MAPS, "displacement": "d.tif"}, POINTS, "head.obj", "fit-from-fast", 4096, False, True, True, displacement_mm=2.5
        ),
    ],
)
def test_it_comes_back_from_its_json(request_):
    assert ScanRequest.from_dict(json.loads(json.dumps(request_.to_dict()))) == request_


def test_defaults_are_fast_untouched_maps_of_the_models_layout():
    request = ScanRequest.from_dict({"maps": MAPS})
    assert (request.method, request.points, request.width, request.keep) == ("fast", None, None, True)
    assert (request.refine, request.directx, request.displacement_mm) == (False, False, 0.0)


def test_paths_are_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    request = ScanRequest({"albedo": "a.png"}, POINTS, "m/head.obj").absolute()
    assert (request.maps["albedo"], request.mesh) == (str(tmp_path / "a.png"), str(tmp_path / "m" / "head.obj"))
    assert ScanRequest(MAPS).absolute().mesh is None


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"maps": {}}, "scan's maps must be"),
        ({"maps": ["a.png"]}, "scan's maps must be"),
        ({"maps": {"roughness": "r.png"}}, "no map of the kind 'roughness'"),
        ({"maps": {"albedo": ""}}, "scan's albedo map must be the path"),
        ({"maps": {"normal": None}}, "scan's normal map must be the path"),
        ({"points": [1]}, "scan's points must be"),
        ({"mesh": 5, "points": POINTS}, "scan's mesh must be"),
        ({"mesh": "head.obj"}, "mesh is of use only with points"),
        ({"refine": True}, "refine is of use only with points"),
        ({"method": "slow"}, "one of fast, fit, fit-from-fast, not 'slow'"),
        ({"method": ["fast"]}, "scan's method must be"),
        ({"width": 0}, "scan's width must be"),
        ({"width": 512.0}, "scan's width must be"),
        ({"width": True}, "scan's width must be"),
        ({"keep": 1}, "scan's keep must be true or false"),
        ({"directx": "no"}, "scan's directx must be true or false"),
        ({"displacement_mm": -1}, "scan's displacement_mm must be"),
        ({"displacement_mm": float("nan")}, "scan's displacement_mm must be"),
        ({"displacement_mm": True}, "scan's displacement_mm must be"),
        ({"size": 3}, "no field 'size'"),
    ],
)
def test_what_is_wrong_is_named(changed, sentence):
    with pytest.raises(GantlitzError, match=sentence) as caught:
        ScanRequest.from_dict({"maps": MAPS, **changed})
    assert caught.value.code == "bad-request" and caught.value.fix


@pytest.mark.parametrize("data", [None, [], "fast", {}, {"method": "fast"}])
def test_something_else_is_refused(data):
    with pytest.raises(GantlitzError, match="A scan "):
        ScanRequest.from_dict(data)
