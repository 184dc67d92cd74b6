"""Asking a provider: https only, public addresses only, bounded in time and size, no redirects.

Name resolution and connection use one and the same address, so that a name that points elsewhere a moment later (DNS
rebinding) gains nothing. SSO_ALLOW_PRIVATE lifts http and private addresses, for tests and intranets.
"""

import ipaddress
import json
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

# A provider answers in some 100 ms; nobody waits longer than this at a sign-in.
_STEP_SECONDS = 4.0
_TOTAL_SECONDS = 8.0
# Discovery documents have 2 to 5 kB; key sets of large providers 10.
_MAX_BYTES = 256 * 1024
_MAX_URL_CHARS = 500
# After so many failures in a row a host is left alone for a while: sign-ins by password go on meanwhile.
_BREAKER_FAILURES = 3
_BREAKER_SECONDS = 15.0


class UnsafeAddress(ValueError):
    """An address that we do not ask: not https, with a user name, or leading into a private network."""


class ProviderUnavailable(RuntimeError):
    """The provider did not answer in time, or with what is no answer. `reason` is for logs and the test button."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_PRIVATE_TEXT = "The address leads into a private network, which this installation does not ask."
_LOCAL_ENDINGS = frozenset({"localhost", "local", "internal", "lan", "localdomain"})
_failures: dict[str, tuple[int, float]] = {}
_lock = threading.Lock()


def check_address(url: str) -> None:
    """Whether the address may be asked, by its look alone; where its name leads is checked when it is asked.

    :raises UnsafeAddress: says why not.
    """
    parts = _parts(url)
    if parts.scheme != "https" and not (settings.SSO_ALLOW_PRIVATE and parts.scheme == "http"):
        raise UnsafeAddress("The address must begin with https://.")
    if not parts.hostname or parts.username or parts.password or "@" in parts.netloc:
        raise UnsafeAddress("The address needs a host name and no user name.")
    if parts.fragment:
        raise UnsafeAddress("The address must have no part after #.")
    literal = _literal(parts.hostname)
    if literal is not None:
        _check_ip(literal)
    elif _is_local_name(parts.hostname) and not settings.SSO_ALLOW_PRIVATE:
        raise UnsafeAddress(_PRIVATE_TEXT)


def get_json(url: str) -> dict[str, Any]:
    """The JSON object at the address.

    :raises UnsafeAddress: when the address may not be asked.
    :raises ProviderUnavailable: when there is no answer, or none that we take.
    """
    return _ask("GET", url, headers={}, form=None)


def post_form(url: str, *, form: Mapping[str, str], headers: Mapping[str, str]) -> dict[str, Any]:
    """The JSON object that answers a form.

    :raises UnsafeAddress: when the address may not be asked.
    :raises ProviderUnavailable: when there is no answer, or none that we take.
    """
    return _ask("POST", url, headers=headers, form=form)


def forget_failures() -> None:
    """For tests and the test button."""
    with _lock:
        _failures.clear()


def _ask(method: str, url: str, *, headers: Mapping[str, str], form: Mapping[str, str] | None) -> dict[str, Any]:
    check_address(url)
    host = _parts(url).netloc
    _check_breaker(host)
    try:
        answer = _exchange(method, url, headers=headers, form=form)
    except ProviderUnavailable:
        _count_failure(host)
        raise
    with _lock:
        _failures.pop(host, None)
    return answer


def _exchange(method: str, url: str, *, headers: Mapping[str, str], form: Mapping[str, str] | None) -> dict[str, Any]:
    parts = _parts(url)
    address = _resolve(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    target = httpx.URL(url).copy_with(host=address)
    sent = {"Accept": "application/json", "Accept-Encoding": "identity", "Host": parts.netloc, **headers}
    ends = time.monotonic() + _TOTAL_SECONDS
    try:
        with (
            httpx.Client(timeout=_STEP_SECONDS, follow_redirects=False, trust_env=False) as client,
            client.stream(
                method, target, headers=sent, data=form, extensions={"sni_hostname": parts.hostname}
            ) as response,
        ):
            body = b""
            for piece in response.iter_raw():  # as it comes: nothing is unpacked
                body += piece
                if len(body) > _MAX_BYTES:
                    raise ProviderUnavailable("too_large")
                if time.monotonic() > ends:
                    raise ProviderUnavailable("too_slow")
            status = response.status_code
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise ProviderUnavailable(type(error).__name__) from None
    if status != 200:
        raise ProviderUnavailable(f"status_{status}")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise ProviderUnavailable("no_json") from None
    if not isinstance(answer, dict):
        raise ProviderUnavailable("no_json")
    return answer


def _resolve(host: str, port: int) -> str:
    """One address of the host, after all of them were found to be public: one private among them is reason enough."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ProviderUnavailable("unknown_host") from None
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    for address in addresses:
        _check_ip(ipaddress.ip_address(address))
    return addresses[0]


def _check_ip(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    if settings.SSO_ALLOW_PRIVATE:
        return
    if not inner.is_global or inner.is_multicast:
        raise UnsafeAddress(_PRIVATE_TEXT)


def _is_local_name(host: str) -> bool:
    """Names that never lead outside: this machine, and those without a dot, which only a private network knows."""
    labels = host.lower().rstrip(".").split(".")
    return len(labels) == 1 or labels[-1] in _LOCAL_ENDINGS


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _parts(url: str) -> Any:
    if len(url) > _MAX_URL_CHARS or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise UnsafeAddress("This is no address that can be asked.")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise UnsafeAddress("This is no address that can be asked.") from None
    return parts


def _check_breaker(host: str) -> None:
    with _lock:
        failures, until = _failures.get(host, (0, 0.0))
    if failures >= _BREAKER_FAILURES and time.monotonic() < until:
        raise ProviderUnavailable("left_alone")


def _count_failure(host: str) -> None:
    with _lock:
        failures, _ = _failures.get(host, (0, 0.0))
        if len(_failures) > 1000:
            _failures.clear()
        _failures[host] = (failures + 1, time.monotonic() + _BREAKER_SECONDS)
