"""What is taken of a scan, seen from inside Blender: its images, the material it wears, its mesh."""

import zlib

import bpy
import numpy as np
from inside import add_plane, check, files, mean_of, near, part
from scans import SIZE, picture, said_by, saved, scan, state


def png(path):
    """Width, height, bits and channels of a PNG, and its values (H, W, C); its rows must not be filtered."""
    content = path.read_bytes()
    width, height, bits, colour = (int.from_bytes(content[a:b], "big") for a, b in ((16, 20), (20, 24), (24, 25), (25, 26)))
    at, data = 8, b""
    while at < len(content):
        length, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        data += content[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, -1)
    assert colour == 2 and not rows[:, 0].any()
    return np.ascontiguousarray(rows[:, 1:]).view(">u2" if bits == 16 else "u1").reshape(height, width, 3), bits


@check
def finds_the_maps_of_a_material(folder):
    plane = add_plane("Mine")
    plane.active_material = worn = bpy.data.materials.new("Scan")
    if worn.node_tree is None:
        worn.use_nodes = True
    assert "no images" in said_by("scan_from_material")
    tree = worn.node_tree
    skin = next(n for n in tree.nodes if n.type == "BSDF_PRINCIPLED")
    output = next(n for n in tree.nodes if n.type == "OUTPUT_MATERIAL")

    def add(kind, image=None):
        new = tree.nodes.new(kind)
        if image:
            new.image = image
        return new

    images = {kind: picture(kind) for kind in ("albedo", "normal", "specular", "displacement", "mask")}
    mix, mask = add("ShaderNodeMix"), add("ShaderNodeTexImage", images["mask"])
    mix.data_type = "RGBA"
    colours = [entry for entry in mix.inputs if entry.type == "RGBA"]
    tree.links.new(mask.outputs["Color"], next(entry for entry in mix.inputs if entry.name == "Factor" and entry.enabled))
    tree.links.new(add("ShaderNodeTexImage", images["albedo"]).outputs["Color"], colours[0])
    tree.links.new(next(entry for entry in mix.outputs if entry.type == "RGBA"), skin.inputs["Base Color"])
    tree.links.new(add("ShaderNodeTexImage", images["specular"]).outputs["Color"], skin.inputs["Specular IOR Level"])
    split, turn, joined = add("ShaderNodeSeparateColor"), add("ShaderNodeInvert"), add("ShaderNodeCombineColor")
    normal_map, bump = add("ShaderNodeNormalMap"), add("ShaderNodeBump")
    tree.links.new(add("ShaderNodeTexImage", images["normal"]).outputs["Color"], split.inputs[0])
    tree.links.new(split.outputs[0], joined.inputs[0])
    tree.links.new(split.outputs[1], turn.inputs["Color"])
    tree.links.new(turn.outputs[0], joined.inputs[1])
    tree.links.new(joined.outputs[0], normal_map.inputs["Color"])
    tree.links.new(normal_map.outputs[0], bump.inputs["Normal"])
    tree.links.new(add("ShaderNodeTexImage", images["displacement"]).outputs["Color"], bump.inputs["Height"])
    tree.links.new(bump.outputs[0], skin.inputs["Normal"])
    assert bpy.ops.gantlitz.scan_from_material() == {"FINISHED"}
    assert [getattr(scan(), kind) for kind in list(images)[:4]] == list(images.values())[:4]
    assert scan().directx and scan().displacement_mm == 0

    height = add("ShaderNodeDisplacement")
    height.inputs["Scale"].default_value = 0.004
    tree.links.new(add("ShaderNodeTexImage", images["mask"]).outputs["Color"], height.inputs["Height"])
    tree.links.new(height.outputs[0], output.inputs["Displacement"])
    tree.links.remove(turn.inputs["Color"].links[0])
    tree.links.new(split.outputs[1], joined.inputs[1])
    bpy.ops.gantlitz.scan_from_material()
    assert scan().displacement == images["mask"] and not scan().directx
    near(scan().displacement_mm, 4.0, 1e-5)
    height.inputs["Scale"].default_value = 1.0  # as Blender adds it: a metre
    bpy.ops.gantlitz.scan_from_material()
    assert scan().displacement == images["mask"] and scan().displacement_mm == 0
    doubt = part("operators.scan_maps").depth_doubt
    assert "1000 mm from black to white" in doubt(False, 1000.0) and not doubt(False, 4.0) and not doubt(True, 1.0)
    assert "an EXR is taken to hold millimetres" in doubt(True, 1000.0)
    bpy.ops.object.select_all(action="DESELECT")
    bpy.context.view_layer.objects.active = None
    assert "Select an object" in said_by("scan_from_material")


