"""The arguments of OAI-PMH 2.0 (section 4), and the errors that it answers with (3.6).

A list that goes on is asked for with a token: where it stands, as JSON in base64url. It does not expire, since it names
a place in the change log, which only grows.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Self

from werkzeug.datastructures import MultiDict

from graph.changes import Changed, Selection
from graph.errors import TriviumError
from graph.namespaces import RDF, is_slug
from graph.serialisation import NOT_XML

SET_SPEC: Final = re.compile(r"[\w\-.!~*'()]+(?::[\w\-.!~*'()]+)*", re.ASCII)
PREFIX: Final = re.compile(r"[\w\-.!~*'()]+", re.ASCII)
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
SECOND: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
LONGEST_TOKEN: Final = 1000
LARGEST: Final = 2**63  # beyond every number of the log
TOKEN: Final = "resumptionToken"


@dataclass(frozen=True)
class Format:
    """A metadata format: its prefix, the address of its schema, and its namespace."""

    prefix: str
    schema: str
    namespace: str


FORMATS: Final = (
    Format("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", "http://www.openarchives.org/OAI/2.0/oai_dc/"),
    Format("rdf", "http://www.openarchives.org/OAI/2.0/rdf.xsd", RDF.iri),
)


class ProtocolError(TriviumError):
    """A request that OAI-PMH answers with an error; carries its code."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True)
