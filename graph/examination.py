"""Files of strangers are parsed and validated in a process of their own, with limits, and nothing of them is kept.

    examine_apart([Submission("offering.csv", body)], Wanted(release.path / "store")) -> Examination

A process is used for one examination, sees the release read-only and no network, and is killed when its time is up. It
is `graph/examination_worker.py`. `graph/examiners.py` keeps some that are ready.
"""

import json
import logging
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from graph.errors import TriviumError
from graph.impact import Impact, Reckoning
from graph.parsing import Submission
from graph.piped_process import PipedProcess
from graph.progress import Progress, silently
from graph.query_frames import Header, pack, unpack
from graph.report import Finding, Place, Report, Severity

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
class Wanted:
    """What is wanted of an examination, and against what.

    `release` is the store of the graph that is known. With a `reckoning`, such as that of the release, it is also told
    what the files would change, and at most `statements` of their statements, of whole entities. Without `validate`
    the files are only read.
    """

    release: Path | None = None
    reckoning: Reckoning | None = None
    statements: int = 0
    validate: bool = True


ONLY_REPORT: Final = Wanted()


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
    for, there is a release and they could be read; `statements` is what they state in N-Triples, as far as it was asked
    for, and `contents` how many entities of each kind there are in each file.
    """

    report: Report
    unreadable: bool
    records: tuple[Record, ...]
    shacl: bytes
    left_out: int = 0
    impact: Impact | None = None
    statements: bytes = b""
    contents: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def conforms(self) -> bool:
        """Whether nothing blocks."""
        return self.report.conforms


def examine_apart(
    submissions: Sequence[Submission],
    wanted: Wanted = ONLY_REPORT,
    progress: Progress = silently,
    limits: Limits = DEFAULTS,
) -> Examination:
    """Examine files together, in the order of their references, in a process of their own.

    Raises ExaminationTimeout and ExaminationTooLarge, and RuntimeError for what is not the fault of the files.
    """
    question = asked(submissions, wanted, limits)
    return answered(started(limits), question, limits, progress)


def asked(submissions: Sequence[Submission], wanted: Wanted, limits: Limits) -> bytes:
    """The frame that asks for an examination. Raises ExaminationTooLarge."""
    size = sum(len(one.body) for one in submissions)
    if size > limits.bytes:
        raise ExaminationTooLarge(f"{size:,} bytes were sent; at most {limits.bytes:,} are taken at once.")
    files = [{"name": one.name, "kind": one.kind, "size": len(one.body)} for one in submissions]
    header = {
        "files": files,
        "limits": asdict(limits),
        "release": str(wanted.release.absolute()) if wanted.release else None,
        "reckoning": _stated(wanted.reckoning),
        "statements": wanted.statements,
        "validate": wanted.validate,
    }
    return b"".join(pack(header, b"".join(one.body for one in submissions)))


def started(limits: Limits) -> PipedProcess:
    """A process that gets ready for one examination. Raises OSError."""
    settings = {"memory": limits.memory, "parent": os.getpid()}
    return PipedProcess("examination_worker", [json.dumps(settings)], subprocess.PIPE)


def answered(process: PipedProcess, question: bytes, limits: Limits, progress: Progress = silently) -> Examination:
    """What a process answers, which is its end. The limit of time counts from now. Raises as `examine_apart`."""
    deadline = time.monotonic() + limits.seconds
    try:
        process.write(question, deadline)
        header, body = _final(process, deadline, progress)
    except TimeoutError:
        raise _late(limits) from None
    except EOFError:
        raise _ended(process, limits) from None
    finally:
        process.kill()
        process.bury()
    if "error" in header:
        raise ExaminationTooLarge(header["error"])
    return _examination(header, body)


def _final(process: PipedProcess, deadline: float, progress: Progress) -> tuple[Header, bytes]:
    """The last frame; those before tell progress."""
    while True:
        header, body = unpack(lambda size: process.read(size, deadline))
        if "progress" not in header:
            return header, body
        progress(*header["progress"])


def _ended(process: PipedProcess, limits: Limits) -> Exception:
    """Why a process ended without an answer."""
    cause = process.cause_of_death()
    if cause == "SIGALRM":
        return _late(limits)
    if cause.startswith("SIG") and cause != "SIGKILL":  # that one comes from outside, and says nothing of the files
        return ExaminationTooLarge(f"Reading the files took more room than it may ({cause}): send them in parts.")
    _log.error("an examination failed: %s", process.last_words())
    return RuntimeError(f"an examination ended with {cause}")


def _stated(reckoning: Reckoning | None) -> dict[str, Any] | None:
    return asdict(reckoning) | {"as_of": reckoning.as_of.isoformat()} if reckoning else None


def _late(limits: Limits) -> ExaminationTimeout:
    return ExaminationTimeout(f"Validating took longer than {limits.seconds:g} seconds: send the files in parts.")


def _examination(header: Header, body: bytes) -> Examination:
    return Examination(
        report=Report([_finding(one) for one in header["findings"]]),
        unreadable=header["unreadable"],
        records=tuple(Record(**one | {"missing": tuple(one["missing"])}) for one in header["records"]),
        shacl=body[: header["shacl"]],
        left_out=header["left_out"],
        impact=Impact.read(header["impact"]) if header["impact"] else None,
        statements=body[header["shacl"] :],
        contents=header["contents"],
    )


def _finding(stated: dict[str, Any]) -> Finding:
    return Finding(**stated | {"severity": Severity(stated["severity"]), "place": Place(**stated["place"])})
