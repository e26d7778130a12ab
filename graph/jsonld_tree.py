"""Statements as a JSON-LD tree: things stand inside what refers to them, with the short names of one vocabulary.

What reads schema.org and CTDL looks for names and nesting rather than for triples. The context stands in the document,
so that nothing has to be fetched to read it. Each thing is written out once, where it is met first; what is only met
deeper than `DEEPEST` stands beside the outermost thing. The statements are neither more nor fewer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from graph.namespaces import RDF, XSD

Node = dict[str, Any]
DEEPEST: Final = 8  # a chain of things may be as long as a contributor likes, a stack may not


def tree(triples: Iterable[Triple], root: NamedNode, context: Mapping[str, str], maps: bool = False) -> Node:
    """The statements with `root` outermost; `context` holds prefixes, and `@vocab` for names without one.

    With `maps`, texts with a language are language maps (JSON-LD 1.1, 4.6.1): each such property must have no others.
    Raises ValueError for a blank node, which could not be told apart by its name.
    """
    return _Tree(triples, context, maps).document(root)


class _Tree:
    def __init__(self, triples: Iterable[Triple], context: Mapping[str, str], maps: bool) -> None:
        self._context: dict[str, Any] = dict(context)
        self._prefixes = dict(context)
        self._maps = maps
        self._own: dict[NamedNode, list[Triple]] = defaultdict(list)
        for triple in sorted(dict.fromkeys(triples), key=str):
            if not isinstance(triple.subject, NamedNode):
                raise ValueError(f"a statement about {triple.subject}: name it")
            self._own[triple.subject].append(triple)

    def document(self, root: NamedNode) -> Node:
        nodes = [self._node(root, 0)]
        while self._own:
            nodes.append(self._node(next(iter(self._own)), 0))
        return {"@context": self._context, **(nodes[0] if len(nodes) == 1 else {"@graph": nodes})}

    def _node(self, iri: NamedNode, depth: int) -> Node:
        node: Node = {"@id": iri.value}
        if depth > DEEPEST:
            return node
        found: dict[str, list[Triple]] = defaultdict(list)
        for triple in self._own.pop(iri, []):
            found["@type" if triple.predicate == RDF.type else self._short(triple.predicate)].append(triple)
        for name, said in sorted(found.items()):
            node[name] = self._values(name, [one.object for one in said], depth)
        return node

    def _values(self, name: str, terms: list[Any], depth: int) -> Any:
        if name == "@type":
            return _one_or_all([self._short(term) for term in terms])
        if self._maps and all(isinstance(term, Literal) and term.language for term in terms):
            self._context[name] = {"@id": name, "@container": "@language"}
            by_language: dict[str, list[str]] = defaultdict(list)
            for term in terms:
                by_language[term.language].append(term.value)
            return {tag: _one_or_all(texts) for tag, texts in sorted(by_language.items())}
        return _one_or_all(
            [self._node(term, depth + 1) if isinstance(term, NamedNode) else self._literal(term) for term in terms]
        )

    def _literal(self, term: Literal) -> Any:
        if term.language:
            return {"@language": term.language, "@value": term.value}
        if term.datatype == XSD.boolean and term.value in ("true", "false"):
            return term.value == "true"
        if term.datatype == XSD.string:
            return term.value
        return {"@type": self._short(term.datatype), "@value": term.value}

    def _short(self, iri: NamedNode) -> str:
        for prefix, start in self._prefixes.items():
            if iri.value.startswith(start):
                name = iri.value[len(start) :]
                return name if prefix == "@vocab" else f"{prefix}:{name}"
        return iri.value


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
