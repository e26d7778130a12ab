"""ResourceSync (ANSI/NISO Z39.99-2017): what there is to copy, and what happened to it since.

The resources are the `.nt` documents of the entities. Lists are cut by the number of the change, so that a part never
has more than a sitemap may, and nothing moves from one part to another. No hash is given: the one that the change log
has is of the sorted statements, not of the bytes that are served.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from flask import Blueprint, Response

from graph.changes import Changed
from graph.differences import Change
from graph.errors import NotFound
from graph.namespaces import ID
from service.deployment import deployment
from service.negotiation import MEDIA_TYPES
from service.operation import Asked, answers
from service.representations import bytes_answer, linked
from service.resourcesync_documents import Document, Entry

TAG: Final = "Harvest"
PART: Final = 50_000  # entries in one document (sitemaps.org)
DESCRIPTION: Final = "/.well-known/resourcesync"
CAPABILITIES: Final = "/resourcesync/capabilitylist.xml"
RESOURCES: Final = "/resourcesync/resourcelist"
CHANGES: Final = "/resourcesync/changelist"
WORDS: Final = {Change.CREATED: "created", Change.UPDATED: "updated", Change.WITHDRAWN: "deleted"}

NOTHING: Final[Mapping[str, str]] = {}

Part = Callable[[Asked, int], Document]
blueprint = Blueprint("resourcesync", __name__)


@answers(blueprint, DESCRIPTION, "ResourceSync: where its lists are", ("xml",), tag=TAG)
def show_description(asked: Asked) -> Response:
    """The source description (8): it leads to the capabilities."""
    del asked
    entry = Entry(_at(CAPABILITIES), about={"capability": "capabilitylist"})
    return _answer(Document("description", [entry], links={"describedby": _at("/catalog.ttl")}))


@answers(blueprint, "/resourcesync/capabilitylist", "ResourceSync: the lists that there are", ("xml",), tag=TAG)
def show_capabilities(asked: Asked) -> Response:
    """The capability list (9): what there is now, and what happened."""
    del asked
    lists = {"resourcelist": RESOURCES, "changelist": CHANGES}
    entries = [Entry(_at(f"{path}.xml"), about={"capability": name}) for name, path in lists.items()]
    return _answer(Document("capabilitylist", entries, links={"up": _at(DESCRIPTION)}))


@answers(blueprint, RESOURCES, "ResourceSync: what there is to copy", ("xml",), tag=TAG)
def show_resources(asked: Asked) -> Response:
    """The resource list (10), or its index where it is long."""
    return _whole(asked, RESOURCES, _resources)


@answers(blueprint, f"{RESOURCES}/<number>", "ResourceSync: a part of what there is to copy", ("xml",), tag=TAG)
def show_part_of_resources(asked: Asked, number: str) -> Response:
    """A part of the resource list. Raises NotFound."""
    return _part(asked, RESOURCES, number, _resources)


@answers(blueprint, CHANGES, "ResourceSync: what happened, the oldest first", ("xml",), tag=TAG)
def show_changes(asked: Asked) -> Response:
    """The change list (12), or its index where it is long."""
    return _whole(asked, CHANGES, _changes)


@answers(blueprint, f"{CHANGES}/<number>", "ResourceSync: a part of what happened", ("xml",), tag=TAG)
def show_part_of_changes(asked: Asked, number: str) -> Response:
    """A part of the change list. Raises NotFound."""
    return _part(asked, CHANGES, number, _changes)


def _resources(asked: Asked, part: int) -> Document:
    """Those of the rows of a part that are still the last of their entity, and do not withdraw it."""
    release = asked.view.release
    rows = asked.view.log.standing(release.number, after=part * PART, limit=PART)
    there = (one for one in rows if one.number <= (part + 1) * PART and one.change is not Change.WITHDRAWN)
    return Document("resourcelist", map(_resource, there), {"at": release.created.isoformat()})


def _resource(one: Changed) -> Entry:
    return Entry(_address(one), one.at.isoformat(), {"type": MEDIA_TYPES["nt"]}, {"describes": one.entity.value})


def _changes(asked: Asked, part: int) -> Document:
    """The rows of a part; a part that is full is closed, the last one is open."""
    rows = asked.view.log.after(part * PART, asked.view.release.number, limit=PART)
    begun = rows[0].at if rows else asked.view.release.created
    about = {"from": begun.isoformat()} | ({"until": rows[-1].at.isoformat()} if len(rows) == PART else {})
    return Document("changelist", map(_change, rows), about)


def _change(one: Changed) -> Entry:
    time, gone = one.at.isoformat(), one.change is Change.WITHDRAWN
    about = {"change": WORDS[one.change], "datetime": time, **({} if gone else {"type": MEDIA_TYPES["nt"]})}
    return Entry(_address(one), "" if gone else time, about, {"describes": one.entity.value})


def _whole(asked: Asked, path: str, part: Part) -> Response:
    """The one part there is, or an index of the parts (10.2, 12.2)."""
    count = _parts(asked)
    if count == 1:
        return _answer(_linked(part(asked, 0)))
    whole = part(asked, 0)
    about = {name: value for name, value in whole.about.items() if name != "until"}  # the first part ends, the list not
    return _answer(Document(whole.capability, _listed(path, count), about, _up(), index=True))


def _part(asked: Asked, path: str, number: str, part: Part) -> Response:
    numbers = [str(one) for one in range(_parts(asked))]
    if number not in numbers:
        raise NotFound(f"There is no part `{number}`; there are {len(numbers)}, from 0.")
    index = {"index": _at(f"{path}.xml")} if len(numbers) > 1 else {}
    return _answer(_linked(part(asked, int(number)), index))


def _parts(asked: Asked) -> int:
    return max(1, -(-asked.view.log.count(asked.view.release.number) // PART))


def _listed(path: str, count: int) -> Iterator[Entry]:
    return (Entry(_at(f"{path}/{number}.xml")) for number in range(count))


def _linked(document: Document, more: Mapping[str, str] = NOTHING) -> Document:
    return replace(document, links={**_up(), **more})


def _up() -> dict[str, str]:
    return {"up": _at(CAPABILITIES)}


def _address(one: Changed) -> str:
    return _at(f"/{one.entity.value.removeprefix(ID.iri)}.nt")


def _at(path: str) -> str:
    return deployment().at(path).value


def _answer(document: Document) -> Response:
    return linked(bytes_answer(document.written(), "xml"), {})
