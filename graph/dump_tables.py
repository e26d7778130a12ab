"""The spreadsheets of a release: one for each kind, with the columns that contributors fill in, and one of the gaps."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Triple

from graph.namespaces import RDF, SHAPE, TRV, XSD, kind_and_slug
from graph.schema import Column, Kind, Schema
from graph.tabular import languages_of, sheet

Entity = tuple[Kind, NamedNode, list[Triple]]
_LINKS: Final = (
    ("needs", TRV.needEvidence, "need"),
    ("roles", TRV.roleEvidence, "role"),
    ("offerings", TRV.offeringEvidence, "offering"),
    ("elsewhere", TRV.elsewhereEvidence, "offering"),
    ("stale", TRV.staleEvidence, "offering"),
    ("elsewhere_sectors", TRV.elsewhereIn, "sector"),
)
_FIGURES: Final = (
    ("competency", TRV.competency, "competency"),
    ("sector", TRV.sector, "sector"),
    ("demand", TRV.demand, None),
    ("basis", TRV.basis, "basis"),
    ("kind", TRV.needKind, "need-kind"),
    ("demand_by_survey", TRV.demandBySurvey, None),
    ("demand_by_roles", TRV.demandByRoles, None),
    ("supply", TRV.supply, None),
    ("providers", TRV.providerCount, None),
    ("state", TRV.gapState, "gap-state"),
    ("score", TRV.score, None),
    *_LINKS,
    ("as_of", TRV.asOf, None),
)


def tables(triples: Callable[[], Iterator[Triple]], schema: Schema, folder: Path) -> list[Path]:
    """Write the spreadsheet of every kind into a folder; `triples` gives the statements subject by subject, twice."""
    kinds = {**schema.kinds, "gap": _gap()}
    languages: dict[str, set[str]] = defaultdict(set)
    for kind, _, own in _entities(triples(), kinds):
        languages[kind.name].update(languages_of(kind, own))
    with ExitStack() as opened:
        paths = {name: folder / f"{name}.csv" for name in kinds}
        files = {n: opened.enter_context(p.open("w", encoding="utf-8", newline="")) for n, p in paths.items()}
        sheets = {name: sheet(kinds[name], _in_order(languages[name]), file) for name, file in files.items()}
        for kind, iri, own in _entities(triples(), kinds):
            sheets[kind.name](iri, own)
    return list(paths.values())


def _entities(triples: Iterator[Triple], kinds: dict[str, Kind]) -> Iterator[Entity]:
    """Every subject that is of the kind its identifier says."""
    for subject, about in groupby(triples, lambda triple: triple.subject):
        named = kind_and_slug(subject) if isinstance(subject, NamedNode) else None
        kind = kinds.get(named[0]) if named else None
        if kind and isinstance(subject, NamedNode):
            own = list(about)
            if any(one.predicate == RDF.type and one.object == kind.target for one in own):
                yield kind, subject, own


def _in_order(languages: Iterable[str]) -> list[str]:
    return sorted({"en", "es", *languages}, key=lambda tag: (tag not in ("en", "es"), tag))


def _gap() -> Kind:
    """Gaps are derived and not contributed, so no shape says their columns; they are those of `/gaps.csv`."""
    columns = tuple(_column(*one, order) for order, one in enumerate(_FIGURES))
    return Kind("gap", TRV.Gap, SHAPE.Gap, "Gap", "", columns, ())


def _column(name: str, path: NamedNode, kind: str | None, order: int) -> Column:
    return Column(
        name=name,
        path=path,
        shape=SHAPE[f"Gap-{name}"],
        title=name,
        description="",
        message="",
        order=order,
        datatypes=() if kind else (XSD.string,),
        kinds=(kind,) if kind else (),
        target=None,
        required=False,
        recommended=False,
        many=any(name == link for link, _, _ in _LINKS),
    )
