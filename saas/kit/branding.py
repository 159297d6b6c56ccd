"""Any brand colour → a theme that stays readable (WCAG 2.2 AA), computed in OKLCH; only the tile keeps the raw one."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

LIGHT = ("#ffffff", "#f7f9fb", "#f2f5f8")
DARK = ("#141a1f", "#0d1216", "#1f252c", "#1c2228")
AA = 4.6
ERROR_HUE, SUCCESS_HUE = 25, 152
Triple = tuple[float, float, float]


def _linear(c: float) -> float:
    return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4


def _gamma(c: float) -> float:
    return 12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055


def _rgb(colour: str) -> Triple:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"not a colour: {colour!r}")
    r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return r, g, b


def _to_linear(lightness: float, chroma: float, hue: float) -> Triple:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def colour_of(lightness: float, chroma: float, hue: float) -> str:
    """The sRGB colour of an OKLCH one; chroma shrinks until it exists, lightness and hue stay."""
    while chroma > 0 and not all(-1e-4 <= c <= 1 + 1e-4 for c in _to_linear(lightness, chroma, hue)):
        chroma -= 0.002
    return "#" + "".join(
        f"{round(max(0.0, min(1.0, _gamma(max(0.0, min(1.0, c))))) * 255):02x}"
        for c in _to_linear(lightness, max(chroma, 0), hue)
    )


def oklch(colour: str) -> Triple:
    """Lightness, chroma and hue (degrees) of an sRGB colour."""
    r, g, b = (_linear(c) for c in _rgb(colour))
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b2 = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b2), math.degrees(math.atan2(b2, a)) % 360


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2, 1.4.3)."""

    def luminance(colour: str) -> float:
        r, g, b = (_linear(c) for c in _rgb(colour))
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _worst(colour: str, grounds: Sequence[str]) -> float:
    return min(contrast(colour, ground) for ground in grounds)


@lru_cache(maxsize=512)
def theme(brand: str) -> dict[str, tuple[str, str]]:
    """The tokens of a brand colour, each (light, dark). Raises ValueError when it is not #rrggbb."""
    lightness, chroma, hue = oklch(brand)
    chroma = min(chroma, 0.19)
    soft = colour_of(0.957, min(chroma * 0.22, 0.03), hue), colour_of(0.290, min(chroma * 0.40, 0.05), hue)
    light, dark = min(lightness, 0.60), max(lightness, 0.70)
    while light > 0.2 and _worst(colour_of(light, chroma, hue), (*LIGHT, soft[0])) < AA:
        light -= 0.005
    while dark < 0.97 and _worst(colour_of(dark, chroma, hue), (*DARK, soft[1])) < AA:
        dark += 0.005
    on_brand = max(("#ffffff", "#000000"), key=lambda ink: contrast(ink, brand))
    return {
        "brand": (brand, brand),
        "on_brand": (on_brand, on_brand),
        "accent": (colour_of(light, chroma, hue), colour_of(dark, chroma, hue)),
        "accent_hover": (
            colour_of(max(light - 0.06, 0.15), chroma, hue),
            colour_of(min(dark + 0.06, 0.95), chroma, hue),
        ),
        "on_accent": ("#ffffff", colour_of(0.19, min(chroma * 0.3, 0.04), hue)),
        "accent_soft": soft,
        "accent_line": (colour_of(0.86, min(chroma * 0.5, 0.07), hue), colour_of(0.44, min(chroma * 0.6, 0.07), hue)),
    }


def theme_css(brand: str) -> str:
    """The theme as a style sheet."""
    tokens = (f"--{name.replace('_', '-')}:light-dark({light},{dark});" for name, (light, dark) in theme(brand).items())
    return ":root{" + "".join(tokens) + "}\n"


def theme_url(brand: str) -> str:
    """The address of a theme: its stamp changes when the way of deriving it does."""
    stamp = hashlib.sha256(theme_css(brand).encode()).hexdigest()[:10]
    return f"/-/theme/{brand.removeprefix('#')}.css?v={stamp}"


def stamp(key: str) -> str:
    """What marks one version of a stored picture in its address; the key itself is nobody's to see."""
    return hashlib.sha256(key.encode()).hexdigest()[:10]


@dataclass(frozen=True, slots=True)
class Guarded:
    """What became of a brand colour, to be told to whoever chose it."""

    light: str
    dark: str
    adjusted: bool
    warnings: tuple[LazyString, ...]


def guard(brand: str) -> Guarded:
    """The readable accents of a brand colour and what to say about them. Raises ValueError."""
    light, dark = theme(brand.lower())["accent"]
    _, chroma, hue = oklch(brand)
    warnings = []
    if chroma > 0.08 and abs((hue - ERROR_HUE + 180) % 360 - 180) < 16:
        warnings.append(_l("Close to the red of errors."))
    if chroma > 0.08 and abs((hue - SUCCESS_HUE + 180) % 360 - 180) < 14:
        warnings.append(_l("Close to the green of success."))
    return Guarded(light, dark, abs(oklch(brand)[0] - oklch(light)[0]) > 0.08, tuple(warnings))
