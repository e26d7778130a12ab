"""`/checks`: the faults of the graph, found by the questions of `queries/checks/`, whose rows are faults."""

from collections import Counter
from functools import partial
from typing import Any, Final

from flask import Blueprint, Response

from graph.checks import Fault
from graph.named_query import Catalogue
from graph.parameters import Parameter
from service.operation import Asked, answers
from service.parameters import LIMIT, OFFSET, RELEASE
from service.representations import csv_answer, linked, listing, next_address, page, window
from service.rows import plain

FORMATS: Final = ("html", "json", "csv")
COLUMNS: Final = ("check", "thing", "details", "summary", "why")


def blueprint_of(checks: Catalogue) -> Blueprint:
    """The route of the checks."""
    blueprint = Blueprint("checks", __name__)
    named = Parameter("check", "enumeration", "The faults that one check finds only.", enumeration=tuple(checks))
    declare = answers(
        blueprint, "/checks", "The faults of the graph", FORMATS, (named, LIMIT, OFFSET, RELEASE), "Questions"
    )
    declare(partial(show_checks, checks=checks))
    return blueprint


def show_checks(asked: Asked, checks: Catalogue) -> Response:
    """How many faults each check finds, and the faults themselves."""
    counts = Counter(fault.check.name for fault in asked.view.faults)
    found = [fault for fault in asked.view.faults if asked.text("check") in (None, fault.check.name)]
    shown = window(asked, found)
    following = {"next": next_address(asked, len(found))}
    match asked.representation:
        case "json":
            kinds = [
                {"name": one.name, "summary": one.summary, "why": one.description, "faults": counts[one.name]}
                for one in checks.values()
            ]
            return listing(asked, [_member(fault) for fault in shown], len(found), checks=kinds)
        case "csv":
            return linked(csv_answer(COLUMNS, map(_cells, shown)), following)
    content = page("checks.html", asked, checks=checks, counts=counts, found=shown, total=len(found))
    return linked(content, following)


def _member(fault: Fault) -> dict[str, Any]:
    details = {name: plain(term) for name, term in fault.details.items()}
    return {"check": fault.check.name, "thing": plain(fault.thing), "details": details}


def _cells(fault: Fault) -> list[object]:
    details = "; ".join(f"{name}: {plain(term)}" for name, term in fault.details.items())
    return [fault.check.name, plain(fault.thing), details, fault.check.summary, fault.check.description]
