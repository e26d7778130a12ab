"""The starter spreadsheets in themselves: every message says which cell is wrong, and how to mend it."""

import csv
import io
import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path

import pycountry
import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

ONTOLOGY = Path(__file__).resolve().parent.parent / "ontology"
STARTER = ONTOLOGY / "starter"
HEADERS = {
    "framework": "id label_en label_es definition_en definition_es publisher license homepage sources",
    "area": "id label_en label_es definition_en definition_es framework sources",
    "competency": "id label_en label_es definition_en definition_es area framework broader sectors"
    " exact_match close_match sources",
    "role": "id label_en label_es definition_en definition_es sectors sub_sectors close_match sources",
    "requirement": "role competency importance level source",
    "label": "concept label_en label_es sectors source",
    "mapping": "from relation to source",
    "provider": "id name homepage sectors country region kind sources",
    "offering": "id label_en label_es label_fi definition_en definition_es provider url sectors type mode"
    " level duration cost_amount cost_currency free language competencies awards source page_date verified_date",
    "session": "offering start_date end_date location mode source",
    "survey": "id label_en label_es publisher year respondents url license",
    "need": "survey sector competency kind measure value unit quote_location source",
}
REQUIRED = {
    "framework": "id label_en label_es definition_en definition_es license sources",
    "area": "id label_en label_es definition_en definition_es framework",
    "competency": "id label_en label_es definition_en definition_es area framework sources",
    "role": "id label_en label_es definition_en definition_es sectors sources",
    "requirement": "role competency importance level source",
    "label": "concept source",
    "mapping": "from relation to source",
    "provider": "id name kind sources",
    "offering": "id provider type source",
    "session": "offering start_date source",
    "survey": "id label_en publisher url license",
    "need": "survey sector competency kind measure value unit source",
}
KEYS = {
    "requirement": "role competency",
    "label": "concept label_en label_es",
    "mapping": "from relation to",
    "session": "offering start_date location",
    "need": "survey sector competency kind measure",
}
LISTS = (
    *("sectors", "sub_sectors", "sources", "competencies", "broader"),
    *("exact_match", "close_match", "awards", "language"),
)
REFERENCES = {
    "area": {"framework": "framework"},
    "competency": {"area": "area", "framework": "framework", "broader": "competency", "sectors": "Sector"},
    "role": {"sectors": "Sector", "sub_sectors": "Sector"},
    "requirement": {"role": "role", "competency": "competency", "importance": "Importance", "level": "Level"},
    "label": {"concept": "concept", "sectors": "Sector"},
    "mapping": {"from": "competency", "relation": "Relation", "to": "competency"},
    "provider": {"sectors": "Sector", "kind": "ProviderKind"},
    "offering": {"provider": "provider", "sectors": "Sector", "type": "OfferingType", "mode": "Mode"}
    | {"level": "Level", "competencies": "competency"},
    "session": {"offering": "offering", "mode": "Mode"},
    "need": {"survey": "survey", "sector": "Population", "competency": "competency", "kind": "NeedKind"}
    | {"unit": "Unit"},
}
LINKS = ("sources", "source", "homepage", "url", "exact_match", "close_match")
DECIMAL = re.compile(r"\d+(\.\d+)?")
NUMBERS = {"cost_amount": DECIMAL, "value": DECIMAL, "respondents": re.compile(r"[1-9]\d*")}
DURATION = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?)?")
LINK = re.compile(r"https?://[^\s<>\"{}|\\^`/]+\.[^\s<>\"{}|\\^`/]+(/[^\s<>\"{}|\\^`]*)?")
SLUG = re.compile(r"[a-z0-9]+(-{1,2}[a-z0-9]+)*")
DAMAGE = re.compile(
    r"&(amp|lt|gt|quot|nbsp|#\d+)(;|%3B)"
    r"|[\x00-\x1f\x7f\u00a0\u200b-\u200f\ufeff\ufffd]"
    r"|  |Ã|â€"
)

Cells = dict[str, str]
Tables = dict[str, list[Cells]]
Vocabulary = dict[str, set[str]]
Faults = Iterator[str]


