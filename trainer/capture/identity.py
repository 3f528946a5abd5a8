"""Who a procedural subject is: some hundred factors, all drawn from one seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np


def generator(seed: int, *key: str | int) -> np.random.Generator:
    """A random generator for one layer of one subject: the same for the same seed and key, whatever else is drawn."""
    words = [k if isinstance(k, int) else crc32(k.encode()) for k in key]
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, *words])))


@dataclass(frozen=True)
class Identity:
    """The factors of a face. Where no unit is given, 0 is none or least and 1 is full; shape factors are ratios.

    ``Identity.from_seed(7)`` draws one; ``dataclasses.replace`` changes some of its factors.
    """

    seed: int
    sex: float  # 0 female .. 1 male: weighs beard, brows, relief
    age: float  # 0 about 18 years, 1 about 80
    melanin: float  # volume fraction of melanosomes in the epidermis, .006 .. .35
    blood: float  # volume fraction of blood in the dermis, .022 .. .107
    melanin_slope: float  # exponent of melanin's absorption over wavelength, 1.4 .. 2.2: warm to yellow
    oxygenation: float  # share of oxyhaemoglobin, .55 .. .8
    redness: float  # scale of the regional gains of blood, .35 .. 1.8
    blotches: float
    oil: float
    freckles: float
    spots: float  # lentigines and uneven pigment
    acne: float
    moles: int
    beard: float  # density of stubble
    beard_shape: int  # 0 full, 1 goatee, 2 moustache and chin, 3 jaw
    stubble_length: float  # of the mean hair, in 2.7 texels: 1.5 .. 5
    hair_melanin: float  # 0 blond .. 1 black
    hair_red: float
    hair_grey: float
    hairline: float  # texels by which the temples' hairline moves outward, -150 .. 250
    pore_size: float  # ratio
    pore_pitch: float  # texels between neighbouring pores
    relief: float  # ratio
    brow_thickness: float
    brow_density: float
    brow_height: float  # texels upward
    brow_arch: float  # texels by which the peak rises
    brow_tilt: float  # texels by which the outer end rises
    eye_width: float
    eye_height: float
    eye_tilt: float  # texels by which the outer canthus rises
    lid_fold: float  # depth of the upper lid's crease: 0 a single lid
    lid_fold_height: float  # ratio
    eye_bags: float
    eye_circles: float
    nose_width: float
    nose_length: float  # texels by which the tip comes down
    lip_width: float
    lip_upper: float
    lip_lower: float
    cupid_bow: float
    lip_redness: float
    lip_melanin: float
    chin_cleft: float
    nasolabial: float
    asymmetry: float
    beard_patchy: float  # bare places in the beard
    neck_shaved: float  # 0 the beard runs out on the neck, 1 it is cut off at a line
    hair_swirl: float  # how far hair strays from its usual direction, mostly on the neck
    shave_missed: float  # hairs that the razor missed
    razor_bumps: float
    vellus: float  # the fine hair all over a face
    brow_strays: float  # 0 plucked, 1 bushy, with hairs on the lid
    brow_gaps: float
    acne_marks: float  # flat marks that acne left
    acne_pits: float  # pitted scars that acne left
    pox_scars: int
    scars: int  # linear ones
    milia: float
    capillaries: float
    melasma: float
    tan_line: float
    tan_shape: int  # 0 spectacles, 1 a cap, 2 a collar
    papules: float  # dermatosis papulosa nigra
    moles_raised: float  # share of the moles that stand out
    eye_spacing: float  # texels outward
    eye_point: float  # how pointed the opening's corners are: 0 round, 1 an almond
    eye_peak: float  # where the upper lid is highest: -.3 towards the nose .. .3 outward
    lid_hood: float  # how far the outer fold hangs over the crease
    epicanthus: float  # a fold over the inner corner
    lid_crepe: float
    brow_ridge: float
    glabella: float  # depth of the frown's lines
    malar: float  # mounds below the bags
    nostril_size: float
    nostril_tilt: float  # texels by which the outer end rises
    ala_flare: float  # texels outward
    alar_groove: float  # ratio of depth
    philtrum: float  # ratio of depth
    mouth_height: float  # texels downward
    mouth_tilt: float  # texels by which the corners rise
    mouth_part: float  # width of the dark line between the lips, a ratio
    cupid_dip: float
    lip_grooves: float  # ratio of the distance between the lips' ridges
    lip_groove_depth: float
    lip_dryness: float
    lip_border: float  # how clearly the red ends: 0 blurred .. 1
    chin_length: float  # texels downward
    chin_width: float
    ear_size: float
    ear_turn: float  # radians, the top forward
    ear_height: float  # texels downward
    helix_width: float
    helix_point: float  # Darwin's tubercle
    antihelix: float  # ratio of height
    ear_lobe: float  # 0 grown to the cheek .. 1 free
    yellow: float  # optical density of the skin's carotenoids at 455 nm, passed once: .02 .. .2

    @classmethod
    def from_seed(cls, seed: int) -> Identity:
        """The subject of a seed. Ranges are choices made to spread tone, colour and shape widely; see docs."""
        r = generator(seed, "identity")
        sex = float(r.random() < 0.5)
        age = float(r.beta(1.1, 1.6))
        tone = float(r.random())
        melanin = float(np.exp(np.log(0.006) + tone * np.log(0.35 / 0.006)))
        dark = float(np.clip((melanin - 0.03) / 0.1, 0, 1))
        light = _lightness(melanin)
        hair = float(np.clip(0.5 + 0.9 * (1 - light) + 0.3 * dark + r.normal(0, 0.25), 0.08, 1))
        bearded = sex * float(r.random() < 0.75)
        return cls(
            seed=seed,
            sex=sex,
            age=age,
            melanin=melanin,
            hair_melanin=hair,
            **_skin(r, sex, age, dark, light, bearded),
            **_features(r, sex, age, dark),
            **_marks(seed, sex, age, melanin, bearded),
            **_shape(seed, sex, age, dark),
            **_tone(seed, age, melanin),
        )

    @property
    def darkness(self) -> float:
        """0 for light skin, 1 for dark: what several layers fade by. clip((melanin - .06) / .14, 0, 1)."""
        return float(np.clip((self.melanin - 0.06) / 0.14, 0, 1))


def _span(r: np.random.Generator, low: float, high: float) -> float:
    return float(r.uniform(low, high))


def _about(r: np.random.Generator, mean: float, deviation: float, low: float, high: float) -> float:
    return float(np.clip(r.normal(mean, deviation), low, high))


def _lightness(melanin: float) -> float:
    """1 for light skin, 0 for all other: what freckles, red hair and flushes need."""
    return 1 - float(np.clip((melanin - 0.02) / 0.05, 0, 1))


def _skin(r: np.random.Generator, sex: float, age: float, dark: float, light: float, bearded: float) -> dict[str, Any]:
    """The first factors of skin and hair, in the order in which the generator draws them."""
    factors = dict(
        blood=float(np.exp(r.uniform(np.log(0.022), np.log(0.085)))) * (1 + 0.25 * dark),
        melanin_slope=_span(r, 1.4, 2.2),
        oxygenation=_span(r, 0.55, 0.8),
        redness=_about(r, 1.0, 0.35, 0.35, 1.8),
        blotches=float(r.beta(1.3, 2.2)),
        oil=float(r.random()),
        freckles=float(r.random() < 0.3) * _span(r, 0.15, 1) * (0.35 + 0.65 * light),
        spots=float(np.clip(age * r.uniform(0, 1.3) - 0.1, 0, 1)),
        acne=float(r.random() < 0.3) * _span(r, 0.1, 1) * (1 - 0.7 * age),
        moles=int(np.clip(r.poisson(4) * r.uniform(0.2, 2), 0, 18)),
        beard=bearded * float(r.beta(1.2, 1.2)),
        beard_shape=int(r.choice(4, p=[0.62, 0.12, 0.12, 0.14])),
        stubble_length=_span(r, 1.5, 5),
        hair_red=float(r.random() < 0.12) * _span(r, 0.3, 1) * light,
        hair_grey=float(np.clip(r.normal(age * 1.7 - 0.95, 0.25), 0, 0.95)),
        hairline=_about(r, 20 + 90 * sex * age, 70, -150, 250),
        pore_size=_about(r, 1.0 + 0.15 * sex, 0.22, 0.6, 1.7),
        pore_pitch=_span(r, 14.5, 19),
        relief=_about(r, 1.0 + 0.08 * sex, 0.14, 0.7, 1.35),
    )
    r.random()  # one factor is gone: without its draw all later ones would be others
    return factors


def _features(r: np.random.Generator, sex: float, age: float, dark: float) -> dict[str, Any]:
    """The first factors of the face's features, drawn after those of the skin."""
    return dict(
        brow_thickness=_about(r, 0.85 + 0.3 * sex, 0.25, 0.45, 1.6),
        brow_density=_about(r, 0.9 + 0.15 * sex - 0.25 * age, 0.22, 0.3, 1.3),
        brow_height=_about(r, 10 - 30 * sex - 14 * age, 32, -80, 80),
        brow_arch=_about(r, 14 - 22 * sex, 22, -45, 60),
        brow_tilt=_about(r, 0, 22, -50, 50),
        eye_width=_about(r, 1.0, 0.06, 0.86, 1.14),
        eye_height=_about(r, 0.88, 0.09, 0.66, 1.08),
        eye_tilt=_about(r, 0, 14, -32, 32),
        lid_fold=float(np.clip(r.normal(0.7, 0.35), 0.05, 1.2)),
        lid_fold_height=_about(r, 1.0, 0.15, 0.7, 1.35),
        eye_bags=float(np.clip(r.beta(1.2, 2.2) + 0.35 * age - 0.1, 0, 1.2)),
        eye_circles=float(r.beta(1.5, 1.8)),
        nose_width=_about(r, 1.0 + 0.06 * dark, 0.07, 0.84, 1.22),
        nose_length=_about(r, 0, 22, -50, 50),
        lip_width=_about(r, 1.0, 0.06, 0.86, 1.15),
        lip_upper=_about(r, 1.0 + 0.18 * dark - 0.2 * age, 0.17, 0.55, 1.45),
        lip_lower=_about(r, 1.0 + 0.12 * dark - 0.15 * age, 0.15, 0.6, 1.4),
        cupid_bow=_about(r, 1.0, 0.4, 0, 2),
        lip_redness=_about(r, 1.0 - 0.15 * age, 0.3, 0.6, 1.9),
        lip_melanin=float(r.random()),
        chin_cleft=float(r.random() < 0.25) * _span(r, 0.2, 1),
        nasolabial=float(np.clip(0.15 + 0.75 * age + r.normal(0, 0.2), 0, 1.2)),
        asymmetry=_span(r, 0.5, 1.5),
    )


