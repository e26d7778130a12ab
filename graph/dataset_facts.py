"""The facts that every description of the dataset says: who publishes it where, and which releases there are.

They are gathered once and said in DCAT (`dcat.py`), VoID (`void.py`) and schema.org (`dataset_markup.py`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal, NamedNode, Triple

from graph.dumps import Manifest, made
from graph.namespaces import CONTRIBUTIONS_GRAPH, ID, PROV, TRV
from graph.releases import Release
from graph.store import Dataset, Term


@dataclass(frozen=True)
class Publisher:
    """Who publishes: an IRI, a name, and the type in the ADMS vocabulary of publisher types, if it is known."""

    iri: NamedNode
    name: str
    type: NamedNode | None = None


@dataclass(frozen=True)
class Deployment:
    """Where the service stands and who answers for it: `address` has no slash at its end, `contact` may be a mailto."""

    address: str
    publisher: Publisher
    contact: NamedNode

    def at(self, path: str) -> NamedNode:
        """The IRI of a path on the service."""
        return NamedNode(self.address + path)


@dataclass(frozen=True)
class Edition:
    """A release that is kept: since when its surveys are, and its dumps, if they are made."""

    release: Release
    since: date
    manifest: Manifest | None


@dataclass(frozen=True)
class Facts:
    """What is said of the dataset: its editions, the newest first, when it began, and its languages as tags."""

    deployment: Deployment
    editions: Sequence[Edition]
    issued: date
    languages: Sequence[str]

    @property
    def newest(self) -> Edition:
        """The edition that is current."""
        return self.editions[0]


def gathered(
    deployment: Deployment, newest: Release, older: Sequence[Release], dataset: Dataset, languages: Sequence[str]
) -> Facts:
    """The facts as of the newest release, which `dataset` holds, and of older ones that are still kept."""
    editions = [Edition(newest, _since(dataset, newest), made(newest)), *_older(older)]
    return Facts(deployment, editions, _begun(dataset, editions[-1].release), languages)


def about(subject: NamedNode, said: Iterable[tuple[NamedNode, Term]]) -> Iterator[Triple]:
    """What is said of a subject, as statements."""
    return (Triple(subject, predicate, value) for predicate, value in said)


def _older(releases: Sequence[Release]) -> list[Edition]:
    editions = []
    for release in releases:
        try:
            dataset: Dataset = release.dataset()
        except OSError:  # it was removed meanwhile
            continue
        editions.append(Edition(release, _since(dataset, release), made(release)))
    return editions


def _since(dataset: Dataset, release: Release) -> date:
    """The first of January of the oldest survey's year, or the day of the release where there is no survey."""
    years = [quad.object.value[:4] for quad in dataset.quads(None, TRV.year) if isinstance(quad.object, Literal)]
    return date(int(min(years)), 1, 1) if years else release.as_of


def _begun(dataset: Dataset, oldest: Release) -> date:
    """The day of the first contribution, or of the oldest release that is kept where there is none."""
    for quad in dataset.quads(ID["contribution/1"], PROV.endedAtTime, None, CONTRIBUTIONS_GRAPH):
        if isinstance(quad.object, Literal):
            return date.fromisoformat(quad.object.value[:10])
    return oldest.created.date()
