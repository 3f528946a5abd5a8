"""Alignment through a scan's mesh: what an OBJ holds, the way between UV and space, and that the way through it is nearer."""

from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import RBFInterpolator

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.completion.alignment import Alignment
from gantlitz_blender.runtime.completion.landmarks import LANDMARKS, REQUIRED, Points
from gantlitz_blender.runtime.completion.mesh import BESIDE, Mesh, _closest, read_mesh
from gantlitz_blender.runtime.completion.surface import through_mesh
from gantlitz_blender.runtime.errors import Cancelled, GantlitzError
from gantlitz_blender.runtime.head.grid import head_mesh_arrays

IMAGE = (1024, 1024)
CLICKED = (*REQUIRED, "lip_top", "lip_bottom", "nose_base", "nose_tip", "brow_outer_left", "brow_outer_right")

# -- the file

SQUARE = """
# two triangles as one quad, in metres
v 0 0 0
v 2 0 0
v 2 2 1
v 0 2 1
vt 0.25 0.25
vt 0.75 0.25
vt 0.75 0.75
vt 0.25 0.75
vn 0 0 1
f 1/1/1 2/2/1 3/3/1 4/4/1
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "scan.obj"
    path.write_text(text)
    return path


def test_a_place_in_the_picture_is_a_place_in_space_and_back(tmp_path):
    mesh = read_mesh(written(tmp_path, SQUARE))
    uvs = np.array([[0.25, 0.75], [0.5, 0.5], [0.6, 0.3]])  # v from the top
    places, triangles = mesh.places(uvs)
    np.testing.assert_allclose(places, [[0, 0, 0], [1, 1, 0.5], [1.4, 1.8, 0.9]], atol=1e-12)
    assert (triangles >= 0).all()
    off = places + 0.3 * np.array([0, -1, 2]) / 5**0.5  # along the normal
    found, on, normals = mesh.nearest(off)
    np.testing.assert_allclose(found, uvs, atol=1e-9)
    np.testing.assert_allclose(on, places, atol=1e-9)
    np.testing.assert_allclose(normals, np.tile(np.array([0, -1, 2]) / 5**0.5, (3, 1)), atol=1e-9)


def test_beyond_the_edge_the_edge_is_nearest_and_far_from_it_there_is_no_skin(tmp_path):
    mesh = read_mesh(written(tmp_path, SQUARE))
    found, on, _ = mesh.nearest(np.array([[5.0, 0.0, 0.0], [-1.0, -1.0, -1.0]]))
    np.testing.assert_allclose(on, [[2, 0, 0], [0, 0, 0]], atol=1e-9)
    np.testing.assert_allclose(found, [[0.75, 0.75], [0.25, 0.75]], atol=1e-9)
    _, triangles = mesh.places(np.array([[0.1, 0.1], [0.249, 0.5]]))
    assert triangles[0] == -1 and triangles[1] >= 0


def test_the_skin_is_the_part_that_was_clicked(tmp_path):
    eye = "v 9 0 0\nv 9 1 0\nv 9 0 1\nvt 0.9 0.9\nvt 1 0.9\nvt 0.9 1\nf 5/5 6/6 7/7\n"
    mesh = read_mesh(written(tmp_path, SQUARE + eye))
    assert len(mesh.triangles) == 3
    assert len(mesh.part_of(np.array([0, 1, 2])).triangles) == 2


def test_other_uv_tiles_are_left_out(tmp_path):
    other = "vt 1.1 0.1\nvt 1.2 0.1\nvt 1.1 0.2\nf 1/5 2/6 3/7\n"
    assert len(read_mesh(written(tmp_path, SQUARE + other)).triangles) == 2


def test_indices_may_count_backwards_from_what_was_given_so_far(tmp_path):
    backwards = SQUARE.replace("1/1/1 2/2/1 3/3/1 4/4/1", "-4/-4/-1 -3/-3/-1 -2/-2/-1 -1/-1/-1")
    later = "v 9 9 9\nvt 0.5 0.5\nf -1/-1 1/1 -4/-4\n"
    mesh, same = (read_mesh(written(tmp_path, text + later)) for text in (backwards, SQUARE))
    np.testing.assert_array_equal(mesh.triangles, [[0, 1, 2], [0, 2, 3], [4, 0, 1]])
    np.testing.assert_array_equal(mesh.corners, same.corners)
    np.testing.assert_array_equal(mesh.uv_corners, same.uv_corners)


def test_polygons_of_any_size_and_vertices_with_colours_are_read(tmp_path):
    five = SQUARE.replace("v 2 2 1", "v 2 2 1 0.5 0.5 0.5") + "v 1 3 1\nvt 0.5 0.9\nf 1/1 2/2 3/3 5/5 4/4\nf\t4/4  3/3 5/5 \n"
    mesh = read_mesh(written(tmp_path, five))
    fans = [[0, 1, 2], [0, 2, 3], [0, 1, 2], [0, 2, 4], [0, 4, 3], [3, 2, 4]]
    np.testing.assert_array_equal(mesh.triangles, fans)
    np.testing.assert_array_equal(mesh.uv_triangles, fans)
    np.testing.assert_array_equal(mesh.vertices[2], [2, 2, 1])


@pytest.mark.parametrize("asked", range(4))
def test_reading_can_be_cancelled_at_each_step(tmp_path, asked):
    answers = iter([False] * asked + [True])
    with pytest.raises(Cancelled):
        read_mesh(written(tmp_path, SQUARE), lambda: next(answers))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a letter", "no faces"),
        (SQUARE.replace("/1/1 ", " ").replace("f 1 2/2", "f 1 2"), "without UVs"),
        (SQUARE.replace("1/1/1", "1//1"), "without UVs"),
        (SQUARE.replace("v 2 0 0", "v 2 zero 0"), "damaged"),
        (SQUARE.replace("4/4/1", "9/4/1"), "not in it"),
        (SQUARE.replace("4/4/1", "-9/-1/-1"), "not in it"),
        (SQUARE.replace("4/4/1", "0/4/1"), "not in it"),
        (SQUARE.replace("4/4/1", "4.5/4/1"), "damaged"),
        (SQUARE.replace("v 2 0 0", "v 2 nan 0"), "no numbers"),
        (SQUARE.replace("vt 0.", "vt 3."), "first tile"),
        ("v 0 0 0\nv 1 0 0\nvt 0 0\nvt 1 0\nf 1/1 2/2\n", "not in it"),
    ],
)
def test_what_is_no_mesh_of_a_scan_is_refused_by_name(tmp_path, text, said):
    with pytest.raises(GantlitzError, match=rf"scan\.obj.*{said}") as caught:
        read_mesh(written(tmp_path, text))
    assert caught.value.code == "bad-mesh" and caught.value.fix


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(GantlitzError, match="No such file"):
        read_mesh(tmp_path / "gone.obj")


# -- the way through it


class Stranger:
    """A head of another shape, with a layout of another kind: half unrolled about an upright axis. Every place of it is known."""

    def __init__(self, seed: int, image: tuple[int, int] = IMAGE):
        vertices, quads, self.uvs = head_mesh_arrays(96, 72)
        rng = np.random.default_rng(seed)
        bent = vertices * 1e3
        for middle, push in zip(bent[rng.choice(len(bent), 10)], rng.normal(0, 2, (10, 3)), strict=True):
            bent += np.exp(-((vertices * 1e3 - middle) ** 2).sum(1, keepdims=True) / (2 * 60.0**2)) * push
        x, y, z = bent.T
        unrolled = np.stack([np.arctan2(x, 20 - y) / 3, -z / 300], 1)
        self.theirs = 0.5 + 0.7 * (0.5 * unrolled + 0.4 * (self.uvs - 0.5) * (1.5, 1))
        triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int64)
        self.mesh = Mesh(bent / 10, self.theirs, triangles, triangles)  # in centimetres
        self.at = RBFInterpolator(self.uvs * (1.5, 1), self.theirs, neighbors=12, kernel="thin_plate_spline")

    def clicks(self, names=CLICKED) -> Alignment:
        places = self.at(np.array([LANDMARKS[name].uv for name in names]) * (1.5, 1)) * IMAGE
        return Alignment(Points(IMAGE, {name: (float(x), float(y)) for name, (x, y) in zip(names, places, strict=True)}))

    def error(self, alignment: Alignment) -> float:
        """The mean distance of the face's places from their own, in texels of a layout 768 wide."""
        u, v = alignment.inverse(self.theirs[:, 0], self.theirs[:, 1])
        face = layout.inside(*self.uvs.T[:, None].astype(np.float32))[0] > 100
        return float(np.hypot((u - self.uvs[:, 0]) * 768, (v - self.uvs[:, 1]) * 512)[face].mean())


