"""A finished data folder to copy from: initdb takes a second of computing, and few tests are about it."""

import atexit
import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

from ragsite.supervisor import discovery, postgres_conf
from ragsite.supervisor.postgres import EmbeddedPostgres


def copy_finished(data_dir: Path) -> None:
    """Fill a new data folder with a database that was made and stopped; its port is chosen at the start."""
    subprocess.run(["cp", "-a", "--", str(_finished()), str(data_dir)], check=True)


@functools.cache
def _finished() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ragsite-finished-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    data_dir = folder / "var"
    data_dir.mkdir()
    server = EmbeddedPostgres(data_dir=data_dir, extra_settings=postgres_conf.THROWAWAY_SETTINGS)
    server.prepare()
    server.start(output=subprocess.DEVNULL)
    server.wait_until_ready()
    server.provision()
    server.stop()
    (data_dir / discovery.PLACE_FILE).unlink()
    return data_dir
