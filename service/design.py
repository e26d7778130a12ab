"""`/design`: the colours, sizes and components that the pages are made of, shown as they are used."""

import re
from functools import cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Response

from graph.field import slug
from service.languages import lazy_gettext
from service.operation import Asked, answers
from service.representations import page

blueprint = Blueprint("design", __name__)

SHEET: Final = Path(__file__).parent / "static" / "style.css"
PROPERTY: Final = re.compile(r"--([\w-]+): ([^;]+);")
COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
DARK: Final = "@media screen and (prefers-color-scheme: dark)"
SECTORS: Final = ("archives", "libraries", "museums")

ROLES: Final = (
    (lazy_gettext("Surfaces"), ("paper", "card", "soft")),
    (lazy_gettext("Text"), ("ink", "quiet", "accent", "accent-ink")),
    (lazy_gettext("Lines"), ("line", "edge")),
    (lazy_gettext("Sectors"), SECTORS),
    (lazy_gettext("States of a gap"), ("no-data", "missing", "transferable", "stale", "thin", "covered")),
    (lazy_gettext("Series in figures"), tuple(f"c{number}" for number in range(1, 9))),
)
"""The colours by what they are for."""


@answers(blueprint, "/design", "The colours, sizes and components of the pages", tag="Service")
def show_design(asked: Asked) -> Response:
    """Every colour role with its values, the sizes, and each component."""
    light, dark = palettes()
    shown = {one: slug(one) for one in asked.view.sectors()}
    return page("design.html", asked, roles=ROLES, light=light, dark=dark, sizes=sizes(), sectors=shown)


@cache
def palettes() -> tuple[dict[str, str], dict[str, str]]:
    """The colours in the light and in the dark theme, by the names of their properties, as `#rrggbb`."""
    light, _, dark = _properties()
    found = {name: value for name, value in PROPERTY.findall(light) if COLOUR.fullmatch(value)}
    return found, found | {name: value for name, value in PROPERTY.findall(dark) if COLOUR.fullmatch(value)}


@cache
def sizes() -> dict[str, str]:
    """The sizes of type and space, by the names of their properties."""
    return {
        name: value
        for name, value in PROPERTY.findall(_properties()[0])
        if name in ("tiny", "small", "large", "h1", "h2", "h3") or re.fullmatch(r"s\d", name)
    }


def _properties() -> tuple[str, str, str]:
    """The properties of the light theme, and those that differ in the dark one."""
    text = SHEET.read_text(encoding="utf-8")
    return text[text.index(":root") :].partition("*, *::before")[0].partition(DARK)
