"""The files of a request: a body of their own type, uploads, or a text that was pasted into a form."""

import re
from hashlib import sha256
from pathlib import Path
from typing import Final

from flask import current_app, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from graph.errors import InvalidParameter
from graph.parameters import Parameter
from graph.parsing import Submission
from graph.publication import CC0
from graph.schema import Schema
from service.journal_view import sound_journal

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
LICENSES: Final = {
    CC0: "CC0 1.0: no conditions",
    "https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0: name who made it",
    "https://creativecommons.org/licenses/by-sa/4.0/": "CC BY-SA 4.0: name who made it, share alike",
}
WEB_ADDRESS: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]{3,500}")
TERMS: Final = "terms"  # the licence in a form, where `license` may be a property of what is described
LONGEST_NAME: Final = 200
KIND: Final = Parameter("kind", "text", "What the rows of a spreadsheet are about, as `offering`.")


def submissions() -> list[Submission]:
    """The files of the request. Raises InvalidParameter and HTTP errors where they are none."""
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


def keep(submission: Submission, contributor: str, license: str) -> int:
    """Keep a submission durably; what comes twice under one key is kept once. Raises KeyReused. Returns its number.

    The key is the header `Idempotency-Key`, or that of a form: it goes with the content, so that who comes back to a
    form can send it again with another.
    """
    key = request.headers.get("Idempotency-Key")
    if not key and request.mimetype in FORMS and request.form.get("key"):
        key = f"{request.form['key'][:LONGEST_NAME]} {sha256(submission.body).hexdigest()}"
    if key:
        return sound_journal().receive_once(submission, contributor, license, key)
    (number,) = sound_journal().receive([submission], contributor, license)
    return number


def given_license() -> str:
    """The licence of the content. Raises InvalidParameter for what is not a web address."""
    form = request.form if request.mimetype in FORMS else {}
    license = form.get(TERMS) or request.args.get("license") or CC0
    if not WEB_ADDRESS.fullmatch(license):
        raise InvalidParameter("license", license, f"write the address of the licence, such as {CC0}.")
    return license


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
