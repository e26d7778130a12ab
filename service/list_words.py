"""The words of the lists: their titles, what is said of them, and the names of what they show of each thing.

The titles and descriptions are those of `queries/lists/`, which the description of the API has in English.
"""

from typing import Final

from graph.named_query import NamedQuery
from service.languages import gettext, marked
from service.words import words

TITLES: Final = (
    marked("The areas of competence"),
    marked("The competencies"),
    marked("The concept schemes"),
    marked("The frameworks of competencies"),
    marked("The offerings"),
    marked("The providers"),
    marked("The roles"),
    marked("The sectors"),
    marked("The survey figures of needs"),
    marked("The surveys"),
)

NOTES: Final = (
    marked("Offerings of narrower competencies, and of those that are exactly the same, are counted."),
    marked("Figures that measured different things are not comparable with each other."),
    marked(
        "What can be learnt, from whom and how. `latest` is the last known date of an offering. An empty cell means "
        "that the page of the offering does not say. An offering is for a sector if it is addressed to it, to a "
        "broader or narrower one, or to nobody in particular."
    ),
    marked(
        "Frameworks of competencies, and the controlled lists. The page of each gives it whole, as SKOS that thesaurus "
        "tools load as it is."
    ),
    marked("Narrower sectors follow the top ones."),
    marked("An empty number of respondents means that the survey does not state it."),
)

CELLS: Final = (
    marked("area"),
    marked("broader"),
    marked("competencies"),
    marked("competency"),
    marked("concepts"),
    marked("cost amount"),
    marked("cost currency"),
    marked("country code"),
    marked("duration"),
    marked("figures"),
    marked("framework"),
    marked("free"),
    marked("homepage"),
    marked("kind"),
    marked("languages"),
    marked("latest"),
    marked("level"),
    marked("license"),
    marked("license note"),
    marked("mode"),
    marked("offerings"),
    marked("provider"),
    marked("providers"),
    marked("publisher"),
    marked("quote location"),
    marked("region"),
    marked("requirements"),
    marked("respondents"),
    marked("roles"),
    marked("sector"),
    marked("sectors"),
    marked("source"),
    marked("survey"),
    marked("type"),
    marked("unit"),
    marked("value"),
    marked("web page"),
    marked("year"),
)
"""The names of what a list shows of each thing, as `cell_name` makes them."""

RENAMED: Final = {"is_free": "free", "url": "web page"}


def list_title(query: NamedQuery) -> str:
    """What a list is of, in the language of the page."""
    return str(gettext(query.summary))


def list_note(query: NamedQuery) -> str:
    """What is to be known about a list, in the language of the page."""
    return str(gettext(query.description))


def cell_name(variable: str) -> str:
    """What a list shows of each thing, by the variable of its query: `type_iri` is `type`."""
    name = variable.removesuffix("_iri")
    return str(gettext(RENAMED.get(name, words(name))))
