"""kill -9 of the worker, again and again, while documents are ingested: none lost, none twice, none stuck.

The default is small enough for every run; CRASH_DOCUMENTS=60 CRASH_KILLS=20 is the figure of the issue.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ragsite.bench import installation
from ragsite.env import REPO_ROOT

DOCUMENTS = int(os.environ.get("CRASH_DOCUMENTS", "15"))
KILLS = int(os.environ.get("CRASH_KILLS", "4"))
# A lease of 60 s, the sweeper's 20 s, and the work itself.
FINISH_SECONDS = 200

_STATES = """
import json
from collections import Counter
from documents.models import DocumentVersion, Document
from tenants import context
from tenants.models import Tenant
from retrieval.models import Chunk
with context.enter(Tenant.objects.get(schema_name="crash")):
    states = Counter(DocumentVersion.objects.values_list("state", flat=True))
    print("RESULT" + json.dumps({
        "states": states,
        "documents": Document.objects.count(),
        "serving": Document.objects.serving().count(),
        "chunks": Chunk.objects.count(),
        "expected_chunks": sum(DocumentVersion.objects.values_list("chunk_count", flat=True)),
        "attempts": sorted(DocumentVersion.objects.values_list("attempts", flat=True)),
    }))
"""


def manage(data_dir: Path, *arguments: str) -> str:
    environment = {**os.environ, "DATA_DIR": str(data_dir), "DEMO": "0", "LOG_LEVEL": "ERROR"}
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=REPO_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def states(data_dir: Path) -> dict:
    output = manage(data_dir, "shell", "--no-imports", "-c", _STATES)
    return json.loads(output.split("RESULT", 1)[1])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_worker_loses_nothing(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    chance = random.Random(5)
    folder = tmp_path / "handbook"
    folder.mkdir()
    for number in range(DOCUMENTS):
        sections = [f"## Rule {n}\n\nRule {number}.{n} allows {n} days in year {number}.\n" for n in range(20)]
        (folder / f"{number}.md").write_text(f"# Handbook {number}\n\n" + "\n".join(sections))

    with installation.started() as running:
        manage(
            running.data_dir, "onboard_tenant", "--name", "Crash", "--domain", "crash.localhost",
            "--admin-email", "owner@crash.example",
        )  # fmt: skip
        manage(running.data_dir, "ingest_path", "--tenant", "crash", str(folder))
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.3, 1.5))
            for pid, command in running.processes().items():
                if "celery" in command and "worker" in command:
                    _kill(pid)
        deadline = time.monotonic() + FINISH_SECONDS
        while time.monotonic() < deadline:
            found = states(running.data_dir)
            if set(found["states"]) == {"ready"}:
                break
            time.sleep(8)  # asking starts a whole Django: more often takes the processor from the worker

        assert found["states"] == {"ready": DOCUMENTS}
        assert found["documents"] == found["serving"] == DOCUMENTS
        assert found["chunks"] == found["expected_chunks"]
        assert "crash: 0 differences" in manage(running.data_dir, "reconcile", "--tenant", "crash")


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # a child may have gone with its parent
        os.kill(pid, signal.SIGKILL)
