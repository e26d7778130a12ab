"""The data graph of a validation (SHACL, 1.5) as pySHACL wants it, and quick in what pySHACL asks of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Triple
from rdflib import BNode, Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.namespace import NamespaceManager
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result
from rdflib.term import IdentifiedNode, Identifier, Variable

from graph.namespaces import XSD
from graph.store import Dataset


class PlainGraph(Graph):
    """A graph in memory that knows neither named graphs nor prefixes, which would only take time."""

    def __init__(self) -> None:
        super().__init__("SimpleMemory", bind_namespaces="none")
        self.namespace_manager = _WithoutPrefixes(self, bind_namespaces="none")

    def __bool__(self) -> bool:
        """True; pySHACL asks for each result, and this store would count every statement."""
        return True


class DataGraph(PlainGraph):
    """The data of one validation; its SPARQL constraints are answered by the engine of the store.

    rdflib would parse the text of a constraint anew for each entity, and fails on numbers that are none, such as
    `"NaN"^^xsd:decimal`.
    """

    def __init__(self, triples: Iterable[Triple]) -> None:
        super().__init__()
        stated = list(dict.fromkeys(triples))
        self._dataset = Dataset.in_memory(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in stated)
        for triple in stated:
            self.add((subject(triple), URIRef(triple.predicate.value), node(triple.object)))

    def query(
        self,
        query_object: str | Query,
        processor: Any = "sparql",
        result: Any = "sparql",
        initNs: Mapping[str, Any] | None = None,
        initBindings: Mapping[str, Any] | None = None,
        *_: Any,
        **__: Any,
    ) -> Result:
        """Answer the SELECT of a constraint about `$this` (SHACL 5.3.1)."""
        bindings = {name: NamedNode(term) for name, term in (initBindings or {}).items() if name == "this"}
        rows = self._dataset.select(str(query_object), bindings)
        answer = Result("SELECT")
        answer.vars = [Variable(name) for name in rows.variables]
        answer.bindings = [
            {Variable(name): node(term) for name, term in zip(rows.variables, row, strict=True) if term is not None}
            for row in rows
        ]
        return answer


class _WithoutPrefixes(NamespaceManager):
    """IRIs are written out: pySHACL describes each result in words that nobody reads, and looks up every prefix."""

    def bind(self, *_: Any, **__: Any) -> None:
        """Take no prefix."""

    def normalizeUri(self, rdfTerm: str) -> str:
        """The IRI as it is."""
        return f"<{rdfTerm}>"


def subject(triple: Triple) -> IdentifiedNode:
    """The subject of a statement as rdflib has it."""
    term = node(triple.subject)
    if not isinstance(term, IdentifiedNode):
        raise TypeError(term)
    return term


def node(term: Any) -> Identifier:
    """A term of pyoxigraph as rdflib has it, its lexical form untouched."""
    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, Literal):
        if term.language:
            return RdflibLiteral(term.value, lang=term.language)
        if term.datatype == XSD.string:  # rdflib tells "US" and "US"^^xsd:string apart; RDF 1.1 does not
            return RdflibLiteral(term.value)
        return RdflibLiteral(term.value, datatype=URIRef(term.datatype.value), normalize=False)
    return BNode(term.value)
