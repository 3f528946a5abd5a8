"""The completer: any known maps in, all four out; tiles are crops of the whole."""

from itertools import chain, combinations

import cv2
import numpy as np
import pytest
import torch

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.completion import completer_file
from gantlitz_blender.runtime.completion.completer import Completer
from gantlitz_blender.runtime.completion.known import KnownMaps
from gantlitz_blender.runtime.completion.network import NAMES, CompleterConfig, CompletionNet, Seen
from gantlitz_blender.runtime.errors import Cancelled, GantlitzError
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.slopes import normals_of_displacement
from tests.tiny_completer import TINY, tiny_maps, tiny_net
from trainer.capture import draw_subject

SUBSETS = list(chain.from_iterable(combinations(NAMES, n) for n in (1, 2, 3)))


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(tiny_net(), {}, "cpu", torch.float32)


def some(maps: MapSet, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    return {name: getattr(maps, name) for name in names}


@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
def test_completes_what_is_missing_and_leaves_what_is_known(completer: Completer, names: tuple[str, ...]) -> None:
    maps = tiny_maps()
    found = completer.complete(some(maps, names))
    assert found.specular.shape == (TINY.height, TINY.width)
    for name in NAMES:
        assert np.array_equal(getattr(found, name), getattr(maps, name)) == (name in names)
    assert np.abs(np.linalg.norm(found.normal, axis=2) - 1).max() < 1e-5


@pytest.mark.parametrize("names", [("albedo",), ("normal",), ("specular", "displacement")], ids="+".join)
@pytest.mark.parametrize("width", [384, 192])
def test_tiles_of_any_size_are_crops_of_the_whole(completer: Completer, names: tuple[str, ...], width: int) -> None:
    known = some(tiny_maps(), names)
    whole = completer.complete(known, width, tile=512)
    tiled = completer.complete(known, width, tile=37)
    region = completer.complete(known, width, region=(11, 25, 130, 90), tile=64)
    assert np.abs(whole.stacked() - tiled.stacked()).max() < 1e-5
    assert np.abs(whole.stacked()[25:90, 11:130] - region.stacked()).max() < 1e-5


def test_tiles_that_do_not_see_their_neighbours_would_show(completer: Completer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above: zeros around each tile, as a padded network sees them."""
    known, seen = some(tiny_maps(), ("albedo",)), KnownMaps.seen

    def padded(self: KnownMaps, level: int, rect: Rect) -> Seen:
        maps, flags = seen(self, level, rect)
        inner = maps[..., 5:-5, 5:-5] if level < TINY.levels else maps
        pad = (5, 5, 5, 5) if level < TINY.levels else (0, 0, 0, 0)
        return Seen(torch.nn.functional.pad(inner, pad), flags)

    monkeypatch.setattr(KnownMaps, "seen", padded)
    whole, tiled = completer.complete(known, tile=512), completer.complete(known, tile=37)
    assert np.abs(whole.stacked() - tiled.stacked()).max() > 1e-3


def test_an_estimated_normal_is_that_of_the_estimated_displacement_where_nothing_is_added() -> None:
    net = tiny_net()
    for stage in [net.coarse, *net.stages]:
        stage.out.weight[3:5] = 0
        stage.out.bias[3:5] = 0
    found = Completer(net, {}, "cpu", torch.float32).complete(some(tiny_maps(), ("albedo",)))
    inside = cv2.erode(np.uint8(cv2.resize(net.mask.numpy(), (384, 256)) == 1), np.ones((7, 7)), borderValue=0) > 0
    built = normals_of_displacement(found.displacement, TINY.texel_mm(0))
    steep = np.abs(built[..., :2]).max(axis=2) > 0.9
    assert np.abs(built - found.normal)[inside & ~steep].max() < 1e-3
    assert found.displacement[inside].std() > 0.001


def test_an_untrained_network_answers_the_average_face() -> None:
    net = CompletionNet(TINY)
    net.average[0], net.mask[:] = 0.7, 1
    found = Completer(net, {}, "cpu", torch.float32).complete({"specular": tiny_maps().specular})
    assert np.allclose(found.albedo[..., 0], 0.7, atol=1e-5) and np.allclose(found.displacement, 0)


def test_known_maps_may_have_sizes_of_their_own(completer: Completer) -> None:
    small = tiny_maps(width=96, height=64)
    maps = tiny_maps()
    found = completer.complete({"albedo": small.albedo, "normal": maps.normal})
    assert np.array_equal(found.normal, maps.normal)
    assert found.albedo.shape == (256, 384, 3)
    reduced = completer.complete({"albedo": small.albedo, "normal": maps.normal}, 192).normal
    expected = maps.resized(192, 128).normal
    assert np.abs(reduced - expected).max() < 1e-6


def test_a_small_map_is_enlarged_with_detail(completer: Completer) -> None:
    """Its coarse levels are those given; its fine ones hold what the network adds."""
    small = tiny_maps(width=192, height=128)
    found = completer.complete({"albedo": small.albedo}, 384)
    texels = found.albedo[100:150, 150:200]
    assert np.abs(texels - small.resized(192, 128).albedo[50:75, 75:100].repeat(2, 0).repeat(2, 1)).mean() < 0.3
    blocks = texels.reshape(25, 2, 25, 2, 3)
    assert (blocks - blocks.mean(axis=(1, 3), keepdims=True)).std() > 1e-3


@pytest.mark.parametrize(
    ("maps", "word"),
    [
        ({}, "No map"),
        ({"colour": np.zeros((256, 384, 3), np.float32)}, "colour"),
        ({"albedo": np.zeros((256, 256, 3), np.float32)}, "(256, 256, 3)"),
        ({"specular": np.zeros((256, 384, 3), np.float32)}, "specular"),
        ({"displacement": np.full((256, 384), np.nan, np.float32)}, "no numbers"),
    ],
)
def test_refuses_maps_that_do_not_fit(completer: Completer, maps: dict[str, np.ndarray], word: str) -> None:
    with pytest.raises(GantlitzError) as caught:
        completer.complete(maps)
    assert word in caught.value.sentence and caught.value.fix and caught.value.code == "bad-maps"


def test_refuses_widths_and_regions_that_are_not_there(completer: Completer) -> None:
    known = some(tiny_maps(), ("albedo",))
    with pytest.raises(GantlitzError, match="300"):
        completer.complete(known, 300)
    with pytest.raises(GantlitzError, match="region"):
        completer.complete(known, region=(0, 0, 385, 10))


def test_says_how_far_it_is_and_stops_when_asked(completer: Completer) -> None:
    known, said = some(tiny_maps(), ("albedo",)), []
    completer.complete(known, tile=128, progress=said.append)
    assert said == sorted(said) and said[-1] == 1
    with pytest.raises(Cancelled):
        completer.complete(known, tile=128, cancelled=lambda: True)


def test_a_file_holds_the_network_its_story_and_its_licence(tmp_path, completer: Completer) -> None:
    path = tmp_path / "tiny.safetensors"
    completer_file.save(path, tiny_net(), {"steps": 7}, "CC0-1.0")
    loaded = Completer.load(path, "cpu", "float32")
    assert loaded.provenance == {"steps": 7} and loaded.licence == "CC0-1.0"
    known = some(tiny_maps(), ("albedo",))
    assert np.abs(loaded.complete(known).stacked() - completer.complete(known).stacked()).max() < 3e-3  # it is kept in halves


def test_refuses_files_that_are_no_completer(tmp_path, tiny_model_path) -> None:
    path = tmp_path / "tiny.safetensors"
    completer_file.save(path, tiny_net(), {}, "CC0-1.0")
    path.write_bytes(path.read_bytes()[:-100])
    for wrong, code in ((path, "model-broken"), (tiny_model_path, "model-wrong"), (tmp_path / "none", "model-not-found")):
        with pytest.raises(GantlitzError) as caught:
            Completer.load(wrong)
        assert caught.value.code == code


def test_refuses_sizes_that_do_not_fit() -> None:
    with pytest.raises(GantlitzError, match="300 x 200"):
        CompleterConfig(width=300, height=200, levels=1, channels=(8,))
    with pytest.raises(GantlitzError, match="levels"):
        CompleterConfig(channels=(8, 8))


def test_the_bundled_one_is_small_says_its_terms_and_knows_skin() -> None:
    assert completer_file.BUNDLED.stat().st_size < 3 << 20
    bundled = Completer.load(None, "cpu", "float32")
    assert bundled.licence == "CC0-1.0" and bundled.provenance["step"] > 1000
    assert (bundled.width, bundled.height) == (layout.WIDTH, layout.HEIGHT)
    face = draw_subject(90_000, 384, 256)
    found = bundled.complete({"albedo": face.albedo})
    inside = layout.mask(384, 256) > 0.99
    for axis in range(2):
        assert np.corrcoef(found.normal[inside][:, axis], face.normal[inside][:, axis])[0, 1] > 0.7
    assert np.abs(found.specular - face.specular)[inside].mean() < 0.04
