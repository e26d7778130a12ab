"""Every gap worked out a second time, by hand: from the starter CSVs, sharing no code with Trivium.

It follows the definition of a gap clause by clause, so that a mistake in the service and a mistake here are
unlikely to be the same mistake. Where the definition is silent, the reading taken is stated on the spot.
"""

import csv
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from pathlib import Path

Cells = dict[str, str]
Tables = dict[str, list[Cells]]
NeedKey = tuple[str, str, str, str, str]
"""Survey, sector, competency, kind and measure: the cells that make a figure one of its kind."""

OWN_COMPETENCY = "https://w3id.org/trivium/id/competency/"
KINDS = ("competency", "role", "requirement", "mapping", "provider", "offering", "session", "survey", "need")
CURRENT_FOR_MONTHS = 36
DEMAND_KINDS = ("training-need", "confidence-gap", "capacity-gap")
WEIGHTS = {"essential": Fraction(1), "optional": Fraction(1, 2)}
SUB_SECTORS = {
    "archives": [
        "government-archives",
        "corporate-archives",
        "university-archives",
        "community-archives",
        "religious-archives",
        "audiovisual-archives",
        "literary-and-manuscript-archives",
    ],
    "libraries": [
        "academic-libraries",
        "public-libraries",
        "school-libraries",
        "special-libraries",
        "national-libraries",
        "rare-book-and-special-collections-libraries",
    ],
    "museums": [
        "art-museums",
        "history-museums",
        "science-and-technology-museums",
        "natural-history-museums",
        "anthropology-museums",
        "childrens-museums",
        "historic-houses-and-sites",
        "local-historical-societies",
        "living-collections",
    ],
}
PARENTS = {narrower: sector for sector, list_of in SUB_SECTORS.items() for narrower in list_of}


@dataclass(frozen=True)
class Row:
    """One gap. Shares and the score have four decimals, rounded half up; None is "not known", never zero.

    `needs` are the figures behind the demand of the surveys, `other_needs` the other figures of this sector;
    `elsewhere` and `stale` are offerings for any sector, whatever the state.
    """

    demand: Decimal | None
    basis: str | None
    kind: str | None
    demand_by_survey: Decimal | None
    demand_by_roles: Decimal | None
    supply: int
    providers: int
    state: str
    score: Decimal | None
    needs: frozenset[NeedKey]
    other_needs: frozenset[NeedKey]
    roles: frozenset[str]
    offerings: frozenset[str]
    elsewhere: frozenset[str]
    elsewhere_in: frozenset[str]
    stale: frozenset[str]


@dataclass(frozen=True)
class Filter:
    """What an offering must be, to count: it applies to supply only.

    An offering that does not say does not match. `upcoming` asks for a session that starts on the day or
    later; a start known only to the month or year counts as its last day.
    """

    level: str | None
    mode: str | None
    region: str | None
    language: str | None
    free: bool | None
    upcoming: bool

    def admits(self, offering: Cells, runs: list[Cells], provider: Cells, as_of: date) -> bool:
        """Whether the offering matches in everything that was asked for."""
        modes = [offering["mode"], *(run["mode"] for run in runs)]
        places = [provider["region"].casefold(), provider["country"].casefold()]
        return (
            self.level in (None, offering["level"])
            and self.mode in (None, *modes)
            and (self.region is None or self.region.casefold() in places)
            and self.language in (None, *_many(offering["language"]))
            and (self.free is None or offering["free"] == str(self.free).lower())
            and (not self.upcoming or any(_last_day(run["start_date"]) >= as_of for run in runs))
        )


def gaps(
    folder: Path,
    sector: str,
    as_of: date,
    level: str | None = None,
    mode: str | None = None,
    region: str | None = None,
    language: str | None = None,
    free: bool | None = None,
    upcoming: bool = False,
    basis: str = "any",
) -> dict[str, Row]:
    """The gap of every competency of the folder in a sector, by competency slug.

    `free` set to False asks for offerings stated not to be free. Raises ValueError for a sector or basis that
    does not exist.
    """
    if sector not in PARENTS.keys() | SUB_SECTORS.keys():
        raise ValueError(f"no sector {sector!r}")
    if basis not in ("any", "survey", "roles"):
        raise ValueError(f"no basis {basis!r}")
    tables = {kind: _read(folder, kind) for kind in KINDS}
    asked = Filter(level, mode, region, language, free, upcoming)
    current, stale = _current_and_stale(tables, asked, as_of)
    return {row["id"]: _gap(tables, sector, row["id"], basis, current, stale) for row in tables["competency"]}


