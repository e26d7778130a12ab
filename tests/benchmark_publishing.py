"""Measure, do not test: how long it takes from a contribution to everybody's lookups, at growing sizes of the graph.

`python tests/benchmark_publishing.py 50_000 1_000_000` grows the starter graph to so many statements, by made-up
competencies and offerings with a skewed popularity, serves it for real, contributes one offering after another over
HTTP, and prints medians. The graph of a size is kept below `--folder` for the next time.
"""

import argparse
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad, Triple

from graph.examiners import Examiners
from graph.namespaces import DCT, ID, RDF, SCHEMA, SKOS, TRV, XSD, entity
from graph.parsing import Submission
from graph.people import People, Role
from graph.publication import Publisher
from graph.releases import Release
from graph.starter import load_starter

PORT = 18090
ROUNDS = 9
REST = 3  # seconds, in which the process that examines gets ready
CONTRIBUTION = ID["contribution/1000000"]
BATCH = 4_000  # entities written at once
STATEMENTS_OF_COMPETENCY = 50  # with those of its gaps
STATEMENTS_OF_OFFERING = 18
STATEMENTS_STATED = 13
SERVED = 2_000_000  # statements: of more, no made-up gaps are derived, and the publisher alone is measured
MOST_COMPETENCIES = 14_000  # as many as ESCO has
OFFERING = """id,label_en,provider,type,mode,level,competencies,source,page_date
{id},A benchmark {id},aaslh,webinar,online-live,entry,physical-accessibility,https://example.org/{id},2026-11
"""
ASKED = "SELECT (1 AS ?one) ?type WHERE {{ <https://w3id.org/trivium/id/offering/{}> a ?type }}"


