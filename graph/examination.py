"""Files of strangers are parsed and validated in a process of their own, with limits, and nothing of them is kept.

    examine_apart([Submission("offering.csv", body)], release.path / "store", Limits()) -> Examination

The process is started for one examination, sees the release read-only and no network, and is killed when its time is
up. It is `graph/examination_worker.py`.
"""

import io
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from graph.errors import TriviumError
from graph.impact import Impact, Reckoning
from graph.parsing import Submission
from graph.query_frames import Header, pack, unpack
from graph.report import Finding, Place, Report, Severity
from graph.resources import ROOT

_PROGRAM: Final = "import sys; sys.path.insert(0, sys.argv[1]); from graph.examination_worker import main; main()"
_log = logging.getLogger(__name__)


class ExaminationTimeout(TriviumError):
    """The files could not be read and validated within the limit of time."""


class ExaminationTooLarge(TriviumError):
    """The files are larger than is taken, or need more memory than they may."""


@dataclass(frozen=True)
class Limits:
    """What the files of one examination may take: seconds and bytes of memory; bytes and statements together; how deep
    JSON may be nested; and how many findings are told."""

    seconds: float = 60.0
    memory: int = 2 << 30
    bytes: int = 20_000_000
    triples: int = 250_000
    depth: int = 64
    findings: int = 10_000


DEFAULTS: Final = Limits()


@dataclass(frozen=True)
class Record:
    """One entity of a submission, and the share of the recommended properties that it states, from 0 to 1."""

    subject: str
    kind: str
    completeness: float
    missing: tuple[str, ...] = ()
    file: str = ""
    row: int | None = None
    part: str | None = None


@dataclass(frozen=True)
class Examination:
    """What was found in the files; `unreadable` if one of them could not be read, `left_out` counts findings not told.

    `shacl` is the validation report of the W3C in Turtle, `impact` what the files would change, as far as it was asked
    for, there is a release and they could be read.
    """

    report: Report
    unreadable: bool
    records: tuple[Record, ...]
    shacl: bytes
    left_out: int = 0
    impact: Impact | None = None

    @property
    def conforms(self) -> bool:
        """Whether nothing blocks."""
        return self.report.conforms


def examine_apart(
    submissions: Sequence[Submission],
    release: Path | None = None,
    limits: Limits = DEFAULTS,
    reckoning: Reckoning | None = None,
) -> Examination:
    """Examine files together, in the order of their references; `release` is the store of the graph that is known.

    With a `reckoning`, such as that of the release, it is also told what the files would change.

    Raises ExaminationTimeout and ExaminationTooLarge.
    """
    size = sum(len(one.body) for one in submissions)
    if size > limits.bytes:
        raise ExaminationTooLarge(f"{size:,} bytes were sent; at most {limits.bytes:,} are taken at once.")
    files = [{"name": one.name, "kind": one.kind, "size": len(one.body)} for one in submissions]
    asked = {"files": files, "reckoning": _stated(reckoning)}
    question = pack(asked, b"".join(one.body for one in submissions))
    header, shacl = _answer(b"".join(question), release, limits)
    if "error" in header:
        raise ExaminationTooLarge(header["error"])
    return _examination(header, shacl)


def _answer(question: bytes, release: Path | None, limits: Limits) -> tuple[Header, bytes]:
    settings = asdict(limits) | {"parent": os.getpid(), "release": str(release.absolute()) if release else None}
    command = [sys.executable, "-I", "-c", _PROGRAM, str(ROOT), json.dumps(settings)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            answer, said = process.communicate(question, limits.seconds)
        except subprocess.TimeoutExpired as error:
            raise _late(limits) from error
        finally:
            process.kill()
    if process.returncode == -signal.SIGALRM:
        raise _late(limits)
    if process.returncode < 0:
        cause = signal.Signals(-process.returncode).name
        raise ExaminationTooLarge(f"Reading the files took more room than it may ({cause}): send them in parts.")
    if process.returncode or not answer:
        _log.error("an examination failed: %s", said[-2000:].decode(errors="replace"))
        raise RuntimeError(f"an examination ended with exit code {process.returncode}")
    return unpack(io.BytesIO(answer).read)


def _stated(reckoning: Reckoning | None) -> dict[str, Any] | None:
    return asdict(reckoning) | {"as_of": reckoning.as_of.isoformat()} if reckoning else None


def _late(limits: Limits) -> ExaminationTimeout:
    return ExaminationTimeout(f"Validating took longer than {limits.seconds:g} seconds: send the files in parts.")


def _examination(header: Header, shacl: bytes) -> Examination:
    return Examination(
        report=Report([_finding(one) for one in header["findings"]]),
        unreadable=header["unreadable"],
        records=tuple(Record(**one | {"missing": tuple(one["missing"])}) for one in header["records"]),
        shacl=shacl,
        left_out=header["left_out"],
        impact=Impact.read(header["impact"]) if header["impact"] else None,
    )


def _finding(stated: dict[str, Any]) -> Finding:
    return Finding(**stated | {"severity": Severity(stated["severity"]), "place": Place(**stated["place"])})
