"""Portraits: triangles land on the right pixels, light falls where it should, and a mesh crosses to the worker whole."""

import numpy as np
import pytest

from gantlitz_blender.runtime.errors import Cancelled, GantlitzError
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.portrait.mesh import PortraitMesh, joined, preview_head, smooth
from gantlitz_blender.runtime.portrait.raster import rasterise
from gantlitz_blender.runtime.portrait.shading import DIRECTIONS, shade
from gantlitz_blender.runtime.portrait.thumbnail import Thumbnails
from gantlitz_blender.runtime.portrait.view import OVERSAMPLING, look_at, looked_up

FRONT = np.array([(-1.0, 0, -1), (1, 0, -1), (1, 0, 1), (-1, 0, 1)])
TWO = np.array([(0, 1, 2), (0, 2, 3)])
# A plane in the middle of the layout, where every texel is skin.
UVS = np.array([(0.4, 0.6), (0.6, 0.6), (0.6, 0.4), (0.4, 0.4)])


def square(positions=FRONT, triangles=TWO, uvs=UVS):
    return smooth(positions, triangles, uvs)


def leant(degrees, about="x"):
    """The plane with its normal turned: about x downwards, about z to the picture's right."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([(1, 0, 0), (0, c, s), (0, -s, c)] if about == "x" else [(c, s, 0), (-s, c, 0), (0, 0, 1)])
    return square(FRONT @ turn)


def maps(tilt=(0.0, 0.0), albedo=0.5, specular=0.25, size=32):
    normal = np.zeros((size, size, 3), np.float32)
    normal[:] = (*tilt, np.sqrt(1 - tilt[0] ** 2 - tilt[1] ** 2))
    return MapSet(
        np.full((size, size, 3), albedo, np.float32), normal, np.full((size, size), specular, np.float32),
        np.zeros((size, size), np.float32),
    )  # fmt: skip


def shaded(mesh, face=None, width=48):
    return shade(look_at(mesh, width, DIRECTIONS), face or maps())


def middle(picture):
    h, w = picture.shape[:2]
    return picture[h // 2 - 4 : h // 2 + 4, w // 2 - 4 : w // 2 + 4, :3].astype(float).mean()


# ---------------------------------------------------------------- pixels


def test_a_triangle_covers_the_pixels_whose_middles_lie_in_it():
    corners = np.array([[(0, 0, 1), (4, 0, 1), (0, 4, 1)]], float)
    found = rasterise(corners, (5, 6))
    expected = np.array([[1, 1, 1, 1, 0, 0], [1, 1, 1, 0, 0, 0], [1, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]]) - 1
    np.testing.assert_array_equal(found.owner, expected)
    assert np.isneginf(found.nearness[4]).all()


def test_weights_lead_back_to_the_pixels_middle():
    corners = np.array([[(1.3, 2.1, 1), (90.2, 7.7, 2), (33.3, 70.9, 3)]])
    found = rasterise(corners, (80, 100))
    rows, columns = np.nonzero(found.owner == 0)
    back = found.weights[rows, columns] @ corners[0]
    assert len(rows) > 2000
    np.testing.assert_allclose(back[:, :2], np.stack([columns, rows], -1) + 0.5, atol=1e-3)
    np.testing.assert_allclose(back[:, 2], found.nearness[rows, columns], rtol=1e-5)


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_the_nearer_triangle_is_seen_whichever_comes_first(order):
    far = [(0, 0, 1), (8, 0, 1), (0, 8, 1)]
    near = [(0, 0, 2), (4, 0, 2), (0, 4, 2)]
    found = rasterise(np.array([far, near], float)[order], (8, 8))
    assert found.owner[0, 0] == order.index(1) and found.owner[5, 1] == order.index(0)


def test_both_sides_of_a_triangle_are_drawn_and_one_beside_the_picture_is_not():
    turned = np.array([[(0, 0, 1), (0, 4, 1), (4, 0, 1)], [(20, 20, 1), (30, 20, 1), (20, 30, 1)]], float)
    found = rasterise(turned, (8, 8))
    assert set(np.unique(found.owner)) == {-1, 0}


def test_neighbours_leave_no_gap():
    rng = np.random.default_rng(0)
    grid = np.stack(np.meshgrid(np.arange(9) * 5.0, np.arange(9) * 5.0), -1)
    grid[1:-1, 1:-1] += rng.uniform(-2, 2, (7, 7, 2))
    index = np.arange(81).reshape(9, 9)
    quads = np.stack([index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]], -1).reshape(-1, 4)
    points = np.concatenate([grid.reshape(-1, 2), np.ones((81, 1))], 1)
    found = rasterise(points[quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)], (40, 40))
    assert (found.owner >= 0).all()


def test_drawing_can_be_given_up():
    with pytest.raises(Cancelled):
        rasterise(np.array([[(0, 0, 1), (4, 0, 1), (0, 4, 1)]], float), (5, 5), lambda: True)


# ---------------------------------------------------------------- the view


def test_a_plane_that_faces_the_camera_shows_its_uvs_in_even_steps():
    view = look_at(square(), 40, DIRECTIONS)
    rows, columns = np.divmod(view.pixels, view.side)
    for k, along in ((0, columns), (1, rows)):
        slope, start = np.polyfit(along, view.uv[:, k], 1)
        assert slope > 0  # u to the right, v downwards
        np.testing.assert_allclose(view.uv[:, k], start + slope * along, atol=2e-5)
    assert view.uv.min() > 0.399 and view.uv.max() < 0.601
    np.testing.assert_allclose(view.normal, np.broadcast_to((0, -1, 0), view.normal.shape), atol=1e-6)
    np.testing.assert_allclose(view.tangent, np.broadcast_to((1, 0, 0), view.normal.shape), atol=1e-6)
    np.testing.assert_allclose(view.bitangent, np.broadcast_to((0, 0, 1), view.normal.shape), atol=1e-6)


def test_uvs_are_true_to_perspective():
    view = look_at(square(FRONT + np.array([0, -0.8, 0]) * [[1], [1], [-1], [-1]]), 64, DIRECTIONS)
    rows, down = view.pixels // view.side, (view.uv[:, 1] - 0.4) / 0.2
    above = (rows < np.median(rows)) == (down < 0.5)
    halves = np.ptp(rows[down < 0.5]), np.ptp(rows[down > 0.5])  # the near half takes more of the picture
    assert halves[1] > 1.05 * halves[0] and above.mean() < 0.99


def test_the_maps_are_looked_up_between_texels():
    view = look_at(square(), 40, DIRECTIONS)
    ramp = np.repeat(((np.arange(64) + 0.5) / 64)[None, :, None], 16, axis=0).astype(np.float32)
    np.testing.assert_allclose(looked_up(view, np.repeat(ramp, 3, 2))[:, 0], view.uv[:, 0], atol=1e-3)


def test_a_body_is_framed_by_its_face():
    legs = smooth(FRONT * [0.5, 1, 4] + [0, 0, -5], TWO, UVS + 3)  # skin too, but in another tile
    clothes = smooth(FRONT - np.array([0, 0, 2]), TWO)
    alone, whole = look_at(square(), 40, DIRECTIONS), look_at(joined([legs, clothes, square()]), 40, DIRECTIONS)
    assert whole.skin.sum() == len(alone.pixels)


def test_what_is_behind_something_gets_no_light_of_its_own():
    hat = square(FRONT * 0.6 + DIRECTIONS[0] * 1.5)  # between the plane and the key light
    lone, under = look_at(square(), 40, DIRECTIONS), look_at(joined([square(), smooth(hat.positions, TWO)]), 40, DIRECTIONS)
    assert lone.lit[:, 0].min() > 0.99
    skin = under.skin
    assert under.lit[skin, 0].min() < 0.01 < 0.99 < under.lit[skin, 0].max()


# ---------------------------------------------------------------- light


def test_skin_that_turns_away_from_the_key_light_is_darker():
    assert middle(shaded(leant(-35, "z"))) > middle(shaded(leant(35, "z"))) + 10  # the key is on the left
    assert middle(shaded(leant(-40))) > middle(shaded(leant(0))) > middle(shaded(leant(40))) + 30  # and above


def test_the_normal_map_tilts_the_skin_as_geometry_would():
    turns = {(0.5, 0.0): leant(30, "z"), (-0.5, 0.0): leant(-30, "z"), (0.0, 0.5): leant(-30), (0.0, -0.5): leant(30)}
    for tilt, lean in turns.items():
        assert abs(middle(shaded(square(), maps(tilt))) - middle(shaded(lean))) < 4
    assert middle(shaded(square(), maps((0.0, 0.5)))) > middle(shaded(square(), maps((0.0, -0.5)))) + 30  # +Y is up


def test_mirrored_uvs_tilt_the_same_way_in_the_texture():
    mirrored = square(uvs=UVS * [-1, 1] + [1, 0])
    plain, turned = (middle(shaded(mesh, maps((0.4, 0.0)))) for mesh in (square(), mirrored))
    assert turned > plain + 5


def test_light_reaches_further_round_in_red(monkeypatch):
    def redness(angle):
        red, _, blue = shaded(leant(angle, "x"), maps(albedo=0.6))[20:28, 20:28, :3].reshape(-1, 3).astype(float).mean(0)
        return red / blue

    facing, terminator = redness(-20), redness(60)
    monkeypatch.setattr("gantlitz_blender.runtime.portrait.shading.WRAP", np.zeros(3, np.float32))
    assert terminator > redness(60) + 0.02
    assert terminator / redness(60) > facing / redness(-20) + 0.02


def test_more_specular_shines_more_where_the_light_is_mirrored():
    half = DIRECTIONS[0] + (0, -1, 0)
    half = half / np.linalg.norm(half)
    dull, shiny = (middle(shaded(square(), maps((half[0], half[2]), albedo=0.2, specular=s))) for s in (0.1, 0.4))
    assert shiny > dull + 50


def test_a_mesh_inside_out_is_lit_from_the_side_that_is_seen():
    inside_out = square(triangles=TWO[:, ::-1])
    assert abs(middle(shaded(inside_out)) - middle(shaded(square()))) < 2


def test_the_background_is_transparent_and_the_edge_soft():
    alpha = shaded(preview_head(), width=64)[..., 3]
    assert alpha[0, 0] == 0 and alpha[32, 32] == 255
    assert ((alpha > 0) & (alpha < 255)).sum() > 50


def test_the_preview_head_is_whole_and_fills_the_picture():
    view = look_at(preview_head(), 96, DIRECTIONS)
    rows, columns = np.divmod(view.pixels, view.side)
    assert rows.min() < 0.06 * view.side and rows.max() > 0.93 * view.side
    assert abs(columns.mean() / view.side - 0.5) < 0.01 and np.ptp(columns) > 0.6 * view.side
    for row in range(8, view.side - 24, 8):
        across = columns[rows == row]
        assert np.ptp(across) + 1 - len(across) < 6 * OVERSAMPLING, f"a hole in row {row}"
    assert 0.3 < view.open.mean() < 1 and view.open.min() < 0.3  # nostrils and ears are hollow


# ---------------------------------------------------------------- files, and what is kept


def test_a_mesh_crosses_whole(tmp_path):
    square().save(tmp_path / "mesh.npz")
    again = PortraitMesh.load(tmp_path / "mesh.npz")
    np.testing.assert_array_equal(again.positions, square().positions)
    np.testing.assert_array_equal(again.uvs, square().uvs)
    assert [path.name for path in tmp_path.iterdir()] == ["mesh.npz"]


def test_a_mesh_that_cannot_be_drawn_is_refused(tmp_path):
    (tmp_path / "text.npz").write_text("no mesh")
    joined([smooth(FRONT, TWO)]).save(tmp_path / "bald.npz")
    PortraitMesh(*(getattr(square(), n) for n in ("positions",)), square().triangles + 9, square().uvs, square().normals,
                 square().skin, square().plain).save(tmp_path / "torn.npz")  # fmt: skip
    for name in ("text", "bald", "torn"):
        with pytest.raises(GantlitzError) as caught:
            PortraitMesh.load(tmp_path / f"{name}.npz")
        assert caught.value.code == "bad-mesh" and caught.value.fix


def test_a_view_is_kept_until_its_file_changes(tmp_path):
    thumbnails, path = Thumbnails(), str(tmp_path / "mesh.npz")
    square().save(path)
    first = thumbnails.view(path, 32)
    assert thumbnails.view(path, 32) is first and thumbnails.view(path, 48) is not first
    leant(20).save(path)
    assert thumbnails.view(path, 32) is not first
    (tmp_path / "mesh.npz").unlink()
    with pytest.raises(GantlitzError, match="gone"):
        thumbnails.view(path, 32)
