"""Who may contribute, and what each may do.

A token is `slug.secret`, the secret 256 random bits. It is shown once and kept as its SHA-256, which is enough for
a secret that cannot be guessed, and compared in constant time.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa

from graph.errors import NotFound, TriviumError
from graph.namespaces import is_slug
from graph.tables import contributors, engine, now

SECRET_BYTES = 32


class Role(StrEnum):
    """What a contributor may do: submit for review, publish without review, or review what others submit."""

    CONTRIBUTOR = "contributor"
    TRUSTED = "trusted"
    CURATOR = "curator"


@dataclass(frozen=True)
class Contributor:
    """Somebody who contributes, as the public may know them."""

    slug: str
    name: str
    role: Role
    orcid: str = ""
    organisation: str = ""
    revoked: bool = False

    @property
    def reviewed(self) -> bool:
        """Whether what it submits waits for a curator."""
        return self.role is Role.CONTRIBUTOR


class NotAllowed(TriviumError):
    """The contributor is known, but may not do this."""


class NotKnown(TriviumError):
    """There is no valid token."""


class People:
    """The contributors of a data folder."""

    def __init__(self, data: Path) -> None:
        self._engine = engine(data)

    def add(self, slug: str, name: str, role: Role, orcid: str = "", organisation: str = "") -> str:
        """Add a contributor, or give a new token to one; returns the token, which is not kept.

        Raises NotAllowed if the slug is not well formed.
        """
        if not is_slug(slug) or slug == "trivium":
            raise NotAllowed(f"`{slug}` cannot be a contributor: take lower-case letters, digits and single hyphens.")
        secret = secrets.token_urlsafe(SECRET_BYTES)
        row = {
            "name": name,
            "role": role,
            "orcid": orcid,
            "organisation": organisation,
            "token_sha256": _hash(secret),
            "added": now(),
            "revoked": None,
        }
        with self._engine.begin() as connection:
            connection.execute(sa.delete(contributors).where(contributors.c.slug == slug))
            connection.execute(sa.insert(contributors).values(slug=slug, **row))
        return f"{slug}.{secret}"

    def revoke(self, slug: str) -> None:
        """End the token of a contributor. Raises NotFound."""
        chosen = sa.update(contributors).where(contributors.c.slug == slug).values(revoked=now())
        with self._engine.begin() as connection:
            if connection.execute(chosen).rowcount == 0:
                raise NotFound(f"There is no contributor `{slug}`.")

    def everybody(self) -> list[Contributor]:
        """Every contributor by slug, revoked ones too."""
        with self._engine.connect() as connection:
            return [_contributor(row) for row in connection.execute(sa.select(contributors).order_by("slug"))]

    def is_reviewed(self, slug: str) -> bool:
        """Whether what somebody submits waits for review; who is not listed works on this machine and is trusted."""
        return any(person.reviewed for person in self.everybody() if person.slug == slug)

    def by_token(self, token: str) -> Contributor:
        """Who bears a token. Raises NotKnown for one that is wrong or was revoked."""
        slug, _, secret = token.partition(".")
        row = self._row(slug)
        known = row.token_sha256 if row else _hash("")
        if not hmac.compare_digest(known, _hash(secret)) or row is None or row.revoked:
            raise NotKnown("This token is not valid: ask the curators for a new one.")
        return _contributor(row)

    def fingerprint(self, slug: str) -> str:
        """What a session may remember of a token: it changes with the token, and tells nothing of it."""
        row = self._row(slug)
        return _fingerprint(row) if row else ""

    def by_fingerprint(self, slug: str, fingerprint: str) -> Contributor:
        """Whose session this is. Raises NotKnown if the token was renewed or revoked since it began."""
        row = self._row(slug)
        if row is None or row.revoked or not hmac.compare_digest(_fingerprint(row), fingerprint):
            raise NotKnown("This session has ended: log in again.")
        return _contributor(row)

    def _row(self, slug: str) -> sa.Row[tuple[object, ...]] | None:
        chosen = sa.select(contributors).where(contributors.c.slug == slug)
        with self._engine.connect() as connection:
            return connection.execute(chosen).first()


def _contributor(row: sa.Row[tuple[object, ...]]) -> Contributor:
    return Contributor(row.slug, row.name, Role(row.role), row.orcid, row.organisation, row.revoked is not None)


def _fingerprint(row: sa.Row[tuple[object, ...]]) -> str:
    return _hash(f"session {row.token_sha256}")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
