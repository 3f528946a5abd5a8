"""The preview head: a human face whose features lie where the UV layout says they are."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.head.cap import cap_mesh_arrays
from gantlitz_blender.runtime.head.grid import EDGE, head_mesh_arrays
from gantlitz_blender.runtime.head.shape import face_positions

ROOT = Path(__file__).resolve().parent.parent
CANVAS = np.array([layout.WIDTH, layout.HEIGHT])


@pytest.fixture(scope="module")
def head():
    return head_mesh_arrays()


def at(*names):
    """(N, 3) millimetres of landmarks."""
    u, v = np.array([layout.landmark(name) for name in names]).T
    return face_positions(u, v) * 1e3


def crossed(points):
    """(Q, 3) twice the area vectors of quads (Q, 4, 3)."""
    return np.cross(points[:, 2] - points[:, 0], points[:, 3] - points[:, 1])


# ---------------------------------------------------------------- the mesh


def test_default_mesh_leaves_room_for_subdivision(head):
    _, quads, _ = head
    assert 20_000 < len(quads) < 42_000


def test_every_vertex_is_used_and_finite(head):
    vertices, quads, uvs = head
    assert len(vertices) == len(uvs) == quads.max() + 1
    assert np.isfinite(vertices).all()
    assert len(np.unique(quads)) == len(vertices)


def test_no_quad_is_flipped_or_degenerate_in_the_texture(head):
    _, quads, uvs = head
    corners = (uvs * CANVAS)[quads]
    for k in range(4):  # every corner turns the same way: convex, no fold
        ahead, behind = corners[:, (k + 1) % 4] - corners[:, k], corners[:, (k - 1) % 4] - corners[:, k]
        assert (ahead[:, 0] * behind[:, 1] - ahead[:, 1] * behind[:, 0]).max() < -2


def test_no_quad_is_folded_or_degenerate_in_space(head):
    vertices, quads, _ = head
    corners = vertices[quads] * 1e3
    normal = crossed(corners)
    area = np.linalg.norm(normal, axis=1) / 2
    assert area.min() > 0.2
    for k in range(4):
        own = np.cross(corners[:, (k + 1) % 4] - corners[:, k], corners[:, (k - 1) % 4] - corners[:, k])
        assert (own * normal).sum(1).min() > 0


def test_no_edge_belongs_to_more_than_two_quads_and_the_skin_is_one_piece_with_one_edge(head):
    vertices, quads, _ = head
    edges = np.sort(np.stack([quads, np.roll(quads, -1, axis=1)], -1).reshape(-1, 2), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    assert count.max() == 2
    assert len(vertices) - len(unique) + len(quads) == 1  # Euler: a disc


def test_left_and_right_mirror_each_other(head):
    vertices, _, uvs = head
    order = np.lexsort(np.round([uvs[:, 0], uvs[:, 1]], 7))
    mirrored = np.lexsort(np.round([1 - uvs[:, 0], uvs[:, 1]], 7))
    np.testing.assert_allclose(uvs[mirrored] * [-1, 1] + [1, 0], uvs[order], atol=1e-5)
    np.testing.assert_allclose(vertices[mirrored] * [-1, 1, 1], vertices[order], atol=1e-5)


def test_midline_lies_on_the_plane_of_symmetry():
    v = np.linspace(0.09, 0.999, 200)
    assert np.abs(face_positions(np.full_like(v, 0.5), v)[:, 0]).max() == 0


def test_uvs_lie_where_the_mask_is_whole(head):
    _, _, uvs = head
    assert uvs.min() >= 0 and uvs.max() <= 1
    depth = layout.inside(uvs[:, 0][None], uvs[:, 1][None])[0]
    assert depth.min() > layout.MASK_EDGE


def test_the_mesh_reaches_the_outline(head):
    _, quads, uvs = head
    corners = (uvs * CANVAS)[quads]
    covered = np.abs(np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])).sum() / 2 / CANVAS.prod()
    u, v = layout.uv_grid(768, 512)
    assert covered == pytest.approx((layout.inside(u, v) > EDGE).mean(), abs=0.002)


def test_texels_are_about_as_fine_everywhere(head):
    """18.5 texels a millimetre is the layout's scale: 10 to 30 on 95 % of the skin, about 18.5 in the middle."""
    vertices, quads, uvs = head
    flat, solid = (uvs * CANVAS)[quads], vertices[quads] * 1e3
    texels = np.abs(np.cross(flat[:, 2] - flat[:, 0], flat[:, 3] - flat[:, 1])) / 2
    area = np.linalg.norm(crossed(solid), axis=1) / 2
    density = np.sqrt(texels / area)
    assert area[(density > 10) & (density < 30)].sum() / area.sum() > 0.95
    assert np.median(density) == pytest.approx(layout.TEXELS_PER_MM, rel=0.1)


