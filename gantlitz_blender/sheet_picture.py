"""Thumbnails in a grid, each with its number below, as one picture. numpy only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

GAP = 8  # pixels between thumbnails
LABEL = 20  # pixels below each for its number
PAPER, INK = 58, 225  # grey levels
DIGIT = 2  # pixels for each dot of a digit
# 3 x 5 dots, a row for each octal digit.
DIGITS = ("75557", "26227", "71747", "71717", "55711", "74717", "74757", "71244", "75757", "75717")


def columns_for(count: int) -> int:
    """As square a grid as whole rows allow."""
    return max(1, int(np.ceil(np.sqrt(count))))


def contact_sheet(thumbnails: Sequence[tuple[int, np.ndarray]]) -> np.ndarray:
    """(H, W, 4) bytes, row 0 at the top, opaque: thumbnails of one size (h, w, 4), row by row, each with its number.

    Raises ValueError for none.
    """
    if not thumbnails:
        raise ValueError("a contact sheet needs a thumbnail")
    height, width = thumbnails[0][1].shape[:2]
    columns = columns_for(len(thumbnails))
    rows = -(-len(thumbnails) // columns)
    page = np.full((rows * (height + LABEL + GAP) + GAP, columns * (width + GAP) + GAP, 4), PAPER, np.uint8)
    page[..., 3] = 255
    for i, (number, pixels) in enumerate(thumbnails):
        row, column = divmod(i, columns)
        top, left = GAP + row * (height + LABEL + GAP), GAP + column * (width + GAP)
        opaque = pixels[..., 3:].astype(np.float32) / 255
        page[top : top + height, left : left + width, :3] = pixels[..., :3] * opaque + PAPER * (1 - opaque) + 0.5
        label = written(number)
        below, middle = top + height + (LABEL - label.shape[0]) // 2, left + (width - label.shape[1]) // 2
        if middle >= 0 and label.shape[1] <= width:
            page[below : below + label.shape[0], middle : middle + label.shape[1], :3][label] = INK
    return page


def written(number: int) -> np.ndarray:
    """(h, w) bool: its digits."""
    dots = [[[bool(int(row, 8) & bit) for bit in (4, 2, 1)] + [False] for row in DIGITS[int(digit)]] for digit in str(number)]
    return np.concatenate(dots, axis=1)[:, :-1].repeat(DIGIT, axis=0).repeat(DIGIT, axis=1)


def square(pixels: np.ndarray) -> np.ndarray:
    """(S, S, 4) float32 in [0, 1], row 0 at the bottom, as icons are: the picture in the middle of nothing."""
    side = max(pixels.shape[:2])
    out = np.zeros((side, side, 4), np.float32)
    top, left = (side - pixels.shape[0]) // 2, (side - pixels.shape[1]) // 2
    out[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels / np.float32(255)
    return out[::-1]
