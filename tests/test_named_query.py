"""A file of `queries/`: what is read from it, how it is run, and how its faults are reported."""

import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from graph.errors import InvalidParameter, InvalidQueryFile, NotFound
from graph.named_query import Catalogue, NamedQuery
from graph.namespaces import ID, SKOS, TRV, entity
from graph.query_check import check
from graph.resources import ROOT
from graph.store import Dataset, Rows

PREFIX = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\nPREFIX trv: <https://w3id.org/trivium/ns#>\n"
HEADER = """\
#+ summary: Which roles are practised in a sector?
#+ description: >-
#+   One row
#+   for each.
#+ tags: [roles]
#+ params:
#+   sector:
#+     type: iri
#+     kind: sector
#+     required: true
#+     description: The sector
#+     example: museums
#+   lang:
#+     type: language
#+     default: en
"""
BODY = (
    PREFIX
    + """
# a remark
SELECT ?sector ?lang ?role ?label WHERE {
  ?role trv:practisedIn ?sector ; skos:prefLabel ?label FILTER(LANG(?label) = ?lang)
} ORDER BY ?label
"""
)
ASK = HEADER + PREFIX + "ASK { ?role trv:practisedIn ?sector ; skos:prefLabel ?lang }\n"


def written(folder: Path, text: str, name: str = "roles") -> Path:
    (folder / f"{name}.rq").write_text(text, encoding="utf-8")
    return folder


def loaded(folder: Path, text: str) -> NamedQuery:
    return Catalogue.load(written(folder, text))["roles"]


@pytest.fixture
def dataset() -> Dataset:
    graph = ID["contribution/1"]
    return Dataset.in_memory(
        quad
        for sector, role in (("museums", "curator"), ("archives", "archivist"))
        for quad in (
            Quad(entity("role", role), TRV.practisedIn, entity("sector", sector), graph),
            Quad(entity("role", role), SKOS.prefLabel, Literal(role.title(), language="en"), graph),
            Quad(entity("role", role), SKOS.prefLabel, Literal(role.upper(), language="la"), graph),
        )
    )


def test_the_header_says_what_the_question_is(tmp_path: Path) -> None:
    query = loaded(tmp_path, HEADER + BODY)
    assert query.name == "roles"
    assert query.summary == "Which roles are practised in a sector?"
    assert query.description == "One row for each."
    assert query.tags == ("roles",)
    assert query.form == "select"
    assert query.columns == ("role", "label")
    sector, lang = query.parameters
    assert (sector.kind, sector.required, sector.example) == ("sector", True, "museums")
    assert (lang.name, lang.type, lang.default) == ("lang", "language", "en")
    assert query.text.startswith("PREFIX")
    assert "# a remark" in query.text


def test_values_that_yaml_reads_are_kept_as_written(tmp_path: Path) -> None:
    params = "#+   on: {type: date, default: 2026-11-23}\n#+   free: {type: boolean, default: true}\n"
    text = HEADER + params + BODY.replace("?lang ?role", "?lang ?on ?free ?role")
    defaults = [
        parameter.default
        for parameter in loaded(tmp_path, text.replace("  on:", "  day:").replace("?on", "?day")).parameters
    ]
    assert defaults == [None, "en", "2026-11-23", "true"]


def test_a_select_answers_with_its_columns(tmp_path: Path, dataset: Dataset) -> None:
    query = loaded(tmp_path, HEADER + BODY)
    answer = query.run(dataset, {"sector": "museums"})
    assert answer == Rows(("role", "label"), [(entity("role", "curator"), Literal("Curator", language="en"))])
    assert query.select(dataset, {"sector": "museums", "lang": "la"}).rows[0][1] == Literal("CURATOR", language="la")


def test_a_construct_answers_with_statements(tmp_path: Path, dataset: Dataset) -> None:
    body = PREFIX + "CONSTRUCT { ?role trv:practisedIn ?sector } WHERE {\n"
    body += "  ?role trv:practisedIn ?sector ; skos:prefLabel ?label FILTER(LANG(?label) != ?lang) }"
    query = loaded(tmp_path, HEADER + body.replace("FILTER(LANG(?label) != ?lang)", ", ?lang"))
    with pytest.raises(InvalidParameter, match="required"):
        query.run(dataset, {})
    assert query.form == "construct"
    without_language = loaded(
        tmp_path, HEADER.split("#+   lang")[0] + body.replace(" FILTER(LANG(?label) != ?lang)", "")
    )
    (statement,) = without_language.construct(dataset, {"sector": "museums"})
    assert statement.subject == entity("role", "curator")


