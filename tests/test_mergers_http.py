"""What was merged into another leads there, counts there, and still says what it said."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from graph.confirmation import statements
from graph.errors import InvalidInput
from graph.parsing import Submission
from graph.publication import Publisher, Terms
from graph.releases import Releases
from service import create_app
from service.settings import Settings
from tests.history import FIRST, offering, publish, withdraw

ID = "https://w3id.org/trivium/id/"
DCT = "http://purl.org/dc/terms/"
NAMED = "Old words"
PLACES = (
    "/competencies.json?limit=0",
    "/gaps.json?limit=0",
    "/shared.json?limit=0",
    "/suggest.json?kind=competency&q=old",
    "/area/technology.html",
)
COMPETENCY = "id,label_en,definition_en,area,framework,sources,replaced_by\n"
OLD_AND_NEW = (
    "old,Old words,What it was called.,technology,trivium,https://example.org/c,{old}\n"
    "new,New words,What it is called.,technology,trivium,https://example.org/c,{new}\n"
)


@pytest.fixture
def client(data: Path) -> Iterator[FlaskClient]:
    with create_app(Settings(data=data, look_seconds=0)).test_client() as client:
        yield client


def competencies(old: str = "", new: str = "") -> Submission:
    return Submission("competency.csv", (COMPETENCY + OLD_AND_NEW.format(old=old, new=new)).encode())


def get_json(client: FlaskClient, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.data
    return answer.get_json(force=True)


def gaps_of(client: FlaskClient, competency: str) -> dict[str, Any]:
    items = get_json(client, f"/gaps.json?limit=0&competency={competency}")["items"]
    return {one["sector"]["iri"].rpartition("/")[2]: one for one in items}


def said(client: FlaskClient, address: str) -> set[tuple[str, str]]:
    """The properties and values of the subject of an N-Triples document."""
    answer = client.get(address)
    assert answer.status_code == 200
    return {(quad.predicate.value, quad.object.value) for quad in parse(answer.data, RdfFormat.N_TRIPLES)}


@dataclass(frozen=True)
class Merged:
    """A service in which `old` was merged into `new`, and what it answered before."""

    client: FlaskClient
    statements: set[tuple[str, str]]
    old: dict[str, Any]
    new: dict[str, Any]
    lists: dict[str, str]
    counted: int
    faults: list[Any]
    preview: Any
    data: Path


@pytest.fixture(scope="module")
def merged(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Merged]:
    """An offering teaches `old` and a role requires it; then it is merged. Not to be changed."""
    data = Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("merged") / "data"))
    requirement = b"role,competency,importance,level,source\narchivist,old,essential,entry,editorial\n"
    publish(data, competencies(), offering("a-test", competency="old"), Submission("requirement.csv", requirement))
    with create_app(Settings(data=data, look_seconds=0)).test_client() as client:
        before = Merged(
            client,
            said(client, "/competency/old.nt"),
            gaps_of(client, "old"),
            gaps_of(client, "new"),
            {place: client.get(place).text for place in PLACES},
            get_json(client, "/competencies.json")["total"],
            get_json(client, "/checks.json?limit=0")["items"],
            client.post("/validate?kind=competency", data=competencies(old="new").body, content_type="text/csv").json,
            data,
        )
        publish(data, competencies(old="new"))
        yield before


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("/id/competency/old", "/id/competency/new"),
        ("/competency/old", "/competency/new"),
        ("/competency/old.ttl", "/competency/new.ttl"),
        ("/competency/old.json?lang=es", "/competency/new.json?lang=es"),
        ("/competency/old.jsonld?profile=ctdl", "/competency/new.jsonld?profile=ctdl"),
    ],
)
def test_it_leads_to_the_same_of_what_took_its_place(merged: Merged, address: str, leads: str) -> None:
    for method in (merged.client.get, merged.client.head):
        answer = method(address)
        assert (answer.status_code, answer.headers["Location"]) == (301, leads)
    assert merged.client.get(leads).status_code in (200, 303)


def test_its_own_statements_stay_to_be_read(merged: Merged) -> None:
    client = merged.client
    kept = said(client, "/competency/old.nt?redirect=no")
    types = {one for one in merged.statements if one[0].endswith("#type")}
    hierarchy = {("http://www.w3.org/2004/02/skos/core#broader", f"{ID}area/technology")}
    assert merged.statements - types - hierarchy <= kept
    assert types
    assert not kept & types
    assert {(f"{DCT}isReplacedBy", f"{ID}competency/new"), ("http://www.w3.org/2002/07/owl#deprecated", "true")} <= kept
    page = client.get("/competency/old?redirect=no", headers={"Accept": "text/html"})
    assert "This was merged into" in page.text
    assert f'<{ID}competency/new>; rel="canonical"' in page.headers.getlist("Link")
    assert "/competency/old?redirect=no" in client.get("/competency/new", headers={"Accept": "text/html"}).text
    assert client.get("/competency/old?redirect=yes").status_code == 400
    assert said(client, "/competency/new.nt?redirect=no") == said(client, "/competency/new.nt")


def test_it_is_in_no_list_and_not_suggested_any_more(merged: Merged) -> None:
    assert get_json(merged.client, "/competencies.json")["total"] == merged.counted - 1
    for place, before in merged.lists.items():
        assert NAMED in before, place
        assert NAMED not in merged.client.get(place).text, place
    assert merged.client.get("/gap/museums--old").status_code == 410


def test_what_speaks_of_it_counts_for_what_took_its_place(merged: Merged) -> None:
    """Supply by offerings, demand by roles."""
    old, new = merged.old["archives"], merged.new["archives"]
    assert (old["state"], old["basis"]) == ("thin", "roles")
    assert (new["state"], new["demand"]) == ("no-data", None)
    for sector, gap in gaps_of(merged.client, "new").items():
        for name in ("demand", "basis", "supply", "providers", "state", "score", "evidence"):
            assert gap[name] == merged.old[sector][name], (sector, name)


def test_what_a_merger_would_change_is_told_before(merged: Merged) -> None:
    """The gaps that come to be others, with figures that turn out true; those of `old` end, which is not told."""
    told = {one["iri"].removeprefix(f"{ID}gap/"): one for one in merged.preview["impact"]["gaps"]}
    for sector, gap in gaps_of(merged.client, "new").items():
        after = told[f"{sector}--new"]["after"]
        assert {name: gap[name] for name in after} == after
        assert told[f"{sector}--new"]["before"] == {name: merged.new[sector][name] for name in after}
    assert told.keys() == {f"{sector}--new" for sector in merged.new}


def test_a_yearly_confirmation_names_what_took_its_place(merged: Merged) -> None:
    release = Releases(merged.data).newest()
    assert release is not None
    offered = NamedNode(f"{ID}offering/a-test")
    said = statements(release.dataset(), "tess", [offered], release.as_of)
    taught = {one.object for one in said if one.predicate == NamedNode("https://w3id.org/trivium/ns#teaches")}
    assert taught == {NamedNode(f"{ID}competency/new")}


def test_two_providers_that_became_one_count_once(client: FlaskClient, data: Path) -> None:
    header = "id,name,kind,sources,replaced_by\n"
    row = "{},{},association,https://example.org/p,{}\n"
    both = row.format("p-one", "One", "") + row.format("p-two", "Two", "")
    publish(data, competencies())
    publish(data, Submission("provider.csv", (header + both).encode()))
    for id, provider in (("o-one", "p-one"), ("o-two", "p-two")):
        file = offering(id, competency="new")
        publish(data, Submission(file.name, file.body.replace(b"aaslh", provider.encode())))
    assert (gaps_of(client, "new")["museums"]["providers"], gaps_of(client, "new")["museums"]["supply"]) == (2, 2)
    publish(data, Submission("provider.csv", (header + row.format("p-one", "One", "p-two")).encode()))
    assert (gaps_of(client, "new")["museums"]["providers"], gaps_of(client, "new")["museums"]["supply"]) == (1, 2)


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("old", "", "the competency that stays"),
        ("new", "old", "the competency that stays"),
        ("archivist", "", "by its id"),
    ],
)
def test_a_merger_into_itself_in_a_circle_or_into_nothing_is_refused(
    data: Path, old: str, new: str, column: str
) -> None:
    publish(data, competencies())
    with pytest.raises(InvalidInput, match=column):
        publish(data, competencies(old=old, new=new))


def test_what_was_replaced_cannot_take_a_place_and_what_can_is_suggested(data: Path) -> None:
    publish(data, competencies())
    publish(data, competencies(old="new"))
    third = "third,Third words,Another.,technology,trivium,https://example.org/c,old\n"
    for file in (Submission("competency.csv", (COMPETENCY + third).encode()), offering(competency="old")):
        with pytest.raises(InvalidInput) as refused:
            publish(data, file)
        findings = refused.value.report.findings
        assert [one.suggestion for one in findings if one.value == "old"] == ["new"]


def test_nobody_else_may_say_so(data: Path) -> None:
    publish(data, competencies())
    with pytest.raises(InvalidInput, match="contributed by `tess`"):
        publish(data, competencies(old="new"), terms=Terms("somebody-else"))


def test_a_row_of_mergers_leads_to_its_end_and_410_if_that_is_gone(client: FlaskClient, data: Path) -> None:
    third = "third,Third words,Another.,technology,trivium,https://example.org/c,\n"
    publish(data, competencies())
    publish(data, Submission("competency.csv", (COMPETENCY + third).encode()))
    publish(data, competencies(old="new"))
    publish(data, competencies(old="third", new="third"))
    publish(data, competencies(new="third", old="third"))
    assert client.get("/competency/old.nt").headers["Location"] == "/competency/third.nt"
    withdraw(data, FIRST + 1)
    gone = client.get("/competency/old.nt")
    assert gone.status_code == 410
    assert gone.get_json(force=True)["iri"] == f"{ID}competency/old"


def test_the_log_tells_of_a_merger_as_a_withdrawal_with_what_took_the_place(client: FlaskClient, data: Path) -> None:
    publish(data, competencies())
    before = get_json(client, "/releases.json")["items"][0]["counts"]["competency"]
    publish(data, competencies(old="new"))
    [row] = get_json(client, "/changes.json?kind=competency&change=withdrawn&limit=0")["items"]
    assert (row["said"], row["replaced_by"]["iri"], row["sha256"]) == ("merged into new", f"{ID}competency/new", None)
    assert get_json(client, "/releases.json")["items"][0]["counts"]["competency"] == before - 1
    [item] = [one for one in get_json(client, "/feed.json?kind=competency")["items"] if one["id"].endswith("/old")]
    assert item["_trivium"] == {"withdrawn": True, "replaced_by": f"{ID}competency/new"}
    publish(data, competencies())
    assert get_json(client, "/changes.json?kind=competency")["items"][0]["change"] == "created"
    assert get_json(client, "/releases.json")["items"][0]["counts"]["competency"] == before
    assert client.get("/competency/old.nt").status_code == 200


def test_one_that_was_never_there_is_not_counted_off(client: FlaskClient, data: Path) -> None:
    before = get_json(client, "/releases.json")["items"][0]["counts"]["competency"]
    publish(data, competencies(old="new"))
    assert get_json(client, "/releases.json")["items"][0]["counts"]["competency"] == before + 1
    assert client.get("/competency/old").headers["Location"] == "/competency/new"


def test_curators_are_told_what_still_names_it_and_of_no_other_fault(merged: Merged) -> None:
    new = [one for one in get_json(merged.client, "/checks.json?limit=0")["items"] if one not in merged.faults]
    assert {one["check"] for one in new} == {"deprecated-term-used-violation"}
    assert {one["thing"] for one in new} == {f"{ID}competency/old"}
    assert {one["details"]["subject"].removeprefix(ID) for one in new} == {
        "offering/a-test",
        "requirement/archivist--old",
    }


def test_thesaurus_tools_find_it_deprecated_in_its_scheme(merged: Merged) -> None:
    scheme = merged.client.get("/framework/trivium.nt?profile=skos")
    about = {
        (quad.predicate.value, quad.object)
        for quad in parse(scheme.data, RdfFormat.N_TRIPLES)
        if quad.subject == NamedNode(f"{ID}competency/old")
    }
    assert (f"{DCT}isReplacedBy", NamedNode(f"{ID}competency/new")) in about
    assert ("http://www.w3.org/2004/02/skos/core#prefLabel", Literal("Old words", language="en")) in about


def test_it_is_rebuilt_from_the_journal_as_it_was(data: Path) -> None:
    publish(data, competencies())
    publish(data, competencies(old="new"))
    release = publish(data, offering())
    with Publisher.open(data, anew=True) as publisher:
        assert publisher.rebuild(release.as_of).digest == release.digest
