"""What a confined process can no longer do, tried in a real process; and the filter itself, run by hand."""

import errno
import json
import os
import platform
import struct
import subprocess
import sys
from typing import Any

import pytest

from graph.confinement import MACHINES, Machine, _program
from graph.resources import ROOT

SUPPORTED = platform.system() == "Linux" and platform.machine() in MACHINES
linux = pytest.mark.skipif(not SUPPORTED, reason="seccomp filters are written for Linux on x86-64 and AArch64")

ATTEMPTS = """
import json, os, resource, socket, subprocess, sys, tempfile, threading
sys.path.insert(0, sys.argv[1])
from graph.confinement import confine
place = tempfile.NamedTemporaryFile()
achieved = confine(1 << 30, os.getppid())
tried = {}
def attempt(name, act):
    try:
        act()
        tried[name] = "succeeded"
    except OSError as error:
        tried[name] = error.errno
    except MemoryError:
        tried[name] = "no memory"
def write():
    os.write(place.fileno(), b"x")
attempt("tcp", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM))
attempt("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
attempt("tcp6", lambda: socket.socket(socket.AF_INET6, socket.SOCK_STREAM))
attempt("unix", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
attempt("pair", socket.socketpair)
attempt("inherited", lambda: socket.socket(fileno=int(sys.argv[2])).send(b"x"))
attempt("program", lambda: os.execv("/bin/true", ["true"]))
attempt("file", write)
attempt("memory", lambda: bytearray(2 << 30))
thread = threading.Thread(target=attempt, args=("thread", lambda: socket.socket()))
thread.start()
thread.join()
core = resource.getrlimit(resource.RLIMIT_CORE)[0]
found = {"closed": achieved.network_closed, "reason": achieved.reason, "tried": tried, "core": core}
print(json.dumps(found), flush=True)
os._exit(0)
"""


@pytest.fixture(scope="module")
def confined() -> dict[str, Any]:
    """What a process achieved by confining itself, and how its attempts to get out ended."""
    import socket

    ours, theirs = socket.socketpair()
    with ours, theirs:
        command = [sys.executable, "-I", "-c", ATTEMPTS, str(ROOT), str(theirs.fileno())]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=30, pass_fds=[theirs.fileno()])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@linux
def test_the_network_is_closed_and_it_says_so(confined: dict[str, Any]) -> None:
    assert confined["closed"], confined["reason"]


@linux
@pytest.mark.parametrize("attempt", ["tcp", "udp", "tcp6", "unix", "pair", "inherited", "thread", "program"])
def test_every_way_out_is_refused(confined: dict[str, Any], attempt: str) -> None:
    assert confined["tried"][attempt] == errno.EPERM


@linux
def test_nothing_is_written_and_memory_ends(confined: dict[str, Any]) -> None:
    assert confined["tried"]["file"] == errno.EFBIG
    assert confined["tried"]["memory"] == "no memory"
    assert confined["core"] == 0


@linux
def test_it_does_not_outlive_a_parent_that_was_gone_before() -> None:
    orphan = "import sys; sys.path.insert(0, sys.argv[1]); from graph.confinement import confine; confine(1 << 30, 1)"
    done = subprocess.run([sys.executable, "-I", "-c", orphan, str(ROOT)], timeout=30, check=False)
    assert done.returncode == 1 or os.getpid() == 1


def verdict(program: bytes, audit: int, call: int) -> int:
    """Run a classic BPF program over one system call, as the kernel would."""
    steps = [struct.unpack_from("HBBI", program, at) for at in range(0, len(program), 8)]
    at = value = 0
    while True:
        code, yes, no, operand = steps[at]
        if code == 0x06:
            return int(operand)
        if code == 0x20:
            value = {0: call, 4: audit}[operand]
            yes = no = 0
        holds = value == operand if code == 0x15 else value >= operand
        at += 1 + (yes if holds else no)


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())
def test_the_filter_refuses_exactly_what_it_lists(machine: Machine) -> None:
    program = _program(machine)
    for call in range(600):
        refused = verdict(program, machine.audit, call) == 0x00050000 | errno.EPERM
        assert refused == (call in machine.refused.values()), call


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())
def test_other_instruction_sets_are_refused_whole(machine: Machine) -> None:
    program = _program(machine)
    i386, x32_read = 0x40000003, 0x40000000
    assert verdict(program, i386, 3) == 0x00050000 | errno.EPERM
    assert verdict(program, machine.audit, x32_read) == 0x00050000 | errno.EPERM
