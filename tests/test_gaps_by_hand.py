"""The second reckoning of gaps is itself tried on cases small enough to work out on paper."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.gaps_by_hand import Row, gaps

TODAY = date(2026, 11, 23)
STARTER = Path(__file__).resolve().parent.parent / "ontology" / "starter"
COLUMNS = {
    "competency": "id broader exact_match",
    "role": "id sectors sub_sectors",
    "requirement": "role competency importance",
    "mapping": "from relation to",
    "provider": "id region country",
    "offering": "id provider sectors mode level free language competencies page_date verified_date",
    "session": "offering start_date end_date mode",
    "survey": "id year respondents",
    "need": "survey sector competency kind measure value unit",
}
Rows = list[dict[str, str]]
KNOWN: dict[str, Rows] = {
    "role": [{"id": "registrar", "sectors": "museums"}],
    "requirement": [{"role": "registrar", "competency": "pests", "importance": "essential"}],
}
"""One role of museums requires `pests`: demand 1 by roles, so that the state depends on the supply alone."""


def write(folder: Path, **tables: Rows) -> Path:
    """A folder of starter files with these rows; cells that are not given are empty."""
    tables.setdefault("competency", [{"id": "pests"}])
    tables.setdefault("provider", [{"id": "ours"}, {"id": "theirs"}])
    for kind, columns in COLUMNS.items():
        with (folder / f"{kind}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns.split(), restval="")
            writer.writeheader()
            writer.writerows(tables.get(kind, []))
    return folder


def course(name: str, **cells: str) -> dict[str, str]:
    """An offering of `ours` that teaches `pests` to anybody and carries no date."""
    return {"id": name, "provider": "ours", "competencies": "pests"} | cells


def figure(value: str, **cells: str) -> dict[str, str]:
    """A share of museums that need training in `pests`, in the survey `new`."""
    plain = {"survey": "new", "sector": "museums", "competency": "pests", "kind": "training-need"}
    return plain | {"measure": f"{value} of them", "value": value, "unit": "percent"} | cells


def pests(folder: Path, sector: str = "museums", as_of: date = TODAY) -> Row:
    """The one gap looked at."""
    return gaps(folder, sector, as_of)["pests"]


@pytest.mark.parametrize(
    ("figures", "demand", "kind"),
    [
        ([figure("40", kind="capacity-gap"), figure("30", kind="confidence-gap")], "0.3", "confidence-gap"),
        ([figure("40", kind="capacity-gap"), figure("10")], "0.1", "training-need"),
        ([figure("90", kind="importance"), figure("80", kind="practice")], None, None),
        ([figure("10"), figure("90", survey="old")], "0.1", "training-need"),
        ([figure("10"), figure("90", survey="undated")], "0.1", "training-need"),
        ([figure("90", survey="undated")], "0.9", "training-need"),
        ([figure("10"), figure("20"), figure("33")], "0.21", "training-need"),
        ([figure("10", survey="new"), figure("50", survey="large")], "0.4", "training-need"),
        (
            [figure("10"), figure("20", measure="again"), figure("50", survey="large")],
            "0.36",
            "training-need",
        ),
        ([figure("10", survey="new"), figure("50", survey="silent")], "0.3", "training-need"),
        ([figure("10", sector="all")], None, None),
        ([figure("10", sector="art-museums")], None, None),
        ([figure("2.5", unit="fte"), figure("40", kind="capacity-gap")], "0.4", "capacity-gap"),
        ([figure("0")], "0", "training-need"),
    ],
)
def test_demand_of_surveys(tmp_path: Path, figures: Rows, demand: str | None, kind: str | None) -> None:
    surveys = [
        {"id": "new", "year": "2020", "respondents": "100"},
        {"id": "large", "year": "2020", "respondents": "300"},
        {"id": "silent", "year": "2020"},
        {"id": "old", "year": "2010", "respondents": "5000"},
        {"id": "undated"},
    ]
    gap = pests(write(tmp_path, need=figures, survey=surveys))
    assert gap.demand == (None if demand is None else Decimal(demand))
    assert (gap.kind, gap.basis) == (kind, "survey" if kind else None)


def test_figures_behind_the_demand_are_kept_apart_from_the_other_figures(tmp_path: Path) -> None:
    figures = [
        figure("10"),
        figure("20", survey="old"),
        figure("30", kind="practice"),
        figure("5", sector="all"),
    ]
    surveys = [{"id": "new", "year": "2020"}, {"id": "old", "year": "2010"}]
    gap = pests(write(tmp_path, need=figures, survey=surveys))
    assert {key[4] for key in gap.needs} == {"10 of them"}
    assert {key[4] for key in gap.other_needs} == {"20 of them", "30 of them"}


ROLES = [
    {"id": "registrar", "sectors": "museums", "sub_sectors": "art-museums"},
    {"id": "curator", "sectors": "museums;libraries"},
    {"id": "guide", "sectors": "museums"},
    {"id": "archivist", "sectors": "archives"},
]


@pytest.mark.parametrize(
    ("required", "sector", "demand", "roles"),
    [
        ([("registrar", "essential"), ("curator", "optional")], "museums", "0.5", {"registrar", "curator"}),
        ([("registrar", "optional"), ("registrar", "essential")], "museums", "0.3333", {"registrar"}),
        ([("registrar", "essential"), ("curator", "essential")], "art-museums", "1", {"registrar"}),
        ([("archivist", "essential")], "museums", None, set()),
        ([("registrar", "essential")], "history-museums", None, set()),
    ],
)
def test_demand_of_roles(
    tmp_path: Path, required: list[tuple[str, str]], sector: str, demand: str | None, roles: set[str]
) -> None:
    rows = [{"role": role, "competency": "pests", "importance": weight} for role, weight in required]
    gap = pests(write(tmp_path, role=ROLES, requirement=rows), sector)
    assert gap.demand == (None if demand is None else Decimal(demand))
    assert gap.kind is None
    assert gap.roles == roles


@pytest.mark.parametrize(
    ("basis", "demand", "said_by"),
    [("any", "0.2", "survey"), ("survey", "0.2", "survey"), ("roles", "1", "roles")],
)
def test_basis_can_be_chosen(tmp_path: Path, basis: str, demand: str, said_by: str) -> None:
    folder = write(tmp_path, **KNOWN, need=[figure("20")], survey=[{"id": "new", "year": "2020"}])
    gap = gaps(folder, "museums", TODAY, basis=basis)["pests"]
    assert (gap.demand, gap.basis) == (Decimal(demand), said_by)


def test_basis_that_is_silent_gives_no_data(tmp_path: Path) -> None:
    gap = gaps(write(tmp_path, **KNOWN), "museums", TODAY, basis="survey")["pests"]
    assert (gap.demand, gap.basis, gap.state, gap.score) == (None, None, "no-data", None)


@pytest.mark.parametrize(
    ("competency", "offerings"),
    [
        ("care", {"of-care", "of-pests", "of-traps", "of-pests-and-traps", "of-keeping"}),
        ("pests", {"of-pests", "of-traps", "of-pests-and-traps"}),
        ("traps", {"of-traps", "of-pests-and-traps"}),
        ("keeping", {"of-keeping", "of-care"}),
        ("moths", {"of-moths", "of-insects"}),
        ("insects", {"of-moths", "of-insects"}),
    ],
)
def test_narrower_and_exactly_matching_competencies_count_once(
    tmp_path: Path, competency: str, offerings: set[str]
) -> None:
    folder = write(
        tmp_path,
        competency=[
            {"id": "care"},
            {"id": "pests", "broader": "care"},
            {"id": "traps"},
            {"id": "keeping"},
            {"id": "moths", "exact_match": "http://data.europa.eu/esco/skill/1"},
            {"id": "insects", "exact_match": "http://data.europa.eu/esco/skill/1"},
        ],
        mapping=[
            {"from": "traps", "relation": "broader", "to": "competency/pests"},
            {
                "from": "keeping",
                "relation": "exact-match",
                "to": "https://w3id.org/trivium/id/competency/care",
            },
            {"from": "insects", "relation": "related", "to": "pests"},
            {"from": "insects", "relation": "close-match", "to": "care"},
        ],
        offering=[
            *(
                course(f"of-{name}", competencies=name)
                for name in ["care", "pests", "traps", "keeping", "moths", "insects"]
            ),
            course("of-pests-and-traps", competencies="pests;traps"),
        ],
    )
    assert gaps(folder, "museums", TODAY)[competency].offerings == offerings


@pytest.mark.parametrize(
    ("addressed", "sector", "is_open"),
    [
        ("", "museums", True),
        ("libraries;museums", "museums", True),
        ("libraries", "museums", False),
        ("museums", "art-museums", True),
        ("art-museums", "art-museums", True),
        ("art-museums", "museums", False),
        ("history-museums", "art-museums", False),
    ],
)
def test_offerings_are_open_to_those_they_address(tmp_path: Path, addressed: str, sector: str, is_open: bool) -> None:
    gap = pests(write(tmp_path, offering=[course("one", sectors=addressed)]), sector)
    assert gap.supply == int(is_open)
    assert gap.elsewhere == (set() if is_open else {"one"})
    assert gap.elsewhere_in == (set() if is_open else set(addressed.split(";")))


@pytest.mark.parametrize(
    ("dates", "as_of", "is_current"),
    [
        ({}, TODAY, True),
        ({"page_date": "2023-11-23"}, TODAY, False),
        ({"page_date": "2023-11-24"}, TODAY, True),
        ({"page_date": "2023-11"}, TODAY, True),
        ({"page_date": "2023-10"}, TODAY, False),
        ({"page_date": "2023"}, TODAY, True),
        ({"page_date": "2022"}, TODAY, False),
        ({"page_date": "2019", "verified_date": "2025-01-01"}, TODAY, True),
        ({"start_date": "2023-11-20", "end_date": "2023-11-24"}, TODAY, True),
        ({"start_date": "2023-11-20"}, TODAY, False),
        ({"start_date": "2020", "page_date": "2024"}, TODAY, True),
        ({"page_date": "2021-02-28"}, date(2024, 2, 29), False),
        ({"page_date": "2021-03-01"}, date(2024, 2, 29), True),
        ({"page_date": "2023-12"}, date(2026, 12, 31), False),
    ],
)
def test_offering_is_current_for_36_months(
    tmp_path: Path, dates: dict[str, str], as_of: date, is_current: bool
) -> None:
    run = {name: dates[name] for name in ("start_date", "end_date") if name in dates}
    page = {name: dates[name] for name in ("page_date", "verified_date") if name in dates}
    folder = write(tmp_path, offering=[course("one", **page)], session=[{"offering": "one"} | run] if run else [])
    gap = pests(folder, as_of=as_of)
    assert gap.offerings == ({"one"} if is_current else set())
    assert gap.stale == (set() if is_current else {"one"})


OLD = {"page_date": "2001"}


@pytest.mark.parametrize(
    ("offerings", "state", "supply", "score"),
    [
        ([], "missing", 0, "1"),
        ([course("a", **OLD)], "stale", 0, "1"),
        ([course("a", **OLD, sectors="libraries")], "stale", 0, "1"),
        ([course("a", **OLD), course("b", sectors="libraries")], "transferable", 0, "1"),
        ([course("a"), course("b")], "thin", 2, "0.3333"),
        ([course("a"), course("b", provider="theirs", sectors="libraries")], "thin", 1, "0.5"),
        ([course("a"), course("b", provider="theirs")], "covered", 2, "0.3333"),
        ([course(name, provider=name) for name in ("ours", "theirs")] * 3, "covered", 6, "0.1429"),
    ],
)
def test_state_and_score(tmp_path: Path, offerings: Rows, state: str, supply: int, score: str) -> None:
    gap = pests(write(tmp_path, **KNOWN, offering=offerings))
    assert (gap.state, gap.supply, gap.score) == (state, supply, Decimal(score))


def test_four_decimals_are_rounded_half_up_from_the_exact_value(tmp_path: Path) -> None:
    """0.00025 / 2 is 0.000125, so 0.0001; rounding the share first to 0.0003 would have given 0.0002."""
    folder = write(tmp_path, need=[figure("0.025")], survey=[{"id": "new", "year": "2020"}], offering=[course("a")])
    gap = pests(folder)
    assert (gap.demand, gap.score) == (Decimal("0.0003"), Decimal("0.0001"))


@pytest.mark.parametrize(
    ("asked", "offerings"),
    [
        ({}, {"full", "run", "bare", "soon"}),
        ({"level": "entry"}, {"full"}),
        ({"mode": "hybrid"}, {"full"}),
        ({"mode": "online-live"}, {"run"}),
        ({"region": "uTAH"}, {"full"}),
        ({"region": "us"}, {"full"}),
        ({"language": "es"}, {"full"}),
        ({"free": True}, {"full"}),
        ({"free": False}, {"run"}),
        ({"upcoming": True}, {"soon", "run"}),
        ({"upcoming": True, "mode": "online-live"}, {"run"}),
        ({"level": "entry", "mode": "online-live"}, set()),
    ],
)
def test_filter_narrows_the_supply_and_never_the_demand(
    tmp_path: Path, asked: dict[str, str | bool], offerings: set[str]
) -> None:
    folder = write(
        tmp_path,
        **KNOWN,
        provider=[{"id": "ours"}, {"id": "theirs", "region": "Utah", "country": "US"}],
        offering=[
            course("full", provider="theirs", level="entry", mode="hybrid", language="en;es", free="true"),
            course("run", free="false"),
            course("bare"),
            course("soon"),
        ],
        session=[
            {"offering": "full", "start_date": "2026-11-22", "end_date": "2026-12-01"},
            {"offering": "run", "start_date": "2020-01-01"},
            {"offering": "run", "start_date": "2026-11", "mode": "online-live"},
            {"offering": "soon", "start_date": "2026-11-23"},
        ],
    )
    gap = gaps(folder, "museums", TODAY, **asked)["pests"]  # type: ignore[arg-type]
    assert gap.offerings == offerings
    assert gap.demand == Decimal(1)


def test_filter_narrows_what_is_stale_and_elsewhere_too(tmp_path: Path) -> None:
    offerings = [course("a", **OLD), course("b", sectors="libraries"), course("c", **OLD, level="entry")]
    gap = gaps(write(tmp_path, **KNOWN, offering=offerings), "museums", TODAY, level="entry")["pests"]
    assert gap.stale == {"c"}
    assert not gap.elsewhere
    assert gap.state == "stale"


@pytest.mark.parametrize("asked", [{"sector": "museum"}, {"sector": "all"}, {"sector": "museums", "basis": "role"}])
def test_names_that_do_not_exist_are_refused(tmp_path: Path, asked: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"^no "):
        gaps(write(tmp_path), as_of=TODAY, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sector", "competency", "demand", "kind"),
    [
        ("museums", "disaster-planning-and-response", "0.15", "training-need"),
        ("archives", "digital-curation", "0.49", "confidence-gap"),
        ("libraries", "emerging-technologies-and-ai", "0.4885", "confidence-gap"),
    ],
)
def test_figures_of_the_starter_data(sector: str, competency: str, demand: str, kind: str) -> None:
    gap = gaps(STARTER, sector, TODAY)[competency]
    assert (gap.demand, gap.kind) == (Decimal(demand), kind)
