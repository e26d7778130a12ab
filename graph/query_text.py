"""The text of a question with its parameters written in, so that it runs as it stands on any engine.

The service binds parameters as terms and needs none of this; it is for who takes a query along.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from graph.parameters import Value

TOKEN: Final = re.compile(
    r"""
    \#[^\n]* | <[^<>\s]*>                       # a comment; an IRI
    | "{3}.*?"{3} | "(?:[^"\\\n]|\\.)*"         # texts
    | '{3}.*?'{3} | '(?:[^'\\\n]|\\.)*'
    | [?$]\w+ | \w+ | \s+ | .                   # a variable; a word; the space between; anything else
    """,
    re.VERBOSE | re.DOTALL,
)
CLAUSES: Final = ("SELECT", "GROUP")
"""What a list of variables follows, in which no term may stand."""
ENDS: Final = ("WHERE", "{", "}", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")


def written_in(text: str, bindings: Mapping[str, Value]) -> str:
    """The query with each of these variables replaced by its term, and left out of what is selected and grouped by."""
    return "".join(_replaced(TOKEN.findall(text), bindings))


def _replaced(tokens: Iterable[str], bindings: Mapping[str, Value]) -> Iterator[str]:
    clause: list[str] | None = None
    depth = 0
    for token in tokens:
        if clause is None:
            yield _term(token, bindings)
            clause, depth = ([], 0) if token.upper() in CLAUSES else (None, 0)
        elif depth == 0 and token.upper() in ENDS:
            yield from _listed(clause, bindings)
            yield token
            clause = None
        else:
            depth += (token == "(") - (token == ")")
            clause.append(_term(token, bindings) if depth else token)
    yield from _listed(clause or [], bindings)


def _listed(clause: list[str], bindings: Mapping[str, Value]) -> Iterator[str]:
    """A list of variables without those that are bound, unless nothing else is in it: an unbound one is allowed."""
    if all(_is_bound(token, bindings) for token in clause if token[0] in "?$("):
        yield from clause
        return
    after_bound = False
    for token in clause:
        if not (_is_bound(token, bindings) or (after_bound and token.isspace())):
            yield token
        after_bound = _is_bound(token, bindings)


def _is_bound(token: str, bindings: Mapping[str, Value]) -> bool:
    return token[0] in "?$" and token[1:] in bindings


def _term(token: str, bindings: Mapping[str, Value]) -> str:
    return str(bindings[token[1:]]) if _is_bound(token, bindings) else token