def test_normals_point_outward(head):
    """A ray from inside the head leaves through the outer side; only undersides and folds look elsewhere."""
    vertices, quads, _ = head
    corners = vertices[quads]
    outward = (crossed(corners) * (corners.mean(1) - [0, -0.03, -0.02])).sum(1) > 0
    assert outward.mean() > 0.95
    facing = crossed(corners)[:, 1] < 0
    front = np.abs(corners.mean(1)[:, 0]) < 0.03
    assert facing[front].mean() > 0.97


def test_another_density_gives_the_same_face():
    vertices, quads, uvs = head_mesh_arrays(96, 72)
    assert 3000 < len(quads) < 6000
    np.testing.assert_allclose(vertices, face_positions(uvs[:, 0], uvs[:, 1]))


# ---------------------------------------------------------------- the face


def test_nose_tip_is_the_foremost_point_and_lies_at_the_layouts_nose_tip(head):
    vertices, _, uvs = head
    foremost = np.argmin(vertices[:, 1])
    assert np.abs(uvs[foremost] * CANVAS - np.array(layout.landmark("nose_tip")) * CANVAS).max() < 40  # about 2 mm
    assert np.linalg.norm(vertices[foremost] * 1e3 - at("nose_tip")[0]) < 3


def test_profile_goes_in_and_out_as_a_face_does():
    names = ("glabella", "nasion", "nose_bridge", "nose_tip", "subnasale", "mentolabial", "chin", "menton", "neck")
    depth = dict(zip(names, -at(*names)[:, 1], strict=True))
    assert depth["nasion"] < depth["glabella"] and depth["nasion"] < depth["nose_bridge"] < depth["nose_tip"]
    assert 12 < depth["nose_tip"] - depth["subnasale"] < 22
    assert depth["mentolabial"] < depth["chin"] and depth["menton"] < depth["chin"]
    assert depth["neck"] < depth["menton"] - 15


def test_landmarks_follow_each_other_downward():
    names = ("forehead_top", "forehead", "glabella", "nasion", "nose_bridge", "nose_tip", "subnasale", "cupid_dip",
             "mouth_centre", "lower_lip_bottom", "mentolabial", "chin", "menton")
    assert (np.diff(at(*names)[:, 2]) < 0).all()


def test_lips_stand_before_the_line_between_them():
    upper, line, lower = (-face_positions([0.5], [y / layout.HEIGHT])[0, 1] * 1e3 for y in (2740, 2795, 2855))
    assert upper > line + 1.5 and lower > line + 1.5
    corner, centre = at("mouth_corner_right", "mouth_centre")
    assert corner[1] > centre[1] + 4  # the mouth curves round the teeth


def test_nostrils_are_hollow_and_look_down():
    nostril, ala, tip = at("nostril_right", "ala_right", "nose_tip")
    assert nostril[2] < tip[2] and 6 < nostril[0] < ala[0]


def test_eyes_lie_behind_the_brow_and_between_lids():
    eye, brow, upper, lower, inner, outer = at("eye_centre_right", "brow_peak_right", "upper_lid_right",
                                               "lower_lid_right", "inner_canthus_right", "outer_canthus_right")
    assert eye[1] > brow[1] + 10  # +y is backwards
    assert eye[1] > max(upper[1], lower[1]) + 3
    assert 60 < 2 * eye[0] < 68  # pupils' distance
    assert 24 < outer[0] - inner[0] < 34
    assert 7 < upper[2] - lower[2] < 14


def test_ears_stand_off_the_head():
    top, lobe, back, tragus = at("ear_top_right", "ear_lobe_right", "ear_back_right", "tragus_right")
    assert 55 < top[2] - lobe[2] < 75
    assert back[1] - tragus[1] > 25
    assert back[0] > tragus[0] + 8


def test_head_has_the_size_of_an_adults(head):
    vertices, _, _ = head
    face = vertices[np.abs(vertices[:, 1] + 0.05) < 0.015]  # a slice before the ears
    assert 0.125 < np.ptp(face[:, 0]) < 0.155
    left, right = at("tragus_left", "tragus_right")
    assert 130 < right[0] - left[0] < 160
    assert 165 < np.ptp(vertices[:, 0]) * 1e3 < 215  # over the ears
    height = np.linalg.norm(at("nasion")[0] - at("menton")[0])
    assert 105 < height < 125


