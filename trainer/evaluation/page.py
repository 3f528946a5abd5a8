"""The figures as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from gantlitz_blender.runtime.model.config import MODALITIES

from ..metrics.patch_kid import PARTS
from .pictures import Shown, data_uri
from .plots import Dot, curves, dots

STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse;margin:1em 0;font-variant-numeric:tabular-nums}
td,th{padding:2px 10px;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}
svg{font:12px system-ui,sans-serif;max-width:100%;height:auto}
.faces{display:flex;flex-wrap:wrap;gap:8px}figure{margin:0}figcaption{font-size:12px;color:#666}img{display:block;max-width:100%}
.no{color:#b3261e}.yes{color:#2e6b2e}p.note{color:#555}"""


def page(figures: Mapping[str, Any], shown: Sequence[Shown]) -> str:
    """One self-contained page: plots, tables, and pictures whose key comes last."""
    model = figures["model"]
    sections = (
        _head(figures), _bars(figures["bars"]), _pictures(shown), _kid(figures), _spectra(figures), _position(figures),
        _noise(figures["noise"]), _diversity(figures["diversity"]), _truncation(figures["truncation"]), _preview(figures),
        _key(shown),
    )  # fmt: skip
    title = f"{escape(model['name'])} measured"
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style><h1>{title}</h1>'
    return head + "".join(sections) + "</html>\n"


def _head(f: Mapping[str, Any]) -> str:
    people, store = f["people"], f["store"]
    return (
        f"<p>{f['asked']['faces']} faces (seeds {f['seeds'][0]} to {f['seeds'][1]}, psi {f['asked']['psi']:g}) beside the store "
        f"{escape(store['name'])}, at {f['size'][0]} x {f['size'][1]} (level {f['level']} of {f['model']['width']} x "
        f"{f['model']['height']}). {people['training']} people stand for those learnt from and {people['held_out']} for "
        f"everyone else: {escape(people['split'])}. Intervals: {escape(f['interval'])}. "
        f"{f['places']} patches of {f['patch']} texels a face. "
        f"Model {f['model']['sha256'][:12]}.</p>"
    )


def _bars(bars: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (escape(b["what"]), escape(b["found"]), escape(b["bar"]), f'<span class="{"yes" if b["met"] else "no"}">'
         f"{'met' if b['met'] else 'missed'}</span>")
        for b in bars
    ]  # fmt: skip
    return "<h2>Bars</h2>" + _table(("", "found", "bar", ""), rows)


def _pictures(shown: Sequence[Shown]) -> str:
    wholes = "".join(_figure(k, s.whole) for k, s in enumerate(shown, 1))
    closes = "".join(_figure(k, s.close) for k, s in enumerate(shown, 1))
    return (
        "<h2>Which are real?</h2><p>People of the store and faces of the model, shuffled; the key is at the end of the page.</p>"
        f'<div class="faces">{wholes}</div><h3>1:1</h3><p class="note">Albedo, specular (twice as bright), the normal map lit '
        f"from the upper left, displacement.</p>{closes}"
    )


def _key(shown: Sequence[Shown]) -> str:
    real = ", ".join(str(k) for k, s in enumerate(shown, 1) if s.real)
    return f"<h2>Key</h2><details><summary>Show which were real</summary><p>Real: {real}. All others are the model's.</p></details>"


def _kid(f: Mapping[str, Any]) -> str:
    out = [
        "<h2>Kernel distance</h2><p class=note>Of texture statistics; 0: no difference. &ldquo;held out ~ training&rdquo; "
        "is what two groups of real people give, and a model that copies would be nearer to those it has learnt "
        "from than to the others.</p>"
    ]
    for what, title in (("patches", "Patches, place by place"), ("whole", "Whole textures")):
        sets = f["kid"][what]
        rows = {
            part: {name: Dot(values[part]["value"], values[part]["interval"]) for name, values in sets.items()} for part in PARTS
        }
        cells = [(part, *(_with_interval(values[part]) for values in sets.values())) for part in PARTS]
        out += [f"<h3>{title}</h3>", dots(rows, marks=(0,)), _table(("", *sets), cells)]
    return "".join(out)


def _spectra(f: Mapping[str, Any]) -> str:
    skin, slopes = f["skin"], f["slopes"]
    shares = {k: v for k, v in skin["figures"].items() if "met" in v}
    rest = {k: v for k, v in skin["figures"].items() if "met" not in v}
    ratio = {k: {"sampled / held out": Dot(v["ratio"], v["ratio_interval"])} for k, v in shares.items()}
    cells = []
    for name, row in skin["figures"].items():
        cell = [name, f"{row['real']:.3f}", _span(row["real_range"]), f"{row['fake']:.3f}", _span(row["fake_interval"])]
        cell.append("" if "met" not in row else f"{row['ratio']:.2f}")
        cell.append(_span(row["published"]) if "published" in row else "")
        cells.append(tuple(cell))
    correlations = {
        k: {"held out": Dot(v["real"], v["real_range"]), "sampled": Dot(v["fake"], v["fake_interval"])}
        for k, v in rest.items()
        if "~" in k
    }
    regions = [
        (name, *(f"{r['real']:.3f} / {r['fake']:.3f}" for r in row["regions"].values())) for name, row in skin["figures"].items()
    ]
    names = tuple(next(iter(skin["figures"].values()))["regions"])
    wave = f["model"]["width"] // f["size"][0]
    return (
        f"<h2>Spectra and agreement</h2><p class=note>Octave shares of the energy in windows of forehead, cheek, nose and "
        f"chin; wavelengths in texels of the measured size, each {wave} of the canvas. "
        f"{skin['shares_met']} of {skin['shares']} shares lie "
        "within 25 % of the held-out people's (grey).</p>"
        + dots(ratio, marks=(1,), bands=dict.fromkeys(ratio, (0.75, 1.25)))
        + "<h3>Correlations</h3><p class=note>For the held-out people the line is the range of 5 to 95 % of them, for the model "
        "the interval of its mean.</p>"
        + dots(correlations)
        + f"<p>Normals with the displacement's slopes over the whole face: {slopes['real']:.3f} held out, {slopes['fake']:.3f} "
        f"sampled ({_span(slopes['fake_interval'])}).</p>"
        + _table(("", "held out", "5 to 95 %", "sampled", "95 % interval", "ratio", "published"), cells)
        + "<details><summary>Region by region (held out / sampled)</summary>"
        + _table(("", *names), regions)
        + "</details>"
    )


