"""Requests before, while and after PostgreSQL is away, through the application that granian serves."""

import io
import os
import socket
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection

# Not ragsite.wsgi's, whose process begins to watch the switches in a thread of its own.
application = get_wsgi_application()


@pytest.fixture
def usual_port() -> Iterator[int]:
    port = connection.settings_dict["PORT"]
    yield port
    connection.settings_dict["PORT"] = port
    connection.close()


def status_of(path: str) -> tuple[int, float]:
    """Status and seconds of a request on acme's host."""
    begun = time.monotonic()
    answered: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "acme.localhost",
        "SERVER_PORT": "8000",
        "HTTP_HOST": "acme.localhost:8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(b""),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
    }
    response = application(environ, lambda status, headers, exc_info=None: answered.append(status))
    list(response)
    response.close()
    return int(answered[0].split()[0]), time.monotonic() - begun


def cut() -> None:
    """End the connection as a server does that is killed: from its side, between two requests."""
    with psycopg.connect(os.environ["TEST_SUPERUSER_URL"]) as superuser:
        superuser.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])


@pytest.mark.parametrize(("path", "status"), [("/sign-in/", 200), ("/api/v1/documents", 401)])
def test_restart_between_two_requests_is_not_noticed(committed, path, status):
    for _ in range(3):
        assert status_of(path)[0] == status
        cut()
    assert status_of(path)[0] == status


@pytest.mark.parametrize("path", ["/sign-in/", "/api/v1/documents"])
def test_while_it_is_away_everything_is_503_within_two_seconds_and_afterwards_well_again(committed, usual_port, path):
    before, _ = status_of(path)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, and nobody listens
        connection.settings_dict["PORT"] = nobody.getsockname()[1]
        cut()
        for _ in range(3):
            status, seconds = status_of(path)
            assert status == 503
            assert seconds < 2

    connection.settings_dict["PORT"] = usual_port
    assert status_of(path)[0] == before
