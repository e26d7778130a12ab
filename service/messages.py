"""The catalogues of translations: `service/translations/LANGUAGE.po`, and how they follow the templates and modules.

A catalogue is read from its source when it is first needed, so that there is no compiled file that could be stale.
`make translations` brings the catalogues up to date with the words that are marked in the code.
"""

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.support import Translations

SERVICE: Final = Path(__file__).parent
FOLDER: Final = SERVICE / "translations"
METHODS: Final = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS: Final = {"templates/**.html": {"trimmed": "true", "silent": "false"}}
MARKS: Final = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "marked": None,
    "ngettext": (1, 2),
    "counted": (1, 2),
    "pgettext": ((1, "c"), 2),
}
HEADER: Final = """\
# The words of the interface in {name}. See docs/translations.md; bring up to date with `make translations`.
msgid ""
msgstr ""
"Language: {tag}\\n"
"Plural-Forms: {plurals}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""
"""No dates and no names of tools, which would change where nothing was said."""

WIDTH: Final = 120


def languages() -> list[str]:
    """The tags of the languages that there is a catalogue of."""
    return sorted(path.stem for path in FOLDER.glob("*.po"))


@cache
def translations(language: str) -> Translations:
    """The translations into a language."""
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return Translations(compiled)


def catalogue(language: str) -> Catalog:
    """The catalogue of a language, as its file has it."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def extracted() -> Catalog:
    """Every message that is marked in the templates and modules, in English, with the files that it stands in."""
    found = Catalog()
    for file, _, message, comments, context in _marked():
        found.add(message, locations=[(f"service/{file}", 0)], auto_comments=comments, context=context)
    return found


def updated(language: str) -> bytes:
    """The file of a catalogue as it should be: what is marked, sorted, with the translations that there are."""
    known = catalogue(language)
    known.update(extracted(), no_fuzzy_matching=True)
    name = Locale.parse(language).get_language_name("en")
    written = BytesIO()
    write_po(written, known, WIDTH, omit_header=True, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return HEADER.format(name=name, tag=language, plurals=known.plural_forms).encode() + written.getvalue().lstrip()


def update() -> None:
    """Write every catalogue anew, as it should be: `make translations`."""
    for language in languages():
        (FOLDER / f"{language}.po").write_bytes(updated(language))


def _marked() -> Iterator[tuple[str, int, str | tuple[str, ...], list[str], str | None]]:
    yield from extract_from_dir(SERVICE, METHODS, OPTIONS, MARKS, comment_tags=("Translators:",))
