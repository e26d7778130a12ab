"""The parameters that several addresses take."""

from typing import Final

from graph.gaps import BASES
from graph.parameters import Parameter

LANG: Final = Parameter(
    "lang", "language", "The language of the labels; without it the `Accept-Language` header decides.", example="es"
)
LIMIT: Final = Parameter("limit", "integer", "How many to answer with; 0 is all.", default="50", minimum=0)
OFFSET: Final = Parameter("offset", "integer", "How many to pass over first.", default="0", minimum=0)
SECTOR: Final = Parameter(
    "sector",
    "iri",
    "A sector; without it, those of archives, libraries and museums together.",
    kind="sector",
    example="museums",
)
AREA: Final = Parameter(
    "area", "iri", "The competencies of one area only.", kind="area", example="preservation-and-conservation"
)
RELEASE: Final = Parameter(
    "release", "integer", "An older release, as long as it is kept; without it, the newest.", minimum=1
)
"""An address that takes it answers from any release that is kept; `service/operation.py` sees to it."""

HEAD: Final = Parameter(
    "head", "boolean", "Begin a CSV with lines that say what it is, each led by `#`: title, filter, release, licence."
)
LIVE: Final = ("atom", "feed", "ics")
"""Formats that are subscribed to: they go on, so that there is none of one release."""

BASIS: Final = Parameter(
    "basis",
    "enumeration",
    "Where the demand is taken from: surveys, roles, or any, which is the survey where there is one.",
    default="any",
    enumeration=BASES,
)
