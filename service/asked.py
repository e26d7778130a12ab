"""What a request asks for, once its address, its headers and its arguments are read."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request
from pyoxigraph import Literal, NamedNode

from graph.errors import InvalidParameter
from graph.field import slug
from graph.store import Term
from service.release_view import ReleaseView


@dataclass(frozen=True)
class Asked:
    """What a request asks for: of this release, in this representation and language, with these arguments.

    `title` is what the address answers, in a few words; with `head`, a file is to begin with what it is.
    """

    view: ReleaseView
    representation: str
    language: str
    arguments: Mapping[str, Term]
    title: str = ""
    head: bool = False

    def label(self, term: Term | None) -> str:
        """The label of a thing in the language asked for."""
        return self.view.label(term, self.language).value

    def iri(self, name: str) -> NamedNode | None:
        """The entity that an argument names, if it was given."""
        term = self.arguments.get(name)
        return term if isinstance(term, NamedNode) else None

    def text(self, name: str) -> str | None:
        """The text, or the slug of the entity, of an argument, if it was given."""
        return slug(self.arguments[name]) if name in self.arguments else None

    def given(self, *without: str) -> dict[str, str]:
        """Every argument in full, ready to be parsed again, but for some."""
        terms = {name: term for name, term in self.arguments.items() if name not in without}
        return {name: term.value for name, term in terms.items() if isinstance(term, NamedNode | Literal)}

    def number(self, name: str) -> int:
        """The whole number of an argument that has a default."""
        return int(slug(self.arguments[name]))

    def flag(self, name: str) -> bool | None:
        """Whether an argument is true; None if it was not given."""
        text = self.text(name)
        return None if text is None else text == "true"


def given() -> dict[str, str]:
    """The query string as names and values. Raises InvalidParameter for a name that is given twice."""
    for name, values in request.args.lists():
        if len(values) > 1:
            raise InvalidParameter(name, values[1], "given more than once; give it once.")
    return request.args.to_dict()
