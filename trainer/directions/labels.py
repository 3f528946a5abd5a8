"""The labels that artists ask for, in the factors that the capture draws its people by: in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import log
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.errors import GantlitzError

Factors = Mapping[str, float]

# As trainer/capture/identity.py has them. More of the label is more of what its slider says: older, darker, redder, ...
LABELS: Mapping[str, Callable[[Factors], float]] = MappingProxyType(
    {
        "age": lambda f: f["age"],
        "tone": lambda f: log(f["melanin"]),
        "redness": lambda f: log(f["blood"]) + 0.4 * f["redness"],  # blood of a cheek: 0.4 is its regional gain
        "oiliness": lambda f: f["oil"],
        "freckles": lambda f: f["freckles"],
        "stubble": lambda f: f["beard"],
        "roughness": lambda f: log(f["relief"]) + 0.3 * log(f["pore_size"]),
    }
)
SEEN_IN_MEANS = ("tone", "redness", "oiliness", "stubble")
"""Labels of colour and gloss: regions' means show them, and detail would only mislead. The others are seen in detail alone."""


def labels_of(subjects: Sequence[Factors]) -> NDArray[np.float64]:
    """(N, L): the labels of subjects, in the order of LABELS.

    Raises GantlitzError (``no-labels``) for subjects that lack a factor, such as scans.
    """
    try:
        return np.array([[label(factors) for label in LABELS.values()] for factors in subjects])
    except KeyError as error:
        raise GantlitzError(
            f"The store's subjects do not all know their {error.args[0]}.",
            "Directions are learnt from captured people: make a store with: python -m trainer capture.",
            "no-labels",
        ) from error
