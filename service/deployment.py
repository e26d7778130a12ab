"""Where this instance stands and who answers for it, as the settings say: for whatever needs a whole address.

    deployment().at("/catalog") -> <https://example.org/catalog>

Addresses stand on `TRIVIUM_BASE`, else on the host and port that the service listens on. The `Host` header of a request
is never repeated: an answer that is kept would carry it to others.
"""

from typing import Final

from flask import Flask, current_app
from pyoxigraph import NamedNode

from graph.dataset_facts import Deployment, Publisher
from graph.dataset_text import AGENT, AGENT_NAME
from graph.namespaces import Namespace
from service.settings import InvalidSetting, Settings

KINDS: Final = Namespace("http://purl.org/adms/publishertype/")


def init_app(app: Flask) -> None:
    """Read the settings. Raises InvalidSetting for one that does not make an IRI."""
    app.extensions["trivium.deployment"] = deployed(app.extensions["trivium.settings"])


def deployment() -> Deployment:
    """This instance."""
    found: Deployment = current_app.extensions["trivium.deployment"]
    return found


def deployed(settings: Settings) -> Deployment:
    """The instance that the settings describe. Raises InvalidSetting."""
    address = settings.base.rstrip("/") or f"http://{settings.host}:{settings.port}"
    return Deployment(address, _publisher(settings, address), _contact(settings, address))


def _publisher(settings: Settings, address: str) -> Publisher:
    """The one who is named; without a name, the project that the graph itself says it is published by."""
    own = f"{address}/#publisher" if settings.publisher else AGENT.value
    iri = _iri("TRIVIUM_PUBLISHER_IRI", settings.publisher_iri or own)
    kind = _iri("TRIVIUM_PUBLISHER_TYPE", KINDS.iri + settings.publisher_type) if settings.publisher_type else None
    return Publisher(iri, settings.publisher or AGENT_NAME, kind)


def _contact(settings: Settings, address: str) -> NamedNode:
    text = settings.contact or f"{address}/"
    return _iri("TRIVIUM_CONTACT", f"mailto:{text}" if "@" in text and ":" not in text else text)


def _iri(name: str, text: str) -> NamedNode:
    try:
        return NamedNode(text)
    except ValueError as error:
        raise InvalidSetting(f"{name}: {text!r} is not an IRI ({error}).") from error