def _current_and_stale(tables: Tables, asked: Filter, as_of: date) -> tuple[list[Cells], list[Cells]]:
    providers = {row["id"]: row for row in tables["provider"]}
    current, stale = list[Cells](), list[Cells]()
    for row in tables["offering"]:
        runs = [run for run in tables["session"] if run["offering"] == row["id"]]
        if asked.admits(row, runs, providers[row["provider"]], as_of):
            (current if _is_current(row, runs, as_of) else stale).append(row)
    return current, stale


def _gap(tables: Tables, sector: str, competency: str, basis: str, current: list[Cells], stale: list[Cells]) -> Row:
    by_survey, kind, needs, other_needs = _survey_demand(tables, sector, competency)
    by_roles, roles = _roles_demand(tables, sector, competency)
    demand, said_by = _choose(basis, by_survey, by_roles)
    accepted = _accepted(tables, competency)
    teaching = [row for row in current if accepted & set(_many(row["competencies"]))]
    outdated = [row for row in stale if accepted & set(_many(row["competencies"]))]
    here = [row for row in teaching if _is_open(row, sector)]
    elsewhere = [row for row in teaching if not _is_open(row, sector)]
    providers = len({row["provider"] for row in here})
    return Row(
        demand=_four(demand),
        basis=said_by,
        kind=kind if said_by == "survey" else None,
        demand_by_survey=_four(by_survey),
        demand_by_roles=_four(by_roles),
        supply=len(here),
        providers=providers,
        state=_state(demand, providers, bool(elsewhere), bool(outdated)),
        score=None if demand is None else _four(demand / (1 + len(here))),
        needs=needs,
        other_needs=other_needs,
        roles=roles,
        offerings=_ids(here),
        elsewhere=_ids(elsewhere),
        elsewhere_in=frozenset(name for row in elsewhere for name in _many(row["sectors"])),
        stale=_ids(outdated),
    )


