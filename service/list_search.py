"""What a list of `queries/lists/` finds under the arguments of a request."""

from functools import partial
from typing import Final

from pyoxigraph import NamedNode

from graph.named_query import NamedQuery
from graph.parameters import Parameter
from graph.store import Row, Rows
from service.operation import Asked
from service.rows import folded, matching

Q: Final = Parameter(
    "q", "text", "Words that must all occur in a label, an alternative label or the definition, in any language."
)
OWN: Final = ("q", "limit", "offset")
"""The parameters that this module answers itself; the others are the query's."""


def find(asked: Asked, query: NamedQuery) -> Rows:
    """The rows of the list under the arguments of the request."""
    rows = query.select(asked.view.dataset, asked.given(*OWN) | {"lang": asked.language}, asked.view.slugs)
    wanted = asked.text("q")
    return matching(rows, wanted, partial(_searched, asked, rows.variables.index("iri"))) if wanted else rows


def _searched(asked: Asked, place: int, row: Row) -> str:
    iri = row[place]
    return asked.view.searched(iri, folded) if isinstance(iri, NamedNode) else ""
