"""Directions of w with a meaning: how to move a face so that a label changes, and others do not.

A label l (age, tone, ...), in standard deviations over the model's faces, is close to linear in w: l = g . (w - w_avg) + c. Of
all moves that change the labels of a set S by given amounts, the one that is least unusual (of least Mahalanobis length under
the covariance C of w) is

    dw = C G_S^T (G_S C G_S^T)^-1 dl_S,        G_S: the rows g of the labels in S,

so that a lock is a label of S whose dl is 0. Only C G^T (``spread``) and G C G^T (``gram``) are needed for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .errors import GantlitzError

SMALLEST_EIGENVALUE = 0.02  # of gram's part, relative to the largest: labels that always go together cannot be held apart


@dataclass(frozen=True, eq=False)
class Directions:
    """labels: their names, L of them. spread: (w_dim, L). gram: (L, L)."""

    labels: tuple[str, ...]
    spread: Tensor
    gram: Tensor

    @classmethod
    def none(cls, w_dim: int) -> Directions:
        """Of a model that has none."""
        return cls((), torch.zeros(w_dim, 0), torch.zeros(0, 0))

    def shift(self, edits: Mapping[str, float], locks: Sequence[str] = ()) -> Tensor:
        """(1, w_dim), to be added to w. edits: {label: standard deviations}; locks: labels that are to stay, unless edited.

        Locks that the model does not know are no hindrance: there is nothing that could move.
        Raises GantlitzError (``no-direction``) for an edit that it does not know.
        """
        for name in edits:
            if name not in self.labels:
                raise GantlitzError(
                    f"The model has no direction for {name!r}.",
                    f"Take that edit out of the recipe; this model knows: {', '.join(self.labels) or 'none'}.",
                    "no-direction",
                )
        names = [*edits, *(name for name in locks if name in self.labels and name not in edits)]
        chosen = [self.labels.index(name) for name in names]
        wanted = torch.tensor([edits.get(name, 0.0) for name in names], dtype=torch.float64)
        gram = self.gram.double()[chosen][:, chosen]
        weights = torch.linalg.pinv(gram, rtol=SMALLEST_EIGENVALUE, hermitian=True) @ wanted
        return (self.spread.double()[:, chosen] @ weights)[None].float()
