"""Bytes to statements: the formats in which a contribution may come.

pyoxigraph parses strictly and opens nothing by itself; a DOCTYPE is refused before the parser sees it, because
entities in RDF/XML are not limited.
"""

from dataclasses import dataclass, replace
from pathlib import PurePath

from pyoxigraph import Quad, RdfFormat, parse

from graph.json_rows import read as read_json
from graph.jsonld import CONTEXT, ForeignContext, with_context
from graph.namespaces import BASE
from graph.report import Finding, Place, Severity
from graph.schema import Kind, Schema
from graph.tabular import Table, read
from graph.workbook import read as read_workbook

RDF_FORMATS = {
    ".ttl": RdfFormat.TURTLE,
    ".trig": RdfFormat.TRIG,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".rdf": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
    ".jsonld": RdfFormat.JSON_LD,
}


@dataclass(frozen=True)
class Submission:
    """One file as it was received; `kind` tells what the rows of a CSV are about, else its name does."""

    name: str
    body: bytes
    kind: str | None = None

    @property
    def suffix(self) -> str:
        """The ending of the file's name, in lower case."""
        return PurePath(self.name).suffix.lower()

    def kind_in(self, schema: Schema) -> Kind | None:
        """The kind that the rows of a CSV are about."""
        return schema.kinds.get(self.kind or PurePath(self.name).stem)


def parsed(submission: Submission, schema: Schema) -> Table:
    """The statements of a submission; what cannot be read is a finding."""
    if submission.suffix == ".csv":
        kind = submission.kind_in(schema)
        if kind is None:
            return _refused(submission, f"What are its rows about? Name the file, or say, one of: {_names(schema)}.")
        return read(kind, submission.body, submission.name)
    if submission.suffix == ".xlsx":
        return read_workbook(schema, submission.body, submission.name)
    if submission.suffix == ".json":
        return read_json(schema, submission.body, submission.name)
    if submission.suffix == ".jsonld":
        return _parsed_jsonld(submission)
    if submission.suffix in RDF_FORMATS:
        return _parsed_rdf(submission)
    known = ", ".join([".csv", ".xlsx", ".json", *RDF_FORMATS])
    return _refused(submission, f"The ending `{submission.suffix}` is not known; known are {known}.")


def _parsed_jsonld(submission: Submission) -> Table:
    try:
        return _parsed_rdf(replace(submission, body=with_context(submission.body)))
    except ForeignContext as error:
        message = f"Contexts are not fetched from elsewhere: write this one into the file, or name {CONTEXT}."
        return _refused(submission, message, error.iri)


def _parsed_rdf(submission: Submission) -> Table:
    form = RDF_FORMATS[submission.suffix]
    if form == RdfFormat.RDF_XML and b"<!doctype" in submission.body.lower():
        return _refused(submission, "RDF/XML with a DOCTYPE is not taken: write the entities out and remove it.")
    table = Table()
    try:
        quads: list[Quad] = list(parse(submission.body, form, base_iri=BASE, rename_blank_nodes=True))
    except SyntaxError as error:
        place = Place(submission.name, error.lineno)
        table.findings.append(Finding(Severity.VIOLATION, f"This is not {form.name}: {error.msg}.", place))
        return table
    table.triples.extend(dict.fromkeys(quad.triple for quad in quads))
    return table


def _refused(submission: Submission, message: str, value: str | None = None) -> Table:
    return Table(findings=[Finding(Severity.VIOLATION, message, Place(submission.name), value)])


def _names(schema: Schema) -> str:
    return ", ".join(schema.kinds)
