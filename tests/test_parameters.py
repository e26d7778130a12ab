"""What a parameter may hold, what it becomes, and what it says when it is refused."""

import pytest
from pyoxigraph import Literal, NamedNode

from graph.errors import InvalidParameter
from graph.namespaces import XSD, entity
from graph.parameters import LONGEST, Parameter, parse_arguments

SECTOR = Parameter("sector", "iri", kind="sector")
ANY = Parameter("entity", "iri", kind="any")
STATE = Parameter("state", "enumeration", kind="gap-state", enumeration=("missing", "thin"))
KNOWN = {
    "sector": ["archives", "libraries", "museums"],
    "competency": [f"competency-{number}" for number in range(99)] + ["disaster-planning"],
}
MUSEUMS = entity("sector", "museums")


@pytest.mark.parametrize(
    ("parameter", "text", "term"),
    [
        (SECTOR, "museums", MUSEUMS),
        (SECTOR, " museums ", MUSEUMS),
        (SECTOR, "sector/museums", MUSEUMS),
        (SECTOR, "https://w3id.org/trivium/id/sector/museums", MUSEUMS),
        (ANY, "sector/museums", MUSEUMS),
        (ANY, "http://data.europa.eu/esco/skill/1", NamedNode("http://data.europa.eu/esco/skill/1")),
        (STATE, "thin", entity("gap-state", "thin")),
        (STATE, "gap-state/thin", entity("gap-state", "thin")),
        (Parameter("size", "enumeration", enumeration=("S", "M")), "M", Literal("M")),
        (Parameter("word", "text"), 'a "b" } #', Literal('a "b" } #')),
        (Parameter("months", "integer", minimum=0), "036", Literal("36", datatype=XSD.integer)),
        (Parameter("share", "number", minimum=0, maximum=1), ".5", Literal("0.5", datatype=XSD.decimal)),
        (Parameter("free", "boolean"), "Yes", Literal(True)),
        (Parameter("free", "boolean"), "0", Literal(False)),
        (Parameter("day", "date"), "2026-11-23", Literal("2026-11-23", datatype=XSD.date)),
        (Parameter("lang", "language"), "pt-BR", Literal("pt-br")),
    ],
)
def test_a_text_becomes_a_term(parameter: Parameter, text: str, term: NamedNode | Literal) -> None:
    assert parameter.parse(text, KNOWN) == term


@pytest.mark.parametrize(
    ("parameter", "text", "message"),
    [
        (SECTOR, "museumz", "there is no sector `museumz`. Allowed: archives, libraries, museums."),
        (SECTOR, "museumz", "Did you mean `museums`?"),
        (SECTOR, "role/archivist", "`role/archivist` is not a sector. Write a slug"),
        (SECTOR, "http://example.org/museums", "is not a sector"),
        (SECTOR, "museums> } #", "is not a sector"),
        (Parameter("c", "iri", kind="competency"), "disaster-plannin", "Did you mean `disaster-planning`?"),
        (ANY, "sector/museumz", "there is no sector `museumz`"),
        (ANY, "museums", "Write `kind/slug`"),
        (ANY, "javascript:alert(1)", "is not an identifier"),
        (ANY, "http://example.org/a b", "is not an identifier"),
        (ANY, "http://[", "is not an identifier"),
        (STATE, "mising", "Allowed: missing, thin. Did you mean `missing`?"),
        (STATE, "role/missing", "not one of the allowed values"),
        (Parameter("months", "integer"), "3.5", "not a whole number"),
        (
            Parameter("months", "integer", minimum=0, maximum=9),
            "10",
            "out of range; write a number from 0 to 9",
        ),
        (Parameter("months", "integer", minimum=0), "x", "not a whole number from 0 up"),
        (Parameter("months", "integer", maximum=9), "10", "a number up to 9"),
        (Parameter("share", "number"), "NaN", "not a number"),
        (Parameter("share", "number"), "1e9", "not a number"),
        (Parameter("free", "boolean"), "maybe", "neither true nor false. Allowed: false, true."),
        (Parameter("day", "date"), "2026-02-30", "not a day of the calendar"),
        (Parameter("day", "date"), "20261123", "write it as 2026-11-23"),
        (Parameter("lang", "language"), "english language", "not a language tag"),
        (Parameter("word", "text"), "x" * (LONGEST + 1), f"longer than {LONGEST} characters"),
    ],
)
def test_what_is_not_allowed_is_refused_with_its_mend(parameter: Parameter, text: str, message: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        parameter.parse(text, KNOWN)
    assert message in str(refused.value)
    assert refused.value.name == parameter.name


def test_a_long_list_of_allowed_values_is_cut_to_the_nearest() -> None:
    with pytest.raises(InvalidParameter) as refused:
        Parameter("c", "iri", kind="competency").parse("disaster-plannin", KNOWN)
    assert refused.value.allowed == ("disaster-planning",)


def test_a_kind_that_is_not_listed_is_not_checked() -> None:
    assert Parameter("r", "iri", kind="role").parse("archivist", KNOWN) == entity("role", "archivist")


MONTHS = Parameter("months", "integer", default="36")
ROLE = Parameter("role", "iri", kind="role", required=True, example="archivist")


def test_arguments_become_terms_with_defaults() -> None:
    terms = parse_arguments([SECTOR, MONTHS, ROLE], {"role": "curator", "sector": ""}, KNOWN)
    assert terms == {"months": Literal("36", datatype=XSD.integer), "role": entity("role", "curator")}


def test_an_unknown_name_is_refused_with_the_allowed_ones() -> None:
    with pytest.raises(InvalidParameter) as refused:
        parse_arguments([SECTOR, MONTHS], {"secotr": "museums"})
    assert str(refused.value) == ("secotr: there is no such parameter. Allowed: months, sector. Did you mean `sector`?")
    assert (refused.value.name, refused.value.value) == ("secotr", "museums")


def test_no_parameters_allow_none() -> None:
    with pytest.raises(InvalidParameter, match="This question has no parameters"):
        parse_arguments([], {"sector": "museums"})


@pytest.mark.parametrize("arguments", [{}, {"role": " "}])
def test_a_missing_required_parameter_is_refused_with_an_example(arguments: dict[str, str]) -> None:
    with pytest.raises(InvalidParameter, match=r"role: this parameter is required, for example `role=archivist`"):
        parse_arguments([ROLE], arguments)


@pytest.mark.parametrize(
    ("described", "message"),
    [
        ({"type": "url"}, "has the type `url`; there are: boolean, date, enumeration"),
        ({"type": "iri"}, "needs a `kind`"),
        ({"type": "enumeration"}, "needs the list `enumeration`"),
        ({"type": "text", "kind": "role"}, "can have neither `kind` nor `enumeration`"),
        ({"type": "date", "minimum": 1}, "can have neither `minimum` nor `maximum`"),
        ({"type": "text", "required": True, "default": "x"}, "its default would never be used"),
    ],
)
def test_a_parameter_may_not_contradict_itself(described: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Parameter("p", **described)  # type: ignore[arg-type]


@pytest.mark.parametrize("place", ["default", "example"])
def test_a_default_and_an_example_must_be_allowed(place: str) -> None:
    with pytest.raises(InvalidParameter, match="not a whole number"):
        Parameter("p", "integer", **{place: "many"})  # type: ignore[arg-type]
