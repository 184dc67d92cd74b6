"""The commands that `up` runs."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from ragsite import env
from ragsite.supervisor import configuration, plan
from ragsite.supervisor.configuration import Configuration
from ragsite.supervisor.plan import Plan


@pytest.fixture
def usual(tmp_path: Path) -> Configuration:
    return configured(tmp_path)


def configured(root: Path, **variables: str) -> Configuration:
    return configuration.read_configuration({"DATA_DIR": str(root / "var"), **variables}, root=root)


def planned(configured: Configuration) -> Plan:
    return plan.product_plan(configured, database_url="postgresql://nobody@127.0.0.1:1/nothing")


def steps_of(configured: Configuration) -> list[str]:
    return [step.name for step in planned(configured).steps]


def test_schemas_come_before_everything_that_needs_them(usual: Configuration) -> None:
    assert steps_of(usual) == ["migrate", "static", "model", "demo"]


def test_empty_start_makes_no_demo_companies(tmp_path: Path) -> None:
    assert "demo" not in steps_of(configured(tmp_path, DEMO="0"))


def test_torch_backend_needs_no_export(tmp_path: Path) -> None:
    assert "model" not in steps_of(configured(tmp_path, EMBED_BACKEND="torch"))


def test_foreign_model_is_exported_from_its_folder_under_its_own_name(tmp_path: Path) -> None:
    chosen = configured(tmp_path, GATEWAY_EMBED_MODEL="e5-small-v2", EMBED_MODEL_PATH="/models/e5")

    command = next(step.command for step in planned(chosen).steps if step.name == "model")

    assert command[-4:] == ("--source", "/models/e5", "--target", str(tmp_path / "var" / "models" / "e5-small-v2"))


def test_default_weights_are_never_exported_under_a_foreign_name(tmp_path: Path) -> None:
    assert "model" not in steps_of(configured(tmp_path, GATEWAY_EMBED_MODEL="e5-small-v2"))


def test_web_server_is_stopped_first(usual: Configuration) -> None:
    started = [running.part.name for running in planned(usual).parts]

    assert list(reversed(started)) == ["web", "beat", "worker"]


def test_idle_connections_do_not_use_up_the_web_server(usual: Configuration) -> None:
    web = next(running for running in planned(usual).parts if running.part.name == "web")

    assert "--backpressure" not in web.command


def test_children_get_the_checked_values_and_one_numeric_thread(tmp_path: Path) -> None:
    chosen = dataclasses.replace(configured(tmp_path, PORT="8123"), demo_password="opensesame")

    environment = plan.child_environment(chosen, marker="MARK=1", inherited={"PATH": "/bin", "OMP_NUM_THREADS": "3"})

    assert environment["PORT"] == "8123"
    assert environment["DATA_DIR"] == str(tmp_path / "var")
    assert environment["DEMO_PASSWORD"] == "opensesame"
    assert environment["MARK"] == "1"
    assert environment["OPENBLAS_NUM_THREADS"] == "1"
    assert environment["OMP_NUM_THREADS"] == "3"  # the operator's word counts


def test_container_allocates_memory_as_the_embedded_shape_does(usual: Configuration) -> None:
    environment = plan.child_environment(usual, marker="MARK=1", inherited={})
    dockerfile = (env.REPO_ROOT / "Dockerfile").read_text()

    chosen = {name: value for name, value in environment.items() if name.startswith("MALLOC_")}
    assert len(chosen) == 3
    assert all(f"{name}={value}" in dockerfile for name, value in chosen.items())


def test_web_process_never_walks_again_through_what_it_loaded_at_its_start(usual: Configuration) -> None:
    script = "import ragsite.wsgi, gc; print(gc.get_freeze_count())"

    done = subprocess.run([sys.executable, "-c", script], cwd=env.REPO_ROOT, capture_output=True, text=True, check=True)

    assert int(done.stdout) > 50_000  # about 140,000: the framework, our code and the routes
