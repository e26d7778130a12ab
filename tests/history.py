"""Things that happen to a graph: offerings are published, edited, merged and withdrawn."""

import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from graph.changes import ChangeLog
from graph.differences import Change, Difference
from graph.journal import State
from graph.namespaces import entity
from graph.parsing import Submission
from graph.publication import Publisher, Terms
from graph.releases import Release, Releases

HEADER = "id,label_en,provider,type,mode,level,competencies,sectors,source,page_date,replaced_by\n"
ROW = "{id},{title},aaslh,webinar,online-live,entry,{competency},{sector},https://example.org/{id},2026-11,{replaced_by}\n"
COMPETENCIES = ("physical-accessibility", "digital-preservation", "leadership", "digitization")
TESS = Terms("tess")
FIRST = 13  # the number of the first contribution after the starter graph


def offering(
    id: str = "a-test",
    title: str = "A test",
    competency: str = COMPETENCIES[0],
    sector: str = "",
    replaced_by: str = "",
) -> Submission:
    """A file with one offering."""
    row = ROW.format(id=id, title=title, competency=competency, sector=sector, replaced_by=replaced_by)
    return Submission("offering.csv", (HEADER + row).encode())


def publish(data: Path, *files: Submission, terms: Terms = TESS) -> Release:
    """Publish files, on the day of the newest release."""
    with Publisher.open(data) as publisher:
        newest = publisher.releases.newest()
        assert newest is not None
        return publisher.contribute(list(files), terms, newest.as_of)


def withdraw(data: Path, number: int) -> None:
    """Take a contribution back."""
    with Publisher.open(data) as publisher:
        newest = publisher.releases.newest()
        assert newest is not None
        publisher.journal.move(number, [State.PUBLISHED], State.WITHDRAWING, "", "tess")
        publisher.publish(newest.as_of)


def lived(data: Path, seed: int, steps: int) -> Iterator[str]:
    """Let random things happen to a copy of the starter graph, and tell of each what it was.

    An offering is withdrawn with the contribution that it is in; one that was merged into another may be edited, and is
    then itself again. The last thing is always a withdrawal.
    """
    chance, numbers, standing = random.Random(seed), count(FIRST), dict[str, int]()
    for step in range(steps):
        ends = step == steps - 1
        id = chance.choice(sorted(standing)) if ends else f"o-{chance.randrange(4)}"
        others = sorted(standing.keys() - {id})
        if id in standing and others and not ends and chance.random() < 0.4:
            publish(data, offering(id, f"Test {step}", replaced_by=chance.choice(others)))
            del standing[id]
            next(numbers)
            yield f"merged {id}"
        elif id in standing and (ends or chance.random() < 0.5):
            withdraw(data, standing.pop(id))
            yield f"withdrawn {id}"
        else:
            what = "edited" if id in standing else "added"
            publish(data, offering(id, f"Test {step}", chance.choice(COMPETENCIES), chance.choice(("", "museums"))))
            standing[id] = next(numbers)
            yield f"{what} {id}"


def make_long(data: Path, rows: int) -> None:
    """Let the log tell that the newest release made so many offerings, and nothing else."""
    newest = Releases(data).newest()
    assert newest is not None
    with ChangeLog(data) as log:
        log.append(newest, [_made_up(number) for number in range(rows)])


def _made_up(number: int) -> Difference:
    iri = entity("offering", f"o-{number}")
    statement = f'{iri} <http://www.w3.org/2004/02/skos/core#prefLabel> "{number}"@en .\n'
    return Difference(iri, "offering", Change.CREATED, f"{number:064x}", statements=statement.encode())
