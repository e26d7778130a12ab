"""The languages of the interface: which one a page is written in, and the translation of its words.

The labels of the graph come in the language that the reader asked for; the words around them in the same one where
the interface is translated into it, else in English. Templates mark their words with `_()`, modules with the
functions of here.
"""

from typing import Final

from flask import Flask, has_request_context, request
from flask_babel import Babel, gettext, lazy_gettext, ngettext

from service.negotiation import PAGE_LANGUAGE, choose_language

__all__ = ["INTERFACE", "gettext", "init_app", "interface_language", "lazy_gettext", "ngettext"]

INTERFACE: Final = {"en": "English", "es": "Español"}
"""The languages that the interface is written in, by tag, each under its own name."""


def init_app(app: Flask) -> None:
    """Let the templates and modules translate."""
    Babel(app, default_locale=PAGE_LANGUAGE, locale_selector=interface_language)


def interface_language() -> str:
    """The language of the words around the data in this request: English where there is no other."""
    if not has_request_context():
        return PAGE_LANGUAGE
    asked = request.args.get("lang", "").partition("-")[0].lower()
    return asked if asked in INTERFACE else choose_language(tuple(INTERFACE), request.headers.get("Accept-Language"))
