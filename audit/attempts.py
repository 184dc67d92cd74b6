"""Which account and which network a failed sign-in was about: keyed digests, so that failures can be told apart."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string

_DIGEST_CHARS = 16
# What one household or office has; a network is never told apart more finely than that.
_PREFIX = {4: 24, 6: 64}


def attempt_of(*, request: HttpRequest, account: str) -> dict[str, str]:
    """Details for the row of a failed sign-in. `account` is what was typed, whether or not there is such an account."""
    address = import_string(settings.AXES_CLIENT_IP_CALLABLE)(request)
    return {"account": _digest("account", account.strip().casefold()), "network": _digest("network", _net(address))}


def _net(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{parsed}/{_PREFIX[parsed.version]}", strict=False))


def _digest(kind: str, text: str) -> str:
    """The same thing has another digest in another company."""
    salt = f"audit.attempts:{kind}:{connection.schema_name}"  # type: ignore[attr-defined]
    return salted_hmac(salt, text, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()[:_DIGEST_CHARS]