@pytest.fixture(scope="module")
def stranger() -> Stranger:
    return Stranger(3)


def test_through_the_mesh_every_place_comes_nearer_to_its_own(stranger):
    clicked = stranger.clicks()
    led = through_mesh(clicked, stranger.mesh)
    assert led.share == 1 and led.heard > 0.8
    assert stranger.error(led.alignment) < 0.7 * stranger.error(clicked)


def test_the_points_stay_where_they_were_clicked(stranger):
    clicked = stranger.clicks()
    led = through_mesh(clicked, stranger.mesh).alignment
    u, v = np.array([LANDMARKS[name].uv for name in CLICKED]).T
    before, after = (np.stack(a.warp(u, v), 1) * IMAGE for a in (clicked, led))
    assert np.abs(after - before).max() < 1.5


def test_unit_side_winding_and_mirrored_layouts_make_no_difference(stranger):
    mesh = stranger.mesh
    clicked = stranger.clicks()
    led = through_mesh(clicked, mesh).alignment
    turned = Mesh(mesh.vertices[:, [2, 0, 1]] * -25.4, mesh.uvs, mesh.triangles[:, ::-1], mesh.uv_triangles[:, ::-1])
    np.testing.assert_allclose(through_mesh(clicked, turned).alignment.shifts, led.shifts, atol=2)


