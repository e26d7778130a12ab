"""The languages of the interface: everything is marked, everything marked is translated, and translated whole."""

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest
from babel.messages.catalog import Message

from service.languages import INTERFACE
from service.messages import FOLDER, SERVICE, catalogue, languages, updated
from tests.template_words import unmarked

PLACEHOLDER: Final = re.compile(r"%\(\w+\)s|%%|%")
TAG: Final = re.compile(r"<[^>]*>")
TEMPLATES: Final = sorted((SERVICE / "templates").glob("*.html"))
LEFT: Final = "entity list macros"
NOT_YET: Final = frozenset(f"{name}.html" for name in LEFT.split())
"""Templates that still say English unmarked. The list only ever gets shorter."""


def test_every_language_but_english_has_a_catalogue() -> None:
    assert languages() == sorted(INTERFACE.keys() - {"en"})


@pytest.mark.parametrize("language", languages())
def test_the_catalogue_is_what_the_code_marks(language: str) -> None:
    assert (FOLDER / f"{language}.po").read_bytes() == updated(language), "run `make translations`, and translate"


@pytest.mark.parametrize("language", languages())
def test_everything_that_is_marked_is_translated(language: str) -> None:
    left = [one.id for one in catalogue(language) if one.id and (one.fuzzy or not all(_texts(one.string)))]
    assert not left


@pytest.mark.parametrize("language", languages())
def test_translations_keep_placeholders_and_markup(language: str) -> None:
    messages = [one for one in catalogue(language) if one.id]
    wrong = [one.id for one in messages if not _whole(one, PLACEHOLDER) or not _whole(one, TAG)]
    assert not wrong


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_word_of_a_template_is_marked(path: Path) -> None:
    found = unmarked(path.read_text())
    if path.name in NOT_YET:
        assert found, f"{path.name} is done: take it off the list"
    else:
        assert not found


def test_unmarked_words_are_found_wherever_they_stand() -> None:
    source = """<p title="Of title">Plain {{ _("Marked") }} {% trans %}Marked too{% endtrans %}</p>
        <code>not words</code>        {{ choice("kind", "Kind", _("Any")) }}
        {{ "in all" if one else "2" }}<!-- Nothing --><b>JSON {{ one }}</b>"""
    assert unmarked(source) == ["Of title", "Plain  \x00", "Kind", "in all"]


def _texts(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ())


def _whole(message: Message, part: re.Pattern[str]) -> bool:
    """Whether every form of the translation has just the parts that a form of the message has."""
    forms = [Counter(part.findall(one)) for one in _texts(message.id)]
    return all(Counter(part.findall(one)) in forms for one in _texts(message.string))