@pytest.mark.parametrize(("sector", "answer"), [("museums", True), ("libraries", False)])
def test_an_ask_answers_yes_or_no(tmp_path: Path, dataset: Dataset, sector: str, answer: bool) -> None:
    query = loaded(
        tmp_path,
        ASK.replace("#+   lang:\n#+     type: language\n#+     default: en\n", "").replace("?lang", "[]"),
    )
    assert query.form == "ask"
    assert query.run(dataset, {"sector": sector}) is answer


def test_a_parameter_is_a_term_and_never_text(tmp_path: Path, dataset: Dataset) -> None:
    header = HEADER.replace("type: language", "type: text")
    query = loaded(tmp_path, header + BODY)
    assert len(query.select(dataset, {"sector": "museums", "lang": 'en" || true || "'})) == 0


def test_what_is_not_known_is_refused(tmp_path: Path, dataset: Dataset) -> None:
    query = loaded(tmp_path, HEADER + BODY)
    with pytest.raises(InvalidParameter, match="Did you mean `museums`"):
        query.run(dataset, {"sector": "museumz"}, {"sector": ["museums"]})
    with pytest.raises(InvalidParameter, match="Did you mean `sector`"):
        query.run(dataset, {"sectr": "museums"})


def test_the_catalogue_is_sorted_and_helps_to_find(tmp_path: Path) -> None:
    written(tmp_path, HEADER + BODY)
    written(tmp_path, HEADER.replace("#+ tags", "#+ endpoint: among-roles\n#+ tags") + BODY, "zebra")
    (tmp_path / "deeper").mkdir()
    written(tmp_path / "deeper", "not a question")
    catalogue = Catalogue.load(tmp_path)
    assert list(catalogue) == ["among-roles", "roles"]
    assert "roles" in catalogue
    assert "zebra" not in catalogue
    with pytest.raises(NotFound, match=r"no question called `rolles`. Did you mean `roles`"):
        catalogue["rolles"]


