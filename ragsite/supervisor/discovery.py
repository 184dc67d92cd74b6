"""Where the embedded database is and what its password is, for settings and for every other shell.

Standard library only and no network: settings import this module on every start of every process.
"""

import fcntl
import json
import os
import re
import secrets
from pathlib import Path
from urllib.parse import quote

PLACE_FILE = "postgres.json"
SECRETS_FOLDER = "secrets"
APP_ROLE = "ragsite"
APP_DATABASE = "ragsite"
APP_SECRET = "postgres_app"  # noqa: S105 (a file name)

# 32 random bytes: the 256 bits that HS256 keys (RFC 7518, 3.2) and Django's SECRET_KEY ask for.
SECRET_BYTES = 32
_SECRET_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def embedded_database_url(data_dir: Path | str) -> str | None:
    """The `postgresql://` URL of the embedded database of this data folder.

    :returns: None when `manage.py up` has never prepared a database here. Whether it runs now is not checked.
    """
    data_dir = Path(data_dir)
    try:
        place = json.loads((data_dir / PLACE_FILE).read_text(encoding="utf-8"))
        password = read_secret(data_dir, APP_SECRET)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if password is None:
        return None
    return postgresql_url(
        user=place["user"], password=password, host=place["host"], port=place["port"], database=place["database"]
    )


def postgresql_url(*, user: str, password: str, host: str, port: int, database: str) -> str:
    """A libpq connection URL; also what kombu's pgmq transport takes as `conn_string`."""
    return f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@{host}:{port}/{quote(database, safe='')}"


def read_secret(data_dir: Path | str, name: str) -> str | None:
    """The stored secret of this name, or None when there is none yet."""
    try:
        return _secret_file(Path(data_dir), name).read_text(encoding="ascii").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None


def ensure_secret(data_dir: Path | str, name: str) -> str:
    """The secret of this name, made at random (URL-safe text) the first time.

    The file is readable by its owner only and appears whole or not at all; of many processes that ask at once, all get
    the same value.

    :raises OSError: when the data folder can't be written.
    """
    data_dir = Path(data_dir)
    existing = read_secret(data_dir, name)
    if existing is not None:
        return existing
    return _write_secret(data_dir, name, secrets.token_urlsafe(SECRET_BYTES))


def store_secret(data_dir: Path | str, name: str, value: str) -> None:
    """Keep a secret that somebody else chose, replacing what was there.

    :raises OSError: when the data folder can't be written.
    """
    data_dir = Path(data_dir)
    _make_secrets_folder(data_dir)
    write_privately(_secret_file(data_dir, name), value + "\n")


def write_privately(path: Path, text: str) -> None:
    """Replace the file at `path` whole, mode 0600, safe against a crash in the middle."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, path)


def _write_secret(data_dir: Path, name: str, value: str) -> str:
    folder = _make_secrets_folder(data_dir)
    # A lock rather than os.link(): shared folders of virtual machines have no hard links.
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        existing = read_secret(data_dir, name)
        if existing is not None:
            return existing
        write_privately(_secret_file(data_dir, name), value + "\n")
    return value


def _make_secrets_folder(data_dir: Path) -> Path:
    folder = data_dir / SECRETS_FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _secret_file(data_dir: Path, name: str) -> Path:
    if not _SECRET_NAME.fullmatch(name):
        raise ValueError(f"not a secret's name: {name!r}")
    return data_dir / SECRETS_FOLDER / name
