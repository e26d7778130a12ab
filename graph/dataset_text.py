"""What the dataset is called and said to be, wherever it is described: DCAT, VoID, schema.org, RO-Crate."""

from collections.abc import Mapping, Sequence
from typing import Final

from pyoxigraph import NamedNode

from graph.namespaces import ID

DATASET: Final = ID["dataset/trivium"]
CATALOGUE: Final = ID["catalog/trivium"]
AGENT: Final = ID["agent/trivium"]
AGENT_NAME: Final = "Trivium"
LICENCE: Final = "https://creativecommons.org/publicdomain/zero/1.0/"

TITLE: Final[Mapping[str, str]] = {
    "en": "Trivium: competencies of archives, libraries and museums",
    "es": "Trivium: las competencias de archivos, bibliotecas y museos",
}
DESCRIPTION: Final[Mapping[str, str]] = {
    "en": "An open graph of the competencies that people in archives, libraries and museums need, the roles that "
    "require them, the offerings that teach them, the surveys that measured the need, and the gaps derived from these: "
    "what is needed and not taught, sector by sector. Every statement has its source. Offerings are a sample that was "
    "sought evenly over the sectors: no count is a market share.",
    "es": "Un grafo abierto de las competencias que necesitan quienes trabajan en archivos, bibliotecas y museos, los "
    "puestos que las requieren, la oferta que las enseña, las encuestas que midieron la necesidad y las brechas que de "
    "ello se derivan: lo que hace falta y no se enseña, sector por sector. Cada afirmación tiene su fuente. La oferta "
    "es una muestra buscada por igual en los tres sectores: ningún recuento es una cuota de mercado.",
}
KEYWORDS: Final[Mapping[str, Sequence[str]]] = {
    "en": ("competencies", "skills", "continuing education", "training needs", "archives", "libraries", "museums"),
    "es": ("competencias", "formación continua", "necesidades formativas", "archivos", "bibliotecas", "museos"),
}
CATALOGUE_TITLE: Final[Mapping[str, str]] = {"en": "The catalogue of Trivium", "es": "El catálogo de Trivium"}
CATALOGUE_DESCRIPTION: Final[Mapping[str, str]] = {
    "en": "The Trivium dataset, the releases that are kept, and the interfaces that it is offered through.",
    "es": "El conjunto de datos Trivium, las versiones conservadas y las interfaces por las que se ofrece.",
}


def release_iri(number: int) -> NamedNode:
    """The identifier of a release, a version of the dataset."""
    return ID[f"release/{number}"]
