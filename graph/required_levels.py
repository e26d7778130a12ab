"""How strongly, and at which level, roles require each competency: masks over the competencies of a release."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

import numpy as np

from graph.coverage import Coverage, Mask
from graph.field import slug
from graph.mergers import successors
from graph.resources import QUERIES
from graph.store import Dataset

ESSENTIAL, OPTIONAL, SURVEY_ONLY = IMPORTANCES = ("essential", "optional", "survey-only")
"""The strongest that any role requires a competency; the last is required by none, so that only surveys speak of it."""

NOT_STATED: Final = "not-stated"
LEVELS: Final = ("entry", "intermediate", "advanced", NOT_STATED)
"""The levels at which roles require a competency, which may be several; the last where no requirement says it."""

Masks = Mapping[str, Mask]


def required_levels(dataset: Dataset, coverage: Coverage) -> tuple[Masks, Masks]:
    """The competencies of each importance, each in one, and of each level, each in one or several."""
    stated = _stated(dataset, coverage)
    essential, optional = stated[ESSENTIAL], stated[OPTIONAL]
    required = essential | optional
    importances = {ESSENTIAL: essential, OPTIONAL: optional & ~essential, SURVEY_ONLY: ~required}
    levels = {level: stated[level] for level in LEVELS[:-1]}
    said = np.any([*levels.values()], axis=0)
    return importances, {**levels, NOT_STATED: required & ~said}


def _stated(dataset: Dataset, coverage: Coverage) -> Mapping[str, Mask]:
    """Of each word for an importance or a level, the competencies that some requirement says it of."""
    found: dict[str, Mask] = defaultdict(lambda: np.zeros(len(coverage.area), bool))
    now = successors(dataset)
    query = (QUERIES / "field" / "required-levels.rq").read_text(encoding="utf-8")
    for competency, importance, level in dataset.select(query):
        last = now.get(competency) or competency
        number = coverage.number.get(last.value)
        if number is not None:
            for word in filter(None, (importance, level)):
                found[slug(word)][number] = True
    return found
