"""Pages for one reader: who is logged in is named, every form carries its token, and nobody keeps a copy."""

from typing import Any

from flask import Response

from service.authentication import bearer
from service.operation import Asked
from service.representations import page
from service.session import FORM_TOKEN, form_token


def personal_page(template: str, asked: Asked, **context: Any) -> Response:
    """A page that knows who is reading it: `person`, or None, and the token for its forms."""
    return page(template, asked, person=bearer(), form_token=form_token(), form_token_name=FORM_TOKEN, **context)