def _read(folder: Path, kind: str) -> list[Cells]:
    with (folder / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _many(cell: str) -> list[str]:
    return [value.strip() for value in cell.split(";") if value.strip()]


def _ids(rows: Iterable[Cells]) -> frozenset[str]:
    return frozenset(row["id"] for row in rows)


def _four(value: Fraction | None) -> Decimal | None:
    return None if value is None else Decimal(floor(value * 10_000 + Fraction(1, 2))).scaleb(-4)


# Demand


def _survey_demand(
    tables: Tables, sector: str, competency: str
) -> tuple[Fraction | None, str | None, frozenset[NeedKey], frozenset[NeedKey]]:
    """The share, the kind of figure it is, its figures, and the other figures of this sector.

    Only a percentage is a share: a number of posts is evidence, never demand. A survey of no stated year is
    older than any other.
    """
    surveys = {row["id"]: row for row in tables["survey"]}
    own = [row for row in tables["need"] if row["sector"] == sector and row["competency"] == competency]
    for kind in DEMAND_KINDS:
        figures = [row for row in own if row["kind"] == kind and row["unit"] == "percent"]
        if figures:
            newest = max(int(surveys[row["survey"]]["year"] or 0) for row in figures)
            used = [row for row in figures if int(surveys[row["survey"]]["year"] or 0) == newest]
            keys = frozenset(map(_need_key, used))
            return _mean(used, surveys) / 100, kind, keys, frozenset(map(_need_key, own)) - keys
    return None, None, frozenset(), frozenset(map(_need_key, own))


def _need_key(row: Cells) -> NeedKey:
    return row["survey"], row["sector"], row["competency"], row["kind"], row["measure"]


def _mean(figures: list[Cells], surveys: dict[str, Cells]) -> Fraction:
    """Weighted by respondents where there are several surveys and each states how many; else plain."""
    respondents = {row["survey"]: surveys[row["survey"]]["respondents"] for row in figures}
    weighted = len(respondents) > 1 and all(respondents.values())
    weights = [Fraction(respondents[row["survey"]]) if weighted else Fraction(1) for row in figures]
    total = sum((Fraction(row["value"]) * weight for row, weight in zip(figures, weights, strict=True)), Fraction())
    return total / sum(weights)


def _roles_demand(tables: Tables, sector: str, competency: str) -> tuple[Fraction | None, frozenset[str]]:
    """The weighted share of the sector's roles, and those that require the competency.

    That no role is known to require it is not known demand of zero: it is no data.
    """
    column = "sub_sectors" if sector in PARENTS else "sectors"
    here = {row["id"] for row in tables["role"] if sector in _many(row[column])}
    strongest: dict[str, Fraction] = {}
    for row in tables["requirement"]:
        if row["role"] in here and row["competency"] == competency:
            strongest[row["role"]] = max(WEIGHTS[row["importance"]], strongest.get(row["role"], Fraction()))
    if not strongest:
        return None, frozenset()
    return sum(strongest.values(), Fraction()) / len(here), frozenset(strongest)


def _choose(basis: str, by_survey: Fraction | None, by_roles: Fraction | None) -> tuple[Fraction | None, str | None]:
    if basis != "roles" and by_survey is not None:
        return by_survey, "survey"
    if basis != "survey" and by_roles is not None:
        return by_roles, "roles"
    return None, None


# Supply


def _accepted(tables: Tables, competency: str) -> set[str]:
    """The competency, everything narrower at any depth, and its exact matches.

    A match of something narrower, or something narrower than a match, is one step further than the definition
    goes, and is not accepted.
    """
    claims = [(_target(row["from"]), row["relation"], _target(row["to"])) for row in tables["mapping"]]
    for row in tables["competency"]:
        claims += [(row["id"], "broader", _target(cell)) for cell in _many(row["broader"])]
        claims += [(row["id"], "exact-match", _target(cell)) for cell in _many(row["exact_match"])]
    narrower = {competency}
    found = -1
    while found != len(narrower):
        found = len(narrower)
        narrower |= {start for start, relation, end in claims if relation == "broader" and end in narrower}
    matches = {(start, end) for start, relation, end in claims if relation == "exact-match"}
    matched_to = {end for start, end in matches if start == competency}
    shared = {end for end in matched_to if "/" in end}
    return narrower | matched_to | {start for start, end in matches if end == competency or end in shared}


def _target(cell: str) -> str:
    """The slug of one of our competencies, however written; anything else as it stands, with its slashes."""
    return cell.strip().removeprefix(OWN_COMPETENCY).removeprefix("competency/")


def _is_open(offering: Cells, sector: str) -> bool:
    """Addressed to the sector, to the sector above it, or to nobody in particular."""
    addressed = set(_many(offering["sectors"]))
    return not addressed or bool(addressed & {sector, PARENTS.get(sector, sector)})


def _is_current(offering: Cells, runs: list[Cells], as_of: date) -> bool:
    """Last known on a day after the one CURRENT_FOR_MONTHS earlier, or not dated at all."""
    dates = [run["end_date"] or run["start_date"] for run in runs]
    dates += [cell for cell in (offering["verified_date"], offering["page_date"]) if cell]
    return not dates or max(map(_last_day, dates)) > _months_before(as_of, CURRENT_FOR_MONTHS)


def _last_day(text: str) -> date:
    """The day; of a month or a year, its last."""
    year, month, day = ([int(part) for part in text.split("-")] + [0, 0])[:3]
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


def _months_before(day: date, months: int) -> date:
    """The same day of the month, or that month's last day if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _state(demand: Fraction | None, providers: int, elsewhere: bool, stale: bool) -> str:
    if demand is None:
        return "no-data"
    if providers:
        return "thin" if providers == 1 else "covered"
    if elsewhere:
        return "transferable"
    return "stale" if stale else "missing"