def test_arc_from_ear_to_ear_is_life_size():
    u = np.linspace(layout.landmark("tragus_left")[0], layout.landmark("tragus_right")[0], 2000)
    arc = np.linalg.norm(np.diff(face_positions(u, np.full_like(u, 0.44)), axis=0), axis=1).sum()
    assert 0.22 < arc < 0.30


# ---------------------------------------------------------------- the cap


def test_cap_is_closed_along_the_nape_and_mirrored():
    vertices, quads = cap_mesh_arrays()
    assert np.isfinite(vertices).all()
    edges = np.sort(np.stack([quads, np.roll(quads, -1, axis=1)], -1).reshape(-1, 2), axis=1)
    assert np.unique(edges, axis=0, return_counts=True)[1].max() == 2
    order, mirrored = (np.lexsort(np.round(vertices.T * [[s], [1], [1]], 7)) for s in (1, -1))
    np.testing.assert_allclose(vertices[mirrored] * [-1, 1, 1], vertices[order], atol=1e-5)


def test_cap_faces_outward_and_starts_under_the_skin(head):
    vertices, quads = cap_mesh_arrays()
    corners = vertices[quads]
    assert ((crossed(corners) * (corners.mean(1) - [0, 0, -0.01])).sum(1) > 0).mean() > 0.97
    skin = head[0]
    first = vertices[:200:10]
    first = first[(first[:, 2] > 0.04) | (first[:, 2] < -0.06)]  # elsewhere it starts under the ear, which stands off
    assert len(first) > 5
    assert all(np.linalg.norm(skin - point, axis=1).min() < 0.006 for point in first)


# ---------------------------------------------------------------- in Blender

IN_BLENDER = """
import json
import bpy
import numpy as np
from gantlitz_blender.head import add_head

bpy.ops.wm.read_factory_settings(use_empty=True)
first = add_head(bpy.context)
head = add_head(bpy.context, name="Second")
mesh = head.data
uv = np.empty(2 * len(mesh.loops), np.float32)
mesh.uv_layers["UVMap"].data.foreach_get("uv", uv)
co = np.empty(3 * len(mesh.vertices), np.float32)
mesh.vertices.foreach_get("co", co)
tip = mesh.vertices[int(np.argmin(co.reshape(-1, 3)[:, 1]))].index
loop = next(loop.index for loop in mesh.loops if loop.vertex_index == tip)
print("REPORT" + json.dumps({
    "name": head.name, "type": head.type, "active": bpy.context.view_layer.objects.active == head,
    "selected": [o.name for o in bpy.context.selected_objects], "uv_layers": [layer.name for layer in mesh.uv_layers],
    "smooth": all(p.use_smooth for p in mesh.polygons), "quads": len(mesh.polygons), "slots": len(mesh.materials),
    "valid": not mesh.validate(verbose=True), "uv_range": [float(uv.min()), float(uv.max())],
    "tip_uv": list(mesh.uv_layers["UVMap"].data[loop].uv), "linked": head.name in bpy.context.collection.objects,
    "children": sorted(o.name for o in head.children), "materials": sorted(m.name for m in bpy.data.materials),
}))
"""


@pytest.fixture(scope="module")
def in_blender():
    pytest.importorskip("bpy")
    done = subprocess.run([sys.executable, "-c", IN_BLENDER], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.split("REPORT", 1)[1].splitlines()[0])


def test_add_head_makes_the_active_and_only_selected_object(in_blender):
    assert in_blender["type"] == "MESH" and in_blender["name"] == "Second"
    assert in_blender["active"] and in_blender["linked"]
    assert in_blender["selected"] == ["Second"]


def test_mesh_is_valid_smooth_and_unwrapped(in_blender):
    assert in_blender["valid"] and in_blender["smooth"] and in_blender["quads"] > 20_000
    assert in_blender["uv_layers"] == ["UVMap"]
    assert in_blender["slots"] == 0  # the face's material takes the first
    u, v = in_blender["tip_uv"]
    assert u == pytest.approx(0.5, abs=1e-3)
    assert 1 - v == pytest.approx(layout.landmark("nose_tip")[1], abs=0.01)  # Blender counts v from the bottom
    assert in_blender["uv_range"][0] >= 0 and in_blender["uv_range"][1] <= 1


def test_eyes_and_cap_are_children_that_share_their_materials_between_heads(in_blender):
    assert in_blender["children"] == ["Second Cap", "Second Eyes"]
    assert in_blender["materials"] == ["GANtlitz Cap", "GANtlitz Iris", "GANtlitz Pupil", "GANtlitz Sclera"]