def _tone(seed: int, age: float, melanin: float) -> dict[str, Any]:
    """Factors of colour that came later: skin grows sallow with age, and is most golden between light and dark."""
    r = generator(seed, "identity", "tone")
    middle = float(np.exp(-((np.log(melanin / 0.05) / 0.8) ** 2)))
    return dict(yellow=float(np.clip(r.normal(0.075 + 0.03 * age + 0.035 * middle, 0.022), 0.02, 0.2)))


def _marks(seed: int, sex: float, age: float, melanin: float, bearded: float) -> dict[str, Any]:
    """The factors of hair and marks that came later: a generator of their own leaves the others as they were."""
    r = generator(seed, "identity", "marks")
    light = _lightness(melanin)
    dark = float(np.clip((melanin - 0.08) / 0.1, 0, 1))
    middle = float(np.exp(-((np.log(melanin / 0.06) / 0.9) ** 2)))

    def some(share: float, low: float = 0.15, high: float = 1.0) -> float:
        """0 for most people, low .. high for a share of them."""
        return float(r.random() < share) * float(r.uniform(low, high))

    return dict(
        beard_patchy=float(r.beta(1.2, 1.8)),
        neck_shaved=some(0.4, 0.6),
        hair_swirl=float(r.beta(1.5, 1.5)),
        shave_missed=bearded * some(0.45),
        razor_bumps=bearded * some(0.18 + 0.35 * dark),
        vellus=float(r.beta(1.6, 1.6)),
        brow_strays=float(np.clip(r.normal(0.2 + 0.4 * sex + 0.15 * age, 0.22), 0, 1)),
        brow_gaps=float(np.clip(r.normal(0.2 + 0.3 * age, 0.25), 0, 1)),
        acne_marks=some(0.3, 0.1) * (1 - 0.5 * age),
        acne_pits=some(0.16, 0.15),
        pox_scars=int(r.poisson(0.5)),
        scars=int(r.random() < 0.22) + int(r.random() < 0.06),
        milia=some(0.15),
        capillaries=float(np.clip(r.beta(1.2, 2.5) * (0.35 + 0.9 * age) * (0.25 + 0.75 * light), 0, 1)),
        melasma=some((0.16 - 0.12 * sex) * (0.3 + middle) * (1 if 0.08 < age < 0.7 else 0.2)),
        tan_line=some(0.22),
        tan_shape=int(r.integers(3)),
        papules=dark * some(0.15 + 0.45 * age),
        moles_raised=float(r.beta(1 + age, 2)),
    )


