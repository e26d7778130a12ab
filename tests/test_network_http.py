"""`/network` over HTTP: the pages and their figures, and the graphs as other programs read them."""

import csv
import io
import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from fractions import Fraction
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from flask.testing import FlaskClient

from graph.parsing import Submission
from graph.publication import Publisher, Terms
from graph.resources import ONTOLOGY
from service import create_app
from service.network_map import LARGE, SMALL, Dot, Label, corner_figure, labels_of, network_figure
from service.release_view import CurrentRelease
from service.settings import Settings

ID = "https://w3id.org/trivium/id/"
PAGES = ("/network", "/network/roles", "/network/competencies", "/network/bridges")
GRAPHS = ("graphml", "gexf", "jgf")
BROWSER = {"Accept": "text/html"}
WEIGHTS = {"essential": Fraction(1), "optional": Fraction(1, 2)}
DAY = date(2026, 11, 23)
PROVIDER = "id,name,kind,country,sectors,sources\na-school,A school,university,US,museums,https://example.org/school\n"
ROLE = "id,label_en,definition_en,sectors,sources\na-role,A role,Tries things out.,museums,https://example.org/role\n"
REQUIREMENT = "role,competency,importance,source\na-role,selection-and-appraisal,essential,https://example.org/role\n"


def asked(client: FlaskClient, path: str) -> dict[str, Any]:
    response = client.get(path)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = json.loads(response.data)
    return found


def table(client: FlaskClient, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(path).text)))


