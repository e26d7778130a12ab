"""ResourceSync (ANSI/NISO Z39.99-2017): what there is to copy, and what happened to it since.

The resources are the `.nt` documents of the entities, whose bytes have the hash that the change log has. Lists are cut
by the number of the change, so that nothing moves from one part to another, and a full part of the changes stays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from flask import Blueprint, Response

from graph.changes import Changed
from graph.differences import Change
from graph.errors import NotFound
from graph.namespaces import ID
from service.caching import FOREVER
from service.deployment import deployment
from service.negotiation import MEDIA_TYPES
from service.operation import Asked, Operation, answers, by_content, declared
from service.representations import bytes_answer, linked
from service.resourcesync_documents import Document, Entry

TAG: Final = "Harvest"
PART: Final = 5_000  # changes: who follows reads the last part anew; a document may have 50,000 entries (sitemaps.org)
DESCRIPTION: Final = "/.well-known/resourcesync"
CAPABILITIES: Final = "/resourcesync/capabilitylist.xml"
RESOURCES: Final = "/resourcesync/resourcelist"
CHANGES: Final = "/resourcesync/changelist"
WORDS: Final = {Change.CREATED: "created", Change.UPDATED: "updated", Change.WITHDRAWN: "deleted"}

NOTHING: Final[Mapping[str, str]] = {}

PART_OF_CHANGES: Final = Operation(f"{CHANGES}/<number>", "ResourceSync: a part of what happened", ("xml",), tag=TAG)

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
    at = {"at": asked.view.release.created.isoformat()}
    return _whole(asked, RESOURCES, _resources, [at] * _parts(asked))


@answers(blueprint, f"{RESOURCES}/<number>", "ResourceSync: a part of what there is to copy", ("xml",), tag=TAG)
def show_part_of_resources(asked: Asked, number: str) -> Response:
    """A part of the resource list. Raises NotFound and NotReachedYet."""
    return _part(asked, RESOURCES, number, _resources)


@answers(blueprint, CHANGES, "ResourceSync: what happened, the oldest first", ("xml",), tag=TAG)
def show_changes(asked: Asked) -> Response:
    """The change list (12), or its index where it is long."""
    return _whole(asked, CHANGES, _changes, _periods(asked))


@blueprint.get(f"{CHANGES}/<number>")
@blueprint.get(f"{CHANGES}/<number>.<any(xml):suffix>")
@declared(PART_OF_CHANGES)
def show_part_of_changes(number: str, suffix: str | None = None) -> Response:
    """A part of the change list; one that is full never changes again. Raises NotFound and NotReachedYet."""
    asked = PART_OF_CHANGES.asked(suffix)
    response = by_content(_part(asked, CHANGES, number, _changes))
    if (int(number) + 1) * PART <= asked.view.log.count(asked.view.release.number):
        response.headers["Cache-Control"] = FOREVER
    return response


def _resources(asked: Asked, part: int) -> Document:
    """Those of the rows of a part that are still the last of their entity, and do not withdraw it."""
    release = asked.view.release
    rows = asked.view.log.standing(release.number, after=part * PART, limit=PART)
    there = (one for one in rows if one.number <= (part + 1) * PART and one.change is not Change.WITHDRAWN)
    return Document("resourcelist", map(_resource, there), {"at": release.created.isoformat()})


def _resource(one: Changed) -> Entry:
    about = {"hash": f"sha-256:{one.sha256}", "type": MEDIA_TYPES["nt"]}
    return Entry(_address(one), one.at.isoformat(), about, {"describes": one.entity.value})


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


def _periods(asked: Asked) -> list[dict[str, str]]:
    """Since when, and, where it is full, until when each part tells of changes."""
    log, count = asked.view.log, asked.view.log.count(asked.view.release.number)
    ends = [(first, first + PART - 1) for first in range(1, count + 1, PART)]
    times = {number: time.isoformat() for number, time in log.times([one for pair in ends for one in pair]).items()}
    return [{"from": times[first]} | ({"until": times[last]} if last <= count else {}) for first, last in ends]


def _whole(asked: Asked, path: str, part: Part, abouts: Sequence[Mapping[str, str]]) -> Response:
    """The one part there is, or an index of the parts (10.2, 12.2)."""
    if len(abouts) == 1:
        return _answer(_linked(part(asked, 0)))
    capability = path.rpartition("/")[2]
    entries = [
        Entry(_at(f"{path}/{number}.xml"), about={"capability": capability, **about})
        for number, about in enumerate(abouts)
    ]
    begun = {name: value for name, value in abouts[0].items() if name != "until"}  # the first part ends, the list not
    return _answer(Document(capability, entries, begun, _up(), index=True))


def _part(asked: Asked, path: str, number: str, part: Part) -> Response:
    numbers = [str(one) for one in range(_parts(asked))]
    if number not in numbers:
        asked.view.log.check_later(number, PART)
        raise NotFound(f"There is no part `{number}`; there are {len(numbers)}, from 0.")
    index = {"index": _at(f"{path}.xml")} if len(numbers) > 1 else {}
    return _answer(_linked(part(asked, int(number)), index))


def _parts(asked: Asked) -> int:
    return max(1, -(-asked.view.log.count(asked.view.release.number) // PART))


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
