"""Django's mail settings from one URL: smtp://user:password@host:587 (STARTTLS) or smtps://... (TLS from the start)."""

from typing import Any
from urllib.parse import unquote, urlsplit

from ragsite.env import BadSetting

_PORTS = {"smtp": 587, "smtps": 465}
# A mail server that does not answer must not hold a request for longer.
_TIMEOUT_SECONDS = 10


def configuration(*, url: str) -> dict[str, Any]:
    """The EMAIL_... settings. Without a URL mail is written to the log.

    A server on this machine (localhost, 127.0.0.1) is spoken to without TLS.

    :raises BadSetting: for another scheme, or without a host.
    """
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise BadSetting("EMAIL_URL must look like smtp://user:password@host:587 or smtps://user:password@host:465")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or _PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and parts.hostname not in ("localhost", "127.0.0.1"),
        "EMAIL_TIMEOUT": _TIMEOUT_SECONDS,
    }
