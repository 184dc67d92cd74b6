"""Kinds of hostile tokens on a company's host. Each makes the value of an Authorization header for a route."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
from django.contrib.auth.models import User
from django.utils import timezone

from hr import services as people
from hr import signed_in
from hr.models import Employee, RefreshToken
from hr.services import service_accounts as accounts
from hr.tests.api_helpers import api, claims_of, post, segment, sign_in, signed
from tenants import context, cutoffs, keys, rotation
from tenants.machines import operators
from tenants.models import SigningKey, Tenant

Make = Callable[[Tenant, Employee], str]


def _with(**changes: Any) -> Make:
    return lambda tenant, employee: signed(claims_of(tenant, employee, **changes))


def _under(header: dict[str, Any]) -> Make:
    return lambda tenant, employee: signed(claims_of(tenant, employee), headers=header)


def _made(header: Any, **changes: Any) -> Make:
    """A token whose signature is empty."""
    return lambda tenant, employee: f"{segment(header)}.{segment(claims_of(tenant, employee, **changes))}."


def _tampered(tenant: Tenant, employee: Employee) -> str:
    header, _, signature = signed(claims_of(tenant, employee)).split(".")
    return f"{header}.{segment(claims_of(tenant, employee, role='hr'))}.{signature}"


def _refresh(tenant: Tenant, employee: Employee) -> str:
    return str(sign_in(tenant, employee)["refresh"])


def _demoted(tenant: Tenant, employee: Employee) -> str:
    token = signed(claims_of(tenant, employee, role="hr"))
    Employee.objects.filter(pk=employee.pk).update(role="employee")
    return token


def _deactivated(tenant: Tenant, employee: Employee) -> str:
    token = str(sign_in(tenant, employee)["access"])
    with context.enter(tenant):  # the request of the line above has left it
        people.deactivate(employee=employee)
    return token


def _unlinked(tenant: Tenant, employee: Employee) -> str:
    token = signed(claims_of(tenant, employee))
    Employee.objects.filter(pk=employee.pk).update(user=None)
    return token


def _kid() -> str:
    return keys.signing_key().kid


MADE_BY_HAND: dict[str, Make] = {
    "nothing": lambda *_: "",
    "no token": lambda *_: "x",
    "dots": lambda *_: "..",
    "many parts": lambda tenant, employee: signed(claims_of(tenant, employee)) + ".x",
    "not ascii": lambda *_: "\u00e4.\u00f6.\u00fc",
    "too long": lambda *_: "a" * 5000,
    "two tokens": lambda tenant, employee: " ".join([signed(claims_of(tenant, employee))] * 2),
    "deep header": lambda *_: f"{segment(b'[' * 2500)}.e30.",
    "header is a list": lambda *_: f"{segment([])}.e30.",
    "header is no json": lambda *_: f"{segment(b'x')}.e30.",
    "alg none": _made({"alg": "none"}),
    "alg None with our kid": lambda t, e: _made({"alg": "None", "kid": _kid()})(t, e),
    "alg none with our kid": lambda t, e: _made({"alg": "none", "kid": _kid()})(t, e),
    "empty signature": lambda t, e: _made({"alg": "HS256", "kid": _kid()})(t, e),
    "RS256 named": lambda t, e: _made({"alg": "RS256", "kid": _kid()})(t, e),
    "another HMAC": lambda t, e: signed(claims_of(t, e), alg="HS512"),
    "HS384": lambda t, e: signed(claims_of(t, e), alg="HS384"),
    "empty key": lambda t, e: _made({"alg": "HS256", "kid": ""})(t, e),
    "wrong key": lambda t, e: signed(claims_of(t, e), key=b"x" * 64),
    "django secret as key": lambda t, e: signed(claims_of(t, e), key="only-for-tests-" + "x" * 40),
    "changed content": _tampered,
    "no kid": lambda t, e: signed(claims_of(t, e), headers={"x": "y"}),
    "unknown kid": _under({"kid": "unknown"}),
    "kid is a path": _under({"kid": "../../../../dev/null"}),
    "kid is SQL": _under({"kid": "' OR 1=1 --"}),
    "kid with NUL": _under({"kid": "a\x00b"}),
    "kid huge": _under({"kid": "k" * 2000}),
    "key in header": lambda t, e: signed(
        claims_of(t, e), key=b"k" * 64, headers={"kid": _kid(), "jwk": {"kty": "oct", "k": segment(b"k" * 64)}}
    ),
    "key by URL": lambda t, e: signed(claims_of(t, e), headers={"kid": _kid(), "jku": "https://example.com/keys"}),
    "critical extension": lambda t, e: signed(claims_of(t, e), headers={"kid": _kid(), "crit": ["x"], "x": 1}),
    "expired": _with(exp=int(time.time()) - 1),
    "expired long ago": _with(exp=0),
    "no exp": _with(exp=None),
    "exp is text": _with(exp="9999999999"),
    "exp is infinite": _with(exp=float("inf")),
    "exp is huge": _with(exp=10**30),
    "exp is a list": _with(exp=[9999999999]),
    "not yet": _with(nbf=int(time.time()) + 3600),
    "no nbf": _with(nbf=None),
    "issued in the future": _with(iat=int(time.time()) + 3600),
    "no iat": _with(iat=None),
    "other issuer": _with(iss="https://example.com"),
    "no issuer": _with(iss=None),
    "no audience": _with(aud=None),
    "audience is a list": lambda t, e: signed(claims_of(t, e, aud=[str(t.uuid)])),
    "audience is a name": _with(aud="acme"),
    "audience of nobody": _with(aud=str(uuid.UUID(int=0))),
    "tenant claim disagrees": _with(tenant_id=str(uuid.UUID(int=0))),
    "no tenant claim": _with(tenant_id=None),
    "refresh as access": _refresh,
    "kind refresh": _with(typ="refresh"),
    "no kind": _with(typ=None),
    "nobody": _with(sub="999999999"),
    "sub is a number": lambda t, e: _made({"alg": "HS256", "kid": _kid()}, sub=e.pk)(t, e),
    "sub is SQL": _with(sub="1 OR 1=1"),
    "sub is huge": _with(sub="9" * 40),
    "sub is negative": _with(sub="-1"),
    "sub in other digits": _with(sub="\u0661"),
    "no sub": _with(sub=None),
    "no jti": _with(jti=None),
    "old version": _with(ver=0),
    "future version": _with(ver=99),
    "version is text": _with(ver="1"),
    "version is true": _with(ver=True),
    "promoted by claim": _with(role="ceo"),
    "role is a list": _with(role=["employee"]),
    "other password": _with(pwd="0" * 16),
    "no password mark": _with(pwd=None),
    "unknown session": _with(sid=999_999),
    "session is text": _with(sid="1"),
    "session is huge": _with(sid=2**70),
    "demoted": _demoted,
    "deactivated": _deactivated,
    "without login": _unlinked,
}


def _raw(payload: bytes, *, header: dict[str, Any] | None = None) -> str:
    """Any bytes under our own key: what a library would refuse to sign."""
    key = keys.signing_key()
    given = {"alg": "HS256", "kid": key.kid, **(header or {})}
    signing_input = f"{segment(given)}.{segment(payload)}"
    signature = jwt.get_algorithm_by_name("HS256").sign(signing_input.encode(), key.secret)
    return f"{signing_input}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _payload(tenant: Tenant, employee: Employee, **changes: Any) -> bytes:
    return json.dumps(claims_of(tenant, employee, **changes)).encode()


def _duplicated(tenant: Tenant, employee: Employee) -> str:
    """The last of two claims of one name counts in Python; here the last one is wrong."""
    return _raw(_payload(tenant, employee)[:-1] + b', "role": "ceo"}')


def _not_a_number(tenant: Tenant, employee: Employee) -> str:
    return _raw(_payload(tenant, employee).replace(b'"ver": 1', b'"ver": NaN'))


def _signature(change: Callable[[str], str]) -> Make:
    def make(tenant: Tenant, employee: Employee) -> str:
        head, _, signature = signed(claims_of(tenant, employee)).rpartition(".")
        return f"{head}.{change(signature)}"

    return make


def _flipped(signature: str) -> str:
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[7] ^= 1
    return base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()


def _unsigned_bits(signature: str) -> str:
    """Another last character that decodes to the same bytes: two spellings of one signature."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return signature[:-1] + alphabet[alphabet.index(signature[-1]) ^ 1]


