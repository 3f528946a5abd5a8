"""The eyes: the filled opening, the wet margins of the lids, the caruncle, the lid's folds and its crepe."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import Array, half_point

from .canvas import Canvas
from .detail import Detail, Window
from .falloff import smoothstep
from .identity import Identity

_BOX = (300.0, 1150.0, 960.0, 1860.0)
_INNER, _OUTER = half_point("inner_canthus"), half_point("outer_canthus")
_AXIS = np.arange(200, 1100, 0.5, dtype=np.float32)  # half-face texels at which lines are worked out
_CENTRE, _HALF = (_INNER[0] + _OUTER[0]) / 2, (_OUTER[0] - _INNER[0]) / 2


def _arch(t: Array, peak: float, power: float) -> Array:
    """1 at the peak, 0 at t = -1 and 1, below 0 beyond."""
    side = np.where(t < peak, (t - np.float32(peak)) / np.float32(1 + peak), (t - np.float32(peak)) / np.float32(1 - peak))
    return 1 - np.abs(side) ** np.float32(power)


class Lids:
    """The lids' lines over the distance from the mid-line: y in half-face texels of the plain layout."""

    def __init__(self, person: Identity):
        self.person = person
        point = person.eye_point
        self._upper = (112.0 - 8 * person.lid_hood, person.eye_peak, 2.75 - 0.85 * point)
        self._lower = (104.0, 0.14 - 0.3 * person.eye_peak, 2.7 - 0.7 * point)
        self.fold = float(smoothstep(0.12, 0.4, np.array(person.lid_fold, np.float32)))  # 0: a single lid

    def t(self, a: Array) -> Array:
        """-1 at the inner corner, 1 at the outer one."""
        return (a - np.float32(_CENTRE)) / np.float32(_HALF)

    def level(self, a: Array) -> Array:
        """The line from corner to corner."""
        return np.float32(_INNER[1]) + (self.t(a) + 1) / 2 * np.float32(_OUTER[1] - _INNER[1])

    def upper(self, a: Array) -> Array:
        """The upper border of the filled opening."""
        high, peak, power = self._upper
        return self.level(a) - np.float32(high) * _arch(self.t(a), peak, power)

    def lower(self, a: Array) -> Array:
        """The lower border of the filled opening."""
        high, peak, power = self._lower
        return self.level(a) + np.float32(high) * _arch(self.t(a), peak, power)

    def upper_margin(self, a: Array) -> Array:
        """Width of the upper lid's wet margin, texels."""
        return np.float32(9) * np.clip(1.1 - np.abs(self.t(a)) ** 4, 0.45, 1)

    def lower_margin(self, a: Array) -> Array:
        """Width of the lower lid's wet margin, texels."""
        return np.float32(21) * np.clip(1.1 - np.abs(self.t(a)) ** 4, 0.4, 1)

    def crease(self, a: Array) -> Array:
        """The fold of the upper lid."""
        person, t = self.person, self.t(a)
        gap = (70 + 70 * (person.lid_fold_height - 1)) * (0.78 + 0.22 * _arch(np.clip(t, -1, 1), 0.0, 2))
        gap = (
            gap * (1 - 0.45 * person.lid_hood * smoothstep(-1.0, 1.2, t)) * (1 - 0.6 * person.epicanthus * smoothstep(0.0, -1.0, t))
        )
        high, peak, _ = self._upper
        return self.level(a) - (np.float32(high + 8) + gap) * _arch((t - 0.04) / 1.27, 0.7 * peak, 2.6)

    def lash_line(self, name: str, count: int = 40) -> NDArray[np.float64]:
        """Half-face points (count, 2) where the lashes of ``upper_lid`` or ``lower_lid`` grow, from the inner corner."""
        t = np.linspace(-0.9, 1.0, count, dtype=np.float32)
        a = np.asarray(_CENTRE + t * _HALF, np.float32)
        y = self.upper(a) - self.upper_margin(a) - 3 if name == "upper_lid" else self.lower(a) + self.lower_margin(a) + 2
        return np.stack([a, y], 1).astype(np.float64)


def draw_eyes(canvas: Canvas) -> list[Detail]:
    """Both eyes."""
    return [_Eye(Window(canvas, _BOX, side)).detail() for side in (-1, 1)]


def _slant(line: Array, a: Array) -> Array:
    """1 / sqrt(1 + slope^2) of a line over a: vertical distance to distance across it."""
    slope = np.gradient(line) / np.maximum(np.gradient(a), 1e-3)
    return (1 / np.sqrt(1 + np.minimum(slope * slope, 9))).astype(np.float32)


