"""Statements as bytes, in the concrete syntaxes of RDF 1.1.

The same statements give the same bytes every time, so that a strong ETag may stand for them.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from graph.namespaces import DESCRIPTIVE, ID, PREFIXES, RDF, XSD, kind_and_slug

SYNTAXES: Final = {
    "ttl": RdfFormat.TURTLE,
    "jsonld": RdfFormat.JSON_LD,
    "json": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
    "nt": RdfFormat.N_TRIPLES,
    "nq": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
}
SHORT: Final = (RDF.langString, XSD.string, XSD.integer, XSD.decimal, XSD.double, XSD.boolean)  # not written out
ROOT: Final = re.compile(rb"<rdf:RDF ([^>]*)>")
NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 can carry, not even as a reference (2.2)."""

NO_MORE: Final[Mapping[str, str]] = {}


def serialise(triples: Iterable[Triple], suffix: str, more: Mapping[str, str] = NO_MORE) -> bytes:
    """The statements in the syntax of a suffix, subject by subject, types first; each statement once.

    N-Triples are in canonical order. `more` are prefixes beside those of the project. In RDF/XML, U+FFFD stands for
    each character that XML cannot carry.
    """
    if suffix in ("nt", "nq"):  # of a default graph, both are the same
        return canonical(triples)
    ordered = sorted(dict.fromkeys(triples), key=_order)
    content = serialize(ordered, format=SYNTAXES[suffix], prefixes={**_used(ordered), **more})
    return _settled(content or b"", suffix)


def canonical(triples: Iterable[Triple]) -> bytes:
    """The statements as N-Triples, each once, sorted by code point: what RDFC-1.0 gives where no node is blank."""
    lines = serialize(dict.fromkeys(triples), format=RdfFormat.N_TRIPLES) or b""
    return b"".join(sorted(lines.splitlines(keepends=True)))


def carried(text: str) -> str:
    """The text with U+FFFD for each character that XML cannot carry."""
    return NOT_XML.sub("\ufffd", text)


def _used(triples: Collection[Triple]) -> dict[str, str]:
    """The prefixes that the statements have a use for; each kind of identifier has one of its own."""
    iris = {iri for triple in triples for iri in _iris(triple)}
    kinds = {pair[0] for pair in map(kind_and_slug, iris) if pair}
    general = {prefix: iri for prefix, iri in (PREFIXES | DESCRIPTIVE).items() if prefix != "id"}
    found = {prefix: iri for prefix, iri in general.items() if any(one.startswith(iri) for one in iris)}
    return {kind: f"{ID.iri}{kind}/" for kind in kinds - general.keys()} | found


def _iris(triple: Triple) -> Iterator[str]:
    for term in triple:
        if isinstance(term, NamedNode):
            yield term.value
        elif isinstance(term, Literal) and term.datatype not in SHORT:
            yield term.datatype.value


def _settled(content: bytes, suffix: str) -> bytes:
    """The declarations of prefixes in their order; the engine writes them in any."""
    if suffix in ("ttl", "trig"):
        lines = content.splitlines(keepends=True)
        declared = [line for line in lines if line.startswith(b"@prefix")]
        return b"".join(sorted(declared) + lines[len(declared) :])
    if suffix == "rdf":
        content = carried(content.decode()).encode()
        content = content.replace(b"\r", b"&#xD;")  # a bare carriage return is read as a line feed (XML 1.0, 2.11)
        return ROOT.sub(lambda root: b"<rdf:RDF " + b" ".join(sorted(root[1].split())) + b">", content, count=1)
    return content


def _order(triple: Triple) -> tuple[str, bool, str, str]:
    subject, predicate, object = triple.subject, triple.predicate, triple.object
    return (str(subject), predicate != RDF.type, predicate.value, str(object))
