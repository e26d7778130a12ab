"""What follows from one contribution by the rules of `queries/derive/`.

Each rule looks at one contribution and the vocabulary alone, so that what follows can be written and taken back
with the contribution, whatever else is in the graph.
"""

from collections.abc import Iterable

from pyoxigraph import Quad, Triple

from graph.namespaces import GAPS_GRAPH
from graph.resources import QUERIES
from graph.store import Dataset


class Entailment:
    """The rules, read once, with the vocabulary they refer to."""

    def __init__(self, vocabulary: Iterable[Quad]) -> None:
        self._vocabulary = list(vocabulary)
        self._rules = [path.read_text(encoding="utf-8") for path in sorted((QUERIES / "derive").glob("*.rq"))]

    def of(self, contribution: Iterable[Triple]) -> list[Triple]:
        """Every statement that follows from a contribution and is not in it."""
        own = dict.fromkeys(contribution)
        quads = (Quad(triple.subject, triple.predicate, triple.object, GAPS_GRAPH) for triple in own)
        dataset = Dataset.in_memory([*self._vocabulary, *quads])
        known = {quad.triple for quad in self._vocabulary}
        found = dict.fromkeys(triple for rule in self._rules for triple in dataset.construct(rule))
        return [triple for triple in found if triple not in own and triple not in known]
