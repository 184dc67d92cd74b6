"""What `up` reads from its environment, checked before anything is started; and the lock of the data folder."""

import contextlib
import errno
import fcntl
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ragsite import env
from ragsite.env import Environment

LOCK_FILE = "up.lock"


class CannotStart(Exception):
    """Something outside of us is in the way; the message is the one line that the operator reads."""


@dataclass(frozen=True)
class Configuration:
    """The environment, and what `up` derives from it. `demo_password` is empty when one is to be made up."""

    root: Path
    data_dir: Path
    demo_password: str
    environment: Environment
    python: str = sys.executable

    @property
    def base_url(self) -> str:
        """Where to reach the web server from this machine."""
        host = self.environment.host
        if host in ("0.0.0.0", "::"):  # noqa: S104 (compared with, not bound to)
            host = "127.0.0.1"
        return f"http://[{host}]:{self.environment.port}" if ":" in host else f"http://{host}:{self.environment.port}"


def read_configuration(variables: Mapping[str, str], *, root: Path) -> Configuration:
    """Read and check the environment.

    :raises CannotStart: naming the variable that is wrong.
    """
    try:
        environment = env.read_environment(variables)
    except env.BadSetting as error:
        raise CannotStart(str(error)) from error
    return Configuration(
        root=root, data_dir=env.data_dir(environment), demo_password=environment.demo_password, environment=environment
    )


@contextlib.contextmanager
def held_data_folder(data_dir: Path) -> Iterator[None]:
    """Make the data folder and keep all others out of it until we end; the kernel frees it, however we die.

    :raises CannotStart: when the folder can't be written, or another `up` works in it.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = open(data_dir / LOCK_FILE, "a+")  # noqa: SIM115 (closed below)
    except OSError as error:
        raise CannotStart(f"can't write to DATA_DIR {data_dir}: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise CannotStart(
                f"already running on DATA_DIR {data_dir} (process {lock.read().strip() or 'unknown'}): "
                "stop it first, or set another DATA_DIR and PORT"
            ) from error
        try:
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            probe = data_dir / f".probe-{os.getpid()}"
            probe.mkdir()
            probe.rmdir()
        except OSError as error:
            raise CannotStart(f"can't write to DATA_DIR {data_dir}: {error.strerror}") from error
        yield


def check_port(*, host: str, port: int) -> None:
    """Find out whether the web server will get its address, before minutes of preparation.

    :raises CannotStart: when it is taken, not ours to take, or not an address of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise CannotStart(f"HOST {host} is not an address of this machine: {error}") from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except PermissionError as error:
            raise CannotStart(f"PORT {port} may only be used by root: set another PORT") from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CannotStart(f"PORT {port} on {host} is taken by another program: set another PORT") from error
            raise CannotStart(f"PORT {port} on HOST {host} can't be used: {error.strerror}") from error
