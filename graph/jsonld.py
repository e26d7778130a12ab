"""JSON of strangers, before a parser sees it: how deep it is nested, and which contexts it wants to be read with.

Nothing is fetched. The context of the project is put in where a document names it; any other is refused by name.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from graph.namespaces import BASE
from graph.resources import ONTOLOGY

CONTEXT: Final = f"{BASE}context.jsonld"
_OURS: Final = (CONTEXT, CONTEXT.replace("https:", "http:"), "context.jsonld", "/context.jsonld")
_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET: Final = re.compile(rb"[\[\]{}]")


class ForeignContext(ValueError):
    """A document that wants a context from elsewhere; `iri` is its name."""

    def __init__(self, iri: str) -> None:
        self.iri = iri
        super().__init__(iri)


def depth(body: bytes) -> int:
    """How deep arrays and objects are nested, at the deepest."""
    deepest = now = 0
    for bracket in _BRACKET.finditer(_TEXT.sub(b"", body)):
        now += 1 if bracket[0] in b"[{" else -1
        deepest = max(deepest, now)
    return deepest


def with_context(body: bytes) -> bytes:
    """The document with the project's context in place of its name. Raises ForeignContext for any other name.

    What is not JSON comes back as it is: its parser says what is wrong, and where. Look at `depth` before.
    """
    try:
        document = json.loads(body.decode("utf-8-sig"))
    except ValueError:
        return body
    named = list(_named(document))
    for iri in named:
        if iri not in _OURS:
            raise ForeignContext(iri)
    return json.dumps(_resolved(document, _own()), ensure_ascii=False).encode() if named else body


def _own() -> Any:
    return json.loads((ONTOLOGY / "context.jsonld").read_text(encoding="utf-8"))["@context"]


def _named(node: Any) -> Iterator[str]:
    """Every context that is named rather than written out (JSON-LD 1.1, 4.1.5), wherever it stands."""
    if isinstance(node, list):
        for item in node:
            yield from _named(item)
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "@context":
                yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))
            if key == "@import":
                yield f"@import of {value}"
            yield from _named(value)


def _resolved(node: Any, own: Any) -> Any:
    if isinstance(node, list):
        return [_resolved(item, own) for item in node]
    if isinstance(node, dict):
        return {
            key: _context(value, own) if key == "@context" else _resolved(value, own) for key, value in node.items()
        }
    return node


def _context(value: Any, own: Any) -> Any:
    if isinstance(value, list):
        return [_context(item, own) for item in value]
    return own if isinstance(value, str) else _resolved(value, own)
