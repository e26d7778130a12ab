"""Two harvesters of others, over the network: everything, then what is new, while somebody publishes."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from oaipmh_scythe import Scythe
from oaipmh_scythe.exceptions import NoRecordsMatch
from sickle import Sickle
from sickle.oaiexceptions import NoRecordsMatch as NoRecordsMatchOfSickle
from werkzeug.serving import make_server

from graph import sums
from graph.changes import ChangeLog
from graph.differences import Change
from graph.journal import State
from graph.parsing import Submission
from graph.publication import Publisher, Terms
from graph.releases import Releases
from service import create_app
from service.settings import Settings

OAI = "{http://www.openarchives.org/OAI/2.0/}"
HEADER = "id,label_en,provider,type,mode,level,competencies,sectors,source,page_date\n"
ROW = "{id},{title},aaslh,webinar,online-live,entry,leadership,museums,https://example.org/{id},2026-11\n"
FIRST = 13  # the number of the first contribution after the starter graph
TESS = Terms("tess")

OFFERINGS = "kind:offering"

Known = dict[str, tuple[str, bool]]
"""What a harvester knows of each item: its datestamp, and whether it was withdrawn."""

Harvest = Callable[..., tuple[str, Known]]


@pytest.fixture
def address(data: Path) -> Iterator[str]:
    """The service on a free port of this machine."""
    server = make_server("127.0.0.1", 0, create_app(Settings(data=data, look_seconds=0)), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/oai"
    server.shutdown()
    thread.join()
    server.server_close()


NOTHING_NEW = (NoRecordsMatch, NoRecordsMatchOfSickle)


def by_scythe(address: str, since: str | None = None, within: str | None = None) -> tuple[str, Known]:
    with Scythe(address) as scythe:
        when = scythe.harvest({"verb": "Identify"}).xml.findtext(f"{OAI}responseDate")
        assert when
        return when, _known(lambda: scythe.list_records(from_=since, metadata_prefix="oai_dc", set_=within))


def by_sickle(address: str, since: str | None = None, within: str | None = None) -> tuple[str, Known]:
    sickle = Sickle(address)
    when = sickle.harvest(verb="Identify").xml.findtext(f"{OAI}responseDate")
    asked = {"metadataPrefix": "rdf", "from": since, "set": within}
    return when, _known(lambda: sickle.ListRecords(**{name: text for name, text in asked.items() if text}))


def _known(records: Callable[[], Iterable[Any]]) -> Known:
    """A record that comes twice holds as it came last.

    Sickle asks for the first page when the list is made, Scythe when it is read.
    """
    try:
        return {one.header.identifier: (one.header.datestamp, one.header.deleted) for one in records()}
    except NOTHING_NEW:  # an answer that the protocol calls an error
        return {}


def published(data: Path) -> Known:
    """What the change log says last of everything."""
    newest = Releases(data).newest()
    assert newest is not None
    return {
        one.entity.value.replace("https://w3id.org/", "oai:w3id.org:"): (
            f"{one.at:%Y-%m-%dT%H:%M:%SZ}",
            one.change is Change.WITHDRAWN,
        )
        for one in ChangeLog(data).standing(newest.number)
    }


def publish_some(data: Path, steps: int) -> None:
    """New offerings, changed ones, and one that is withdrawn, each in a release of its own."""
    for step in range(steps):
        with Publisher.open(data) as publisher:
            newest = publisher.releases.newest()
            assert newest is not None
            if step == 3:
                publisher.journal.move(FIRST, [State.PUBLISHED], State.WITHDRAWING, "", "tess")
                publisher.publish(newest.as_of)
                continue
            row = ROW.format(id=f"o-{step % 4}", title=f"A test {step}")
            publisher.contribute([Submission("offering.csv", (HEADER + row).encode())], TESS, newest.as_of)


@pytest.mark.parametrize("harvest", [by_scythe, by_sickle])
def test_everything_is_harvested_and_then_what_is_new(data: Path, address: str, harvest: Harvest) -> None:
    when, known = harvest(address)
    assert known == published(data)
    publish_some(data, 4)
    known |= harvest(address, when)[1]
    assert known == published(data)
    assert known["oai:w3id.org:trivium/id/offering/o-0"][1]


@pytest.mark.parametrize("harvest", [by_scythe, by_sickle])
def test_nothing_new_is_no_fault(address: str, harvest: Harvest) -> None:
    when = harvest(address)[0]
    tomorrow = datetime.fromisoformat(when) + timedelta(days=1)
    assert harvest(address, f"{tomorrow:%Y-%m-%dT%H:%M:%SZ}")[1] == {}


@pytest.mark.parametrize("harvest", [by_scythe, by_sickle])
def test_nothing_is_missed_while_others_publish(data: Path, address: str, harvest: Harvest) -> None:
    publishing = Thread(target=publish_some, args=(data, 8))
    publishing.start()
    when, known = harvest(address, within=OFFERINGS)
    busy = True
    while busy:
        busy = publishing.is_alive()
        then, new = harvest(address, when, OFFERINGS)
        when, known = then, known | new
    assert known == {one: last for one, last in published(data).items() if "/id/offering/" in one}
    assert len([one for one in known if "/offering/o-" in one]) == 4


@pytest.mark.parametrize("created", ["2026-01-01T00:00:00+00:00", "2100-01-01T00:00:00+00:00"])
def test_the_time_of_an_answer_is_a_minute_ago_but_not_before_its_release(
    data: Path, address: str, created: str
) -> None:
    """A release is seen a moment after its time: who goes on from the time of an answer must not pass over it."""
    file = Releases(data).path(1) / "release.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"created": created}))
    sums.write(file.parent, sums.sums_of(file.parent, None))
    minute, earliest = timedelta(seconds=60), datetime.now(UTC).replace(microsecond=0)
    when = datetime.fromisoformat(by_scythe(address, within="kind:sector")[0])
    if created > earliest.isoformat():
        assert when == datetime.fromisoformat(created)
    else:
        assert earliest <= when + minute <= datetime.now(UTC)
