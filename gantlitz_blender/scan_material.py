"""Which maps of a face are wired in a material that the artist has made."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import bpy

NO_PICTURE = {"Factor", "Fac", "Vector", "UV", "Strength", "Scale", "Midlevel", "Distance"}  # sockets that lead to no map


@dataclass
class Found:
    """What a material holds. images: by kind. directx: whether the normal's green is turned on its way.

    displacement_range: what black to white means, in the object's units; 0 where no node says it.
    """

    images: dict[str, bpy.types.Image] = field(default_factory=dict)
    directx: bool = False
    displacement_range: float = 0.0


def find_maps(material: bpy.types.Material) -> Found:
    """The images behind the sockets of the material's Principled BSDF, and behind its Displacement."""
    found = Found()
    output = material.node_tree.get_output_node("ALL") if material.node_tree else None
    if output is None:
        return found
    shader = next((node for node in _behind(output.inputs["Surface"]) if node.type == "BSDF_PRINCIPLED"), None)
    displacement = _first(output.inputs["Displacement"], "DISPLACEMENT")
    _take(found, "displacement", displacement.inputs["Height"] if displacement else None)
    if displacement is not None and "displacement" in found.images:
        found.displacement_range = abs(_number(displacement.inputs["Scale"]))
    if shader is None:
        return found
    _take(found, "albedo", shader.inputs["Base Color"])
    _take(found, "specular", shader.inputs["Specular IOR Level"])
    normal_map = _first(shader.inputs["Normal"], "NORMAL_MAP")
    if normal_map is not None:
        _take(found, "normal", normal_map.inputs["Color"])
        convention = getattr(normal_map, "convention", "OPENGL")  # from Blender 5.2 on
        turned = any(_turns(node) for node in _behind(normal_map.inputs["Color"]))
        found.directx = "normal" in found.images and (convention == "DIRECTX" or turned)
    bump = _first(shader.inputs["Normal"], "BUMP")
    if bump is not None and "displacement" not in found.images:
        _take(found, "displacement", bump.inputs["Height"])
    return found


def _take(found: Found, kind: str, socket: bpy.types.NodeSocket | None) -> None:
    image = next((node.image for node in _behind(socket) if node.type == "TEX_IMAGE" and node.image), None) if socket else None
    if image is not None:
        found.images[kind] = image


def _first(socket: bpy.types.NodeSocket, kind: str) -> bpy.types.Node | None:
    return next((node for node in _behind(socket) if node.type == kind), None)


def _behind(socket: bpy.types.NodeSocket) -> Iterator[bpy.types.Node]:
    """The nodes that lead into a socket, the nearest first, each once; what only steers them is left out.

    Separate, Combine, Invert, Mix and the like are passed through; groups are not entered.
    """
    seen = set()
    waiting = [socket]
    while waiting:
        for link in waiting.pop(0).links:
            node = link.from_node
            if node.name not in seen and not link.is_muted:
                seen.add(node.name)
                yield node
                waiting.extend(entry for entry in node.inputs if entry.name not in NO_PICTURE)


def _turns(node: bpy.types.Node) -> bool:
    return node.type == "INVERT" or (node.type == "MATH" and node.operation == "SUBTRACT" and _number(node.inputs[0]) == 1)


def _number(socket: bpy.types.NodeSocket) -> float:
    return 0.0 if socket.is_linked else float(socket.default_value)
