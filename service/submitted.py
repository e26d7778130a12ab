"""The files of a request: a body of their own type, uploads, or a text that was pasted into a form."""

from pathlib import Path
from typing import Final

from flask import current_app, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from graph.errors import InvalidParameter
from graph.examination import DEFAULTS
from graph.parameters import Parameter
from graph.parsing import Submission
from graph.schema import Schema

ENDINGS: Final = {
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "text/turtle": ".ttl",
    "application/ld+json": ".jsonld",
    "application/json": ".json",
    "application/rdf+xml": ".rdf",
    "application/xml": ".xml",
    "application/n-triples": ".nt",
    "application/n-quads": ".nq",
    "application/trig": ".trig",
}
PASTED: Final = {
    "csv": "CSV",
    "ttl": "Turtle",
    "jsonld": "JSON-LD",
    "json": "JSON",
    "rdf": "RDF/XML",
    "nt": "N-Triples",
}
FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")
LONGEST_NAME: Final = 200
KIND: Final = Parameter("kind", "text", "What the rows of a spreadsheet are about, as `offering`.")


def submissions() -> list[Submission]:
    """The files of the request. Raises InvalidParameter and HTTP errors where they are none."""
    request.max_content_length = DEFAULTS.bytes + 100_000  # room for the frame of a form
    request.max_form_memory_size = DEFAULTS.bytes
    if request.mimetype not in FORMS:
        return [Submission(f"body{_ending(request.mimetype)}", request.get_data(), given_kind())]
    files = [one for one in request.files.getlist("file") if one.filename]
    submissions = [Submission(_name(one), one.read(), given_kind()) for one in files]
    text = request.form.get("text", "")
    if text.strip():
        submissions.append(Submission(f"pasted.{_pasted_form()}", text.encode(), given_kind()))
    if not submissions:
        raise BadRequest("Nothing was sent: give a `file`, or paste a `text`.")
    return submissions


def _name(file: FileStorage) -> str:
    """The name of an uploaded file, with the ending of its type where its own says nothing."""
    name = Path((file.filename or "").replace("\\", "/")).name[-LONGEST_NAME:]
    if Path(name).suffix.lower() in ENDINGS.values():
        return name
    return name + _ending(file.mimetype)


def _ending(media_type: str) -> str:
    if media_type not in ENDINGS:
        known = ", ".join(f"{one} ({ending})" for one, ending in ENDINGS.items())
        raise UnsupportedMediaType(f"`{media_type}` is not taken. Send one of {known}.")
    return ENDINGS[media_type]


def _pasted_form() -> str:
    form = request.form.get("format") or "csv"
    if form not in PASTED:
        raise InvalidParameter("format", form, "there is no such format.", list(PASTED))
    return form


def given_kind() -> str | None:
    """The kind that the request says the rows are about. Raises InvalidParameter for one that does not exist."""
    form = request.form if request.mimetype in FORMS else {}
    return known_kind(form.get("kind") or request.args.get("kind"))


def known_kind(name: str | None) -> str | None:
    """The kind of a name, if one is given. Raises InvalidParameter for one that does not exist."""
    if name and name not in kinds():
        raise InvalidParameter("kind", name, f"there is no kind `{name}`.", list(kinds()))
    return name or None


def kinds() -> dict[str, str]:
    """The kinds that may be contributed, with their labels."""
    schema: Schema = current_app.extensions["trivium.schema"]
    return {kind.name: kind.label for kind in schema.kinds.values()}
