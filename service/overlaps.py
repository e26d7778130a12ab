"""What an overlap is shown as: the names and addresses of its parts, its figure, and the part that is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from pyoxigraph import NamedNode

from graph.comparison import Part
from graph.namespaces import kind_and_slug
from graph.parameters import Parameter
from service.languages import gettext
from service.operation import Asked
from service.overlap_figure import MOST, Overlap, Share, Whole, overlap_figure
from service.representations import address

ONLY: Final = Parameter(
    "only",
    "text",
    "Needed by just these and by none of the others: named as the address names them, separated by commas.",
)
SEPARATOR: Final = ","
PLACES: Final = ("a", "b", "c")
"""The parameters of `/compare` that name what is compared."""

LIST: Final = "#list"


@dataclass(frozen=True)
class ShownPart:
    """A part with its name, the name of it in an address, and where the list of it is."""

    part: Part
    name: str
    labels: tuple[str, ...]
    only: str
    href: str

    @property
    def total(self) -> int:
        """How many competencies it holds."""
        return len(self.part.competencies)

    @property
    def comparison(self) -> str | None:
        """Where those who share it are compared, if they are two or three."""
        return comparison_of(self.part.needed_by) if len(self.part.needed_by) in (2, 3) else None


def comparison_of(things: Sequence[NamedNode], **more: str) -> str:
    """The address at which two or three sectors or roles are compared: one, whichever is named first."""
    named = ("/".join(kind_and_slug(iri) or ("", "")) for iri in sorted(things, key=str))
    return f"/compare?{urlencode({**dict(zip(PLACES, named, strict=False)), **more}, safe='/')}"


def just_these(asked: Asked, names: Mapping[str, NamedNode]) -> tuple[NamedNode, ...] | None:
    """Those that are asked for, by what the address calls them; None for whichever. Raises InvalidParameter."""
    text = asked.text(ONLY.name)
    if text is None:
        return None
    given = [one.strip().removeprefix("sector/") for one in text.split(SEPARATOR)]
    known = {one.removeprefix("sector/"): iri for one, iri in names.items()}
    for one in given:
        if one not in known:
            raise ONLY.refusal(text, f"`{one}` is none of those that are compared.", names)
    return tuple(sorted({known[one] for one in given}, key=str))


def shown_parts(asked: Asked, parts: Sequence[Part], names: Mapping[str, NamedNode]) -> list[ShownPart]:
    """The parts as the page calls them and leads to them."""
    called = {iri: name for name, iri in names.items()}
    return [_shown(asked, part, called) for part in parts]


def figure_of(
    asked: Asked, parts: Sequence[ShownPart], names: Mapping[str, NamedNode], hrefs: Sequence[str]
) -> Overlap:
    """The figure of the parts, with the whole of each thing beside it; `hrefs` leads to these."""
    chosen = just_these(asked, names)
    totals = {
        iri: sum(one.total for one in parts if iri in one.part.needed_by) for iri in names.values()
    }  # every competency is in just one part
    wholes = [
        Whole(_key(iri), asked.label(iri), href, totals[iri]) for iri, href in zip(names.values(), hrefs, strict=True)
    ]
    shares = [
        Share(tuple(map(_key, one.part.needed_by)), one.total, one.name, one.href, one.part.needed_by == chosen)
        for one in parts
    ]
    return overlap_figure(wholes, shares)


def largest(parts: Sequence[ShownPart]) -> list[ShownPart]:
    """The parts that there is room for, in the order given."""
    kept = sorted(parts, key=lambda one: -one.total)[:MOST]
    return [one for one in parts if one in kept]


def _key(iri: NamedNode) -> str:
    return "-".join(kind_and_slug(iri) or ("", iri.value))


def _shown(asked: Asked, part: Part, called: Mapping[NamedNode, str]) -> ShownPart:
    labels = [asked.label(iri) for iri in part.needed_by]
    if len(labels) == len(called):
        name = gettext("Both of them") if len(labels) == 2 else gettext("All of them")
    else:
        name = gettext("%(things)s only", things=" + ".join(labels))
    only = SEPARATOR.join(called[iri] for iri in part.needed_by)
    return ShownPart(part, name, tuple(labels), only, address(only=only, count=None, sector=None, offset=None) + LIST)