def test_it_comes_back_from_its_file_to_the_bit(stranger, tmp_path):
    led = through_mesh(stranger.clicks(), stranger.mesh).alignment
    led.write(tmp_path / "alignment.json")
    np.testing.assert_array_equal(Alignment.read(tmp_path / "alignment.json").warp.s, led.warp.s)


def test_a_seam_through_the_cheek_does_not_tear(stranger):
    mesh = stranger.mesh
    corners = stranger.uvs[mesh.triangles].mean(1)
    # a patch that lies elsewhere in their layout
    island = (np.abs(corners[:, 0] - 0.35) < 0.05) & (np.abs(corners[:, 1] - 0.5) < 0.06)
    moved = np.where(island[:, None], mesh.uv_triangles + len(mesh.uvs), mesh.uv_triangles)
    cut = Mesh(mesh.vertices, np.concatenate([mesh.uvs, 0.02 + 0.1 * mesh.uvs]), mesh.triangles, moved)
    clicked = stranger.clicks()
    assert stranger.error(through_mesh(clicked, cut).alignment) < 0.8 * stranger.error(clicked)


def test_a_mesh_that_has_nothing_to_do_with_the_points_changes_nothing(stranger):
    rng = np.random.default_rng(0)
    shuffled = Mesh(stranger.mesh.vertices[rng.permutation(len(stranger.mesh.vertices))], *_rest(stranger.mesh))
    clicked = stranger.clicks()
    led = through_mesh(clicked, shuffled)
    assert led.share == 0 and led.alignment is clicked


@pytest.mark.parametrize("asked", range(4))
def test_the_way_can_be_left_at_each_step(stranger, asked):
    answers = iter([False] * asked + [True])
    with pytest.raises(Cancelled):
        through_mesh(stranger.clicks(), stranger.mesh, lambda: next(answers))


def test_a_place_is_that_of_the_nearest_of_all_triangles(stranger):
    mesh = stranger.mesh
    uvs = np.random.default_rng(1).uniform(0.2, 0.8, (40, 2))
    places, found = mesh.places(uvs)
    for uv, place, triangle in zip(uvs, places, found, strict=True):
        on_each, weights = _closest(np.broadcast_to(uv, (len(mesh.triangles), 2)), mesh.uv_corners)
        apart = np.linalg.norm(on_each - uv, axis=1)
        if triangle < 0:
            assert apart.min() >= BESIDE
        else:
            assert apart[triangle] == apart.min()
            np.testing.assert_allclose(place, weights[triangle] @ mesh.corners[triangle], atol=1e-12)
    assert (found >= 0).any()


def test_points_beside_the_mesh_are_named(stranger):
    elsewhere = Mesh(stranger.mesh.vertices, stranger.mesh.uvs * 0.4, *_rest(stranger.mesh)[1:])
    with pytest.raises(GantlitzError, match=r"points .*ear_front_right.* lie beside the mesh's UVs"):
        through_mesh(stranger.clicks(), elsewhere)


def _rest(mesh: Mesh) -> tuple:
    return mesh.uvs, mesh.triangles, mesh.uv_triangles
