"""The starter graph: the project's own curated spreadsheets, loaded like any other contribution."""

from datetime import date
from pathlib import Path

from graph.parsing import Submission
from graph.progress import Progress, silently
from graph.publication import Publisher, Terms
from graph.releases import Release
from graph.resources import STARTER

CONTRIBUTOR = "trivium"


def starter_submissions(folder: Path = STARTER) -> list[Submission]:
    """The curated spreadsheets, one for each kind."""
    return [Submission(path.name, path.read_bytes()) for path in sorted(folder.glob("*.csv"))]


def load_starter(publisher: Publisher, as_of: date, progress: Progress = silently) -> Release:
    """Publish the starter graph. Raises InvalidInput if a curated spreadsheet does not conform."""
    return publisher.contribute(starter_submissions(), Terms(CONTRIBUTOR), as_of, progress)
