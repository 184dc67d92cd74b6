"""pytest plugin: a throw-away PostgreSQL for the session, before settings are read. Loaded by `-p` in pytest.ini.

No test ever sees the operator's data folder, database or variables.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ragsite import env
from ragsite.env import REPO_ROOT

_KEPT_VARIABLES = ("QDRANT_URL", "QDRANT_API_KEY")
_session = contextlib.ExitStack()


def _isolate_environment() -> None:
    for name in env.names():
        if name not in _KEPT_VARIABLES:
            os.environ.pop(name, None)
    folder = Path(tempfile.mkdtemp(prefix="ragsite-tests-"))
    _session.callback(shutil.rmtree, folder, ignore_errors=True)
    (folder / "static").mkdir()
    # The exported model is the same for every run; making it takes half a minute.
    models = REPO_ROOT / "var" / "models"
    models.mkdir(parents=True, exist_ok=True)
    _export_model(models)
    (folder / "models").symlink_to(models)
    os.environ.update(
        DATA_DIR=str(folder),
        DEMO="0",
        SECRET_KEY="only-for-tests-" + "x" * 40,
        THROTTLE_SIGN_IN_PER_MINUTE="5",
        LOG_LEVEL="WARNING",
    )


def _export_model(models: Path) -> None:
    """In a process of its own: the tests' process must not import torch, as a web process does not."""
    target = models / "all-MiniLM-L6-v2"
    command = [sys.executable, "-m", "retrieval.encoders.export", "--target", str(target)]
    subprocess.run(command, check=True, cwd=REPO_ROOT, timeout=600, stdout=subprocess.DEVNULL)  # noqa: S603 (our own)


def _start_database() -> None:
    from ragsite.supervisor.testing import throwaway_cluster

    cluster = _session.enter_context(throwaway_cluster())
    os.environ["DATABASE_URL"] = cluster.url
    os.environ["TEST_SUPERUSER_URL"] = cluster.superuser_url


def pytest_unconfigure(config: pytest.Config) -> None:
    from django.db import connections

    connections.close_all()
    _session.close()


_isolate_environment()
_start_database()
