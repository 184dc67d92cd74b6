"""What settings make of the environment, where a wrong value would be noticed late."""

import dataclasses
import runpy
from typing import Any
from unittest import mock

import pytest
from axes.helpers import get_client_ip_address
from django.test import RequestFactory, override_settings

from ragsite import env
from ragsite.env import REPO_ROOT, BadSetting
from ragsite.settings import mail


def _settings(**changes: Any) -> dict[str, Any]:
    environment = dataclasses.replace(env.current(), **changes)
    with mock.patch.object(env, "current", return_value=environment):
        return runpy.run_path(str(REPO_ROOT / "ragsite" / "settings" / "__init__.py"))


def test_no_mail_server_means_mail_in_the_log() -> None:
    assert _settings(email_url="")["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "password", "ssl", "tls"),
    [
        ("smtp://bot:p%40ss@mail.example", "mail.example", 587, "bot", "p@ss", False, True),
        ("smtps://mail.example", "mail.example", 465, "", "", True, False),
        ("smtp://localhost:1025", "localhost", 1025, "", "", False, False),
    ],
)
def test_mail_server_is_read_from_its_url(
    url: str, host: str, port: int, user: str, password: str, ssl: bool, tls: bool
) -> None:
    settings = _settings(email_url=url)

    assert (settings["EMAIL_HOST"], settings["EMAIL_PORT"]) == (host, port)
    assert (settings["EMAIL_HOST_USER"], settings["EMAIL_HOST_PASSWORD"]) == (user, password)
    assert (settings["EMAIL_USE_SSL"], settings["EMAIL_USE_TLS"]) == (ssl, tls)
    assert settings["EMAIL_TIMEOUT"] <= 10


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://"])
def test_a_mail_url_that_cannot_be_used_names_the_variable(url: str) -> None:
    with pytest.raises(BadSetting, match="EMAIL_URL"):
        mail.configuration(url=url)


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "198.51.100.1", "172.18.0.9"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (1, None, "172.18.0.9"),
        (2, "198.51.100.1, 203.0.113.7, 172.18.0.8", "203.0.113.7"),
    ],
    ids=["no proxy: nobody is believed", "one", "one, and a client that lies", "one, without its header", "two"],
)
def test_sign_in_throttling_counts_the_address_that_no_client_can_choose(
    proxies: int, header: str | None, address: str
) -> None:
    request = RequestFactory().get("/sign-in/", REMOTE_ADDR="172.18.0.9")
    if header is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = header

    with override_settings(TRUSTED_PROXY_COUNT=proxies):
        assert get_client_ip_address(request) == address