def _position(f: Mapping[str, Any]) -> str:
    rows = {
        name: {"sampled ~ held out": Dot(v["value"], v["interval"]), "half of them ~ the others": Dot(v["reals"])}
        for name, v in f["position"].items()
    }
    return (
        "<h2>Where detail lies</h2><p class=note>Correlation over the face of the mean energy of the finest octave, in cells of 8 "
        "texels. The bar is 0.8.</p>" + dots(rows, marks=(0.8,))
    )


def _noise(noise: Mapping[str, Any]) -> str:
    columns = [f"{low:g}-{high:g}" if high < 4096 else f">{low:g}" for low, high in noise["bands"]]
    cells = [
        (f"{where}, {name}", *("-" if v is None else f"{v:.2f}" for v in shares))
        for where, maps in noise["maps"].items()
        for name, shares in maps.items()
    ]
    cells.append(("published", *("-" if span is None else _span(span) for span in noise["published"])))
    return (
        "<h2>What the noise owns</h2><p class=note>Share of the power that changes when only the noise is drawn anew, by "
        "wavelength in texels of the 6144-texel canvas. Plotted: the middle of the face, features and all; "
        "grey: measured on the paper's samples. Skin: forehead and cheek.</p>"
        + curves(noise["maps"]["face"], columns, noise["published"])
        + _table(("", *columns), cells)
    )


def _diversity(found: Mapping[str, Mapping[str, float]]) -> str:
    kinds = list(found)
    cells = [(key.replace("_", " "), *(f"{found[kind][key]:.3g}" for kind in kinds)) for key in found[kinds[0]]]
    return (
        "<h2>Diversity</h2><p class=note>Distances of whole faces at 96 x 64, in the data's standard deviations. fake to training "
        "far below unseen to training would be copying. Modes: the effective number of different faces (Vendi score).</p>"
        + _table(("", *kinds), cells)
    )


def _truncation(rows: Sequence[Mapping[str, Any]]) -> str:
    columns = [f"{r['psi']:g}" for r in rows]
    cells = [
        (f"{r['psi']:g}", _with_interval(r["kid"]), f"{r['pairwise']:.3f}", f"{r['pairwise_toneless']:.3f}", r["faces"])
        for r in rows
    ]
    distance = {"pairwise": [r["pairwise"] for r in rows], "without tone": [r["pairwise_toneless"] for r in rows]}
    return (
        "<h2>Truncation</h2><p class=note>Quality (joint distance of patches from the held-out people) against diversity.</p>"
        + curves({"kernel distance": [max(0.0, r["kid"]["value"]) for r in rows]}, columns)
        + curves(distance, columns)
        + _table(("psi", "kernel distance", "pairwise distance", "without tone", "faces"), cells)
    )


def _preview(f: Mapping[str, Any]) -> str:
    preview, seams = f["preview"], f["seams"]
    cells = []
    for kind in ("preview", "draft"):
        for m in MODALITIES:
            v = preview[kind][m.name]
            cells.append((f"{kind}, {m.name}", f"{v['rms']:.4f}", f"{v['correlation']:.3f}"))
    return (
        f"<h2>Previews</h2><p class=note>The skip sum of level {preview['level']}, and the draft, beside the full render made "
        "smaller, in windows of skin. Root mean square in the map's own unit (displacement: mm).</p>"
        + _table(("", "rms", "correlation"), cells)
        + f"<h2>Seams</h2><p>Largest difference between one tile and several: {seams['largest']:g}; "
        f"{seams['differing']:.2%} of the values differ.</p>"
    )


def _figure(number: int, image: Any) -> str:
    return f'<figure><img alt="face {number}" src="{data_uri(image)}"><figcaption>{number}</figcaption></figure>'


def _table(head: Iterable[str], rows: Iterable[Sequence[Any]]) -> str:
    top = "".join(f"<th>{escape(str(h))}</th>" for h in head)
    return f"<table><tr>{top}</tr>" + "".join("<tr>" + "".join(f"<td>{c}</td>" for c in r) + "</tr>" for r in rows) + "</table>"


def _span(interval: Sequence[float]) -> str:
    return f"{interval[0]:.3f} .. {interval[1]:.3f}"


def _with_interval(found: Mapping[str, Any]) -> str:
    digits = 1 if abs(found["value"]) >= 10 else 2
    low, high = found["interval"]
    return f"{found['value']:.{digits}f} ({low:.{digits}f} .. {high:.{digits}f})"
