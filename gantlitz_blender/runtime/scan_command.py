"""The commands ``complete`` and ``upscale``: scans without Blender."""

from __future__ import annotations

import argparse
from pathlib import Path

from .scan_request import METHODS, ScanRequest


def add_commands(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Add both to the runtime's parser."""
    complete = commands.add_parser(
        "complete",
        help="make the missing maps of a scan",
        description="Makes the maps that a scan has not: albedo, normal, specular, displacement. The scan's own maps are kept. "
        "Its UV layout may be any: say with --points where its features lie (docs/alignment.md); without, it must be the model's.",
    )
    _add_common(complete)
    complete.add_argument(
        "--method", choices=METHODS, default="fast",
        help="fast: the completer (default). fit: the model's own nearest face, as a recipe that can be edited; fit-from-fast: "
        "likewise, drawn towards what fast made. Fits take minutes",
    )  # fmt: skip
    complete.add_argument("--replace", action="store_true", help="write the fit's version of the known maps too, not your own")
    complete.set_defaults(run=_complete, only_known=False)
    upscale = commands.add_parser(
        "upscale",
        help="enlarge the maps of a scan",
        description="Enlarges the maps that a scan has, with detail that made small again is what they were.",
    )
    _add_common(upscale)
    upscale.set_defaults(run=_complete, only_known=True, method="fast", replace=False)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scan", type=Path, metavar="IN", help="a folder whose pictures are named after their kind, or one picture")
    parser.add_argument("--outdir", type=Path, required=True, metavar="DIR", help="where the files go; made if need be")
    parser.add_argument("--name", metavar="NAME", help="how the files begin; default: as the scan is called")
    parser.add_argument("--points", type=Path, metavar="JSON", help="named points in the scan's albedo")
    parser.add_argument("--mesh", type=Path, metavar="OBJ", help="the scan's mesh, with its UVs: alignment goes over the surfaces")
    parser.add_argument("--refine", action="store_true", help="lay the points on the features of the mean face")
    parser.add_argument("--width", type=int, metavar="N", help="texels of the answer; default: as the widest known map")
    parser.add_argument("--directx", action="store_true", help="the normal's green points down")
    parser.add_argument(
        "--displacement-mm", type=float, default=0.0, metavar="MM", help="from black to white, where the file is not an EXR"
    )
    parser.add_argument("--model", type=Path, metavar="PATH", help="a .safetensors model; default: the bundled one")
    parser.add_argument("--completer", type=Path, metavar="PATH", help="a .safetensors completer; default: the bundled one")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="auto takes the GPU when there is one")


def _complete(options: argparse.Namespace) -> None:
    request = _request(options)
    from tqdm import tqdm

    from .completion.completer import Completer
    from .face_model import FaceModel
    from .scan_job import complete_scan

    model = FaceModel.load(options.model, options.device)
    completer = Completer.load(options.completer, options.device)
    name = options.name or _name(options.scan)
    with tqdm(total=1.0, bar_format="{desc}{percentage:3.0f}%|{bar}| [{elapsed}<{remaining}]") as bar:

        def progress(share: float, text: str) -> None:
            bar.set_description(text)
            bar.update(share - bar.n)

        answer = complete_scan(
            request, options.outdir, name, model, completer, only_known=options.only_known, progress=progress
        )
    for warning in answer.warnings:
        print(f"note: {warning}")
    for kind, decibels in answer.decibels.items():
        print(f"{kind} made small again: {decibels:.1f} dB beside the scan's")
    for path in answer.paths.values():
        print(path)


def _name(scan: Path) -> str:
    """``anna`` for anna/, anna_albedo.png and anna/albedo.png."""
    from .pictures.naming import recognise

    scan = scan.resolve()
    if scan.is_dir():
        return scan.name
    kind = recognise(scan)[0]
    base = scan.stem[: scan.stem.lower().rfind(kind)].rstrip("_-. ") if kind and kind in scan.stem.lower() else scan.stem
    return base or scan.parent.name


def _request(options: argparse.Namespace) -> ScanRequest:
    from .pictures.naming import find_maps, recognise

    if options.scan.is_dir():
        found = {kind: str(path) for kind, path in find_maps(options.scan).items()}
    else:
        found = {recognise(options.scan)[0] or "albedo": str(options.scan)}
    points = None
    if options.points:
        from .completion.landmarks import Points

        points = Points.read(options.points).to_dict()
    return ScanRequest(
        maps=found,
        points=points,
        mesh=str(options.mesh) if options.mesh else None,
        method=options.method,
        width=options.width,
        keep=not options.replace,
        refine=options.refine,
        directx=options.directx,
        displacement_mm=options.displacement_mm,
    )
