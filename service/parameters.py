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
BASIS: Final = Parameter(
    "basis",
    "enumeration",
    "Where the demand is taken from: surveys, roles, or any, which is the survey where there is one.",
    default="any",
    enumeration=BASES,
)
