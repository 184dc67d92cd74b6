"""Limits that the child puts on itself before it looks at a stranger's bytes.

Each step is best effort where the kernel or a container may refuse it; the limits on memory, time and output are not.
Linux only, like the rest of the product's server side.
"""

import ctypes
import os
import resource
import signal
import socket
from typing import Any, NoReturn

# A user id nobody else on this machine runs as, so that the child can neither read another service's files nor signal
# its processes. systemd hands out this range for the same purpose (systemd.exec, DynamicUser=).
PARSER_UID = 64991
_CLONE_NEWNET = 0x40000000
_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
# The same numbers on every architecture; the mask is all thirteen rights of the first version of Landlock.
_SYS_LANDLOCK_CREATE_RULESET = 444
_SYS_LANDLOCK_RESTRICT_SELF = 446
_LANDLOCK_ALL_FILE_ACCESS = (1 << 13) - 1


def limit_resources(*, memory_bytes: int, cpu_seconds: int, output_bytes: int) -> None:
    """Bound address space, processor time and the size of the result; no core file, which would hold the document."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    # SIGXCPU at the soft limit, SIGKILL one second later.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output_bytes, output_bytes))
    # Python ignores SIGXFSZ and gets EFBIG instead, which the entry point turns into too_large.
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)


def leave_privileges_behind() -> None:
    """No network, no files, no privileges, no further processes.

    Nothing can be imported afterwards, so everything must already be loaded.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    _leave_network(libc)
    _become_nobody()
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _leave_files(libc)
    # After the change of user, which resets both.
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    _refuse_sockets()


def _leave_network(libc: ctypes.CDLL) -> None:
    """An own, empty network namespace; without root this needs an own user namespace around it."""
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _leave_files(libc: ctypes.CDLL) -> None:
    """Forbid opening any file from now on (Landlock, Linux 5.13 and later); open descriptors keep working."""
    handled = ctypes.c_uint64(_LANDLOCK_ALL_FILE_ACCESS)
    ruleset = libc.syscall(_SYS_LANDLOCK_CREATE_RULESET, ctypes.byref(handled), ctypes.sizeof(handled), 0)
    if ruleset >= 0:
        libc.syscall(_SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0)
        os.close(ruleset)


def _become_nobody() -> None:
    if os.geteuid() != 0:
        return
    try:
        os.setgroups([])
        os.setresgid(PARSER_UID, PARSER_UID, PARSER_UID)
        os.setresuid(PARSER_UID, PARSER_UID, PARSER_UID)
    except OSError:
        return  # a container without that range of users: the other limits still hold


def _refuse_sockets() -> None:
    """For kernels that allow no namespace: a library that wants to fetch something fails at once."""

    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        raise PermissionError("the parser has no network")

    for name in (
        "socket",
        "create_connection",
        "create_server",
        "socketpair",
        "fromfd",
        "getaddrinfo",
        "gethostbyname",
    ):
        setattr(socket, name, refuse)
