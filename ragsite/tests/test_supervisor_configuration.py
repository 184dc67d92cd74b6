"""What is in the way is said in one line before anything starts."""

import socket
from pathlib import Path

import pytest

from ragsite.supervisor import configuration
from ragsite.supervisor.configuration import CannotStart


def test_variables_are_respected(tmp_path: Path) -> None:
    variables = {"DATA_DIR": str(tmp_path), "PORT": "8765", "HOST": "0.0.0.0", "DEMO": "0", "DEMO_PASSWORD": "x"}

    read = configuration.read_configuration(variables, root=tmp_path)

    assert read.data_dir == tmp_path
    assert read.base_url == "http://127.0.0.1:8765"
    assert read.demo_password == "x"
    assert not read.environment.demo


@pytest.mark.parametrize(("name", "value"), [("PORT", "eighty"), ("PORT", "0"), ("PORT", "65536"), ("DEMO", "maybe")])
def test_bad_value_names_its_variable(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(CannotStart, match=name):
        configuration.read_configuration({name: value}, root=tmp_path)


def test_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(CannotStart, match=f"PORT {port} on 127.0.0.1 is taken") as caught:
            configuration.check_port(host="127.0.0.1", port=port)

    assert "\n" not in str(caught.value)
    configuration.check_port(host="127.0.0.1", port=port)


def test_foreign_address_is_one_line() -> None:
    with pytest.raises(CannotStart, match=r"HOST 192\.0\.2\.1 can't be used"):
        configuration.check_port(host="192.0.2.1", port=8000)


def test_unwritable_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with (
        pytest.raises(CannotStart, match="can't write to DATA_DIR"),
        configuration.held_data_folder(tmp_path / "file" / "var"),
    ):
        pass


def test_second_holder_of_a_data_folder_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    with (
        configuration.held_data_folder(tmp_path),
        pytest.raises(CannotStart, match="already running"),
        configuration.held_data_folder(tmp_path),
    ):
        pass

    with configuration.held_data_folder(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == ["up.lock"]
