"""Many faces from few words: seeds times psi values times noise seeds times mixes, and walks between seeds."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import GantlitzError
from ..recipe import Recipe
from ..recipe_parts import UINT32_MAX, Grain, Mix
from .items import FULL, MOST, FaceItem, Output

Ranges = Sequence[range]


@dataclass(frozen=True)
class FaceGroup:
    """Faces that have something in common; every combination of what is listed becomes one.

    Either seeds or recipes, [(name, recipe)], which the other fields change. What is None is left as it is.
    mix: {band: (seeds, amount)}. walk: frames from each seed to the next, 0 for none; loop: and from the last to the first.
    """

    seeds: Ranges = ()
    recipes: Sequence[tuple[str, Recipe]] = ()
    psi: Sequence[float] = ()
    noise_seed: Ranges = ()
    noise_strength: float | None = None
    mix: Mapping[str, tuple[Ranges, float]] = field(default_factory=dict)
    grain: Mapping[str, Grain] = field(default_factory=dict)
    edits: Mapping[str, float] = field(default_factory=dict)
    locks: Sequence[str] = ()
    walk: int = 0
    loop: bool = False
    prefix: str = ""
    output: Output = FULL

    def items(self) -> list[FaceItem]:
        """All its faces. Raises GantlitzError (``bad-request``) for values out of range, none, or more than MOST."""
        count = self._count()
        if count > MOST:
            raise GantlitzError(f"That would be {count:,} faces.", f"Ask for {MOST:,} at most, in several calls if need be.")
        return list(self._made())

    def _count(self) -> int:
        count = sum(len(seeds) for seeds in self.seeds) + len(self.recipes)
        if self.walk:
            if count < 2:
                raise GantlitzError("A walk goes from one seed to the next.", "Give two seeds or more.")
            count = (count if self.loop else count - 1) * self.walk + (not self.loop)
        elif self.loop:
            raise GantlitzError("Only a walk can be closed to a loop.", "Say how many frames it has from seed to seed.")
        for values in (self.noise_seed, *(seeds for seeds, _ in self.mix.values())):
            count *= sum(len(r) for r in values) or 1
        return count * (len(self.psi) or 1)

    def _made(self) -> Iterator[FaceItem]:
        bases = [(f"seed{seed:04d}", Recipe(seed)) for seed in itertools.chain(*self.seeds)] + list(self.recipes)
        bands = list(self.mix)
        choices: list[Sequence[Any]] = [self.psi or [None], list(itertools.chain(*self.noise_seed)) or [None]]
        choices += [list(itertools.chain(*seeds)) for seeds, _ in self.mix.values()]
        fixed: dict[str, Any] = {"noise_strength": self.noise_strength, "grain": self.grain or None, "edits": self.edits or None}
        fixed["locks"] = tuple(self.locks) or None
        fixed = {name: value for name, value in fixed.items() if value is not None}
        for psi, noise_seed, *mixed in itertools.product(*choices):
            changes = dict(fixed)
            suffix = f"_psi{psi:g}" if len(choices[0]) > 1 else ""
            if psi is not None:
                changes["psi"] = psi
            if noise_seed is not None:
                changes["noise_seed"] = noise_seed
                suffix += f"_noise{noise_seed:04d}" if len(choices[1]) > 1 else ""
            if bands:
                changes["mix"] = {band: Mix(seed, self.mix[band][1]) for band, seed in zip(bands, mixed, strict=True)}
                for band, mix in changes["mix"].items():
                    suffix += f"_{band}{mix.seed:04d}" + (f"x{mix.amount:g}" if mix.amount != 1 else "")
            faces = [(name, replace(recipe, **changes)) for name, recipe in bases]
            for name, recipe in self._walked(faces) if self.walk else faces:
                yield FaceItem(f"{self.prefix}{name}{suffix}", recipe, self.output)

    def _walked(self, faces: list[tuple[str, Recipe]]) -> Iterator[tuple[str, Recipe]]:
        """Frames on straight lines through w; the noise of each stretch is its first face's."""
        stations = [recipe for _, recipe in faces]
        ends = [*stations[1:], stations[0]] if self.loop else stations[1:]
        frame = 0
        for start, end in zip(stations, ends, strict=False):
            for step in range(self.walk):
                yield f"walk{frame:04d}", replace(start, towards=end, amount=step / self.walk) if step else start
                frame += 1
        if not self.loop:
            yield f"walk{frame:04d}", stations[-1]


def seed_ranges(text: str) -> list[range]:
    """``"0-3,7"`` -> [range(0, 4), range(7, 8)]. Raises GantlitzError (``bad-request``)."""
    ranges = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,10})(?:\s*-\s*([0-9]{1,10}))?\s*", part)
        if match is None:
            raise GantlitzError(f"{part.strip()!r} is neither a seed nor a range; write 7 or 0-3,7", "")
        first, last = int(match[1]), int(match[2] or match[1])
        if first > last or last > UINT32_MAX:
            raise GantlitzError(f"{part.strip()!r} must rise and stay within 0-{UINT32_MAX}", "")
        ranges.append(range(first, last + 1))
    return ranges
