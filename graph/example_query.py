"""A question of the catalogue as a text to begin from: it runs as it stands, and what it asks about can be changed.

Its required parameters are bound by a `VALUES`, with the examples of its header; the others are left open. A group is
evaluated for itself before it is joined (SPARQL 1.1, 18.2), so the `VALUES` stands in each group that is the pattern of
a SELECT or CONSTRUCT or a branch of a UNION. The tests compare the answers with those of the question.
"""

import re
from typing import Final

from graph.named_query import NamedQuery

GROUP: Final = re.compile(
    r"""\bWHERE \s* \{ (?! \s* \{)      # the pattern of a query or sub-select
    | \{ \s* \{ (?! \s* SELECT)         # the first branch of a UNION
    | \bUNION \s* \{ (?! \s* SELECT)    # a further one""",
    re.IGNORECASE | re.VERBOSE,
)


def example(query: NamedQuery) -> str:
    """The text of a question, led by what it asks, about the examples of its required parameters."""
    needed = {one.name: one.example for one in query.parameters if one.required and one.example}
    bound = {name: term for name, term in query.bindings(needed).items() if name in needed} if needed else {}
    values = "".join(f"\n  VALUES ?{name} {{ {term} }}" for name, term in bound.items())
    return f"# {query.summary}\n" + GROUP.sub(lambda found: found.group() + values, query.text)
