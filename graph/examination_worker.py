"""The process that examines strangers' files: one frame in, one out after those of its progress, and it ends.

It is started and asked by `graph/examination.py`, and makes ready what it can before it is asked.
"""

import json
import os
import signal
import sys
import threading
import time
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final

from graph.confinement import confine
from graph.examination import Limits, Wanted
from graph.examining import Tools, examined
from graph.impact import Reckoning
from graph.parsing import Submission
from graph.progress import Progress
from graph.query_frames import Header, pack, received

STACK: Final = 256 << 20  # bytes of address space for a parser that recurses
PAUSE: Final = 0.25  # seconds between two words about progress
GRACE: Final = 1.0  # seconds that the parent has to kill this process before it kills itself


def main() -> None:
    """Get ready, confine this process, wait for one frame, examine its files, and answer with one frame."""
    settings = json.loads(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    tools = Tools.ready()
    confine(settings["memory"], settings["parent"])
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nothing else that prints can break the frame
    os.set_blocking(2, False)  # nor hold this up when nobody reads it
    threading.stack_size(STACK)
    failures = list[BaseException]()
    worker = threading.Thread(target=_serve, args=(answers, tools, failures))
    worker.start()
    worker.join()
    if failures:
        raise failures[0]


def _serve(answers: BinaryIO, tools: Tools, failures: list[BaseException]) -> None:
    try:
        if (frame := received(sys.stdin.buffer)) is None:
            return
        header, body = frame
        limits = Limits(**header["limits"])
        signal.setitimer(signal.ITIMER_REAL, limits.seconds + GRACE)
        answer = pack(*examined(_submissions(header, body), _wanted(header), limits, tools, _told(answers)))
    except MemoryError:
        answer = pack({"error": "Reading the files took more memory than it may: send them in parts."})
    except BaseException as error:  # handed to the main thread, which ends with it
        failures.append(error)
        return
    _send(answers, answer)


def _send(answers: BinaryIO, frame: tuple[bytes, bytes]) -> None:
    answers.writelines(frame)
    answers.flush()


def _told(answers: BinaryIO) -> Progress:
    """Progress in frames of its own, a few a second."""
    last = time.monotonic()

    def tell(step: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PAUSE:
            _send(answers, pack({"progress": [step, done, total]}))
            last = time.monotonic()

    return tell


def _submissions(header: Header, body: bytes) -> list[Submission]:
    found, start = [], 0
    for file in header["files"]:
        found.append(Submission(file["name"], body[start : start + file["size"]], file["kind"]))
        start += file["size"]
    return found


def _wanted(header: Header) -> Wanted:
    release, stated = header["release"], header["reckoning"]
    reckoning = Reckoning(**stated | {"as_of": date.fromisoformat(stated["as_of"])}) if stated else None
    return Wanted(Path(release) if release else None, reckoning, header["statements"], header["validate"])
