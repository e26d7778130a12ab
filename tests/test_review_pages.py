"""Review in a browser: the queue, what would change in words and in triples, and decisions that are told."""

import html
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Triple

from graph.difference import difference
from graph.examination import Wanted, examine_apart
from graph.journal import Journal, State
from graph.namespaces import ID, RDF, SKOS, TRV, entity
from graph.parsing import Submission
from graph.people import People, Role
from graph.publisher import publish_waiting
from graph.store import Dataset
from service import create_app
from service.settings import Settings
from tests.visitor import Visitor

ROLES = {"ada": Role.CONTRIBUTOR, "tess": Role.TRUSTED, "cora": Role.CURATOR}
HEADER = "id,label_en,provider,type,source,cost_amount,cost_currency\n"


@pytest.fixture(scope="module")
def data(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the starter graph, to be changed."""
    return Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("review") / "data"))


@pytest.fixture(scope="module")
def app(data: Path) -> Flask:
    return create_app(Settings(data=data, look_seconds=0))


@pytest.fixture(scope="module")
def visitors(app: Flask, data: Path) -> dict[str, Visitor]:
    return {slug: Visitor.logged_in(app, People(data).add(slug, slug.title(), role)) for slug, role in ROLES.items()}


Send = Callable[..., str]


@pytest.fixture
def send(visitors: dict[str, Visitor], data: Path) -> Send:
    """Send rows of offerings as somebody, have them examined, and give the address of their page."""

    def sent(who: str, *rows: str) -> str:
        text = HEADER + "".join(f"{row}\n" for row in rows)
        location = visitors[who].send("/contributions", text=text, kind="offering").location
        publish_waiting(data)
        assert location
        return location

    return sent


def row(id: str, title: str = "A test", cost: str = "") -> str:
    return f"{id},{title},aaslh,course,https://example.org/{id},{cost},{'EUR' if cost else ''}"


def number(address: str) -> int:
    return int(address.rpartition("/")[2])


def rows_of(page: str) -> dict[str, list[str]]:
    """The cells of a table by the first cell of each row, as a reader sees them."""
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", one, re.DOTALL) for one in rows]
    plain = [[html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in one] for one in cells]
    return {one[0]: one[1:] for one in plain if one}


def test_the_queue_is_for_curators(visitors: dict[str, Visitor], app: Flask) -> None:
    answer = Visitor(app.test_client()).get("/review")
    assert (answer.status_code, answer.location) == (303, "/login?next=/review")
    assert visitors["ada"].get("/review").status_code == 403
    assert visitors["tess"].get("/review").status_code == 403
    assert visitors["cora"].get("/review").status_code == 200
    assert "/review" in visitors["cora"].open("/contribute")
    assert "/review" not in visitors["ada"].open("/contribute")


def test_the_queue_says_what_waits_the_oldest_first(visitors: dict[str, Visitor], send: Send, data: Path) -> None:
    first = send("ada", row("queue-1"), row("queue-2", "Another"))
    second = send("ada", row("queue-3", "A third"))
    page = visitors["cora"].open("/review")
    assert page.index(f'href="{first}"') < page.index(f'href="{second}"')
    line = re.search(rf'href="{first}".*?</tr>', page, re.DOTALL)
    assert line
    assert "Offering: 2" in line[0]
    assert '<a href="/contributors/ada">Ada</a>' in line[0]
    remarks = Journal(data).events(number(first))[-1].note.splitlines()
    assert f'class="number">{len(remarks)}<' in line[0]
    assert len(remarks) > 2


def test_a_new_thing_is_shown_in_words_and_triples(visitors: dict[str, Visitor], send: Send) -> None:
    page = visitors["cora"].open(send("ada", row("diff-new", "Brand new", "49.50")))
    assert "1 new, 0 changed, 0 unchanged" in page
    rows = rows_of(page)
    assert rows["Label"] == ["Brand new (English)"]
    assert rows["Provider"] == ["American Association for State and Local History (AASLH)"]
    assert rows["Cost"] == ["49.5"]
    iri = "&lt;https://w3id.org/trivium/id/offering/diff-new&gt;"
    assert f"{iri} &lt;https://w3id.org/trivium/ns#provider&gt;" in page
    assert "added, 0 removed" in page
    assert "learners search by it" in page  # the report


def test_a_change_is_shown_before_and_after(visitors: dict[str, Visitor], send: Send, data: Path) -> None:
    first = send("ada", row("diff-old", "As it was", "20.0"), row("diff-same", "The same", "1.50"))
    visitors["cora"].send(f"{first}/review", decision="accept")
    publish_waiting(data)
    page = visitors["cora"].open(send("ada", row("diff-old", "As it is", ""), row("diff-same", "The same", "1.5")))
    assert "0 new, 1 changed, 1 unchanged" in page
    rows = rows_of(page)
    assert rows["Label"] == ["As it was (English)", "As it is (English)"]
    assert rows["Cost"] == ["20", "nothing"]
    assert "Provider" not in rows
    assert "1 added, 3 removed" in page
    assert "Opens none" in page  # the impact


def test_what_has_become_anothers_meanwhile_is_said(visitors: dict[str, Visitor], send: Send) -> None:
    address = send("ada", row("wanted-by-two", "Wanted"))
    assert "who alone may change it" not in visitors["cora"].open(address)
    send("tess", row("wanted-by-two", "Wanted too"))
    assert "This was contributed by `tess`, who alone may change it" in visitors["cora"].open(address)


def test_only_a_curator_sees_the_difference(visitors: dict[str, Visitor], send: Send, app: Flask) -> None:
    address = send("ada", row("seen-by"))
    for who in ("ada", "tess"):
        assert "What it would change" not in visitors[who].open(address)
        assert "Decide" not in visitors[who].open(address)
    assert "What it would change" not in Visitor(app.test_client()).open(address)


def test_a_rejection_needs_a_reason_which_the_contributor_reads(
    visitors: dict[str, Visitor], send: Send, app: Flask
) -> None:
    address = send("ada", row("rejected"))
    assert visitors["cora"].send(f"{address}/review", decision="reject", reason="  ").status_code == 400
    answer = visitors["cora"].send(f"{address}/review", decision="reject", reason="It is <b>a duplicate</b>.")
    assert (answer.status_code, answer.location) == (303, address)
    assert "It is &lt;b&gt;a duplicate&lt;/b&gt;." in visitors["ada"].open(address)
    assert "a duplicate" not in visitors["tess"].open(address)
    assert visitors["cora"].send(f"{address}/review", decision="accept").status_code == 409


def test_several_are_accepted_at_once_and_the_others_named(
    visitors: dict[str, Visitor], send: Send, data: Path
) -> None:
    one, other, gone = (send("ada", row(f"bulk-{n}", f"Bulk {n}")) for n in range(3))
    visitors["ada"].send(f"{gone}/withdrawal")
    numbers = [number(one), number(other), number(gone), 999_999]
    page = visitors["cora"].send("/review", number=numbers).text
    assert f'Accepted: <a href="{one}">' in page
    assert f"Contribution {number(gone)} is not in review" in page
    assert "Contribution 999999 is not in review" in page
    journal = Journal(data)
    assert [journal.entry(n).state for n in numbers[:3]] == [State.ACCEPTED, State.ACCEPTED, State.WITHDRAWN]
    assert [event.agent for event in journal.events(number(one))] == ["ada", "trivium", "cora"]
    publish_waiting(data)
    assert visitors["cora"].get("/offering/bulk-1").status_code == 200


@pytest.mark.parametrize("ticked", [[], ["x"], ["-1"], ["9" * 20]])
def test_nothing_sensible_ticked_is_refused(visitors: dict[str, Visitor], ticked: list[str]) -> None:
    assert visitors["cora"].send("/review", number=ticked).status_code == 400


def test_who_is_no_curator_accepts_nothing(visitors: dict[str, Visitor], send: Send, data: Path) -> None:
    address = send("ada", row("not-yours"))
    for who in ("ada", "tess"):
        assert visitors[who].send("/review", number=[number(address)]).status_code == 403
        assert visitors[who].send(f"{address}/review", decision="accept").status_code == 403
    assert Journal(data).entry(number(address)).state is State.IN_REVIEW


def test_statements_are_told_up_to_a_limit_by_whole_entities() -> None:
    body = (HEADER + row("a") + "\n" + row("b") + "\n").encode()
    submission = Submission("offering.csv", body)
    assert examine_apart([submission]).statements == b""
    assert examine_apart([submission], Wanted(statements=100)).statements.count(b"\n") == 10
    assert examine_apart([submission], Wanted(statements=9)).statements.count(b"offering/b>") == 0
    assert examine_apart([submission], Wanted(statements=9)).statements.count(b"\n") == 5


def test_contents_are_counted_without_validation() -> None:
    body = (HEADER + row("a") + "\n" + row("b") + "\n").encode()
    found = examine_apart([Submission("1.csv", body, "offering"), Submission("2.nt", b"x")], Wanted(validate=False))
    assert found.contents == {"1.csv": {"offering": 2}}
    assert [one.place.file for one in found.report.findings] == ["2.nt"]


def test_a_difference_looks_at_what_contributions_say_only() -> None:
    mine, graph, derived = entity("role", "a"), ID["contribution/1"], ID["entailed/1"]
    label, other = Literal("A", language="en"), Literal("B", language="en")
    known = Dataset.in_memory(
        [
            Quad(mine, RDF.type, TRV.Role, graph),
            Quad(mine, SKOS.prefLabel, label, graph),
            Quad(mine, RDF.type, SKOS.Concept, derived),
            Quad(NamedNode("http://example.org/x"), RDF.type, TRV.Role, DefaultGraph()),
        ]
    )
    same = [Triple(mine, RDF.type, TRV.Role), Triple(mine, SKOS.prefLabel, label)]
    assert [one.state for one in difference(known, same).entities] == ["unchanged"]
    found = difference(known, [same[0], Triple(mine, SKOS.prefLabel, other)])
    (changed,) = found.entities
    assert [(one.path, one.before, one.after) for one in changed.changes] == [(SKOS.prefLabel, (label,), (other,))]
    assert found.added == (Triple(mine, SKOS.prefLabel, other),)
    assert found.removed == (Triple(mine, SKOS.prefLabel, label),)
    new = difference(known, [Triple(entity("role", "b"), RDF.type, TRV.Role)])
    assert [one.state for one in new.entities] == ["new"]
