"""The command line: one line for a wrong setting, quiet when nobody reads on, and no way around the services."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from ragsite import env, refusals
from ragsite.env import REPO_ROOT


def manage(*arguments: str, data_dir: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in env.names()}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=REPO_ROOT,
        env={**kept, "DATA_DIR": str(data_dir), **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("command", [["check"], ["ask", "--tenant", "acme", "How long?"], ["help"]])
def test_unusable_setting_is_one_line_that_names_the_variable(tmp_path: Path, command: list[str]) -> None:
    done = manage(*command, data_dir=tmp_path, PORT="eighty")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "PORT must be a whole number, not 'eighty'\n"


def test_reader_who_has_seen_enough_ends_the_command_quietly(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "manage.py", "diffsettings", "--all"],
            cwd=REPO_ROOT,
            env={**os.environ, "DATA_DIR": str(tmp_path)},
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    finally:
        os.close(writing)

    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("name", sorted(refusals.REFUSED))
def test_commands_that_go_around_the_services_refuse_and_name_what_to_use(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = load_command_class(get_commands()[name], name)

    with pytest.raises(SystemExit) as ended:
        command.run_from_argv(["manage.py", name, "--noinput"])

    assert ended.value.code == 1
    refusal = capsys.readouterr().err
    assert refusal.count("\n") == 1 and refusals.REFUSED[name][1] in refusal
    assert command.help.startswith("Refused.")


def test_every_command_of_django_tenants_is_ours_or_known_to_be_harmless() -> None:
    harmless = {"all_tenants_command", "collectstatic_schemas", "migrate", "migrate_schemas", "tenant_command"}

    assert {name for name, app in get_commands().items() if app == "django_tenants"} <= harmless
