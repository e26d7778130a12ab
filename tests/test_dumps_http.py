"""Dumps over HTTP: whole, true, reproducible, made once, and served in parts to those who resume."""

import csv
import gzip
import hashlib
import io
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
import zstandard
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import CanonicalizationAlgorithm, NamedNode, Quad, RdfFormat, parse
from pyoxigraph import Dataset as Quads
from rocrate.rocrate import ROCrate  # type: ignore[import-untyped]

from graph import sums
from graph.data_folder import lock
from graph.dump_writing import make
from graph.dumps import DUMPS, MEDIA_TYPES, made
from graph.errors import ReleaseDamaged
from graph.namespaces import RDF, TRV, kind_and_slug
from graph.publication import Publisher
from graph.releases import Release, Releases
from graph.schema import Schema
from graph.sorting import sorted_lines
from graph.store import FINGERPRINT_MODULUS, Dataset
from graph.tabular import read, write
from service import create_app
from service.cli import commands
from service.settings import Settings

HEX = 16
NAMES = [dump.name for dump in DUMPS]


@pytest.fixture(scope="module")
def data(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the starter graph, with a second release of it a day later."""
    copy = Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("dumps") / "data"))
    for made_by_others in (copy / "releases").glob("*/dumps*"):
        shutil.rmtree(made_by_others) if made_by_others.is_dir() else made_by_others.unlink()
    with Publisher.open(copy) as publisher:
        publisher.publish(date(2026, 11, 24))
    return copy


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[FlaskClient]:
    """A client over the two releases; the dumps of neither are made before they are asked for."""
    app = create_app(Settings(data=data, dump_seconds=120))
    with app.test_client() as client:
        yield client
    app.extensions["trivium.dumps"].close()


@pytest.fixture(scope="module")
def release(data: Path) -> Release:
    """The newest release."""
    newest = Releases(data).newest()
    assert newest is not None
    return newest


@pytest.fixture(scope="module")
def dataset(release: Release) -> Dataset:
    """What the newest release holds."""
    return release.dataset()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A data folder whose only release holds just the vocabulary."""
    with Publisher.open(tmp_path) as publisher:
        publisher.publish(date(2026, 11, 23))
    return tmp_path


def fetched(client: FlaskClient, path: str) -> bytes:
    with client.get(path, follow_redirects=True) as response:
        assert response.status_code == 200, path
        return response.get_data()


def unpacked(client: FlaskClient, name: str) -> bytes:
    body = fetched(client, f"/dumps/latest/{name}")
    if name.endswith(".gz"):
        return gzip.decompress(body)
    return zstandard.ZstdDecompressor().decompressobj().decompress(body)


def files_of(client: FlaskClient, number: int) -> dict[str, dict[str, object]]:
    listed = json.loads(fetched(client, f"/dumps/{number}.json"))["releases"][0]
    return {file["name"]: file for file in listed["files"]}


def test_the_n_quads_are_exactly_the_release_and_its_digest(
    client: FlaskClient, release: Release, dataset: Dataset
) -> None:
    lines = unpacked(client, "trivium.nq.gz").splitlines()
    assert {Quad(*quad) for quad in parse(b"\n".join(lines), RdfFormat.N_QUADS)} == set(dataset.quads())
    assert len(lines) == release.quads
    hashes = (int(hashlib.sha256(line.removesuffix(b" .")).hexdigest(), HEX) for line in lines)
    assert sum(hashes) % FINGERPRINT_MODULUS == int(release.digest, HEX)


def test_the_n_quads_are_canonical_and_their_hash_is_stated(client: FlaskClient) -> None:
    text = unpacked(client, "trivium.nq.gz")
    quads = Quads(parse(text, RdfFormat.N_QUADS))
    quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    assert b"".join(sorted(f"{quad} .\n".encode() for quad in quads)) == text
    found = hashlib.sha256(text).hexdigest()
    assert fetched(client, "/dumps/latest/trivium.nq.sha256") == f"{found}  trivium.nq\n".encode()
    assert json.loads(fetched(client, "/dumps.json"))["releases"][0]["canonical_sha256"] == found


@pytest.mark.parametrize(("name", "syntax"), [("ttl", RdfFormat.TURTLE), ("jsonld", RdfFormat.JSON_LD)])
def test_turtle_and_json_ld_say_every_statement_once(
    client: FlaskClient, dataset: Dataset, name: str, syntax: RdfFormat
) -> None:
    found = [quad.triple for quad in parse(unpacked(client, f"trivium.{name}.gz"), syntax)]
    assert len(found) == len(set(found))
    assert set(found) == {quad.triple for quad in dataset.quads()}


@pytest.mark.parametrize("suffix", ["nq", "ttl", "jsonld"])
def test_both_compressions_hold_the_same(client: FlaskClient, suffix: str) -> None:
    assert unpacked(client, f"trivium.{suffix}.gz") == unpacked(client, f"trivium.{suffix}.zst")


@pytest.fixture(scope="module")
def sheets(client: FlaskClient) -> dict[str, str]:
    """The spreadsheets, by the kind they are about."""
    with ZipFile(io.BytesIO(fetched(client, "/dumps/latest/trivium-csv.zip"))) as archive:
        return {Path(name).stem: archive.read(name).decode() for name in archive.namelist()}


def test_each_kind_is_the_spreadsheet_of_contributors_and_reads_back(sheets: dict[str, str], dataset: Dataset) -> None:
    kinds = Schema.load().kinds
    assert sheets.keys() == {*kinds, "gap"}
    for name, kind in kinds.items():
        typed = (quad.subject for quad in dataset.quads(None, RDF.type, kind.target))
        own = {iri for iri in typed if isinstance(iri, NamedNode) and (kind_and_slug(iri) or ("",))[0] == name}
        said = [triple for iri in own for triple in dataset.describe(iri)]
        expected = write(kind, said)
        assert sheets[name].splitlines()[0] == expected.splitlines()[0]
        assert sorted(rows(sheets[name])) == sorted(rows(expected)), name
        again = read(kind, sheets[name].encode(), f"{name}.csv")
        assert not again.findings, name
        assert set(again.triples) == {t for t in said if kind.column(t.predicate) or t.object == kind.target}, name


def test_the_gaps_are_those_of_the_service(client: FlaskClient, sheets: dict[str, str]) -> None:
    found = {row["id"]: row for row in csv.DictReader(io.StringIO(sheets["gap"]))}
    listed = json.loads(fetched(client, "/gaps.json?limit=0"))["items"]
    assert len(listed) == 390
    for item in listed:
        sector, competency = (item[name]["iri"].rpartition("/")[2] for name in ("sector", "competency"))
        row = found[f"{sector}--{competency}"]
        assert (row["sector"], row["competency"], row["state"]) == (sector, competency, item["state"])
        assert (row["supply"], row["providers"]) == (str(item["supply"]), str(item["providers"]))
        assert float(row["score"] or -1) == (-1 if item["score"] is None else item["score"])
        assert set(filter(None, row["offerings"].split(";"))) == {
            iri.rpartition("/")[2] for iri in item["evidence"]["offerings"]
        }


def rows(text: str) -> Iterator[tuple[str, ...]]:
    return (tuple(row) for row in csv.reader(io.StringIO(text)))


def test_sizes_and_checksums_are_true_wherever_they_are_stated(client: FlaskClient, release: Release) -> None:
    lines = fetched(client, "/dumps/latest/SHA256SUMS").decode().splitlines()
    sums = {name: digits for digits, name in (line.split("  ") for line in lines)}
    files = files_of(client, release.number)
    assert files.keys() == MEDIA_TYPES.keys()
    assert sums.keys() == MEDIA_TYPES.keys() - {"SHA256SUMS"}
    for name, file in files.items():
        body = fetched(client, f"/dumps/{release.number}/{name}")
        assert (file["bytes"], file["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
        assert sums.get(name, file["sha256"]) == file["sha256"]


def test_the_ro_crate_is_read_back_and_names_every_dump(client: FlaskClient, release: Release) -> None:
    document = json.loads(fetched(client, "/dumps/latest/ro-crate-metadata.json"))
    crate = ROCrate(document)
    assert crate.metadata["conformsTo"] == "https://w3id.org/ro/crate/1.2"
    root = crate.root_dataset
    assert {"name", "description", "datePublished", "license"} <= root.properties().keys()
    assert root["license"].id == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert root["publisher"]["name"] == "Trivium"
    assert (root["version"], root["identifier"]) == ("2", "https://w3id.org/trivium/id/release/2")
    files = files_of(client, release.number)
    assert [part.id for part in root["hasPart"]] == NAMES
    for part in crate.data_entities:
        stated = files[part.id]
        assert (part["contentSize"], part["sha256"]) == (str(stated["bytes"]), stated["sha256"])
        assert part["encodingFormat"] == [stated["media_type"], stated["content"]]


def test_the_same_statements_give_the_same_files(release: Release, client: FlaskClient, tmp_path: Path) -> None:
    """Made by another process from a copy: hosts that do not share a disk serve the same bytes."""
    fetched(client, "/dumps/latest/SHA256SUMS")
    copy = Path(shutil.copytree(release.path, tmp_path / "000002", ignore=shutil.ignore_patterns("dumps*")))
    assert make(Release.read(copy)) == made(release)


@pytest.mark.parametrize("name", MEDIA_TYPES)
def test_a_file_is_a_download_that_never_changes(client: FlaskClient, release: Release, name: str) -> None:
    path = f"/dumps/{release.number}/{name}"
    with client.get(path) as whole:
        assert (whole.status_code, whole.mimetype) == (200, MEDIA_TYPES[name])
        assert whole.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert whole.headers["Content-Disposition"] == f"attachment; filename={name}"
        assert whole.headers["Access-Control-Allow-Origin"] == "*"
        assert whole.headers["Accept-Ranges"] == "bytes"
        assert "Content-Encoding" not in whole.headers
        assert whole.headers["ETag"] == f'"{hashlib.sha256(whole.get_data()).hexdigest()}"'
    with client.get(path, headers={"If-None-Match": whole.headers["ETag"]}) as again:
        assert (again.status_code, again.get_data()) == (304, b"")
    with client.head(path) as head:
        assert (head.status_code, head.headers["Content-Length"]) == (200, whole.headers["Content-Length"])


def test_a_download_that_broke_off_is_resumed(client: FlaskClient, release: Release) -> None:
    path = f"/dumps/{release.number}/trivium.ttl.zst"
    whole = fetched(client, path)
    etag = f'"{hashlib.sha256(whole).hexdigest()}"'
    with client.get(path, headers={"Range": "bytes=1000-", "If-Range": etag}) as rest:
        assert rest.status_code == 206
        assert rest.headers["Content-Range"] == f"bytes 1000-{len(whole) - 1}/{len(whole)}"
        assert whole[:1000] + rest.get_data() == whole
    with client.get(path, headers={"Range": "bytes=1000-", "If-Range": '"another"'}) as changed:
        assert (changed.status_code, changed.get_data()) == (200, whole)
    with client.get(path, headers={"Range": f"bytes={len(whole)}-"}) as beyond:
        assert beyond.status_code == 416


@pytest.mark.parametrize("path", ["", "trivium.nq.gz", "SHA256SUMS"])
def test_latest_leads_to_the_number_and_is_asked_every_time(client: FlaskClient, path: str) -> None:
    response = client.get(f"/dumps/latest/{path}", headers={"Host": "elsewhere.example"})
    assert (response.status_code, response.headers["Location"]) == (302, f"/dumps/2/{path}")
    assert "no-cache" in response.headers["Cache-Control"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_an_older_release_is_served_as_it_was(client: FlaskClient, data: Path) -> None:
    first = Release.read(Releases(data).path(1))
    text = gzip.decompress(fetched(client, "/dumps/1/trivium.nq.gz"))
    assert {Quad(*quad) for quad in parse(text, RdfFormat.N_QUADS)} == set(first.dataset().quads())
    assert b'"2026-11-23"' in text


def test_the_list_says_what_is_made_as_soon_as_it_is(small: Path) -> None:
    app = create_app(Settings(data=small))
    client = app.test_client()
    before = client.get("/dumps.json")
    assert [file["bytes"] for file in before.json["releases"][0]["files"]] == [None] * len(MEDIA_TYPES)  # type: ignore[index]
    assert b"not made yet" in client.get("/dumps/1/", headers={"Accept": "text/html"}).data
    fetched(client, "/dumps/1/SHA256SUMS")
    after = client.get("/dumps.json", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    listed = after.json["releases"][0]  # type: ignore[index]
    assert listed["made"]
    assert all(file["bytes"] for file in listed["files"])


@pytest.mark.parametrize("path", ["/dumps", "/dumps/", "/dumps.html", "/dumps/1/", "/dumps/1.html"])
def test_the_pages_list_every_file(client: FlaskClient, path: str) -> None:
    text = client.get(path, headers={"Accept": "text/html"}).text
    assert all(f'href="/dumps/1/{name}"' in text for name in MEDIA_TYPES)


def test_what_is_not_there_is_said_with_what_is(client: FlaskClient) -> None:
    wrong = client.get("/dumps/latest/trivium.nt.gz")
    assert wrong.status_code == 404
    assert wrong.json["detail"].startswith("There is no file `trivium.nt.gz`. Did you mean `trivium.")  # type: ignore[index]
    for path in ("/dumps/3/", "/dumps/0/", "/dumps/x/", "/dumps/3/trivium.nq.gz", "/dumps/-1/trivium.nq.gz"):
        response = client.get(path)
        assert response.status_code == 404
        assert "there are 2, 1, and `latest`" in response.json["detail"]  # type: ignore[index]


def test_a_release_that_is_no_longer_kept_is_gone(small: Path) -> None:
    with Publisher.open(small) as publisher:
        publisher.publish(date(2026, 11, 24))
    Releases(small).prune(1)
    client = create_app(Settings(data=small)).test_client()
    for path in ("/dumps/1/", "/dumps/1/trivium.nq.gz"):
        response = client.get(path)
        assert response.status_code == 410
        assert "no longer kept" in response.json["detail"]  # type: ignore[index]


def asked(app: Flask, path: str) -> tuple[int, str | None]:
    """The status, and the time to come again after."""
    with app.test_client().get(path) as response:
        return response.status_code, response.headers.get("Retry-After")


def test_while_files_are_made_one_request_waits_and_others_are_told_to_come_again(small: Path) -> None:
    app = create_app(Settings(data=small, dump_seconds=60))
    release, path = Releases(small).newest(), "/dumps/1/trivium.nq.gz"
    assert release
    with ThreadPoolExecutor() as threads:
        with lock(release.path / "dumps.lock", 0):  # another process makes them
            both = [threads.submit(asked, app, path) for _ in range(2)]
            told, waits = wait(both, return_when=FIRST_COMPLETED)
            assert [one.result() for one in told] == [(503, "5")]
            assert app.test_client().get("/catalog.ttl").status_code == 200
            assert not any(one.done() for one in waits)
        assert [one.result() for one in waits] == [(200, None)]


def test_who_waits_too_long_is_told_to_come_again_and_finds_them_made(small: Path) -> None:
    app = create_app(Settings(data=small, dump_seconds=0.2))
    client, path = app.test_client(), "/dumps/1/trivium.nq.gz"
    release = Releases(small).newest()
    assert release
    with lock(release.path / "dumps.lock", 0):
        late = client.get(path)
        assert (late.status_code, late.headers["Retry-After"]) == (503, "5")
        assert late.json["type"].endswith("#dumps-being-made")  # type: ignore[index]
    while asked(app, path)[0] == 503:
        pass
    assert len(gzip.decompress(fetched(client, path)).splitlines()) == release.quads


def test_what_an_ended_process_left_is_not_served(small: Path) -> None:
    release = Releases(small).newest()
    assert release
    (release.path / "dumps-draft").mkdir()
    (release.path / "dumps-draft" / "trivium.nq.gz").write_bytes(b"half of")
    client = create_app(Settings(data=small)).test_client()
    assert len(gzip.decompress(fetched(client, "/dumps/1/trivium.nq.gz")).splitlines()) == release.quads
    assert sorted(path.name for path in release.path.iterdir()) == [
        "SHA256SUMS",
        "coverage",
        "dumps",
        "dumps.lock",
        "release.json",
        "store",
    ]


def test_a_damaged_release_is_not_dumped(small: Path) -> None:
    release = Releases(small).newest()
    assert release
    facts = json.loads((release.path / "release.json").read_text())
    (release.path / "release.json").write_text(json.dumps(facts | {"digest": "0" * 64}))
    sums.write(release.path, sums.sums_of(release.path))
    with pytest.raises(ReleaseDamaged, match="its statements do not have its digest"):
        make(Release.read(release.path))
    assert not (release.path / "dumps").exists()
    assert create_app(Settings(data=small)).test_client().get("/dumps/1/trivium.nq.gz").status_code == 500


def test_the_command_makes_them_ahead(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIVIUM_DATA", str(small))
    done = CliRunner().invoke(commands, ["dump"])
    assert done.exit_code == 0, done.output
    release = Releases(small).newest()
    assert release
    assert all(str(release.path / "dumps" / name) in done.output for name in MEDIA_TYPES)
    assert made(release) is not None
    assert CliRunner().invoke(commands, ["dump", "--release", "9"]).exit_code != 0


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]))), st.integers(1, 7))
def test_lines_are_sorted_by_code_point_in_parts_of_any_size(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], at_once: int
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    lines = [f"{text}\n" for text in texts]
    found = list(sorted_lines((line.encode() for line in lines), folder, at_once))
    assert [line.decode() for line in found] == sorted(lines)
    assert not list(folder.iterdir())


def test_entities_of_the_dumps_are_of_the_kinds_that_are_known(sheets: dict[str, str], dataset: Dataset) -> None:
    """Every gap and every offering has its row, no more and no fewer."""
    for name, target in (("gap", TRV.Gap), ("offering", TRV.Offering)):
        expected = {quad.subject for quad in dataset.quads(None, RDF.type, target)}
        assert len(list(rows(sheets[name]))) == 1 + len(expected)
