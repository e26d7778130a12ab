"""Which answers to strangers' queries are given again: a release never changes, so neither does what it answers.

Whoever asks again what this worker has answered from the release, in the same form and over the same graphs, gets the
same bytes, without a process and without paying. A query that draws lots or looks at the clock is asked anew.
"""

import re
from hashlib import sha256
from pathlib import Path
from typing import Final

from graph.query_frames import Answer
from service.caching import Bodies, Body
from service.sparql_request import Query, Wanted

_CHANCE: Final = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE)\b|\\u", re.IGNORECASE)
"""Functions whose value differs from one evaluation to the next (SPARQL 1.1, 17.4), and escapes that may hide them."""

_CUT: Final = ("cut", "true")


class KeptAnswers:
    """Answers from one release by what was asked; at most `limit` bytes, the least recently asked forgotten first."""

    def __init__(self, store: Path, limit: int) -> None:
        self._store, self._bodies = store, Bodies(limit)

    def get(self, query: Query, formats: Wanted) -> Answer | None:
        """The answer that was given to the same question."""
        found = self._bodies.get(_name(query, formats))
        if found is None:
            return None
        (_, content_type), *rest = found.headers
        return Answer(found.content, content_type, _CUT in rest, self._store)

    def keep(self, query: Query, formats: Wanted, answer: Answer) -> None:
        """Keep an answer from this release, unless asking again might bring another one."""
        if answer.release != self._store or _CHANCE.search(query.text):
            return
        headers = (("Content-Type", answer.content_type), *((_CUT,) if answer.truncated else ()))
        self._bodies.keep(_name(query, formats), Body(answer.body, headers))


def _name(query: Query, formats: Wanted) -> str:
    """What was asked, as a digest: a query may be 64 kB long, and its name is kept beside the answer."""
    parts = (query.text, query.default_graphs, query.named_graphs, formats.results, formats.graph)
    return sha256(repr(parts).encode()).hexdigest()
