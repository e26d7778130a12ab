"""What a curator sees of a contribution that waits: the report, and the difference in words and in triples.

Its bytes are a stranger's: they are read in a process of their own, which tells what they state.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from flask import current_app, request
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from graph.difference import Changed, Difference, difference
from graph.errors import TriviumError
from graph.examination import Examination
from graph.journal import Heading
from graph.namespaces import RDF, SKOS, kind_and_slug
from graph.ownership import taken
from graph.report import Finding
from graph.schema import Schema
from graph.store import Term
from service.examiner import examiner
from service.journal_view import journal
from service.operation import Asked
from service.words import property_name

STATEMENTS: Final = 20_000
ENTITIES: Final = 200
NOTHING: Final = Difference((), (), ())


@dataclass(frozen=True)
class Looked:
    """What an examination found in a contribution; `problem` says why nothing could be found.

    `labels` are those that the contribution itself gives, `others` whose entities it would describe.
    """

    found: Examination | None = None
    difference: Difference = NOTHING
    labels: Mapping[NamedNode, str] = field(default_factory=dict)
    others: tuple[Finding, ...] = ()
    problem: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """How many entities are new, changed and unchanged."""
        states = [one.state for one in self.difference.entities]
        return {state: states.count(state) for state in ("new", "changed", "unchanged")}

    @property
    def shown(self) -> list[Changed]:
        """The entities that differ, as far as a page has room for them."""
        return [one for one in self.difference.entities if one.state != "unchanged"][:ENTITIES]


def looked_into(asked: Asked, one: Heading) -> Looked:
    """Examine a contribution against the current release."""
    submission = journal().entry(one.number).submission
    try:
        found = examiner().examine([submission], request.remote_addr or "", statements=STATEMENTS)
    except (TriviumError, RuntimeError) as error:
        return Looked(problem=str(error))
    stated = [quad.triple for quad in parse(found.statements, RdfFormat.N_TRIPLES)]
    subjects = dict.fromkeys(one.subject for one in stated if isinstance(one.subject, NamedNode))
    return Looked(
        found=found,
        difference=difference(asked.view.dataset, stated),
        labels=dict(_labels(stated)),
        others=tuple(taken(asked.view.dataset, subjects, one.contributor, one.name)),
    )


def path_name(asked: Asked, iri: NamedNode, path: NamedNode) -> str:
    """A property as contributors know it: the title of its column, else its name."""
    schema: Schema = current_app.extensions["trivium.schema"]
    kind = schema.kinds.get((kind_and_slug(iri) or ("", ""))[0])
    column = kind.column(path) if kind else None
    if path == RDF.type:
        return "Kind"
    return column.title if column else property_name(asked, path).capitalize()


def lines(triples: tuple[Triple, ...]) -> str:
    """Statements as N-Triples, one a line."""
    return "\n".join(f"{one} ." for one in triples)


def _labels(stated: list[Triple]) -> Iterator[tuple[NamedNode, str]]:
    """A label of each thing that has one, the English one if there is one."""
    named: list[tuple[NamedNode, Term]] = [
        (one.subject, one.object)
        for one in stated
        if one.predicate == SKOS.prefLabel and isinstance(one.subject, NamedNode)
    ]
    for subject, label in sorted(named, key=lambda one: getattr(one[1], "language", None) == "en"):
        if isinstance(label, Literal):
            yield subject, label.value
