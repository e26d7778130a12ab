"""The languages of the interface: which one a page is written in, and the translation of its words.

The labels of the graph come in the language that the reader asked for; the words around them in the same one where
the interface is translated into it, else in English. Templates mark their words with `_()`, modules with the
functions of here: `gettext` where the words are said, `lazy_gettext` for a name that is only shown, `marked` for one
that programs read in English and pages translate.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Final, TypeVar

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from babel.support import NullTranslations
from flask import Flask, has_request_context, request
from flask_babel import Babel, Domain, gettext, lazy_gettext, ngettext, pgettext
from markupsafe import Markup, escape

from service.messages import translations
from service.negotiation import PAGE_LANGUAGE, choose_language

__all__ = [
    "INTERFACE",
    "Names",
    "counted",
    "day",
    "decimal",
    "gettext",
    "init_app",
    "interface_language",
    "language_name",
    "lazy_gettext",
    "marked",
    "moment",
    "month",
    "ngettext",
    "pgettext",
    "territory_name",
]

Key = TypeVar("Key")

INTERFACE: Final = {"en": "English", "es": "Español"}
"""The languages that the interface is written in, by tag, each under its own name."""

LOCALES: Final = {"en": Locale("en", "GB"), "es": Locale("es")}
"""Whose habits of writing dates and numbers each language follows."""


class Catalogues(Domain):  # type: ignore[misc]
    """The translations as their sources have them."""

    def get_translations(self) -> NullTranslations:
        """Those into the language of the request; none are needed for English."""
        language = interface_language()
        return NullTranslations() if language == PAGE_LANGUAGE else translations(language)


def init_app(app: Flask) -> None:
    """Let the templates and modules translate."""
    babel = Babel(app, default_locale=PAGE_LANGUAGE, locale_selector=interface_language)
    babel.domain_instance = Catalogues()
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.filters.update(day=day, month=month, moment=moment, decimal=decimal)
    app.jinja_env.globals.update(
        interface=INTERFACE,
        interface_language=interface_language,
        foreign=foreign,
        dated=dated,
        english=english,
    )


def interface_language() -> str:
    """The language of the words around the data in this request: English where there is no other."""
    if not has_request_context():
        return PAGE_LANGUAGE
    asked = request.args.get("lang", "").partition("-")[0].lower()
    return asked if asked in INTERFACE else choose_language(tuple(INTERFACE), request.headers.get("Accept-Language"))


def marked(text: str) -> str:
    """The same text, marked to be translated where a page shows it: programs read it in English."""
    return text


class Names(Mapping[Key, str]):
    """Names by key, marked in English and translated when they are looked up."""

    def __init__(self, names: Mapping[Key, str]) -> None:
        self._names = names

    def __getitem__(self, key: Key) -> str:
        return str(gettext(self._names[key]))

    def __iter__(self) -> Iterator[Key]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def language_name(tag: str) -> str:
    """The name of a language in the language of the page, by its tag; a tag without a name is its own."""
    return str(LOCALES[interface_language()].languages.get(tag.replace("-", "_"), tag))


def english(text: str) -> Markup:
    """A text that there is in English alone, marked as such on a page in another language."""
    tag = foreign(PAGE_LANGUAGE)
    return Markup('<span lang="{}">{}</span>').format(tag, text) if tag else escape(text)


def counted(single: str, plural: str) -> tuple[str, str]:
    """The same two forms, marked to be translated by `ngettext` where something is counted."""
    return single, plural


def foreign(tag: str | None) -> str | None:
    """The tag of a text's language where it is not that of the page, for its `lang` attribute."""
    return tag if tag and tag != interface_language() else None


def day(of: date) -> str:
    """A day in words: `23 November 2026`, `23 de noviembre de 2026`."""
    return str(format_date(of, "long", LOCALES[interface_language()]))


def month(of: date) -> str:
    """The month of a day in words: `November 2026`, `noviembre de 2026`."""
    return str(format_skeleton("yMMMM", of, locale=LOCALES[interface_language()]))


def dated(of: date) -> Markup:
    """A day in words, marked up with its date."""
    return Markup('<time datetime="{}">{}</time>').format(of, day(of))


def moment(at: datetime) -> str:
    """A moment in words, to the minute, in the time zone that it is in: `23 November 2026, 14:05`."""
    return f"{day(at)}, {at:%H:%M}"


def decimal(number: float) -> str:
    """A number with the separators of the language: `12,345.6`, `12.345,6`."""
    return str(format_decimal(number, locale=LOCALES[interface_language()]))


def territory_name(code: str) -> str | None:
    """What a country is called in the language of the page, by its code (ISO 3166-1); None if it is no code."""
    name = LOCALES[interface_language()].territories.get(code.upper())
    return str(name) if name else None
