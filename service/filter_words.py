"""The filter of a request in words: for the title of a feed, a calendar or an embedded list."""

from typing import Final

from pyoxigraph import NamedNode

from service.asked import Asked
from service.choices import STATE_WORDS, VALUES
from service.words import parameter_name

NO_FILTER: Final = ("lang", "limit", "offset", "archive", "view")
DEFAULTS: Final = {"basis": "any", "by": "number", "optional": "true"}


def filter_words(asked: Asked) -> list[str]:
    """What each argument chooses: a thing by its label, a state by its name, all else by the parameter's name too."""
    given = {name: term for name, term in asked.arguments.items() if name not in NO_FILTER}
    return [_word(asked, name) for name in given if asked.text(name) != DEFAULTS.get(name)]


def _word(asked: Asked, name: str) -> str:
    term, text = asked.arguments[name], asked.text(name) or ""
    if isinstance(term, NamedNode):
        return asked.label(term)
    if name == "state":
        return STATE_WORDS[text]
    return f"{parameter_name(name).lower()}: {(VALUES.get(text) or text).lower() if name == 'basis' else text}"
