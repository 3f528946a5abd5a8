"""A smooth one-to-one map from one picture to another: its values, its Jacobian and its inverse.

Places are relative, (0, 0) the upper left corner of a picture and (1, 1) the lower right one, so that maps of any size are
served. The map is the cubic spline through its values on a regular grid that reaches beyond the picture on every side:
cheap to evaluate at millions of texels, and twice continuously differentiable.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.interpolate import LinearNDInterpolator, RBFInterpolator, RectBivariateSpline

Floats = NDArray[np.float64]
Size = tuple[int, int]  # width, height

MARGIN = 0.0625  # how far the grid reaches beyond the picture, as a share of it
STEPS = 144  # cells of the grid from side to side of the picture; as many from top to bottom
SMOOTHING = 1e-4  # of the thin plate: keeps clicks that are a little off from creasing it
NEWTON_STEPS = 12
CONVERGED = 1e-7  # of the source picture


def nodes() -> Floats:
    """The grid's places along one axis of the target picture."""
    beyond = round(MARGIN * STEPS)
    return np.arange(-beyond, STEPS + beyond + 1) / STEPS


def grid_points(aspect: float = 1.0) -> Floats:
    """The grid's nodes, (N, 2) of (u * aspect, v), rows of equal v one after the other."""
    u, v = np.meshgrid(nodes() * aspect, nodes())
    return np.stack([u.ravel(), v.ravel()], 1)


class Warp:
    """From places (u, v) of the target picture to places (s, t) of the source picture.

    s, t: (n, n) at the nodes of the grid, rows of equal v. target, source: (width, height) of the two, in any unit, whose
    square texels the Jacobian is measured in.
    """

    def __init__(self, s: Floats, t: Floats, target: Size, source: Size):
        self.s, self.t, self.target, self.source = s, t, target, source

    @cached_property
    def _splines(self) -> tuple[RectBivariateSpline, RectBivariateSpline]:
        v = u = nodes()
        return RectBivariateSpline(v, u, self.s), RectBivariateSpline(v, u, self.t)

    def __call__(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        """(s, t) of places u, v, arrays of one shape; beyond the grid those of its border."""
        s, t = self._splines
        return s.ev(v, u), t.ev(v, u)

    def on_grid(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        """(s, t), each (len(v), len(u)), of the grid of increasing u (columns) and v (rows)."""
        s, t = self._splines
        return s(v, u), t(v, u)

    def jacobian(self, u: Floats, v: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """(dX/dx, dX/dy, dY/dx, dY/dy) on the grid of u and v: source texels X, Y a target texel x, y."""
        (w, h), (W, H) = self.target, self.source
        s, t = self._splines
        return s(v, u, dy=1) * (W / w), s(v, u, dx=1) * (W / h), t(v, u, dy=1) * (H / w), t(v, u, dx=1) * (H / h)

    def determinant(self, u: Floats, v: Floats) -> Floats:
        """Area of the source a target texel covers, in its texels; negative where the map mirrors."""
        xx, xy, yx, yy = self.jacobian(u, v)
        return xx * yy - xy * yx

    def inverse(self) -> Warp:
        """The map back. Of source places that are no image of the grid, a continuation that leads out of the target.

        Newton's method at every node, begun from the triangles between the images of the grid.
        """
        places = wanted = grid_points()
        images = np.stack([self.s.ravel(), self.t.ravel()], 1)
        area = self.determinant(nodes(), nodes()).ravel()
        unfolded = area * np.sign(np.median(area)) > 0  # beyond the face a map may fold: that is not to be found again
        guess = LinearNDInterpolator(images[unfolded], places[unfolded])(wanted)
        u, v = guess[:, 0], guess[:, 1]
        live = np.isfinite(u)
        low, high = nodes()[[0, -1]]
        error = np.full(len(wanted), np.inf)
        spline_s, spline_t = self._splines
        for _ in range(NEWTON_STEPS):
            a, b = u[live], v[live]
            ds, dt = spline_s.ev(b, a) - wanted[live, 0], spline_t.ev(b, a) - wanted[live, 1]
            error[live] = np.hypot(ds, dt)
            su, sv, tu, tv = spline_s.ev(b, a, dy=1), spline_s.ev(b, a, dx=1), spline_t.ev(b, a, dy=1), spline_t.ev(b, a, dx=1)
            with np.errstate(divide="ignore", invalid="ignore"):
                turn = 1 / (su * tv - sv * tu)
                u[live] = a - turn * (tv * ds - sv * dt)
                v[live] = b - turn * (su * dt - tu * ds)
            live &= np.isfinite(u) & (u > low) & (u < high) & (v > low) & (v < high)
            if error[live].max(initial=0) < CONVERGED:
                break
        found = live & (error < CONVERGED)
        u, v = _continued(wanted, u, v, found)
        n = len(nodes())
        return Warp(u.reshape(n, n), v.reshape(n, n), self.source, self.target)


def _continued(places: Floats, u: Floats, v: Floats, found: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Fill in what was not found: the affine part, and what the nearest place that was found differs from it by."""
    n = round(len(places) ** 0.5)
    base = np.column_stack([places, np.ones(len(places))])
    nearest = ndimage.distance_transform_edt(~found.reshape(n, n), return_distances=False, return_indices=True)
    row, column = nearest.reshape(2, -1)
    out = []
    for plane in (u, v):
        affine = base @ np.linalg.lstsq(base[found], plane[found], rcond=None)[0]
        rest = np.where(found, plane - affine, 0)
        out.append(affine + rest.reshape(n, n)[row, column])
    return out[0], out[1]


def thin_plate(target_points: Floats, source_points: Floats, target: Size, source: Size) -> Warp:
    """The smoothest map that takes points of the target to points of the source, both (N, 2) and relative, closely.

    target, source: (width, height), for their aspect ratios (a thin plate bends alike in all directions) and the
    Jacobian. Duchon 1977, Bookstein 1989; scipy's RBFInterpolator.
    """
    aspect = target[0] / target[1]
    plate = RBFInterpolator(target_points * (aspect, 1.0), source_points, smoothing=SMOOTHING, kernel="thin_plate_spline", degree=1)
    values = plate(grid_points(aspect))
    n = len(nodes())
    return Warp(values[:, 0].reshape(n, n), values[:, 1].reshape(n, n), target, source)
