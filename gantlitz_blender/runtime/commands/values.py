"""Values on a command line: what argparse calls to read them. Standard library only."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import Any

from ..batch.faces import seed_ranges
from ..batch.profiles import profile_named
from ..errors import GantlitzError
from ..recipe_parts import BANDS, SCALES, Grain


def worded(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """`read`, whose GantlitzError becomes the sentence that argparse prints."""

    def value(text: str) -> Any:
        try:
            return read(text)
        except GantlitzError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return value


seeds = worded(seed_ranges)
profile = worded(profile_named)


def numbers(text: str) -> list[float]:
    """``"0.5,0.7"`` -> [0.5, 0.7]."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers; write 0.7 or 0.5,0.7") from error


def size(text: str) -> tuple[int, int]:
    """``"3072x2048"`` -> (3072, 2048)."""
    match = re.fullmatch(r"(-?[0-9]{1,9})[xX×](-?[0-9]{1,9})", text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write it like 3072x2048")
    return int(match[1]), int(match[2])


def positive(text: str) -> int:
    """``"3"`` -> 3."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def fraction(text: str) -> float:
    """``"0.5"`` -> 0.5, 0 or more."""
    value = numbers(text)[0]
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 0 or more")
    return value


def shard(text: str) -> tuple[int, int]:
    """``"2/4"`` -> (2, 4)."""
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text.strip())
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(f"{text!r} is no shard; write 1/4 to 4/4 for the four parts of a batch")
    return int(match[1]), int(match[2])


def mix(text: str) -> tuple[str, tuple[list[range], float]]:
    """``"fine=12,55:0.5"`` -> ("fine", ([range(12, 13), range(55, 56)], 0.5))."""
    band, _, rest = text.partition("=")
    listed, colon, amount = rest.partition(":")
    _check_word("band", band, BANDS, "coarse=12 or fine=12,55:0.5")
    return band, (seeds(listed), numbers(amount)[0] if colon else 1.0)


@worded
def grain(text: str) -> tuple[str, Grain]:
    """``"pores=1.5:9"`` -> ("pores", Grain(1.5, 9))."""
    scale, _, rest = text.partition("=")
    strength, colon, seed = rest.partition(":")
    _check_word("scale", scale, SCALES, "pores=1.5 or pores=1.5:9")
    return scale, Grain(numbers(strength)[0], seeds(seed)[0][0] if colon else None)


def edit(text: str) -> tuple[str, float]:
    """``"age=1.5"`` -> ("age", 1.5)."""
    label, _, amount = text.partition("=")
    if not label or not amount:
        raise argparse.ArgumentTypeError(f"{text!r} is no edit; write it like age=1.5")
    return label, numbers(amount)[0]


def _check_word(what: str, word: str, known: tuple[str, ...], example: str) -> None:
    if word not in known:
        raise argparse.ArgumentTypeError(f"there is no {what} {word!r} ({', '.join(known)}); write {example}")
