"""The check of a question that takes too long for every start: it reads the whole syntax tree, with rdflib.

The engine binds a parameter by starting from a solution that holds it. So a sub-select that does not project
the parameter never sees it, and `BOUND` is decided before it is there; both answer wrongly without an error.
"""

from collections.abc import Iterator

from pyparsing import ParseException, ParseResults
from rdflib import Variable
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import SPARQLError

from graph.errors import InvalidQueryFile, did_you_mean, nearest
from graph.named_query import NamedQuery
from graph.namespaces import PREFIXES


def check(query: NamedQuery) -> None:
    """Raises InvalidQueryFile, which names the fault and its mend, unless every parameter takes effect."""
    for problem in _problems(query):
        raise InvalidQueryFile(f"{query.name}: {problem}.")


def _problems(query: NamedQuery) -> Iterator[str]:
    try:
        parsed = parseQuery(query.text)
    except ParseException as error:
        yield f"rdflib does not take it as SPARQL 1.1 ({error}), and it must run on any engine"
        return
    prologue, tree = parsed
    for parameter in query.parameters:
        yield from _parameter_problems(tree, parameter.name)
    yield from _undeclared(tree)
    yield from _prefix_problems(prologue, tree)
    try:
        translateQuery(parsed)
    except SPARQLError as error:
        yield f"rdflib does not take it as SPARQL 1.1 ({error}), and it must run on any engine"


def _prefix_problems(prologue: object, tree: CompValue) -> Iterator[str]:
    declared = {node.prefix: str(node.iri) for node in _nodes(prologue, "PrefixDecl")}
    used = {node.prefix for node in _nodes(tree, "pname")}
    for prefix in sorted(used - declared.keys()):
        yield f"`{prefix}:` is not declared: write PREFIX {prefix}: <{PREFIXES.get(prefix, '...')}>"
    for prefix in sorted(declared.keys() - used):
        yield f"`{prefix}:` is declared and not used: remove the line"
    for prefix, iri in declared.items():
        if PREFIXES.get(prefix) != iri:
            yield f"`{prefix}:` does not stand for <{iri}> elsewhere: use a prefix of graph/namespaces.py"


def _parameter_problems(tree: CompValue, name: str) -> Iterator[str]:
    used = _variables((tree.where, tree.having))
    if name not in used:
        yield f"the parameter `{name}` is not used{did_you_mean(nearest(name, sorted(used)))}"
    for select in _nodes(tree, "SubSelect"):
        if name in _variables(select) and name not in _projected(select):
            yield f"a sub-select uses ?{name} and does not project it, so never sees it: add it there"
    if any(name in _variables(node) for node in _nodes(tree, "Builtin_BOUND")):
        yield f'BOUND(?{name}) is decided before ?{name} is bound: write COALESCE(STR(?{name}), "") != ""'
    if name in _assigned(tree):
        yield f"?{name} is a parameter and is given a value here: use another variable"


def _undeclared(tree: CompValue) -> Iterator[str]:
    for name in sorted(_variables(tree)):
        if name.startswith("_"):
            yield f"?{name} looks like a parameter: declare `{name.strip('_')}` in `params`, and drop the `_`"


def _projected(select: CompValue) -> set[str]:
    if not select.projection:  # SELECT *
        return _variables(select.where)
    return {str(item.var) for item in select.projection if item.var}


def _assigned(tree: CompValue) -> set[str]:
    """The variables after AS: in BIND, and in what is selected or grouped by."""
    binds = {str(node.var) for node in _nodes(tree, "Bind")}
    return binds | {str(node.evar) for node in _nodes(tree, "vars") if node.evar}


def _variables(part: object) -> set[str]:
    return {str(node) for node in _walk(part) if isinstance(node, Variable)}


def _nodes(part: object, name: str) -> Iterator[CompValue]:
    return (node for node in _walk(part) if isinstance(node, CompValue) and node.name == name)


def _walk(part: object) -> Iterator[object]:
    yield part
    if isinstance(part, CompValue):
        part = list(part.values())
    if isinstance(part, (list, tuple, set, ParseResults)):
        for piece in part:
            yield from _walk(piece)