def _public_key_as_secret(tenant: Tenant, employee: Employee) -> str:
    """Algorithm confusion: HMAC under the text of a public key that everybody may have."""
    pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA" + "A" * 43 + "=\n-----END PUBLIC KEY-----\n"
    body = f"{segment({'alg': 'HS256', 'kid': _kid()})}.{segment(claims_of(tenant, employee))}"

    digest = hmac.new(pem.encode(), body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def _key_in(state: str, **fields: Any) -> Make:
    """Signed by a key of ours that is believed no longer."""

    def make(tenant: Tenant, employee: Employee) -> str:
        token = signed(claims_of(tenant, employee))
        with context.enter_platform():
            SigningKey.objects.filter(state="active").update(state=state, **fields)
        keys.forget_ring()
        return token

    return make


def _after(change: Callable[[Tenant, Employee], Any]) -> Make:
    """A token that was good until just now."""

    def make(tenant: Tenant, employee: Employee) -> str:
        token = str(sign_in(tenant, employee)["access"])
        with context.enter(tenant):
            change(tenant, employee)
        return token

    return make


def _password_changed(tenant: Tenant, employee: Employee) -> None:
    user = User.objects.get(pk=employee.user_id)
    user.set_password("another long password")
    user.save()


def _emergency(tenant: Tenant, employee: Employee) -> None:
    rotation.rotate_in_emergency(reason="hostile tokens")


def _cut_off(tenant: Tenant, employee: Employee) -> None:
    with context.enter_platform():
        cutoffs.cut_off(tenant=Tenant.objects.get(pk=tenant.pk), reason="hostile tokens")


def _replayed(tenant: Tenant, employee: Employee) -> str:
    """The newest access token of a family one of whose refresh tokens was used twice."""
    stolen = sign_in(tenant, employee)
    path = "/api/v1/auth/token/refresh"
    successor = post(api(tenant), path, {"refresh": stolen["refresh"]}).json()
    assert post(api(tenant), path, {"refresh": stolen["refresh"]}).status_code == 401
    return str(successor["access"])


def _foreign(tenant: Tenant, employee: Employee) -> str:
    """Signed for another company, for somebody of the same number, version, role and address."""
    other = Tenant.objects.exclude(pk=tenant.pk).filter(state="active").first()
    assert other is not None
    return signed(claims_of(other, employee))


def _account(tenant: Tenant, employee: Employee, **values: Any) -> accounts.IssuedSecret:
    hr_person = Employee.objects.filter(role="hr").first() or _promoted(employee)
    given = {"name": uuid.uuid4().hex, "scopes": ["documents:read"], "now": timezone.now(), **values}
    return accounts.create_service_account(by=hr_person, **given)


def _promoted(employee: Employee) -> Employee:
    return people.create_employee(email="made@hostile.example", first_name="M", last_name="Ade", role="hr")


def _expired_secret(tenant: Tenant, employee: Employee) -> str:
    return _account(tenant, employee, now=timezone.now() - timedelta(days=91)).secret


def _revoked_secret(tenant: Tenant, employee: Employee) -> str:
    issued = _account(tenant, employee)
    by = issued.account.responsible
    assert by is not None
    accounts.revoke_service_account(account=issued.account, by=by, now=timezone.now(), reason="test")
    return issued.secret


def _replaced_secret(tenant: Tenant, employee: Employee) -> str:
    issued = _account(tenant, employee)
    by = issued.account.responsible
    assert by is not None
    accounts.rotate_service_account(account=issued.account, by=by, now=timezone.now())
    return issued.secret


def _orphaned_secret(tenant: Tenant, employee: Employee) -> str:
    issued = _account(tenant, employee)
    Employee.objects.filter(pk=issued.account.responsible_id).update(is_active=False)
    return issued.secret


def _wrong_secret(tenant: Tenant, employee: Employee) -> str:
    secret = _account(tenant, employee).secret
    return secret[:-1] + ("A" if secret[-1] != "A" else "B")


def _secret_of_another_company(tenant: Tenant, employee: Employee) -> str:
    """Even with the row copied over: the digest covers the company."""
    issued = _account(tenant, employee)
    type(issued.account).objects.filter(pk=issued.account.pk).update(digest=issued.account.digest[::-1])
    return issued.secret


def _operators_token(tenant: Tenant, employee: Employee) -> str:
    with context.enter_platform():
        operator = User.objects.create_superuser(f"{uuid.uuid4().hex}@platform.example", password="x")
        return operators.issue_token(operator=operator, now=timezone.now())


# What a credential of ours became, and what a library would never have signed.
ONCE_GOOD: dict[str, Make] = {
    "payload is no JSON": lambda t, e: _raw(b"role=ceo"),
    "payload is a list": lambda t, e: _raw(b"[1]"),
    "payload is text": lambda t, e: _raw(b'"x"'),
    "payload is not UTF-8": lambda t, e: _raw(b"\xff\xfe"),
    "payload with NaN": _not_a_number,
    "payload is deep": lambda t, e: _raw(b"[" * 1200 + b"]" * 1200),
    "claims twice": _duplicated,
    "payload not encoded": lambda t, e: _raw(_payload(t, e), header={"b64": False, "crit": ["b64"]}),
    "b64 without crit": lambda t, e: _raw(_payload(t, e), header={"b64": False}),
    "token in a token": lambda t, e: _raw(signed(claims_of(t, e)).encode(), header={"cty": "JWT"}),
    "compressed": lambda t, e: _raw(_payload(t, e), header={"zip": "DEF"}),
    "certificate by URL": lambda t, e: signed(claims_of(t, e), headers={"kid": _kid(), "x5u": "https://example.com/x"}),
    "certificate in header": lambda t, e: signed(claims_of(t, e), headers={"kid": _kid(), "x5c": ["MIIB"]}),
    "kid is null": lambda t, e: _raw(_payload(t, e), header={"kid": None}),
    "kid is a list": lambda t, e: _raw(_payload(t, e), header={"kid": [_kid()]}),
    "kid in capitals": lambda t, e: _raw(_payload(t, e), header={"kid": _kid().upper() + "X"}),
    "alg in small letters": lambda t, e: _raw(_payload(t, e), header={"alg": "hs256"}),
    "alg is a list": lambda t, e: _raw(_payload(t, e), header={"alg": ["HS256"]}),
    "HMAC under a public key": _public_key_as_secret,
    "signature cut short": _signature(lambda signature: signature[:-8]),
    "signature one bit off": _signature(_flipped),
    "signature with padding inside": _signature(lambda signature: signature[:5] + "==" + signature[5:]),
    "signature in another spelling": _signature(_unsigned_bits),
    "signature with padding": _signature(lambda signature: signature + "="),
    "signature twice": _signature(lambda signature: signature * 2),
    "signature in other words": _signature(lambda signature: signature.swapcase()),
    "sub in Greek": _with(sub="\u03b1"),
    "sub with a space": _with(sub=" 1"),
    "sub as a float": _with(sub="1.0"),
    "sub of a service account": _with(sub="service:1"),
    "sub is nobody": _with(sub="0"),
    "tenant of the platform": _with(aud="platform", tenant_id="platform"),
    "other epoch": _with(epo=2),
    "epoch is text": _with(epo="1"),
    "no epoch": _with(epo=None),
    "expired by a second": _with(exp=int(time.time()) - 1, iat=int(time.time()) - 60),
    "issued to another company": _foreign,
    "revoked key": _key_in("revoked"),
    "grace is over": _key_in("grace", grace_until=timezone.now() - timedelta(seconds=1)),
    "grace without an end": _key_in("grace", grace_until=None),
    "after a password change": _after(_password_changed),
    "after log-out": _after(lambda t, e: RefreshToken.objects.update(revoked_at=timezone.now())),
    "after the person was revoked": _after(lambda t, e: signed_in.end_all(employee=e, reason="hostile tokens")),
    "after a cut-off": _after(_cut_off),
    "after an emergency": _after(_emergency),
    "replayed family": _replayed,
    "service: expired": _expired_secret,
    "service: revoked": _revoked_secret,
    "service: replaced": _replaced_secret,
    "service: orphaned": _orphaned_secret,
    "service: wrong secret": _wrong_secret,
    "service: another company's row": _secret_of_another_company,
    "service: unknown": lambda t, e: f"hrs_{'0' * 16}_{'A' * 43}",
    "service: of the platform": lambda t, e: f"hrp_{'0' * 16}_{'A' * 43}",
    "operator's token": _operators_token,
}

HOSTILE: dict[str, Make] = {**MADE_BY_HAND, **ONCE_GOOD}


def headers_of(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
