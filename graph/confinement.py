"""What a worker does to itself before it reads anything of a stranger's: no network, no files, bounded memory.

A process needs no rights to give rights up. On Linux (x86-64 and AArch64) a seccomp filter makes the kernel refuse
every call that could reach a network or start a program; elsewhere `confine` says so and the guard stands alone.
The numbers below are the kernel's: <linux/audit.h>, <linux/filter.h>, <linux/prctl.h>, <linux/seccomp.h>, unistd.h.
"""

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
from dataclasses import dataclass
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_MODE_FILTER: Final = 2

_LOAD_WORD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | errno.EPERM
_X32_CALLS: Final = 0x40000000  # x86-64 answers to a second set of numbers, from here on


@dataclass(frozen=True)
class Machine:
    """A processor as the kernel names it, and the numbers of the calls that are refused there."""

    audit: int
    refused: dict[str, int]


MACHINES: Final = {
    "x86_64": Machine(
        0xC000003E,
        {
            "socket": 41, "connect": 42, "accept": 43, "sendto": 44, "recvfrom": 45, "sendmsg": 46, "recvmsg": 47,
            "bind": 49, "listen": 50, "socketpair": 53, "execve": 59, "ptrace": 101, "accept4": 288,
            "sendmmsg": 307, "process_vm_readv": 310, "process_vm_writev": 311, "execveat": 322,
            "io_uring_setup": 425, "pidfd_getfd": 438,
        },
    ),
    "aarch64": Machine(
        0xC00000B7,
        {
            "ptrace": 117, "socket": 198, "socketpair": 199, "bind": 200, "listen": 201, "accept": 202,
            "connect": 203, "sendto": 206, "recvfrom": 207, "sendmsg": 211, "recvmsg": 212, "execve": 221,
            "accept4": 242, "sendmmsg": 269, "process_vm_readv": 270, "process_vm_writev": 271, "execveat": 281,
            "io_uring_setup": 425, "pidfd_getfd": 438,
        },
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Confinement:
    """What was achieved: whether the network is closed for certain, and otherwise why not."""

    network_closed: bool
    reason: str = ""


def confine(memory: int, parent: int) -> Confinement:
    """Limit this process to `memory` bytes, without files or network, ending with its parent's process id.

    Call it before a second thread starts: threads that exist already would keep the network.
    """
    _limit_resources(memory)
    if platform.system() != "Linux":
        return Confinement(False, f"{platform.system()} has no seccomp")
    _die_with(parent)
    return _close_network()


def _limit_resources(memory: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))


def _die_with(parent: int) -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before the kernel was told
        os._exit(1)


def _close_network() -> Confinement:
    machine = MACHINES.get(platform.machine())
    if machine is None:
        return Confinement(False, f"no seccomp filter is written for {platform.machine()}")
    try:
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        _install(_program(machine))
    except OSError as error:
        return Confinement(False, f"the kernel refused the seccomp filter: {error}")
    return _proof()


def _program(machine: Machine) -> bytes:
    """The filter, in classic BPF: a foreign instruction set or a listed call is refused, anything else allowed."""
    calls = sorted(machine.refused.values())
    left = len(calls)
    steps = [
        (_LOAD_WORD, 0, 0, 4),  # seccomp_data.arch
        (_JUMP_IF_EQUAL, 0, left + 3, machine.audit),
        (_LOAD_WORD, 0, 0, 0),  # seccomp_data.nr
        (_JUMP_IF_AT_LEAST, left + 1, 0, _X32_CALLS),
        *((_JUMP_IF_EQUAL, left - at, 0, call) for at, call in enumerate(calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _install(program: bytes) -> None:
    code = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("HP", len(program) // 8, ctypes.addressof(code)))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(header))


def _proof() -> Confinement:
    """Try to open a socket of every usual family: each must be refused."""
    libc = ctypes.CDLL(None, use_errno=True)
    for family in (1, 2, 10, 16):  # unix, inet, inet6, netlink
        handle = libc.socket(family, 2, 0)
        if handle != -1 or ctypes.get_errno() != errno.EPERM:
            return Confinement(False, f"a socket of family {family} was not refused by the filter")
    return Confinement(True)


def _prctl(option: int, first: int, second: int = 0) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    words = [ctypes.c_ulong(word) for word in (first, second, 0, 0)]
    if libc.prctl(ctypes.c_int(option), *words) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
