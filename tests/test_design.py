"""The design: colours that can be read in both themes, computed from the sheet that the pages use."""

import re
from itertools import product

import pytest

from service.design import ROLES, SHEET, palettes

SURFACES = ("paper", "card", "soft")
TEXT = ("ink", "quiet", "accent", "no-data", "missing", "transferable", "stale", "thin", "covered")
SERIES = ("archives", "libraries", "museums", *(f"c{number}" for number in range(1, 9)))
LEAST = {
    **dict.fromkeys(product(TEXT, SURFACES), 4.5),
    **dict.fromkeys(product(("accent-ink",), ("accent", *SERIES)), 4.5),
    **dict.fromkeys(product(("edge", *SERIES), SURFACES), 3.0),
}
"""What stands on what, and the contrast it needs (WCAG 2.2, 1.4.3 and 1.4.11)."""


def luminance(colour: str) -> float:
    """The relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_the_recommendation_has_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_everything_can_be_read_on_what_it_stands_on(theme: int) -> None:
    colours = palettes()[theme]
    found = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in LEAST}
    assert {pair: value for pair, value in found.items() if value < LEAST[pair]} == {}


def test_every_colour_has_a_role_and_both_themes() -> None:
    light, dark = palettes()
    assert {one for _, properties in ROLES for one in properties} == light.keys() == dark.keys()
    assert [one for one in light if light[one] == dark[one]] == []


def test_every_property_is_declared_and_used() -> None:
    text = SHEET.read_text(encoding="utf-8")
    declared = set(re.findall(r"^\s+--([\w-]+):", text, re.MULTILINE))
    used = set(re.findall(r"var\(--([\w-]+)\)", text))
    assert declared == used


def test_the_sheet_asks_nobody_else() -> None:
    text = SHEET.read_text(encoding="utf-8")
    assert "@import" not in text
    assert "url(" not in text