def fault(kind: str, index: int, column: str, wrong: str, mend: str) -> str:
    """Where the fault is, as a spreadsheet counts (the header is row 1), what it is, and the remedy."""
    return f"{kind}.csv, row {index + 2}, column {column}: {wrong}. {mend}."


def values(column: str, cell: str) -> list[str]:
    """The values of a cell."""
    return [value for value in (cell.split(";") if column in LISTS else [cell]) if value]


def cells(tables: Tables) -> Iterator[tuple[str, int, str, str]]:
    """Every cell that is not empty: kind, index of the row, column, text."""
    for kind, rows in tables.items():
        for index, row in enumerate(rows):
            yield from ((kind, index, column, text) for column, text in row.items() if text)


def period(text: str) -> tuple[date, date]:
    """The first and the last day of a date, known to the day, the month or the year.

    Raises ValueError if it is not a real date.
    """
    if not re.fullmatch(r"\d{4}(-\d{2}){0,2}", text):
        raise ValueError(f"{text!r} is not YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = (*map(int, text.split("-")), 0, 0)[:3]
    last = month or 12
    return date(year, month or 1, day or 1), date(year, last, day or monthrange(year, last)[1])


def missing_cells(tables: Tables, _: Vocabulary) -> Faults:
    """A required cell is filled, and an offering or a label has its text."""
    for kind, rows in tables.items():
        for index, row in enumerate(rows):
            for column in REQUIRED[kind].split():
                if not row[column]:
                    mend = "Every row must say it: look in its source"
                    yield fault(kind, index, column, "the cell is empty", mend)
            if kind in ("offering", "label"):
                texts = [column for column in row if column.startswith("label_") and row[column]]
                if not texts or (kind == "label" and len(texts) > 1):
                    mend = "Give the text in the column of the language it is written in"
                    yield fault(kind, index, "label_en", f"there are {len(texts)} labels", mend)


def damaged_cells(tables: Tables, _: Vocabulary) -> Faults:
    """No stray blanks, no remains of HTML or of a wrong encoding, no empty or repeated value in a list."""
    for kind, index, column, text in cells(tables):
        parts = text.split(";") if column in LISTS else [text]
        if any(part != part.strip() for part in parts):
            yield fault(kind, index, column, f"blanks around a value in {text!r}", "Take them out")
        if found := DAMAGE.search(text):
            yield fault(kind, index, column, f"{found[0]!r} is damage", "Write the character that was meant")
        if column in LISTS and (len(set(parts)) < len(parts) or "" in parts):
            yield fault(kind, index, column, f"an empty or repeated value in {text!r}", "Name each value once")


def repeated_keys(tables: Tables, _: Vocabulary) -> Faults:
    """An identifier is given once, and is a slug; rows without one differ in the cells that identify them."""
    for kind, rows in tables.items():
        key = KEYS.get(kind, "id").split()
        seen: dict[tuple[str, ...], int] = {}
        for index, row in enumerate(rows):
            mine = tuple(row[column] for column in key)
            if mine in seen:
                mend = f"Change or join them: {', '.join(key)} must differ"
                yield fault(kind, index, key[0], f"{mine} stands in row {seen[mine] + 2} already", mend)
            seen.setdefault(mine, index)
            if key == ["id"] and (not SLUG.fullmatch(row["id"]) or len(row["id"]) > 200):
                mend = "Use lower-case letters, digits and single or double hyphens, at most 200"
                yield fault(kind, index, "id", f"{row['id']!r} is no slug", mend)


def dangling_references(tables: Tables, vocabulary: Vocabulary) -> Faults:
    """What a cell refers to exists, in these files or in the controlled lists."""
    known = dict(vocabulary)
    known |= {kind: {row["id"] for row in rows} for kind, rows in tables.items() if kind not in KEYS}
    known["concept"] = {f"{kind}/{slug}" for kind in ("area", "competency", "role") for slug in known[kind]}
    for kind, index, column, text in cells(tables):
        if target := REFERENCES.get(kind, {}).get(column):
            for value in set(values(column, text)) - known[target]:
                near = get_close_matches(value, known[target], 1)
                mend = f"Did you mean {near[0]}" if near else f"Add it to the {target}s, or take it out"
                yield fault(kind, index, column, f"there is no {target} {value!r}", mend)


def bad_links(tables: Tables, _: Vocabulary) -> Faults:
    """A link is an absolute http or https address, a source that or `editorial`."""
    for kind, index, column, text in cells(tables):
        if column in LINKS or (kind, column) == ("framework", "license"):
            for value in values(column, text):
                if not LINK.fullmatch(value) and (column, value) != ("source", "editorial"):
                    mend = "Copy the address of the page; in a list of links write a `;` as %3B"
                    yield fault(kind, index, column, f"{value!r} is no link", mend)


def bad_dates(tables: Tables, _: Vocabulary) -> Faults:
    """Dates are real, and no session ends before it starts."""
    days: dict[tuple[str, int, str], tuple[date, date]] = {}
    for kind, index, column, text in cells(tables):
        if column.endswith("_date") or column == "year":
            try:
                days[kind, index, column] = period(text)
            except ValueError as error:
                mend = "Write a real date, as far as the source gives it"
                yield fault(kind, index, column, str(error), mend)
    for (kind, index, column), (_first, last) in days.items():
        if column == "end_date" and last < days.get((kind, index, "start_date"), (last,))[0]:
            mend = "Look both dates up in the source"
            yield fault(kind, index, column, "it ends before it starts", mend)


def bad_numbers(tables: Tables, _: Vocabulary) -> Faults:
    """Numbers are plain decimals in their range; a price says its currency, and what is free has none."""
    for kind, index, column, text in cells(tables):
        if column in NUMBERS and not NUMBERS[column].fullmatch(text):
            mend = "Write digits, with a full stop for decimals and nothing else"
            yield fault(kind, index, column, f"{text!r} is no number that can stand here", mend)
    for index, row in enumerate(tables["need"]):
        if row["unit"] == "percent" and DECIMAL.fullmatch(row["value"]) and Decimal(row["value"]) > 100:
            mend = "Look it up in the source, or mend the unit"
            yield fault("need", index, "value", "it is more than 100 percent", mend)
    for index, row in enumerate(tables["offering"]):
        if bool(row["cost_amount"]) != bool(row["cost_currency"]):
            mend = "Give both, or neither when the page does not say"
            yield fault("offering", index, "cost_currency", "amount and currency belong together", mend)
        if row["free"] == "true" and row["cost_amount"].strip("0."):
            mend = "Look at the page: keep the price or the word, not both"
            yield fault("offering", index, "free", "it is called free and has a price", mend)


def bad_codes(tables: Tables, _: Vocabulary) -> Faults:
    """Countries, currencies, languages and durations are written as ISO has them; a flag is true or false."""
    real: dict[str, Callable[[str], object]] = {
        "country": lambda code: pycountry.countries.get(alpha_2=code),
        "cost_currency": lambda code: pycountry.currencies.get(alpha_3=code),
        "language": lambda code: pycountry.languages.get(alpha_2=code),
        "duration": DURATION.fullmatch,
        "free": lambda flag: flag in ("true", "false"),
    }
    for kind, index, column, text in cells(tables):
        if column in real:
            for value in values(column, text):
                if not real[column](value):
                    mend = "Write it as in US, USD, en, P2D or PT1H30M, true"
                    yield fault(kind, index, column, f"{value!r} is no {column}", mend)


def confused_labels(tables: Tables, _: Vocabulary) -> Faults:
    """No two entities of a kind share a label in a language; an alternative label is another word."""
    own: dict[str, Cells] = {}
    for kind in ("framework", "area", "competency", "role", "survey"):
        for column in ("label_en", "label_es"):
            seen: dict[str, str] = {}
            for index, row in enumerate(tables[kind]):
                own[f"{kind}/{row['id']}"] = row
                if other := seen.get(row[column].casefold()):
                    yield fault(kind, index, column, f"{other} has this label", "Say what sets them apart")
                if row[column]:
                    seen[row[column].casefold()] = row["id"]
    for index, row in enumerate(tables["label"]):
        preferred = own.get(row["concept"], {})
        for column in ("label_en", "label_es"):
            if row[column] and row[column].casefold() == preferred.get(column, "").casefold():
                yield fault("label", index, column, "it is the preferred label", "Take the row out")


def impossible_mappings(tables: Tables, _: Vocabulary) -> Faults:
    """Nothing is broader than itself, at any depth, and broader and related exclude each other (SKOS S27)."""
    above: dict[str, set[str]] = {}
    for row in tables["mapping"]:
        if row["relation"] == "broader":
            above.setdefault(row["from"], set()).add(row["to"])

    def all_above(slug: str) -> set[str]:
        reached, edge = set[str](), {slug}
        while edge := {end for start in edge for end in above.get(start, ())} - reached:
            reached |= edge
        return reached

    for index, row in enumerate(tables["mapping"]):
        start, end = row["from"], row["to"]
        if start == end or (row["relation"] == "broader" and start in all_above(end)):
            yield fault("mapping", index, "to", f"{start} leads back to itself", "Take one of these rows out")
        if row["relation"] == "related" and (end in all_above(start) or start in all_above(end)):
            yield fault("mapping", index, "relation", "one is broader than the other", "Take the row out")


def misplaced_sub_sectors(tables: Tables, vocabulary: Vocabulary) -> Faults:
    """A role's narrower sectors lie within its sectors."""
    for index, row in enumerate(tables["role"]):
        for narrower in values("sub_sectors", row["sub_sectors"]):
            pairs = {f"{narrower} {sector}" for sector in row["sectors"].split(";")}
            if not pairs & vocabulary["within"]:
                mend = "Add the sector above it to the column sectors, or take it out"
                yield fault("role", index, "sub_sectors", f"{narrower} is in no sector of the role", mend)


def uncited_sources(tables: Tables, _: Vocabulary) -> Faults:
    """The framework rests on the pages that its competencies cite."""
    cited = {link for row in tables["competency"] for link in row["sources"].split(";")}
    for index, row in enumerate(tables["framework"]):
        for link in set(values("sources", row["sources"])) - cited:
            yield fault("framework", index, "sources", f"no competency cites {link}", "Take it out")


CHECKS = [
    missing_cells,
    damaged_cells,
    repeated_keys,
    dangling_references,
    bad_links,
    bad_dates,
    bad_numbers,
    bad_codes,
    confused_labels,
    impossible_mappings,
    misplaced_sub_sectors,
    uncited_sources,
]


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Every starter file, read."""
    return {
        kind: list(csv.DictReader(io.StringIO((STARTER / f"{kind}.csv").read_text("utf-8"), newline="")))
        for kind in HEADERS
    }


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """The slugs of the controlled lists by class; under `within` each narrower sector with the one above."""
    lists: Vocabulary = {"within": set()}
    for path in sorted(ONTOLOGY.glob("*.ttl")):
        for quad in parse(path=str(path), format=RdfFormat.TURTLE):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                slug, name = quad.subject.value.rpartition("/")[2], re.split(r"[/#]", quad.object.value)[-1]
                if quad.predicate.value.endswith("#type"):
                    lists.setdefault(name, set()).add(slug)
                elif quad.predicate.value.endswith("core#broader"):
                    lists["within"].add(f"{slug} {name}")
    return lists


def test_files_are_those_of_the_kinds() -> None:
    assert {path.stem for path in STARTER.glob("*.csv")} == HEADERS.keys()


@pytest.mark.parametrize("kind", HEADERS)
def test_file_is_plain_csv(kind: str) -> None:
    body = (STARTER / f"{kind}.csv").read_bytes()
    text = body.decode("utf-8")
    assert not text.startswith("\ufeff"), f"{kind}.csv has a byte order mark: save it as UTF-8 without."
    assert "\r" not in text, f"{kind}.csv has Windows line ends: save it with line feeds alone."
    assert text.endswith("\n"), f"{kind}.csv lacks the last line end: add it."
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert header == HEADERS[kind].split(), f"{kind}.csv has other columns than it should: mend the first row."
    ragged = [index for index, row in enumerate(rows, 2) if len(row) != len(header)]
    assert not ragged, f"{kind}.csv, rows {ragged}: not {len(header)} cells; mend the commas and quotes."


def test_read_me_counts_the_rows(tables: Tables) -> None:
    listed = re.findall(r"^\| `(\w+)\.csv` \| (\d+) \|", (STARTER / "README.md").read_text("utf-8"), re.MULTILINE)
    assert {kind: int(rows) for kind, rows in listed} == {kind: len(rows) for kind, rows in tables.items()}


@pytest.mark.parametrize("check", CHECKS)
def test_starter_data_has_no_fault(
    check: Callable[[Tables, Vocabulary], Faults], tables: Tables, vocabulary: Vocabulary
) -> None:
    faults = list(check(tables, vocabulary))
    assert not faults, "\n".join([f"{len(faults)} faults:", *faults])


@pytest.mark.parametrize(
    ("check", "kind", "spoilt"),
    [
        (missing_cells, "need", {"source": ""}),
        (missing_cells, "offering", {"label_en": ""}),
        (missing_cells, "label", {"label_en": "Appraisal", "label_es": "Valoración"}),
        (damaged_cells, "offering", {"awards": "1.5 CEU; 10 ARC"}),
        (damaged_cells, "offering", {"url": "https://example.org/?a=1&amp;b=2"}),
        (damaged_cells, "provider", {"name": "MusÃ©e"}),
        (damaged_cells, "role", {"sectors": "museums;museums"}),
        (damaged_cells, "role", {"sectors": "museums;"}),
        (repeated_keys, "survey", {"id": "hhi-2004"}),
        (repeated_keys, "survey", {"id": "MTL.2016"}),
        (repeated_keys, "requirement", {"competency": "archival-arrangement-and-description"}),
        (dangling_references, "need", {"competency": "disaster-planning"}),
        (dangling_references, "role", {"sectors": "all"}),
        (dangling_references, "label", {"concept": "collection-development-and-policy"}),
        (bad_links, "provider", {"homepage": "www.aaslh.org"}),
        (bad_links, "offering", {"source": "https://example.org/a page"}),
        (bad_dates, "session", {"start_date": "2023-02-29"}),
        (bad_dates, "session", {"start_date": "2023", "end_date": "2022-12-31"}),
        (bad_dates, "offering", {"page_date": "11/16/2011"}),
        (bad_numbers, "need", {"value": "29 %"}),
        (bad_numbers, "need", {"value": "129"}),
        (bad_numbers, "survey", {"respondents": "0"}),
        (bad_numbers, "offering", {"cost_currency": ""}),
        (bad_numbers, "offering", {"free": "true"}),
        (bad_codes, "provider", {"country": "UK"}),
        (bad_codes, "offering", {"cost_currency": "US$"}),
        (bad_codes, "offering", {"language": "xx"}),
        (bad_codes, "offering", {"duration": "8 weeks"}),
        (bad_codes, "offering", {"free": "no"}),
        (confused_labels, "competency", {"label_es": "Selección y valoración"}),
        (confused_labels, "label", {"label_en": "collection development and policy"}),
        (impossible_mappings, "mapping", {"from": "preventive-conservation"}),
        (impossible_mappings, "mapping", {"from": "digital-curation", "to": "file-formats-and-migration"}),
        (
            impossible_mappings,
            "mapping",
            {"relation": "related", "from": "digital-curation", "to": "digital-preservation"},
        ),
        (misplaced_sub_sectors, "role", {"sub_sectors": "art-museums"}),
        (uncited_sources, "framework", {"sources": "https://example.org/"}),
    ],
)
def test_each_check_finds_the_fault_it_is_for(
    check: Callable[[Tables, Vocabulary], Faults],
    kind: str,
    spoilt: Cells,
    tables: Tables,
    vocabulary: Vocabulary,
) -> None:
    """The first row of the kind is spoilt; the message must lead there."""
    copy = deepcopy(tables)
    copy[kind][0] |= spoilt
    found = [message for message in check(copy, vocabulary) if message.startswith(f"{kind}.csv")]
    assert found, "the check let it pass"
    assert all(re.fullmatch(r"\w+\.csv, row \d+, column \w+: .+\. .+\.", message) for message in found), found
