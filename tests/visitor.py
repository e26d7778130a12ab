"""Somebody at a browser without scripts: logs in, opens pages, fills in forms and sends them."""

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FORM_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


@dataclass
class Visitor:
    """One session."""

    client: FlaskClient

    @classmethod
    def logged_in(cls, app: Flask, token: str) -> "Visitor":
        """Somebody who has just logged in."""
        client = app.test_client()
        assert client.post("/login", data={"token": token}, headers=BROWSER).status_code == 303
        return cls(client)

    @property
    def form_token(self) -> str:
        """What every form of this session carries."""
        found = FORM_TOKEN.search(self.open("/logout"))
        assert found
        return found[1]

    def open(self, path: str) -> str:
        """The text of a page."""
        answer = self.get(path)
        assert (answer.status_code, answer.mimetype) == (200, "text/html"), (path, answer.status_code)
        return answer.text

    def get(self, path: str) -> TestResponse:
        """What a browser is answered."""
        return self.client.get(path, headers=BROWSER)

    def send(self, path: str, **fields: Any) -> TestResponse:
        """Send a form, with the token that its page had."""
        return self.client.post(path, data={"csrf": self.form_token, **fields}, headers=BROWSER)
