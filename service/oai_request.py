"""What an OAI-PMH request asks for: its arguments, checked as the protocol says (OAI-PMH 2.0, sections 3 and 4)."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from graph.changes import Selection

PREFIXES: Final = ("oai_dc", "rdf")
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
SECOND: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
LIST: Final = (("metadataPrefix",), ("from", "until", "set"), True)
VERBS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...], bool]]] = {
    "Identify": ((), (), False),
    "ListMetadataFormats": ((), ("identifier",), False),
    "ListSets": ((), (), True),
    "GetRecord": (("identifier", "metadataPrefix"), (), False),
    "ListIdentifiers": LIST,
    "ListRecords": LIST,
}
"""For each verb the required arguments, the optional ones, and whether it takes a resumption token instead."""


class ProtocolError(Exception):
    """An error of the protocol (3.6): `code` is one of its names."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True)
class Listing:
    """What is listed, and from where on.

    `after` is the last number of the change log that was told; `cursor` counts what was told, of `size` in all.
    """

    prefix: str
    set: str = ""
    since: str = ""
    until: str = ""
    after: int = 0
    cursor: int = 0
    size: int = 0

    @property
    def selection(self) -> Selection:
        """The rows of the change log that are meant; both ends of the time belong to it."""
        what, _, name = self.set.partition(":")
        kinds, sector = [name] if what == "kind" else [], name if what == "sector" else ""
        return Selection(kinds, sector, self.since.removesuffix("Z"), _end(self.until))

    @property
    def token(self) -> str:
        """The listing as a resumption token: nothing is kept for it, so it never expires."""
        return base64.urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode().rstrip("=")

    @classmethod
    def resumed(cls, token: str) -> Self:
        """The listing that a token stands for. Raises ProtocolError."""
        try:
            found = cls(**json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))))
            numbers = (found.after, found.cursor, found.size)
            if not all(type(one) is int and one >= 0 for one in numbers) or found.token != token:
                raise ValueError(token)
            found.check()
        except (ProtocolError, ValueError, TypeError) as error:
            raise ProtocolError("badResumptionToken", "This is not a token of this repository.") from error
        return found

    def check(self) -> None:
        """Raises ProtocolError for a format that is not offered, or times that are none."""
        for text in (self.since, self.until):
            if text and not _is_time(text):
                raise ProtocolError("badArgument", f"`{text}` is neither YYYY-MM-DD nor YYYY-MM-DDThh:mm:ssZ.")
        if self.since and self.until:
            if len(self.since) != len(self.until):
                raise ProtocolError("badArgument", "from and until are of different granularity.")
            if self.since > self.until:
                raise ProtocolError("badArgument", "from is later than until.")
        check_prefix(self.prefix)


@dataclass(frozen=True)
class Request:
    """A verb with its arguments."""

    verb: str
    arguments: Mapping[str, str]

    @property
    def listing(self) -> Listing:
        """What a list request asks for. Raises ProtocolError."""
        token = self.arguments.get("resumptionToken")
        if token is not None:
            return Listing.resumed(token)
        wanted, since, until = (self.arguments.get(name, "") for name in ("set", "from", "until"))
        found = Listing(self.arguments["metadataPrefix"], wanted, since, until)
        found.check()
        return found


def parsed(given: Sequence[tuple[str, str]]) -> Request:
    """The request of some arguments, in whatever order. Raises ProtocolError."""
    verbs = [value for name, value in given if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise ProtocolError("badVerb", f"Give one verb, of {', '.join(VERBS)}.")
    required, optional, resumable = VERBS[verbs[0]]
    rest = [(name, value) for name, value in given if name != "verb"]
    arguments = dict(rest)
    known = {*required, *optional, *(("resumptionToken",) if resumable else ())}
    if len(arguments) < len(rest):
        raise ProtocolError("badArgument", "An argument is given twice.")
    if unknown := sorted(arguments.keys() - known):
        raise ProtocolError("badArgument", f"{verbs[0]} does not take {', '.join(unknown)}.")
    if "resumptionToken" in arguments:
        if len(arguments) > 1:
            raise ProtocolError("badArgument", "resumptionToken excludes every other argument.")
    elif missing := [name for name in required if name not in arguments]:
        raise ProtocolError("badArgument", f"{verbs[0]} needs {', '.join(missing)}.")
    return Request(verbs[0], arguments)


def check_prefix(prefix: str) -> None:
    """Raises ProtocolError for a format that is not offered."""
    if prefix not in PREFIXES:
        raise ProtocolError("cannotDisseminateFormat", f"The formats are {', '.join(PREFIXES)}.")


def _is_time(text: str) -> bool:
    if not (DAY.fullmatch(text) or SECOND.fullmatch(text)):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _end(text: str) -> str:
    """The first moment after a day or second, as the change log writes times."""
    if not text:
        return ""
    unit = timedelta(days=1) if DAY.fullmatch(text) else timedelta(seconds=1)
    following = datetime.fromisoformat(text).replace(tzinfo=UTC) + unit
    return following.strftime("%Y-%m-%dT%H:%M:%S") if SECOND.fullmatch(text) else following.strftime("%Y-%m-%d")