def main() -> None:
    """Grow, serve and measure each size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="+", type=lambda text: int(text.replace("_", "")))
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "trivium-benchmark")
    arguments = parser.parse_args()
    for size in arguments.sizes:
        grown = arguments.folder / str(size)
        if not grown.exists():
            grow(grown, size)
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            data = Path(shutil.copytree(grown, Path(folder) / "data", copy_function=linked))
            measure_publisher(data, size)
            if size <= SERVED:
                measure(data, size)


def linked(source: str, target: str) -> None:
    """Copy a file; tables of the engine never change and are shared."""
    if source.endswith(".sst"):
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def grow(folder: Path, size: int) -> None:
    """Publish the starter graph and made-up entities until there are about so many statements."""

    def entities(starter: Release) -> tuple[int, int]:
        room = max(0, size - starter.quads)
        if size > SERVED:
            return MOST_COMPETENCIES, room // STATEMENTS_STATED
        competencies = min(MOST_COMPETENCIES, room // (4 * STATEMENTS_OF_COMPETENCY))
        return competencies, max(0, room - competencies * STATEMENTS_OF_COMPETENCY) // STATEMENTS_OF_OFFERING

    grow_by(folder, entities, pour=size > SERVED)


def grow_by(folder: Path, entities: Callable[[Release], tuple[int, int]], pour: bool = False) -> None:
    """Publish the starter graph, and so many made-up competencies and offerings as `entities` says after it.

    What is poured is neither derived from nor in the change log.
    """
    draft = folder.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    begun = time.perf_counter()
    with Publisher.open(draft) as publisher:
        day = datetime.now(UTC).date()
        competencies, offerings = entities(load_starter(publisher, day))
        made = made_up(competencies, offerings)
        publisher._begin(day)
        (poured if pour else written_as_published)(publisher, made)
        written = time.perf_counter()
        release = publisher._finish(day, set() if pour else None)
    draft.rename(folder)
    print(
        f"{folder.name}: {release.quads:,} statements, {offerings:,} offerings, {competencies:,} competencies; "
        f"written in {written - begun:.0f} s, derived and released in {time.perf_counter() - written:.0f} s",
        flush=True,
    )


def in_graph(triples: list[Triple], graph: NamedNode) -> list[Quad]:
    return [Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples]


def written_as_published(publisher: Publisher, made: Iterator[list[Triple]]) -> None:
    """Write entities as a contribution is written, with what follows from them."""
    while batch := list(islice(made, BATCH)):
        triples = [triple for one in batch for triple in one]
        publisher.store.apply((), in_graph(triples, CONTRIBUTION))
        publisher.store.apply((), in_graph(publisher.entailment.of(triples), ID["entailed/1000000"]))


def poured(publisher: Publisher, made: Iterator[list[Triple]]) -> None:
    """Put entities into the store by its bulk loader, without what follows from them and without the change log."""
    before = len(publisher.store._store)
    quads = (quad for one in made for quad in in_graph(one, CONTRIBUTION))
    publisher.store._store.bulk_extend(quads)
    publisher.store.size += len(publisher.store._store) - before


def made_up(competencies: int, offerings: int) -> Iterator[list[Triple]]:
    """Competencies of a made-up framework, and offerings that teach some of them, a few very often."""
    chance = random.Random(1)
    for number in range(competencies):
        yield _competency(number)
    for number in range(offerings):
        taught = (
            {int(competencies * chance.random() ** 3) for _ in range(chance.randint(1, 3))} if competencies else set()
        )
        yield _offering(number, sorted(taught), chance)


def _competency(number: int) -> list[Triple]:
    iri = entity("competency", f"made-up-{number}")
    return [
        Triple(iri, RDF.type, TRV.Competency),
        Triple(iri, SKOS.prefLabel, Literal(f"Made-up competency {number}", language="en")),
        Triple(iri, SKOS.definition, Literal(f"Made up to measure, number {number}.", language="en")),
        Triple(iri, TRV.inArea, entity("area", "digital-stewardship")),
    ]


def _offering(number: int, taught: list[int], chance: random.Random) -> list[Triple]:
    iri = entity("offering", f"made-up-{number}")
    day = f"{chance.randint(2018, 2026)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    return [
        Triple(iri, RDF.type, TRV.Offering),
        Triple(iri, SKOS.prefLabel, Literal(f"Made-up offering {number}", language="en")),
        Triple(iri, TRV.provider, entity("provider", "aaslh")),
        Triple(iri, TRV.offeringType, entity("offering-type", chance.choice(("course", "webinar", "workshop")))),
        Triple(iri, TRV.mode, entity("mode", chance.choice(("hybrid", "online-live", "in-person")))),
        Triple(iri, TRV.level, entity("level", chance.choice(("entry", "intermediate", "advanced")))),
        Triple(iri, TRV.language, Literal(chance.choice(("en", "es", "fr")))),
        Triple(iri, TRV.addressedTo, entity("sector", chance.choice(("archives", "libraries", "museums")))),
        Triple(iri, TRV.pageDate, Literal(day, datatype=XSD.date)),
        Triple(iri, SCHEMA.url, NamedNode(f"https://example.org/made-up/{number}")),
        Triple(iri, DCT.source, NamedNode(f"https://example.org/made-up/{number}")),
        *(Triple(iri, TRV.teaches, entity("competency", f"made-up-{one}")) for one in taught),
    ]


def measure_publisher(data: Path, size: int) -> None:
    """What the publisher itself takes for one offering, step by step, without a server."""
    with Examiners() as examiners:
        times = [published(data, examiners, number) for number in range(ROUNDS + 1)][1:]
    print(f"{size:,}: the publisher alone", flush=True)
    show(times)


def published(data: Path, examiners: Examiners, number: int) -> dict[str, float]:
    """Seconds that one offering takes, from the journal to its release."""
    while number and not examiners.ready():
        time.sleep(0.02)
    time.sleep(REST)
    marks = [time.perf_counter()]
    with Publisher.open(data) as publisher:
        marks.append(time.perf_counter())
        body = OFFERING.format(id=f"alone-{number}").encode()
        (entry,) = publisher.journal.receive([Submission("offering.csv", body)], "bench", "https://example.org/")
        publisher.examine_received(publisher.journal.entry(entry), False, examiners.examine)
        marks.append(time.perf_counter())
        publisher.publish(datetime.now(UTC).date())
        marks.append(time.perf_counter())
    steps = ("open", "validate", "publish")
    return {step: end - begun for step, begun, end in zip(steps, marks[:-1], marks[1:], strict=True)}


def show(times: list[dict[str, float]]) -> None:
    """The median of each, with the range."""
    for name in times[0]:
        values = [one[name] for one in times]
        spread = f"{min(values):.3f} to {max(values):.3f}"
        print(f"  {name:28} {statistics.median(values):.3f} s   ({spread})", flush=True)


def measure(data: Path, size: int) -> None:
    """Serve the graph for real, contribute offerings, and print the medians."""
    token = People(data).add("bench", "Benchmark", Role.TRUSTED)
    with serving(data) as (_, ready):
        times = [contributed(token, number) for number in range(ROUNDS)]
    print(f"{size:,}: serving after {ready:.1f} s", flush=True)
    show(times)


def contributed(token: str, number: int) -> dict[str, float]:
    """Seconds from the sending of an offering until it is acknowledged, and until it is seen by each way of asking."""
    id = f"bench-{number}"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv"}
    before = json.loads(asked("/gaps.json?competency=physical-accessibility&sector=museums"))["items"][0]["supply"]
    begun = time.perf_counter()
    asked("/contributions?kind=offering", OFFERING.format(id=id).encode(), headers)
    times = {"acknowledged": time.perf_counter() - begun}
    seen: dict[str, Callable[[], bool]] = {
        "page of the offering": lambda: bool(asked(f"/offering/{id}.json")),
        "gap list of the competency": lambda: (
            json.loads(asked("/gaps.json?competency=physical-accessibility&sector=museums"))["items"][0]["supply"]
            > before
        ),
        "SPARQL": lambda: "Offering" in asked("/sparql.csv?query=" + quote(ASKED.format(id))),
        "change log": lambda: id in asked("/changes.csv?kind=offering&limit=1"),
    }
    while len(times) <= len(seen):
        for name, look in seen.items():
            if name not in times and look():
                times[name] = time.perf_counter() - begun
        if time.perf_counter() - begun > 120:
            raise TimeoutError(times)
    time.sleep(0.3)
    return times


def asked(path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> str:
    """The text of an answer; empty while there is no such thing."""
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", body, headers or {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            text: str = answer.read().decode()
            return text
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return ""
        raise


@contextmanager
def serving(data: Path) -> Iterator[tuple[int, float]]:
    """Serve on loopback until the end; gives the process, and the seconds until the first answer."""
    environment = os.environ | {"TRIVIUM_DATA": str(data)}
    command = [sys.executable, "-m", "service.cli", "serve", "--port", str(PORT)]
    begun = time.perf_counter()
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _answers():
            time.sleep(0.02)
        yield server.pid, time.perf_counter() - begun
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def _answers() -> bool:
    try:
        return bool(asked("/health"))
    except (OSError, urllib.error.HTTPError):
        return False


if __name__ == "__main__":
    main()
