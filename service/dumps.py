"""`/dumps/`: every release that is kept as files, made at the first request and then never changed.

A file is answered from disk, whole or in parts (RFC 9110, 14). The request that finds nothing made waits for it, at
most `TRIVIUM_DUMP_SECONDS`; whoever else asks meanwhile gets 503 with `Retry-After`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from flask import Blueprint, Response, abort, current_app, send_file

from graph.dumps import CANONICAL, CHECKSUMS, CRATE, DUMPS, MEDIA_TYPES, Manifest, folder_of, made
from graph.errors import NotFound, did_you_mean, nearest
from graph.releases import Release
from service.caching import FOREVER
from service.kept_releases import manifest_of, releases_of, state
from service.operation import Asked, Operation, answers, declared
from service.permalinks import HEADER
from service.release_view import ReleaseView, current_view
from service.representations import json_answer, linked, page

TAG: Final = "Harvest"
LATEST: Final = "latest"
ABOUT: Final = {
    CRATE: "RO-Crate: what the files are, for repositories",
    CANONICAL: "The checksum of the N-Quads, unpacked",
    CHECKSUMS: "The checksums of all the files",
}
FILES: Final = ("gz", "zst", "zip", "jsonld", "txt")

blueprint = Blueprint("dumps", __name__)


@answers(blueprint, "/dumps/", "The releases that are kept, as files", ("html", "json"), tag=TAG, also=state)
def show_dumps(asked: Asked) -> Response:
    """Every release that is kept, the newest first, and its files."""
    return _listing(asked, releases_of(asked.view))


@answers(blueprint, "/dumps/<number>/", "The files of one release", ("html", "json"), tag=TAG, also=state)
def show_release(asked: Asked, number: str) -> Response:
    """One release and its files; `latest` leads to the newest."""
    if number == LATEST:
        return _redirected(f"/dumps/{asked.view.release.number}/")
    return _listing(asked, [_release(asked.view, number)])


@blueprint.get("/dumps/<number>/<name>")
@declared(Operation("/dumps/<number>/<name>", "One file of a release; `latest` leads to the newest", FILES, tag=TAG))
def send(number: str, name: str) -> Response:
    """A file, whole or in parts. Raises NotFound for a file that there is not."""
    view = current_view()
    if name not in MEDIA_TYPES:
        raise NotFound(f"There is no file `{name}`.{did_you_mean(nearest(name, list(MEDIA_TYPES)))}")
    if number == LATEST:
        return _redirected(f"/dumps/{view.release.number}/{name}")
    release = _release(view, number)
    file = manifest_of(release).files[name]
    try:
        response = send_file(
            (folder_of(release) / name).absolute(),
            MEDIA_TYPES[name],
            as_attachment=True,
            download_name=name,
            etag=file.sha256,
            last_modified=release.created,
        )
    except FileNotFoundError:  # the release was removed meanwhile
        abort(410, _gone(number))
    response.headers["Cache-Control"] = FOREVER
    response.headers[HEADER] = number
    return linked(response, {"collection": f"/dumps/{number}/", "describedby": "/catalog"})


def _release(view: ReleaseView, number: str) -> Release:
    """The release of a number; 410 for one that is no longer kept."""
    known = {str(one.number): one for one in releases_of(view)}
    if number in known:
        return known[number]
    if number.isdecimal() and 0 < int(number) < view.release.number:
        abort(410, _gone(number))
    raise NotFound(f"There is no release `{number}`; there are {', '.join(known)}, and `{LATEST}`.")


def _gone(number: str) -> str:
    return f"Release {number} is no longer kept: /dumps/ lists those that are. What it said is in later ones."


def _redirected(path: str) -> Response:
    return Response(status=302, headers={"Location": path, "Cache-Control": "no-cache"}, mimetype="text/plain")


def _listing(asked: Asked, releases: Sequence[Release]) -> Response:
    described = [_described(one) for one in releases]
    if asked.representation == "json":
        return linked(json_answer({"latest": asked.view.release.number, "releases": described}), {})
    content = page("dumps.html", asked, releases=described, latest=asked.view.release.number, about=ABOUT)
    return linked(content, {"describedby": "/catalog"})


def _described(release: Release) -> dict[str, Any]:
    manifest = made(release)
    return {
        "release": release.number,
        "as_of": release.as_of.isoformat(),
        "created": release.created.isoformat(),
        "statements": release.quads,
        "digest": release.digest,
        "canonical_sha256": manifest.canonical if manifest else None,
        "made": manifest is not None,
        "files": list(_files(release, manifest)),
    }


def _files(release: Release, manifest: Manifest | None) -> Iterator[dict[str, Any]]:
    base = current_app.extensions["trivium.settings"].base.rstrip("/")
    dumps = {dump.name: dump for dump in DUMPS}
    for name, media_type in MEDIA_TYPES.items():
        file = manifest.files[name] if manifest else None
        yield {
            "name": name,
            "url": f"{base}/dumps/{release.number}/{name}",
            "media_type": media_type,
            "content": dumps[name].content.media_type if name in dumps else None,
            "title": dumps[name].title if name in dumps else None,
            "bytes": file.bytes if file else None,
            "sha256": file.sha256 if file else None,
        }
