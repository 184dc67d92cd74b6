"""The commands: what is prepared in which order, and which parts then keep running."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ragsite import env
from ragsite.supervisor import preparation
from ragsite.supervisor.configuration import Configuration
from ragsite.supervisor.preparation import Step
from ragsite.supervisor.processes import Part

# As retrieval.encoders names it; not imported, because the supervisor stays light.
DEFAULT_MODEL = "all-MiniLM-L6-v2"
# Each is a process with an encoder of its own (about 330 MB), on one thread: while one parses or writes, the other
# embeds. Two of them took handbooks in at more than 0.8 of the bare encoder's pace, one with two threads at 0.6.
WORKER_PROCESSES = min(2, os.cpu_count() or 1)
# Questions go first: people wait for them.
WORKER_NICENESS = 5


@dataclass(frozen=True)
class RunningPart:
    """A part and the command that runs it."""

    part: Part
    command: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Everything `up` starts besides the database. `parts` are started in this order and stopped in reverse."""

    steps: tuple[Step, ...]
    parts: tuple[RunningPart, ...]


def child_environment(configuration: Configuration, *, marker: str, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of every step and part."""
    name, _, value = marker.partition("=")
    return {
        # One thread per numeric library unless the operator says otherwise: on a busy machine of two cores more of them
        # took 488 ms for a query of 8 ms (torch), and 76 ms for one of 11 ms (OpenBLAS).
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
        # Celery's eight lines about root at each start; `up` says it in one.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        # glibc gives each thread an arena of its own, which never shrinks: with 16 threads that is most of the memory.
        "MALLOC_ARENA_MAX": "2",
        # What is larger than this (4 MiB) goes back to the system when it is freed. Left alone glibc raises the limit
        # to the largest block that was ever freed, and the 19 MiB of each password hash stay for good: the peak of a
        # web process under searches, questions and 16 sign-ins at once was 350 MB, and is 298.
        "MALLOC_MMAP_THRESHOLD_": "4194304",
        "MALLOC_TRIM_THRESHOLD_": "4194304",
        "DJANGO_SETTINGS_MODULE": "ragsite.settings",
        **inherited,
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(configuration.root), inherited.get("PYTHONPATH", "")))),
        "DATA_DIR": str(configuration.data_dir),
        "HOST": configuration.environment.host,
        "PORT": str(configuration.environment.port),
        "DEMO_PASSWORD": configuration.demo_password,
        name: value,
    }


def product_plan(configuration: Configuration, *, database_url: str) -> Plan:
    """The product as `make run` starts it."""
    root, python = configuration.root, configuration.python
    manage = (python, str(root / "manage.py"))
    celery = (python, "-m", "celery", "--app", "ragsite", "--quiet")
    steps = [
        Step(
            name="migrate",
            title="database schemas",
            command=(*manage, "migrate_schemas", "--executor=standard", "--verbosity=1"),
            stamp=lambda: preparation.migrations_stamp(root=root, database_url=database_url),
            timeout_seconds=1800,
        ),
        Step(
            name="static",
            title="static files",
            command=(*manage, "collectstatic", "--noinput", "--clear", "--verbosity=0"),
            stamp=lambda: preparation.digest_of(
                preparation.listing_digest([root / "static"]),
                preparation.listing_digest([configuration.data_dir / "static"]),
                preparation.installed_packages(),
            ),
            timeout_seconds=300,
        ),
        *_model_step(configuration),
    ]
    if configuration.environment.demo:
        steps.append(
            Step(
                name="demo",
                title="demo companies",
                command=(*manage, "seed_demo"),
                stamp=lambda: preparation.digest_of(
                    preparation.listing_digest([root / "ragsite" / "demo"]),
                    preparation.database_identity(database_url=database_url),
                    preparation.digest_of(configuration.demo_password),
                ),
                timeout_seconds=900,
            )
        )
    web = (
        *(python, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", configuration.environment.host, "--port", str(configuration.environment.port)),
        *(
            "--workers",
            str(configuration.environment.web_workers),
            "--blocking-threads",
            str(env.web_threads(configuration.environment)),
        ),
        # No --backpressure, whatever granian advises at its start: it counts connections, not requests, so that a few
        # idle browsers lock everybody else out (measured: 4 allowed, 4 open and silent, the fifth waits for ever).
        *("--workers-kill-timeout", "8"),
        "ragsite.wsgi:application",
    )
    worker = (
        *("nice", "-n", str(WORKER_NICENESS)),
        *(*celery, "worker", "--queues", "default,ingest", "--loglevel", "WARNING"),
        *("--concurrency", str(WORKER_PROCESSES), "--without-gossip", "--without-mingle", "--without-heartbeat"),
    )
    # No pid file: one that survives a crash would keep beat from starting, and the data folder's lock does its job.
    beat = (*celery, "beat", "--loglevel", "WARNING", "--pidfile=")
    return Plan(
        steps=tuple(steps),
        parts=(
            # A task in progress may take longer; it is acknowledged late and so given out again.
            RunningPart(part=Part(name="worker", stop_seconds=20), command=worker),
            RunningPart(part=Part(name="beat", stop_seconds=5), command=beat),
            RunningPart(part=Part(name="web", stop_seconds=10), command=web),
        ),
    )


def _model_step(configuration: Configuration) -> list[Step]:
    """Export of the embedding model; none when the backend or the chosen model needs none from us."""
    environment = configuration.environment
    if environment.embed_backend != "onnx":
        return []
    if environment.gateway_embed_model != DEFAULT_MODEL and not environment.embed_model_path:
        return []  # exported by the operator; the encoder says so when it is missing
    target = configuration.data_dir / "models" / Path(environment.gateway_embed_model).name
    source = ("--source", environment.embed_model_path) if environment.embed_model_path else ()
    return [
        Step(
            name="model",
            title="embedding model (about half a minute, once)",
            command=(configuration.python, "-m", "retrieval.encoders.export", *source, "--target", str(target)),
            stamp=lambda: preparation.digest_of(
                preparation.listing_digest([target]),
                preparation.files_digest(
                    (configuration.root / "retrieval" / "encoders").glob("*.py"), root=configuration.root
                ),
                preparation.installed_packages(),
                source,
            ),
            timeout_seconds=900,
        )
    ]
