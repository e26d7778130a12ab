"""Every question of `queries/` and `queries/lists/`, asked of a field small enough to know the answer."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Final, TypedDict

import pytest
import yaml
from pyoxigraph import NamedNode, RdfFormat, parse

from graph.errors import InvalidParameter
from graph.field import Field
from graph.gaps import four_decimals, gaps
from graph.named_query import Catalogue, NamedQuery
from graph.namespaces import PREFIXES, kind_and_slug
from graph.query_check import check
from graph.resources import QUERIES, ROOT
from graph.store import Dataset, Row, Rows, Term

DATA = Path(__file__).parent / "data"
AS_OF = date(2026, 11, 23)
SLOW: Final = 3.0  # seconds; the slowest question over the starter data takes a tenth of it
STATEMENT = "subject | predicate | object"
Answer = TypedDict("Answer", {"with": dict[str, str], "rows": str})


class Expectation(TypedDict):
    """The columns of a question and what it must answer."""

    columns: str
    answers: list[Answer]


EXPECTED: Mapping[str, Expectation] = yaml.safe_load((DATA / "queries.yaml").read_text(encoding="utf-8"))
CASES = [(name, answer) for name, expected in EXPECTED.items() for answer in expected["answers"]]
CASE_NAMES = [f"{name}-{answer['with']}" for name, answer in CASES]


@cache
def catalogue() -> Mapping[str, NamedQuery]:
    questions, lists = Catalogue.load(QUERIES), Catalogue.load(QUERIES / "lists")
    return {**questions, **{f"lists/{name}": query for name, query in lists.items()}}


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return Dataset.in_memory(parse(path=DATA / "queries.trig", format=RdfFormat.TRIG))


def shown(term: Term | None) -> str:
    """A term as queries.yaml writes it: our identifiers as slugs, other terms by prefix or value."""
    if not isinstance(term, NamedNode):
        return getattr(term, "value", "")
    if named := kind_and_slug(term):
        return named[1]
    for prefix, iri in PREFIXES.items():
        if term.value.startswith(iri):
            return f"{prefix}:{term.value.removeprefix(iri)}"
    return term.value


def table(rows: Rows | list[Row]) -> list[list[str]]:
    return [[shown(term) for term in row] for row in rows]


def asked(query: NamedQuery, dataset: Dataset, arguments: Mapping[str, str]) -> list[list[str]]:
    if query.form == "select":
        return table(query.select(dataset, arguments))
    statements = query.construct(dataset, arguments)
    return sorted(table([(each.subject, each.predicate, each.object) for each in statements]))


@pytest.mark.parametrize(("name", "answer"), CASES, ids=CASE_NAMES)
def test_the_answer_is_the_known_one(name: str, answer: Answer, dataset: Dataset) -> None:
    rows = [[cell.strip() for cell in line.split("|")] for line in answer["rows"].splitlines()]
    assert asked(catalogue()[name], dataset, answer["with"]) == rows


def test_every_question_has_known_answers() -> None:
    assert sorted(EXPECTED) == sorted(catalogue())


@pytest.mark.parametrize("name", EXPECTED)
def test_every_parameter_is_tried(name: str) -> None:
    tried = {parameter for answer in EXPECTED[name]["answers"] for parameter in answer["with"]}
    assert tried == {parameter.name for parameter in catalogue()[name].parameters}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_columns_are_the_known_ones(name: str) -> None:
    query = catalogue()[name]
    assert (" | ".join(query.columns) or STATEMENT) == EXPECTED[name]["columns"]


@pytest.mark.parametrize("name", EXPECTED)
def test_every_parameter_takes_effect(name: str) -> None:
    check(catalogue()[name])


@pytest.mark.parametrize("name", EXPECTED)
def test_every_label_has_its_iri(name: str) -> None:
    """A page shows `x_iri` and `x_label` as one link, and `iri` and `label` in a list."""
    columns = catalogue()[name].columns
    labels = [column for column in columns if column == "label" or column.endswith("_label")]
    assert [column.replace("label", "iri") for column in labels if column.replace("label", "iri") not in columns] == []


@pytest.mark.parametrize("name", EXPECTED)
def test_every_parameter_is_described(name: str) -> None:
    for parameter in catalogue()[name].parameters:
        assert parameter.description, f"{name}: say what `{parameter.name}` is for"
        assert parameter.example or parameter.default, f"{name}: give an example of `{parameter.name}`"


@pytest.mark.parametrize("name", EXPECTED)
def test_labels_are_english_unless_asked_otherwise(name: str) -> None:
    for parameter in catalogue()[name].parameters:
        if parameter.name == "lang":
            assert parameter.default == "en"


def test_an_open_question_can_be_asked_of_any_engine(dataset: Dataset) -> None:
    """The text alone, with nothing bound, answers as with the default language: English labels."""
    query = catalogue()["gaps"]
    bare = dataset.select(query.text)
    labels = [row[bare.variables.index("competency_label")] for row in bare]
    assert [shown(label) for label in labels] == [row[1] for row in asked(query, dataset, {})]


def test_an_unknown_slug_and_a_missing_parameter_are_refused(dataset: Dataset) -> None:
    with pytest.raises(InvalidParameter, match=r"no sector `museumz`.*Did you mean `museums`"):
        catalogue()["gaps"].run(dataset, {"sector": "museumz"}, {"sector": ["archives", "museums"]})
    with pytest.raises(InvalidParameter, match="competency: this parameter is required"):
        catalogue()["coverage-of-competency"].run(dataset, {})
    with pytest.raises(InvalidParameter, match="months: `few` is not a whole number"):
        catalogue()["stale-offerings"].run(dataset, {"months": "few"})


@pytest.mark.parametrize("name", EXPECTED)
def test_every_question_is_quick_over_the_starter_data(name: str, starter: Dataset) -> None:
    """Open, and with an example for every parameter: each takes another way through the engine."""
    query = catalogue()[name]
    examples = {parameter.name: parameter.example for parameter in query.parameters if parameter.example}
    required = {parameter.name: examples[parameter.name] for parameter in query.parameters if parameter.required}
    for arguments in (required, examples):
        start = perf_counter()
        query.run(starter, arguments)
        assert perf_counter() - start < SLOW, f"{name} is slow with {arguments}"


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.startswith("lists/")])
def test_a_list_shows_each_thing_once(name: str, starter: Dataset) -> None:
    answer = catalogue()[name].select(starter, {})
    shown_iris = [row[answer.variables.index("iri")] for row in answer]
    assert shown_iris
    assert len(shown_iris) == len(set(shown_iris))


def test_the_gaps_are_those_of_the_gaps_page(starter: Dataset) -> None:
    answer = catalogue()["gaps"].select(starter, {})
    columns = ("competency_iri", "sector_iri", "state_iri", "supply", "providers", "score")
    places = [answer.variables.index(column) for column in columns]
    asked_of_the_graph = {tuple(shown(row[place]) for place in places) for row in answer}
    computed = {
        (
            shown(gap.competency),
            shown(gap.sector),
            gap.state,
            str(gap.supply),
            str(gap.providers),
            "" if gap.score is None else trimmed(four_decimals(gap.score)),
        )
        for gap in gaps(Field.load(starter, AS_OF))
    }
    assert asked_of_the_graph == computed


def trimmed(decimal: str) -> str:
    """The canonical form of a decimal, in which the engine keeps it: `0.6` for `0.6000`."""
    return decimal.rstrip("0").rstrip(".")


@pytest.mark.parametrize("name", EXPECTED)
def test_the_documentation_lists_every_question(name: str) -> None:
    query = catalogue()[name]
    names = [f"**{each.name}**" if each.required else each.name for each in query.parameters]
    row = f"| `{name}` | {query.summary} | {', '.join(names)} |"
    assert row in (ROOT / "docs" / "queries.md").read_text(encoding="utf-8"), f"add to docs/queries.md: {row}"


def test_the_example_of_the_documentation_is_a_sound_question(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "queries.md").read_text(encoding="utf-8")
    (tmp_path / "example.rq").write_text(text.split("```sparql\n")[1].split("```")[0], encoding="utf-8")
    check(Catalogue.load(tmp_path)["example"])
