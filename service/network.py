"""`/network` and the pages below it: how roles, competencies and sectors hang together (`graph/network.py`).

The graph formats (GraphML, GEXF, JGF) hold the whole graph of a page, whatever `limit` says of its list.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from graph.field import slug
from graph.network import Bridge, Network, Projection
from graph.network_files import GraphFile, written
from graph.parameters import Parameter
from graph.similarity import Alike, Pair, ranks, shared
from service.network_figures import WIDEST, bridges_figure, competencies_figure, roles_figure, sectors_figure
from service.network_files import SUFFIXES, bridges_graph, projection_graph, whole_graph
from service.operation import Asked, answers
from service.parameters import LANG, LIMIT, OFFSET
from service.representations import bytes_answer, csv_answer, linked, listing, next_address, page, window
from service.rows import named, pair, rounded

blueprint = Blueprint("network", __name__)

TAG: Final = "Network"
FORMATS: Final = ("html", "json", "csv", *SUFFIXES)
LIST: Final = (LANG, LIMIT, OFFSET)
MEASURES: Final = ("pagerank", "betweenness", "strength", "degree")
BY: Final = Parameter(
    "by", "enumeration", "The measure that the list is in order of.", default="pagerank", enumeration=MEASURES
)
NEAREST: Final = 3
ACROSS: Final = 12


@answers(blueprint, "/network", "How the sectors, roles and competencies hang together", FORMATS, LIST, TAG)
def show_network(asked: Asked) -> Response:
    """How alike the sectors are, and where the figures of the network are."""
    network = asked.view.network
    found = sorted(network.sectors.items(), key=lambda item: (-item[1], item[0][0].value, item[0][1].value))
    shown = window(asked, found)
    following = {"next": next_address(asked, len(found))}
    match asked.representation:
        case "json":
            items = [_sector_pair(asked, network, one, like) for one, like in shown]
            return listing(asked, items, len(found), **_sizes(network))
        case "csv":
            columns = ["sector_iri", "sector_label", "other_iri", "other_label", "similarity", "shared"]
            rows = (
                [*pair(asked, a), *pair(asked, b), rounded(like), _common(network, (a, b))] for (a, b), like in shown
            )
            return linked(csv_answer(columns, rows), following)
        case "html":
            sizes, figure = _sizes(network), sectors_figure(asked)
            content = page("network.html", asked, network=network, pairs=found, sizes=sizes, figure=figure)
            return linked(content, following)
    return _file(asked, whole_graph(asked))


@answers(blueprint, "/network/roles", "Roles by the competencies that they share", FORMATS, (BY, *LIST), TAG)
def show_roles(asked: Asked) -> Response:
    """How alike roles are, where each stands, and the most alike of roles that have no sector in common."""
    network = asked.view.network
    across = _across(network)
    match asked.representation:
        case "json":
            pairs = [_role_pair(asked, network, one) for one in across]
            return _projected(asked, network.roles, "role", across=pairs)
        case "html":
            figure = roles_figure(asked)
            return _projected_page(asked, network.roles, "network_roles.html", figure=figure, across=across)
        case "csv":
            return _projected_table(asked, network.roles, "role")
    return _file(asked, projection_graph(asked, network.roles, "role", "Roles by shared competencies"))


@answers(blueprint, "/network/competencies", "Competencies by the roles that share them", FORMATS, (BY, *LIST), TAG)
def show_competencies(asked: Asked) -> Response:
    """Which competencies are required together, where each stands, and the communities that they form."""
    projection = asked.view.network.competencies
    match asked.representation:
        case "json":
            return _projected(asked, projection, "competency")
        case "html":
            figure = competencies_figure(asked)
            return _projected_page(asked, projection, "network_competencies.html", figure=figure)
        case "csv":
            return _projected_table(asked, projection, "competency")
    return _file(asked, projection_graph(asked, projection, "competency", "Competencies by shared roles"))


@answers(blueprint, "/network/bridges", "Competencies that bridge the sectors", FORMATS, LIST, TAG)
def show_bridges(asked: Asked) -> Response:
    """The competencies over which roles of different sectors are joined, the widest bridges first."""
    network = asked.view.network
    ranked = list(zip(ranks([one.bridging for one in network.bridges]), network.bridges, strict=True))
    shown = window(asked, ranked)
    following = {"next": next_address(asked, len(ranked))}
    match asked.representation:
        case "json":
            items = [
                {
                    "rank": rank,
                    "competency": named(asked, one.competency),
                    "bridging": one.bridging,
                    "roles": one.roles,
                    "sectors": [{**named(asked, sector), "need": rounded(n)} for sector, n in one.needs.items()],
                }
                for rank, one in shown
            ]
            return listing(asked, items, len(ranked), pairs_across=network.across)
        case "csv":
            return linked(_bridge_table(asked, shown), following)
        case "html":
            figure, widest = bridges_figure(asked), network.bridges[:WIDEST]
            content = page("network_bridges.html", asked, network=network, shown=shown, figure=figure, widest=widest)
            return linked(content, following)
    return _file(asked, bridges_graph(asked))


def _file(asked: Asked, graph: GraphFile) -> Response:
    return linked(bytes_answer(written(graph, asked.representation), asked.representation), {})


def _sizes(network: Network) -> dict[str, int]:
    roles, competencies = network.roles, network.competencies
    return {
        "roles": len(roles.profiles),
        "competencies": len(competencies.profiles),
        "requirements": sum(map(len, roles.profiles.values())),
        "pairs_across": network.across,
        "unjoined": len(network.unjoined),
    }


def _common(network: Network, one: Pair) -> int:
    return len(shared(*(network.needs[sector] for sector in one)))


def _sector_pair(asked: Asked, network: Network, one: Pair, like: Fraction) -> dict[str, Any]:
    from_, to = one
    return {
        "sector": named(asked, from_),
        "other": named(asked, to),
        "similarity": rounded(like),
        "shared": _common(network, one),
    }


def _across(network: Network) -> list[tuple[Pair, Fraction]]:
    """The most alike pairs of roles that have no sector in common."""
    where = network.role_sectors
    pairs = [(one, like) for one, like in network.roles.pairs.items() if where[one[0]] and where[one[1]]]
    apart = [(one, like) for one, like in pairs if not where[one[0]] & where[one[1]]]
    return sorted(apart, key=lambda item: (-item[1], item[0][0].value, item[0][1].value))[:ACROSS]


def _role_pair(asked: Asked, network: Network, found: tuple[Pair, Fraction]) -> dict[str, Any]:
    one, like = found
    both = shared(*(network.roles.profiles[role] for role in one))
    roles = [
        {**named(asked, role), "sectors": [named(asked, s) for s in sorted(network.role_sectors[role], key=str)]}
        for role in one
    ]
    return {"roles": roles, "similarity": rounded(like), "shared": [named(asked, competency) for competency in both]}


def _ordered(asked: Asked, projection: Projection) -> list[tuple[int, NamedNode]]:
    """The things of a projection by the measure asked for, each with its rank; equal ones by label."""
    by = asked.text("by") or MEASURES[0]
    found = [(getattr(standing, by), iri) for iri, standing in projection.standings.items()]
    found.sort(key=lambda one: (-one[0], asked.label(one[1]).casefold(), one[1].value))
    return list(zip(ranks([value for value, _ in found]), (iri for _, iri in found), strict=True))


def _nearest(projection: Projection, shown: Sequence[NamedNode]) -> dict[NamedNode, list[Alike]]:
    """The things most like each of those shown."""
    found: dict[NamedNode, list[tuple[Fraction, NamedNode]]] = {iri: [] for iri in shown}
    for (one, other), like in projection.pairs.items():
        for iri, near in ((one, other), (other, one)):
            if iri in found:
                found[iri].append((like, near))
    return {
        iri: [
            Alike(near, like, shared(projection.profiles[iri], projection.profiles[near]))
            for like, near in sorted(near_by, key=lambda one: (-one[0], one[1].value))[:NEAREST]
        ]
        for iri, near_by in found.items()
    }


def _projected(asked: Asked, projection: Projection, kind: str, **more: Any) -> Response:
    ordered = _ordered(asked, projection)
    shown = window(asked, ordered)
    nearest = _nearest(projection, [iri for _, iri in shown])
    communities = [
        {"community": number, "members": [named(asked, iri) for iri in members]}
        for number, members in enumerate(projection.communities, 1)
    ]
    items = [_member(asked, projection, kind, rank, iri, nearest[iri]) for rank, iri in shown]
    whole = {"modularity": projection.modularity, "agreement": projection.agreement, "communities": communities}
    return listing(asked, items, len(ordered), **whole, **more)


def _member(
    asked: Asked, projection: Projection, kind: str, rank: int, iri: NamedNode, nearest: Sequence[Alike]
) -> dict[str, Any]:
    standing = projection.standings[iri]
    sectors = sorted(asked.view.network.role_sectors.get(iri, ()), key=str)
    return {
        "rank": rank,
        kind: named(asked, iri),
        **({"sectors": [named(asked, sector) for sector in sectors]} if kind == "role" else {}),
        "community": standing.community + 1,
        "degree": standing.degree,
        "strength": rounded(standing.strength),
        "betweenness": standing.betweenness,
        "pagerank": standing.pagerank,
        "nearest": [
            {**named(asked, one.iri), "similarity": rounded(one.similarity), "shared": len(one.shared)}
            for one in nearest
        ],
    }


def _projected_table(asked: Asked, projection: Projection, kind: str) -> Response:
    ordered = _ordered(asked, projection)
    columns = [f"{kind}_iri", f"{kind}_label", "rank", "community", "degree", "strength", "betweenness", "pagerank"]
    rows = []
    for rank, iri in window(asked, ordered):
        one = projection.standings[iri]
        measures = [one.degree, rounded(one.strength), one.betweenness, one.pagerank]
        rows.append([*pair(asked, iri), rank, one.community + 1, *measures])
    return linked(csv_answer(columns, rows), {"next": next_address(asked, len(ordered))})


def _projected_page(asked: Asked, projection: Projection, template: str, **more: Any) -> Response:
    ordered = _ordered(asked, projection)
    shown = window(asked, ordered)
    content = page(
        template,
        asked,
        (BY,),
        network=asked.view.network,
        projection=projection,
        shown=shown,
        total=len(ordered),
        nearest=_nearest(projection, [iri for _, iri in shown]),
        communities=[_leading(projection, members) for members in projection.communities],
        shared=shared,
        **more,
    )
    return linked(content, {"next": next_address(asked, len(ordered))})


def _leading(projection: Projection, members: Sequence[NamedNode]) -> list[NamedNode]:
    """The members of a community, the most central first."""
    return sorted(members, key=lambda iri: (-projection.standings[iri].pagerank, iri.value))


def _bridge_table(asked: Asked, shown: Sequence[tuple[int, Bridge]]) -> Response:
    sectors = list(asked.view.network.needs)
    columns = ["competency_iri", "competency_label", "rank", "bridging", "roles"]
    columns += [f"{slug(sector)}_need" for sector in sectors]
    rows = (
        [
            *pair(asked, one.competency),
            rank,
            one.bridging,
            one.roles,
            *("" if sector not in one.needs else rounded(one.needs[sector]) for sector in sectors),
        ]
        for rank, one in shown
    )
    return csv_answer(columns, rows)