class _Eye:
    """One eye's planes, named as in ``Detail``, drawn part after part; distances are canvas texels across the lids' lines."""

    def __init__(self, view: Window):
        self.view, self.person = view, view.canvas.identity
        self.lids = lids = Lids(self.person)
        a, y = view.a, view.y
        self.t = lids.t(a)
        ragged = 1.6 * view.noise("rim", 90) + 0.5 * view.noise("rim fine", 20)
        upper, upper_slant = self._across(lids.upper)
        lower, lower_slant = self._across(lids.lower)
        self.above, self.below = (upper - y) * upper_slant + ragged, (y - lower) * lower_slant + ragged
        above, below = self.above, self.below
        self.out = 0.5 * (above + below + np.sqrt((above - below) ** 2 + 200)) - 3  # from the filled opening, corners rounded
        self.low = smoothstep(-30, 30, y - lids.level(a))  # 1 below the line from corner to corner
        self.rim = self._across(lids.upper_margin)[0] * (1 - self.low) + self._across(lids.lower_margin)[0] * self.low
        self.lash = self.out - self.rim  # from the wet margin's outer edge, where lashes grow
        self.corner_fade = smoothstep(1.12, 0.96, np.abs(self.t))
        self._opening()
        self._lash_roots()
        self._upper_fold()
        self._inner_fold()
        self._lower_lid()
        self._crepe()

    def detail(self) -> Detail:
        """What has been drawn, for the maps."""
        light, fill, gloss = np.clip(self.light, 0.1, 1.05), np.clip(self.fill, 0, 1), np.maximum(self.gloss, 0.1)
        return self.view.detail(self.height, light, self.melanin, self.blood, fill, gloss)

    def _across(self, line: Callable[[Array], Array]) -> tuple[Array, Array]:
        """(value of a line over a, its slant) at each texel."""
        values = line(_AXIS)
        at = np.clip((self.view.a - _AXIS[0]) * 2, 0, len(_AXIS) - 1.001)
        index = at.astype(np.int32)
        return values[index] + (values[index + 1] - values[index]) * (at - index), _slant(values, _AXIS)[index]

    def _opening(self) -> None:
        """The filled opening, its wet margins and the caruncle."""
        view, person, dark = self.view, self.person, self.person.darkness
        a, y, t, out, rim, low = view.a, view.y, self.t, self.out, self.rim, self.low
        streaks = view.noise("socket", 190) + 0.6 * view.noise("socket fine", 34)
        hollow = smoothstep(9, -26, out)
        deep = smoothstep(4, -85, out)
        caruncle = np.exp(-((((a - 418) / 29) ** 2 + ((y - 1508 - 0.2 * (a - 418)) / 17) ** 2) ** 1.3)) * (
            1 - 0.85 * person.epicanthus
        )
        plica = 0.6 * np.exp(-(((a - 459) / 12) ** 2 + ((y - 1502) / 36) ** 2)) * (1 - 0.6 * person.epicanthus)
        pink = np.clip(caruncle * (1 + 0.10 * view.noise("caruncle", 22)) + plica, 0, 1)
        self.fill = hollow * (0.40 + 0.50 * deep + 0.035 * streaks) * (1 - 0.9 * pink)
        margin = smoothstep(-18, 3, out) * smoothstep(9, -9, out - rim) * smoothstep(1.1, 0.97, np.abs(t))
        wet = np.clip(margin + hollow + caruncle, 0, 1)
        self.melanin = -(0.42 - 0.24 * dark) * wet
        self.blood = (0.5 - 0.2 * dark) * wet + 0.5 * hollow + 0.4 * caruncle + 0.22 * smoothstep(26, 0, np.abs(out - rim))
        self.light = 1 - 0.45 * hollow * (1 - 0.85 * pink) - 0.1 * dark * margin - 0.1 * margin * (1 - low)
        self.height = (
            -5.0 * smoothstep(6, -60, out) - 1.6 * smoothstep(3, -16, out) + 2.2 * caruncle * (1 + 0.16 * view.noise("lump", 24))
        )
        self.gloss = 1 + 0.5 * margin * low + 0.3 * caruncle - 0.45 * hollow

    def _lash_roots(self) -> None:
        """The line of the lashes' roots, dotted, and the edge it stands on."""
        view, person, t, low, lash, corner_fade = self.view, self.person, self.t, self.low, self.lash, self.corner_fade
        roots = np.clip(0.8 + 0.3 * view.noise("roots", 13), 0, 1.4)
        line = np.exp(-(((lash - 3) / (6.5 - 2.0 * low)) ** 2)) * corner_fade * smoothstep(-1.02, -0.75, t)
        self.light -= line * roots * (0.30 - 0.22 * low) * (0.3 + 0.7 * min(person.hair_melanin / 0.5, 1))
        self.light -= 0.10 * (1 - low) * corner_fade * np.exp(-(((lash - 8) / 14) ** 2))
        self.height += 0.9 * np.exp(-(((lash + 2) / 8) ** 2)) * corner_fade
        self.melanin += 0.16 * np.exp(-(((lash - 14) / 24) ** 2)) * (1 - 0.3 * low) * corner_fade

    def _upper_fold(self) -> None:
        """The crease of the upper lid, thin lines beside it, and the fold that hangs over it; a single lid is full instead."""
        view, person, lids, t, above = self.view, self.person, self.lids, self.t, self.above
        wobble = 3.0 * view.noise("fold", 150) + 0.6 * view.noise("fold fine", 60)
        fold_line, fold_slant = self._across(lids.crease)
        fold = (view.y - fold_line) * fold_slant + wobble  # below the crease
        reach = smoothstep(-1.08, -0.72, t) * smoothstep(1.34, 0.86, t)
        uneven = np.clip(1 + 0.22 * view.noise("fold depth", 120), 0.4, 1.6)
        strength = reach * uneven * lids.fold * (0.55 + 0.5 * min(person.lid_fold, 1))
        core = np.exp(-((fold / np.where(fold > 0, 3.6, 7.5)) ** 2))
        soft = np.exp(-((fold / np.where(fold > 0, 16, 34)) ** 2))
        self.light -= strength * (0.26 * core + 0.15 * soft)
        self.blood += strength * (0.22 * core + 0.22 * soft)
        self.height += strength * (-2.4 * core - 1.0 * soft + 2.4 * np.exp(-(((fold + 24) / 20) ** 2)))
        for i, offset in enumerate((-21, -47, 15)):
            gaps = np.clip(view.noise(f"gaps{i}", 130), 0, 1.3) * (0.12 + 0.9 * person.lid_crepe - 0.1 * i)
            thin = (
                np.exp(-(((fold - offset * (1 + 0.2 * t) + 2.5 * view.noise(f"thin{i}", 80)) / 3.4) ** 2))
                * reach
                * np.maximum(gaps, 0)
            )
            self.light -= 0.11 * thin
            self.height -= 0.9 * thin
        hood = person.lid_hood * smoothstep(-0.2, 0.9, t) * smoothstep(1.7, 1.1, t)
        self.light -= 0.10 * hood * np.exp(-(((fold + 6) / 42) ** 2))
        self.height += 1.8 * hood * np.exp(-(((fold + 55) / 40) ** 2))
        single = (1 - lids.fold) * reach  # a single lid is full down to the lashes
        self.light -= 0.09 * single * np.exp(-(((above - 20) / 16) ** 2))
        self.height += 1.5 * single * np.exp(-(((above - 48) / 26) ** 2))

    def _inner_fold(self) -> None:
        """The fold over the inner corner."""
        person, a, y = self.person, self.view.a, self.view.y
        over = np.hypot((a - 352) / 1.0, (y - 1500) / 1.45) - 52
        arc = (
            np.exp(-((over / np.where(over < 0, 5, 16)) ** 2))
            * smoothstep(372, 392, a)
            * smoothstep(1570, 1500, y)
            * person.epicanthus
        )
        self.light -= 0.22 * arc
        self.height += person.epicanthus * 1.6 * np.exp(-(((over + 16) / 15) ** 2)) * smoothstep(340, 380, a) - 1.5 * arc

    def _lower_lid(self) -> None:
        """A fold below the lashes, and the small roll above it."""
        view, person, t, low, rim, below = self.view, self.person, self.t, self.low, self.rim, self.below
        second = below - rim * low - (30 + 16 * person.eye_height)
        crease = (
            np.exp(-((second / np.where(second > 0, 11, 5)) ** 2)) * low * smoothstep(-1.15, -0.6, t) * smoothstep(0.95, 0.2, t)
        )
        crease = crease * np.clip(0.8 + 0.4 * view.noise("lower", 110), 0, 1.5) * (0.35 + 0.65 * person.lid_crepe)
        self.light -= 0.10 * crease
        self.height -= 1.0 * crease
        self.height += 0.7 * low * self.corner_fade * np.exp(-(((below - rim - 16) / 13) ** 2))

    def _crepe(self) -> None:
        """Fine lines along the lids, and the veins that show through thin skin."""
        view, person, dark = self.view, self.person, self.person.darkness
        a, t, low, lash, above, below = view.a, self.t, self.low, self.lash, self.above, self.below
        lid_skin = (
            smoothstep(2, 16, lash)
            * (smoothstep(150, 60, above) * (1 - low) + smoothstep(170, 70, below) * low)
            * smoothstep(1.9, 1.0, np.abs(t))
        )
        bend = 4 * view.noise("crepe bend", 200)
        crepe = (1 - low) * view.fibres("crepe", above + bend, a - 593, 15.0, 190)
        crepe += low * view.fibres("crepe low", below + bend, a - 593, 15.0, 190)
        crepe = np.minimum(crepe, 0.5) - 0.25 * np.abs(view.noise("grain", 18))
        self.height += (0.10 + 0.34 * person.lid_crepe) * lid_skin * crepe
        self.light += (0.006 + 0.014 * person.lid_crepe) * lid_skin * np.minimum(crepe, 0)
        veins = np.maximum(0.16 - np.abs(view.noise("veins", 130)), 0) / 0.16
        self.blood += 0.16 * (1 - dark) * veins * lid_skin