@check
def takes_an_image_as_it_is_now(folder):
    take = part("scan_images").picture_file
    plain = saved(folder)
    assert take("albedo", plain, True, folder) == folder / "albedo.png"
    content = (folder / "albedo.png").read_bytes()
    scratch = folder / "scratch"
    scratch.mkdir()
    plain.pack()
    assert take("albedo", plain, True, scratch).read_bytes() == content
    plain.pixels[:4] = (1, 0, 0, 1)  # lower left
    values, bits = png(take("albedo", plain, True, scratch))
    assert bits == 8 and tuple(values[-1, 0]) == (255, 0, 0) and plain.is_dirty
    assert (folder / "albedo.png").read_bytes() == content and abs(values[0, 5, 0] / 255 - 0.8) < 0.003
    generated = picture("normal", floats=True, data=True)
    values, bits = png(take("normal", generated, True, scratch))
    assert bits == 16 and values.shape == (SIZE, SIZE, 3) and abs(values[0, 0, 0] / 65535 - 0.8) < 1e-4
    linear = picture("albedo", floats=True)
    values, bits = png(take("albedo", linear, True, scratch))
    near(values[0, 0, 0] / 65535, 1.055 * 0.8 ** (1 / 2.4) - 0.055, 1e-3)
    heights = picture("displacement", floats=True, data=True)
    heights.pixels.foreach_set(np.tile(np.float32((-1.25, -1.25, -1.25, 1)), SIZE * SIZE))
    assert take("displacement", heights, False, scratch).suffix == ".png"
    exr = take("displacement", heights, True, scratch)
    again = bpy.data.images.load(str(exr))
    again.colorspace_settings.is_data = True
    near(mean_of(again)[0], -1.25)
    assert again.is_float and tuple(again.size) == (SIZE, SIZE)


@check
def writes_large_images_in_parts(folder):
    take = part("scan_images").picture_file
    width, height = 50, 3 * part("scan_images").STRIP_ROWS + 7
    for floats, full in ((False, 255), (True, 65535)):
        image = bpy.data.images.new("large", width, height, float_buffer=floats, is_data=True)
        true = np.random.default_rng(0).integers(0, full + 1, (height, width, 4))
        image.pixels.foreach_set((true[::-1] / full).astype(np.float32).ravel())
        if floats:
            image.pixels[:3] = (float("nan"), 2.0, -1.0)  # lower left
            true[-1, 0, :3] = (0, full, 0)
        path = take("normal", image, False, folder)
        values, _ = png(path)
        np.testing.assert_array_equal(values, true[..., :3])
        assert path.read_bytes().count(b"IDAT") >= 4  # readers refuse chunks of many megabytes


@check
def refuses_what_is_no_single_picture(folder):
    bpy.context.scene.gantlitz_scan.layout = "MODEL"
    tiled = bpy.data.images.new("face", 8, 8, tiled=True)
    lost = saved(folder, "lost")
    (folder / "lost.png").unlink()
    lost.reload()
    film = bpy.data.images.new("film", 8, 8)
    film.source = "SEQUENCE"
    for image, word in ((tiled, "UDIM"), (lost, "lost.png"), (film, "sequence")):
        scan().albedo = image
        said = said_by("complete")
        assert word in said and "albedo" in said, said
        assert state().error_fix and not state().running
    assert not files(folder / "gantlitz")


def obj(lines):
    """Places and UVs of an OBJ, and of each face its corners: pairs of indices into the two."""
    places, uvs = ([tuple(map(float, line.split()[1:])) for line in lines if line.startswith(f"{kind} ")] for kind in ("v", "vt"))
    faces = [line.split()[1:] for line in lines if line.startswith("f ")]
    return places, uvs, [[tuple(int(number) - 1 for number in corner.split("/")) for corner in face] for face in faces]


@check
def writes_polygons_of_all_sizes_and_shared_uvs_once(folder):
    bpy.ops.mesh.primitive_uv_sphere_add(segments=8, ring_count=5, calc_uvs=True)
    ball = bpy.context.object
    bpy.ops.mesh.primitive_circle_add(vertices=7, fill_type="NGON", calc_uvs=True)
    ball.select_set(True)
    bpy.context.view_layer.objects.active = ball
    bpy.ops.object.join()
    mesh = ball.data
    places, uvs, faces = obj(part("scan_mesh").write_obj(ball, folder / "ball.obj").read_text().split("\n"))
    assert {len(face) for face in faces} == {3, 4, 7} and len(faces) == len(mesh.polygons)
    assert len(set(uvs)) == len(uvs) < len(mesh.loops)

    def rounded(corners):
        return tuple(tuple(round(float(x), 5) + 0.0 for x in values) for values in corners)

    written = {rounded((*places[place], *uvs[uv]) for place, uv in face) for face in faces}
    layer = mesh.uv_layers.active.uv
    true = set()
    for polygon in mesh.polygons:
        corners = [(mesh.vertices[mesh.loops[i].vertex_index].co, layer[i].vector) for i in polygon.loop_indices]
        true.add(rounded((co.x, co.z, -co.y, *uv) for co, uv in corners))
    assert written == true


@check
def writes_the_mesh_of_the_scan(folder):
    plane = add_plane("Mine")
    plane.location = (5, 5, 5)
    lines = part("scan_mesh").write_obj(plane, folder / "scan.obj").read_text().split("\n")
    places, uvs, (corners,) = obj(lines)
    assert len(places) == 4 and len(corners) == 4
    for place, uv in corners:  # a plane's UVs rise with x and y; y becomes -z
        assert (places[place][0], 0, -places[place][2]) == (uvs[uv][0] * 2 - 1, places[place][1], uvs[uv][1] * 2 - 1)
