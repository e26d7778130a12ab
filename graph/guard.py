"""A cheap look at a stranger's query before anything parses it: how long it is, how deep, and what it asks for.

A few kilobytes of nested brackets end the process that parses them, so this module only *scans*: one pass over the
tokens of SPARQL 1.1 (section 19.8), in time linear in the length, without recursion. It exists for clear errors.
The wall behind it is the worker process, which has no network and can be killed (`graph/confinement.py`): SPARQL
cannot be tokenised with certainty without its grammar, because `1<2#>` may be an IRI or a comparison and a comment.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from graph.errors import InvalidQuery, QueryRefused, did_you_mean, nearest

MAX_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 32

_NAME: Final = r"A-Za-z0-9_\x80-\U0010ffff"
_TOKEN: Final = re.compile(
    rf"""
      (?P<space>   [ \t\r\n]++ | \#[^\r\n]*+ )
    | (?P<iri>     <(?: [^<>"{{}}|^`\\\x00-\x20] | \\u[0-9A-Fa-f]{{4}} | \\U[0-9A-Fa-f]{{8}} )*+> )
    | (?P<string>  \"\"\"(?: [^"\\] | \\. | "(?!"") )*+(?: \"\"\" | \Z )
                 | '''(?: [^'\\] | \\. | '(?!'') )*+(?: ''' | \Z )
                 | "(?: [^"\\\r\n] | \\[^\r\n] )*+"
                 | '(?: [^'\\\r\n] | \\[^\r\n] )*+' )
    | (?P<variable>[?$][{_NAME}]++ )
    | (?P<blank>   _:[{_NAME}.\-]*+ )
    | (?P<prefixed>(?: [A-Za-z\x80-\U0010ffff][{_NAME}.\-]*+ )?+ :(?: [{_NAME}:.\-] | %[0-9A-Fa-f]{{2}} | \\. )*+ )
    | (?P<language>@[A-Za-z]++(?: -[A-Za-z0-9]++ )*+ )
    | (?P<number>  [0-9]++ )
    | (?P<word>    [A-Za-z_\x80-\U0010ffff][{_NAME}.\-]*+ )
    | (?P<open>    << | [({{\[] )
    | (?P<close>   >> | [)}}\]] )
    | (?P<prefix>  [!^+\-] )
    | (?P<other>   \\. | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_UPDATES: Final = frozenset(("LOAD", "INSERT", "DELETE", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD"))
_PROLOGUE: Final = frozenset(("PREFIX", "BASE", "VERSION"))
_BEFORE_GRAPH: Final = frozenset(("GRAPH", "FROM", "NAMED"))


class Token(NamedTuple):
    """A piece of the query: its kind, its text, and where it starts (characters from 0)."""

    kind: str
    text: str
    start: int

    @property
    def word(self) -> str:
        """The keyword in capitals, or nothing when this is not a bare word."""
        return self.text.upper() if self.kind == "word" else ""


@dataclass(frozen=True)
class FromClauses:
    """The dataset that a query describes itself (SPARQL 1.1, 13.2), its graphs as they are written there."""

    prologue: str
    default: tuple[str, ...]
    named: tuple[str, ...]


def check(query: str) -> None:
    """Raise QueryRefused for a query that is too long, too deep, or asks for SERVICE or an update."""
    try:
        size = len(query.encode())
    except UnicodeEncodeError:
        raise InvalidQuery("The query holds half a surrogate pair, which is not Unicode text.") from None
    if size > MAX_BYTES:
        raise QueryRefused(f"The query is {size:,} bytes long; at most {MAX_BYTES:,} are read. Ask for less at once.")
    found = list(tokens(query))
    _check_depth(query, found)
    _check_words(query, found)


def tokens(query: str) -> Iterator[Token]:
    """The tokens of a query without its white space and comments."""
    for match in _TOKEN.finditer(query):
        kind = match.lastgroup or "other"
        if kind != "space":
            yield Token(kind, match.group(), match.start())


def position(query: str, start: int) -> tuple[int, int]:
    """Line and column, both from 1, of a character."""
    before = query[:start]
    return before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1


def from_clauses(query: str) -> FromClauses | None:
    """The FROM and FROM NAMED clauses of a query, or None when it has none."""
    if "from" not in query.lower():
        return None
    graphs: dict[str, list[str]] = {"FROM": [], "FROMNAMED": []}
    form: int | None = None
    clause = ""  # the keywords of a clause up to here; the engine also reads them without a space between
    for token in tokens(query):
        if form is None and token.word and token.word not in _PROLOGUE:
            form = token.start
        if clause in graphs and token.kind in ("iri", "prefixed"):
            graphs[clause].append(token.text)
        clause = clause + token.word if clause and token.word == "NAMED" else token.word
    if not any(graphs.values()):
        return None
    return FromClauses(query[:form], tuple(graphs["FROM"]), tuple(graphs["FROMNAMED"]))


def likely_fault(query: str, known_prefixes: list[str]) -> tuple[str, int] | None:
    """What probably is wrong with a query that is not SPARQL, and where: a prefix that nobody declared."""
    declared = set(known_prefixes)
    previous = ""
    for token in tokens(query):
        if token.kind == "prefixed" and previous == "PREFIX":
            declared.add(token.text.removesuffix(":"))
        elif token.kind == "prefixed" and (prefix := token.text.partition(":")[0]) not in declared:
            hint = did_you_mean(nearest(prefix, sorted(declared)))
            return f"the prefix `{prefix}:` is not declared. Add `PREFIX {prefix}: <...>`.{hint}", token.start
        previous = token.word or (previous if token.kind == "prefixed" else "")
    return None


def _check_depth(query: str, found: list[Token]) -> None:
    depth = run = 0
    for token in found:
        run = run + 1 if token.kind == "prefix" else 0
        if token.kind == "open":
            depth += 1
        elif token.kind == "close":
            depth = max(0, depth - 1)
        if depth + run > MAX_DEPTH:
            line, column = position(query, token.start)
            raise QueryRefused(
                f"Line {line}, column {column}: brackets and prefix operators are nested more than {MAX_DEPTH} deep. "
                "Write the query flatter."
            )


def _check_words(query: str, found: list[Token]) -> None:
    for at, token in enumerate(found):
        if _is_service(found, at):
            line, column = position(query, token.start)
            raise QueryRefused(
                f"Line {line}, column {column}: SERVICE is not allowed, this endpoint asks no other. "
                "Query the other endpoint yourself and join here, for example with VALUES."
            )
        if token.word in _UPDATES:
            line, column = position(query, token.start)
            raise QueryRefused(
                f"Line {line}, column {column}: {token.word} is an update; this endpoint answers only "
                "SELECT, ASK, CONSTRUCT and DESCRIBE."
            )


def _is_service(found: list[Token], at: int) -> bool:
    """Whether a SERVICE clause starts here; the engine takes `service:x {` for `SERVICE :x {`, so we do as well."""
    token = found[at]
    if token.kind == "prefixed" and "SERVICE" in token.text.partition(":")[0].upper():
        opens = found[at + 1 : at + 2] and found[at + 1].text == "{"
        return bool(opens) and not (at and found[at - 1].word in _BEFORE_GRAPH)
    return "SERVICE" in token.word
