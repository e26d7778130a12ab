"""A process that evaluates strangers' queries, one after another, and may be killed at any moment.

It takes frames on its standard input and answers on its standard output (`graph/query_frames.py`). It is started by
`graph/query_process.py` and ends when its input does, when its parent does, or when a query outlives its time.
"""

import json
import os
import re
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, Final

import pyoxigraph as ox

from graph.confinement import Confinement, confine
from graph.errors import TriviumError
from graph.guard import likely_fault, position
from graph.namespaces import PREFIXES
from graph.query_answer import Evaluator, WrongForm
from graph.query_frames import Header, Question, pack, received

STACK: Final = 256 << 20  # bytes of address space: what 64 kB of operators in a row need, and a thread may have
GRACE: Final = 1.0  # seconds that the parent has to kill a query before it kills itself
_POSITION: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


def main() -> None:
    """Confine this process, open the release named in the arguments, and answer until the input ends."""
    release, settings = sys.argv[2], json.loads(sys.argv[3])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    confinement = confine(settings["memory"], settings["parent"])
    threading.stack_size(STACK)
    worker = threading.Thread(target=_serve, args=(Path(release), settings, confinement))
    worker.start()
    worker.join()


def _serve(release: Path, settings: Header, confinement: Confinement) -> None:
    requests, answers = _take_over_pipes()
    try:
        store = ox.Store.read_only(str(release))
    except OSError as error:
        _send(answers, pack({"error": "release", "message": f"{release} cannot be opened: {error}"}))
        return
    evaluator = Evaluator(store, settings["rows"], settings["bytes"])
    _send(answers, pack({"ready": asdict(confinement)}))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a dying engine would fill the log
    while frame := received(requests):
        question = Question(**frame[0])
        signal.setitimer(signal.ITIMER_REAL, (question.seconds or settings["seconds"]) + GRACE)
        _send(answers, _answer(evaluator, question, confinement))
        signal.setitimer(signal.ITIMER_REAL, 0)


def _take_over_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep both pipes for ourselves, so that nothing else that prints can break a frame."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return requests, answers


def _send(answers: BinaryIO, frame: tuple[bytes, bytes]) -> None:
    answers.writelines(frame)
    answers.flush()


def _answer(evaluator: Evaluator, question: Question, confinement: Confinement) -> tuple[bytes, bytes]:
    if not confinement.network_closed and "service" in question.query.lower():
        return pack({"error": "refused", "message": "Queries with the word SERVICE are not answered on this host."})
    try:
        reply = evaluator.reply(question)
    except SyntaxError as error:
        return pack(_syntax(question.query, str(error)))
    except WrongForm as error:
        return pack({"error": "form", "message": str(error)})
    except MemoryError:
        return pack({"error": "memory", "message": "The query took more memory than it may."})
    except (RuntimeError, ValueError, OSError, TriviumError) as error:
        return pack({"error": "evaluation", "message": f"The query could not be evaluated: {error}"})
    return pack({"media_type": reply.media_type, "truncated": reply.truncated}, reply.body)


def _syntax(query: str, message: str) -> Header:
    """The parser's complaint with its position, or a clearer one where the cause can be guessed."""
    line = column = None
    if found := _POSITION.match(message):
        line, column, message = int(found[1]), int(found[2]), found[3]
    if fault := likely_fault(query, list(PREFIXES)):
        message = fault[0]
        line, column = position(query, fault[1])
    shortened = message if len(message) <= 300 else message[:300].rpartition(",")[0] + " ..."
    where = f"line {line}, column {column}: " if line else ""
    return {"error": "syntax", "message": f"Not SPARQL 1.1: {where}{shortened}", "line": line, "column": column}