FAULTY = {
    "no header": (BODY, "it has no header"),
    "header is not YAML": ("#+ summary: [\n" + BODY, "are not YAML"),
    "no summary": (
        HEADER.replace("summary", "description", 1).replace("#+ description: >-\n#+   One row\n#+   for each.\n", "")
        + BODY,
        "needs `summary`",
    ),
    "summary is no text": (
        HEADER.replace("Which roles are practised in a sector?", "[1]") + BODY,
        "needs `summary`",
    ),
    "unknown key": (HEADER.replace("tags:", "tag:") + BODY, "unknown key `tag`.*Did you mean `tags`"),
    "nobody like that asks": (
        HEADER.replace("#+ tags", "#+ asked_by: [planer]\n#+ tags") + BODY,
        "`asked_by` names `planer`.*Did you mean `planner`",
    ),
    "tags are no list": (HEADER.replace("[roles]", "roles") + BODY, "`tags` is not a list"),
    "params are no mapping": ("#+ summary: x\n#+ params: [sector]\n" + BODY, "`params` is not a mapping"),
    "unknown key of a parameter": (HEADER.replace("kind:", "kin:") + BODY, "unknown key `kin`.*`kind`"),
    "unknown type": (HEADER.replace("type: language", "type: tongue") + BODY, "has the type `tongue`"),
    "bad default": (HEADER.replace("default: en", "default: '?'") + BODY, "`lang` contradicts itself"),
    "bad name": (HEADER.replace("lang:", "Lang!:") + BODY, "not named like a variable"),
    "reserved name": (HEADER.replace("lang:", "limit:") + BODY, "`limit` has a meaning of its own"),
    "bad endpoint": (HEADER.replace("#+ tags", "#+ endpoint: A B\n#+ tags") + BODY, "`A B` is not a slug"),
    "not SPARQL": (HEADER + BODY.replace("WHERE {", "WHERE {{"), "does not take it as SPARQL 1.1"),
    "another form": (
        HEADER + PREFIX + "DESCRIBE ?role WHERE { ?role trv:practisedIn ?sector }",
        "none of SELECT",
    ),
    "not projected": (
        HEADER + BODY.replace("?sector ?lang ?role", "?sector ?role"),
        "add .lang to the variables",
    ),
    "only in a filter": (
        HEADER + PREFIX + "ASK { ?role trv:practisedIn ?sector FILTER(LANG(?role) = ?lang) }",
        "triple pattern",
    ),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_faulty_file_is_refused_with_its_mend(tmp_path: Path, fault: str) -> None:
    text, message = FAULTY[fault]
    with pytest.raises(InvalidQueryFile, match=message) as refused:
        Catalogue.load(written(tmp_path, text))
    assert str(refused.value).startswith("roles.rq: ")


def test_two_files_may_not_have_one_name(tmp_path: Path) -> None:
    written(tmp_path, HEADER + BODY)
    written(tmp_path, HEADER.replace("#+ tags", "#+ endpoint: roles\n#+ tags") + BODY, "zebra")
    with pytest.raises(InvalidQueryFile, match="`roles` is taken"):
        Catalogue.load(tmp_path)


IN_SUB_SELECT = BODY.replace(
    "?role trv:practisedIn ?sector ;",
    "{ SELECT ?role (COUNT(*) AS ?count) WHERE { ?role trv:practisedIn ?sector } GROUP BY ?role } ?role",
)
SILENTLY_WRONG = {
    "not used": (BODY.replace("?role trv:practisedIn ?sector ;", "?role"), "`sector` is not used"),
    "misspelt": (
        BODY.replace("trv:practisedIn ?sector", "trv:practisedIn ?sectors"),
        "Did you mean `sectors`",
    ),
    "sub-select": (IN_SUB_SELECT, "a sub-select uses .sector and does not project it"),
    "sub-select in EXISTS": (
        BODY.replace("FILTER(LANG", "FILTER EXISTS { SELECT ?role WHERE { ?role ?any ?sector } } FILTER(LANG"),
        "a sub-select uses .sector",
    ),
    "bound": (
        BODY.replace("LANG(?label) = ?lang", "!BOUND(?lang) || LANG(?label) = ?lang"),
        r"BOUND\(.lang\)",
    ),
    "assigned": (
        BODY.replace("} ORDER", "  OPTIONAL { BIND(1 AS ?sector) } } ORDER"),
        "is given a value here",
    ),
    "undeclared": (BODY.replace("?label", "?_label"), "declare `label` in `params`"),
    "no prefix": (BODY.replace("PREFIX trv", "PREFIX skosxl"), "`trv:` is not declared"),
    "unused prefix": ("PREFIX dct: <http://purl.org/dc/terms/>\n" + BODY, "`dct:` is declared and not used"),
    "other prefix": (
        BODY.replace("w3id.org/trivium/ns#", "example.org/"),
        "does not stand for <https://example.org/>",
    ),
}


@pytest.mark.parametrize("fault", SILENTLY_WRONG)
def test_the_check_finds_what_the_engine_gets_wrong_silently(tmp_path: Path, fault: str) -> None:
    body, message = SILENTLY_WRONG[fault]
    query = loaded(tmp_path, HEADER + body)
    with pytest.raises(InvalidQueryFile, match=message) as refused:
        check(query)
    assert str(refused.value).startswith("roles: ")


def test_the_check_passes_a_sound_query(tmp_path: Path) -> None:
    check(loaded(tmp_path, HEADER + BODY))
    sound = IN_SUB_SELECT.replace("{ SELECT ?role (", "{ SELECT ?sector ?role (").replace(
        "BY ?role }", "BY ?sector ?role }"
    )
    check(loaded(tmp_path, HEADER + sound))
    check(
        loaded(
            tmp_path,
            HEADER + IN_SUB_SELECT.replace("?role (COUNT(*) AS ?count)", "*").replace("GROUP BY ?role", ""),
        )
    )


def test_loading_does_not_import_the_slow_parser() -> None:
    program = "import sys, graph.named_query; sys.exit('rdflib' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_an_iri_outside_the_graph_is_a_term_too(tmp_path: Path, dataset: Dataset) -> None:
    query = loaded(tmp_path, HEADER.replace("kind: sector", "kind: any").replace("museums", "sector/museums") + BODY)
    assert query.bindings({"sector": "http://example.org/x"})["sector"] == NamedNode("http://example.org/x")
    assert len(query.select(dataset, {"sector": "http://example.org/x"})) == 0