class Verb:
    """Which arguments a verb needs, which it may have, and whether a token may stand for all of them."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    resumed: bool = False


LISTED: Final = Verb(("metadataPrefix",), ("from", "until", "set"), resumed=True)
VERBS: Final[Mapping[str, Verb]] = {
    "Identify": Verb(),
    "ListMetadataFormats": Verb(optional=("identifier",)),
    "ListSets": Verb(resumed=True),
    "GetRecord": Verb(("identifier", "metadataPrefix")),
    "ListIdentifiers": LISTED,
    "ListRecords": LISTED,
}


def read(given: MultiDict[str, str]) -> dict[str, str]:
    """The arguments by name, the verb among them. Raises ProtocolError: badVerb or badArgument."""
    verbs = given.getlist("verb")
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise ProtocolError("badVerb", f"Give `verb` once, as one of {', '.join(VERBS)}.")
    verb, names = VERBS[verbs[0]], set(given) - {"verb"}
    for name, values in given.lists():
        if len(values) > 1:
            raise ProtocolError("badArgument", f"Give `{name}` once.")
        if NOT_XML.search(name + values[0]):
            raise ProtocolError("badArgument", "An argument has a character that XML cannot carry.")
    if verb.resumed and TOKEN in names:
        if names != {TOKEN}:
            raise ProtocolError("badArgument", f"Give `{TOKEN}` without any argument but `verb`.")
        return given.to_dict()
    for name in sorted(names.difference(verb.required, verb.optional)):
        raise ProtocolError("badArgument", f"{verbs[0]} has no argument `{name}`.")
    for name in (one for one in verb.required if one not in names):
        raise ProtocolError("badArgument", f"{verbs[0]} needs the argument `{name}`.")
    return _spelt(given.to_dict())


def _spelt(arguments: dict[str, str]) -> dict[str, str]:
    """The arguments, if they are written as the protocol has them. Raises ProtocolError: badArgument."""
    for name, pattern in (("metadataPrefix", PREFIX), ("set", SET_SPEC)):
        if name in arguments and not pattern.fullmatch(arguments[name]):
            raise ProtocolError("badArgument", f"`{name}` is not written as the protocol has it.")
    for name in ("from", "until"):
        if name in arguments:
            _moment(name, arguments[name])
    _ends(arguments.get("from", ""), arguments.get("until", ""))
    return arguments


def known(prefix: str) -> str:
    """A prefix of a format that there is. Raises ProtocolError: cannotDisseminateFormat."""
    names = [one.prefix for one in FORMATS]
    if prefix not in names:
        raise ProtocolError("cannotDisseminateFormat", f"There is no format `{prefix}`, only {' and '.join(names)}.")
    return prefix


@dataclass(frozen=True)
class Harvest:
    """A list that is asked for, and how far it is: after which row of the log, `cursor` of its `size` rows given."""

    prefix: str
    set: str = ""
    since: str = ""
    until: str = ""
    after: int = 0
    cursor: int = 0
    size: int = 0

    @classmethod
    def begun(cls, arguments: Mapping[str, str]) -> Self:
        """The list that the arguments ask for. Raises ProtocolError: cannotDisseminateFormat, noRecordsMatch."""
        prefix = known(arguments["metadataPrefix"])
        spec = arguments.get("set", "")
        if spec and not _may_be(spec):
            raise ProtocolError("noRecordsMatch", f"There is no set `{spec}`. ListSets names those there are.")
        return cls(prefix, spec, arguments.get("from", ""), arguments.get("until", ""))

    @classmethod
    def resumed(cls, token: str) -> Self:
        """The list that a token goes on with. Raises ProtocolError: badResumptionToken for one that is not ours."""
        try:
            return cls._decoded(token)
        except (ValueError, TypeError, RecursionError, ProtocolError) as error:
            raise ProtocolError("badResumptionToken", "This token was not given here. Begin the list anew.") from error

    @classmethod
    def _decoded(cls, token: str) -> Self:
        if len(token) > LONGEST_TOKEN:
            raise ValueError("too long")
        facts: dict[str, Any] = dict(json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4))))
        found = cls(**{"since" if name == "from" else name: value for name, value in facts.items()})
        numbers, texts = (found.after, found.cursor, found.size), (found.prefix, found.set, found.since, found.until)
        if not all(type(one) is int and 0 < one < LARGEST for one in numbers):
            raise ValueError("no places in the log")
        if not all(type(one) is str for one in texts) or (found.set and not _may_be(found.set)):
            raise ValueError("no list")
        known(found.prefix)
        _ends(found.since, found.until)
        if found.token != token:
            raise ValueError("written otherwise")
        return found

    @property
    def token(self) -> str:
        """The list and the place in it, as a token."""
        facts = {"from" if name == "since" else name: value for name, value in vars(self).items()}
        return urlsafe_b64encode(json.dumps(facts, separators=(",", ":")).encode()).decode().rstrip("=")

    @property
    def selection(self) -> Selection:
        """The rows of the log that the list is of."""
        kind, _, name = self.set.partition(":")
        return Selection(
            kinds=(name,) if kind == "kind" else (),
            sector=name if kind == "sector" else "",
            since=self.since.removesuffix("Z"),
            before=_ends(self.since, self.until),
        )

    def following(self, page: Sequence[Changed], size: int) -> Self:
        """Where the list is once a page of it was given."""
        return replace(self, after=page[-1].number, cursor=self.cursor + len(page), size=size)


def _may_be(spec: str) -> bool:
    dimension, _, name = spec.partition(":")
    return dimension in ("kind", "sector") and is_slug(name)


def _ends(since: str, until: str) -> str:
    """The first moment after `until`, as the log writes times; "" without end. Raises ProtocolError: badArgument."""
    moments = [_moment(name, text) for name, text in (("from", since), ("until", until)) if text]
    if len(moments) == 2 and (len(since) != len(until) or since > until):
        raise ProtocolError("badArgument", "`from` is not before `until`, or the one is a day and the other a second.")
    if not until:
        return ""
    try:
        if DAY.fullmatch(until):
            return (date.fromisoformat(until) + timedelta(days=1)).isoformat()
        return (moments[-1] + timedelta(seconds=1)).isoformat(timespec="seconds")
    except OverflowError:
        return ""


def _moment(name: str, text: str) -> datetime:
    if DAY.fullmatch(text) or SECOND.fullmatch(text):
        try:
            return datetime.fromisoformat(text.removesuffix("Z"))
        except ValueError:
            pass
    raise ProtocolError("badArgument", f"`{name}` is not a time: write 2026-11-24 or 2026-11-24T09:30:00Z.")