def _shape(seed: int, sex: float, age: float, dark: float) -> dict[str, Any]:
    """The factors of shape that a generator of their own draws: more of them leave all others as they were."""
    r = generator(seed, "identity", "shape")
    return dict(
        eye_spacing=_about(r, 0, 12, -28, 28),
        eye_point=float(r.beta(1.6, 1.6)),
        eye_peak=_about(r, -0.06, 0.12, -0.3, 0.3),
        lid_hood=float(np.clip(r.beta(1.1, 2.2) + 0.4 * age - 0.1, 0, 1)),
        epicanthus=float(r.random() < 0.3) * float(r.beta(2, 1.3)),
        lid_crepe=float(np.clip(0.25 + 0.7 * age + r.normal(0, 0.15), 0.05, 1.2)),
        brow_ridge=_about(r, 0.25 + 0.45 * sex, 0.25, 0, 1.2),
        glabella=float(np.clip(r.beta(1.1, 2) * (0.25 + 1.1 * age), 0, 1)),
        malar=float(np.clip(r.beta(1, 2.4) * (0.3 + 1.2 * age), 0, 1)),
        nostril_size=_about(r, 1.0 + 0.05 * sex + 0.06 * dark, 0.1, 0.78, 1.25),
        nostril_tilt=_about(r, 0, 16, -34, 34),
        ala_flare=_about(r, 8 * dark, 11, -22, 26),
        alar_groove=_about(r, 1.0, 0.3, 0.35, 1.7),
        philtrum=float(np.clip(r.normal(0.9 - 0.35 * age, 0.4), 0.1, 1.8)),
        mouth_height=_about(r, 0, 12, -26, 26),
        mouth_tilt=_about(r, -5 * age, 12, -26, 24),
        mouth_part=_about(r, 1.0, 0.3, 0.5, 1.7),
        cupid_dip=_about(r, 1.0, 0.6, -0.4, 2.2),
        lip_grooves=_about(r, 1.0, 0.25, 0.6, 1.6),
        lip_groove_depth=float(np.clip(r.lognormal(0, 0.45), 0.35, 2.2)),
        lip_dryness=float(r.beta(1.1, 2.4)),
        lip_border=float(r.beta(1.8, 1.5)) * (1 - 0.35 * age),
        chin_length=_about(r, 0, 16, -34, 34),
        chin_width=_about(r, 1.0 + 0.03 * sex, 0.06, 0.88, 1.14),
        ear_size=_about(r, 0.97 + 0.03 * age + 0.015 * sex, 0.025, 0.91, 1.03),
        ear_turn=_about(r, 0, 0.035, -0.08, 0.08),
        ear_height=_about(r, 0, 14, -30, 30),
        helix_width=_about(r, 1.0, 0.18, 0.62, 1.4),
        helix_point=float(r.random() < 0.35) * float(r.random()),
        antihelix=_about(r, 1.0, 0.25, 0.45, 1.5),
        ear_lobe=float(np.clip(r.normal(0.6, 0.4), 0, 1)),
    )
