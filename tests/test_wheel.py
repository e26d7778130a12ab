"""The wheel carries every folder: built, unpacked elsewhere, and asked from another directory."""

import subprocess
import sys
import zipfile
from pathlib import Path

from graph.resources import ROOT

ASK = """
import sys
from datetime import date
from pathlib import Path
from graph.publication import Publisher
from graph.resources import ROOT
from service import create_app
from service.settings import Settings

assert ROOT == Path(sys.argv[1]), ROOT
data = Path(sys.argv[2])
with Publisher.open(data) as publisher:
    publisher.publish(date(2026, 11, 23))
client = create_app(Settings(data=data)).test_client()
for address in ("/", "/gaps", "/sectors.json", "/queries", "/ns.ttl", "/shapes.ttl", "/context.jsonld", "/health"):
    assert client.get(address).status_code == 200, address
assert client.get("/static/editor/editor.js").status_code == 200, "the wheel has no query editor: run `make editor`"
print(len(client.get("/sectors.json?limit=0").get_json()["items"]))
"""


def test_a_wheel_answers_from_another_directory(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    asked = subprocess.run(
        [sys.executable, "-c", ASK, str(site), str(tmp_path / "data")],
        cwd="/",
        env={"PYTHONPATH": str(site), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.strip() == "25"
