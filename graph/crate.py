"""The RO-Crate of a release: what the files in a folder of dumps are, for repositories and archives (RO-Crate 1.2)."""

import json
from collections.abc import Mapping
from typing import Any

from rocrate.rocrate import ROCrate  # type: ignore[import-untyped]

from graph.dataset_text import AGENT, AGENT_NAME, DESCRIPTION, KEYWORDS, LICENCE, TITLE, release_iri
from graph.dumps import DUMPS, File
from graph.releases import Release

VERSION = "1.2"


def crate(release: Release, files: Mapping[str, File]) -> str:
    """The metadata file as JSON; the same release and files give the same text."""
    made: Any = ROCrate(version=VERSION)
    licence = made.add_jsonld({"@id": LICENCE, "@type": "CreativeWork", "name": "CC0 1.0 Universal", "url": LICENCE})
    agent = made.add_jsonld({"@id": AGENT.value, "@type": "Organization", "name": AGENT_NAME})
    for name, value in {
        "name": f"{TITLE['en']}, release {release.number}",
        "description": DESCRIPTION["en"],
        "identifier": release_iri(release.number).value,
        "version": str(release.number),
        "datePublished": release.created.isoformat(),
        "license": licence,
        "publisher": agent,
        "author": agent,
        "keywords": ", ".join(KEYWORDS["en"]),
        "temporalCoverage": f"../{release.as_of.isoformat()}",
    }.items():
        made.root_dataset[name] = value
    for dump in DUMPS:
        made.add_file(
            dest_path=dump.name,
            properties=_file(dump.name, files)
            | {
                "name": dump.title,
                "description": dump.content.description,
                "encodingFormat": [dump.packing.media_type, dump.content.media_type],
            },
        )
    return json.dumps(made.metadata.generate(), ensure_ascii=False, indent=1)


def _file(name: str, files: Mapping[str, File]) -> dict[str, Any]:
    return {"contentSize": str(files[name].bytes), "sha256": files[name].sha256}
