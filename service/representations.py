"""Results as what was asked for: JSON, CSV, RDF or a page."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, current_app, json, render_template, request
from pyoxigraph import NamedNode, Triple

from graph.field import slug
from graph.parameters import Parameter
from graph.serialisation import NO_MORE, serialise
from graph.store import Rows, Term
from service.asked import Asked
from service.choices import choices
from service.negotiation import MEDIA_TYPES
from service.parameters import LIVE, RELEASE
from service.rows import item, plain, texts

LINE: Final = "\r\n"  # RFC 4180
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
UTF_8_ALWAYS: Final = ("json", "jsonld", "linkset", "feed", "nt", "xml", "jgf", "csl", "csvm")  # they need no charset
LICENCE: Final = "https://creativecommons.org/publicdomain/zero/1.0/"


def json_answer(content: object, suffix: str = "json") -> Response:
    """A JSON document, of the type of a suffix."""
    return _response(json.dumps(content, ensure_ascii=False, sort_keys=False), suffix)


def jsonld_answer(document: object) -> Response:
    """A JSON-LD document that is made as such."""
    return _response(json.dumps(document, ensure_ascii=False, sort_keys=False), "jsonld")


def csv_answer(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A table as RFC 4180 has it; a text that a spreadsheet would run as a formula is led by an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=LINE)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return _response(text.getvalue(), "csv")


def bytes_answer(content: bytes, suffix: str) -> Response:
    """A document that is written already, in the format of a suffix."""
    return _response(content, suffix)


def text_answer(content: str) -> Response:
    """A plain text."""
    return _response(content, "txt")


def rdf_answer(triples: Iterable[Triple], suffix: str, more: Mapping[str, str] = NO_MORE) -> Response:
    """Statements in the syntax of a suffix; `more` are prefixes beside those of the project."""
    return _response(serialise(triples, suffix, more), suffix)


def page(template: str, asked: Asked, parameters: Sequence[Parameter] = (), **context: Any) -> Response:
    """A page of HTML. Every template can use `asked`, and the `options` of the parameters that have some."""
    options = choices(asked, parameters)
    response = _response(render_template(template, asked=asked, options=options, **context), "html")
    response.headers["Content-Language"] = "en"
    return response


def listing(asked: Asked, items: Sequence[object], total: int, **more: object) -> Response:
    """The envelope of every list in JSON: what was asked, of which release, and where it goes on."""
    release = asked.view.release
    following = next_address(asked, total)
    return linked(
        json_answer(
            {
                "release": release.number,
                "as_of": release.as_of.isoformat(),
                "query": {name: _echo(term) for name, term in asked.arguments.items()},
                "total": total,
                "limit": asked.number("limit"),
                "offset": asked.number("offset"),
                "next": following,
                **more,
                "items": items,
            }
        ),
        {"next": following},
    )


def linked(response: Response, targets: Mapping[str, str | None]) -> Response:
    """Add `Link` headers (RFC 8288) for the relations that have a target, and the licence of the data."""
    for relation, target in {**targets, "license": LICENCE}.items():
        if target:
            response.headers.add("Link", f'<{target}>; rel="{relation}"')
    return response


def window(asked: Asked, found: Sequence[Any]) -> Sequence[Any]:
    """The part of a list that `limit` and `offset` ask for; a limit of 0 is all."""
    limit, offset = asked.number("limit"), asked.number("offset")
    return found[offset : offset + limit] if limit else found[offset:]


def next_address(asked: Asked, total: int) -> str | None:
    """Where the list goes on, or None at its end."""
    limit, offset = asked.number("limit"), asked.number("offset")
    return address(offset=offset + limit) if limit and offset + limit < total else None


def address(**changes: object) -> str:
    """This address with other arguments; None and "" drop one. On the public base, if one is set."""
    arguments = {**request.args.to_dict(), **changes}
    query = urlencode({name: value for name, value in arguments.items() if value not in (None, "")})
    base: str = current_app.extensions["trivium.settings"].base
    return base.rstrip("/") + request.path + (f"?{query}" if query else "")


def twin(suffix: str, listed: bool = False) -> str:
    """All of this page's list, or this page's thing, in another format."""
    without = ("limit", "offset", *((RELEASE.name,) if suffix in LIVE else ()))
    arguments = {name: value for name, value in request.args.items() if value and name not in without}
    arguments |= {"limit": "0"} if listed else {}
    query = urlencode(arguments)
    return f"{request.path.removesuffix('.html')}.{suffix}" + (f"?{query}" if query else "")


def embedding(shown: str) -> str:
    """Where the snippet is made to embed this list, under its filter."""
    without = ("limit", "offset", RELEASE.name)
    arguments = {name: value for name, value in request.args.items() if value and name not in without}
    return f"/embed?{urlencode({'show': shown, **arguments})}"


def _echo(term: Term) -> object:
    """An argument as it is echoed: an entity by its slug, a number as a number."""
    return slug(term) if isinstance(term, NamedNode) else plain(term)


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _response(content: str | bytes, suffix: str) -> Response:
    kind = MEDIA_TYPES[suffix]
    return Response(content, content_type=kind if suffix in UTF_8_ALWAYS else f"{kind}; charset=utf-8")


def table_answer(asked: Asked, rows: Rows, as_page: Callable[[Rows], Response]) -> Response:
    """The part of a table that is asked for, as JSON, CSV or a page, with the address where it goes on."""
    shown = Rows(rows.variables, list(window(asked, rows.rows)))
    following = {"next": next_address(asked, len(rows))}
    match asked.representation:
        case "json":
            return listing(asked, [item(shown, row) for row in shown], len(rows))
        case "csv":
            return linked(csv_answer(shown.variables, map(texts, shown)), following)
    return linked(as_page(shown), following)
