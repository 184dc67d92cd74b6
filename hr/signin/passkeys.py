"""Passkeys and security keys (WebAuthn) on python-fido2, kept as allauth keeps them.

Not by allauth's own functions: they take the request from a context variable, know one host name for all, and let a
copied key go unseen. Here the origin is exactly the page's, and a counter that does not grow is refused.
"""

import json
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

_STATE = "signin_webauthn"
# An answer of a browser has about 1 kB; attestation certificates of some keys a few more.
_MAX_CHARS = 20_000


class PasskeyRefused(PermissionError):
    """What the browser sent is no answer of a known passkey to our question. `reason` is for the audit log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def begin_registration(request: HttpRequest, *, user: User, name: str) -> dict[str, Any]:
    """What the browser is asked for a new passkey; the question's state waits in the session."""
    options, state = _server(request).register_begin(
        user=PublicKeyCredentialUserEntity(id=f"{user.pk}".encode(), name=user.username, display_name=name),
        credentials=[_credential(row) for row in of(request, user)],
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    request.session[_STATE] = state
    return dict(options)


def complete_registration(request: HttpRequest, *, user: User, answer: str, name: str) -> Authenticator:
    """Keep the passkey that the browser made.

    :raises PasskeyRefused: when it is no answer to the question asked.
    """
    server, state, credential = _server(request), request.session.pop(_STATE, None), _read(answer)
    if state is None:
        raise PasskeyRefused("no_question")
    try:
        made = server.register_complete(state, credential)
    except Exception as error:  # fido2 raises whatever its parsers meet: KeyError, ValueError, struct.error, ...
        raise PasskeyRefused(type(error).__name__) from None
    return Authenticator.objects.create(
        user=user,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": name, "credential": credential, "rp_id": _rp_id(request), "sign_count": made.counter},
    )


def begin_authentication(request: HttpRequest, *, user: User) -> dict[str, Any] | None:
    """What the browser is asked; None when the person has no passkey for this host name."""
    credentials = [_credential(row) for row in of(request, user)]
    if not credentials:
        return None
    options, state = _server(request).authenticate_begin(
        credentials=credentials, user_verification=UserVerificationRequirement.PREFERRED
    )
    request.session[_STATE] = state
    return dict(options)


def check(request: HttpRequest, *, user: User, answer: str) -> Authenticator:
    """The passkey that signed our question.

    :raises PasskeyRefused: when none of this person's did, or it is a copy of one that has been used since.
    """
    server, state, given = _server(request), request.session.pop(_STATE, None), _read(answer)
    if state is None:
        raise PasskeyRefused("no_question")
    rows = of(request, user)
    by_id = {_credential(row).credential_id: row for row in rows}
    try:
        found = server.authenticate_complete(state, [_credential(row) for row in rows], given)
        counter = _counter(given)
    except Exception as error:
        raise PasskeyRefused(type(error).__name__) from None
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=by_id[found.credential_id].pk)
        known = row.data.get("sign_count", 0)
        # WebAuthn 7.2, step 22: passkeys that count nothing always say 0.
        if (counter or known) and counter <= known:
            raise PasskeyRefused("counter")
        row.data = {**row.data, "sign_count": counter}
        row.last_used_at = timezone.now()
        row.save(update_fields=["data", "last_used_at"])
    return row


def of(request: HttpRequest, user: User) -> list[Authenticator]:
    """The person's passkeys that work on this host name."""
    rows = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("pk")
    return [row for row in rows if row.data.get("rp_id") == _rp_id(request)]


def _server(request: HttpRequest) -> Fido2Server:
    origin = f"{request.scheme}://{request.get_host()}"
    rp = PublicKeyCredentialRpEntity(id=_rp_id(request), name="HR assistant")
    return Fido2Server(rp, verify_origin=lambda given: given == origin)


def _rp_id(request: HttpRequest) -> str:
    return request.get_host().rpartition(":")[0] or request.get_host()


def _credential(row: Authenticator) -> AttestedCredentialData:
    registered = RegistrationResponse.from_dict(row.data["credential"])
    credential = registered.response.attestation_object.auth_data.credential_data
    assert credential is not None, "a registration always carries a credential"
    return credential


def _counter(answer: dict[str, Any]) -> int:
    from fido2.webauthn import AuthenticationResponse

    return int(AuthenticationResponse.from_dict(answer).response.authenticator_data.counter)


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > _MAX_CHARS:
        raise PasskeyRefused("too_long")
    try:
        read = json.loads(answer)
    except (ValueError, RecursionError):
        raise PasskeyRefused("no_json") from None
    if not isinstance(read, dict):
        raise PasskeyRefused("no_json")
    return read
