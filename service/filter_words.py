"""The filter of a request in words: for the title of a feed, a calendar or an embedded list."""

from typing import Final

from pyoxigraph import NamedNode

from service.asked import Asked
from service.choices import STATE_WORDS
from service.words import words

NO_FILTER: Final = ("lang", "limit", "offset", "archive")
DEFAULTS: Final = {"basis": "any"}


def filter_words(asked: Asked) -> list[str]:
    """What each argument chooses: a thing by its label, a state by its name, all else by the parameter's name too."""
    given = {name: term for name, term in asked.arguments.items() if name not in NO_FILTER}
    return [_word(asked, name) for name in given if asked.text(name) != DEFAULTS.get(name)]


def _word(asked: Asked, name: str) -> str:
    term, text = asked.arguments[name], asked.text(name) or ""
    if isinstance(term, NamedNode):
        return asked.label(term)
    return STATE_WORDS[text] if name == "state" else f"{words(name)}: {text}"
