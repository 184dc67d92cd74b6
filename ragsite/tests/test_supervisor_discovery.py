"""Other shells find the embedded database and the secrets in the data folder."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ragsite.supervisor import discovery


def test_no_database_was_prepared_here(tmp_path: Path) -> None:
    assert discovery.embedded_database_url(tmp_path) is None
    assert discovery.embedded_database_url(tmp_path / "missing") is None


def test_url_is_built_from_the_place_file_and_the_secret(tmp_path: Path) -> None:
    place = {"host": "127.0.0.1", "port": 23456, "user": "ragsite", "database": "ragsite"}
    (tmp_path / discovery.PLACE_FILE).write_text(json.dumps(place))
    discovery.store_secret(tmp_path, discovery.APP_SECRET, "p@ss/word")

    assert discovery.embedded_database_url(tmp_path) == "postgresql://ragsite:p%40ss%2Fword@127.0.0.1:23456/ragsite"


def test_place_without_password_is_no_database(tmp_path: Path) -> None:
    place = {"host": "127.0.0.1", "port": 1, "user": "ragsite", "database": "ragsite"}
    (tmp_path / discovery.PLACE_FILE).write_text(json.dumps(place))

    assert discovery.embedded_database_url(tmp_path) is None


def test_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = discovery.ensure_secret(tmp_path, "secret_key")

    assert discovery.ensure_secret(tmp_path, "secret_key") == first
    assert len(first) >= 43  # 32 bytes in base64
    assert discovery.ensure_secret(tmp_path, "another") != first
    file = tmp_path / "secrets" / "secret_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_all_who_ask_at_once_get_the_same_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        values = set(pool.map(lambda _: discovery.ensure_secret(tmp_path, "shared"), range(64)))

    assert len(values) == 1


def test_empty_secret_file_of_a_crash_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "secret_key").touch()

    assert discovery.ensure_secret(tmp_path, "secret_key")


@pytest.mark.parametrize("name", ["../up", "", "UPPER", ".hidden", "a/b"])
def test_name_that_would_leave_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a secret's name"):
        discovery.ensure_secret(tmp_path, name)