def starter(name: str) -> list[dict[str, str]]:
    with (ONTOLOGY / "starter" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def required() -> dict[str, dict[str, Fraction]]:
    """What the files that people filled in say that each role requires."""
    found: dict[str, dict[str, Fraction]] = {}
    for row in starter("requirement"):
        found.setdefault(row["role"], {})[row["competency"]] = WEIGHTS[row["importance"]]
    return found


def read(client: FlaskClient, path: str, suffix: str) -> "nx.Graph[str]":
    """The graph of a page, as a program reads it from a file of this format."""
    data = client.get(f"{path}.{suffix}").data
    if suffix == "graphml":
        return nx.read_graphml(io.BytesIO(data))
    if suffix == "gexf":
        return nx.read_gexf(io.BytesIO(data), version="1.3")
    graph = json.loads(data)["graph"]
    found: nx.Graph[str] = nx.Graph()
    for iri, node in graph["nodes"].items():
        found.add_node(iri, label=node["label"], **node["metadata"])
    for edge in graph["edges"]:
        found.add_edge(edge["source"], edge["target"], relation=edge["relation"], **edge["metadata"])
    return found


def plain(graph: "nx.Graph[str]") -> tuple[dict[str, Any], dict[frozenset[str], Any]]:
    """The nodes and edges of a graph, without what a format adds of its own."""
    own = ("viz", "id")
    nodes = {
        iri: {name: value for name, value in node.items() if name not in own} for iri, node in graph.nodes(data=True)
    }
    edges = {
        frozenset((a, b)): {n: v for n, v in edge.items() if n not in own} for a, b, edge in graph.edges(data=True)
    }
    return nodes, edges


@pytest.mark.parametrize("path", PAGES)
def test_every_format_is_the_same_graph(client: FlaskClient, path: str) -> None:
    graphml, gexf, jgf = (plain(read(client, path, suffix)) for suffix in GRAPHS)
    assert graphml == gexf == jgf
    assert min(len(part) for part in jgf) > 3


@pytest.mark.parametrize("path", PAGES)
def test_jgf_keeps_the_rules_of_its_schema(client: FlaskClient, path: str) -> None:
    """Version 2: `graph` alone at the top, nodes an object by identifier, nothing that the schema does not name."""
    response = client.get(f"{path}.jgf")
    assert response.content_type == "application/vnd.jgf+json"
    document = json.loads(response.data)
    graph = document.pop("graph")
    assert not document
    kinds = {"id": str, "label": str, "directed": bool, "type": str, "metadata": dict, "nodes": dict, "edges": list}
    assert all(isinstance(value, kinds[name]) for name, value in graph.items())
    assert graph["directed"] is False  # the default is true
    for node in graph["nodes"].values():
        assert node.keys() <= {"label", "metadata"}
        assert isinstance(node["label"], str)
        assert isinstance(node["metadata"], dict)
    texts = ("id", "source", "target", "relation", "label")
    for edge in graph["edges"]:
        assert edge.keys() <= {*texts, "directed", "metadata"}
        assert {"source", "target"} <= edge.keys()
        assert all(isinstance(edge[name], str) for name in texts if name in edge)
        assert edge["directed"] is False
        assert {edge["source"], edge["target"]} <= graph["nodes"].keys()
    assert graph["metadata"]["release"] == 1
    assert graph["metadata"]["as_of"] == "2026-11-23"
    assert graph["metadata"]["license"].startswith("https://creativecommons.org/")


def test_files_say_what_they_are_of_and_no_other_day(client: FlaskClient) -> None:
    assert read(client, "/network/roles", "graphml").graph["release"] == 1
    gexf = client.get("/network/roles.gexf").text
    assert 'lastmodifieddate="2026-11-23"' in gexf
    assert "release: 1; as_of: 2026-11-23" in gexf
    position = read(client, "/network/roles", "gexf").nodes[ID + "role/archivist"]["viz"]["position"]
    assert {type(position[axis]) for axis in "xyz"} == {float}


def test_the_graph_holds_every_requirement_and_every_sector(
    client: FlaskClient, required: dict[str, dict[str, Fraction]]
) -> None:
    _, edges = plain(read(client, "/network", "graphml"))
    found = {ends: edge["weight"] for ends, edge in edges.items() if edge["relation"] == "requires"}
    stated = {(role, name): weight for role, profile in required.items() for name, weight in profile.items()}
    assert found == {frozenset((f"{ID}role/{a}", f"{ID}competency/{b}")): float(w) for (a, b), w in stated.items()}
    practised = {(row["id"], sector) for row in starter("role") for sector in row["sectors"].split(";")}
    among = {ends for ends, edge in edges.items() if edge["relation"] == "practised in"}
    assert among == {frozenset((f"{ID}role/{a}", f"{ID}sector/{b}")) for a, b in practised}


def test_roles_are_as_alike_as_the_formula_says(client: FlaskClient, required: dict[str, dict[str, Fraction]]) -> None:
    _, edges = plain(read(client, "/network/roles", "jgf"))
    expected = {}
    for one, other in combinations(required, 2):
        a, b = required[one], required[other]
        names = a.keys() | b.keys()
        least = sum(min(a.get(name, Fraction(0)), b.get(name, Fraction(0))) for name in names)
        most = sum(max(a.get(name, Fraction(0)), b.get(name, Fraction(0))) for name in names)
        if least:
            expected[frozenset((f"{ID}role/{one}", f"{ID}role/{other}"))] = float(least / most)
    assert {ends: edge["weight"] for ends, edge in edges.items()} == pytest.approx(expected, abs=5.1e-5)


@pytest.mark.parametrize(("path", "kind"), [("/network/roles", "role"), ("/network/competencies", "competency")])
def test_json_table_and_graph_tell_the_same(client: FlaskClient, path: str, kind: str) -> None:
    found, rows = asked(client, f"{path}.json?limit=0"), table(client, f"{path}.csv?limit=0")
    nodes, edges = plain(read(client, path, "graphml"))
    assert [one[kind]["iri"] for one in found["items"]] == [row[f"{kind}_iri"] for row in rows]
    assert {one[kind]["iri"] for one in found["items"]} == set(nodes)
    for one, row in zip(found["items"], rows, strict=True):
        node = nodes[one[kind]["iri"]]
        assert one[kind]["label"] == row[f"{kind}_label"] == node["label"]
        for name in ("community", "degree", "strength", "betweenness", "pagerank"):
            assert one[name] == float(row[name]) == node[name]
        for near in one["nearest"]:
            assert edges[frozenset((one[kind]["iri"], near["iri"]))]["weight"] == near["similarity"]
        own = [edge["weight"] for ends, edge in edges.items() if one[kind]["iri"] in ends]
        assert [near["similarity"] for near in one["nearest"]] == sorted(own, reverse=True)[:3]
    members = Counter(member["iri"] for community in found["communities"] for member in community["members"])
    assert members == Counter(nodes.keys())


@pytest.mark.parametrize("by", ["pagerank", "betweenness", "strength", "degree"])
def test_a_list_is_in_the_order_asked_for_and_ties_share_a_rank(client: FlaskClient, by: str) -> None:
    items = asked(client, f"/network/roles.json?by={by}&limit=0")["items"]
    values = [one[by] for one in items]
    assert values == sorted(values, reverse=True)
    assert [one["rank"] for one in items] == [values.index(value) + 1 for value in values]
    assert client.get("/network/roles.json?by=fame").status_code == 400


def test_roles_across_sectors_share_no_sector(client: FlaskClient, required: dict[str, dict[str, Fraction]]) -> None:
    across = asked(client, "/network/roles.json")["across"]
    sectors = {row["id"]: set(row["sectors"].split(";")) for row in starter("role")}
    assert len(across) == 12
    for pair in across:
        one, other = (role["iri"].removeprefix(ID + "role/") for role in pair["roles"])
        assert not sectors[one] & sectors[other]
        both = {f"{ID}competency/{name}" for name in required[one].keys() & required[other].keys()}
        assert {competency["iri"] for competency in pair["shared"]} == both


def test_bridges_are_in_order_and_name_the_need_of_each_sector(client: FlaskClient) -> None:
    found = asked(client, "/network/bridges.json?limit=0")
    values = [one["bridging"] for one in found["items"]]
    assert values == sorted(values, reverse=True)
    assert all(0 <= value <= 1 for value in values)
    by_roles = asked(client, "/gaps.json?basis=roles&limit=0")["items"]
    demand = {(gap["competency"]["iri"], gap["sector"]["iri"]): gap["demand"] for gap in by_roles}
    told = {(one["competency"]["iri"], s["iri"]): s["need"] for one in found["items"] for s in one["sectors"]}
    assert told == {key: value for key, value in demand.items() if value}
    rows = table(client, "/network/bridges.csv?limit=0")
    assert [float(row["bridging"]) for row in rows] == values
    assert {row["archives_need"] for row in rows} > {""}


def test_sectors_are_compared_by_their_needs(client: FlaskClient) -> None:
    found = asked(client, "/network.json")
    sizes = {name: found[name] for name in ("roles", "competencies", "requirements", "unjoined")}
    assert sizes == {
        "roles": len(starter("role")),
        "competencies": len(starter("competency")),
        "requirements": len(starter("requirement")),
        "unjoined": 0,
    }
    rows = table(client, "/network.csv")
    assert [float(row["similarity"]) for row in rows] == [one["similarity"] for one in found["items"]]
    assert [int(row["shared"]) for row in rows] == [one["shared"] for one in found["items"]]
    assert found["total"] == len(rows) == 3


class Drawn(HTMLParser):
    """What a figure consists of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.svg: dict[str, str | None] = {}
        self.texts = 0
        self._inside = False
        self.feed(page[page.index('<figure class="network') : page.index("</figure>")])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "svg":
            self.svg = found
        elif tag == "a":
            self.links.append(found["href"] or "")
        self.texts += tag == "text"


@pytest.mark.parametrize(("path", "dots"), [*zip(PAGES, (3, 69, 130, 130), strict=True)])
def test_a_figure_has_a_name_and_its_table_the_same_things(client: FlaskClient, path: str, dots: int) -> None:
    page = client.get(f"{path}?limit=0", headers=BROWSER).text
    drawn = Drawn(page)
    assert drawn.svg["role"] == "img"
    for part in (drawn.svg["aria-labelledby"] or "").split():
        assert re.search(rf'<(title|desc) id="{part}">[^<]{{10,}}', page)
    assert len(set(drawn.links)) == dots
    tables = page[page.index("</figure>") :]
    assert all(f'href="{link}"' in tables for link in drawn.links)
    assert "What these figures do not mean" in page
    assert page.count("<table") == page.count("<caption")
    assert " style=" not in page


def test_pages_speak_the_language_asked_for(client: FlaskClient) -> None:
    assert "Archivista" in client.get("/network/roles?lang=es", headers=BROWSER).text
    assert read(client, "/network/roles", "graphml").nodes[ID + "role/archivist"]["label"] == "Archivist"
    spanish = nx.read_graphml(io.BytesIO(client.get("/network/roles.graphml?lang=es").data))
    assert spanish.nodes[ID + "role/archivist"]["label"] == "Archivista"


def test_the_page_of_a_role_names_the_nearest_elsewhere(client: FlaskClient) -> None:
    page = client.get("/role/archivist", headers=BROWSER).text
    section = page[page.index("Nearest roles in other sectors") :]
    named = re.findall(r'<th scope="row"><a href="/role/([^"]+)"', section)
    sectors = {row["id"]: set(row["sectors"].split(";")) for row in starter("role")}
    assert len(named) == 5
    assert all(sectors[role] - sectors["archivist"] for role in named)
    everywhere = next(role for role, where in sectors.items() if len(where) == 3)
    assert "Nearest roles" not in client.get(f"/role/{everywhere}", headers=BROWSER).text
    assert "Nearest roles" not in client.get("/competency/outreach", headers=BROWSER).text


@pytest.mark.parametrize("path", PAGES)
def test_answers_are_kept_for_a_release(client: FlaskClient, path: str) -> None:
    tag = client.get(f"{path}.graphml").headers["ETag"]
    assert client.get(f"{path}.graphml", headers={"If-None-Match": tag}).status_code == 304


def test_a_release_is_analysed_once_and_a_newer_one_anew(data: Path) -> None:
    current = CurrentRelease(Settings(data=data, look_seconds=0))
    view = current.view()
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: view.network, range(4)))
    assert len({id(one) for one in found}) == 1
    with Publisher.open(data) as publisher:
        files = [Submission("role.csv", ROLE.encode()), Submission("requirement.csv", REQUIREMENT.encode())]
        publisher.contribute(files, Terms("a-school"), DAY)
    newer = current.view()
    assert newer.release.number == view.release.number + 1
    assert len(newer.network.roles.profiles) == len(view.network.roles.profiles) + 1
    assert view.network is found[0]
    assert newer.requirements != view.requirements


@pytest.fixture(scope="module")
def without_roles(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    data = tmp_path_factory.mktemp("empty")
    with Publisher.open(data) as publisher:
        publisher.contribute([Submission("provider.csv", PROVIDER.encode())], Terms("a-school"), DAY)
    return create_app(Settings(data=data)).test_client()


@pytest.mark.parametrize("path", PAGES)
def test_a_graph_without_roles_has_a_network_of_nothing(without_roles: FlaskClient, path: str) -> None:
    for suffix in ("html", "json", "csv", *GRAPHS):
        assert without_roles.get(f"{path}.{suffix}").status_code == 200, suffix
    assert asked(without_roles, "/network/roles.json")["total"] == 0


def test_dots_lie_apart_and_labels_on_nothing() -> None:
    dots = [
        Dot(
            str(at),
            x=at % 7 / 7,
            y=at % 5 / 5,
            size=8 + at % 4,
            label=f"Label {at}",
            note="",
            href="",
            parts=(("a", 1.0),),
        )
        for at in range(60)
    ]
    figure = network_figure(dots, {}, 700)
    for one, other in combinations(figure.dots, 2):
        assert (one.x - other.x) ** 2 + (one.y - other.y) ** 2 >= (one.size + other.size) ** 2 - 1e-6
    assert all(one.size <= one.x <= 1000 - one.size and one.size <= one.y <= 700 - one.size for one in figure.dots)
    wide = [box(one, SMALL) for one in figure.labels]
    narrow = [box(one, LARGE) for one in figure.labels if not one.minor]
    assert 0 < len(narrow) < len(wide)
    for boxes in (wide, narrow):
        assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for a, b in combinations(boxes, 2))


def box(label: Label, size: float) -> tuple[float, float, float, float]:
    """The room that a label takes, a letter being half as wide as it is high."""
    width = size / 2 * len(label.text)
    left = label.x - {"start": 0.0, "middle": width / 2, "end": width}[label.anchor]
    return left, label.y - size / 2, left + width, label.y + size / 2


def test_what_one_corner_has_alone_stands_at_it_and_what_all_share_in_the_middle() -> None:
    def dot(key: str, *parts: tuple[str, float]) -> Dot:
        return Dot(key, 0, 0, 5, key, "", "", parts)

    dots = [dot("own", ("b", 1.0)), dot("all", ("a", 1 / 3), ("b", 1 / 3), ("c", 1 / 3))]
    figure = corner_figure(dots, {"a": "A", "b": "B", "c": "C"})
    own, shared = figure.dots
    assert [own.x, own.y] == pytest.approx([*figure.lines[1].start])
    assert shared.x == pytest.approx(sum(line.start[0] for line in figure.lines) / 3)
    assert shared.y == pytest.approx(sum(line.start[1] for line in figure.lines) / 3)
    assert (len(own.slices), len(shared.slices)) == (0, 3)
    assert labels_of([], 100) == []
